"""Whose visits are whose: by plan, by takeover, and when the one who was planned is away.

House rules: reads only, in a fixed number of questions however many visits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
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


@dataclass(frozen=True, slots=True)
class OwnVisit:
    """A visit that somebody is to make, and who makes it with them and is not away."""

    visit: PlannedVisit
    partner: Employee | None


def of_employee(employee: Employee, start: datetime, end: datetime) -> list[OwnVisit]:
    """Visits from `start` to `end` that are this employee's to make, soonest first.

    Theirs by plan, unless a colleague has taken over or they are away; or by takeover.
    """
    mine = Takeover.objects.filter(employee=employee, ended_at=None).order_by()
    rows = list(
        PlannedVisit.objects.filter(
            Q(employee=employee)
            | Q(second_employee=employee)
            # By number: a question within the question would read every visit of these days.
            | Q(pk__in=list(mine.values_list("visit_id", flat=True))),
            withdrawn_at=None,
            start__lt=end,
            end__gt=start,
        )
        .select_related("client", "employee", "second_employee")
        .order_by("start", "pk")
    )
    taken = _taken(rows)
    seated = {
        visit.pk: [
            _sits(taken.get((visit.pk, each.pk)), each)
            for each in (visit.employee, visit.second_employee)
            if each is not None
        ]
        for visit in rows
    }
    away = _windows({each.pk for seats in seated.values() for each in seats}, start, end)
    found = []
    for visit in rows:
        there = [
            each
            for each in seated[visit.pk]
            if not any(first <= visit.start < last for first, last in away.get(each.pk, ()))
        ]
        if employee in there:
            others = [each for each in there if each != employee]
            found.append(OwnVisit(visit, others[0] if others else None))
    return found


def _windows(
    staff: Collection[int], start: datetime, end: datetime
) -> dict[int, list[tuple[datetime, datetime]]]:
    """By primary key: when these employees are away."""
    found: defaultdict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    rows = Absence.objects.filter(
        employee__in=staff, ended_at=None, start__lt=end, end__gt=start
    ).order_by()
    for pk, first, last in rows.values_list("employee_id", "start", "end"):
        found[pk].append((first, last))
    return found


def _sits(takeover: Takeover | None, planned: Employee) -> Employee:
    return planned if takeover is None else takeover.employee


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
    taken = _taken(visits)
    return [
        Seat(visit, former, taken.get((visit.pk, former.pk)))
        for visit in visits
        for former, away in (
            (visit.employee, visit.first_away),
            (visit.second_employee, visit.second_away),
        )
        if former is not None and away
    ]


def _taken(visits: Iterable[PlannedVisit]) -> dict[tuple[int, int], Takeover]:
    """By visit and whom the plan names: who goes instead."""
    rows = Takeover.objects.filter(visit__in=[each.pk for each in visits], ended_at=None)
    return {
        (row.visit_id, row.instead_of_id): row
        for row in rows.select_related("employee").order_by("pk")
    }


def _away(person: str) -> Exists:
    rows = Absence.objects.filter(
        employee=OuterRef(person), ended_at=None, start__lte=OuterRef("start")
    )
    return Exists(rows.filter(end__gt=OuterRef("start")))
