"""Small municipalities for property tests: dense, so that doors are often held.

Two homes behind one entrance, the first with two clients; one employee a team, a
substitute and a nurse. Most rows hold around `NOW` and some do not.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from nyckelfri.care.policy import Policy, Scope
from nyckelfri.care.times import FOREVER, DateRange, Window
from nyckelfri.care.world import (
    Alarm,
    Assignment,
    CareDecision,
    CareTeam,
    Client,
    Employee,
    Entrance,
    PhoneStanding,
    PlannedVisit,
    ProviderChoice,
    Role,
    Service,
    Shift,
    TeamKind,
    Withdrawal,
    World,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)
"""06:00 in the morning: the night patrol's last hour."""
TODAY = date(2026, 11, 23)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

CLIENTS = (
    Client("a", "north", "lock-a", "entrance"),
    Client("b", "south", "lock-b", "entrance"),
    Client("c", "north", "lock-a"),
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
POLICIES = [
    Policy(),
    Policy(scope=Scope.VISITS),
    Policy(scope=Scope.AREA),
    Policy(alarm_group_standing=False),
    Policy(scope=Scope.VISITS, alarm_group_standing=False),
    Policy(scope=Scope.VISITS, alarm_group_standing=False, after_visit=HOUR),
]

_IDS = [client.id for client in CLIENTS]
_SERVICES = [Service.CARE, Service.HOUSEHOLD, Service.ALARM]
_LONG_AGO = DateRange(TODAY - 9 * DAY)
_DATES = [_LONG_AGO] * 60 + [
    DateRange(TODAY + first * DAY, None if length is None else TODAY + (first + length) * DAY)
    for first, length in product(range(-3, 3), (None, 0, 1, 3))
]


def _stretches(starts: Iterable[int], lengths: Iterable[int]) -> list[tuple[datetime, datetime]]:
    """From and till, in half hours after NOW."""
    return [
        (NOW + start * HOUR / 2, NOW + (start + length) * HOUR / 2)
        for start, length in product(starts, lengths)
    ]


_SHIFTS = [*_stretches(range(-8, 5, 2), (8, 18)) * 9, *_stretches(range(-60, 90, 10), (4, 16, 48))]
_VISITS = _stretches(range(-4, 10), (1, 3))
_SEATS = [
    ("p-north",),
    ("p-north", "q-north"),
    ("q-south", "p-all"),
    ("substitute",),
    ("substitute", "p-all"),
    ("health",),
    ("q-north", "p-all"),
    ("night", "alarm"),
]
_SERVED = [
    frozenset(_SERVICES),
    frozenset(_SERVICES),
    frozenset({Service.CARE}),
    frozenset({Service.ALARM}),
    frozenset(),
]
_NAMED = [None] * 6 + [team.id for team in TEAMS]
_STANDINGS = [PhoneStanding.IN_USE] * 12 + [PhoneStanding.NONE, PhoneStanding.BLOCKED]
_ONLY = [*[None] * 8, frozenset("a"), frozenset("bc")]
_ROLES = {"substitute": Role.SUBSTITUTE, "health": Role.HEALTH}

policies = st.sampled_from(POLICIES)
moments = st.sampled_from(
    [NOW + quarter * HOUR / 4 for quarter in (*range(-8, 30), *range(-160, 240, 30))]
)


def _some(rows: Iterable[Any], least: int, most: int) -> st.SearchStrategy[list[Any]]:
    # One draw a row: a draw for each of its values makes the examples ten times slower.
    return st.lists(st.sampled_from(list(rows)), min_size=least, max_size=most)


_decisions = _some(product(_IDS, _SERVICES, _DATES), 4, 10)
_choices = _some(product(_IDS, [Service.CARE, Service.HOUSEHOLD], "pq", _DATES, _NAMED), 4, 9)
_shifts = _some(product(STAFF, _SHIFTS), 6, 14)
_visits = _some(product(_IDS, _SEATS, _VISITS, _SERVED, [False, True]), 4, 12)
_assignments = _some(product(["health"], _IDS, _DATES), 0, 2)
_alarms = _some(
    product(["a", "a", "c", "b"], _stretches(range(-5, 3), (1, 4)), [True, False]), 0, 2
)
_withdrawals = _some(
    product(STAFF, [None, *_IDS], _stretches(range(-8, 8, 3), (3, 24)), "ef"), 0, 2
)
_staff = _some(product(_DATES, _STANDINGS, _ONLY), len(STAFF), len(STAFF))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Any such municipality."""
    return World(
        mounted_locks=frozenset({"lock-a", "lock-b", "lock-entrance"}),
        entrances=(Entrance("entrance", "lock-entrance"),),
        clients=CLIENTS,
        decisions=tuple(CareDecision(f"d{n}", *row) for n, row in enumerate(draw(_decisions))),
        choices=tuple(ProviderChoice(f"c{n}", *row) for n, row in enumerate(draw(_choices))),
        teams=TEAMS,
        employees=tuple(
            Employee(who, _ROLES.get(who, Role.CARER), dates, who, phone, only)
            for who, (dates, phone, only) in zip(STAFF, draw(_staff), strict=True)
        ),
        shifts=tuple(Shift(f"s{n}", who, *hours) for n, (who, hours) in enumerate(draw(_shifts))),
        visits=tuple(
            PlannedVisit(f"v{n}", client, who, start, end, what, by_hand)
            for n, (client, who, (start, end), what, by_hand) in enumerate(draw(_visits))
        ),
        assignments=tuple(Assignment(f"a{n}", *row) for n, row in enumerate(draw(_assignments))),
        alarms=tuple(
            Alarm(f"l{n}", client, start, end if ended else None)
            for n, (client, (start, end), ended) in enumerate(draw(_alarms))
        ),
        withdrawals=tuple(
            Withdrawal(f"w{n}", who, client, Window(start, FOREVER if till == "never" else end))
            for n, (who, client, (start, end), till) in enumerate(draw(_withdrawals))
        ),
    )
