"""Somebody is away, and somebody else makes their visits.

House rules: check → change → audit row, in one transaction: a day's visits get their new
people together or not at all. Whoever is away opens nothing while they are; whoever takes
over opens the doors of those visits and no others. Absence says when, never of what.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from nyckelfri.server.access import plans
from nyckelfri.server.access.actions_plan import (
    locked_staff,
    new_shift,
    require,
    require_at_work,
    said_of,
    shifts_of,
    visits_of,
)
from nyckelfri.server.access.models import Absence, Takeover
from nyckelfri.server.access.plans import PlanError, Problem
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.homes.models import PlannedVisit, Shift
from nyckelfri.server.keys import actions_issue
from nyckelfri.server.people.models import Employee


@dataclass(frozen=True, slots=True)
class Share:
    """One visit, and who makes it now."""

    visit: PlannedVisit
    substitute: Employee


@dataclass(frozen=True, slots=True)
class TakenOver:
    """What was written: the visits' new people, and shifts added so that they are at work."""

    takeovers: tuple[Takeover, ...]
    shifts: tuple[Shift, ...]


def report_absence(
    viewer: Viewer,
    employee: Employee,
    *,
    start: datetime,
    end: datetime,
    reason: str,
    now: datetime,
) -> Absence:
    """Note that an employee is away: what they hold is revoked, and they get no more. PlanError.

    Whoever goes home in the middle of a shift keeps the margin after one, to lock behind them.
    """
    require(viewer)
    reason = plans.reason_of(reason)
    plans.require_absence(start, end, now)
    with transaction.atomic():
        (employee,) = locked_staff(viewer, [employee])
        same = Absence.objects.filter(
            employee=employee, ended_at=None, start__lt=end, end__gt=start
        )
        if same.exists():
            raise PlanError(Problem.DONE_ALREADY)
        row = Absence.objects.create(
            employee=employee, start=start, end=end, reason=reason, recorded_at=now
        )
        details = {"start": start.isoformat(), "end": end.isoformat()}
        deed = audit.Deed(Verb.ABSENCE_REPORT, f"employee:{employee.number}", reason, details)
        audit.record([deed], actor=viewer.actor, now=now)
    actions_issue.withdraw_from(employee, now)
    return row


def end_absence(viewer: Viewer, absence: Absence, *, now: datetime) -> Absence:
    """Somebody is back before it was thought; what others took over stays theirs. PlanError."""
    require(viewer)
    with transaction.atomic():
        locked_staff(viewer, [absence.employee])
        row = Absence.objects.select_for_update(no_key=True).get(pk=absence.pk)
        if row.ended_at is not None:
            raise PlanError(Problem.DONE_ALREADY)
        if row.end <= now:
            raise PlanError(Problem.OVER)
        row.ended_at = now
        row.save(update_fields=["ended_at"])
        deed = audit.Deed(Verb.ABSENCE_END, f"employee:{absence.employee.number}")
        audit.record([deed], actor=viewer.actor, now=now)
    return row


def take_over(
    viewer: Viewer,
    shares: Sequence[Share],
    *,
    instead_of: Employee,
    reason: str,
    now: datetime,
    with_shifts: bool = False,
    busy_too: bool = False,
) -> TakenOver:
    """Let others make visits of `instead_of`: all of these, or none. PlanError.

    `with_shifts` adds a shift by hand for whoever is not at work then; `busy_too` allows a
    visit at the same time as another.
    """
    require(viewer)
    reason = plans.reason_of(reason)
    if not shares:
        raise PlanError(Problem.NO_VISITS)
    with transaction.atomic():
        people = {
            row.pk: row
            for row in locked_staff(viewer, [instead_of, *(share.substitute for share in shares)])
        }
        visits = _locked_visits(share.visit for share in shares)
        done, deeds = [], []
        for share in shares:
            visit, substitute = visits[share.visit.pk], people[share.substitute.pk]
            _require_possible(visit, substitute, people[instead_of.pk], now, busy_too=busy_too)
            row = Takeover.objects.create(
                visit=visit,
                employee=substitute,
                instead_of=people[instead_of.pk],
                reason=reason,
                recorded_at=now,
            )
            details = {"employee": substitute.number, "instead_of": instead_of.number}
            what = f"visit:{visit.external_id}"
            deeds.append(audit.Deed(Verb.TAKEOVER_BEGIN, what, reason, details))
            done.append(row)
        shifts = _shifts_for(done, reason, now, add=with_shifts)
        deeds += [
            audit.Deed(Verb.SHIFT_ADD, f"shift:{row.external_id}", reason, said_of(row))
            for row in shifts
        ]
        audit.record(deeds, actor=viewer.actor, now=now)
    actions_issue.withdraw_from(instead_of, now)
    return TakenOver(tuple(done), tuple(shifts))


