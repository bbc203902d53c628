"""A month from evidence to posted invoices, against bare SQL that pairs and sums the same.

House rules: on PostgreSQL, on databases of its own, in one run. What something costs is
processor time, of this process and of all of the database's: what else the machine does
meanwhile is no cost of it. The bare SQL is what a good programmer writes by hand, on the same
tables with the same indexes; it asks nothing, keeps nothing to show, and freezes nothing.
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
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

_TESTS = Path(__file__).parents[1] / "tests"
CLIENTS = "NYCKELFRI_BENCH_CLIENTS"
_PARTS: Final = ("derive", "approve", "close", "invoice")
_SETTINGS: Final = {
    "shared_buffers": "1GB",
    "max_wal_size": "16GB",
    "effective_cache_size": "4GB",
    "random_page_cost": "1.1",
}
"""What an administrator sets on a machine with SSD, as in `bigserver`."""


class Cost(NamedTuple):
    """Seconds by the clock, and of processors."""

    clock: float
    processor: float


def rows(*, quick: bool = False) -> Iterator[dict[str, Any]]:
    """The rows of the report, measured in a process of their own.

    NYCKELFRI_BENCH_CLIENTS (5000) says how large the municipality is, beside one of 500.
    """
    clients = int(os.environ.get(CLIENTS, "500" if quick else "5000"))
    with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
        sys.path[:0] = [str(_TESTS)] if str(_TESTS) not in sys.path else []
        import pgcluster  # noqa: PLC0415 -- the tests' own, where it is needed

        cluster = stack.enter_context(pgcluster.running(durable=True, settings=_SETTINGS))
        environment = {
            **os.environ,
            "NYCKELFRI_DATA": directory,
            "NYCKELFRI_HOSTS": "testserver",
            "NYCKELFRI_HTTPS": "0",
            "PYTHONPATH": os.pathsep.join([*sys.path, str(_TESTS)]),
        }
        said = []
        for size in sorted({min(500, clients), clients}):
            url = cluster.create(f"month{size}")
            command = [sys.executable, "-m", "bench.month", str(size)]
            done = subprocess.run(  # noqa: S603 -- ourselves
                command, env={**environment, "DATABASE_URL": url}, check=True,
                stdout=subprocess.PIPE,
            )  # fmt: skip
            said.append(json.loads(done.stdout))
            cluster.drop(f"month{size}")
    for each in said:
        sys.stderr.write(json.dumps(each, indent=1) + "\n")
    yield from ()


def _measure(clients: int) -> dict[str, Any]:
    from nyckelfri.server import start  # noqa: PLC0415 -- Django lives in this process only

    start.set_up()
    start.bring_tables_up_to_date()
    from bench.bigtown import make, month  # noqa: PLC0415 -- the same

    made = time.perf_counter()
    make.build(make.Size(clients, 0))
    month.build()
    made = time.perf_counter() - made
    from bench.bigtown import baremonth  # noqa: PLC0415 -- the same

    bare = [_cost(baremonth.work) for _ in range(2)]
    ours = _ours()
    bare += [_cost(baremonth.work)]
    visits, lines = baremonth.counted()
    from nyckelfri.server.visits.models import Visit
    from nyckelfri.server.money.models import Invoice, LeftOut
    from django.db.models import Count
    return {
        "clients": clients,
        "made": made,
        "visits": visits,
        "lines": lines,
        "bare": bare,
        "ours": ours,
        "ratio": sum(c.processor for p, c in ours.items() if p != 'by hand') / min(b.processor for b in bare),
        "count": [Visit.objects.count(), Invoice.objects.count(), LeftOut.objects.count(), list(Visit.objects.order_by().values_list("outcome","grade").annotate(Count("pk"))), list(Visit.objects.order_by().values_list("flags").annotate(Count("pk")))],
    }


def _ours() -> dict[str, Cost]:
    from bench.bigtown import month  # noqa: PLC0415 -- needs Django
    from nyckelfri.server.access.viewers import viewer  # noqa: PLC0415 -- the same
    from nyckelfri.server.money import actions_run  # noqa: PLC0415 -- the same
    from nyckelfri.server.people.models import Employee  # noqa: PLC0415 -- the same
    from nyckelfri.server.visits import (  # noqa: PLC0415 -- the same
        actions_derive,
        actions_month,
        actions_review,
    )
    from nyckelfri.care.performed import Outcome  # noqa: PLC0415 -- the same
    from nyckelfri.server.visits.actions_review import Corrected  # noqa: PLC0415 -- the same
    from nyckelfri.server.visits.models import Visit  # noqa: PLC0415 -- the same

    first, now = month.FIRST, month.NOW
    days = [first + timedelta(days=number) for number in range(month.DAYS)]
    planner = viewer(Employee.objects.get(number=month.PLANNER))
    accountant = viewer(Employee.objects.get(number=month.ACCOUNTANT))
    assert planner is not None
    assert accountant is not None

    def derive() -> None:
        actions_derive.derive_days(days, now=now)

    def approve() -> None:
        for day in days:
            actions_review.approve_fitting(planner, day, now=now)

    def by_hand() -> None:
        """What somebody looks at, one at a time."""
        for row in Visit.objects.filter(approved_at=None):
            if not row.services:
                actions_review.correct(
                    planner, row, Corrected(Outcome.PERFORMED, row.entry, row.exit, ("care",)),
                    reason="Granskat", seen=actions_review.version(row), now=now,
                )  # fmt: skip
                row.refresh_from_db()
            actions_review.approve(
                planner, row, reason="Granskat", seen=actions_review.version(row), now=now
            )

    def invoice() -> None:
        held = actions_month.close(accountant, first, now=now)
        issued = now.date()
        run = actions_run.begin_alone(
            accountant, held, issued=issued, due=issued + timedelta(days=30), now=now
        )
        actions_run.work(run, lambda: now)

    found = {}
    for each in (derive, approve, by_hand, invoice):
        found[each.__name__.replace("_", " ")] = _cost(each)
        sys.stderr.write(f"{each.__name__} {found[each.__name__.replace('_', ' ')]}\n")
    return found


def _cost(call: Callable[[], object]) -> Cost:
    clock, processor = time.perf_counter(), time.process_time() + _database_seconds()
    call()
    spent = time.process_time() + _database_seconds() - processor
    return Cost(time.perf_counter() - clock, spent)


def _database_seconds() -> float:
    """Processor time of the database's processes, those that have ended too."""
    from django.db import connection  # noqa: PLC0415 -- needs Django

    if connection.vendor != "postgresql":
        return 0.0
    connection.ensure_connection()
    server = _stat(connection.connection.info.backend_pid)[1]
    hertz = os.sysconf("SC_CLK_TCK")
    spent = sum(map(int, _stat(server)[11:15])) / hertz
    for child in Path(f"/proc/{server}/task/{server}/children").read_text().split():
        spent += int(Path(f"/proc/{child}/schedstat").read_text().split()[0]) / 1e9
    return spent


def _stat(process: int | str) -> list[str]:
    """Fields of /proc/PID/stat from the state on (proc(5)): parent at 1, children's time at 13."""
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_measure(int(sys.argv[1]))))
