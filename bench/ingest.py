"""Journals come home: how fast, everything verified, against plain COPY of the same rows.

House rules: what something costs is processor time, as in `month`; on PostgreSQL with synced
commits, through the real action, with what phones carry
after a day without a server (`bigtown.journals`). Ours and the reference take turns: a phone's
sync, then COPY of the very rows that it became into tables of the same shape.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

_TESTS = Path(__file__).parents[1] / "tests"
_SETTINGS: Final = {
    "shared_buffers": "1GB",
    "max_wal_size": "16GB",
    "effective_cache_size": "4GB",
    "random_page_cost": "1.1",
}
"""What an administrator sets on a machine with SSD, as in `bigserver`."""
ENTRIES: Final = 333
"""Of each lock's journal: 3 000 locks have a million."""
_FIRST: Final = 3
"""Syncs that are not counted: caches fill, tables are new."""


@dataclass(frozen=True)
class Town:
    """A town whose locks' journals are still on phones, and the directory of its server."""

    url: str
    directory: Path
    database: int
    """The process of PostgreSQL whose children serve."""

    @property
    def environment(self) -> dict[str, str]:
        """Of a process that works on it."""
        return {
            **os.environ,
            "NYCKELFRI_DATA": str(self.directory),
            "NYCKELFRI_HTTPS": "0",
            "DATABASE_URL": self.url,
            "PYTHONPATH": os.pathsep.join([*sys.path, str(_TESTS)]),
        }

    def work(self, module: str, *words: object) -> Any:
        """What a process of its own says, which runs this module."""
        done = subprocess.run(  # noqa: S603 -- ourselves
            [sys.executable, "-m", module, *map(str, words)],
            env=self.environment,
            check=True,
            stdout=subprocess.PIPE,
        )
        return json.loads(done.stdout) if done.stdout else None


@contextmanager
def town(locks: int, *, openings: int = 0) -> Iterator[Town]:
    """A town of so many locks with a backlog, and so many openings at other doors."""
    with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
        sys.path[:0] = [str(_TESTS)] if str(_TESTS) not in sys.path else []
        import pgcluster  # noqa: PLC0415 -- the tests' own, where it is needed

        cluster = stack.enter_context(pgcluster.running(durable=True, settings=_SETTINGS))
        process = (cluster.directory / "data" / "postmaster.pid").read_text().split()[0]
        made = Town(cluster.create("town"), Path(directory), int(process))
        made.work("bench.ingest", "make", locks, openings)
        yield made


def rows(*, quick: bool = False) -> Iterator[dict[str, Any]]:
    """The rows of the report."""
    with town(60 if quick else 600) as made:
        turns = [Turn(*turn) for turn in made.work("bench.ingest", "measure")]
    entries, brought = sum(turn.stored for turn in turns), sum(turn.brought for turn in turns)
    clock = statistics.median(turn.bare / turn.ours for turn in turns)
    yield _row(
        "journal entries taken in, everything verified / COPY of the rows they become",
        entries / sum(turn.cost for turn in turns),
        entries / sum(turn.bare_cost for turn in turns),
        target="≥ 0.35",
        note=f"of a processor, the database's too; entries and door events, into tables of the "
        f"same shape; {len(turns)} syncs of {brought} entries, {entries} of them new; by the clock "
        f"{clock:.2f}",
    )
    yield _row(
        "journal entries taken in, everything verified / COPY of the entries alone",
        entries / sum(turn.cost for turn in turns),
        entries / sum(turn.journal_cost for turn in turns),
        note="the reference leaves out the door events, which are half as many rows, with nine "
        "indexes",
    )


def _row(name: str, ours: float, reference: float, **more: str) -> dict[str, Any]:
    return {
        "name": name,
        "ours": round(ours),
        "reference": round(reference),
        "unit": "1/s",
        "ratio": round(ours / reference, 3),
        **more,
    }


class Turn(NamedTuple):
    """One sync: its entries, those of them that were new; seconds, and seconds of processors."""

    brought: int
    stored: int
    ours: float
    bare: float
    cost: float
    bare_cost: float
    journal_cost: float


def _make(locks: str, openings: str) -> None:
    from bench.bigtown import journals  # noqa: PLC0415 -- needs Django

    into = Path(os.environ["NYCKELFRI_DATA"])
    journals.make(int(locks), ENTRIES, int(openings), into)


def _measure() -> list[Turn]:
    from bench.bigtown import brought  # noqa: PLC0415 -- with the others
    from bench.bigtown.barecopy import BareCopy  # noqa: PLC0415 -- the same
    from bench.bigtown.sql import MOMENT  # noqa: PLC0415 -- the same
    from nyckelfri.server.people.models import Phone  # noqa: PLC0415 -- the same
    from nyckelfri.server.phoneapi.schemas import decode  # noqa: PLC0415 -- the same
    from nyckelfri.server.phones.queries import token_hash  # noqa: PLC0415 -- the same
    from nyckelfri.server.visits import actions  # noqa: PLC0415 -- the same

    bare = BareCopy("bare", "visits_storedentry", "visits_doorevent")
    alone = BareCopy("alone", "visits_storedentry")
    turns = []
    for request in brought.read(Path(os.environ["NYCKELFRI_DATA"]) / "backlog.jsonl"):
        batches = [decode(text) for text in json.loads(request.body)["batches"]]
        if not batches:
            continue
        phone = Phone.objects.get(device_token_hash=token_hash(decode(request.token)))
        ours = bare.spent(lambda: actions.ingest_all(batches, phone=phone, now=MOMENT))  # noqa: B023 -- called at once
        came = bare.take()
        both = bare.spent(lambda: bare.copy(came))  # noqa: B023 -- the same
        entries = alone.take()
        journal = alone.spent(lambda: alone.copy(entries))  # noqa: B023 -- the same
        turns.append(
            Turn(
                request.entries,
                came[0].rows,
                ours.clock,
                both.clock,
                ours.processor,
                both.processor,
                journal.processor,
            )
        )
    return turns[_FIRST:]


if __name__ == "__main__":
    from nyckelfri.server import start

    start.set_up()
    start.bring_tables_up_to_date()
    if sys.argv[1] == "make":
        _make(*sys.argv[2:])
    else:
        sys.stdout.write(json.dumps(_measure()))
