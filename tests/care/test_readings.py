"""A label's reading is held against what the doors tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from nyckelfri.care.readings import NEAR, PATIENCE, Fit, Reading, judge
from nyckelfri.care.visits import LockEvent, Movement

MORNING = datetime(2026, 11, 23, 6, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
READING = Reading("alice", MORNING, frozenset({"home"}))
IN, OUT = Movement.UNLOCKED, Movement.LOCKED
_number = count(1)


def at(minute: float, move: Movement, lock: str = "home", who: str = "alice") -> LockEvent:
    return LockEvent(lock, next(_number), who, move, MORNING + minute * MINUTE)


def fit(*events: LockEvent, reading: Reading = READING, told: float | None = 600) -> Fit:
    home_until = None if told is None else MORNING + told * MINUTE
    return judge(reading, events=events, home_until=home_until, now=MORNING + timedelta(hours=12))


@pytest.mark.parametrize("minute", [-15, -1, 0, 1, 15])
def test_reading_near_the_door_s_use_fits(minute: float) -> None:
    assert fit(at(minute, IN)) is Fit.FITS
    assert fit(at(minute, OUT)) is Fit.FITS


def test_reading_within_a_long_stay_fits_and_after_it_does_not() -> None:
    assert fit(at(-180, IN), at(60, OUT)) is Fit.FITS
    assert fit(at(-180, IN), at(-60, OUT)) is Fit.NO_DOOR


def test_stay_without_a_locking_is_believed_for_four_hours() -> None:
    assert fit(at(-239, IN)) is Fit.FITS
    assert fit(at(-241, IN)) is Fit.NO_DOOR


@pytest.mark.threat(60)
def test_reading_where_nobody_used_the_door_does_not_fit() -> None:
    assert fit() is Fit.NO_DOOR
    assert fit(at(0, IN, who="bob")) is Fit.NO_DOOR
    assert fit(at(-16, OUT)) is Fit.NO_DOOR


def test_whoever_goes_together_may_open_for_each_other() -> None:
    together = replace(READING, companions=frozenset({"bob"}))
    assert fit(at(0, IN, who="bob"), reading=together) is Fit.FITS


@pytest.mark.threat(60)
def test_label_taken_along_is_read_inside_another_home() -> None:
    inside = at(-30, IN, "other"), at(30, OUT, "other")
    assert fit(*inside) is Fit.ELSEWHERE
    assert fit(*inside, told=None) is Fit.ELSEWHERE
    without_lock = replace(READING, lock_ids=frozenset())
    assert fit(*inside, reading=without_lock) is Fit.ELSEWHERE


def test_colleague_who_is_elsewhere_says_nothing() -> None:
    together = replace(READING, companions=frozenset({"bob"}))
    inside = at(-30, IN, "other", "bob"), at(30, OUT, "other", "bob")
    assert fit(*inside, reading=together, told=None) is Fit.WAITING


@pytest.mark.parametrize("minute", [-31, -29, 29, 31])
def test_on_the_way_out_of_one_home_and_into_the_next_nobody_is_elsewhere(minute: float) -> None:
    reading = replace(READING, at=MORNING + minute * MINUTE, lock_ids=frozenset())
    assert fit(at(-30, IN, "other"), at(30, OUT, "other"), reading=reading) is Fit.FITS


def test_exit_that_is_not_proven_places_nobody_elsewhere() -> None:
    assert fit(at(-30, IN, "other"), told=None) is Fit.WAITING


def test_home_without_a_lock_has_nothing_to_hold_against_it() -> None:
    assert fit(reading=replace(READING, lock_ids=frozenset()), told=None) is Fit.FITS


def test_journal_that_has_not_come_home_is_waited_for_but_not_forever() -> None:
    assert fit(told=None) is Fit.WAITING
    assert fit(told=NEAR / MINUTE) is Fit.WAITING
    assert fit(told=NEAR / MINUTE + 1) is Fit.NO_DOOR
    late = MORNING + PATIENCE + MINUTE
    assert judge(READING, events=(), home_until=None, now=late) is Fit.NO_DOOR


@pytest.mark.threat(60)
def test_reading_that_was_saved_up_is_told_by_a_later_one_that_was_there_earlier() -> None:
    third = replace(READING, counter=3)

    def found(*taps: tuple[int, datetime]) -> Fit:
        return judge(third, events=[at(0, IN)], taps=taps, home_until=None, now=MORNING + MINUTE)

    assert found((4, MORNING - 11 * MINUTE)) is Fit.SAVED_UP
    assert found((4, MORNING - 9 * MINUTE)) is Fit.FITS
    assert found((2, MORNING - 11 * MINUTE), (4, MORNING + MINUTE)) is Fit.FITS
