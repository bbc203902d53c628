"""What a lock believes only ever grows newer, whatever it is offered and in whatever order."""

from __future__ import annotations

from dataclasses import replace

import pytest
from doorworld import HOUR, NOON, Door, Municipality, identifier, private_key
from hypothesis import given
from hypothesis import strategies as st

from nyckelfri.door import bulletin as bulletins
from nyckelfri.door import clock, keyset, signed
from nyckelfri.door.bulletin import TimeToken
from nyckelfri.door.clock import Mark
from nyckelfri.door.grants import Grant
from nyckelfri.door.keyset import KeySet
from nyckelfri.door.trust import Taken, Trust

DAY = 24 * HOUR
NONCE = bytes(range(16))
M = Municipality.make()
DOOR = Door(identifier("front door"), private_key(200), private_key(201))


def key_set(number: int, epoch: int = 1) -> KeySet:
    return replace(M.key_set, number=number, epoch=epoch)


KEY_SETS = {
    (number, epoch): M.sign_key_set(key_set(number, epoch))
    for number in range(1, 6)
    for epoch in range(4)
}
BULLETINS = {
    (epoch, hour): M.bulletin(
        NOON + hour * HOUR, epoch=epoch, serials=frozenset({identifier(f"{epoch} {hour}")})
    )
    for epoch in range(4)
    for hour in range(-5, 6)
}
TOKENS = {
    hour: bulletins.issue_time(
        TimeToken(M.key_set.municipality, DOOR.installation, NONCE, NOON + hour * HOUR),
        key=M.bulletin_key,
        kid=b"\x02",
    )
    for hour in range(-5, 6)
}
OTHER = Municipality.make(seed=500)

offers = st.lists(
    st.one_of(
        st.tuples(st.just("key set"), st.sampled_from(list(KEY_SETS.values()))),
        st.tuples(st.just("bulletin"), st.sampled_from(list(BULLETINS.values()))),
        st.tuples(st.just("time"), st.sampled_from(list(TOKENS.values()))),
        st.tuples(
            st.sampled_from(["key set", "bulletin", "time"]),
            st.sampled_from([OTHER.signed_key_set, OTHER.bulletin(), b"", b"\x80"])
            | st.binary(max_size=50),
        ),
    ),
    max_size=25,
)


def offer(trust: Trust, kind: str, data: bytes, ticks: int) -> tuple[Trust, Taken]:
    if kind == "key set":
        return trust.with_key_set(data, ticks)
    if kind == "bulletin":
        return trust.with_bulletin(data, ticks)
    return trust.with_time(data, installation=DOOR.installation, nonce=NONCE, ticks=ticks)


def number(trust: Trust) -> tuple[int, int]:
    return trust.bulletin.number if trust.bulletin else (-1, -1)


@pytest.mark.threat(23)
@pytest.mark.threat(44)
@given(offers=offers, mark=st.sampled_from(list(Mark)))
def test_no_sequence_of_offers_lowers_a_number_or_an_epoch_and_only_a_new_epoch_the_floor(
    offers: list[tuple[str, bytes]], mark: Mark
) -> None:
    trust = M.trust()
    trust = replace(trust, clock=replace(trust.clock, mark=mark))
    for ticks, (kind, data) in enumerate(offers):
        then, taken = offer(trust, kind, data, ticks)
        assert then.root == trust.root
        assert then.key_set.number >= trust.key_set.number
        assert then.key_set.epoch >= trust.key_set.epoch
        assert number(then) >= number(trust)
        if then.key_set.epoch == trust.key_set.epoch:
            assert then.clock.floor >= trust.clock.floor
        else:
            assert (then.clock.floor, then.clock.mark) == (then.key_set.issued, Mark.LOST)
            assert then.bulletin == trust.bulletin, "what is revoked stays so"
        if taken is not Taken.TAKEN:
            assert then == trust, "what is not taken changes nothing"
        trust = then


@pytest.mark.threat(23)
@pytest.mark.parametrize(
    ("offered", "epoch", "taken"),
    [
        (4, 1, Taken.TAKEN),
        (4, 2, Taken.TAKEN),
        (4, 0, Taken.REFUSED),
        (3, 1, Taken.KNOWN),
        (3, 3, Taken.KNOWN),
        (2, 1, Taken.KNOWN),
        (1, 3, Taken.KNOWN),
    ],
)
def test_a_key_set_is_taken_by_higher_number_and_no_lower_epoch(
    offered: int, epoch: int, taken: Taken
) -> None:
    trust = replace(M.trust(), key_set=key_set(3, 1))
    then, answer = trust.with_key_set(M.sign_key_set(key_set(offered, epoch)), 0)
    assert answer is taken
    assert then.key_set == (key_set(offered, epoch) if taken is Taken.TAKEN else trust.key_set)


@pytest.mark.threat(8)
def test_what_another_municipality_signs_is_refused() -> None:
    trust = M.trust()
    assert trust.with_key_set(OTHER.signed_key_set, 0) == (trust, Taken.REFUSED)
    assert trust.with_bulletin(OTHER.bulletin(NOON), 0) == (trust, Taken.REFUSED)


@pytest.mark.threat(44)
def test_an_old_or_equal_bulletin_changes_nothing() -> None:
    trust = M.trust()
    for issued in (NOON - HOUR, NOON - 2 * HOUR, 0):
        assert trust.with_bulletin(M.bulletin(issued), 0) == (trust, Taken.KNOWN)
    then, taken = trust.with_bulletin(M.bulletin(NOON - HOUR + 1), 0)
    assert taken is Taken.TAKEN
    assert number(then) == (1, NOON - HOUR + 1)


