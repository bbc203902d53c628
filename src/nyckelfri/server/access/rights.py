"""Who may open what, as the rules derive it from what is stored.

House rules: reads only, and only what the rules read: no name, no address. For one
employee only the homes are read that the rules could lead to; leaving out a home
can only take access away, so a mistake here locks out and never lets in.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from nyckelfri.care import access, world
from nyckelfri.care.grants import AccessGrant
from nyckelfri.care.policy import Policy
from nyckelfri.care.times import DateRange
from nyckelfri.care.world import World
from nyckelfri.server.homes import models as homes
from nyckelfri.server.homes.models import CareTeam, Client
from nyckelfri.server.locks.models import Door, Installation, LockUnit
from nyckelfri.server.people.models import LICENSED, Employee, Role

_ROLES = {
    Role.ASSISTANT_NURSE: world.Role.CARER,
    Role.CARE_ASSISTANT: world.Role.CARER,
    Role.SUBSTITUTE: world.Role.SUBSTITUTE,
    **dict.fromkeys(LICENSED, world.Role.HEALTH),
}
_SLACK = timedelta(hours=6)
"""More than any margin around a shift or a visit."""


def of_employee(employee: Employee, policy: Policy, now: datetime) -> list[AccessGrant]:
    """Derive what one employee may open, from `now` to the horizon."""
    staff = Employee.objects.filter(pk=employee.pk)
    found = access.derive(
        _world(staff, _homes_for(employee, policy, now), policy, now), policy, now
    )
    return [right for right in found if right.employee_id == employee.number]


def of_all(policy: Policy, now: datetime) -> list[AccessGrant]:
    """Derive what everybody may open, from `now` to the horizon."""
    everybody = Employee.objects.all()
    return access.derive(_world(everybody, Client.objects.all(), policy, now), policy, now)


def current_installations(locks: Iterable[str]) -> dict[str, Installation]:
    """By lock id, of these locks: the installation that grants are for."""
    rows = _in_service().filter(lock_unit__external_id__in=set(locks))
    return {row.lock_unit.external_id: row for row in rows.select_related("lock_unit", "door")}


def _in_service() -> QuerySet[Installation]:
    return Installation.objects.filter(
        retired_at=None, lock_unit__status=LockUnit.Status.MOUNTED
    ).order_by()


def _homes_for(employee: Employee, policy: Policy, now: datetime) -> QuerySet[Client]:
    """Every home that a rule could lead this employee to."""
    everyone = Client.objects.all()
    team = employee.care_team
    match _ROLES.get(Role(employee.role), world.Role.OTHER):
        case world.Role.CARER if team is not None and team.kind == CareTeam.Kind.HOME_CARE:
            return everyone.filter(
                provider_choices__provider_id=team.provider_id,
                provider_choices__withdrawn_at=None,
            ).distinct()
        case world.Role.CARER if team is not None:
            return everyone.filter(area=team.area) if team.area else everyone
        case world.Role.SUBSTITUTE | world.Role.HEALTH:
            return everyone.filter(
                pk__in=_visits(Employee.objects.filter(pk=employee.pk), policy, now).values(
                    "client_id"
                )
            )
    return everyone.none()


def _world(
    staff: QuerySet[Employee], clients: QuerySet[Client], policy: Policy, now: datetime
) -> World:
    units = dict(_in_service().values_list("door_id", "lock_unit__external_id"))
    ids = clients.order_by().values("pk")
    decisions = homes.CareDecision.objects.filter(client_id__in=ids, withdrawn_at=None)
    choices = homes.ProviderChoice.objects.filter(client_id__in=ids, withdrawn_at=None)
    shifts = homes.Shift.objects.filter(
        employee__in=staff, withdrawn_at=None, **_window(policy, now)
    )
    entrances = Door.objects.filter(entrance__isnull=False).values_list(
        "entrance__external_id", "pk"
    )
    return World(
        mounted_locks=frozenset(units.values()),
        entrances=tuple(world.Entrance(key, units.get(door)) for key, door in entrances),
        clients=tuple(
            world.Client(key, area, units.get(door) if door is not None else None, entrance)
            for key, area, door, entrance in clients.values_list(
                "external_id", "area", "front_door_id", "entrance__external_id"
            )
        ),
        decisions=tuple(
            world.CareDecision(key, client, world.Service(service), DateRange(start, end))
            for key, client, service, start, end in decisions.values_list(
                "external_id", "client__external_id", "service", "valid_from", "valid_till"
            )
        ),
        choices=tuple(
            world.ProviderChoice(
                f"{client}/{service}/{start}",
                client,
                world.Service(service),
                provider,
                DateRange(start, end),
                team,
            )
            for client, service, provider, start, end, team in choices.values_list(
                "client__external_id",
                "service",
                "provider__org_number",
                "valid_from",
                "valid_till",
                "care_team__external_id",
            )
        ),
        teams=tuple(_teams()),
        employees=tuple(_staff(staff)),
        shifts=tuple(
            world.Shift(key, number, start, end)
            for key, number, start, end in shifts.values_list(
                "external_id", "employee__number", "start", "end"
            )
        ),
        visits=tuple(_planned(_visits(staff, policy, now))),
    )


def _teams() -> Iterable[world.CareTeam]:
    rows = CareTeam.objects.values_list("external_id", "kind", "provider__org_number", "area")
    for key, kind, provider, area in rows:
        yield world.CareTeam(key, world.TeamKind(kind), provider, area or None)


def _staff(staff: QuerySet[Employee]) -> Iterable[world.Employee]:
    rows = staff.values_list(
        "number", "role", "employed_from", "employed_till", "care_team__external_id"
    )
    for number, role, start, end, team in rows:
        as_role = _ROLES.get(Role(role), world.Role.OTHER)
        yield world.Employee(number, as_role, DateRange(start, end), team)


def _visits(
    staff: QuerySet[Employee], policy: Policy, now: datetime
) -> QuerySet[homes.PlannedVisit]:
    return homes.PlannedVisit.objects.filter(
        Q(employee__in=staff) | Q(second_employee__in=staff),
        withdrawn_at=None,
        **_window(policy, now),
    )


def _planned(visits: QuerySet[homes.PlannedVisit]) -> Iterable[world.PlannedVisit]:
    rows = visits.values_list(
        "external_id",
        "client__external_id",
        "employee__number",
        "second_employee__number",
        "start",
        "end",
        "services",
    )
    for key, client, first, second, start, end, services in rows:
        yield world.PlannedVisit(
            key,
            client,
            (first, second) if second else (first,),
            start,
            end,
            frozenset(world.Service(service) for service in services),
        )


def _window(policy: Policy, now: datetime) -> dict[str, datetime]:
    """Keep what `access.derive` looks at, and some more."""
    return {
        "start__lte": now + policy.horizon + _SLACK,
        "end__gt": now - policy.longest_grant - _SLACK,
    }
