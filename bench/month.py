"""A month from evidence to posted invoices, against bare SQL that pairs and sums the same.

House rules: on PostgreSQL, on databases of its own, in one run. What something costs is
processor time, of this process and of all of the database's: what else the machine does
meanwhile is no cost of it. The bare SQL (`bigtown.baremonth`) is asked before and after, on the
same tables; the cheapest turn counts.
"""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, NamedTuple

_TESTS = Path(__file__).parents[1] / "tests"
CLIENTS = "NYCKELFRI_BENCH_CLIENTS"
_SETTINGS: Final = {
    "shared_buffers": "1GB",
    "max_wal_size": "16GB",
    "effective_cache_size": "4GB",
    "random_page_cost": "1.1",
}
"""What an administrator sets on a machine with SSD, as in `bigserver`."""
_FITS: Final = 500
"""Clients of the largest municipality that SQLite is for."""
_MEASURED: Final = ("derive", "invoice")
"""What is held against bare SQL; between them somebody reviews."""


class Cost(NamedTuple):
    """Seconds by the clock, and of processors."""

    clock: float
    processor: float


def rows(*, quick: bool = False) -> Iterator[dict[str, Any]]:
    """The rows of the report, measured in processes of their own.

    NYCKELFRI_BENCH_CLIENTS (5000) says how large the municipality is, beside one of 500.
    """
    clients = int(os.environ.get(CLIENTS, "500" if quick else "5000"))
    with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
        sys.path[:0] = [str(_TESTS)] if str(_TESTS) not in sys.path else []
        import pgcluster  # noqa: PLC0415 -- the tests' own, where it is needed

        cluster = stack.enter_context(pgcluster.running(durable=True, settings=_SETTINGS))
        work = functools.partial(_call, Path(directory))
        few = _FITS if clients > _FITS else clients // 2
        for name, size in (("small", few), ("large", clients)):
            work("build", cluster.create(name), size)
        found: dict[str, list[Any]] = {"small": [], "large": []}
        for name in ("small", "large", "small"):
            done = cluster.create("done", template=name)
            found[name].append(work("month", done))
            if name == "large":
                pdf = work("pdf", done, 3 if quick else 9)
            cluster.drop("done")
        sqlite = work("copied", "", cluster.url("small"))
    yield from _rows(found["small"], found["large"][0], few, clients)
    yield {**pdf, "target": "≤ 3"}
    yield _row(
        f"a month of {few} clients, SQLite / PostgreSQL",
        _all(sqlite).clock,
        min(_all(each).clock for each in found["small"]),
        "s",
        note=f"by the clock; {sqlite['visits']} visits derived, approved and invoiced",
    )


def _call(directory: Path, deed: str, url: str, *words: object) -> Any:
    """Do a deed in a process of its own, with a data directory of its own."""
    environment = {
        **os.environ,
        "NYCKELFRI_DATA": tempfile.mkdtemp(dir=directory),
        "NYCKELFRI_HOSTS": "testserver",
        "NYCKELFRI_HTTPS": "0",
        "DATABASE_URL": url,
        "PYTHONPATH": os.pathsep.join([*sys.path, str(_TESTS)]),
    }
    command = [sys.executable, "-m", "bench.month", deed, *map(str, words)]
    done = subprocess.run(  # noqa: S603 -- ourselves
        command, env=environment, check=True, stdout=subprocess.PIPE
    )
    return json.loads(done.stdout)


def _rows(
    small: list[dict[str, Any]], large: dict[str, Any], few: int, clients: int
) -> Iterator[dict[str, Any]]:
    ours, bare = _whole(large), _bare(large)
    said = f"{clients:,}".replace(",", " ")
    costs = {name: Cost(*cost) for name, cost in large["costs"].items()}
    invoice, price = costs["invoice"], costs["price"]
    costs["post"] = Cost(invoice.clock - price.clock, invoice.processor - price.processor)
    each = ", ".join(
        f"{name} {costs[name].processor:.1f} s ({costs[name].clock:.0f} by the clock)"
        for name in ("derive", "approve", "price", "post")
    )
    yield _row(
        f"a month of {said} clients derived, priced and posted / bare SQL",
        ours,
        bare,
        "s of processor",
        target="≤ 10",
        note=f"{large['visits']} visits from {large['events']} events, {large['invoices']} "
        f"invoices: {each}; what stands out, {large['by_hand']} visits, is somebody's to look at",
    )
    kept = Cost(*large["kept"]).processor
    yield _row(
        f"a month of {said} clients derived, priced and posted / bare SQL that keeps its visits",
        ours,
        bare + kept,
        "s of processor",
        note=f"bare SQL, and {kept:.1f} s for the paired visits in a table with log, keys and "
        "indexes like the program's",
    )
    fewest = min(small, key=lambda one: _whole(one) / one["visits"])
    yield _row(
        f"a visit of that month, {said} clients / {few} clients",
        ours / large["visits"] * 1e6,
        _whole(fewest) / fewest["visits"] * 1e6,
        "µs of processor",
        target="≤ 1.2",
        note="derived, priced and posted",
    )