def end_takeover(viewer: Viewer, takeover: Takeover, *, reason: str, now: datetime) -> Takeover:
    """Give a visit back to whom the plan names; the other's access ends at once. PlanError."""
    require(viewer)
    reason = plans.reason_of(reason)
    with transaction.atomic():
        locked_staff(viewer, [takeover.employee, takeover.instead_of])
        row = (
            Takeover.objects.select_for_update(no_key=True, of=("self",))
            .select_related("visit")
            .get(pk=takeover.pk)
        )
        if row.ended_at is not None:
            raise PlanError(Problem.DONE_ALREADY)
        if row.visit.end <= now:
            raise PlanError(Problem.OVER)
        row.ended_at = now
        row.save(update_fields=["ended_at"])
        deed = audit.Deed(Verb.TAKEOVER_END, f"visit:{row.visit.external_id}", reason)
        audit.record([deed], actor=viewer.actor, now=now)
    actions_issue.withdraw_from(takeover.employee, now)
    return row


def _locked_visits(visits: Iterable[PlannedVisit]) -> dict[int, PlannedVisit]:
    wanted = {visit.pk for visit in visits}
    rows = PlannedVisit.objects.filter(pk__in=wanted).order_by("pk")
    return {row.pk: row for row in rows.select_for_update(no_key=True)}


def _require_possible(
    visit: PlannedVisit, substitute: Employee, former: Employee, now: datetime, *, busy_too: bool
) -> None:
    if visit.withdrawn_at is not None or former.pk not in {
        visit.employee_id,
        visit.second_employee_id,
    }:
        raise PlanError(Problem.NOT_THEIR_VISIT)
    if visit.end <= now:
        raise PlanError(Problem.OVER)
    if substitute.pk in {visit.employee_id, visit.second_employee_id}:
        raise PlanError(Problem.SAME_PERSON)
    open_ones = Takeover.objects.filter(visit=visit, ended_at=None)
    if open_ones.filter(instead_of=former).exists():
        raise PlanError(Problem.DONE_ALREADY)
    if open_ones.filter(employee=substitute).exists():
        raise PlanError(Problem.SAME_PERSON)
    if not plans.can_step_in(substitute, former):
        raise PlanError(Problem.COULD_NOT_OPEN)
    require_at_work(substitute, visit.start, visit.end)
    if not busy_too and visits_of(substitute, visit.start, visit.end).exists():
        raise PlanError(Problem.BUSY)


def _shifts_for(
    takeovers: Iterable[Takeover], reason: str, now: datetime, *, add: bool
) -> list[Shift]:
    """Shifts for those who are not at work when their visits begin; PlanError unless `add`."""
    outside: dict[int, list[Takeover]] = {}
    for row in takeovers:
        if not shifts_of(row.employee, row.visit.start, row.visit.end).exists():
            outside.setdefault(row.employee_id, []).append(row)
    if outside and not add:
        raise PlanError(Problem.NO_SHIFT)
    added = []
    for rows in outside.values():
        start = max(now, min(row.visit.start for row in rows))
        end = max(row.visit.end for row in rows)
        plans.require_ad_hoc(start, end, now)
        added.append(new_shift(rows[0].employee, start, end, reason))
    return added
