"""The lock as a phone meets it: real store, real protocol, a motor in software."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from doorworld import HOUR, NOON, Door, Municipality, identifier, private_key
from lockworld import Lock, make_store, pipe, visit

from nyckelfri.door import bulletin as bulletins
from nyckelfri.door import courier as records
from nyckelfri.door import delivery, grants, journal, signed
from nyckelfri.door.bulletin import TimeToken
from nyckelfri.door.clock import Mark
from nyckelfri.door.commissioning import Kind
from nyckelfri.door.delivery import Receipt
from nyckelfri.door.grants import Command, Grant
from nyckelfri.door.opening import REFUSAL, NotAcceptedError, PhoneOpening
from nyckelfri.door.reasons import Reason
from nyckelfri.door.trust import Taken
from nyckelfri.lock.adapters.simulated import BOLT_IN, BOLT_OUT
from nyckelfri.lock.store import Store
from sealworld import read_batch

Key = ec.EllipticCurvePrivateKey


@pytest.fixture
def store(tmp_path: Path, municipality: Municipality, door: Door) -> Iterator[Store]:
    with make_store(tmp_path / "lock.db", municipality, door) as made:
        yield made


@pytest.mark.sentence(1)
@pytest.mark.sentence(19)
@pytest.mark.sentence(20)
async def test_unlock_then_lock_moves_the_bolt_and_stands_in_the_journal(
    store: Store, municipality: Municipality, door: Door, phone_key: Key, grant: Grant
) -> None:
    lock = Lock(store)
    minted = municipality.mint(grant)

    first = await visit(lock, door, phone_key, minted)
    assert first.decision.reason is Reason.GRANTED
    assert isinstance(await first.next(), records.Status)
    outcome = await first.next()
    assert isinstance(outcome, records.OutcomeRecord)
    assert outcome.intent == first.decision.number
    assert outcome.result == journal.MotorResult.DONE
    assert lock.motor.position.now == BOLT_IN
    await first.end()

    second = await visit(lock, door, phone_key, minted, Command.LOCK)
    await second.next()
    await second.next()
    await second.end()
    assert lock.motor.position.now == BOLT_OUT

    who = (grant.serial, grant.subject, grant.phone_thumbprint)
    assert lock.entries() == [
        journal.Commissioned(1),
        journal.Intent(*who, Command.UNLOCK),
        journal.Outcome(2, journal.MotorResult.DONE),
        journal.Intent(*who, Command.LOCK),
        journal.Outcome(4, journal.MotorResult.DONE),
    ]


@pytest.mark.threat(3)
@pytest.mark.sentence(7)
async def test_a_phone_further_away_than_learnt_is_refused_and_so_is_one_not_measured(
    store: Store, municipality: Municipality, door: Door, phone_key: Key, grant: Grant
) -> None:
    lock = Lock(store)
    for strength in (-71, None):
        far = await visit(lock, door, phone_key, municipality.mint(grant), strength=strength)
        assert far.decision.reason is Reason.TOO_FAR
        await far.next()
        await far.end()
    assert lock.motor.started == 0
    near = await visit(lock, door, phone_key, municipality.mint(grant), strength=-70)
    assert near.decision.reason is Reason.GRANTED
    await near.link.close()
    await near.served


@pytest.mark.sentence(10)
async def test_locking_after_the_shift_works_under_the_grant_that_opened_the_stay(
    store: Store, municipality: Municipality, door: Door, phone_key: Key, grant: Grant
) -> None:
    lock = Lock(store)
    minted = municipality.mint(grant)
    lock.seconds = 4 * HOUR - 60
    opened = await visit(lock, door, phone_key, minted)
    await opened.next()
    await opened.next()
    await opened.end()

    lock.seconds = 4 * HOUR + 600
    late = await visit(lock, door, phone_key, minted)
    assert late.decision.reason is Reason.EXPIRED
    await late.next()
    await late.end()
    behind = await visit(lock, door, phone_key, minted, Command.LOCK)
    assert behind.decision.reason is Reason.GRANTED
    await behind.next()
    await behind.next()
    await behind.end()
    assert lock.motor.position.now == BOLT_OUT

    other = municipality.mint(replace(grant, serial=identifier("serial 2")))
    not_theirs = await visit(lock, door, phone_key, other, Command.LOCK)
    assert not_theirs.decision.reason is Reason.EXPIRED
    await not_theirs.next()
    await not_theirs.end()


@pytest.mark.threat(35)
@pytest.mark.sentence(12)
async def test_a_blocked_phone_is_refused_once_any_phone_has_brought_the_bulletin(
    store: Store, municipality: Municipality, door: Door, phone_key: Key, grant: Grant
) -> None:
    lock = Lock(store)
    other_key = private_key(301)
    other = municipality.mint(
        replace(
            grant,
            phone=signed.coordinate(other_key.public_key()),
            serial=identifier("serial 3"),
        )
    )
    blocking = municipality.bulletin(NOON, phones=frozenset({grant.phone_thumbprint}))
    carrier = await visit(lock, door, other_key, other)
    await carrier.next()
    await carrier.next()
    applied = await carrier.ask(records.BulletinRecord(blocking))
    assert applied == records.Applied(2, Taken.TAKEN)
    again = await carrier.ask(records.BulletinRecord(municipality.bulletin(NOON - 1)))
    assert again == records.Applied(2, Taken.KNOWN)
    await carrier.end()

    stolen = await visit(lock, door, phone_key, municipality.mint(grant))
    assert stolen.decision.reason is Reason.PHONE_BLOCKED
    await stolen.next()
    await stolen.end()


async def test_before_a_grant_is_proven_every_failure_is_the_same_answer(
    store: Store, municipality: Municipality, door: Door, phone_key: Key, grant: Grant
) -> None:
    lock = Lock(store)
    attempts = [
        (municipality.mint(replace(grant, installation=identifier("neighbour"))), phone_key),
        (Municipality.make(seed=700).mint(grant), phone_key),
        (municipality.mint(grant), private_key(998)),
    ]
    for minted, key in attempts:
        with pytest.raises(NotAcceptedError, match="the lock refused"):
            await visit(lock, door, key, minted)
    lock_link, link = pipe()
    await asyncio.gather(lock.controller.serve(lock_link), link.send(b"\xff" * 37))
    assert lock_link.sent == [REFUSAL]
    assert lock.entries() == [journal.Commissioned(1)]
    assert lock.motor.started == 0


@pytest.mark.threat(29)
@pytest.mark.sentence(9)
async def test_a_lost_clock_heals_at_the_door_with_a_bulletin_before_the_grant(
    store: Store, municipality: Municipality, door: Door, phone_key: Key, grant: Grant
) -> None:
    lock = Lock(store, hardware=None)
    assert lock.memory.reading.mark is Mark.LOST
    refused = await visit(lock, door, phone_key, municipality.mint(grant))
    assert refused.decision.reason is Reason.BULLETIN_NEEDED
    await refused.next()
    await refused.end()
    healed = await visit(
        lock,
        door,
        phone_key,
        municipality.mint(grant),
        bulletin=municipality.bulletin(NOON - 60),
        key_set=municipality.signed_key_set,
    )
    assert healed.decision.reason is Reason.GRANTED
    status = await healed.next()
    assert isinstance(status, records.Status)
    assert status.mark == Mark.APPROXIMATE
    assert isinstance(await healed.next(), records.OutcomeRecord)

    token = bulletins.issue_time(
        TimeToken(municipality.root.municipality, door.installation, status.nonce, NOON + 900),
        key=municipality.bulletin_key,
        kid=b"\x02",
    )
    assert await healed.ask(records.TimeRecord(token)) == records.Applied(5, Taken.TAKEN)
    assert lock.memory.reading == replace(lock.memory.reading, time=NOON + 900, mark=Mark.SET)
    replayed = await healed.ask(records.TimeRecord(token))
    assert replayed == records.Applied(5, Taken.TAKEN), "harmless within its own session"
    await healed.end()

    later = await visit(lock, door, phone_key, municipality.mint(grant))
    await later.next()
    await later.next()
    stale = await later.ask(records.TimeRecord(token))
    assert stale == records.Applied(5, Taken.REFUSED), "another session has another nonce"
    await later.end()
    assert journal.Fault(journal.FaultCode.CLOCK_LOST) in lock.entries()


@pytest.mark.threat(39)
async def test_the_journal_goes_home_with_any_phone_and_is_given_up_only_for_a_receipt(
    store: Store, municipality: Municipality, door: Door, phone_key: Key, grant: Grant
) -> None:
    lock = Lock(store)
    first = await visit(lock, door, phone_key, municipality.mint(grant))
    await first.next()
    await first.next()
    answer = await first.ask(records.Fetch(0))
    assert isinstance(answer, records.BatchRecord)
    batch = read_batch(
        answer.data,
        key=signed.compressed(door.signing_key.public_key()),
        installation=door.installation,
    )
    assert [entry.number for entry in batch.entries] == [1, 2, 3]
    assert batch.head_at(2)[:8] == first.decision.head
    assert await first.ask(records.Fetch(4)) == records.NoMore()

    forged = delivery.sign_receipt(
        Receipt(municipality.root.municipality, door.installation, 3, bytes(32)),
        key=municipality.receipt_key,
        kid=b"\x03",
    )
    assert await first.ask(records.ReceiptRecord(forged)) == records.Applied(4, Taken.REFUSED)
    receipt = delivery.sign_receipt(
        Receipt(municipality.root.municipality, door.installation, 3, batch.head_at(3)),
        key=municipality.receipt_key,
        kid=b"\x03",
    )
    assert await first.ask(records.ReceiptRecord(receipt)) == records.Applied(4, Taken.TAKEN)
    assert await first.ask(records.ReceiptRecord(receipt)) == records.Applied(4, Taken.KNOWN)
    assert await first.ask(records.Fetch(0)) == records.NoMore()
    assert isinstance(await first.ask(records.Fetch(1)), records.BatchRecord)
    await first.end()


async def test_a_refused_phone_may_deliver_but_not_fetch(
    store: Store, municipality: Municipality, door: Door, phone_key: Key, grant: Grant
) -> None:
    lock = Lock(store)
    expired = municipality.mint(replace(grant, not_after=NOON - 1))
    phone = await visit(lock, door, phone_key, expired)
    assert phone.decision.reason is Reason.EXPIRED
    await phone.next()
    assert await phone.ask(records.Fetch(0)) == records.NoMore()
    taken = await phone.ask(records.BulletinRecord(municipality.bulletin(NOON)))
    assert taken == records.Applied(2, Taken.TAKEN)
    await phone.end()


@pytest.mark.threat(26)
async def test_a_jammed_motor_is_told_as_it_is(
    store: Store, municipality: Municipality, door: Door, phone_key: Key, grant: Grant
) -> None:
    lock = Lock(store)
    lock.motor.jammed = True
    phone = await visit(lock, door, phone_key, municipality.mint(grant))
    await phone.next()
    outcome = await phone.next()
    assert isinstance(outcome, records.OutcomeRecord)
    assert outcome.result == journal.MotorResult.JAMMED
    await phone.end()
    assert lock.entries()[-1] == journal.Outcome(2, journal.MotorResult.JAMMED)
    assert lock.motor.position.now == BOLT_OUT


@pytest.mark.threat(27)
async def test_a_motor_without_power_is_a_refusal_with_its_own_reason(
    store: Store, municipality: Municipality, door: Door, phone_key: Key, grant: Grant
) -> None:
    lock = Lock(store)
    lock.motor.powered = False
    phone = await visit(lock, door, phone_key, municipality.mint(grant))
    assert phone.decision.reason is Reason.LOCK_FAULT
    await phone.next()
    await phone.end()


@pytest.mark.threat(20)
@pytest.mark.threat(27)
async def test_after_a_power_cut_while_the_motor_ran_the_outcome_is_unknown(
    store: Store, municipality: Municipality, door: Door, phone_key: Key, grant: Grant
) -> None:
    lock = Lock(store)
    who = (grant.serial, grant.subject, grant.phone_thumbprint, Command.UNLOCK)
    lock.memory.write(journal.Intent(*who))
    restarted = Lock(store)
    assert restarted.entries()[-1] == journal.Outcome(2, journal.MotorResult.UNKNOWN)


@pytest.mark.threat(19)
@pytest.mark.threat(38)
@pytest.mark.parametrize("dies_after", ["connecting", "message 1", "message 2", "message 4"])
async def test_a_phone_that_dies_at_any_step_leaves_a_lock_that_serves_the_next(
    store: Store,
    municipality: Municipality,
    door: Door,
    phone_key: Key,
    grant: Grant,
    dies_after: str,
) -> None:
    lock = Lock(store)
    minted = municipality.mint(grant)
    if dies_after == "message 4":
        dying = await visit(lock, door, phone_key, minted)
        await dying.link.close()
        await dying.served
        await lock.controller.finish()
        assert lock.entries()[-1] == journal.Outcome(2, journal.MotorResult.DONE)
    else:
        lock_link, link = pipe()
        served = asyncio.ensure_future(lock.controller.serve(lock_link))
        if dies_after != "connecting":
            await link.send(PhoneOpening(door.record, phone_key, minted).message_1()[0])
        if dies_after == "message 2":
            await link.receive(1, 100)
        await link.close()
        await served
        assert lock.motor.started == 0
    alive = await visit(lock, door, phone_key, minted)
    assert alive.decision.reason is Reason.GRANTED
    await alive.next()
    await alive.end()


@pytest.mark.sentence(50)
async def test_an_entrance_unit_unlocks_and_cannot_be_told_to_lock(
    tmp_path: Path, municipality: Municipality, door: Door, phone_key: Key, grant: Grant
) -> None:
    with make_store(tmp_path / "entrance.db", municipality, door, kind=Kind.ENTRANCE_UNIT) as store:
        lock = Lock(store)
        phone = await visit(lock, door, phone_key, municipality.mint(grant), Command.LOCK)
        assert phone.decision.reason is Reason.NOT_PERMITTED
        await phone.next()
        await phone.end()
        service = replace(grant, scope=grants.Scope.UNLOCK)
        phone = await visit(lock, door, phone_key, municipality.mint(service))
        assert phone.decision.reason is Reason.GRANTED
        await phone.next()
        await phone.end()


async def test_battery_is_journalled_at_each_step_down_and_when_it_was_changed(
    store: Store,
) -> None:
    lock = Lock(store)
    for percent in (100, 99, 96, 95, 94, 90, 90, 21, 100, 99):
        lock.memory.note_battery(percent)
    written = [detail for detail in lock.entries() if isinstance(detail, journal.Battery)]
    assert [detail.percent for detail in written] == [100, 99, 94, 21, 100, 99]


@pytest.mark.threat(64)
async def test_nothing_that_is_logged_holds_key_material(
    tmp_path: Path,
    municipality: Municipality,
    grant: Grant,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(3)]
    phone_key = keys[2]
    door = Door(grant.installation, keys[0], keys[1])
    store = make_store(tmp_path / "lock.db", municipality, door)
    lock = Lock(store)
    own = replace(grant, phone=signed.coordinate(phone_key.public_key()))
    minted = municipality.mint(own)
    phone = await visit(lock, door, phone_key, minted)
    await phone.next()
    await phone.link.send(b"junk that is no record")
    await phone.served
    with pytest.raises(NotAcceptedError):
        await visit(lock, door, private_key(998), minted)
    said = caplog.text + repr(lock.events) + repr(store.state) + repr(lock.memory.__dict__)
    for secret in keys:
        value = secret.private_numbers().private_value
        assert str(value) not in said
        assert value.to_bytes(32, "big").hex() not in said
        assert repr(value.to_bytes(32, "big"))[2:-1] not in said
    assert minted.hex() not in said
    store.close()
