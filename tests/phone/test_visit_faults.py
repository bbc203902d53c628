"""Attacks and mishaps at the door, as the phone meets them."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from doorworld import NOON, Door, Municipality, private_key
from lockworld import Lock, PipeEnd, pipe

from nyckelfri.door import journal, signed
from nyckelfri.door.grants import Command
from nyckelfri.door.opening import LockOpening
from nyckelfri.door.reasons import Reason
from nyckelfri.lock.adapters.simulated import BOLT_OUT
from nyckelfri.lock.store import Store as LockStore
from nyckelfri.phone.store import Store
from nyckelfri.phone.vault import Secrets
from nyckelfri.phone.visit import Visit
from nyckelfri.radio.link import LinkError
from phoneserver import ADDRESS, LABEL, PASSWORD, PIN, USER, SmallServer
from phoneworld import Air, Heard, Phone, PhoneDied, Station

ENOUGH = 14
"""More messages than a whole visit has."""


async def unlock(phone: Phone, air: Air) -> Visit:
    try:
        return await phone.visitor(air).command(phone.book.doors()[0], Command.UNLOCK)
    finally:
        await air.settle()


def check_the_log_is_whole(phone: Phone, server: SmallServer, lock: Lock, door: Door) -> None:
    """Every entry of the lock is at the server, and each intent has an outcome."""
    phone.sync()
    assert server.entries(door) == set(range(1, lock.memory.tip.number + 1))
    entries = lock.entries()
    intents = [n for n, entry in enumerate(entries, 1) if isinstance(entry, journal.Intent)]
    outcomes = [entry.intent for entry in entries if isinstance(entry, journal.Outcome)]
    assert intents == outcomes


@pytest.mark.threat(19)
@pytest.mark.parametrize("messages", range(ENOUGH))
async def test_a_link_lost_after_any_message_is_tried_again_and_loses_no_entry(
    phone: Phone,
    server: SmallServer,
    lock_store: LockStore,
    door: Door,
    messages: int,
) -> None:
    server.allow(door)
    phone.sign_in()
    lock = Lock(lock_store)
    air = Air([Station(lock, door.record.radio_key, cut_after=messages)])
    visit = await unlock(phone, air)
    assert visit.reason is Reason.GRANTED
    await unlock(phone, air)
    check_the_log_is_whole(phone, server, lock, door)


@pytest.mark.threat(38)
@pytest.mark.parametrize("messages", range(ENOUGH))
async def test_a_phone_that_dies_after_any_message_forgets_no_answer_and_opens_again(
    phone: Phone,
    server: SmallServer,
    lock_store: LockStore,
    door: Door,
    tmp_path: Path,
    messages: int,
) -> None:
    server.allow(door)
    phone.sign_in()
    lock = Lock(lock_store)
    station = Station(lock, door.record.radio_key, cut_after=messages, deadly=True)
    air = Air([station])
    try:
        await unlock(phone, air)
    except PhoneDied:
        pass
    else:
        assert messages > 3, "the phone should have died before it was answered"

    with Store(tmp_path / "phone") as again:
        restarted = Phone(again, phone.secrets)
        answers = restarted.outbox.waiting().openings
        assert answers == (1 if messages > 3 else 0)
        assert (await unlock(restarted, air)).reason is Reason.GRANTED
        check_the_log_is_whole(restarted, server, lock, door)
        assert len(server.openings) == answers + 1


class Recording(Air):
    """Plays a lock's recorded answers to whoever connects."""

    def __init__(self, station: Station, *answers: bytes) -> None:
        super().__init__([station])
        self.answers = answers
        self.heard: list[bytes] = []

    async def connect(self, found: Heard) -> PipeEnd:
        lock_end, phone_end = pipe()

        async def play() -> None:
            with suppress(LinkError):
                for answer in self.answers:
                    self.heard.append(await lock_end.receive(5, 65_535))
                    await lock_end.send(answer)
            await lock_end.close()

        self.tasks.add(asyncio.ensure_future(play()))
        return phone_end


class Tap(Air):
    """Writes down what the lock says."""

    def __init__(self, station: Station) -> None:
        super().__init__([station])
        self.recorded: list[bytes] = []

    async def connect(self, found: Heard) -> PipeEnd:
        phone_end = await super().connect(found)
        assert phone_end.other is not None
        self.recorded = phone_end.other.sent
        return phone_end


