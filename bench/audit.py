"""What the audit log costs: one changed row, plain, with ours, and with two others'.

And with a second row that says as much as ours, put in by the same statement, but neither chained
nor guarded: no log in the same database costs less.

House rules: the same change of the same kind of row in a transaction of its own, with synced
commits, turn and turn about in one process; SQLite as in production, and a PostgreSQL server
of our own. Django runs in processes of its own, so that its settings reach nothing else.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_TESTS = Path(__file__).parents[1] / "tests"
_NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
_WRITES = 25
"""Writes in a turn."""


def rows(*, quick: bool = False) -> Iterator[dict[str, Any]]:
    """The rows of the report, each database measured in a process of its own."""
    for database in ("SQLite", "PostgreSQL"):
        with tempfile.TemporaryDirectory() as directory:
            environment = {
                **os.environ,
                "NYCKELFRI_DATA": directory,
                "DJANGO_SETTINGS_MODULE": "bench.audited.settings",
                "PYTHONPATH": os.pathsep.join([*sys.path, str(_TESTS)]),
            }
            done = subprocess.run(  # noqa: S603 -- ourselves
                [sys.executable, "-m", "bench.audit", database, "4" if quick else "40"],
                env=environment,
                check=True,
                stdout=subprocess.PIPE,
            )
        yield from json.loads(done.stdout)


def _measure(database: str, turns: int) -> list[dict[str, Any]]:
    with ExitStack() as stack:
        os.environ.pop("DATABASE_URL", None)
        if database == "PostgreSQL":
            import pgcluster  # noqa: PLC0415 -- the tests' own, where it is needed

            cluster = stack.enter_context(pgcluster.running(durable=True))
            os.environ["DATABASE_URL"] = cluster.create("nyckelfri")
        from nyckelfri.server import start  # noqa: PLC0415 -- Django lives in this process only

        start.set_up()
        start.bring_tables_up_to_date()
        return _rows(database, _turns(turns))


def _turns(turns: int) -> dict[str, float]:
    """Writes a second of each way, the median of its turns."""
    ways = _ways()
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(turns + 2):
        for name, write in ways.items():
            begun = time.perf_counter()
            for number in range(_WRITES):
                write(turn * _WRITES + number)
            # Two turns to warm up: plans, caches, the files' growth.
            if turn > 1:
                spent[name].append(time.perf_counter() - begun)
    return {name: _WRITES / statistics.median(times) for name, times in spent.items()}


def _ways() -> dict[str, Callable[[int], None]]:
    from django.db import connection, models, transaction  # noqa: PLC0415 -- needs Django

    from bench.audited.models import (  # noqa: PLC0415 -- the same
        Beside,
        Historical,
        Logged,
        Ours,
        Plain,
    )
    from nyckelfri.server.audit import actions  # noqa: PLC0415 -- the same
    from nyckelfri.server.audit.models import AuditEvent  # noqa: PLC0415 -- the same
    from nyckelfri.server.audit.verbs import Verb  # noqa: PLC0415 -- the same

    def change(row: models.Model, number: int) -> None:
        row.label = f"Phone {number}"  # type: ignore[attr-defined]
        row.save()

    def deed_on(row: models.Model) -> actions.Deed:
        return actions.Deed(
            Verb.PHONE_REGISTER, f"phone:{row.pk}", "said so", {"changed": ["label"]}
        )

    def with_row(model: type[models.Model]) -> Callable[[int], None]:
        row = model._default_manager.create(**values)  # noqa: SLF001 -- Django's public name

        def write(number: int) -> None:
            with transaction.atomic():
                change(row, number)

        return write

    def ours() -> Callable[[int], None]:
        row = Ours._default_manager.create(**values)  # noqa: SLF001 -- Django's public name

        def write(number: int) -> None:
            with transaction.atomic():
                change(row, number)
                actions.record([deed_on(row)], actor=actor, now=_NOW, origin=origin)

        return write

    def beside() -> Callable[[int], None]:
        row = Plain._default_manager.create(**values)  # noqa: SLF001 -- Django's public name
        audited, bare = (each._meta.db_table for each in (AuditEvent, Beside))  # noqa: SLF001 -- the same
        statement = actions.INSERT.replace(audited, bare)

        def write(number: int) -> None:
            with transaction.atomic():
                change(row, number)
                said = actions.values(deed_on(row), actor=actor, now=_NOW, origin=origin)
                with connection.cursor() as cursor:
                    cursor.execute(statement, said)

        return write

    actor, origin = "employee:10001", "web 192.0.2.1"
    values = {"label": "Phone", "state": "enrolled", "model": "T1", "registered_at": _NOW}
    with connection.schema_editor() as editor:
        for model in (Plain, Ours, Beside, Logged, Historical, Historical.history.model):
            editor.create_model(model)
    return {
        "plain": with_row(Plain),
        "ours": ours(),
        "beside": beside(),
        "django-simple-history": with_row(Historical),
        "django-auditlog": with_row(Logged),
    }


def _rows(database: str, rates: dict[str, float]) -> list[dict[str, Any]]:
    plain, ours, beside = (rates.pop(name) for name in ("plain", "ours", "beside"))

    def row(name: str, rate: float, reference: float) -> dict[str, Any]:
        return {
            "name": f"{name}, {database}",
            "ours": round(rate, 1),
            "reference": round(reference, 1),
            "ratio": round(rate / reference, 3),
            "unit": "1/s",
            "note": "ours is chained; synced commits",
        }

    floor = row("a change with a bare row of the same size / without", beside, plain)
    return [
        {**row("a change with its audit row / without", ours, plain), "target": "≥ 0.7"},
        {**floor, "note": "same indexes, no chain, no guards"},
        *(row(f"a change with its audit row / {name}", ours, rate) for name, rate in rates.items()),
    ]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_measure(sys.argv[1], int(sys.argv[2]))))
