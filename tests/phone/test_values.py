"""Which grant is shown, and which advertisements are ours."""

from __future__ import annotations

import hmac

import pytest
from doorworld import HOUR, NOON, identifier
from hypothesis import given
from hypothesis import strategies as st

from nyckelfri.door import grants
from nyckelfri.door.grants import Command, Scope
from nyckelfri.phone.airtime import WIDE, pseudonyms
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