@pytest.mark.threat(1)
async def test_a_replayed_lock_opens_nothing_learns_nothing_and_is_not_believed(
    phone: Phone, server: SmallServer, lock_store: LockStore, door: Door
) -> None:
    grant = server.allow(door)
    phone.sign_in()
    lock = Lock(lock_store)
    station = Station(lock, door.record.radio_key)
    tap = Tap(station)
    await unlock(phone, tap)
    recorded = tap.recorded
    assert len(recorded) > 2
    known = phone.outbox.waiting().openings

    replay = Recording(Station(lock, door.record.radio_key), *recorded)
    visit = await unlock(phone, replay)
    assert visit.reason is Reason.NOT_ACCEPTED
    assert phone.outbox.waiting().openings == known, "no answer of a replayed lock is recorded"
    assert {len(message) for message in replay.heard} == {37}, "only message 1 was ever sent"
    said = b"".join(replay.heard)
    assert grant.serial not in said
    assert phone.outbox.waiting().installations == 0


async def test_another_lock_under_the_doors_pseudonym_learns_nothing_of_the_phone(
    phone: Phone, server: SmallServer, lock_store: LockStore, door: Door
) -> None:
    server.allow(door)
    phone.sign_in()
    lock = Lock(lock_store)
    message_2, _ = LockOpening(door.installation, private_key(777)).message_1(
        bytes.fromhex("0303") + b"\x58\x20" + bytes(31) + b"\x05" + b"\x00"
    )
    impostor = Recording(Station(lock, door.record.radio_key), message_2)
    visit = await unlock(phone, impostor)
    assert visit.reason is Reason.NOT_ACCEPTED
    assert {len(message) for message in impostor.heard} == {37}


@pytest.mark.threat(9)
@pytest.mark.threat(37)
@pytest.mark.sentence(6)
async def test_stolen_grants_in_a_phone_with_another_key_open_nothing(
    phone: Phone, server: SmallServer, lock_store: LockStore, door: Door
) -> None:
    server.allow(door)
    phone.sign_in()
    thief = Phone(
        phone.store, Secrets(private_key(999), phone.secrets.token, phone.secrets.data_key)
    )
    lock = Lock(lock_store)
    air = Air([Station(lock, door.record.radio_key)])
    # The grant names another key than the thief's; he shows it all the same.
    visit = await unlock(thief, air)
    assert visit.reason is Reason.NOT_ACCEPTED
    assert lock.motor.position.now == BOLT_OUT
    assert not any(isinstance(entry, journal.Intent) for entry in lock.entries())


@pytest.mark.threat(9)
def test_a_grant_for_another_key_or_door_is_not_even_stored(
    phone: Phone, server: SmallServer, door: Door
) -> None:
    mine = server.allow(door)
    other = signed.coordinate(private_key(998).public_key())
    server.grants = [replace(mine, phone=other)]
    report = phone.sign_in()
    assert report.refused == 1
    assert phone.book.grants() == []


@pytest.mark.threat(39)
async def test_the_log_of_a_phone_that_never_syncs_again_comes_home_through_another(
    phone: Phone,
    server: SmallServer,
    lock_store: LockStore,
    door: Door,
    municipality: Municipality,
    tmp_path: Path,
) -> None:
    server.allow(door)
    phone.sign_in()
    lock = Lock(lock_store)
    air = Air([Station(lock, door.record.radio_key)])
    await unlock(phone, air)
    lost_entries = set(range(1, lock.memory.tip.number + 1))

    with SmallServer(municipality) as other_server:
        colleague = Phone.enrol(tmp_path / "other", other_server)
        with colleague.store:
            other_server.allow(door, serial="serial 2")
            colleague.sign_in()
            await unlock(colleague, air)
            colleague.sync()
            assert lost_entries < other_server.entries(door)
            assert len(other_server.openings) == 1


@pytest.mark.threat(64)
async def test_no_log_line_and_no_repr_shows_a_name_an_address_or_a_secret(
    phone: Phone,
    server: SmallServer,
    lock_store: LockStore,
    door: Door,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    grant = server.allow(door)
    phone.sign_in()
    lock = Lock(lock_store)
    air = Air([Station(lock, door.record.radio_key, cut_after=6)])
    await unlock(phone, air)
    server.allow(door, serial="late", not_before=NOON + 7200, not_after=NOON + 9000)
    phone.sync()
    visit = await unlock(phone, air)
    (known,) = phone.book.doors()
    session = phone.book.session()
    shown = [caplog.text, *(repr(step) for step in phone.steps)]
    shown += [repr(x) for x in (known, session, visit, phone.secrets, phone.client, phone.book)]
    shown += [repr(x) for x in (phone.book.grants(), phone.outbox.openings(most=9))]
    everything = "\n".join(shown)
    minted = server.municipality.mint(grant)
    assert session is not None
    secrets = [
        LABEL, ADDRESS, "Granvägen", "Anna", USER, PASSWORD, PIN, "1001",
        phone.secrets.token, session.token or "-", phone.secrets.data_key.hex(),
        repr(phone.secrets.data_key)[2:-1], door.record.radio_key.hex(), minted.hex(),
        repr(minted)[2:40],
    ]  # fmt: skip
    for secret in secrets:
        assert secret not in everything
