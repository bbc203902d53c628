"""What was planned for whoever opened, as the rule of what stands out reads it.

House rules: reads only, and plans as they are now; a fixed number of queries for any number
of openings, which lie within a day or so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Exists, F, OuterRef, Q

from nyckelfri.care import review
from nyckelfri.care.grants import Rule
from nyckelfri.care.review import Margins, Plans
from nyckelfri.care.times import DateRange, Window
from nyckelfri.server.access.models import Takeover
from nyckelfri.server.homes.models import PlannedVisit, Shift
from nyckelfri.server.people.models import Employee
from nyckelfri.server.visits.models import DoorEvent

MARGINS: Final = Margins()
_AROUND: Final = timedelta(hours=4)
"""More than any margin."""
_BY_VISIT: Final = frozenset(
    {
        Rule.CHOSEN_TEAM.value,
        Rule.PLANNED_VISIT.value,
        Rule.ASSIGNED_VISIT.value,
        Rule.HEALTH_VISIT.value,
    }
)
"""Who opens by these rules is expected to have a visit to make."""


@dataclass(frozen=True, slots=True)
class Opening:
    """One opening; `reasons` are those of the grant, None where it is not known."""

    pk: int
    at: datetime
    employee: int
    door: int
    reasons: list[Mapping[str, Any]] | None


def judgements(openings: Iterable[Opening]) -> dict[int, str]:
    """By key of an opening: `DoorEvent.Judgement`."""
    rows = list(openings)
    if not rows:
        return {}
    moments = [row.at for row in rows]
    who = {row.employee for row in rows}
    near = {"start__lt": max(moments) + _AROUND, "end__gt": min(moments) - _AROUND}
    staff = dict(_staff(who))
    shifts = _grouped(_shifts(who, near))
    visits = _grouped(_visits(who, near))
    return {row.pk: _judgement(row, *staff[row.employee], shifts, visits) for row in rows}


def _judgement(
    row: Opening,
    employed: Window,
    in_shifts: bool,  # noqa: FBT001 -- a column of the person's
    shifts: Mapping[Any, list[Window]],
    visits: Mapping[Any, list[Window]],
) -> str:
    planned = Plans(
        employed=employed,
        shifts=tuple(shifts.get(row.employee, ())),
        works_in_shifts=in_shifts,
        visits=tuple(visits.get((row.employee, row.door), ())) if _by_visit(row) else None,
    )
    why = review.suspicion(row.at, planned, MARGINS)
    return DoorEvent.Judgement.AS_PLANNED if why is None else DoorEvent.Judgement(why.value)


def _by_visit(row: Opening) -> bool:
    """Whether the grant that opened rests on visits only; an entrance's names no client."""
    of_homes = [reason for reason in row.reasons or [] if "client_id" in reason]
    return bool(of_homes) and all(reason["rule"] in _BY_VISIT for reason in of_homes)


def _staff(who: set[int]) -> Iterator[tuple[int, tuple[Window, bool]]]:
    """When each is employed, and whether they work in shifts."""
    shifts = Shift.objects.filter(employee=OuterRef("pk"), withdrawn_at=None)
    rows = Employee.objects.filter(pk__in=who).annotate(in_shifts=Exists(shifts))
    for pk, first, last, in_shifts in rows.values_list(
        "pk", "employed_from", "employed_till", "in_shifts"
    ):
        yield pk, (DateRange(first, last).window(), in_shifts)


def _shifts(who: set[int], near: dict[str, datetime]) -> Iterator[tuple[Any, Window]]:
    rows = Shift.objects.filter(employee__in=who, withdrawn_at=None, **near)
    for employee, start, end in rows.order_by().values_list("employee_id", "start", "end"):
        yield employee, Window(start, end)


def _visits(who: set[int], near: dict[str, datetime]) -> Iterator[tuple[Any, Window]]:
    """By employee and door: visits that are theirs by the plan, or that they took over."""
    theirs = Q(employee__in=who) | Q(second_employee__in=who)
    planned = PlannedVisit.objects.filter(theirs, withdrawn_at=None, **near).order_by()
    for first, second, door, start, end in planned.values_list(
        "employee_id", "second_employee_id", "client__front_door_id", "start", "end"
    ):
        yield (first, door), Window(start, end)
        yield (second, door), Window(start, end)
    times = {f"visit__{name}": value for name, value in near.items()}
    taken = Takeover.objects.filter(
        Q(visit__employee=F("instead_of")) | Q(visit__second_employee=F("instead_of")),
        employee__in=who,
        ended_at=None,
        visit__withdrawn_at=None,
        **times,
    ).order_by()
    for employee, door, start, end in taken.values_list(
        "employee_id", "visit__client__front_door_id", "visit__start", "visit__end"
    ):
        yield (employee, door), Window(start, end)


def _grouped(pairs: Iterable[tuple[Any, Window]]) -> Mapping[Any, list[Window]]:
    found: defaultdict[Any, list[Window]] = defaultdict(list)
    for key, window in pairs:
        found[key].append(window)
    return found
