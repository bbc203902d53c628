"""The lock's clock: the floor never falls, and nothing unsigned moves it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from doorworld import HOUR, NOON
from hypothesis import given
from hypothesis import strategies as st

from nyckelfri.door import clock
from nyckelfri.door.clock import (
    EARLY,
    EARLY_APPROXIMATE,
    MAX_JUMP,
    Clock,
    Mark,
    Reading,
    TimeJumpError,
)

DAY = 24 * HOUR
SET = Clock(floor=NOON - DAY, base=NOON, base_ticks=1_000, mark=Mark.SET)
LOST = replace(SET, mark=Mark.LOST)
APPROXIMATE = replace(SET, mark=Mark.APPROXIMATE)

times = st.integers(0, 0xFFFFFFFF)
near = st.integers(NOON - 20 * DAY, NOON + 20 * DAY)
events = st.lists(
    st.tuples(st.just("bulletin"), near | times, st.integers(0, 10 * DAY))
    | st.tuples(st.just("token"), near | times, st.integers(0, 10 * DAY))
    | st.tuples(st.just("restart"), st.none() | near | times, st.integers(0, 10 * DAY))
    | st.tuples(st.just("wait"), st.just(0), st.integers(0, 10 * DAY)),
    max_size=30,
)


def after(before: Clock, event: str, time: int | None, ticks: int) -> Clock:
    if event == "bulletin" and time is not None:
        try:
            return before.with_bulletin(time, ticks)
        except TimeJumpError:
            return before
    if event == "token" and time is not None:
        return before.with_signed_time(time, ticks)
    if event == "restart":
        return clock.started(
            floor=before.floor,
            checkpoint=before.estimate(ticks),
            mark=before.mark,
            hardware=time,
            ticks=ticks,
        )
    return before


@pytest.mark.threat(29)
@pytest.mark.threat(31)
@given(start=st.sampled_from([SET, LOST, APPROXIMATE, clock.factory(0)]), events=events)
def test_the_floor_never_falls_and_the_estimate_never_stands_below_it(
    start: Clock, events: list[tuple[str, int | None, int]]
) -> None:
    now, ticks = start, start.base_ticks
    for event, time, passed in events:
        ticks += passed
        then = after(now, event, time, ticks)
        assert then.floor >= now.floor
        assert then.estimate(ticks) >= then.floor
        signed_time = time if event in ("bulletin", "token") else 0
        assert then.floor <= max(now.floor, signed_time or 0), "only signed times raise the floor"
        if event == "bulletin":
            assert then.estimate(ticks) >= now.estimate(ticks), "a bulletin never turns back"
        now = then


@given(start=st.sampled_from([SET, APPROXIMATE, LOST]), ticks=st.integers(-DAY, 400 * DAY))
def test_the_estimate_runs_with_the_ticks_and_never_backwards(start: Clock, ticks: int) -> None:
    now = start.base_ticks + ticks
    assert start.estimate(now) == NOON + max(0, ticks)
    assert start.read(now) == Reading(start.estimate(now), start.mark)


def test_a_bulletin_raises_the_floor_and_an_estimate_that_lags() -> None:
    ahead = SET.with_bulletin(NOON + HOUR, 1_000)
    assert (ahead.floor, ahead.estimate(1_000), ahead.mark) == (NOON + HOUR, NOON + HOUR, Mark.SET)
    behind = SET.with_bulletin(NOON - HOUR, 1_010)
    assert (behind.floor, behind.estimate(1_010)) == (NOON - HOUR, NOON + 10)


@pytest.mark.threat(31)
@pytest.mark.parametrize("start", [SET, APPROXIMATE])
def test_a_bulletin_from_over_seven_days_ahead_is_refused_by_a_running_clock(start: Clock) -> None:
    assert start.with_bulletin(NOON + MAX_JUMP, 1_000).estimate(1_000) == NOON + MAX_JUMP
    with pytest.raises(TimeJumpError, match="7 days"):
        start.with_bulletin(NOON + MAX_JUMP + 1, 1_000)
    assert LOST.with_bulletin(NOON + 400 * DAY, 1_000).estimate(1_000) == NOON + 400 * DAY


@pytest.mark.threat(29)
def test_a_lost_clock_becomes_a_lower_bound_by_a_bulletin_and_right_by_a_token() -> None:
    bound = LOST.with_bulletin(NOON - HOUR, 2_000)
    assert bound.mark is Mark.APPROXIMATE
    assert bound.estimate(2_000) == NOON + 1_000, "the checkpoint was later than the bulletin"
    right = bound.with_signed_time(NOON + 9 * HOUR, 2_100)
    assert (right.mark, right.estimate(2_100)) == (Mark.SET, NOON + 9 * HOUR)


@pytest.mark.threat(30)
@pytest.mark.threat(31)
def test_only_a_time_token_moves_a_running_estimate_back_and_never_below_the_floor() -> None:
    fast = replace(SET, base=NOON + 5 * HOUR)
    assert fast.with_bulletin(NOON, 1_000).estimate(1_000) == NOON + 5 * HOUR
    assert fast.with_signed_time(NOON, 1_000).estimate(1_000) == NOON
    assert fast.with_signed_time(NOON - 9 * DAY, 1_000).estimate(1_000) == fast.floor
    assert fast.with_signed_time(NOON + 90 * DAY, 1_000).estimate(1_000) == NOON + 90 * DAY


@pytest.mark.threat(29)
@pytest.mark.threat(31)
@pytest.mark.parametrize(
    ("hardware", "mark", "estimate"),
    [
        (NOON, Mark.SET, NOON),
        (NOON + HOUR, Mark.SET, NOON + HOUR),
        (NOON + MAX_JUMP, Mark.SET, NOON + MAX_JUMP),
        (NOON + MAX_JUMP + 1, Mark.LOST, NOON),
        (NOON - 1, Mark.LOST, NOON),
        (0, Mark.LOST, NOON),
        (946_684_800, Mark.LOST, NOON),
        (0xFFFFFFFF, Mark.LOST, NOON),
        (None, Mark.LOST, NOON),
    ],
)
def test_a_hardware_clock_that_was_set_back_far_forward_or_reset_is_not_believed(
    hardware: int | None, mark: Mark, estimate: int
) -> None:
    found = clock.started(
        floor=NOON - DAY, checkpoint=NOON, mark=Mark.SET, hardware=hardware, ticks=5
    )
    assert (found.mark, found.estimate(5), found.floor) == (mark, estimate, NOON - DAY)


@pytest.mark.parametrize("mark", [Mark.APPROXIMATE, Mark.LOST])
def test_a_restart_never_makes_the_mark_better(mark: Mark) -> None:
    found = clock.started(floor=NOON - DAY, checkpoint=NOON, mark=mark, hardware=NOON + 1, ticks=5)
    assert found.mark is mark


def test_a_torn_checkpoint_below_the_floor_counts_as_the_floor() -> None:
    found = clock.started(floor=NOON, checkpoint=3, mark=Mark.SET, hardware=NOON + 5, ticks=0)
    assert (found.mark, found.estimate(0)) == (Mark.SET, NOON + 5)
    found = clock.started(floor=NOON, checkpoint=3, mark=Mark.SET, hardware=NOON - 5, ticks=0)
    assert (found.mark, found.estimate(0)) == (Mark.LOST, NOON)


@pytest.mark.threat(29)
def test_a_factory_new_unit_takes_its_time_from_the_bulletin_alone() -> None:
    new = clock.factory(77)
    assert (new.mark, new.floor) == (Mark.LOST, 0)
    commissioned = new.with_bulletin(NOON, 100)
    assert (commissioned.mark, commissioned.estimate(100)) == (Mark.APPROXIMATE, NOON)


@pytest.mark.parametrize(
    ("mark", "slack"), [(Mark.SET, EARLY), (Mark.APPROXIMATE, EARLY_APPROXIMATE)]
)
def test_the_window_is_closed_at_its_end_and_opens_as_early_as_the_mark_allows(
    mark: Mark, slack: int
) -> None:
    assert Reading(NOON - slack - 1, mark).is_early(NOON)
    assert not Reading(NOON - slack, mark).is_early(NOON)
    assert not Reading(NOON - 1, mark).is_late(NOON)
    assert Reading(NOON, mark).is_late(NOON)
    assert (EARLY, EARLY_APPROXIMATE) == (120, 36 * HOUR)


@pytest.mark.threat(33)
@pytest.mark.parametrize("moment", [2**31 - 1, 2**31, 2**31 + 1, 2**32 - 1 - MAX_JUMP])
def test_the_clock_runs_through_2038(moment: int) -> None:
    running = Clock(floor=moment - DAY, base=moment - 5, base_ticks=0, mark=Mark.SET)
    assert running.estimate(10) == moment + 5
    assert running.with_bulletin(moment + 1, 10).estimate(10) == moment + 5
    assert running.with_signed_time(moment, 10).estimate(20) == moment + 10
    restarted = clock.started(
        floor=moment - DAY, checkpoint=moment - 1, mark=Mark.SET, hardware=moment + 1, ticks=0
    )
    assert (restarted.mark, restarted.estimate(0)) == (Mark.SET, moment + 1)


STOCKHOLM = ZoneInfo("Europe/Stockholm")


@pytest.mark.threat(32)
@pytest.mark.parametrize(
    ("change", "hours"),
    [
        (datetime(2027, 3, 28, 0, 0, tzinfo=STOCKHOLM), 23),
        (datetime(2026, 10, 25, 0, 0, tzinfo=STOCKHOLM), 25),
        (datetime(2026, 11, 9, 0, 0, tzinfo=STOCKHOLM), 24),
    ],
    ids=["to summer time", "to winter time", "an ordinary midnight"],
)
def test_summer_time_and_midnight_mean_nothing_to_the_clock(change: datetime, hours: int) -> None:
    """A night shift from 21 to 07 by the wall clock is open for exactly its hours."""
    midnight = int(change.timestamp())
    next_midnight = int((change + timedelta(days=1)).timestamp())
    assert next_midnight - midnight == hours * HOUR
    running = Clock(floor=midnight - DAY, base=midnight - 60, base_ticks=0, mark=Mark.SET)
    for passed in range(0, 26 * HOUR, 600):
        reading = running.read(passed)
        assert reading.time == midnight - 60 + passed
        ends = midnight + 5 * HOUR
        assert reading.is_late(ends) == (passed >= 5 * HOUR + 60)
    assert datetime.fromtimestamp(midnight, UTC).hour in (22, 23)
