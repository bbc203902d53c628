"""The rules of care against the second opinion, in any small and dense municipality.

And a rule that is planted wrong, on either side, is found among few of them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import datetime, time, timedelta
from math import inf
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import Phase, given, settings

from careworld import moments, worlds
from nyckelfri.care import access, duty, entitlements, scene, times
from nyckelfri.care import policy as policies
from nyckelfri.care.entitlements import HomeCareTeams
from nyckelfri.care.times import FOREVER, DateRange, Window, local_moment
from nyckelfri.care.world import HOME_CARE, PhoneStanding, Role, Service, TeamKind, World
from nyckelfri.simulate import rights
from nyckelfri.simulate.known import Known
from nyckelfri.simulate.rights import Rights, Scope
from nyckelfri.simulate.town import (
    Carer,
    Choice,
    Decision,
    Home,
    Shift,
    Span,
    Team,
    Town,
    Visit,
)

AHEAD = 35 * 3600
KINDS = {
    TeamKind.HOME_CARE: "hemtjanst",
    TeamKind.NIGHT_PATROL: "nattpatrull",
    TeamKind.ALARM_GROUP: "larmgrupp",
}
ROLES = {Role.CARER: "underskoterska", Role.SUBSTITUTE: "vikarie", Role.HEALTH: "sjukskoterska"}
SERVICES = {Service.CARE: "omvardnad", Service.HOUSEHOLD: "service", Service.ALARM: "trygghetslarm"}
SCOPES: tuple[Scope, ...] = ("team", "visits", "area")


def span(dates: DateRange) -> Span:
    return Span(dates.first, dates.last)


def town_of(world: World) -> Town:
    """The same municipality as its files would say it."""
    units = {entrance.id: entrance.lock_id for entrance in world.entrances}
    return Town(
        teams=tuple(
            Team(team.id, team.provider_id, KINDS[team.kind], team.area) for team in world.teams
        ),
        carers=tuple(
            Carer(who.id, who.team_id, ROLES[who.role], span(who.employed))
            for who in world.employees
        ),
        locks=tuple((lock, "") for lock in sorted(world.mounted_locks)),
        homes=tuple(
            Home(row.id, row.area, row.lock_id, units.get(row.entrance_id or ""), False, None)
            for row in world.clients
        ),
        decisions=tuple(
            Decision(row.client_id, SERVICES[row.service], span(row.dates))
            for row in world.decisions
        ),
        choices=tuple(
            Choice(
                row.client_id, SERVICES[row.service], row.provider_id, row.team_id, span(row.dates)
            )
            for row in world.choices
        ),
        shifts=tuple(
            Shift(row.id, row.employee_id, unix(row.start), unix(row.end)) for row in world.shifts
        ),
        visits=tuple(
            Visit(
                row.id,
                row.client_id,
                row.employee_ids[0],
                row.employee_ids[1] if len(row.employee_ids) > 1 else None,
                unix(row.start),
                unix(row.end),
                tuple(SERVICES[service] for service in row.services),
            )
            for row in world.visits
        ),
    )


def opinion_of(world: World, scope: Scope) -> Rights:
    opinion = Rights(town_of(world), scope=scope)
    opinion._known = [
        replace(
            opinion._known[0],
            by_hand=frozenset(visit.id for visit in world.visits if visit.ad_hoc),
            withdrawn=tuple(
                (
                    row.employee_id,
                    row.client_id,
                    (
                        unix(row.window.start),
                        inf if row.window.end == FOREVER else unix(row.window.end),
                    ),
                )
                for row in world.withdrawals
            ),
            phones={
                who.id: (who.id, True)
                for who in world.employees
                if who.phone is PhoneStanding.BLOCKED
            },
        )
    ]
    return opinion


def unix(moment: datetime) -> int:
    return int(moment.timestamp())


def compare(world: World, now: datetime, scope: Scope) -> None:
    world = replace(
        world,
        employees=tuple(replace(who, only_clients=None) for who in world.employees),
        assignments=(),
    )
    at = unix(now)
    derived: defaultdict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    policy = policies.Policy(scope=policies.Scope(scope))
    for grant in access.derive(world, policy, now):
        windows = derived[grant.employee_id, grant.lock_id]
        start = max(at, grant.not_before.timestamp())
        end = min(at + AHEAD, grant.not_after.timestamp())
        if windows and windows[-1][1] == start:
            start, _ = windows.pop()  # a long one was cut in two
        if start < end:
            windows.append((start, end))
    opinion = opinion_of(world, scope)
    for who in world.employees:
        for lock in sorted(world.mounted_locks):
            mine = opinion.windows(who.id, lock, at, at + AHEAD)
            assert mine == derived[who.id, lock], (scope, who.id, lock)


@pytest.mark.sentence(3)
@pytest.mark.parametrize("scope", SCOPES)
@given(world=worlds(), now=moments)
def test_both_say_the_same_of_any_small_municipality(
    scope: Scope, world: World, now: datetime
) -> None:
    compare(world, now, scope)


def found_among_few() -> bool:
    """Whether the two differ in any of some thousand municipalities."""

    @settings(max_examples=3000, derandomize=True, database=None, phases=[Phase.generate])
    @given(world=worlds(), now=moments)
    def every_scope(world: World, now: datetime) -> None:
        for scope in SCOPES:
            compare(world, now, scope)

    try:
        every_scope()
    except AssertionError:
        return True
    return False


def whole_window(_kind: TeamKind, on: duty.Duty, _policy: policies.Policy) -> list[Window]:
    return [on.window]


def near_a_visit(visit: Any, _on: Any, part: Window, policy: policies.Policy) -> Window | None:
    return part.overlap(duty.visit_window(visit, policy))


def a_minute_more(hours: Window, policy: policies.Policy) -> Window:
    return Window(hours.start - policy.before_shift, hours.end + timedelta(minutes=31))


ON_THE_SERVER: dict[str, tuple[Any, str, Any]] = {
    "a colleague is lent to nobody": (access, "_RULES", access._RULES[:1] + access._RULES[2:]),
    "day and night are one": (access, "hours_of", whole_window),
    "a margin alone reaches a visit": (access, "visit_time", near_a_visit),
    "a shift ends a minute late": (duty, "shift_window", a_minute_more),
    "a withdrawal is forgotten": (scene.Limits, "left", lambda _self, _who, _at, window: [window]),
    "a household keeps its door": (scene, "_behind", lambda _world: {}),
    "blocked phones open": (scene, "PhoneStanding", SimpleNamespace(BLOCKED=None)),
    "a choice may contradict itself": (HomeCareTeams, "contradicts", lambda _self, _choice: False),
    "the alarm group asks for care": (entitlements, "services_of", lambda _kind: HOME_CARE),
    "a last day is not counted": (
        times,
        "_midnight_after",
        lambda day: local_moment(day, time.min),
    ),
}
IN_THE_OPINION: dict[str, tuple[Any, str, Any]] = {
    "a shift ends a minute late": (rights, "_AFTER", 31 * 60),
    "the night ends at six": (rights, "_NIGHT_ENDS", time(6)),
    "a colleague is lent to nobody": (rights._Moment, "_lent", lambda *_: False),
    "a withdrawal is forgotten": (rights._Moment, "_is_withdrawn", lambda *_: False),
    "an area is everywhere": (rights, "_covers", lambda *_: True),
    "blocked phones open": (Known, "without_a_phone", lambda *_: False),
    "a choice may contradict itself": (rights._Homes, "makes_sense", lambda *_: True),
}


@pytest.mark.parametrize(
    "planted",
    [*ON_THE_SERVER.values(), *IN_THE_OPINION.values()],
    ids=[*ON_THE_SERVER, *(f"opinion: {name}" for name in IN_THE_OPINION)],
)
def test_a_planted_mistake_is_found(
    planted: tuple[Any, str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    rights._local.cache_clear()
    with monkeypatch.context() as patched:
        patched.setattr(*planted)
        assert found_among_few()
    rights._local.cache_clear()
