"""The audit log as rows of a file.

House rules: the same rows and words as the page, some at a time; a file is bounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.utils.timezone import localtime

from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.console.audit import asked as asking
from nyckelfri.server.console.audit import rows
from nyckelfri.server.console.audit.asked import Asked
from nyckelfri.server.console.audit.texts import text
from nyckelfri.server.console.sheets import Cell

MOST: Final = 100_000
"""Rows."""
_AT_ONCE: Final = 2000
_COLUMNS: Final = (
    "row_number", "when", "who", "actor_field", "what", "about", "why", "details", "where",
    "verb_code",
)  # fmt: skip


def count(asked: Asked) -> int:
    """How many rows the file would have, at most one more than it may have."""
    return asking.found(asked).order_by()[: MOST + 1].count()


def table(who: Viewer, asked: Asked) -> Iterator[list[Cell]]:
    """The heading and every row, newest first."""
    yield [text(name) for name in _COLUMNS]
    some: list[AuditEvent] = []
    for event in asking.found(asked)[:MOST].iterator(chunk_size=_AT_ONCE):
        some.append(event)
        if len(some) == _AT_ONCE:
            yield from _cells(who, some)
            some = []
    yield from _cells(who, some)


def _cells(who: Viewer, events: list[AuditEvent]) -> Iterator[list[Cell]]:
    for line in rows.lines(who, events):
        yield [
            "" if line.number is None else line.number,
            localtime(line.at).strftime("%Y-%m-%d %H:%M:%S"),
            line.who.word,
            line.who.number,
            line.what,
            f"{line.about.word} {line.about.number}".strip(),
            line.reason,
            "; ".join(f"{name}: {value}" for name, value in line.details),
            line.where,
            line.code,
        ]
