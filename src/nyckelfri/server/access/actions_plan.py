"""Putting a plan right by hand: a visit or a shift more, and taking it back.

House rules: check → change → audit row, in one transaction; access follows from the plan
and from nothing else. What takes access away revokes it as soon as it is committed.
Reasons are read by the client too, so they name nobody.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Q, QuerySet

from nyckelfri.server.access import plans
from nyckelfri.server.access.models import Absence, Takeover
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.plans import PlanError, Problem
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.homes.models import Client, PlannedVisit, Service, Shift
from nyckelfri.server.keys import actions_issue
from nyckelfri.server.people.models import Employee
from nyckelfri.server.phones.queries import is_employed

_ByHand = TypeVar("_ByHand", Shift, PlannedVisit)


def add_shift(
    viewer: Viewer,
    employee: Employee,
    *,
    start: datetime,
    end: datetime,
    reason: str,
    now: datetime,
    busy_too: bool = False,
) -> Shift:
    """Add a shift for somebody who works though the rota does not say so; PlanError.

    `busy_too` allows it to overlap another of theirs.
    """
    require(viewer)
    reason = plans.reason_of(reason)
    plans.require_ad_hoc(start, end, now)
    with transaction.atomic():
        (employee,) = locked_staff(viewer, [employee])
        require_at_work(employee, start, end)
        if not busy_too and shifts_of(employee, start, end).exists():
            raise PlanError(Problem.BUSY)
        row = new_shift(employee, start, end, reason)
        _record(Verb.SHIFT_ADD, f"shift:{row.external_id}", viewer, now, reason, said_of(row))
    return row


def add_visit(  # noqa: PLR0913 -- one keyword a field of the form
    viewer: Viewer,
    client: Client,
    employee: Employee,
    *,
    start: datetime,
    end: datetime,
    services: Iterable[str],
    reason: str,
    now: datetime,
    second: Employee | None = None,
    busy_too: bool = False,
) -> PlannedVisit:
    """Add a visit that the rota lacks, by one employee or two; PlanError.

    It opens the door to whom the rules let in by a visit; it is not a key.
    """
    require(viewer)
    reason = plans.reason_of(reason)
    plans.require_ad_hoc(start, end, now)
    wanted = sorted(set(services))
    if not wanted or not set(wanted) <= set(Service.values):
        raise PlanError(Problem.NO_SERVICE)
    if second is not None and second.pk == employee.pk:
        raise PlanError(Problem.SAME_PERSON)
    with transaction.atomic():
        people = locked_staff(viewer, [employee, *([second] if second else [])])
        client = _locked_client(viewer, client, now)
        for person in people:
            require_at_work(person, start, end)
            if not busy_too and visits_of(person, start, end).exists():
                raise PlanError(Problem.BUSY)
        row = PlannedVisit.objects.create(
            external_id=_new_id(),
            client=client,
            employee=employee,
            second_employee=second,
            start=start,
            end=end,
            services=wanted,
            ad_hoc=True,
            reason=reason,
        )
        _record(Verb.VISIT_ADD, f"visit:{row.external_id}", viewer, now, reason, said_of(row))
    return row


def cancel_ad_hoc(viewer: Viewer, row: _ByHand, *, reason: str, now: datetime) -> _ByHand:
    """Take back a shift or visit that was added by hand; the access it gave ends at once."""
    require(viewer)
    reason = plans.reason_of(reason)
    with transaction.atomic():
        locked_staff(viewer, [row.employee])
        row = type(row).objects.select_for_update(no_key=True).get(pk=row.pk)
        if not row.ad_hoc:
            raise PlanError(Problem.NOT_BY_HAND)
        if row.withdrawn_at is not None:
            raise PlanError(Problem.DONE_ALREADY)
        if row.end <= now:
            raise PlanError(Problem.OVER)
        row.withdrawn_at = now
        row.save(update_fields=["withdrawn_at"])
        verb, kind = Verb.SHIFT_CANCEL, "shift"
        if isinstance(row, PlannedVisit):
            verb, kind = Verb.VISIT_CANCEL, "visit"
            Takeover.objects.filter(visit=row, ended_at=None).update(ended_at=now)
        _record(verb, f"{kind}:{row.external_id}", viewer, now, reason, {})
    if isinstance(row, PlannedVisit):
        actions_issue.withdraw_at(row.client, now)
    else:
        actions_issue.withdraw_from(row.employee, now)
    return row


# What this module shares with `actions_absence`.


def require(viewer: Viewer) -> None:
    """PlanError for whoever may not plan."""
    if not viewer.may(Permission.PLAN):
        raise PlanError(Problem.NOT_ALLOWED)


def locked_staff(viewer: Viewer, people: Iterable[Employee]) -> list[Employee]:
    """Read these employees afresh in the order of their keys; PlanError for a stranger.

    Nobody else changes their plans by hand until this transaction ends.
    """
    wanted = {person.pk for person in people}
    rows = list(
        viewer.staff()
        .filter(pk__in=wanted)
        .order_by("pk")
        .select_for_update(no_key=True, of=("self",))
    )
    if len(rows) != len(wanted):
        raise PlanError(Problem.NOT_YOURS)
    return rows


def require_at_work(employee: Employee, start: datetime, end: datetime) -> None:
    """PlanError for whoever is not employed then, or reported absent."""
    if not is_employed(employee, start):
        raise PlanError(Problem.NOT_EMPLOYED)
    away = Absence.objects.filter(employee=employee, ended_at=None, start__lt=end, end__gt=start)
    if away.exists():
        raise PlanError(Problem.AWAY)


def shifts_of(employee: Employee, start: datetime, end: datetime) -> QuerySet[Shift]:
    """Their shifts that touch this time."""
    return Shift.objects.filter(employee=employee, withdrawn_at=None, start__lt=end, end__gt=start)


def visits_of(employee: Employee, start: datetime, end: datetime) -> QuerySet[PlannedVisit]:
    """Visits that touch this time and are theirs, by the plan or taken over."""
    taken = Q(takeovers__employee=employee, takeovers__ended_at=None)
    planned = Q(employee=employee) | Q(second_employee=employee)
    given = Takeover.objects.filter(instead_of=employee, ended_at=None).values("visit_id")
    return PlannedVisit.objects.filter(
        (planned & ~Q(pk__in=given)) | taken, withdrawn_at=None, start__lt=end, end__gt=start
    ).distinct()


def new_shift(employee: Employee, start: datetime, end: datetime, reason: str) -> Shift:
    """Store a shift by hand; the caller has checked it and writes the audit row."""
    return Shift.objects.create(
        external_id=_new_id(),
        employee=employee,
        start=start,
        end=end,
        ad_hoc=True,
        reason=reason,
    )


def said_of(row: Shift | PlannedVisit) -> dict[str, Any]:
    """What the audit log keeps of a shift or visit by hand."""
    said = {
        "employee": row.employee.number,
        "start": row.start.isoformat(),
        "end": row.end.isoformat(),
    }
    if isinstance(row, PlannedVisit):
        said["client"] = row.client.external_id
        if row.second_employee is not None:
            said["second"] = row.second_employee.number
    return said


def _locked_client(viewer: Viewer, client: Client, now: datetime) -> Client:
    """Lock the client, whose visits by hand are then written by one at a time; PlanError."""
    if not viewer.clients(now).filter(pk=client.pk).exists():
        raise PlanError(Problem.NOT_YOURS)
    return Client.objects.select_for_update(no_key=True).get(pk=client.pk)


def _new_id() -> str:
    """An id that no care system gives: AH and twelve random hexadecimal digits."""
    return f"AH-{secrets.token_hex(6).upper()}"


def _record(  # noqa: PLR0917 -- what one audit row says
    verb: Verb, what: str, viewer: Viewer, now: datetime, reason: str, details: dict[str, Any]
) -> None:
    audit.record([audit.Deed(verb, what, reason, details)], actor=viewer.actor, now=now)
