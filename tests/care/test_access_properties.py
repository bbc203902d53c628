"""Taking something away never opens a door, for any small municipality."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from nyckelfri.care.access import derive
from nyckelfri.care.policy import Policy, Scope
from nyckelfri.care.times import DateRange, Window
from nyckelfri.care.world import (
    CareDecision,
    CareTeam,
    Client,
    Employee,
    Entrance,
    PlannedVisit,
    ProviderChoice,
    Role,
    Service,
    Shift,
    TeamKind,
    World,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from nyckelfri.care.grants import AccessGrant

    Coverage = dict[tuple[str, str], list[Window]]

NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)
TODAY = date(2026, 11, 23)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

CLIENTS = (
    Client("a", "north", "lock-a", "entrance"),
    Client("b", "south", "lock-b", "entrance"),
)
TEAMS = (
    CareTeam("p-north", TeamKind.HOME_CARE, "p", "north"),
    CareTeam("p-all", TeamKind.HOME_CARE, "p"),
    CareTeam("q-north", TeamKind.HOME_CARE, "q", "north"),
    CareTeam("q-south", TeamKind.HOME_CARE, "q", "south"),
    CareTeam("night", TeamKind.NIGHT_PATROL, "p"),
    CareTeam("alarm", TeamKind.ALARM_GROUP, "p", "north"),
)
STAFF = [*(team.id for team in TEAMS), "substitute", "health"]

client_ids = st.sampled_from(["a", "b"])
services = st.sampled_from([Service.CARE, Service.HOUSEHOLD, Service.ALARM])


@st.composite
def date_ranges(draw: st.DrawFn) -> DateRange:
    first = TODAY + draw(st.integers(-3, 2)) * DAY
    length = draw(st.none() | st.integers(0, 4))
    return DateRange(first, None if length is None else first + length * DAY)


@st.composite
def stretches(draw: st.DrawFn, longest: int) -> tuple[datetime, datetime]:
    start = NOW + draw(st.integers(-30, 45)) * HOUR
    return start, start + draw(st.integers(1, longest)) * HOUR


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Worlds of two homes behind one entrance, with one employee a team."""
    decisions = draw(st.lists(st.tuples(client_ids, services, date_ranges()), max_size=5))
    chosen = st.tuples(
        client_ids,
        services,
        st.sampled_from(["p", "q"]),
        date_ranges(),
        st.none() | st.sampled_from([team.id for team in TEAMS]),
    )
    choices = draw(st.lists(chosen, max_size=5))
    shifts = draw(st.lists(st.tuples(st.sampled_from(STAFF), stretches(24)), max_size=6))
    visits = draw(
        st.lists(
            st.tuples(client_ids, st.sampled_from(["substitute", "health"]), stretches(3)),
            max_size=4,
        )
    )
    employed = draw(st.lists(date_ranges(), min_size=len(STAFF), max_size=len(STAFF)))
    roles = {"substitute": Role.SUBSTITUTE, "health": Role.HEALTH}
    return World(
        mounted_locks=frozenset({"lock-a", "lock-b", "lock-entrance"}),
        entrances=(Entrance("entrance", "lock-entrance"),),
        clients=CLIENTS,
        decisions=tuple(CareDecision(f"d{n}", *row) for n, row in enumerate(decisions)),
        choices=tuple(ProviderChoice(f"c{n}", *row) for n, row in enumerate(choices)),
        teams=TEAMS,
        employees=tuple(
            Employee(who, roles.get(who, Role.CARER), dates, who)
            for who, dates in zip(STAFF, employed, strict=True)
        ),
        shifts=tuple(Shift(f"s{n}", who, *hours) for n, (who, hours) in enumerate(shifts)),
        visits=tuple(
            PlannedVisit(f"v{n}", client, (who,), *hours, frozenset(Service))
            for n, (client, who, hours) in enumerate(visits)
        ),
    )


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
    kind = draw(
        st.sampled_from(["shifts", "decisions", "choices", "visits", "employees", "clients"])
    )
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


@given(pairs_by_removal())
def test_removing_a_row_never_opens_a_door(pair: tuple[World, World]) -> None:
    less, more = pair
    assert_opens_no_more(derive(less, Policy(), NOW), derive(more, Policy(), NOW))


@given(pairs_by_shrinking())
def test_shrinking_a_window_never_opens_a_door(pair: tuple[World, World]) -> None:
    less, more = pair
    assert_opens_no_more(derive(less, Policy(), NOW), derive(more, Policy(), NOW))


@given(
    worlds(),
    st.sampled_from(
        [
            Policy(before_shift=timedelta(0)),
            Policy(after_shift=timedelta(0)),
            Policy(before_health_visit=timedelta(0)),
            Policy(after_health_visit=timedelta(0)),
            Policy(horizon=timedelta(hours=12)),
            Policy(alarm_group_standing=False),
        ]
    ),
)
def test_a_stricter_policy_never_opens_a_door(world: World, stricter: Policy) -> None:
    assert_opens_no_more(derive(world, stricter, NOW), derive(world, Policy(), NOW))


@given(worlds())
def test_the_team_scope_opens_no_more_than_the_area_scope(world: World) -> None:
    team, area = Policy(scope=Scope.TEAM), Policy(scope=Scope.AREA)
    assert_opens_no_more(derive(world, team, NOW), derive(world, area, NOW))


@given(worlds())
def test_every_grant_is_short_reasoned_and_alone_in_its_time(world: World) -> None:
    policy = Policy()
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


@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(world: World, random: Random) -> None:
    mixed: dict[str, Any] = {
        kind: tuple(random.sample(getattr(world, kind), len(getattr(world, kind))))
        for kind in ("clients", "decisions", "choices", "teams", "employees", "shifts", "visits")
    }
    grants, again = derive(world, Policy(), NOW), derive(replace(world, **mixed), Policy(), NOW)
    assert [grant[:4] for grant in grants] == [grant[:4] for grant in again]
    assert [set(grant.reasons) for grant in grants] == [set(grant.reasons) for grant in again]
