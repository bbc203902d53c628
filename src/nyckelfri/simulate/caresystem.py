"""The care system beside the server: it keeps the plan as files, and sends all of them anew.

House rules: the folder is its own to write. Of what is decided on the server's pages it knows
nothing, so that a newer file contradicts it as it does in life.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from nyckelfri.simulate import changes
from nyckelfri.simulate.changes import Edit
from nyckelfri.simulate.town import SWEDEN

_MORE: Final = {
    "franvaro": ["brukare_id", "fran", "till", "orsak"],
    "larm": ["larm_id", "brukare_id", "tid", "kvitterad_av", "kvitterad", "pa_plats"],
}
"""Files beside the plan, with their columns."""


class UnknownRowError(Exception):
    """The care system's files do not hold what was to be changed."""


class CareSystem:
    """A municipality's files in `folder`, which holds its plan already."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def edited(self, edits: Iterable[Edit]) -> Iterator[Path]:
        """The folder with these edits made; undone if what is done with it fails."""
        before = {path: path.read_bytes() for path in self.folder.glob("*.csv")}
        try:
            for edit in edits:
                self._edit(edit)
            yield self.folder
        except BaseException:
            for path in self.folder.glob("*.csv"):
                path.unlink()
            for path, data in before.items():
                path.write_bytes(data)
            raise

    def _edit(self, edit: Edit) -> None:
        match edit:
            case changes.ShiftGone(shift=id_):
                self._change("arbetspass", id_)
            case changes.ShiftMoved(shift=id_, start=start, end=end):
                self._change("arbetspass", id_, start=_minute(start), slut=_minute(end))
            case changes.VisitGiven(visit=id_, carer=carer):
                self._change("planerade_besok", id_, anst_nr=carer)
            case changes.EmploymentEnd(carer=number, last=last):
                self._change("personal", number, till=last.isoformat())
            case changes.ClientAway(client=client, first=first, last=last):
                self._add("franvaro", client, first.isoformat(), last.isoformat(), "sjukhus")

    def note(self, alarm: changes.Alarm) -> None:
        """Keep an alarm for the files that come next, once however often it is told."""
        moments = _second(alarm.at), _second(alarm.accepted), _second(alarm.on_site)
        row = [alarm.name, alarm.client, moments[0], alarm.carer, *moments[1:]]
        if row not in self._read("larm"):
            self._add("larm", *row)

    def _change(self, name: str, id_: str, **values: str) -> None:
        """Give the row with this id, in the first column, other values; without any it goes."""
        columns, *rows = self._read(name)
        found = next((row for row in rows if row[0] == id_), None)
        if found is None:
            raise UnknownRowError(f"{name}.csv has no {id_}")
        for column, value in values.items():
            found[columns.index(column)] = value
        if not values:
            rows.remove(found)
        self._write(name, [columns, *rows])

    def _add(self, name: str, *values: str) -> None:
        self._write(name, [*self._read(name), list(values)])

    def _read(self, name: str) -> list[list[str]]:
        path = self.folder / f"{name}.csv"
        if not path.exists():
            return [_MORE[name]]
        return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig")), delimiter=";"))

    def _write(self, name: str, rows: list[list[str]]) -> None:
        text = io.StringIO()
        csv.writer(text, delimiter=";", lineterminator="\n").writerows(rows)
        (self.folder / f"{name}.csv").write_text(text.getvalue(), encoding="utf-8")


def _minute(at: float) -> str:
    return datetime.fromtimestamp(at, SWEDEN).strftime("%Y-%m-%d %H:%M")


def _second(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
