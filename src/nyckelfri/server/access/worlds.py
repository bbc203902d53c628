"""What is stored, for the rules of care to read.

House rules: reads only, and only what the rules read: no name, no address, no mark of
protected identity. Rows are read for a number of employees and homes, in three queries: the
homes, what is planned for them, the staff. Leaving out a row can only take access away, so a
mistake in what is asked for locks out and never lets in; what takes away is read by whom it
is taken from, never by the home.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from nyckelfri.care.times import Window
from nyckelfri.care.world import World
from nyckelfri.server.access.models import (
    Absence,
    HealthAssignment,
    OwnClient,
    Takeover,
    Withdrawal,
)
from nyckelfri.server.access.values import People, Plans, together
from nyckelfri.server.homes.models import (
    CareDecision,
    CareTeam,
    Client,
    PlannedVisit,
    ProviderChoice,
    Shift,
)
from nyckelfri.server.locks.models import Installation, LockUnit
from nyckelfri.server.people.models import Employee, Phone, PhoneState
from nyckelfri.server.phones.models import PersonalSession
from nyckelfri.server.questions import Row, ask

_FEW = 1000
"""So many homes and doors are asked for by number; beyond that by a question, or all."""
_TEAM = ("external_id", "kind", "provider__org_number", "area")


class When(NamedTuple):
    """The shifts and visits in `span`; what was ended or withdrawn after `as_of` still counts."""

    span: Window
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Reach:
    """Whose rows are read: these employees, homes, teams and visits."""

    staff: QuerySet[Employee]
    clients: QuerySet[Client]
    teams: QuerySet[CareTeam]
    visits: QuerySet[PlannedVisit]


def build(reach: Reach, when: When) -> World:
    """Everything that the rules read, of what is asked for."""
    (rows,) = ask(homes(reach.clients))
    few = len(rows) <= _FEW
    keys = [pk for pk, *_ in rows] if few else reach.clients.order_by().values("pk")
    plans = plans_for(rows, keys, reach.teams, reach.visits, when)
    return together(plans, people(reach.staff, when))


def homes(clients: QuerySet[Client]) -> QuerySet[Client, Row]:
    """The question for homes: key, id, area, front door, entrance and its door."""
    return clients.order_by().values_list(
        "pk", "external_id", "area", "front_door_id", "entrance__external_id", "entrance__door__pk"
    )


def plans_for(
    rows: Sequence[Row],
    keys: Any,
    teams: QuerySet[CareTeam],
    visits: QuerySet[PlannedVisit],
    when: When,
) -> Plans:
    """What there is for these `homes`, whose clients have these keys."""
    theirs = Q(client_id__in=keys)
    decided = theirs & not_ended("withdrawn_at", when.as_of)
    planned = visits.filter(not_ended("withdrawn_at", when.as_of), **in_span(when.span)).order_by()
    return Plans(
        rows,
        *ask(
            _units({door for row in rows for door in (row[3], row[5]) if door}),
            CareDecision.objects.filter(decided)
            .order_by()
            .values_list("external_id", "client_id", "service", "valid_from", "valid_till"),
            ProviderChoice.objects.filter(decided)
            .order_by()
            .values_list(
                "client_id",
                "service",
                "provider__org_number",
                "valid_from",
                "valid_till",
                "care_team_id",
            ),
            teams.order_by().values_list("pk", *_TEAM),
            planned.values_list(
                "pk",
                "external_id",
                "client_id",
                "employee_id",
                "second_employee_id",
                "start",
                "end",
                "services",
                "ad_hoc",
            ),
            Takeover.objects.filter(not_ended("ended_at", when.as_of), visit__in=planned)
            .order_by()
            .values_list("pk", "visit_id", "instead_of_id", "employee_id"),
            HealthAssignment.objects.filter(theirs, not_ended("ended_at", when.as_of))
            .order_by()
            .values_list("pk", "employee_id", "client_id", "valid_from", "valid_till"),
        ),
    )


def people(staff: QuerySet[Employee], when: When) -> People:
    """What there is of these employees."""
    theirs = Q(employee__in=staff.order_by())
    return People(
        *ask(
            _with_phones(staff, when.as_of).values_list(
                "pk",
                "number",
                "role",
                "employed_from",
                "employed_till",
                "phone_in_use",
                "phone_waiting",
                "phone_blocked",
                "care_team_id",
                *(f"care_team__{name}" for name in _TEAM),
            ),
            OwnClient.objects.filter(theirs, not_ended("ended_at", when.as_of))
            .order_by()
            .values_list("employee_id", "client__external_id"),
            Absence.objects.filter(theirs, **in_span(when.span))
            .order_by()
            .values_list("employee_id", "start", "end", "ended_at"),
            Shift.objects.filter(
                theirs, not_ended("withdrawn_at", when.as_of), **in_span(when.span)
            )
            .order_by()
            .values_list("external_id", "employee_id", "start", "end", "ad_hoc"),
            withdrawals_in(when.span)
            .filter(theirs)
            .values_list("pk", "employee_id", "client__external_id", "start", "end", "ended_at"),
        )
    )


def not_ended(field: str, as_of: datetime) -> Q:
    """Rows that `field` had not ended at a moment."""
    return Q(**{field: None}) | Q(**{f"{field}__gt": as_of})


def in_span(span: Window) -> dict[str, datetime]:
    """Shifts and visits that reach into `span`."""
    return {"start__lt": span.end, "end__gt": span.start}


def in_service() -> QuerySet[Installation]:
    """Installations that grants are for: the one of each mounted unit that is not retired."""
    return Installation.objects.filter(
        retired_at=None, lock_unit__status=LockUnit.Status.MOUNTED
    ).order_by()


def _units(doors: Collection[int]) -> QuerySet[Installation, Row]:
    rows = in_service()
    if len(doors) <= _FEW:
        rows = rows.filter(door_id__in=doors)
    return rows.values_list("door_id", "lock_unit__external_id")


def _with_phones(staff: QuerySet[Employee], as_of: datetime) -> QuerySet[Any]:
    """Say of each employee which phones there are: in use, waiting to be enrolled, blocked."""
    held = Phone.objects.filter(holder=OuterRef("pk")).order_by()
    signed_in = PersonalSession.objects.filter(
        employee=OuterRef("pk"), closed_at=None, until__gt=as_of, phone__state=PhoneState.ENROLLED
    ).order_by()
    return staff.order_by().annotate(
        phone_in_use=Exists(held.filter(state=PhoneState.ENROLLED)) | Exists(signed_in),
        phone_waiting=Exists(held.filter(state=PhoneState.REGISTERED)),
        phone_blocked=Exists(held.filter(state=PhoneState.BLOCKED)),
    )


def withdrawals_in(span: Window) -> QuerySet[Withdrawal]:
    """Withdrawals that reach into `span`; those that have ended too, as a past shift does."""
    return Withdrawal.objects.filter(
        not_ended("end", span.start), not_ended("ended_at", span.start), start__lt=span.end
    ).order_by()
