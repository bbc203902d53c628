"""How evidence is named in a visit's `refs`, and what a name leads back to.

House rules: the one place that knows the names: a letter for the table, and the row's key.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

from django.db.models import Model

from nyckelfri.server.visits.models import (
    DoorEvent,
    ForeignAlarm,
    ForeignDoorEvent,
    ForeignEntry,
    ForeignReading,
    OfficeEntry,
    PhoneEntry,
)

TABLES: Final[dict[str, type[Model]]] = {
    "d": DoorEvent,
    "p": PhoneEntry,
    "o": OfficeEntry,
    "D": ForeignDoorEvent,
    "R": ForeignReading,
    "E": ForeignEntry,
    "A": ForeignAlarm,
}


def rows(refs: Iterable[str]) -> dict[str, Any]:
    """The rows that these names stand for, by name, in one question a table."""
    by_table: defaultdict[str, list[int]] = defaultdict(list)
    for ref in refs:
        by_table[ref[0]].append(int(ref[1:]))
    return {
        f"{letter}{pk}": row
        for letter, keys in by_table.items()
        for pk, row in TABLES[letter]._default_manager.in_bulk(keys).items()  # noqa: SLF001 -- Django's public name
    }
