"""What is to be reviewed, as plain values.

House rules: reads only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from nyckelfri.server.console.review.texts import text
from nyckelfri.server.visits import queries
from nyckelfri.server.visits.models import Kept


@dataclass(frozen=True, slots=True)
class KeptLine:
    """One thing to review, in words."""

    number: int
    href: str
    at: datetime
    why: str
    do: str
    lock: str
    entries: str
    through: str
    holder: str
    times: int
    explained: bool
    settled_at: datetime | None
    settled_by: str
    settled_why: str


def line(row: Kept) -> KeptLine:
    """Put what was kept into words."""
    return KeptLine(
        number=row.pk,
        href=reverse("delivery", args=[row.pk]),
        at=row.received_at,
        why=text(f"kept_{row.reason}"),
        do=text(f"do_{row.reason}"),
        lock=(
            row.installation.lock_unit.external_id
            if row.installation
            else (row.claimed or b"").hex()
        ),
        entries=_entries(row),
        through=row.phone.label if row.phone else "",
        holder=row.phone.holder.number if row.phone and row.phone.holder else "",
        times=row.times,
        explained=row.resolved_at is not None,
        settled_at=row.settled_at,
        settled_by=f"{row.settled_by.name} {row.settled_by.number}" if row.settled_by else "",
        settled_why=row.settled_why,
    )


def _entries(row: Kept) -> str:
    if row.first is not None and row.last is not None and row.first != row.last:
        return f"{row.first}–{row.last}"
    found = next((n for n in (row.number, row.first, row.last) if n is not None), None)
    return "" if found is None else str(found)


def waiting() -> str:
    """Say how many openings phones know of that no journal has told yet; empty for none."""
    count = queries.awaited()
    if count == 0:
        return ""
    return text("waiting_1") if count == 1 else text("waiting_many", count=count)
