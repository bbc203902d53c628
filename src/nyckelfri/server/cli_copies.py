"""`nyckelfri audit copy` and `compare`: copies of the log on another disk.

House rules: a face, as `cli_audit` says.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from nyckelfri.server.cli_words import Failed, say, tell

if TYPE_CHECKING:
    from nyckelfri.server.audit.comparing import Comparison

OnRow = Callable[..., None]


def add_arguments(deed: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """Declare both deeds."""
    copy = deed("copy", "add what is new to the copies on another disk")
    compare = deed("compare", "hold the database against the copies")
    for parser in (copy, compare):
        parser.add_argument(
            "directory", nargs="?", type=Path, metavar="DIR", help="where ($NYCKELFRI_COPIES)"
        )
        parser.add_argument("--json", action="store_true")


def copy(args: argparse.Namespace) -> int:
    """Copy; 0 done."""
    from nyckelfri.server.audit import copies  # noqa: PLC0415 -- needs Django

    with _told("rows", args) as on_row:
        count = copies.copy(_directory(args), args.now, on_row=on_row)
    say(json.dumps({"rows": count}) if args.json else f"Rows copied: {count}")
    return 0


def compare(args: argparse.Namespace) -> int:
    """Compare; 0 the same, 1 not."""
    from nyckelfri.server.audit import comparing  # noqa: PLC0415 -- needs Django

    with _told("copied rows", args) as on_row:
        found = comparing.compare(_directory(args), args.now, on_row=on_row)
    _tell(found, as_json=args.json)
    return 1 if found.differences else 0


def _tell(found: Comparison, *, as_json: bool) -> None:
    counts = f"{found.rows} rows in {found.segments} segments"
    if as_json:
        differences = found.differences
        said = {"same": not differences, "rows": found.rows, "segments": found.segments}
        say(json.dumps({**said, "differences": differences}))
    elif found.differences:
        for text in found.differences.values():
            say(text)
        tell(f"Database and copies are not the same ({counts}); the first of each kind is named")
    else:
        say(f"The database holds all that was copied: {counts}")


def _directory(args: argparse.Namespace) -> Path:
    from django.conf import settings  # noqa: PLC0415 -- needs Django

    found: Path | None = args.directory or settings.COPIES
    if found is None:
        raise Failed("say where: give DIR, or set NYCKELFRI_COPIES")
    return found


@contextmanager
def _told(word: str, args: argparse.Namespace) -> Iterator[OnRow]:
    """Show how far it has come; what goes wrong with the disk is said plainly."""
    from nyckelfri.server.audit.copies import CopyError  # noqa: PLC0415 -- needs Django

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    console = Console(stderr=True)
    with Progress(
        *columns, TimeElapsedColumn(), console=console, transient=True, disable=args.json
    ) as bar:
        task = bar.add_task(word, total=None)

        def on_row(done: int, total: int | None = None) -> None:
            bar.update(task, completed=done, total=total)

        try:
            yield on_row
        except CopyError as error:
            raise Failed(str(error)) from None
        except OSError as error:
            raise Failed(f"{error.filename or _directory(args)}: {error.strerror}") from None