@pytest.mark.threat(44)
def test_after_a_restore_only_the_new_epoch_speaks() -> None:
    """The restored server begins a new epoch; its bulletin may be older than what locks hold."""
    trust, _ = M.trust().with_bulletin(M.bulletin(NOON + HOUR), 0)
    assert trust.with_bulletin(M.bulletin(NOON - DAY, epoch=2), 0)[1] is Taken.REFUSED
    trust, taken = trust.with_key_set(M.sign_key_set(key_set(2, 2)), 0)
    assert taken is Taken.TAKEN
    assert number(trust) == (1, NOON + HOUR), "until then the old list still revokes"
    assert trust.with_bulletin(M.bulletin(NOON + 2 * HOUR), 0)[1] is Taken.REFUSED
    trust, taken = trust.with_bulletin(M.bulletin(NOON - DAY, epoch=2), 0)
    assert (taken, number(trust)) == (Taken.TAKEN, (2, NOON - DAY))


@pytest.mark.threat(31)
@pytest.mark.threat(44)
def test_a_new_epoch_heals_a_clock_that_a_thief_of_the_bulletin_key_has_moved() -> None:
    """With the nonce of a session he sets it years ahead; no bulletin could bring it back."""
    trust = M.trust()
    years = NOON + 3 * 365 * DAY
    token = bulletins.issue_time(
        TimeToken(M.key_set.municipality, DOOR.installation, NONCE, years),
        key=M.bulletin_key,
        kid=b"\x02",
    )
    trust, _ = trust.with_time(token, installation=DOOR.installation, nonce=NONCE, ticks=0)
    assert trust.clock.floor == years
    assert trust.with_bulletin(M.bulletin(NOON), 0)[0].clock.estimate(0) == years
    new = replace(key_set(2, 2), issued=NOON)
    trust, _ = trust.with_key_set(M.sign_key_set(new), 0)
    assert (trust.clock.floor, trust.clock.mark) == (NOON, Mark.LOST)
    assert trust.with_bulletin(M.bulletin(years), 0)[1] is Taken.REFUSED, "the old epoch"
    trust, _ = trust.with_bulletin(M.bulletin(NOON + HOUR, epoch=2), 0)
    assert trust.clock.read(60) == clock.Reading(NOON + HOUR + 60, Mark.APPROXIMATE)


@pytest.mark.threat(44)
def test_a_key_set_of_the_same_epoch_leaves_the_clock_alone() -> None:
    trust = M.trust()
    then, _ = trust.with_key_set(M.sign_key_set(replace(key_set(2), issued=NOON - DAY)), 5)
    assert then.clock == trust.clock


@pytest.mark.threat(29)
def test_a_lost_clock_takes_time_from_the_bulletin_it_holds_but_not_from_an_older_one() -> None:
    trust = M.trust()
    lost = replace(trust, clock=replace(trust.clock, mark=Mark.LOST))
    assert lost.with_bulletin(M.bulletin(NOON - 2 * HOUR), 0) == (lost, Taken.KNOWN)
    then, taken = lost.with_bulletin(M.bulletin(NOON - HOUR), 0)
    assert (taken, then.clock.mark) == (Taken.TAKEN, Mark.APPROXIMATE)


@pytest.mark.threat(31)
def test_a_bulletin_too_far_ahead_of_a_running_clock_is_refused_whole() -> None:
    trust = M.trust()
    far = M.bulletin(NOON + clock.MAX_JUMP + 1, serials=frozenset({identifier("x")}))
    assert trust.with_bulletin(far, 0) == (trust, Taken.REFUSED)


@pytest.mark.threat(24)
@pytest.mark.threat(47)
def test_a_rotation_cut_half_way_leaves_the_old_keys_whole(grant: Grant) -> None:
    fresh = private_key(4711)
    rotated = replace(
        key_set(2),
        keys=(replace(M.key_set.keys[0], point=signed.compressed(fresh.public_key())),),
    )
    one_holder = M.sign_key_set(rotated, (0,))
    whole = M.sign_key_set(rotated)
    trust = M.trust()
    for part in (one_holder, *(whole[:cut] for cut in range(0, len(whole), 7))):
        assert trust.with_key_set(part, 0) == (trust, Taken.REFUSED)
    assert trust.with_key_set(whole, 0)[1] is Taken.TAKEN


@pytest.mark.threat(31)
def test_a_time_token_is_taken_for_this_session_only() -> None:
    trust = M.trust()
    then, taken = offer(trust, "time", TOKENS[3], 10)
    assert (taken, then.clock.estimate(10)) == (Taken.TAKEN, NOON + 3 * HOUR)
    for installation, nonce in ((identifier("other"), NONCE), (DOOR.installation, bytes(16))):
        refused = trust.with_time(TOKENS[3], installation=installation, nonce=nonce, ticks=10)
        assert refused == (trust, Taken.REFUSED)


@pytest.mark.threat(34)
def test_no_function_of_the_lock_takes_a_time_from_the_phone() -> None:
    """A phone that is a day wrong carries the same signed bytes, and so changes nothing."""
    for function, parameters in (
        (Trust.with_key_set, {"self", "data", "ticks", "return"}),
        (Trust.with_bulletin, {"self", "data", "ticks", "return"}),
        (Trust.with_time, {"self", "data", "installation", "nonce", "ticks", "return"}),
    ):
        assert set(function.__annotations__) | {"self"} == parameters
    assert keyset.read(M.signed_key_set, M.root) == M.key_set
