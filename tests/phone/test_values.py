"""Which grant is shown, and which advertisements are ours."""

from __future__ import annotations

import hmac

import pytest
from doorworld import HOUR, NOON, identifier
from hypothesis import given, settings
from hypothesis import strategies as st

from nyckelfri.door import advert, grants
from nyckelfri.door.grants import Command, Scope
from nyckelfri.phone.airtime import WIDE, of_new_lock, pseudonyms
from nyckelfri.phone.values import HeldGrant, Stay, choose

DOOR = identifier("front door")
RADIO = bytes(range(16))


def grant(name: str, start: int, end: int, scope: Scope = grants.CARE) -> HeldGrant:
    return HeldGrant(b"", identifier(name), DOOR, NOON + start * HOUR, NOON + end * HOUR, scope)


MORNING, EVENING = grant("morning", -4, 4), grant("evening", 6, 10)
OLD, LONGER = grant("old", -30, -20), grant("longer", -2, 6)


@pytest.mark.parametrize(
    ("now", "chosen"),
    [(0, LONGER), (5, LONGER), (7, EVENING), (-3, MORNING), (-6, MORNING), (30, EVENING)],
)
def test_the_grant_whose_window_is_nearest_is_shown_and_never_none(
    now: int, chosen: HeldGrant
) -> None:
    held = [OLD, MORNING, EVENING, LONGER]
    assert choose(held, Command.UNLOCK, NOON + now * HOUR) == chosen


def test_without_a_grant_nothing_is_shown() -> None:
    assert choose([], Command.UNLOCK, NOON) is None


def test_locking_behind_oneself_shows_the_grant_that_opened() -> None:
    stay = Stay(DOOR, OLD.serial, NOON - HOUR)
    held = [OLD, MORNING]
    assert choose(held, Command.LOCK, NOON, stay) == OLD
    assert choose(held, Command.UNLOCK, NOON, stay) == MORNING
    assert choose(held, Command.LOCK, NOON + 4 * HOUR, stay) == MORNING, "the stay is over"


def test_a_grant_that_allows_the_command_comes_before_one_that_does_not() -> None:
    service = grant("service", -20, -16, Scope.SERVICE)
    assert choose([MORNING, service], Command.SERVICE, NOON) == service
    assert choose([MORNING], Command.SERVICE, NOON) == MORNING, "the lock judges"


@pytest.mark.threat(63)
def test_only_the_radio_key_tells_which_door_an_advertisement_is() -> None:
    hour = NOON // HOUR
    found = pseudonyms([(DOOR, RADIO)], NOON)
    expected = {
        hmac.digest(RADIO, label, "sha256")[:8]
        for label in (*((hour + i).to_bytes(4, "big") for i in (-1, 0, 1)), b"lost")
    }
    assert set(found) == expected
    assert sum(entry.lost for entry in found.values()) == 1
    assert not set(pseudonyms([(DOOR, bytes(16))], NOON)) & expected


@pytest.mark.threat(33)
@given(now=st.integers(-100_000, 2**33), reach=st.sampled_from([1, WIDE]))
def test_any_clock_gives_pseudonyms(now: int, reach: int) -> None:
    assert 1 <= len(pseudonyms([(DOOR, RADIO)], now, reach)) <= 2 * reach + 2


def test_a_new_lock_is_heard_from_its_bulletin_on_to_a_week_ahead_and_without_a_clock() -> None:
    said = of_new_lock(RADIO, NOON, NOON + 30 * HOUR)
    hour = NOON // HOUR
    assert advert.pseudonym(RADIO, None) in said
    heard = [h for h in range(-3, 24 * 9) if advert.pseudonym(RADIO, hour + h) in said]
    assert heard == list(range(-1, 30 + 7 * 24 + 1))
    assert len(said) == len(heard) + 1


@given(since=st.integers(0, 2**32), now=st.integers(-100_000, 2**33))
@settings(max_examples=20, deadline=None)
def test_any_clock_listens_for_a_new_lock_and_for_no_more_than_a_year(since: int, now: int) -> None:
    said = of_new_lock(RADIO, since, now)
    assert advert.pseudonym(RADIO, since // HOUR) in said
    assert len(said) <= 366 * 24 + 2
