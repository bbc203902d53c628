"""Stays are read from lock events without guessing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count, permutations
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nyckelfri.care.visits import LockEvent, Movement, Stay, stays

if TYPE_CHECKING:
    from collections.abc import Sequence

MORNING = datetime(2026, 11, 23, 6, tzinfo=UTC)
UNLOCKED, LOCKED = Movement.UNLOCKED, Movement.LOCKED


def after(minutes: float) -> datetime:
    return MORNING + timedelta(minutes=minutes)


def events(*rows: tuple[float, str, Movement], lock: str = "lock") -> list[LockEvent]:
    """Events of one lock, numbered in the order given: (minute, employee, movement)."""
    numbers = count(1)
    return [
        LockEvent(lock, next(numbers), employee, movement, after(minute))
        for minute, employee, movement in rows
    ]


@pytest.mark.sentence(20)
@pytest.mark.sentence(21)
def test_unlocking_and_locking_make_a_stay_with_its_duration() -> None:
    (stay,) = stays(events((0, "tove", UNLOCKED), (30, "tove", LOCKED)))
    assert stay == Stay("tove", "lock", after(0), after(30))
    assert stay.duration == timedelta(minutes=30)


def test_a_stay_without_locking_has_no_duration() -> None:
    (stay,) = stays(events((0, "tove", UNLOCKED)))
    assert stay == Stay("tove", "lock", after(0))
    assert stay.duration is None


def test_the_same_event_twice_counts_once_in_any_order() -> None:
    once = events((0, "tove", UNLOCKED), (30, "tove", LOCKED), (240, "tove", UNLOCKED))
    expected = [Stay("tove", "lock", after(0), after(30)), Stay("tove", "lock", after(240))]
    for order in permutations([*once, once[1]]):
        assert stays(order) == expected


def test_trying_the_door_again_within_two_minutes_is_the_same_entry() -> None:
    found = stays(
        events((0, "tove", UNLOCKED), (2, "tove", UNLOCKED), (30, "tove", LOCKED)),
    )
    assert found == [Stay("tove", "lock", after(0), after(30))]


def test_a_missing_locking_leaves_its_own_stay_open_and_not_the_next() -> None:
    found = stays(
        events((0, "tove", UNLOCKED), (240, "tove", UNLOCKED), (270, "tove", LOCKED)),
    )
    assert found == [
        Stay("tove", "lock", after(0)),
        Stay("tove", "lock", after(240), after(270)),
    ]


def test_another_employees_locking_is_nobodys_exit() -> None:
    found = stays(events((0, "tove", UNLOCKED), (30, "bodil", LOCKED)))
    assert found == [Stay("tove", "lock", after(0))]


def test_two_employees_stays_overlap_without_mixing() -> None:
    found = stays(
        events(
            (0, "tove", UNLOCKED),
            (5, "bodil", UNLOCKED),
            (20, "tove", LOCKED),
            (40, "bodil", LOCKED),
        ),
    )
    assert found == [
        Stay("tove", "lock", after(0), after(20)),
        Stay("bodil", "lock", after(5), after(40)),
    ]


def test_locking_a_second_time_does_not_move_the_exit() -> None:
    found = stays(events((0, "tove", UNLOCKED), (30, "tove", LOCKED), (31, "tove", LOCKED)))
    assert found == [Stay("tove", "lock", after(0), after(30))]


def test_a_locking_the_next_day_is_not_the_exit_of_yesterdays_stay() -> None:
    found = stays(events((0, "tove", UNLOCKED), (24 * 60, "tove", LOCKED)))
    assert found == [Stay("tove", "lock", after(0))]


@pytest.mark.sentence(23)
def test_passing_an_entrance_is_no_stay() -> None:
    passage = LockEvent("port", 1, "tove", UNLOCKED, after(0), entrance=True)
    assert stays([passage, LockEvent("port", 2, "tove", LOCKED, after(1), entrance=True)]) == []


def test_events_of_two_locks_are_never_paired() -> None:
    here = events((0, "tove", UNLOCKED), lock="here")
    there = events((30, "tove", LOCKED), lock="there")
    assert stays(here + there) == [Stay("tove", "here", after(0))]


@pytest.mark.threat(31)
def test_a_clock_set_back_inside_a_stay_gives_no_negative_duration() -> None:
    found = stays(events((60, "tove", UNLOCKED), (10, "tove", LOCKED)))
    assert found == [Stay("tove", "lock", after(60))]


rows = st.tuples(
    st.integers(0, 3000), st.sampled_from(["tove", "bodil"]), st.sampled_from(list(Movement))
)


@given(st.lists(rows, max_size=12))
def test_every_stay_begins_with_the_employees_own_unlocking_and_ends_with_their_locking(
    drawn: Sequence[tuple[float, str, Movement]],
) -> None:
    given_events = events(*drawn)
    moves = {(event.employee_id, event.movement, event.at) for event in given_events}
    for stay in stays(given_events):
        assert (stay.employee_id, UNLOCKED, stay.entry) in moves
        if stay.exit is not None:
            assert (stay.employee_id, LOCKED, stay.exit) in moves
            assert stay.duration is not None
            assert stay.duration >= timedelta(0)


@pytest.mark.sentence(21)
def test_the_stays_of_a_whole_month_are_found(bjorkvik_movements: list[LockEvent]) -> None:
    found = stays(bjorkvik_movements)
    at_homes = [event for event in bjorkvik_movements if not event.entrance]
    unlocked = sum(event.movement is UNLOCKED for event in at_homes)
    locked = sum(event.movement is LOCKED for event in at_homes)
    # Nobody in this month unlocks twice or locks without having unlocked.
    assert len(found) == unlocked
    assert sum(stay.exit is not None for stay in found) == locked
    assert all(stay.duration is None or stay.duration < timedelta(hours=3) for stay in found)
