"""Openings as rows of a file.

House rules: a row at a time, a day at a time, so that a month of a large municipality fits
in memory; the same rows and the same words as the page, so what is hidden there is hidden
here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from django.utils.timezone import localtime

from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.console.openings import asked as asking
from nyckelfri.server.console.openings import rows
from nyckelfri.server.console.openings.asked import Asked
from nyckelfri.server.console.openings.rows import Line
from nyckelfri.server.console.openings.texts import text
from nyckelfri.server.console.sheets import Cell

MOST_IN_EXCEL: Final = 100_000
"""Rows; Excel itself takes a million, and its file is whole before it can be sent."""
_AT_ONCE: Final = 2000
_COLUMNS: Final = (
    "when", "number", "who", "team", "client", "door", "what", "result", "why", "minutes_long",
    "clock", "through",
)  # fmt: skip


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
