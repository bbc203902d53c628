"""Evidence that belongs to no visit, in words.

House rules: reads only. Whoever works for a provider sees what that provider's staff left.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q, QuerySet

from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.console.clients.openers import Named, named
from nyckelfri.server.console.performed import evidence as read
from nyckelfri.server.console.performed.asked import Asked
from nyckelfri.server.console.performed.evidence import Told
from nyckelfri.server.console.performed.texts import text
from nyckelfri.server.console.persons import ShownClient, shown
from nyckelfri.server.visits.models import LooseSign

MOST: Final = 30
"""Of one day, on its page."""


@dataclass(frozen=True, slots=True)
class LooseLine:
    """Signs of one kind that fit nowhere; `settled_at` where somebody has dealt with them."""

    number: int
    at: datetime
    what: str
    why: str
    do: str
    staff: Named | None
    client: ShownClient | None
    settled_at: datetime | None
    settled_by: str
    settled_why: str


def mine(viewer: Viewer, now: datetime) -> QuerySet[LooseSign]:
    """Those that this viewer may see."""
    rows = LooseSign.objects.select_related("employee", "client", "settled_by")
    if viewer.provider is not None:
        nobodys = Q(employee=None, client__in=viewer.clients(now))
        rows = rows.filter(Q(employee__care_team__provider=viewer.provider) | nobodys)
    return rows if viewer.only is None else rows.filter(client_id__in=viewer.only)


def of_day(viewer: Viewer, asked: Asked, now: datetime) -> QuerySet[LooseSign]:
    """Those of the day and team: what waits for somebody, or all where all are shown."""
    rows = mine(viewer, now).filter(day=asked.day)
    if asked.team:
        rows = rows.filter(employee__care_team__external_id=asked.team)
    return rows if asked.shown == "alla" else rows.filter(settled_at=None)


def lines(viewer: Viewer, rows: Iterable[LooseSign]) -> list[LooseLine]:
    """Put them into words."""
    return [_line(viewer, row) for row in rows]


def _line(viewer: Viewer, row: LooseSign) -> LooseLine:
    by = row.settled_by
    return LooseLine(
        number=row.pk,
        at=row.at,
        what=text(f"flag_{row.flag}"),
        why=text(f"why_{row.flag}"),
        do=text(f"do_{row.flag}"),
        staff=named(row.employee.number, row.employee.name, viewer) if row.employee else None,
        client=shown(row.client, viewer) if row.client else None,
        settled_at=row.settled_at,
        settled_by=f"{by.name} {by.number}" if by else "",
        settled_why=row.settled_why,
    )


def evidence(viewer: Viewer, sign: LooseSign) -> list[Told]:
    """The signs themselves, in order of time."""
    return read.loose(viewer, sign.refs)
