"""A municipality as its files plan it, as plain values that owe nothing to the server's reading.

House rules: times are Unix seconds, days are `date`; local times are Swedish. The files may be
moved by whole weeks, so that a simulated week can meet a change of the clocks. What is read here
is a second opinion: the importer's own rules are not used, only its way from bytes to rows.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

SWEDEN: Final = ZoneInfo("Europe/Stockholm")
PLANS: Final = (
    "utforare",
    "grupper",
    "personal",
    "fastigheter",
    "portar",
    "las",
    "etiketter",
    "brukare",
    "beslut",
    "val",
    "arbetspass",
    "planerade_besok",
    "avgiftsunderlag",
    "taxa",
    "ersattning",
)
"""Files of what is planned. What locks and labels have recorded, the simulation makes itself."""
_DAY: Final = re.compile(r"(?<![\d-])\d{4}-\d{2}-\d{2}(?![\d-])")


class TownError(Exception):
    """The municipality's files cannot be used; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first` to `last`, both in it; None is for ever."""

    first: date
    last: date | None = None

    def holds(self, day: date) -> bool:
        """Whether `day` lies in it."""
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Team:
    """A team: `kind` is hemtjanst, nattpatrull or larmgrupp; `area` None is everywhere."""

    id: str
    provider: str
    kind: str
    area: str | None


@dataclass(frozen=True, slots=True)
class Carer:
    """An employee; `team` None for substitutes and office staff."""

    number: str
    team: str | None
    role: str
    employed: Span


@dataclass(frozen=True, slots=True)
class Home:
    """A client at home: the locks are mounted ones, None without."""

    client: str
    area: str
    lock: str | None
    entrance: str | None
    protected: bool
    partner: str | None


@dataclass(frozen=True, slots=True)
class Decision:
    """A care decision: `service` is omvardnad, service, trygghetslarm, matlada or dagverksamhet."""

    client: str
    service: str
    days: Span


@dataclass(frozen=True, slots=True)
class Choice:
    """A client's choice of provider for a service; `team` None: the provider's in the area."""

    client: str
    service: str
    provider: str
    team: str | None
    days: Span


@dataclass(frozen=True, slots=True)
class Shift:
    """A work shift, [start, end) in Unix seconds."""

    id: str
    carer: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Visit:
    """A planned visit, [start, end) in Unix seconds; `second` of a double staffing."""

    id: str
    client: str
    carer: str
    second: str | None
    start: int
    end: int
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WallLabel:
    """A visit label in a client's home; `counting` where a chip signs its readings."""

    id: str
    client: str
    counting: bool


@dataclass(frozen=True, slots=True)
class Town:
    """The whole municipality, each table in the order of its file."""

    teams: tuple[Team, ...]
    carers: tuple[Carer, ...]
    locks: tuple[tuple[str, str], ...]
    """Mounted locks: id, and `vred` (thumb-turn) or `port` (entrance unit)."""
    homes: tuple[Home, ...]
    decisions: tuple[Decision, ...]
    choices: tuple[Choice, ...]
    shifts: tuple[Shift, ...]
    visits: tuple[Visit, ...]
    labels: tuple[WallLabel, ...] = ()


def move(source: Path, target: Path, weeks: int) -> None:
    """Write the plan files of `source` to `target`, each date in them `weeks` later."""
    target.mkdir(parents=True, exist_ok=True)
    for name in PLANS:
        path = source / f"{name}.csv"
        if not path.is_file():
            continue
        text = _DAY.sub(lambda found: _later(found[0], weeks), _text(path))
        (target / path.name).write_text(text, encoding="utf-8", newline="")


def read(folder: Path) -> Town:
    """The municipality in these files; TownError."""
    try:
        return _read(folder)
    except (KeyError, ValueError, OSError) as error:
        raise TownError(f"{folder} cannot be read as a municipality: {error}") from None


def moment(text: str) -> int:
    """Unix seconds of a local `2026-11-23 07:00`, the first of two where there are two."""
    return int(datetime.fromisoformat(text).replace(tzinfo=SWEDEN).astimezone(UTC).timestamp())


def local_day(at: float) -> date:
    """The local date of a moment."""
    return datetime.fromtimestamp(at, SWEDEN).date()


def _read(folder: Path) -> Town:
    status = {row["las_id"]: row for row in _rows(folder, "las") if row["status"] == "monterad"}
    at_entrance = {row["port_id"]: id_ for id_, row in status.items() if row["port_id"]}
    return Town(
        teams=tuple(
            Team(row["grupp_id"], row["org_nr"], row["typ"], row["omrade"] or None)
            for row in _rows(folder, "grupper")
        ),
        carers=tuple(
            Carer(row["anst_nr"], row["grupp_id"] or None, row["roll"], _span(row))
            for row in _rows(folder, "personal")
        ),
        locks=tuple((id_, row["typ"]) for id_, row in status.items()),
        homes=tuple(
            Home(
                row["brukare_id"],
                row["omrade"],
                row["las_id"] if row["las_id"] in status else None,
                at_entrance.get(row["port_id"]) if row["port_id"] else None,
                row["skyddad"] == "ja",
                row["partner_id"] or None,
            )
            for row in _rows(folder, "brukare")
        ),
        decisions=tuple(
            Decision(row["brukare_id"], row["insats"], _span(row))
            for row in _rows(folder, "beslut")
        ),
        choices=tuple(
            Choice(
                row["brukare_id"],
                row["tjanst"],
                row["org_nr"],
                row["grupp_id"] or None,
                _span(row),
            )
            for row in _rows(folder, "val")
        ),
        shifts=tuple(
            Shift(row["pass_id"], row["anst_nr"], *_period(row))
            for row in _rows(folder, "arbetspass")
        ),
        visits=tuple(
            Visit(
                row["besok_id"],
                row["brukare_id"],
                row["anst_nr"],
                row["dubbel"] or None,
                *_period(row),
                tuple(row["insatser"].split(",")),
            )
            for row in _rows(folder, "planerade_besok")
        ),
        labels=tuple(
            WallLabel(row["etikett_id"], row["brukare_id"], row["typ"] == "424")
            for row in _rows(folder, "etiketter")
        ),
    )


def _rows(folder: Path, name: str) -> Iterator[dict[str, str]]:
    yield from csv.DictReader(io.StringIO(_text(folder / f"{name}.csv")), delimiter=";")


def _text(path: Path) -> str:
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252")


def _span(row: dict[str, str]) -> Span:
    last = date.fromisoformat(row["till"]) if row["till"] else None
    return Span(date.fromisoformat(row["fran"]), last)


def _period(row: dict[str, str]) -> tuple[int, int]:
    start, end = moment(row["start"]), moment(row["slut"])
    if end <= start:  # it ends at the second of two equal readings of the clock
        end += 3600
    return start, end


def _later(day: str, weeks: int) -> str:
    try:
        return (date.fromisoformat(day) + timedelta(weeks=weeks)).isoformat()
    except ValueError:
        return day
