"""Edges of shifts and days, with exactly the doors that are expected."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from nyckelfri.care.access import derive
from nyckelfri.care.policy import Policy, Scope
from nyckelfri.care.times import DateRange
from nyckelfri.care.world import (
    CareDecision,
    PlannedVisit,
    ProviderChoice,
    Service,
    Shift,
    World,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from nyckelfri.care.grants import AccessGrant

    At = Callable[[str], datetime]
    Shown = Callable[[list[AccessGrant]], list[str]]

POLICY = Policy()
BY_VISIT = Policy(scope=Scope.VISITS)
ALWAYS = DateRange(date(2026, 1, 1))
CARE = frozenset({Service.CARE})


def planned(
    world: World,
    at: At,
    shifts: list[tuple[str, str, str]],
    visits: list[tuple[str, str, str, str]],
) -> World:
    """Homes only; shifts (who, from, till) and care visits (who, client, from, till)."""
    return replace(
        world,
        entrances=(),
        shifts=tuple(
            Shift(f"shift-{number}", who, at(start), at(end))
            for number, (who, start, end) in enumerate(shifts)
        ),
        visits=tuple(
            PlannedVisit(f"visit-{number}", client, (who,), at(start), at(end), CARE)
            for number, (who, client, start, end) in enumerate(visits)
        ),
    )


@pytest.mark.sentence(11)
@pytest.mark.parametrize(
    ("why", "shifts", "expected"),
    [
        (
            "overlapping shifts are one stretch",
            [
                ("tove", "2026-11-23 07:00", "2026-11-23 12:00"),
                ("tove", "2026-11-23 10:00", "2026-11-23 15:00"),
            ],
            ["tove lock-ada 23 07:00-23 15:30"],
        ),
        (
            "a split shift whose margins do not meet is two",
            [
                ("tove", "2026-11-23 07:00", "2026-11-23 11:00"),
                ("tove", "2026-11-23 16:00", "2026-11-23 21:00"),
            ],
            ["tove lock-ada 23 07:00-23 11:30", "tove lock-ada 23 15:45-23 21:30"],
        ),
        (
            "a split shift whose margins meet is one",
            [
                ("tove", "2026-11-23 07:00", "2026-11-23 11:00"),
                ("tove", "2026-11-23 11:45", "2026-11-23 15:00"),
            ],
            ["tove lock-ada 23 07:00-23 15:30"],
        ),
        (
            "two people at once each have their own",
            [
                ("tove", "2026-11-23 07:00", "2026-11-23 12:00"),
                ("bodil", "2026-11-23 10:00", "2026-11-23 15:00"),
            ],
            ["bodil lock-bo 23 09:45-23 15:30", "tove lock-ada 23 07:00-23 12:30"],
        ),
        (
            "midnight inside an alarm shift is nothing special",
            [("lars", "2026-11-23 23:30", "2026-11-24 00:30")],
            ["lars lock-cia 23 23:15-24 01:00"],
        ),
        (
            "a night that ends at 07:00 is not stretched by the margin after it",
            [("nils", "2026-11-23 22:00", "2026-11-24 07:00")],
            ["nils lock-ada 23 22:00-24 07:00", "nils lock-bo 23 22:00-24 07:00"],
        ),
        (
            "an hour from midnight",
            [("nils", "2026-11-24 00:00", "2026-11-24 01:00")],
            ["nils lock-ada 23 23:45-24 01:30", "nils lock-bo 23 23:45-24 01:30"],
        ),
    ],
)
def test_shifts(
    village: World,
    at: At,
    shown: Shown,
    *,
    why: str,
    shifts: list[tuple[str, str, str]],
    expected: list[str],
) -> None:
    world = planned(village, at, shifts, [])
    assert shown(derive(world, POLICY, at("2026-11-23 06:00"))) == expected, why


@pytest.mark.sentence(46)
@pytest.mark.sentence(47)
def test_two_services_that_change_hands_on_one_day_cross_at_midnight(
    village: World, at: At, shown: Shown
) -> None:
    until, since = DateRange(date(2026, 1, 1), date(2026, 11, 23)), DateRange(date(2026, 11, 24))
    world = replace(
        planned(
            village,
            at,
            [
                (who, f"2026-11-{day} 14:00", f"2026-11-{day} 20:00")
                for who in ("tove", "bodil")
                for day in (23, 24)
            ],
            [],
        ),
        choices=(
            ProviderChoice("ada-1", "ada", Service.CARE, "town", until),
            ProviderChoice("ada-2", "ada", Service.CARE, "blom", since),
            ProviderChoice("bo-1", "bo", Service.HOUSEHOLD, "blom", until),
            ProviderChoice("bo-2", "bo", Service.HOUSEHOLD, "town", since),
        ),
    )
    assert shown(derive(world, POLICY, at("2026-11-23 12:00"))) == [
        "bodil lock-ada 24 13:45-24 20:30",
        "bodil lock-bo 23 13:45-23 20:30",
        "tove lock-ada 23 13:45-23 20:30",
        "tove lock-bo 24 13:45-24 20:30",
    ]


def test_a_provider_chosen_for_one_day_has_the_door_that_day_only(
    village: World, at: At, shown: Shown
) -> None:
    days = {22: "town", 23: "blom", 24: "town"}
    world = replace(
        planned(
            village,
            at,
            [
                (who, f"2026-11-{day} 10:00", f"2026-11-{day} 11:00")
                for who in ("tove", "bodil")
                for day in days
            ],
            [],
        ),
        decisions=village.decisions[:1],
        choices=tuple(
            ProviderChoice(
                f"ada-{day}",
                "ada",
                Service.CARE,
                provider,
                DateRange(date(2026, 11, day), date(2026, 11, day)),
            )
            for day, provider in days.items()
        ),
    )
    assert shown(derive(world, POLICY, at("2026-11-22 23:00"))) == [
        "bodil lock-ada 23 09:45-23 11:30",
        "tove lock-ada 24 09:45-24 11:30",
    ]


@pytest.mark.threat(59)
def test_a_decision_or_an_employment_that_ends_inside_a_substitutes_night_ends_the_night(
    village: World, at: At, shown: Shown
) -> None:
    world = planned(
        village,
        at,
        [("vera", "2026-11-23 21:30", "2026-11-24 07:15")],
        [("vera", "ada", "2026-11-23 23:00", "2026-11-23 23:15")],
    )
    ended = DateRange(date(2026, 1, 1), date(2026, 11, 23))
    care, *rest = world.decisions
    no_more_care = replace(world, decisions=(replace(care, dates=ended), *rest))
    gone = replace(world, employees=tuple(replace(row, employed=ended) for row in world.employees))
    for less in (no_more_care, gone):
        assert shown(derive(less, POLICY, at("2026-11-23 12:00"))) == [
            "vera lock-ada 23 22:00-24 00:00"
        ]


@pytest.mark.parametrize(
    ("why", "hours", "expected"),
    [
        ("by night", ("23:00", "23:15"), ["vera lock-ada 23 22:00-24 07:00"]),
        (
            "from day into night",
            ("21:50", "22:10"),
            ["vera lock-ada 23 19:45-24 07:00"],
        ),
        ("by day", ("21:00", "21:30"), ["vera lock-ada 23 19:45-23 22:00"]),
        ("begins before the shift", ("19:55", "20:20"), ["vera lock-ada 23 19:45-23 22:00"]),
        ("ends as the shift begins", ("19:30", "20:00"), []),
    ],
)
def test_a_substitute_holds_the_hours_that_the_visit_reaches(
    village: World,
    at: At,
    shown: Shown,
    *,
    why: str,
    hours: tuple[str, str],
    expected: list[str],
) -> None:
    start, end = (f"2026-11-23 {clock}" for clock in hours)
    world = planned(
        village,
        at,
        [("vera", "2026-11-23 20:00", "2026-11-24 08:00")],
        [("vera", "ada", start, end)],
    )
    assert shown(derive(world, POLICY, at("2026-11-23 12:00"))) == expected, why


@pytest.mark.threat(32)
@pytest.mark.parametrize(
    ("evening", "morning", "visit", "opens", "closes"),
    [
        # Clocks go from 02:00 to 03:00: the visit takes ten minutes, not seventy.
        (
            "2026-03-28",
            "2026-03-29",
            ("01:55", "03:05"),
            datetime(2026, 3, 29, 0, 40, tzinfo=UTC),
            datetime(2026, 3, 29, 1, 35, tzinfo=UTC),
        ),
        # Clocks go from 03:00 to 02:00: it takes seventy, not ten.
        (
            "2026-10-24",
            "2026-10-25",
            ("02:55", "03:05"),
            datetime(2026, 10, 25, 0, 40, tzinfo=UTC),
            datetime(2026, 10, 25, 2, 35, tzinfo=UTC),
        ),
    ],
)
def test_a_visit_over_a_change_of_clocks_is_open_as_long_as_it_takes(
    village: World,
    at: At,
    *,
    evening: str,
    morning: str,
    visit: tuple[str, str],
    opens: datetime,
    closes: datetime,
) -> None:
    start, end = (f"{morning} {clock}" for clock in visit)
    world = planned(
        village,
        at,
        [("vera", f"{evening} 21:30", f"{morning} 07:15")],
        [("vera", "ada", start, end)],
    )
    (grant,) = derive(world, BY_VISIT, at(f"{evening} 12:00"))
    assert (grant.not_before, grant.not_after) == (opens, closes)


@pytest.mark.threat(32)
def test_the_hour_that_autumn_repeats_is_two_hours(village: World, at: At) -> None:
    first = at("2026-10-25 02:30")
    again = first.replace(fold=1)
    # The clock shows 02:30 at both: a shift to the first, a visit from the second.
    world = replace(
        planned(village, at, [], []),
        shifts=(Shift("s", "vera", at("2026-10-24 21:30"), first),),
        visits=(
            PlannedVisit("v", "ada", ("vera",), again, at("2026-10-25 03:10"), CARE),
            PlannedVisit("w", "bo", ("vera",), at("2026-10-25 02:10"), first, frozenset(Service)),
        ),
    )
    grants = derive(world, POLICY, at("2026-10-24 12:00"))
    assert [grant.lock_id for grant in grants] == ["lock-bo"]
    assert grants[0].not_after == datetime(2026, 10, 25, 1, tzinfo=UTC)


def test_a_shift_within_the_repeated_hour_is_a_stretch_of_time(village: World, at: At) -> None:
    start = at("2026-10-25 02:50")
    end = at("2026-10-25 02:10").replace(fold=1)
    world = replace(planned(village, at, [], []), shifts=(Shift("s", "nils", start, end),))
    ada, _ = derive(world, POLICY, at("2026-10-24 12:00"))
    assert (ada.not_before, ada.not_after) == (
        datetime(2026, 10, 25, 0, 35, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 40, tzinfo=UTC),
    )


def test_a_home_that_gets_care_and_alarm_opens_to_each_by_their_own_rule(
    village: World, at: At, shown: Shown
) -> None:
    both = CareDecision("alarm-ada", "ada", Service.ALARM, ALWAYS)
    world = replace(
        planned(
            village,
            at,
            [
                ("tove", "2026-11-23 07:00", "2026-11-23 15:00"),
                ("lars", "2026-11-23 06:00", "2026-11-23 14:00"),
                ("nils", "2026-11-23 21:30", "2026-11-24 07:00"),
            ],
            [],
        ),
        decisions=(*village.decisions, both),
    )
    lines = shown(derive(world, POLICY, at("2026-11-23 05:00")))
    assert [line for line in lines if "lock-ada" in line] == [
        "lars lock-ada 23 05:45-23 14:30",
        "nils lock-ada 23 22:00-24 07:00",
        "tove lock-ada 23 07:00-23 15:30",
    ]
