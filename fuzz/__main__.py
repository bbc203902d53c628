"""python -m fuzz [--minutes N] [--only TARGET] [--jobs N]: fuzz, print a table, write a report.

Ends with status 1 when a target broke; the input is then in fuzz/regressions/TARGET/, and
`python -m fuzz --input FILE --only TARGET` runs it alone. What was learnt stays in build/fuzz/ and
is gone on from. With --only nothing is written to fuzz/report.json, unless --add
puts these targets into it.

--seeds writes the seed files of fuzz/corpus/ anew, --keep adds to them the short inputs with which
the last runs reached more, --docs puts the report into docs/subsystems/fuzzing.md.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from rich.console import Console
from rich.table import Table

from fuzz import corpus, registry, report
from fuzz.campaign import Campaign, Result, shares
from fuzz.target import Target

Targets = Mapping[str, tuple[str, Target]]


def _tell(result: Result) -> None:
    state = "BROKEN " + ", ".join((*result.crashes, result.note)) if result.broken else "held"
    sys.stderr.write(f"{result.name}: {result.executions} executions, {state}\n")


def _show(rows: list[dict[str, object]]) -> None:
    table = Table()
    for column in ("target", "seconds", "executions", "a second", "coverage", "new", "crashes"):
        table.add_column(column, justify="left" if column == "target" else "right")
    for row in rows:
        names = ("name", "seconds", "executions", "per_second", "coverage", "fresh")
        crashes = row["crashes"]
        cells = [str(row[name]) for name in names]
        table.add_row(*cells, str(len(crashes)) if isinstance(crashes, list) else "")
    Console().print(table)


def fuzz(targets: Targets, *, minutes: float, jobs: int, whole: bool, add: bool) -> int:
    """Fuzz `targets`; 1 when one broke. A `whole` run makes the report, `add` adds to it."""
    campaign = Campaign(shares(targets, minutes=minutes, jobs=jobs), jobs, _tell)
    results = campaign.run(targets)
    made = report.make(results, minutes=minutes, jobs=jobs)
    _show(made["targets"])
    if whole and len(results) == len(targets):
        report.write(made)
    elif add:
        report.add(made, registry.everything())
    broken = [result for result in results if result.broken]
    for result in broken:
        for path in result.crashes:
            command = f"python -m fuzz --only {result.name} --input {path}"
            sys.stdout.write(f"{result.name} broke: {command}\n")
        if not result.crashes:
            sys.stdout.write(f"{result.name} broke: {result.note}\n")
    return int(bool(broken))


def main(arguments: list[str] | None = None) -> int:
    """What the arguments ask for; the exit status."""
    everything = registry.everything()
    parser = argparse.ArgumentParser(
        prog="python -m fuzz",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--minutes", type=float, default=10, help="for all together (10)")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1), help="at a time")
    parser.add_argument("--only", action="append", choices=sorted(everything), metavar="TARGET")
    parser.add_argument("--add", action="store_true", help="put what --only names into the report")
    parser.add_argument("--input", type=Path, metavar="FILE", help="run this input alone")
    parser.add_argument("--list", action="store_true", help="name the targets")
    parser.add_argument("--seeds", action="store_true", help="write fuzz/corpus/ anew")
    parser.add_argument("--keep", action="store_true", help="keep what the last runs found")
    parser.add_argument("--docs", action="store_true", help="put the report into its page")
    chosen = parser.parse_args(arguments)
    targets = {name: everything[name] for name in chosen.only or everything}
    if chosen.input is not None:
        for _, target in targets.values():
            target.run(chosen.input.read_bytes())
    elif chosen.list:
        sys.stdout.write("".join(f"{name}\n" for name in targets))
    elif chosen.seeds:
        for _, target in targets.values():
            sys.stdout.write(f"{target.name}: {corpus.write_seeds(target)}\n")
    elif chosen.keep:
        for module, target in targets.values():
            sys.stdout.write(f"{target.name}: {corpus.keep(module, target)} kept\n")
    elif chosen.docs:
        text = report.PAGE.read_text("utf-8")
        report.PAGE.write_text(report.fill(text, report.read()), "utf-8")
    elif find_spec("atheris") is None:
        parser.error(
            "atheris is not installed; it has wheels for Linux on x86-64 with Python 3.11 to 3.13. "
            "The tests' short run needs none: pytest tests/fuzz"
        )
    else:
        whole = chosen.only is None
        jobs = max(1, chosen.jobs)
        return fuzz(targets, minutes=chosen.minutes, jobs=jobs, whole=whole, add=chosen.add)
    return 0


if __name__ == "__main__":
    sys.exit(main())
