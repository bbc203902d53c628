"""Who can be chosen to step in, and how a visit is called in a list of choices.

House rules: reads only. Only those are offered whom the rules would let in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef, Q
from django.utils.timezone import localtime

from nyckelfri.care.times import ZONE
from nyckelfri.server.access import plans
from nyckelfri.server.access.models import Absence
from nyckelfri.server.access.seats import Seat
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.console.plan.texts import text
from nyckelfri.server.homes.models import Shift
from nyckelfri.server.people.models import LICENSED, Employee, Role

MOST: Final = 400
"""Substitutes in one list."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody who could step in."""

    number: str
    words: str


def substitutes(
    viewer: Viewer, former: Employee, left: Sequence[Seat], now: datetime
) -> list[Choice]:
    """Who could make these visits: those at work first, then the others, by number."""
    start = min(seat.visit.start for seat in left)
    end = max(seat.visit.end for seat in left)
    today = max(start, now).astimezone(ZONE).date()
    at_work = Shift.objects.filter(
        employee=OuterRef("pk"), withdrawn_at=None, start__lt=end, end__gt=start
    )
    away = Absence.objects.filter(
        employee=OuterRef("pk"), ended_at=None, start__lte=start, end__gte=end
    )
    kinds = Q(role=Role.SUBSTITUTE) | Q(role__in=LICENSED) | Q(care_team=former.care_team_id)
    rows = (
        viewer.staff()
        .filter(kinds, Q(employed_till=None) | Q(employed_till__gte=today))
        .filter(~Exists(away), employed_from__lte=today)
        .exclude(pk=former.pk)
        .annotate(at_work=Exists(at_work))
        .order_by("-at_work", "number")[:MOST]
    )
    return [Choice(row.number, _words(row)) for row in rows if plans.can_step_in(row, former)]


def _words(row: Employee) -> str:
    at_work = text("at_work") if getattr(row, "at_work", False) else text("not_at_work")
    return f"{row.name} {row.number}, {text(f'role_{row.role}').lower()}, {at_work}"


def visit(seat: Seat, viewer: Viewer) -> str:
    """When, and to whom: by name only where the viewer may see it."""
    client = seat.visit.client
    who = client.name if viewer.sees(client) else text["protected"]
    start, end = localtime(seat.visit.start), localtime(seat.visit.end)
    return f"{start:%Y-%m-%d %H:%M}–{end:%H:%M} {who} {client.external_id}"