def _whole(measured: dict[str, Any]) -> float:
    return sum(Cost(*measured["costs"][name]).processor for name in _MEASURED)


def _bare(measured: dict[str, Any]) -> float:
    return min(Cost(*cost).processor for cost in measured["bare"])


def _all(measured: dict[str, Any]) -> Cost:
    costs = [Cost(*measured["costs"][name]) for name in (*_MEASURED, "approve")]
    return Cost(sum(cost.clock for cost in costs), sum(cost.processor for cost in costs))


def _row(  # noqa: PLR0917 -- what a row has
    name: str, ours: float, reference: float, unit: str, target: str | None = None, note: str = ""
) -> dict[str, Any]:
    return {
        "name": name,
        "ours": round(ours, 1),
        "reference": round(reference, 1),
        "ratio": round(ours / reference, 3),
        "unit": unit,
        "target": target,
        "note": note,
    }


def _set_up() -> None:
    from nyckelfri.server import start  # noqa: PLC0415 -- Django lives in these processes only

    start.set_up()
    start.bring_tables_up_to_date()


def _build(clients: str) -> None:
    _set_up()
    from bench.bigtown import make, month  # noqa: PLC0415 -- needs Django

    make.build(make.Size(int(clients), 0))
    month.build()


def _month() -> dict[str, Any]:
    """What the month costs, and the bare SQL before and after it."""
    _set_up()
    from bench.bigtown import baremonth, work  # noqa: PLC0415 -- needs Django

    bare = [_cost(baremonth.work) for _ in range(3)]
    costs = {each.__name__.replace("_", " "): _cost(each) for each in work.parts()}
    bare += [_cost(baremonth.work) for _ in range(3)]
    kept = _cost(baremonth.keep)
    return {"bare": bare, "kept": kept, "costs": costs, **work.counted()}


def _copied(source: str) -> dict[str, Any]:
    """The month on SQLite, of what stands in another database."""
    _set_up()
    from bench.bigtown import work  # noqa: PLC0415 -- needs Django

    work.copy_from(source)
    costs = {each.__name__.replace("_", " "): _cost(each) for each in work.parts()}
    return {"costs": costs, **work.counted()}


def _pdf(turns: str) -> dict[str, Any]:
    """An invoice from its row to its PDF, turn and turn about with typst alone."""
    _set_up()
    from bench.bigtown import work  # noqa: PLC0415 -- needs Django

    ours, typst = work.papers()
    spent = [(_cost(ours), _cost(typst)) for _ in range(int(turns))]
    return _row(
        "an invoice of a month as PDF / typst alone, the same template and data",
        min(one.processor for one, _ in spent) * 1000,
        min(other.processor for _, other in spent) * 1000,
        "ms of processor",
        note="ours reads the stored row, checks it, and words it",
    )


def _cost(call: Callable[[], object]) -> Cost:
    clock, processor = time.perf_counter(), time.process_time() + _database_seconds()
    call()
    spent = time.process_time() + _database_seconds() - processor
    return Cost(time.perf_counter() - clock, spent)


def _database_seconds() -> float:
    """Processor time of all of PostgreSQL's processes, those that have ended too."""
    from django.db import connection  # noqa: PLC0415 -- needs Django

    if connection.vendor != "postgresql":
        return 0.0
    connection.ensure_connection()
    server = _stat(connection.connection.info.backend_pid)[1]
    spent = sum(map(int, _stat(server)[11:15])) / os.sysconf("SC_CLK_TCK")
    for child in Path(f"/proc/{server}/task/{server}/children").read_text().split():
        spent += int(Path(f"/proc/{child}/schedstat").read_text().split()[0]) / 1e9
    return spent


def _stat(process: int | str) -> list[str]:
    """Fields of /proc/PID/stat after the name (proc(5)): 1 the parent, 11 to 14 its times."""
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()


_DEEDS: Final[dict[str, Callable[..., Any]]] = {
    "build": _build,
    "month": _month,
    "copied": _copied,
    "pdf": _pdf,
}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(_DEEDS[sys.argv[1]](*sys.argv[2:])))
