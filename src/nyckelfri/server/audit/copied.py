"""What is copied out of the database: streams of rows that never change, each with its numbers.

House rules: reads only. Numbers of a stream are given in the order of the commits (a chain or a
locked series gives them), so that nothing can appear behind a number that was copied.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db.models import QuerySet

from nyckelfri.server.audit.models import AuditLink
from nyckelfri.server.locks.models import Installation
from nyckelfri.server.money.models import Invoice, Statement
from nyckelfri.server.visits.models import StoredEntry

Row = dict[str, Any]
"""The stream as `of`, the row's `number` in it, and its columns."""
AUDIT: Final = "audit"
_CHUNK: Final = 1000
_ENTRY: Final = "entry"
_EVENT: Final = ("leaf", "at", "actor", "origin", "verb", "object_id", "reason", "details")
_MADE: Final = ("number", "month_id", "version", "total", "made_at", "content", "digest")
_COLUMNS: Final = {
    AUDIT: ("number", "head", *(f"event__{name}" for name in _EVENT)),
    _ENTRY: ("number", "head", "leaf", "salt", "body", "received_at"),
    "invoice": (*_MADE, "kind", "client_id", "credits__number", "issued", "due"),
    "statement": (*_MADE, "provider_id"),
}

_TABLES: Final[dict[str, Any]] = {AUDIT: AuditLink, "invoice": Invoice, "statement": Statement}


@dataclass(frozen=True, slots=True)
class Stream:
    """One numbered row of rows: the audit log, a lock's journal, invoices, statements."""

    name: str
    _rows: QuerySet[Any]

    @property
    def kind(self) -> str:
        """The stream's name without which lock it is of."""
        return self.name.partition("/")[0]

    def after(self, number: int) -> Iterator[Row]:
        """Give the rows behind `number`, in their order."""
        return self._read(self._rows.filter(number__gt=number))

    def at(self, numbers: list[int]) -> dict[int, Row]:
        """Give the rows with these numbers, as they come back from `text`."""
        found = self._read(self._rows.filter(number__in=numbers))
        return {row["number"]: json.loads(text(row)) for row in found}

    def _read(self, rows: QuerySet[Any]) -> Iterator[Row]:
        columns = _COLUMNS[self.kind]
        names = [column.removeprefix("event__") for column in columns]
        found = rows.order_by("number").values_list(*columns)
        for values in found.iterator(chunk_size=_CHUNK):
            yield {"of": self.name, **dict(zip(names, values, strict=True))}


def streams() -> Iterator[Stream]:
    """Give every stream that there is."""
    for name in (AUDIT, "invoice", "statement"):
        yield stream(name)
    for identifier in Installation.objects.order_by("pk").values_list("identifier", flat=True):
        yield stream(f"{_ENTRY}/{bytes(identifier).hex()}")


def stream(name: str) -> Stream:
    """Give the stream of this name; LookupError if no such thing is copied."""
    kind, _, lock = name.partition("/")
    if kind == _ENTRY:
        rows = StoredEntry.objects.filter(installation__identifier=bytes.fromhex(lock))
        return Stream(name, rows)
    return Stream(name, _TABLES[name].objects.all())


def text(value: object) -> str:
    """Write a row, or a part of one, as JSON in its one form, on one line of ASCII."""
    return _JSON.encode(value)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    raise TypeError(f"{type(value).__name__} is not copied")


_JSON: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=_plain)
