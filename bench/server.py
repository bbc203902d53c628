"""The server on a whole imported municipality: storing grants, taking in journals, a phone's sync.

House rule: Django runs in a process of its own with a database of its own (SQLite, WAL,
synchronous FULL, as in production), so that nothing of it reaches the other measurements.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

_CLOCK = 1_795_413_600
"""2026-11-23 06:00 UTC: a Monday morning in the files."""
_FILES = Path(__file__).parents[1] / "src" / "nyckelfri" / "demo" / "data" / "bjorkvik"
_LIMIT = 1000
"""Milliseconds that the sync of the largest phone may take."""


def rows(*, quick: bool = False) -> Iterator[dict[str, Any]]:
    """The rows of the report, measured in a process of their own."""
    with tempfile.TemporaryDirectory() as directory:
        environment = {
            **os.environ,
            "NYCKELFRI_DATA": directory,
            "NYCKELFRI_CLOCK": f"{_CLOCK}@0*0",
            "NYCKELFRI_HOSTS": "testserver",
        }
        done = subprocess.run(  # noqa: S603 -- ourselves
            [sys.executable, "-m", "bench.server", "3" if quick else "15"],
            env=environment,
            check=True,
            stdout=subprocess.PIPE,
        )
    yield from json.loads(done.stdout)


def _measure(turns: int) -> list[dict[str, Any]]:
    from nyckelfri.server import start  # noqa: PLC0415 -- Django lives in this process only

    start.set_up()
    start.bring_tables_up_to_date()
    from bench.municipality.world import World  # noqa: PLC0415 -- the same

    world = World.make(_FILES)
    carer, doors = world.employee_with_about(12)
    patrol, many = world.employee_with_about(10_000)
    return [
        _storing(world, carer, turns),
        _sync(world, carer, doors, turns),
        _largest_sync(world, patrol, many, turns),
        _ingest(world, turns),
    ]


def _storing(world: Any, carer: str, turns: int) -> dict[str, Any]:
    """Grants a second from the plans to the committed row, against minting alone."""
    ours, bare = [], []
    for turn in range(turns):
        phone = world.new_phone(carer)
        spent = _seconds(partial(world.issue, carer, phone))
        given = world.issue(carer, phone)
        ours.append(len(given) / spent)
        bare.append(len(given) / _seconds(partial(world.mint_again, world.claims(given))))
        world.now += timedelta(seconds=turn)
    return _row(
        "derive, mint and store a grant, a shift at a time / mint only",
        statistics.median(ours),
        statistics.median(bare),
        "1/s",
        note="ours includes the derivation from the plans, the audit row and a synced commit",
    )


def _sync(world: Any, carer: str, doors: int, turns: int) -> dict[str, Any]:
    """A second sync in a shift, through all of Django, against one that brings no person."""
    phone = world.new_phone(carer)
    session = world.sign_in(carer, phone)
    world.sync(phone, session)
    pairs = [
        (
            _seconds(partial(world.sync, phone, session)),
            _seconds(partial(world.sync, phone, None)),
        )
        for _ in range(turns)
    ]
    return _row(
        f"sync of a phone with {doors} doors / sync without a person",
        statistics.median(ours for ours, _ in pairs) * 1000,
        statistics.median(theirs for _, theirs in pairs) * 1000,
        "ms",
    )


def _largest_sync(world: Any, patrol: str, doors: int, turns: int) -> dict[str, Any]:
    """The first sync of a night: every grant is minted; the slowest of all turns counts."""
    spent = []
    for _ in range(turns):
        phone = world.new_phone(patrol)
        session = world.sign_in(patrol, phone)
        spent.append(_seconds(partial(world.sync, phone, session)))
    return _row(
        f"first sync of a night patrol's phone, {doors} doors, slowest / limit",
        max(spent) * 1000,
        _LIMIT,
        "ms",
        target="≤ 1",
    )


def _ingest(world: Any, turns: int) -> dict[str, Any]:
    """Journal entries a second, verified and committed, against bare inserts of the same rows."""
    ours, bare = [], []
    for _ in range(turns):
        lock, batch = world.full_batch()
        ours.append(lock.last / _seconds(partial(world.ingest, batch)))
        bare.append(lock.last / _bare_insert(world.stored_rows(lock)))
    return _row(
        "verify, chain and store a journal entry, full batches / bare SQL insert",
        statistics.median(ours),
        statistics.median(bare),
        "1/s",
        note="ours also verifies signature and chain and resolves who opened",
    )


def _bare_insert(rows: list[tuple[Any, ...]]) -> float:
    path = Path(os.environ["NYCKELFRI_DATA"]) / f"bare-{secrets.token_hex(4)}.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        columns = "installation, number, salt, body, leaf, head, at, phone"
        database.execute(f"CREATE TABLE entry ({columns}, UNIQUE (installation, number))")

        def insert() -> None:
            database.execute("BEGIN IMMEDIATE")
            database.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
            database.execute("COMMIT")

        return _seconds(insert)


def _seconds(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def _row(name: str, ours: float, reference: float, unit: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "ours": round(ours, 1),
        "reference": round(reference, 1),
        "ratio": round(ours / reference, 3),
        "unit": unit,
        **more,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_measure(int(sys.argv[1]))))
