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
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from bench import apart
from bench.apart import Cost, cost, row, set_up

CLIENTS = "NYCKELFRI_BENCH_CLIENTS"
_FITS: Final = 500
"""Clients of the largest municipality that SQLite is for."""
_MEASURED: Final = ("derive", "invoice")
"""What is held against bare SQL; between them somebody reviews."""


def rows(*, quick: bool = False) -> Iterator[dict[str, Any]]:
    """The rows of the report, measured in processes of their own.

    NYCKELFRI_BENCH_CLIENTS (5000) says how large the municipality is, beside one of 500.
    """
    clients = int(os.environ.get(CLIENTS, "500" if quick else "5000"))
    with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
        cluster = stack.enter_context(apart.cluster())
        work = functools.partial(apart.call, "bench.month", Path(directory))
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
    yield row(
        f"a month of {few} clients, SQLite / PostgreSQL",
        _all(sqlite).clock,
        min(_all(each).clock for each in found["small"]),
        "s",
        note=f"by the clock; {sqlite['visits']} visits derived, approved and invoiced",
    )


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
    yield row(
        f"a month of {said} clients derived, priced and posted / bare SQL",
        ours,
        bare,
        "s of processor",
        target="≤ 10",
        note=f"{large['visits']} visits from {large['events']} events, {large['invoices']} "
        f"invoices: {each}; what stands out, {large['by_hand']} visits, is somebody's to look at",
    )
    kept = Cost(*large["kept"]).processor
    yield row(
        f"a month of {said} clients derived, priced and posted / bare SQL that keeps its visits",
        ours,
        bare + kept,
        "s of processor",
        note=f"bare SQL, and {kept:.1f} s for the paired visits in a table with log, keys and "
        "indexes like the program's",
    )
    fewest = min(small, key=lambda one: _whole(one) / one["visits"])
    yield row(
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


def _build(clients: str) -> None:
    set_up()
    from bench.bigtown import make, month  # noqa: PLC0415 -- needs Django

    make.build(make.Size(int(clients), 0))
    month.build()


def _month() -> dict[str, Any]:
    """What the month costs, and the bare SQL before and after it."""
    set_up()
    from bench.bigtown import baremonth, work  # noqa: PLC0415 -- needs Django

    bare = [cost(baremonth.work) for _ in range(3)]
    costs = {each.__name__.replace("_", " "): cost(each) for each in work.parts()}
    bare += [cost(baremonth.work) for _ in range(3)]
    kept = cost(baremonth.keep)
    return {"bare": bare, "kept": kept, "costs": costs, **work.counted()}


def _copied(source: str) -> dict[str, Any]:
    """The month on SQLite, of what stands in another database."""
    set_up()
    from bench.bigtown import work  # noqa: PLC0415 -- needs Django

    work.copy_from(source)
    costs = {each.__name__.replace("_", " "): cost(each) for each in work.parts()}
    return {"costs": costs, **work.counted()}


def _pdf(turns: str) -> dict[str, Any]:
    """An invoice from its row to its PDF, turn and turn about with typst alone."""
    set_up()
    from bench.bigtown import work  # noqa: PLC0415 -- needs Django

    ours, typst = work.papers()
    spent = [(cost(ours), cost(typst)) for _ in range(int(turns))]
    return row(
        "an invoice of a month as PDF / typst alone, the same template and data",
        min(one.processor for one, _ in spent) * 1000,
        min(other.processor for _, other in spent) * 1000,
        "ms of processor",
        note="ours reads the stored row, checks it, and words it",
    )


_DEEDS: Final[dict[str, Callable[..., Any]]] = {
    "build": _build,
    "month": _month,
    "copied": _copied,
    "pdf": _pdf,
}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(_DEEDS[sys.argv[1]](*sys.argv[2:])))
