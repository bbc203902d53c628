"""Openings as a file: CSV for a Swedish spreadsheet, or Excel's own format.

House rules: a row at a time, a day at a time, so that a month of a large municipality fits
in memory; the same rows and the same words as the page, so what is hidden there is hidden
here. No cell is ever a formula, whatever somebody was christened.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Final

import xlsxwriter
from django.utils.timezone import localtime

from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.console.openings import asked as asking
from nyckelfri.server.console.openings import rows
from nyckelfri.server.console.openings.asked import Asked
from nyckelfri.server.console.openings.rows import Line
from nyckelfri.server.console.openings.texts import text

MOST_IN_EXCEL: Final = 100_000
"""Rows; Excel itself takes a million, and its file is whole before it can be sent."""
_AT_ONCE: Final = 2000
_IN_MEMORY: Final = 4 * 1024 * 1024
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_COLUMNS: Final = (
    "when", "number", "who", "team", "client", "door", "what", "result", "why", "minutes_long",
    "clock", "through",
)  # fmt: skip
Cell = str | int


def table(who: Viewer, asked: Asked, now: datetime) -> Iterator[list[Cell]]:
    """The heading and every row, newest first."""
    yield [text(name) for name in _COLUMNS]
    for day in asked.days.one_by_one():
        of_day = asking.found(who, asked.on(day), now)
        some = []
        for event in of_day.iterator(chunk_size=_AT_ONCE):
            some.append(event)
            if len(some) == _AT_ONCE:
                yield from _cells(rows.lines(who, some, now, asked.client))
                some = []
        yield from _cells(rows.lines(who, some, now, asked.client))


def as_csv(lines: Iterator[list[Cell]]) -> Iterator[str]:
    """Text with a byte order mark and semicolons, as a Swedish Excel reads it."""
    yield "\ufeff"
    for line in lines:
        page = io.StringIO()
        csv.writer(page, delimiter=";", lineterminator="\r\n").writerow(map(_harmless, line))
        yield page.getvalue()


def as_excel(lines: Iterator[list[Cell]]) -> IO[bytes]:
    """A file, at its beginning; gone when it is closed."""
    file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 -- the answer closes it
    book = xlsxwriter.Workbook(
        file,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    sheet = book.add_worksheet(text("openings")[:31])
    bold = book.add_format({"bold": True, "bottom": 1})
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 0, 19)
    sheet.set_column(1, len(_COLUMNS) - 1, 16)
    for at, line in enumerate(lines):
        for column, cell in enumerate(line):
            if isinstance(cell, int):
                sheet.write_number(at, column, cell)
            else:
                sheet.write_string(at, column, cell, bold if at == 0 else None)
    book.close()
    file.seek(0)
    return file


def _cells(lines: list[Line]) -> Iterator[list[Cell]]:
    for line in lines:
        yield [
            localtime(line.at).strftime("%Y-%m-%d %H:%M:%S"),
            line.staff.number,
            line.person,
            line.team,
            " ".join(client.number for client in line.clients),
            line.door,
            line.command,
            line.result,
            line.hint if line.ours else text("not_ours"),
            "" if line.minutes is None else line.minutes,
            line.mark,
            line.through,
        ]


def _harmless(cell: Cell) -> Cell:
    """The cell, behind an apostrophe where a spreadsheet would reckon with it."""
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    return cell
