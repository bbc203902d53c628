"""Visits whose people are away, and who makes them instead.

House rules: reads only, in two questions however many visits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from nyckelfri.server.access.models import Absence, Takeover
from nyckelfri.server.homes.models import PlannedVisit
from nyckelfri.server.people.models import Employee


@dataclass(frozen=True, slots=True)
class Seat:
    """A place on a planned visit whose employee is away; `takeover` where somebody has it."""

    visit: PlannedVisit
    former: Employee
    takeover: Takeover | None


def of_the_absent(
    staff: QuerySet[Employee], start: datetime, end: datetime, *, most: int = 200
) -> list[Seat]:
    """Seats of `staff` on visits from `start` to `end` during which they are away, soonest first.

    At most `most`; ask again for what is later.
    """
    gone = Absence.objects.filter(
        employee__in=staff, ended_at=None, start__lt=end, end__gt=start
    ).order_by()
    there = PlannedVisit.objects.filter(withdrawn_at=None, start__lt=end, end__gt=start).order_by()
    rows = (
        # From the few who are away to their visits: a condition with "or" would read every visit.
        PlannedVisit.objects.filter(
            pk__in=there.filter(employee__in=gone.values("employee"))
            .values("pk")
            .union(there.filter(second_employee__in=gone.values("employee")).values("pk"))
        )
        .annotate(first_away=_away("employee"), second_away=_away("second_employee"))
        .filter(
            Q(first_away=True, employee__in=staff) | Q(second_away=True, second_employee__in=staff)
        )
        .select_related("client", "employee", "second_employee")
        .order_by("start", "pk")[:most]
    )
    visits: list[Any] = list(rows)
    taken = {
        (row.visit_id, row.instead_of_id): row
        for row in Takeover.objects.filter(visit__in=[each.pk for each in visits], ended_at=None)
        .select_related("employee")
        .order_by("pk")
    }
    return [
        Seat(visit, former, taken.get((visit.pk, former.pk)))
        for visit in visits
        for former, away in (
            (visit.employee, visit.first_away),
            (visit.second_employee, visit.second_away),
        )
        if former is not None and away
    ]


def _away(person: str) -> Exists:
    rows = Absence.objects.filter(
        employee=OuterRef(person), ended_at=None, start__lte=OuterRef("start")
    )
    return Exists(rows.filter(end__gt=OuterRef("start")))
