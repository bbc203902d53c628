"""When doors open: night and day, changes at midnight, summer time, the horizon."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from nyckelfri.care.access import derive
from nyckelfri.care.policy import Policy
from nyckelfri.care.times import DateRange
from nyckelfri.care.world import Client, PlannedVisit, Service, Shift, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from nyckelfri.care.grants import AccessGrant

    At = Callable[[str], datetime]
    Shown = Callable[[list[AccessGrant]], list[str]]

POLICY = Policy()
ALWAYS = DateRange(date(2026, 1, 1))
HOUR = timedelta(hours=1)


def homes(village: World, *employees: tuple[str, datetime, datetime]) -> World:
    """The village without its entrance, with these shifts."""
    return replace(
        village,
        entrances=(),
        shifts=tuple(
            Shift(f"shift-{number}", who, start, end)
            for number, (who, start, end) in enumerate(employees)
        ),
    )


@pytest.mark.sentence(3)
@pytest.mark.sentence(11)
def test_an_evening_shift_ends_at_22_where_the_night_patrols_begins(
    village: World, at: At, shown: Shown
) -> None:
    world = homes(
        village,
        ("tove", at("2026-11-23 14:00"), at("2026-11-23 22:00")),
        ("nils", at("2026-11-23 21:30"), at("2026-11-24 07:15")),
        ("tove", at("2026-11-24 07:00"), at("2026-11-24 15:00")),
    )
    lines = shown(derive(world, POLICY, at("2026-11-23 12:00")))
    assert [line for line in lines if "lock-ada" in line] == [
        "nils lock-ada 23 22:00-24 07:00",
        "tove lock-ada 23 13:45-23 22:00",
        "tove lock-ada 24 07:00-24 15:30",
    ]


def test_a_shift_over_both_ends_of_the_night_opens_by_day_only(
    village: World, at: At, shown: Shown
) -> None:
    world = homes(village, ("tove", at("2026-11-23 20:00"), at("2026-11-24 08:00")))
    assert shown(derive(world, POLICY, at("2026-11-23 12:00"))) == [
        "tove lock-ada 23 19:45-23 22:00",
        "tove lock-ada 24 07:00-24 08:30",
    ]


def test_the_municipality_sets_its_own_night(village: World, at: At, shown: Shown) -> None:
    world = homes(village, ("nils", at("2026-11-23 20:00"), at("2026-11-24 08:00")))
    policy = Policy(
        night_starts=datetime(2026, 1, 1, 21, 30, tzinfo=UTC).time(),
        night_ends=datetime(2026, 1, 1, 6, tzinfo=UTC).time(),
    )
    lines = shown(derive(world, policy, at("2026-11-23 12:00")))
    assert "nils lock-ada 23 21:30-24 06:00" in lines


@pytest.mark.sentence(46)
@pytest.mark.sentence(47)
def test_a_change_of_provider_moves_the_door_at_midnight_by_itself(
    village: World, at: At, shown: Shown
) -> None:
    ada, bo = village.choices
    world = replace(
        homes(
            village,
            ("tove", at("2026-11-23 14:00"), at("2026-11-23 22:00")),
            ("bodil", at("2026-11-23 14:00"), at("2026-11-23 22:00")),
            ("tove", at("2026-11-24 07:00"), at("2026-11-24 15:00")),
            ("bodil", at("2026-11-24 07:00"), at("2026-11-24 15:00")),
        ),
        choices=(
            replace(ada, dates=DateRange(date(2026, 1, 1), date(2026, 11, 23))),
            replace(ada, id="ada-blom", provider_id="blom", dates=DateRange(date(2026, 11, 24))),
            bo,
        ),
    )
    lines = shown(derive(world, POLICY, at("2026-11-23 12:00")))
    assert [line for line in lines if "lock-ada" in line] == [
        "bodil lock-ada 24 07:00-24 15:30",
        "tove lock-ada 23 13:45-23 22:00",
    ]


@pytest.mark.sentence(46)
@pytest.mark.sentence(47)
def test_a_change_of_provider_inside_a_shift_cuts_it_at_midnight(
    village: World, at: At, shown: Shown
) -> None:
    ada, bo = village.choices
    world = replace(
        homes(
            village,
            ("tove", at("2026-11-23 21:00"), at("2026-11-24 02:00")),
            ("bodil", at("2026-11-23 21:00"), at("2026-11-24 02:00")),
        ),
        choices=(
            replace(ada, dates=DateRange(date(2026, 1, 1), date(2026, 11, 23))),
            replace(ada, id="ada-blom", provider_id="blom", dates=DateRange(date(2026, 11, 24))),
            bo,
        ),
    )
    # A municipality whose night begins late, so that a carer's day crosses midnight.
    late = Policy(
        night_starts=datetime(2026, 1, 1, 23, 59, tzinfo=UTC).time(),
        night_ends=datetime(2026, 1, 1, 0, 0, tzinfo=UTC).time(),
    )
    lines = shown(derive(world, late, at("2026-11-23 12:00")))
    assert [line for line in lines if "lock-ada" in line] == [
        "bodil lock-ada 24 00:00-24 02:30",
        "tove lock-ada 23 20:45-23 23:59",
    ]


def test_a_new_decision_that_follows_at_midnight_leaves_one_grant_with_both_reasons(
    village: World, at: At, shown: Shown
) -> None:
    care, *rest = village.decisions
    world = replace(
        homes(village, ("nils", at("2026-11-23 21:30"), at("2026-11-24 07:15"))),
        decisions=(
            replace(care, dates=DateRange(date(2026, 1, 1), date(2026, 11, 23))),
            replace(care, id="more-care-ada", dates=DateRange(date(2026, 11, 24))),
            *rest,
        ),
    )
    grants = derive(world, POLICY, at("2026-11-23 12:00"))
    assert shown(grants) == ["nils lock-ada 23 22:00-24 07:00", "nils lock-bo 23 22:00-24 07:00"]
    assert [reason.decision_id for reason in grants[0].reasons] == ["care-ada", "more-care-ada"]


def test_a_decision_that_ends_closes_the_door_at_midnight_inside_the_shift(
    village: World, at: At, shown: Shown
) -> None:
    care, service, alarm = village.decisions
    ended = DateRange(date(2026, 1, 1), date(2026, 11, 23))
    world = replace(
        homes(
            village,
            ("nils", at("2026-11-23 21:30"), at("2026-11-24 07:15")),
            ("lars", at("2026-11-23 22:00"), at("2026-11-24 06:00")),
        ),
        decisions=(replace(care, dates=ended), service, replace(alarm, dates=ended)),
    )
    assert shown(derive(world, POLICY, at("2026-11-23 12:00"))) == [
        "lars lock-cia 23 21:45-24 00:00",
        "nils lock-ada 23 22:00-24 00:00",
        "nils lock-bo 23 22:00-24 07:00",
    ]


@pytest.mark.threat(59)
def test_an_employment_that_ends_closes_every_door_at_midnight(
    village: World, at: At, shown: Shown
) -> None:
    until = DateRange(date(2026, 1, 1), date(2026, 11, 23))
    visit = PlannedVisit(
        "v",
        "cia",
        ("siri",),
        at("2026-11-24 08:00"),
        at("2026-11-24 09:00"),
        frozenset({Service.ALARM}),
    )
    world = replace(
        homes(
            village,
            ("nils", at("2026-11-23 21:30"), at("2026-11-24 07:15")),
            ("tove", at("2026-11-24 07:00"), at("2026-11-24 15:00")),
        ),
        employees=tuple(replace(employee, employed=until) for employee in village.employees),
        visits=(visit,),
    )
    assert shown(derive(world, POLICY, at("2026-11-23 12:00"))) == [
        "nils lock-ada 23 22:00-24 00:00",
        "nils lock-bo 23 22:00-24 00:00",
    ]


def test_nobody_opens_before_the_first_day_of_employment(
    village: World, at: At, shown: Shown
) -> None:
    world = replace(
        homes(village, ("nils", at("2026-11-23 21:30"), at("2026-11-24 07:15"))),
        employees=tuple(
            replace(employee, employed=DateRange(date(2026, 11, 24)))
            for employee in village.employees
        ),
    )
    assert shown(derive(world, POLICY, at("2026-11-23 12:00"))) == [
        "nils lock-ada 24 00:00-24 07:00",
        "nils lock-bo 24 00:00-24 07:00",
    ]


@pytest.mark.threat(32)
@pytest.mark.parametrize(
    ("evening", "morning", "start", "hours"),
    [
        ("2026-03-28", "2026-03-29", datetime(2026, 3, 28, 21, tzinfo=UTC), 8),
        ("2026-10-24", "2026-10-25", datetime(2026, 10, 24, 20, tzinfo=UTC), 10),
        ("2026-11-23", "2026-11-24", datetime(2026, 11, 23, 21, tzinfo=UTC), 9),
    ],
)
def test_the_night_is_as_long_as_the_clocks_make_it(
    village: World, at: At, *, evening: str, morning: str, start: datetime, hours: int
) -> None:
    world = homes(village, ("nils", at(f"{evening} 21:30"), at(f"{morning} 07:15")))
    ada, _ = derive(world, POLICY, at(f"{evening} 12:00"))
    assert (ada.not_before, ada.not_after) == (start, start + hours * HOUR)


@pytest.mark.threat(32)
@pytest.mark.parametrize(
    ("day", "start"),
    [
        ("2026-03-29", datetime(2026, 3, 29, 5, tzinfo=UTC)),
        ("2026-10-25", datetime(2026, 10, 25, 6, tzinfo=UTC)),
    ],
)
def test_the_day_after_a_change_of_clocks_begins_at_7_local(
    village: World, at: At, day: str, start: datetime
) -> None:
    world = homes(village, ("tove", at(f"{day} 07:00"), at(f"{day} 15:00")))
    (ada,) = derive(world, POLICY, at(f"{day} 06:00"))
    assert (ada.not_before, ada.not_after) == (start, start + 8.5 * HOUR)


@pytest.mark.threat(32)
def test_a_decision_ends_at_local_midnight_on_a_day_of_25_hours(village: World, at: At) -> None:
    care, *rest = village.decisions
    ended = DateRange(date(2026, 1, 1), date(2026, 10, 25))
    world = replace(
        homes(village, ("nils", at("2026-10-25 21:30"), at("2026-10-26 07:15"))),
        decisions=(replace(care, dates=ended), *rest),
    )
    ada, _ = derive(world, POLICY, at("2026-10-25 12:00"))
    assert ada.not_after == datetime(2026, 10, 25, 23, tzinfo=UTC)


@pytest.mark.sentence(10)
@pytest.mark.parametrize(
    ("now", "granted"),
    [
        ("2026-11-21 18:59", False),
        ("2026-11-21 19:00", True),
        ("2026-11-23 15:29", True),
        ("2026-11-23 15:30", False),
    ],
)
def test_a_shift_is_granted_from_36_hours_before_it_until_its_margin_has_passed(
    village: World, at: At, now: str, granted: bool
) -> None:
    world = homes(village, ("tove", at("2026-11-23 07:00"), at("2026-11-23 15:00")))
    assert bool(derive(world, POLICY, at(now))) is granted


@pytest.mark.parametrize(
    ("now", "granted"),
    [
        ("2026-11-21 21:59", False),
        ("2026-11-21 22:00", True),
        ("2026-11-23 11:29", True),
        ("2026-11-23 11:30", False),
    ],
)
def test_a_health_visit_is_granted_under_the_same_horizon(
    village: World, at: At, now: str, granted: bool
) -> None:
    visit = PlannedVisit("v", "cia", ("siri",), at("2026-11-23 10:00"), at("2026-11-23 10:30"))
    assert bool(derive(replace(village, visits=(visit,)), POLICY, at(now))) is granted


@pytest.mark.parametrize("now", ["2026-11-22 12:00", "2026-11-23 08:00", "2026-11-23 14:00"])
def test_a_split_shift_is_one_grant_and_the_same_whenever_derived(
    village: World, at: At, shown: Shown, now: str
) -> None:
    world = homes(
        village,
        ("tove", at("2026-11-23 07:00"), at("2026-11-23 11:00")),
        ("tove", at("2026-11-23 11:00"), at("2026-11-23 15:00")),
    )
    grants = derive(world, POLICY, at(now))
    assert shown(grants) == ["tove lock-ada 23 07:00-23 15:30"]
    assert [reason.shift_id for reason in grants[0].reasons] == ["shift-0", "shift-1"]


@pytest.mark.sentence(10)
def test_a_window_over_16_hours_is_cut_and_its_past_part_dropped(
    village: World, at: At, shown: Shown
) -> None:
    world = homes(village, ("lars", at("2026-11-23 08:00"), at("2026-11-24 08:00")))
    assert shown(derive(world, POLICY, at("2026-11-23 06:00"))) == [
        "lars lock-cia 23 07:45-23 23:45",
        "lars lock-cia 23 23:45-24 08:30",
    ]
    assert shown(derive(world, POLICY, at("2026-11-24 00:00"))) == [
        "lars lock-cia 23 23:45-24 08:30"
    ]


def test_a_shift_inside_another_adds_no_time_and_takes_none(
    village: World, at: At, shown: Shown
) -> None:
    world = homes(
        village,
        ("lars", at("2026-11-23 06:00"), at("2026-11-23 14:00")),
        ("lars", at("2026-11-23 08:00"), at("2026-11-23 10:00")),
    )
    assert shown(derive(world, POLICY, at("2026-11-23 05:00"))) == [
        "lars lock-cia 23 05:45-23 14:30"
    ]


def test_shifts_apart_are_grants_apart(village: World, at: At, shown: Shown) -> None:
    world = homes(
        village,
        ("lars", at("2026-11-23 06:00"), at("2026-11-23 10:00")),
        ("lars", at("2026-11-23 10:46"), at("2026-11-23 14:00")),
    )
    assert shown(derive(world, POLICY, at("2026-11-23 05:00"))) == [
        "lars lock-cia 23 05:45-23 10:30",
        "lars lock-cia 23 10:31-23 14:30",
    ]


def test_a_now_without_a_zone_is_refused(village: World) -> None:
    with pytest.raises(ValueError, match="time zone"):
        derive(village, POLICY, datetime(2026, 11, 23, 6))  # noqa: DTZ001 - the naive time is the fault


def test_dates_at_the_ends_of_the_calendar_mean_always(village: World, at: At) -> None:
    always = DateRange(date.min, date.max)
    world = replace(
        homes(village, ("tove", at("2026-11-23 07:00"), at("2026-11-23 15:00"))),
        decisions=tuple(replace(row, dates=always) for row in village.decisions),
        choices=tuple(replace(row, dates=always) for row in village.choices),
        employees=tuple(replace(row, employed=always) for row in village.employees),
        clients=(Client("ada", "north", "lock-ada"),),
    )
    assert len(derive(world, POLICY, at("2026-11-23 06:00"))) == 1
