"""Visits that stand out as others at the same home did are marked so.

House rules: inside the transaction that derives their days. What is approved stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from nyckelfri.care import patterns
from nyckelfri.care.patterns import Deviation
from nyckelfri.care.performed import Flag
from nyckelfri.server import bulk
from nyckelfri.server.visits import newer
from nyckelfri.server.visits.models import Visit

PATTERN: Final = Flag.PATTERN.value


def note(days: Sequence[date], home_of: Mapping[int, str]) -> None:
    """Mark the visits of these days, and of those after them that they may change."""
    around = (min(days) - patterns.WITHIN, max(days) + patterns.WITHIN)
    rows = list(
        Visit.objects.filter(day__range=around)
        .exclude(flags=[])
        .only("client_id", "day", "flags", "approved_at")
    )
    found = patterns.repeated(
        Deviation(str(row.pk), home_of[row.client_id], row.day, tuple(map(Flag, row.flags)))
        for row in rows
    )
    changed = []
    for row in rows:
        if row.approved_at is None and row.day >= min(days):
            flags = newer.flags_of(row) + ([PATTERN] if str(row.pk) in found else [])
            if flags != row.flags:
                row.flags = flags
                changed.append(row)
    Visit.objects.bulk_update(changed, ["flags"], batch_size=bulk.BATCH)
