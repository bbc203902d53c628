"""Whose visits are whose: by plan, by takeover, and when the one who was planned is away.

House rules: reads only, in a fixed number of questions however many visits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

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
            each for each in seated[visit.pk] if not _within(visit.start, away.get(each.pk, ()))
        ]
        if employee in there:
            others = [each for each in there if each != employee]
            found.append(OwnVisit(visit, others[0] if others else None))
    return found


def _windows(
    staff: Collection[int] | QuerySet[Employee], start: datetime, end: datetime
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
    away = _windows(staff, start, end)
    if not away:
        return []
    rows = (
        PlannedVisit.objects.filter(
            # By number, so that the database finds the few visits by its indexes.
            Q(employee__in=list(away)) | Q(second_employee__in=list(away)),
            withdrawn_at=None,
            start__lt=end,
            end__gt=start,
        )
        .select_related("client", "employee", "second_employee")
        .order_by("start", "pk")
    )
    empty = [
        (visit, former)
        for visit in rows
        for former in (visit.employee, visit.second_employee)
        if former is not None and _within(visit.start, away.get(former.pk, ()))
    ][:most]
    taken = _taken(visit for visit, _ in empty)
    return [Seat(visit, former, taken.get((visit.pk, former.pk))) for visit, former in empty]


def _within(moment: datetime, windows: Iterable[tuple[datetime, datetime]]) -> bool:
    return any(first <= moment < last for first, last in windows)


def _taken(visits: Iterable[PlannedVisit]) -> dict[tuple[int, int], Takeover]:
    """By visit and whom the plan names: who goes instead."""
    rows = Takeover.objects.filter(visit__in=[each.pk for each in visits], ended_at=None)
    return {
        (row.visit_id, row.instead_of_id): row
        for row in rows.select_related("employee").order_by("pk")
    }
