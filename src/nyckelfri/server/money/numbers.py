"""Numbers without gaps: given in the transaction that uses them, or not at all.

House rules: the row of the series is locked until the end of the transaction, so one run at a
time gives numbers, and a run that is cut leaves no hole.
"""

from __future__ import annotations

from enum import StrEnum

from nyckelfri.server.money.models import Series


class Name(StrEnum):
    """What is numbered."""

    INVOICE = "invoice"
    STATEMENT = "statement"


def take(name: Name, count: int) -> range:
    """The next `count` numbers of a series; inside a transaction."""
    Series.objects.get_or_create(name=name.value)
    row = Series.objects.select_for_update().get(name=name.value)
    first = row.last + 1
    row.last += count
    row.save(update_fields=["last"])
    return range(first, row.last + 1)
