"""Taking something away never opens a door, for any small municipality.

And whoever asks, the answers agree: a door is held exactly when no fact keeps it shut.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import fields, replace
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from careworld import DAY, HOUR, NOW, TODAY, moments, policies, worlds
from nyckelfri.care.access import derive
from nyckelfri.care.asif import compare
from nyckelfri.care.explain import entitled, explain
from nyckelfri.care.facts import Fact
from nyckelfri.care.policy import Policy, Scope
from nyckelfri.care.times import ZONE, DateRange, Window
from nyckelfri.care.whynot import why_not
from nyckelfri.care.world import (
    PhoneStanding,
    Role,
    World,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from nyckelfri.care.grants import AccessGrant

    Coverage = dict[tuple[str, str], list[Window]]


def coverage(grants: list[AccessGrant]) -> Coverage:
    """When each employee can open each lock from NOW on, cuts at the longest grant closed."""
    found: Coverage = defaultdict(list)
    for grant in sorted(grants, key=lambda grant: grant.not_before):
        windows = found[grant.employee_id, grant.lock_id]
        start = max(NOW, grant.not_before)
        if windows and windows[-1].end >= start:
            windows[-1] = Window(windows[-1].start, grant.not_after)
        else:
            windows.append(Window(start, grant.not_after))
    return found


def assert_opens_no_more(less: list[AccessGrant], more: list[AccessGrant]) -> None:
    allowed = coverage(more)
    for key, windows in coverage(less).items():
        for window in windows:
            assert any(
                wide.start <= window.start and window.end <= wide.end for wide in allowed[key]
            ), (key, window)


def removed(world: World, draw: st.DrawFn) -> World:
    """The world without one row, or with one lock unmounted."""
    kinds = ["shifts", "decisions", "choices", "visits", "employees", "assignments", "alarms"]
    # A withdrawal is from a client's door: which door that is, the client's row tells.
    kind = draw(st.sampled_from(kinds if world.withdrawals else [*kinds, "clients"]))
    rows = getattr(world, kind)
    gone = draw(st.integers(0, len(rows)))
    if gone == len(rows):
        return replace(world, mounted_locks=world.mounted_locks - {"lock-entrance"})
    return replace(world, **{kind: rows[:gone] + rows[gone + 1 :]})


def narrowed(dates: DateRange) -> DateRange:
    last = TODAY + DAY if dates.last is None else dates.last - DAY
    return DateRange(dates.first + DAY, last)


def shrunk(world: World, draw: st.DrawFn) -> World:
    """The world with every row of one kind cut shorter at both ends."""
    cuts: list[Callable[[], World]] = [
        lambda: replace(
            world,
            decisions=tuple(replace(d, dates=narrowed(d.dates)) for d in world.decisions),
        ),
        lambda: replace(
            world, choices=tuple(replace(c, dates=narrowed(c.dates)) for c in world.choices)
        ),
        lambda: replace(
            world,
            employees=tuple(replace(e, employed=narrowed(e.employed)) for e in world.employees),
        ),
        lambda: replace(
            world,
            shifts=tuple(
                replace(s, start=s.start + HOUR / 3, end=s.end - HOUR / 3) for s in world.shifts
            ),
        ),
        lambda: replace(
            world, visits=tuple(replace(v, end=v.end - HOUR / 3) for v in world.visits)
        ),
        lambda: replace(
            world,
            assignments=tuple(replace(a, dates=narrowed(a.dates)) for a in world.assignments),
        ),
        lambda: replace(world, alarms=tuple(replace(a, end=a.start) for a in world.alarms)),
    ]
    return draw(st.sampled_from(cuts))()


@st.composite
def pairs_by_removal(draw: st.DrawFn) -> tuple[World, World]:
    world = draw(worlds())
    return removed(world, draw), world


@st.composite
def pairs_by_shrinking(draw: st.DrawFn) -> tuple[World, World]:
    world = draw(worlds())
    return shrunk(world, draw), world


@given(pairs_by_removal(), policies)
def test_removing_a_row_never_opens_a_door(pair: tuple[World, World], policy: Policy) -> None:
    less, more = pair
    assert_opens_no_more(derive(less, policy, NOW), derive(more, policy, NOW))


@given(pairs_by_shrinking(), policies)
def test_shrinking_a_window_never_opens_a_door(pair: tuple[World, World], policy: Policy) -> None:
    less, more = pair
    assert_opens_no_more(derive(less, policy, NOW), derive(more, policy, NOW))


@given(worlds(), policies)
def test_a_withdrawal_never_opens_a_door(world: World, policy: Policy) -> None:
    without = replace(world, withdrawals=())
    assert_opens_no_more(derive(world, policy, NOW), derive(without, policy, NOW))


@given(worlds(), policies)
def test_whoever_has_clients_of_their_own_opens_no_more_than_a_colleague(
    world: World, policy: Policy
) -> None:
    colleagues = tuple(replace(row, only_clients=None) for row in world.employees)
    more = derive(replace(world, employees=colleagues), policy, NOW)
    assert_opens_no_more(derive(world, policy, NOW), more)


@given(
    worlds(),
    policies,
    st.sampled_from(
        [
            {"before_shift": timedelta(0)},
            {"after_shift": timedelta(0)},
            {"before_visit": timedelta(0)},
            {"after_visit": timedelta(0)},
            {"before_health_visit": timedelta(0)},
            {"after_health_visit": timedelta(0)},
            {"horizon": timedelta(hours=12)},
            {"alarm_group_standing": False},
            {"alarm_access": timedelta(minutes=20)},
            {"after_alarm": timedelta(0)},
        ]
    ),
)
def test_a_stricter_policy_never_opens_a_door(
    world: World, policy: Policy, stricter: dict[str, Any]
) -> None:
    less = derive(world, replace(policy, **stricter), NOW)
    assert_opens_no_more(less, derive(world, policy, NOW))


@given(worlds())
def test_the_visits_scope_opens_no_more_than_the_team_scope(world: World) -> None:
    visits, team = Policy(scope=Scope.VISITS), Policy(scope=Scope.TEAM)
    assert_opens_no_more(derive(world, visits, NOW), derive(world, team, NOW))


@given(worlds())
def test_the_team_scope_opens_no_more_than_the_area_scope(world: World) -> None:
    team, area = Policy(scope=Scope.TEAM), Policy(scope=Scope.AREA)
    assert_opens_no_more(derive(world, team, NOW), derive(world, area, NOW))


@given(worlds(), policies)
def test_every_grant_is_short_reasoned_and_alone_in_its_time(world: World, policy: Policy) -> None:
    grants = derive(world, policy, NOW)
    until: dict[tuple[str, str], datetime] = {}
    for grant in grants:
        assert timedelta(0) < grant.not_after - grant.not_before <= policy.longest_grant
        assert grant.not_after > NOW
        assert grant.reasons
        assert len(set(grant.reasons)) == len(grant.reasons)
        key = grant.employee_id, grant.lock_id
        assert until.get(key, grant.not_before) <= grant.not_before
        until[key] = grant.not_after


@given(worlds(), policies, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(world: World, policy: Policy, random: Random) -> None:
    mixed: dict[str, Any] = {
        kind: tuple(random.sample(getattr(world, kind), len(getattr(world, kind))))
        for kind in (each.name for each in fields(World) if each.name != "mounted_locks")
    }
    grants, again = derive(world, policy, NOW), derive(replace(world, **mixed), policy, NOW)
    assert grants == again


@given(worlds(), policies)
def test_a_visit_by_hand_opens_its_own_time_and_home_and_never_across_providers(
    world: World, policy: Policy
) -> None:
    """Whatever a carer can open by hand and not by the rota lies around the visits by hand."""
    rota = replace(world, visits=tuple(replace(row, ad_hoc=False) for row in world.visits))
    carers = {row.id for row in world.employees if row.role is Role.CARER}
    providers = {row.id: row.provider_id for row in world.teams}
    clients = {row.id: row for row in world.clients}
    allowed: Coverage = defaultdict(list)
    for visit in (row for row in world.visits if row.ad_hoc):
        chosen = {row.provider_id for row in world.choices if row.client_id == visit.client_id}
        for who in visit.employee_ids:
            if providers.get(who) in chosen:
                hours = Window(visit.start - policy.before_visit, visit.end + policy.after_visit)
                allowed[who, clients[visit.client_id].lock_id or ""].append(hours)
                allowed[who, "lock-entrance"].append(hours)
    gained = compare(derive(rota, policy, NOW), derive(world, policy, NOW)).gained
    assert {row.employee_id for row in gained} <= carers
    for row in gained:
        assert within(row.window, allowed[row.employee_id, row.lock_id]), row


def within(window: Window, many: list[Window]) -> bool:
    """Whether windows that overlap or touch hold the whole of another."""
    parts = [window]
    for each in many:
        parts = [rest for part in parts for rest in part.without(each)]
    return not parts


def held_at(world: World, policy: Policy, moment: datetime) -> set[tuple[str, str]]:
    """Who holds which lock at a moment, as (employee, lock)."""
    return {
        (grant.employee_id, grant.lock_id)
        for grant in derive(world, policy, moment)
        if grant.not_before <= moment < grant.not_after
    }


@given(worlds(), policies, moments)
def test_a_door_is_held_exactly_when_no_fact_keeps_it_shut(
    world: World, policy: Policy, moment: datetime
) -> None:
    held = held_at(world, policy, moment)
    for employee in world.employees:
        for client in world.clients:
            facts = [row.fact for row in why_not(world, policy, employee.id, client.id, moment)]
            opens = (employee.id, client.lock_id) in held
            # A phone that nobody has yet is the one thing that a grant waits for.
            assert opens == (not set(facts) - {Fact.NO_PHONE}), (employee, client, facts)
            assert (Fact.NO_PHONE in facts) == (employee.phone is PhoneStanding.NONE)
            assert facts == [
                fact for fact in Fact if fact in facts for _ in range(facts.count(fact))
            ]


@given(worlds(), policies, moments)
def test_the_explanation_names_exactly_those_who_hold_the_doors(
    world: World, policy: Policy, moment: datetime
) -> None:
    held = held_at(world, policy, moment)
    ready = {row.id for row in world.employees if row.phone is PhoneStanding.IN_USE}
    for client in world.clients:
        told = explain(world, policy, client.id, moment)
        for door in (told.home, told.entrance):
            if door is None:
                assert client.entrance_id is None
                continue
            expected = {who for who, lock in held if lock == door.lock_id} & ready
            assert [row.employee_id for row in door.openers] == sorted(expected)
            for row in door.openers:
                assert row.since <= moment < row.until
                assert row.reasons


@given(worlds(), policies, moments)
def test_no_carer_holds_a_home_without_being_entitled_to_it_that_day(
    world: World, policy: Policy, moment: datetime
) -> None:
    day = moment.astimezone(ZONE).date()
    entitled_to = {
        (row.employee_id, client.lock_id)
        for client in world.clients
        for row in entitled(world, policy, client.id, day)
    }
    carers = {row.id for row in world.employees if row.role is Role.CARER}
    held = {row for row in held_at(world, policy, moment) if row[1] != "lock-entrance"}
    assert {row for row in held if row[0] in carers} <= entitled_to
