"""Tables as files: CSV for a Swedish spreadsheet, or Excel's own format.

House rules: a row at a time; no cell is ever a formula, whatever somebody was christened
or wrote as a reason.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import IO, Final

import xlsxwriter
from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

Cell = str | int | Decimal
"""A decimal is an amount, with as many decimals as it has."""
EXCEL: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_IN_MEMORY: Final = 4 * 1024 * 1024
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_FIRST_WIDTH, _WIDTH = 19, 16
_LONGEST_TITLE: Final = 31


def answer(lines: Iterable[list[Cell]], name: str, title: str, form: str) -> HttpResponseBase:
    """The table, heading first, as a file to keep: `name` without ending; csv or xlsx."""
    if form == "xlsx":
        return FileResponse(
            as_excel(lines, title),
            as_attachment=True,
            filename=f"{name}.xlsx",
            content_type=EXCEL,
        )
    return StreamingHttpResponse(
        (line.encode() for line in as_csv(lines)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def as_csv(lines: Iterable[list[Cell]]) -> Iterator[str]:
    """Text with a byte order mark and semicolons, as a Swedish Excel reads it."""
    yield "\ufeff"
    for line in lines:
        page = io.StringIO()
        csv.writer(page, delimiter=";", lineterminator="\r\n").writerow(map(_harmless, line))
        yield page.getvalue()


def as_excel(lines: Iterable[list[Cell]], title: str) -> IO[bytes]:
    """A file with one sheet, at its beginning; gone when it is closed."""
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
    sheet = book.add_worksheet(title[:_LONGEST_TITLE])
    bold = book.add_format({"bold": True, "bottom": 1})
    money = book.add_format({"num_format": "0.00"})
    sheet.freeze_panes(1, 0)
    for at, line in enumerate(lines):
        if at == 0:
            sheet.set_column(0, 0, _FIRST_WIDTH)
            sheet.set_column(1, len(line) - 1, _WIDTH)
        for column, cell in enumerate(line):
            if isinstance(cell, Decimal):
                sheet.write_number(at, column, float(cell), money)
            elif isinstance(cell, int):
                sheet.write_number(at, column, cell)
            else:
                sheet.write_string(at, column, cell, bold if at == 0 else None)
    book.close()
    file.seek(0)
    return file


def _harmless(cell: Cell) -> Cell:
    """The cell, behind an apostrophe where a spreadsheet would reckon with it.

    An amount has a decimal comma, as a Swedish Excel reads it.
    """
    if isinstance(cell, Decimal):
        return f"{cell:f}".replace(".", ",")
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    return cell
