"""python -m bench [--only NAME] [--quick] [--to FILE] [--readme]: measure, write a report.

The report is bench/report.json, or FILE. With --only the rows of other modules stay in it as they
are; --quick takes few turns and leaves bench/report.json alone. --readme measures nothing and puts
the table of bench/report.json into README.md.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import pkgutil
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

import bench
from bench import report


def modules() -> dict[str, Callable[..., Iterable[dict[str, Any]]]]:
    """The `rows` functions of this package, by module name."""
    found = {}
    for item in pkgutil.iter_modules(bench.__path__):
        if item.name != "__main__":
            rows = getattr(importlib.import_module(f"bench.{item.name}"), "rows", None)
            if rows is not None:
                found[item.name] = rows
    return found


def measure(rows: Callable[..., Iterable[dict[str, Any]]], *, quick: bool) -> Iterator[report.Row]:
    """The rows of one module; a module that knows no `quick` is asked for few turns instead."""
    known = inspect.signature(rows).parameters
    few: dict[str, int] = {"quick": quick} if "quick" in known else {}
    if quick and {"batches", "calls"} <= known.keys():
        few = {"batches": 5, "calls": 20}
    yield from map(report.complete, rows(**few))


def show(rows: Iterable[report.Row]) -> None:
    """Print the rows for a person."""
    table = Table()
    for column in report.COLUMNS[:-1]:
        table.add_column(column, justify="left" if column in {"name", "unit"} else "right")
    notes = []
    for row in rows:
        cells = [str(row[column]) for column in report.COLUMNS[:-2]]
        table.add_row(*cells, report.says(met=row["met"]))
        notes += [f"{row['name']}: {row['note']}"] if row["note"] else []
    console = Console()
    console.print(table)
    for note in notes:
        console.print(f"  {note}", highlight=False, markup=False)


def main(arguments: list[str] | None = None) -> int:
    """Measure; the exit status is 0 whatever the figures are."""
    found = modules()
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", action="append", choices=sorted(found), help="one module's rows")
    parser.add_argument("--quick", action="store_true", help="few turns, to try it out")
    parser.add_argument("--to", type=Path, metavar="FILE", help="write the report there")
    parser.add_argument("--readme", action="store_true", help="only fill README.md's table")
    chosen = parser.parse_args(arguments)
    if chosen.readme:
        text = report.README.read_text("utf-8")
        report.README.write_text(report.fill(text, report.read()), "utf-8")
        return 0
    rows: list[report.Row] = []
    for name in chosen.only or found:
        sys.stderr.write(f"{name} …\n")
        rows += measure(found[name], quick=chosen.quick)
    show(rows)
    if chosen.to or not chosen.quick:
        report.write(rows, chosen.to or report.FILE, keep=bool(chosen.only))
    return 0


if __name__ == "__main__":
    sys.exit(main())
