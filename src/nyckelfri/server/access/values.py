"""Stored rows, as the values that the rules of care read.

House rules: pure functions of rows. Three things are settled here, since the rules know only
plans: who is away has no shift while they are, a visit that a substitute has taken over is
the substitute's, and a phone that an employee holds, or is signed in on, is theirs.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from nyckelfri.care import world
from nyckelfri.care.times import FOREVER, DateRange, Window, stretch
from nyckelfri.care.world import PhoneStanding, World
from nyckelfri.server.people.models import LICENSED, Role
from nyckelfri.server.questions import Row

ROLES = {
    Role.ASSISTANT_NURSE: world.Role.CARER,
    Role.CARE_ASSISTANT: world.Role.CARER,
    Role.SUBSTITUTE: world.Role.SUBSTITUTE,
    **dict.fromkeys(LICENSED, world.Role.HEALTH),
}
"""How employees come by a door; everybody else never does."""
_SERVICES = {service.value: service for service in world.Service}


class InService(NamedTuple):
    """An installation that grants are for: its key, and its id."""

    pk: int
    identifier: bytes


class Plans(NamedTuple):
    """Rows about homes: where they are, what is mounted, decided, chosen and planned there."""

    homes: Sequence[Row]
    units: Sequence[Row]
    decisions: Sequence[Row]
    choices: Sequence[Row]
    teams: Sequence[Row]
    takeovers: Sequence[Row]
    assignments: Sequence[Row]
    visits: Sequence[Row]

    def in_service(self) -> dict[str, InService]:
        """By lock id: the installation that grants are for."""
        return {lock: InService(pk, identifier) for _, lock, pk, identifier in self.units}

    def guests(self) -> set[int]:
        """Keys of those who come by these homes whatever team they are in."""
        planned = {who for *_, first, second, _, _, _, _ in self.visits for who in (first, second)}
        instead = {who for *_, who in self.takeovers}
        return (planned | instead | {who for _, who, *_ in self.assignments}) - {None}


class People(NamedTuple):
    """Rows about staff: who they are, when they work and what is kept from them."""

    staff: Sequence[Row]
    own_clients: Sequence[Row]
    absences: Sequence[Row]
    shifts: Sequence[Row]
    withdrawals: Sequence[Row]


def together(plans: Plans, people: People) -> World:
    """The world of these rows, without what is planned for nobody, or no home, among them."""
    units: dict[int | None, str] = {door: lock for door, lock, *_ in plans.units}
    entrances = {key: door for *_, key, door in plans.homes if key is not None}
    homes = {pk: key for pk, key, *_ in plans.homes}
    staff = {pk: number for pk, number, *_ in people.staff}
    teams = {pk: team for pk, *team in plans.teams}
    teams.update({row[8]: row[9:] for row in people.staff if row[8] is not None})
    away = _away(people)
    return World(
        mounted_locks=frozenset(units.values()),
        entrances=tuple(
            world.Entrance(key, units.get(door)) for key, door in sorted(entrances.items())
        ),
        clients=tuple(
            world.Client(key, area, units.get(door), entrance)
            for _, key, area, door, entrance, _ in plans.homes
        ),
        decisions=tuple(
            world.CareDecision(key, homes[home], _SERVICES[service], DateRange(first, last))
            for key, home, service, first, last in plans.decisions
            if home in homes
        ),
        choices=tuple(_choices(plans, homes, teams)),
        teams=tuple(
            world.CareTeam(key, world.TeamKind(kind), provider, area or None)
            for key, kind, provider, area in teams.values()
        ),
        employees=tuple(_employees(people)),
        shifts=tuple(_shifts(people, staff, away)),
        visits=tuple(_visits(plans, homes, staff, away)),
        assignments=tuple(
            world.Assignment(str(pk), staff[who], homes[home], DateRange(first, last))
            for pk, who, home, first, last in plans.assignments
            if who in staff and home in homes
        ),
        alarms=(),  # No alarms are stored yet.
        withdrawals=tuple(_withdrawals(people, staff)),
    )


def choice_id(client: str, service: str, first: Any) -> str:
    """What the rules call a choice of provider."""
    return f"{client}/{service}/{first}"


def _choices(
    plans: Plans, homes: Mapping[int, str], teams: Mapping[int, Sequence[str]]
) -> Iterator[world.ProviderChoice]:
    for home, service, provider, first, last, team in plans.choices:
        if home in homes:
            yield world.ProviderChoice(
                choice_id(homes[home], service, first),
                homes[home],
                _SERVICES[service],
                provider,
                DateRange(first, last),
                None if team is None else teams[team][0],
            )


def _employees(people: People) -> Iterator[world.Employee]:
    own: defaultdict[int, set[str]] = defaultdict(set)
    for who, client in people.own_clients:
        own[who].add(client)
    for pk, number, role, first, last, in_use, waiting, blocked, _, team, *_ in people.staff:
        yield world.Employee(
            number,
            ROLES.get(Role(role), world.Role.OTHER),
            DateRange(first, last),
            team,
            _standing(in_use=in_use, waiting=waiting, blocked=blocked),
            frozenset(own[pk]) if pk in own else None,
        )


def _standing(*, in_use: bool, waiting: bool, blocked: bool) -> PhoneStanding:
    if in_use:
        return PhoneStanding.IN_USE
    return PhoneStanding.BLOCKED if blocked and not waiting else PhoneStanding.NONE


def _away(people: People) -> Mapping[int, list[Window]]:
    """When employees are away, by key."""
    found: defaultdict[int, list[Window]] = defaultdict(list)
    for who, start, end, ended in people.absences:
        window = _until(start, end, ended)
        if window is not None:
            found[who].append(window)
    return found


def _until(start: datetime, end: datetime | None, ended: datetime | None) -> Window | None:
    """The time that a row held, or holds: until its end or until it was ended."""
    last = min(end or FOREVER, ended or FOREVER)
    return stretch(start, last) if start < last else None


def _shifts(
    people: People, staff: Mapping[int, str], away: Mapping[int, list[Window]]
) -> Iterator[world.Shift]:
    for key, who, start, end, ad_hoc in people.shifts:
        parts = [stretch(start, end)]
        for window in away.get(who, ()):
            parts = [rest for part in parts for rest in part.without(window)]
        for part in parts:
            yield world.Shift(key, staff[who], part.start, part.end, ad_hoc)


def _visits(
    plans: Plans,
    homes: Mapping[int, str],
    staff: Mapping[int, str],
    away: Mapping[int, list[Window]],
) -> Iterator[world.PlannedVisit]:
    # By visit and whom the plan names: who goes instead, as was said last.
    taken: dict[tuple[int, int], int]
    taken = {(visit, instead): who for _, visit, instead, who in sorted(plans.takeovers)}
    for pk, key, home, first, second, start, end, services, ad_hoc in plans.visits:
        if home not in homes:
            continue
        seats = dict.fromkeys(taken.get((pk, who)) or who for who in (first, second))
        there = (
            staff[who]
            for who in seats
            if who in staff and not any(window.holds(start) for window in away.get(who, ()))
        )
        yield world.PlannedVisit(
            key,
            homes[home],
            tuple(there),
            start,
            end,
            _services(services),
            ad_hoc,
        )


@lru_cache(maxsize=256)
def _services(said: str) -> frozenset[world.Service]:
    """The services of a visit, from their JSON: a few lists are said over and over."""
    return frozenset(_SERVICES[service] for service in json.loads(said))


def _withdrawals(people: People, staff: Mapping[int, str]) -> Iterator[world.Withdrawal]:
    for pk, who, client, start, end, ended in people.withdrawals:
        window = _until(start, end, ended)
        if window is not None:
            yield world.Withdrawal(str(pk), staff[who], client, window)
