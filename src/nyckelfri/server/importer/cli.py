"""`nyckelfri import DIR`: a municipality's files into the register, from a terminal.

House rules: a face; it asks the clock, has the files stored and the rights revoked that
nobody derives any more, and shows what came of it.
Exit status: 0 stored (or would be), 2 faults and nothing stored. With `--json`,
standard output is one JSON value: on faults a list of objects `file, line, column,
message`; else an object with `stored`, `files` (counts by file) and `remarks`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from nyckelfri import clock
from nyckelfri.server import start
from nyckelfri.server.importer.messages import Language

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from nyckelfri.server.importer.actions import Report
    from nyckelfri.server.importer.faults import Fault

DONE, FAULTS = 0, 2
ACTOR = "system:import"
_COUNTS = {
    "created": ("created", "nya"),
    "changed": ("changed", "ändrade"),
    "unchanged": ("unchanged", "oförändrade"),
    "withdrawn": ("withdrawn", "återtagna"),
}
_ENDINGS = {
    "stored": ("Stored.", "Lagrat."),
    "dry": ("Nothing was stored: this was a dry run.", "Inget lagrades: detta var en provkörning."),
    "faults": (
        "Faults: {count}. Nothing was stored: mend the files and import again.",
        "Antal fel: {count}. Inget lagrades: rätta filerna och importera igen.",
    ),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `nyckelfri import`."""
    parser.add_argument("directory", metavar="DIR", type=Path, help="where the CSV files are")
    parser.add_argument("--dry-run", action="store_true", help="check and compare, store nothing")
    parser.add_argument("--json", action="store_true", help="write one JSON value, no table")
    parser.add_argument(
        "--accept-withdrawals",
        action="store_true",
        help="let files take back far more than plans usually lose",
    )
    parser.add_argument(
        "--lang", choices=[each.value for each in Language], help="sv or en; else by LANG"
    )


def run(arguments: argparse.Namespace) -> int:
    """Import as `arguments` say; the exit status."""
    language = _language(arguments.lang)
    start.set_up()
    start.bring_tables_up_to_date()
    from nyckelfri.server.importer import actions  # noqa: PLC0415 -- needs Django set up
    from nyckelfri.server.keys.actions_issue import withdraw  # noqa: PLC0415 -- the same

    with _progress() as progress:
        report = actions.import_files(
            arguments.directory,
            actor=ACTOR,
            now=clock.now(),
            dry_run=arguments.dry_run,
            accept_withdrawals=arguments.accept_withdrawals,
            progress=progress,
        )
    if report.stored:
        withdraw(clock.now())
    if arguments.json:
        sys.stdout.write(json.dumps(_as_json(report, language), indent=2))
        sys.stdout.write("\n")
    else:
        _show(report, language)
    return FAULTS if report.faults else DONE


def _language(chosen: str | None) -> Language:
    """Choose by `--lang`, else by the usual variables; English where they say nothing."""
    variables = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    tag = chosen or next(filter(None, variables), "")
    return Language.SWEDISH if tag.startswith("sv") else Language.ENGLISH


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """Show on a terminal which file is at work, and nothing anywhere else."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as shown:
        task = shown.add_task("")
        yield lambda file: shown.update(task, description=file)


def _as_json(report: Report, language: Language) -> object:
    if report.faults:
        return [fault.as_json(language) for fault in report.faults]
    return {
        "stored": report.stored,
        "files": {f"{name}.csv": counts for name, counts in report.counts.items()},
        "remarks": [remark.as_json(language) for remark in report.remarks],
    }


def _show(report: Report, language: Language) -> None:
    swedish = int(language is Language.SWEDISH)
    complaints = Console(stderr=True, soft_wrap=True, highlight=False)
    for remark in report.remarks:
        complaints.print(Text(_line(remark, language), style="yellow"))
    for fault in report.faults:
        complaints.print(Text(_line(fault, language), style="red"))
    if report.faults:
        ending = _ENDINGS["faults"][swedish].format(count=len(report.faults))
        complaints.print(Text(ending, style="bold"))
        return
    table = Table("", *(names[swedish] for names in _COUNTS.values()))
    for column in table.columns[1:]:
        column.justify = "right"
    for name, counts in report.counts.items():
        table.add_row(f"{name}.csv", *(str(counts[count]) for count in _COUNTS))
    console = Console(highlight=False)
    console.print(table)
    console.print(_ENDINGS["stored" if report.stored else "dry"][swedish])


def _line(fault: Fault, language: Language) -> str:
    """Write `file:line: column: sentence`, without what is empty."""
    place = f"{fault.file}:{fault.line}" if fault.line else fault.file
    column = f" {fault.column}:" if fault.column else ""
    return f"{place}:{column} {fault.message(language)}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `python -m nyckelfri.server.importer.cli DIR`; the exit status."""
    parser = argparse.ArgumentParser(prog="nyckelfri import")
    add_arguments(parser)
    return run(parser.parse_args(arguments))


if __name__ == "__main__":
    sys.exit(main())
