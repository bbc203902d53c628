"""Letting a unit go: only the root can, in two steps, and then nothing is left of the lock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from doorworld import HOUR, NOON, Municipality, identifier, private_key
from lockworld import PipeEnd

from nyckelfri.door import advert, grants, ownership, signed, update
from nyckelfri.door import courier as records
from nyckelfri.door.commissioning import InstallationRecord, Kind
from nyckelfri.door.courier import Courier
from nyckelfri.door.grants import Command, Grant, Scope
from nyckelfri.door.opening import DoorRecord, NotAcceptedError, PhoneOpening
from nyckelfri.door.ownership import Label, Release
from nyckelfri.door.reasons import Reason
from nyckelfri.door.trust import Taken
from nyckelfri.lock.store_state import Running
from unitworld import Unit, offer, shake

PHONE = private_key(300)
OTHER = Municipality.make(seed=500)
REFUSED = records.Applied(records.ReleaseRecord.TYPE, Taken.REFUSED)


@dataclass
class Session:
    """One phone behind message 4."""

    link: PipeEnd
    courier: Courier
    reason: Reason

    async def next(self) -> records.Record:
        while isinstance(
            record := self.courier.open(await self.link.receive(5, 65_535)), records.OutcomeRecord
        ):
            pass
        return record

    async def ask(self, record: records.FromPhone) -> records.Record:
        await self.link.send(self.courier.seal(record))
        return await self.next()


class Owned(Unit):
    """A unit that is a lock of a municipality."""

    record: InstallationRecord
    municipality: Municipality

    def __init__(self, path: Path, kind: Kind = Kind.THUMB_TURN) -> None:
        super().__init__(path, kind)
        self.links: list[PipeEnd] = []

    def connect(self) -> PipeEnd:
        self.links.append(self.radio.connect())
        return self.links[-1]

    async def stop(self) -> None:
        """Phones go first, so that nobody is waited for."""
        for link in self.links:
            await link.close()
        await super().stop()

    async def join(self, municipality: Municipality) -> None:
        self.record, self.municipality = await self.commission(municipality), municipality

    @property
    def door(self) -> DoorRecord:
        return DoorRecord(self.record.installation, self.record.lock_key, self.record.radio_key)

    def grant(self, scope: Scope) -> bytes:
        return self.municipality.mint(
            Grant(
                subject=identifier("Ines"),
                installation=self.record.installation,
                not_before=NOON - HOUR,
                not_after=NOON + 4 * HOUR,
                issued=NOON - HOUR,
                serial=identifier(f"order {scope}"),
                phone=signed.coordinate(PHONE.public_key()),
                scope=scope,
            )
        )

    async def come(
        self, command: Command = Command.SERVICE, scope: Scope = Scope.SERVICE
    ) -> Session:
        link = self.connect()
        message_1, awaiting = PhoneOpening(self.door, PHONE, self.grant(scope)).message_1()
        await link.send(message_1)
        proven = awaiting.message_2(await link.receive(2, 1000))
        message_3, waiting = proven.message_3(command)
        await link.send(message_3)
        decision, courier = waiting.message_4(await link.receive(5, 1000))
        session = Session(link, courier, decision.reason)
        assert isinstance(await session.next(), records.Status)
        return session

    def release(self, **changes: bytes) -> Release:
        return replace(
            Release(
                self.municipality.root.municipality,
                self.record.installation,
                self.record.release_nonce,
            ),
            **changes,
        )

    def order(self) -> bytes:
        return self.municipality.sign_root(self.release().payload, ownership.RELEASE_TYP)

    def label(self, answer: records.Record) -> Label:
        assert isinstance(answer, records.Released)
        return Label.read(answer.data, key=self.record.signing_key)

    async def let_go(self) -> Label:
        session = await self.come()
        label = self.label(await session.ask(records.ReleaseRecord(self.order())))
        assert await session.ask(records.Confirm()) == records.Applied(10, Taken.TAKEN)
        await session.link.ended()
        await self.radio.until(lambda seen: seen is None)
        return label


@pytest.fixture(params=[Kind.THUMB_TURN, Kind.ENTRANCE_UNIT], ids=["thumb-turn", "entrance unit"])
async def unit(
    request: pytest.FixtureRequest, tmp_path: Path, municipality: Municipality
) -> AsyncIterator[Owned]:
    made = Owned(tmp_path / "lock.db", request.param)
    await made.join(municipality)
    yield made
    await made.stop()


@pytest.mark.sentence(36)
@pytest.mark.threat(7)
async def test_a_unit_that_moves_is_commissioned_anew_and_the_old_homes_grants_are_worth_nothing(
    unit: Owned,
) -> None:
    before, old_door = unit.printed, unit.door
    old_grant = unit.grant(grants.CARE)
    label = await unit.let_go()
    state = unit.store.state
    assert (state.identity, state.key_set, state.bulletin) == (None, None, None)
    assert state.running == Running()
    assert unit.store.piece(1) is None
    assert label.printed == replace(before, secret=label.secret)
    assert label.secret not in {before.secret, bytes(16)}

    old = unit.record
    unit.record = await unit.commission(unit.municipality, label.printed)
    assert unit.record.kind is before.kind
    for name in ("installation", "lock_key", "signing_key", "radio_key", "release_nonce"):
        assert getattr(unit.record, name) != getattr(old, name), name
    for record in (old_door, unit.door):
        link = unit.connect()
        message_1, awaiting = PhoneOpening(record, PHONE, old_grant).message_1()
        await link.send(message_1)
        with pytest.raises(NotAcceptedError):  # noqa: PT012 - where it fails depends on the door
            message_3, waiting = awaiting.message_2(await link.receive(2, 1000)).message_3(
                Command.UNLOCK
            )
            await link.send(message_3)
            waiting.message_4(await link.receive(5, 1000))
        await link.close()
    assert (await unit.come()).reason is Reason.GRANTED


async def test_a_released_unit_joins_another_municipality(unit: Owned) -> None:
    label = await unit.let_go()
    unit.record, unit.municipality = await unit.commission(OTHER, label.printed), OTHER
    assert unit.record.municipality == OTHER.root.municipality
    assert (await unit.come()).reason is Reason.GRANTED


@pytest.mark.threat(62)
async def test_the_label_of_before_is_worth_nothing_after_the_release(unit: Owned) -> None:
    await unit.let_go()
    await unit.open_window()
    link = unit.connect()
    courier = await shake(unit.printed, link)
    await link.send(courier.seal(offer(unit.printed.secret, courier, unit.municipality)))
    await link.ended()
    assert unit.store.state.identity is None


async def test_a_released_unit_is_silent_until_its_button_is_pressed_also_after_a_restart(
    unit: Owned, tmp_path: Path
) -> None:
    label = await unit.let_go()
    await asyncio.sleep(0.05)
    assert unit.radio.payload is None
    await unit.restart(tmp_path / "lock.db")
    await asyncio.sleep(0.05)
    assert unit.radio.payload is None
    unit.record = await unit.commission(unit.municipality, label.printed)


@pytest.mark.threat(15)
async def test_a_phone_that_waited_while_the_unit_was_released_needs_the_button_too(
    unit: Owned,
) -> None:
    session = await unit.come()
    label = unit.label(await session.ask(records.ReleaseRecord(unit.order())))
    waiting = unit.connect()
    await session.ask(records.Confirm())
    with pytest.raises(Exception, match="closed"):
        await shake(label.printed, waiting)
    assert unit.store.state.identity is None


@pytest.mark.threat(12)
async def test_only_a_granted_service_command_releases(unit: Owned) -> None:
    carer = await unit.come(Command.UNLOCK, grants.CARE)
    assert carer.reason is Reason.GRANTED
    assert await carer.ask(records.ReleaseRecord(unit.order())) == REFUSED
    assert await carer.ask(records.Confirm()) == records.Applied(10, Taken.REFUSED)
    await carer.link.close()
    refused = await unit.come(Command.SERVICE, grants.CARE)
    assert refused.reason is Reason.NOT_PERMITTED
    assert await refused.ask(records.ReleaseRecord(unit.order())) == REFUSED
    assert await refused.ask(records.Confirm()) == records.Applied(10, Taken.REFUSED)
    await refused.link.close()
    assert unit.store.state.identity is not None


@pytest.mark.threat(8)
@pytest.mark.threat(12)
@pytest.mark.threat(13)
async def test_without_the_roots_release_of_this_very_lock_nothing_is_let_go(unit: Owned) -> None:
    ours, typ = unit.municipality, ownership.RELEASE_TYP
    payload = unit.release().payload
    session = await unit.come()
    for wrong in (
        b"",
        b"\x80",
        bytes(9_000),
        payload,
        ours.signed_key_set,
        ours.bulletin(),
        ours.sign_root(payload, typ, (1,)),
        ours.sign_root(payload, update.TYP),
        ours.sign_root(unit.release(installation=bytes(8)).payload, typ),
        ours.sign_root(unit.release(nonce=bytes(16)).payload, typ),
        ours.sign_root(unit.release(municipality=OTHER.root.municipality).payload, typ),
        OTHER.sign_root(payload, typ),
        signed.sign(payload, key=ours.grant_key, typ=typ, kid=b"\x01"),
    ):
        assert await session.ask(records.ReleaseRecord(wrong)) == REFUSED
    assert await session.ask(records.Confirm()) == records.Applied(10, Taken.REFUSED)
    assert unit.store.state.identity is not None


@pytest.mark.threat(19)
async def test_a_phone_that_dies_before_it_confirms_leaves_the_lock_and_starts_again(
    unit: Owned, tmp_path: Path
) -> None:
    order, state = unit.order(), unit.store.state.identity
    first = await unit.come()
    lost = unit.label(await first.ask(records.ReleaseRecord(order)))
    await first.link.close()
    again = await unit.come()
    assert unit.store.state.identity == state
    assert await again.ask(records.Confirm()) == records.Applied(10, Taken.REFUSED)
    await again.link.close()
    await unit.restart(tmp_path / "lock.db")
    await unit.radio.until(lambda seen: seen not in {None, advert.FACTORY})
    label = await unit.let_go()
    assert label.secret != lost.secret
    unit.record = await unit.commission(unit.municipality, label.printed)


async def test_the_label_that_was_given_last_is_the_one_that_counts(unit: Owned) -> None:
    session = await unit.come()
    labels = [unit.label(await session.ask(records.ReleaseRecord(unit.order()))) for _ in range(3)]
    assert len({label.secret for label in labels}) == 3
    await session.ask(records.Confirm())
    assert unit.store.state.factory.secret == labels[-1].secret


@pytest.mark.threat(39)
async def test_the_journal_can_be_fetched_to_its_end_before_the_unit_is_let_go(
    unit: Owned,
) -> None:
    session = await unit.come()
    batch = await session.ask(records.Fetch(1))
    assert isinstance(batch, records.BatchRecord)
    assert await session.ask(records.Fetch(unit.store.state.running.tip.number + 1)) == (
        records.NoMore()
    )
    await session.ask(records.ReleaseRecord(unit.order()))
    await session.ask(records.Confirm())
    assert unit.store.piece(1) is None


@pytest.mark.threat(28)
async def test_nothing_of_the_lock_is_left_in_any_byte_of_a_released_units_disk(
    unit: Owned, tmp_path: Path
) -> None:
    identity, key_set = unit.store.state.identity, unit.store.state.key_set
    assert identity is not None
    assert key_set is not None
    piece = unit.store.piece(1)
    assert piece is not None
    # Evidence of damage, as a repair leaves it, holds the same keys.
    (tmp_path / "lock.db.damaged").write_bytes((tmp_path / "lock.db").read_bytes())
    await unit.let_go()
    unit.store.close()
    gone = [
        identity.dh_key,
        identity.signing_key,
        identity.radio_key,
        identity.release_nonce,
        identity.root,
        key_set,
        *(item for segment in piece.segments for item in segment.sealed),
        *(segment.wrapping.wrapped for segment in piece.segments),
    ]
    for name, content in _files(tmp_path).items():
        assert not [len(secret) for secret in gone if secret in content], name
    unit.store = type(unit.store).open(tmp_path / "lock.db")


def _files(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}
