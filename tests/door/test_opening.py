"""The opening, both sides against each other, and everything that must not open a door."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from doorworld import NOON, Door, Municipality, identifier, private_key
from hypothesis import given, settings
from hypothesis import strategies as st

from nyckelfri import cbor, edhoc
from nyckelfri.door import grants, policy, signed
from nyckelfri.door.clock import Clock, Mark
from nyckelfri.door.courier import Courier, Fetch, Side, Status
from nyckelfri.door.grants import Command, Grant
from nyckelfri.door.opening import (
    AwaitingDecision,
    AwaitingGrant,
    Decision,
    LockOpening,
    NotAcceptedError,
    PhoneOpening,
    Presented,
)
from nyckelfri.door.policy import Situation
from nyckelfri.door.reasons import Reason
from nyckelfri.door.trust import Taken, Trust

Key = ec.EllipticCurvePrivateKey


def until_message_3(
    door: Door, phone_key: Key, grant: bytes, command: Command = Command.UNLOCK, **carried: bytes
) -> tuple[bytes, AwaitingDecision, AwaitingGrant]:
    message_1, waiting = PhoneOpening(door.record, phone_key, grant).message_1()
    message_2, lock = LockOpening(door.installation, door.key).message_1(message_1)
    message_3, phone = waiting.message_2(message_2).message_3(command, **carried)
    return message_3, phone, lock


def present(
    door: Door, phone_key: Key, grant: bytes, trust: Trust, command: Command = Command.UNLOCK
) -> tuple[Presented, AwaitingDecision]:
    message_3, phone, lock = until_message_3(door, phone_key, grant, command)
    return lock.message_3(message_3).prove(trust.key_set), phone


def situation(trust: Trust, **changes: object) -> Situation:
    now = Situation(
        clock=trust.clock.read(0), bulletin=trust.bulletin, stay=None, strength=-50, threshold=-70
    )
    return replace(now, **changes)  # type: ignore[arg-type]


@pytest.mark.sentence(1)
def test_a_phone_with_a_grant_opens_the_door_in_two_round_trips_of_at_most_344_bytes(
    municipality: Municipality, door: Door, phone_key: Key, grant: Grant
) -> None:
    phone_start = PhoneOpening(door.record, phone_key, municipality.mint(grant))
    message_1, awaiting_lock = phone_start.message_1()
    message_2, awaiting_grant = LockOpening(door.installation, door.key).message_1(message_1)
    message_3, awaiting = awaiting_lock.message_2(message_2).message_3(Command.UNLOCK)
    trust = municipality.trust()
    presented = awaiting_grant.message_3(message_3).prove(trust.key_set)

    assert presented.grant == grant
    assert presented.command is Command.UNLOCK
    assert policy.decide(grant, presented.command, situation(trust)) is Reason.GRANTED

    largest = Decision(Reason.GRANTED, 0xFFFFFFFF, bytes(range(8)))
    message_4 = presented.answer(largest)
    decision, phone_courier = awaiting.message_4(message_4)
    assert decision == largest
    assert [len(m) for m in (message_1, message_2, message_3, message_4)] == [37, 53, 214, 37]
    assert len(message_1 + message_2 + message_3 + message_4) <= 344

    lock_courier = presented.courier()
    status = Status(0, NOON, 1, 1, NOON, 7, 3, None, bytes(16))
    assert phone_courier.open(lock_courier.seal(status)) == status
    assert lock_courier.open(phone_courier.seal(Fetch(0))) == Fetch(0)


@pytest.mark.threat(1)
@pytest.mark.threat(2)
def test_replay_of_a_recorded_opening_is_refused_also_after_a_restart(
    municipality: Municipality, door: Door, phone_key: Key, grant: Grant
) -> None:
    message_1, waiting = PhoneOpening(door.record, phone_key, municipality.mint(grant)).message_1()
    message_2, lock = LockOpening(door.installation, door.key).message_1(message_1)
    message_3, _ = waiting.message_2(message_2).message_3(Command.UNLOCK)
    lock.message_3(message_3).prove(municipality.key_set)

    again, restarted = LockOpening(door.installation, door.key).message_1(message_1)
    assert again != message_2, "every message 2 carries a fresh key"
    with pytest.raises(NotAcceptedError):
        restarted.message_3(message_3)


@pytest.mark.threat(4)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_byte_rewritten_on_the_way_is_refused_by_one_side_or_the_other(
    municipality: Municipality, door: Door, phone_key: Key, grant: Grant, data: st.DataObject
) -> None:
    target = data.draw(st.integers(1, 4))

    def touch(number: int, message: bytes) -> bytes:
        if number != target:
            return message
        at = data.draw(st.integers(0, len(message) - 1))
        flip = data.draw(st.integers(1, 255))
        return message[:at] + bytes([message[at] ^ flip]) + message[at + 1 :]

    def opening() -> None:
        message_1, waiting = PhoneOpening(
            door.record, phone_key, municipality.mint(grant)
        ).message_1()
        message_2, lock = LockOpening(door.installation, door.key).message_1(touch(1, message_1))
        message_3, phone = waiting.message_2(touch(2, message_2)).message_3(Command.UNLOCK)
        presented = lock.message_3(touch(3, message_3)).prove(municipality.key_set)
        answer = presented.answer(Decision(Reason.GRANTED, 1, bytes(8)))
        phone.message_4(touch(4, answer))

    with pytest.raises(NotAcceptedError):
        opening()


@pytest.mark.threat(5)
def test_a_phone_that_offers_another_suite_or_method_is_refused(
    door: Door, phone_key: Key, municipality: Municipality, grant: Grant
) -> None:
    message_1, _ = PhoneOpening(door.record, phone_key, municipality.mint(grant)).message_1()
    lock = LockOpening(door.installation, door.key)
    for method, suites in ((0, 3), (1, 3), (2, 3), (3, 2), (3, [3, 2])):
        downgraded = cbor.encode(method) + cbor.encode(suites) + message_1[2:]
        with pytest.raises(NotAcceptedError):
            lock.message_1(downgraded)


@pytest.mark.threat(7)
def test_a_grant_for_another_door_is_refused(
    municipality: Municipality, door: Door, phone_key: Key, grant: Grant
) -> None:
    other = replace(grant, installation=identifier("the neighbour"))
    with pytest.raises(NotAcceptedError, match="another door"):
        present(door, phone_key, municipality.mint(other), municipality.trust())


@pytest.mark.threat(8)
def test_a_grant_of_another_municipality_is_refused(
    municipality: Municipality, door: Door, phone_key: Key, grant: Grant
) -> None:
    foreign = Municipality.make(seed=500).mint(grant)
    with pytest.raises(NotAcceptedError):
        present(door, phone_key, foreign, municipality.trust())


@pytest.mark.threat(9)
@pytest.mark.threat(37)
@pytest.mark.sentence(6)
@pytest.mark.sentence(13)
def test_a_stolen_grant_without_its_phone_key_is_refused(
    municipality: Municipality, door: Door, grant: Grant
) -> None:
    stolen = municipality.mint(grant)
    message_1, waiting = PhoneOpening(door.record, private_key(999), stolen).message_1()
    message_2, lock = LockOpening(door.installation, door.key).message_1(message_1)
    message_3, _ = waiting.message_2(message_2).message_3(Command.UNLOCK)
    with pytest.raises(NotAcceptedError, match="MAC_3"):
        lock.message_3(message_3).prove(municipality.key_set)


@pytest.mark.threat(10)
def test_a_proof_from_another_session_is_refused(
    municipality: Municipality, door: Door, phone_key: Key, grant: Grant
) -> None:
    first, _, _ = until_message_3(door, phone_key, municipality.mint(grant))
    _, _, lock = until_message_3(door, phone_key, municipality.mint(grant))
    with pytest.raises(NotAcceptedError):
        lock.message_3(first)


@pytest.mark.threat(6)
@pytest.mark.threat(12)
def test_an_object_signed_for_one_purpose_serves_no_other(
    municipality: Municipality, grant: Grant
) -> None:
    by_bulletin_key = grants.mint(grant, key=municipality.bulletin_key, kid=b"\x02")
    with pytest.raises(signed.SignatureError):
        grants.verify(by_bulletin_key, municipality.key_set)
    claims_to_be_grant_key = grants.mint(grant, key=municipality.bulletin_key, kid=b"\x01")
    with pytest.raises(signed.SignatureError):
        grants.verify(claims_to_be_grant_key, municipality.key_set)
    typed = signed.sign(b"\xa0", key=municipality.grant_key, typ="nyckelfri/bulletin", kid=b"\x01")
    with pytest.raises(signed.SignatureError):
        grants.verify(typed, municipality.key_set)


@pytest.mark.threat(12)
def test_a_care_grant_does_not_allow_service(municipality: Municipality, grant: Grant) -> None:
    trust = municipality.trust()
    assert policy.decide(grant, Command.SERVICE, situation(trust)) is Reason.NOT_PERMITTED


def test_until_the_grant_is_proven_the_phone_sends_nothing_about_itself(
    municipality: Municipality, door: Door, phone_key: Key, grant: Grant
) -> None:
    other_lock = LockOpening(door.installation, private_key(777))
    message_1, waiting = PhoneOpening(door.record, phone_key, municipality.mint(grant)).message_1()
    message_2, _ = other_lock.message_1(message_1)
    with pytest.raises(NotAcceptedError, match="not the lock of this door"):
        waiting.message_2(message_2)
    assert signed.coordinate(phone_key.public_key()) not in message_1


@pytest.mark.threat(11)
def test_a_plaintext_or_foreign_command_inside_a_session_is_refused(
    municipality: Municipality, door: Door, phone_key: Key, grant: Grant
) -> None:
    _, _, lock = until_message_3(door, phone_key, municipality.mint(grant))
    with pytest.raises(NotAcceptedError):
        lock.message_3(cbor.encode(b"\x01" * 40))


@pytest.mark.threat(15)
def test_interleaved_sessions_of_two_phones_do_not_mix(
    municipality: Municipality, door: Door, phone_key: Key, grant: Grant
) -> None:
    other_key = private_key(301)
    other = replace(grant, phone=signed.coordinate(other_key.public_key()))
    first, _, lock_a = until_message_3(door, phone_key, municipality.mint(grant))
    second, _, lock_b = until_message_3(door, other_key, municipality.mint(other))
    with pytest.raises(NotAcceptedError):
        lock_a.message_3(second)
    with pytest.raises(NotAcceptedError):
        lock_b.message_3(first)


def test_a_step_cannot_be_taken_twice(
    municipality: Municipality, door: Door, phone_key: Key, grant: Grant
) -> None:
    message_3, _, lock = until_message_3(door, phone_key, municipality.mint(grant))
    lock.message_3(message_3)
    with pytest.raises(edhoc.StateError):
        lock.message_3(message_3)


@pytest.mark.threat(29)
@pytest.mark.threat(47)
def test_a_lock_with_a_lost_clock_and_an_old_key_set_heals_at_the_door(
    municipality: Municipality, door: Door, phone_key: Key, grant: Grant
) -> None:
    new_key = private_key(4242)
    newer = replace(
        municipality.key_set,
        number=2,
        keys=(
            *municipality.key_set.keys,
            type(municipality.key_set.keys[0])(
                b"\x09",
                municipality.key_set.keys[0].purpose,
                signed.compressed(new_key.public_key()),
            ),
        ),
    )
    minted = grants.mint(grant, key=new_key, kid=b"\x09")
    lost = replace(municipality.trust(), clock=Clock(0, 1_000_000, 0, Mark.LOST), bulletin=None)

    with pytest.raises(NotAcceptedError):
        present(door, phone_key, minted, lost)

    message_3, _, lock = until_message_3(
        door,
        phone_key,
        minted,
        key_set=municipality.sign_key_set(newer),
        bulletin=municipality.bulletin(NOON - 60),
    )
    unproven = lock.message_3(message_3)
    assert unproven.key_set is not None
    assert unproven.bulletin is not None
    healed, taken = lost.with_key_set(unproven.key_set, 0)
    assert taken is Taken.TAKEN
    healed, taken = healed.with_bulletin(unproven.bulletin, 0)
    assert taken is Taken.TAKEN
    assert healed.clock.mark is Mark.APPROXIMATE
    presented = unproven.prove(healed.key_set)
    assert policy.decide(presented.grant, presented.command, situation(healed)) is Reason.GRANTED


@pytest.mark.threat(13)
@settings(max_examples=200, deadline=None)
@given(junk=st.binary(max_size=300))
def test_no_bytes_from_the_radio_raise_anything_but_a_refusal(
    municipality: Municipality, door: Door, phone_key: Key, grant: Grant, junk: bytes
) -> None:
    lock = LockOpening(door.installation, door.key)
    with pytest.raises(NotAcceptedError):
        lock.message_1(junk)
    message_1, waiting = PhoneOpening(door.record, phone_key, municipality.mint(grant)).message_1()
    _, awaiting = lock.message_1(message_1)
    with pytest.raises(NotAcceptedError):
        awaiting.message_3(junk)
    with pytest.raises(NotAcceptedError):
        waiting.message_2(junk)


@pytest.mark.threat(11)
@settings(max_examples=100, deadline=None)
@given(junk=st.binary(max_size=80))
def test_records_that_were_not_sealed_for_this_session_are_refused(junk: bytes) -> None:
    def exporter(label: int, _context: bytes, length: int) -> bytes:
        return bytes([label & 0xFF]) * length

    phone, lock = Courier(Side.PHONE, exporter), Courier(Side.LOCK, exporter)
    record = phone.seal(Fetch(1))
    with pytest.raises(Exception, match="record"):
        Courier(Side.LOCK, exporter).open(junk)
    assert lock.open(record) == Fetch(1)
    with pytest.raises(Exception, match="does not open"):
        lock.open(record)
