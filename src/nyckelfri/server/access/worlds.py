"""What is stored, as the values that the rules of care read.

House rules: reads only, and only what the rules read: no name, no address, no mark of
protected identity. Rows are read for a number of employees and homes; leaving out a home
can only take access away, so a mistake in what is asked for locks out and never lets in.

Three things are settled here, since the rules know only plans: who is away has no shift
while they are, a visit that a substitute has taken over is the substitute's, and a phone
that an employee holds, or is signed in on, is theirs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from django.db.models import Exists, OuterRef, Q, QuerySet

from nyckelfri.care import world
from nyckelfri.care.times import FOREVER, DateRange, Window, stretch
from nyckelfri.care.world import PhoneStanding, World
from nyckelfri.server.access.models import (
    Absence,
    HealthAssignment,
    OwnClient,
    Takeover,
    Withdrawal,
)
from nyckelfri.server.homes import models as homes
from nyckelfri.server.homes.models import CareTeam, Client
from nyckelfri.server.locks.models import Installation, LockUnit
from nyckelfri.server.people.models import LICENSED, Employee, Phone, PhoneState, Role
from nyckelfri.server.phones.models import PersonalSession

ROLES = {
    Role.ASSISTANT_NURSE: world.Role.CARER,
    Role.CARE_ASSISTANT: world.Role.CARER,
    Role.SUBSTITUTE: world.Role.SUBSTITUTE,
    **dict.fromkeys(LICENSED, world.Role.HEALTH),
}
"""How employees come by a door; everybody else never does."""
_FEW = 1000
"""So many homes and doors are asked for by number; beyond that by a question, or all."""
_Away: TypeAlias = dict[str, list[Window]]


@dataclass(frozen=True, slots=True)
class Reach:
    """Whose rows are read: these employees, homes and teams, the shifts and visits in `span`.

    `as_of`: what was ended or withdrawn later still counts.
    """

    staff: QuerySet[Employee]
    clients: QuerySet[Client]
    teams: QuerySet[CareTeam]
    visits: QuerySet[homes.PlannedVisit]
    span: Window
    as_of: datetime


def build(reach: Reach) -> World:
    """Everything that the rules read, of what is asked for."""
    rows = list(
        reach.clients.order_by().values_list(
            "external_id",
            "area",
            "front_door_id",
            "entrance__external_id",
            "entrance__door__pk",
            "pk",
        )
    )
    entrances = {key: door for _, _, _, key, door, _ in rows if key is not None}
    units = _units({door for _, _, door, *_ in rows if door} | set(entrances.values()))
    away = _away(reach)
    few = len(rows) <= _FEW
    ids = [row[-1] for row in rows] if few else reach.clients.order_by().values("pk")
    return World(
        mounted_locks=frozenset(units.values()),
        entrances=tuple(
            world.Entrance(key, units.get(door)) for key, door in sorted(entrances.items())
        ),
        clients=tuple(
            world.Client(key, area, units.get(door), entrance)
            for key, area, door, entrance, *_ in rows
        ),
        decisions=tuple(_decisions(ids, reach.as_of)),
        choices=tuple(_choices(ids, reach.as_of)),
        teams=tuple(_teams(reach.teams)),
        employees=tuple(_staff(reach)),
        shifts=tuple(_shifts(reach, away)),
        visits=tuple(_visits(reach, away)),
        assignments=tuple(_assignments(reach, ids)),
        alarms=(),  # No alarms are stored yet.
        withdrawals=tuple(_withdrawals(reach)),
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


def _units(doors: Collection[int]) -> dict[int | None, str]:
    rows = in_service()
    if len(doors) <= _FEW:
        rows = rows.filter(door_id__in=doors)
    return dict(rows.values_list("door_id", "lock_unit__external_id"))


def _decisions(clients: Any, as_of: datetime) -> Iterator[world.CareDecision]:
    rows = homes.CareDecision.objects.filter(
        not_ended("withdrawn_at", as_of), client_id__in=clients
    )
    for key, client, service, first, last in rows.order_by().values_list(
        "external_id", "client__external_id", "service", "valid_from", "valid_till"
    ):
        yield world.CareDecision(key, client, world.Service(service), DateRange(first, last))


def _choices(clients: Any, as_of: datetime) -> Iterator[world.ProviderChoice]:
    rows = homes.ProviderChoice.objects.filter(
        not_ended("withdrawn_at", as_of), client_id__in=clients
    )
    for client, service, provider, first, last, team in rows.order_by().values_list(
        "client__external_id",
        "service",
        "provider__org_number",
        "valid_from",
        "valid_till",
        "care_team__external_id",
    ):
        yield world.ProviderChoice(
            choice_id(client, service, first),
            client,
            world.Service(service),
            provider,
            DateRange(first, last),
            team,
        )


def choice_id(client: str, service: str, first: Any) -> str:
    """What the rules call a choice of provider."""
    return f"{client}/{service}/{first}"


def _teams(teams: QuerySet[CareTeam]) -> Iterator[world.CareTeam]:
    rows = teams.order_by().values_list("external_id", "kind", "provider__org_number", "area")
    for key, kind, provider, area in rows:
        yield world.CareTeam(key, world.TeamKind(kind), provider, area or None)


def _staff(reach: Reach) -> Iterator[world.Employee]:
    own: defaultdict[str, set[str]] = defaultdict(set)
    limits = OwnClient.objects.filter(
        not_ended("ended_at", reach.as_of), employee__in=reach.staff
    ).order_by()
    for number, client in limits.values_list("employee__number", "client__external_id"):
        own[number].add(client)
    rows = with_phones(reach.staff, reach.as_of).values_list(
        "number",
        "role",
        "employed_from",
        "employed_till",
        "care_team__external_id",
        "phone_in_use",
        "phone_waiting",
        "phone_blocked",
    )
    for number, role, first, last, team, in_use, waiting, blocked in rows:
        yield world.Employee(
            number,
            ROLES.get(Role(role), world.Role.OTHER),
            DateRange(first, last),
            team,
            _standing(in_use=in_use, waiting=waiting, blocked=blocked),
            frozenset(own[number]) if number in own else None,
        )


def with_phones(staff: QuerySet[Employee], as_of: datetime) -> QuerySet[Any]:
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


def _standing(*, in_use: bool, waiting: bool, blocked: bool) -> PhoneStanding:
    if in_use:
        return PhoneStanding.IN_USE
    return PhoneStanding.BLOCKED if blocked and not waiting else PhoneStanding.NONE


def _away(reach: Reach) -> _Away:
    """When employees are away, by number."""
    rows = Absence.objects.filter(employee__in=reach.staff, **in_span(reach.span)).order_by()
    found: _Away = defaultdict(list)
    for number, start, end, ended in rows.values_list(
        "employee__number", "start", "end", "ended_at"
    ):
        window = until(start, end, ended)
        if window is not None:
            found[number].append(window)
    return found


def until(start: datetime, end: datetime | None, ended: datetime | None) -> Window | None:
    """The time that a row held, or holds: until its end or until it was ended."""
    last = min(end or FOREVER, ended or FOREVER)
    return stretch(start, last) if start < last else None


def _shifts(reach: Reach, away: _Away) -> Iterator[world.Shift]:
    rows = homes.Shift.objects.filter(
        not_ended("withdrawn_at", reach.as_of), employee__in=reach.staff, **in_span(reach.span)
    ).order_by()
    for key, number, start, end, ad_hoc in rows.values_list(
        "external_id", "employee__number", "start", "end", "ad_hoc"
    ):
        parts = [stretch(start, end)]
        for window in away.get(number, ()):
            parts = [rest for part in parts for rest in part.without(window)]
        for part in parts:
            yield world.Shift(key, number, part.start, part.end, ad_hoc)


def _visits(reach: Reach, away: _Away) -> Iterator[world.PlannedVisit]:
    visits = reach.visits.filter(not_ended("withdrawn_at", reach.as_of), **in_span(reach.span))
    taken = _taken_over(visits, reach.as_of)
    rows = visits.order_by().values_list(
        "pk",
        "external_id",
        "client__external_id",
        "employee__number",
        "second_employee__number",
        "start",
        "end",
        "services",
        "ad_hoc",
    )
    for pk, key, client, first, second, start, end, services, ad_hoc in rows.iterator():
        seats = [taken.get((pk, number), number) for number in (first, second) if number]
        there = (
            number
            for number in dict.fromkeys(seats)
            if not any(window.holds(start) for window in away.get(number, ()))
        )
        yield world.PlannedVisit(
            key,
            client,
            tuple(there),
            start,
            end,
            frozenset(world.Service(service) for service in services),
            ad_hoc,
        )


def _taken_over(
    visits: QuerySet[homes.PlannedVisit], as_of: datetime
) -> dict[tuple[int, str], str]:
    """By visit and whom the plan names: who goes instead."""
    rows = Takeover.objects.filter(
        not_ended("ended_at", as_of), visit__in=visits.order_by()
    ).order_by("pk")
    return {
        (visit, instead): number
        for visit, instead, number in rows.values_list(
            "visit_id", "instead_of__number", "employee__number"
        )
    }


def _assignments(reach: Reach, clients: Any) -> Iterator[world.Assignment]:
    rows = HealthAssignment.objects.filter(
        not_ended("ended_at", reach.as_of),
        employee__in=reach.staff,
        client_id__in=clients,
    ).order_by()
    for pk, number, client, first, last in rows.values_list(
        "pk", "employee__number", "client__external_id", "valid_from", "valid_till"
    ):
        yield world.Assignment(str(pk), number, client, DateRange(first, last))


def _withdrawals(reach: Reach) -> Iterator[world.Withdrawal]:
    rows: Iterable[tuple[Any, ...]] = (
        withdrawals_in(reach.span)
        .filter(employee__in=reach.staff)
        .values_list("pk", "employee__number", "client__external_id", "start", "end", "ended_at")
    )
    for pk, number, client, start, end, ended in rows:
        window = until(start, end, ended)
        if window is not None:
            yield world.Withdrawal(str(pk), number, client, window)


def withdrawals_in(span: Window) -> QuerySet[Withdrawal]:
    """Withdrawals that reach into `span`; those that have ended too, as a past shift does."""
    return Withdrawal.objects.filter(
        not_ended("end", span.start), not_ended("ended_at", span.start), start__lt=span.end
    ).order_by()
