"""Policy, plans and windows refuse what cannot be."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from nyckelfri.care.policy import Policy, policy_on
from nyckelfri.care.times import DateRange, Window, daily, local_moment, month_after
from nyckelfri.care.world import Alarm, PlannedVisit, Shift

START = datetime(2026, 11, 23, 6, tzinfo=UTC)


def test_a_night_that_does_not_cross_midnight_is_refused() -> None:
    with pytest.raises(ValueError, match="cross midnight"):
        Policy(night_starts=time(1), night_ends=time(7))


@pytest.mark.parametrize("margin", [timedelta(minutes=-1), timedelta(hours=5)])
def test_a_margin_outside_its_limits_is_refused_by_name(margin: timedelta) -> None:
    with pytest.raises(ValueError, match="after_shift must lie between 0 and 4 hours"):
        Policy(after_shift=margin)


def test_a_policy_that_grants_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="longer than nothing"):
        Policy(horizon=timedelta(0))
    with pytest.raises(ValueError, match="longer than nothing"):
        Policy(longest_grant=timedelta(0))


def test_a_margin_longer_than_the_horizon_is_refused_or_access_would_come_late() -> None:
    with pytest.raises(ValueError, match="horizon must be at least as long as before_shift"):
        Policy(horizon=timedelta(hours=1), before_shift=timedelta(hours=2))


@pytest.mark.parametrize("length", [timedelta(0), timedelta(minutes=-1), timedelta(hours=25)])
def test_an_alarm_that_opens_for_no_time_or_for_days_is_refused(length: timedelta) -> None:
    with pytest.raises(ValueError, match="alarm_access must lie between 0 and 24 hours"):
        Policy(alarm_access=length)


def test_the_latest_policy_that_has_begun_is_in_force() -> None:
    first = Policy(valid_from=date(2026, 1, 1))
    second = Policy(valid_from=date(2026, 11, 24), after_shift=timedelta(0))
    assert policy_on(date(2026, 11, 23), [second, first]) is first
    assert policy_on(date(2026, 11, 24), [second, first]) is second
    with pytest.raises(LookupError, match="2025-12-31"):
        policy_on(date(2025, 12, 31), [second, first])


@pytest.mark.parametrize("end", [START, START - timedelta(hours=1)])
def test_a_plan_that_ends_before_it_starts_is_refused(end: datetime) -> None:
    with pytest.raises(ValueError, match="shift P1 must end after it starts"):
        Shift("P1", "e", START, end)
    with pytest.raises(ValueError, match="visit V1 must end after it starts"):
        PlannedVisit("V1", "c", ("e",), START, end)


def test_a_shift_of_days_is_refused_as_a_slip() -> None:
    with pytest.raises(ValueError, match="longer than"):
        Shift("P1", "e", START, START + timedelta(hours=49))


def test_a_plan_without_a_time_zone_is_refused() -> None:
    naive = START.replace(tzinfo=None)
    with pytest.raises(ValueError, match="start of shift P1 has no time zone"):
        Shift("P1", "e", naive, START)
    with pytest.raises(ValueError, match="end of shift P1 has no time zone"):
        Shift("P1", "e", START, naive)


def test_an_alarm_that_ends_before_it_starts_or_has_no_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="alarm A1 ends before it starts"):
        Alarm("A1", "c", START, START - timedelta(minutes=1))
    with pytest.raises(ValueError, match="start of alarm A1 has no time zone"):
        Alarm("A1", "c", START.replace(tzinfo=None))
    with pytest.raises(ValueError, match="end of alarm A1 has no time zone"):
        Alarm("A1", "c", START, START.replace(tzinfo=None))


@pytest.mark.threat(32)
def test_a_local_time_that_the_spring_change_skips_is_read_as_before_the_change() -> None:
    assert local_moment(date(2026, 3, 29), time(2, 30)) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@pytest.mark.threat(32)
def test_a_local_time_that_comes_twice_in_autumn_is_the_first() -> None:
    assert local_moment(date(2026, 10, 25), time(2, 30)) == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )


@pytest.mark.threat(32)
@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 11, 23), 24)]
)
def test_a_day_is_as_long_as_the_clocks_make_it(day: date, hours: int) -> None:
    start, end = DateRange(day, day).window()
    assert end - start == timedelta(hours=hours)


def test_windows_that_only_touch_share_no_moment() -> None:
    later = START + timedelta(hours=1)
    assert Window(START, later).overlap(Window(later, later + timedelta(hours=1))) is None


@pytest.mark.parametrize(
    ("start", "end", "left"),
    [
        (-2, -1, [(0, 8)]),
        (-1, 0, [(0, 8)]),
        (8, 9, [(0, 8)]),
        (-1, 3, [(3, 8)]),
        (0, 3, [(3, 8)]),
        (5, 9, [(0, 5)]),
        (5, 8, [(0, 5)]),
        (2, 3, [(0, 2), (3, 8)]),
        (0, 8, []),
        (-1, 9, []),
    ],
)
def test_what_is_taken_out_of_a_window_leaves_none_one_or_two(
    start: int, end: int, left: list[tuple[int, int]]
) -> None:
    def window(first: int, last: int) -> Window:
        return Window(START + timedelta(hours=first), START + timedelta(hours=last))

    assert window(0, 8).without(window(start, end)) == tuple(window(*part) for part in left)


def test_a_window_holds_its_start_and_not_its_end() -> None:
    window = Window(START, START + timedelta(hours=1))
    assert window.holds(window.start)
    assert not window.holds(window.end)


def test_daily_hours_are_found_on_every_day_of_a_window() -> None:
    window = Window(START, START + timedelta(days=2))
    nights = list(daily(window, time(22), time(7)))
    assert [night.start.hour for night in nights] == [21, 21]
    assert [night.end - night.start for night in nights] == [timedelta(hours=9)] * 2


@pytest.mark.parametrize(
    ("day", "after"),
    [
        (date(2026, 1, 31), date(2026, 2, 1)),
        (date(2028, 1, 30), date(2028, 2, 1)),
        (date(2026, 11, 1), date(2026, 12, 1)),
        (date(2026, 12, 31), date(2027, 1, 1)),
    ],
)
def test_the_month_after_is_the_next_one_from_any_day(day: date, after: date) -> None:
    assert month_after(day) == after
