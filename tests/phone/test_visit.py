"""The reference phone at a real lock: what opens, what heals, what is carried home."""

from __future__ import annotations

from dataclasses import replace

import pytest
from doorworld import HOUR, NOON, Door, Municipality, private_key
from lockworld import Lock

from nyckelfri.door import grants, journal, signed
from nyckelfri.door.clock import Mark
from nyckelfri.door.grants import Command
from nyckelfri.door.journal import MotorResult
from nyckelfri.door.keyset import Key, Purpose
from nyckelfri.door.reasons import Reason
from nyckelfri.door.trust import Taken
from nyckelfri.lock.adapters.simulated import BOLT_IN, BOLT_OUT
from nyckelfri.lock.store import Store as LockStore
from nyckelfri.phone.luggage import NoGrantError
from nyckelfri.phone.visit import Visit
from phoneserver import SmallServer
from phoneworld import Air, Phone, Station
from sealworld import open_piece


def at_the_door(lock_store: LockStore, door: Door, *, strength: int = -50) -> tuple[Air, Lock]:
    lock = Lock(lock_store)
    return Air([Station(lock, door.record.radio_key, strength)]), lock


def mark(lock: Lock) -> Mark:
    return lock.memory.reading.mark


async def go(
    phone: Phone, air: Air, command: Command = Command.UNLOCK, *, online: bool = False
) -> Visit:
    visit = await phone.visitor(air, online=online).command(phone.book.doors()[0], command)
    await air.settle()
    return visit


def refusals(lock: Lock) -> list[Reason]:
    return [entry.reason for entry in lock.entries() if isinstance(entry, journal.Refusal)]


@pytest.mark.sentence(1)
@pytest.mark.sentence(9)
@pytest.mark.threat(48)
async def test_without_coverage_it_unlocks_and_locks_and_the_log_comes_home_later(
    phone: Phone, server: SmallServer, lock_store: LockStore, door: Door
) -> None:
    server.allow(door)
    phone.sign_in()
    server.go_away()
    air, lock = at_the_door(lock_store, door)

    opened = await go(phone, air, online=True)
    assert opened.reason is Reason.GRANTED
    assert opened.opening.total <= 344
    assert opened.opening.messages_sent == opened.opening.messages_received == 2
    assert opened.errand is not None
    assert opened.errand.complete
    assert opened.errand.outcome is not None
    assert opened.errand.outcome.result == MotorResult.DONE
    assert lock.motor.position.now == BOLT_IN
    locked = await go(phone, air, Command.LOCK)
    assert locked.reason is Reason.GRANTED
    assert lock.motor.position.now == BOLT_OUT
    assert phone.outbox.waiting().openings == 2

    with SmallServer(server.municipality) as back:
        back.token, back.session = server.token, server.session
        phone.store.put("server", back.url)
        phone.sync()
        assert back.entries(door) == set(range(1, lock.memory.tip.number + 1))
        assert [(row["command"], row["reason"]) for row in back.openings] == [(1, 0), (2, 0)]
    assert phone.outbox.waiting().total == 0


async def test_the_opening_record_tells_number_and_head_of_the_locks_own_journal(
    phone: Phone, server: SmallServer, lock_store: LockStore, door: Door
) -> None:
    grant = server.allow(door)
    phone.sign_in()
    air, lock = at_the_door(lock_store, door)
    visit = await go(phone, air)
    phone.sync()
    (row,) = server.openings
    assert row["number"] == visit.number
    assert row["serial"] == grant.serial.hex()
    assert row["phone_time"] == NOON
    piece = lock.store.piece(1)
    assert piece is not None
    head = piece.previous
    opened = open_piece(piece, installation=door.installation)
    for record in opened.records[: row["number"]]:
        head = journal.next_head(head, record.leaf)
    assert row["head"] == head[:8].hex()


async def test_a_lock_that_advertises_a_lost_clock_gets_the_time_in_the_first_message_3(
    phone: Phone, server: SmallServer, lock_store: LockStore, door: Door
) -> None:
    server.allow(door)
    phone.sign_in()
    lock = Lock(lock_store, hardware=None)
    assert mark(lock) is Mark.LOST
    station = Station(lock, door.record.radio_key)
    visit = await go(phone, Air([station]))
    assert visit.reason is Reason.GRANTED
    assert station.links == 1
    assert mark(lock) is Mark.APPROXIMATE


async def test_a_lock_with_an_old_key_set_hears_of_the_new_grant_key_and_opens(
    phone: Phone,
    server: SmallServer,
    lock_store: LockStore,
    door: Door,
    municipality: Municipality,
) -> None:
    new_key = private_key(4242)
    newer = replace(
        municipality.key_set,
        number=2,
        keys=(
            *municipality.key_set.keys,
            Key(b"\x09", Purpose.GRANT, signed.compressed(new_key.public_key())),
        ),
    )
    server.key_set = municipality.sign_key_set(newer)
    grant = server.allow(door)
    minted = grants.mint(grant, key=new_key, kid=b"\x09")
    server.municipality = replace(municipality)
    object.__setattr__(server.municipality, "mint", lambda _grant: minted)
    phone.sign_in()

    air, lock = at_the_door(lock_store, door)
    visit = await go(phone, air)
    assert visit.reason is Reason.GRANTED
    assert visit.tries == air.stations[0].links == 2
    assert lock.memory.trust.key_set.number == 2


async def test_whoever_went_in_by_a_key_that_was_dropped_meanwhile_locks_with_the_new_grant(
    phone: Phone,
    server: SmallServer,
    lock_store: LockStore,
    door: Door,
    municipality: Municipality,
) -> None:
    server.allow(door)
    phone.sign_in()
    air, lock = at_the_door(lock_store, door)
    assert (await go(phone, air)).reason is Reason.GRANTED

    new_key = private_key(4242)
    others = (key for key in municipality.key_set.keys if key.purpose is not Purpose.GRANT)
    keys = (*others, Key(b"\x09", Purpose.GRANT, signed.compressed(new_key.public_key())))
    server.key_set = municipality.sign_key_set(replace(municipality.key_set, number=2, keys=keys))
    server.grants.clear()
    minted = grants.mint(server.allow(door, serial="serial 2"), key=new_key, kid=b"\x09")
    server.municipality = replace(municipality)
    object.__setattr__(server.municipality, "mint", lambda _grant: minted)
    phone.sync()
    (carried,) = await phone.visitor(air).carry(seconds=5)
    assert carried.errand is not None
    assert lock.memory.trust.key_set.number == 2
    assert (await go(phone, air, Command.LOCK)).reason is Reason.GRANTED


async def test_a_newer_key_set_reaches_the_lock_behind_an_opening(
    phone: Phone,
    server: SmallServer,
    lock_store: LockStore,
    door: Door,
    municipality: Municipality,
) -> None:
    server.key_set = municipality.sign_key_set(replace(municipality.key_set, number=2))
    server.allow(door)
    phone.sign_in()
    air, lock = at_the_door(lock_store, door)
    visit = await go(phone, air)
    assert (visit.reason, visit.tries) == (Reason.GRANTED, 1)
    assert visit.errand is not None
    assert visit.errand.delivered["key_set"] is Taken.TAKEN
    assert lock.memory.trust.key_set.number == 2


async def test_a_slow_lock_is_brought_up_to_time_and_asked_again(
    phone: Phone, server: SmallServer, lock_store: LockStore, door: Door
) -> None:
    server.now = NOON + 2 * HOUR
    server.bulletin = server.municipality.bulletin(server.now - 60)
    server.allow(door, not_before=NOON + HOUR, not_after=NOON + 5 * HOUR)
    phone.clock = server.now
    phone.sign_in()
    air, lock = at_the_door(lock_store, door)
    visit = await go(phone, air)
    assert visit.reason is Reason.GRANTED
    assert visit.tries == 2
    assert refusals(lock) == [Reason.NOT_YET_VALID]


async def test_a_refusal_that_news_cannot_heal_is_not_repeated(
    phone: Phone, server: SmallServer, lock_store: LockStore, door: Door
) -> None:
    server.allow(door, not_before=NOON + HOUR, not_after=NOON + 5 * HOUR)
    phone.sign_in()
    air, lock = at_the_door(lock_store, door)
    lock.memory.take_bulletin(server.bulletin)
    visit = await go(phone, air)
    assert visit.reason is Reason.NOT_YET_VALID
    assert visit.tries == 1
    assert refusals(lock) == [Reason.NOT_YET_VALID]
    assert lock.motor.position.now == BOLT_OUT


@pytest.mark.sentence(7)
async def test_too_far_away_is_told_and_opens_nothing(
    phone: Phone, server: SmallServer, lock_store: LockStore, door: Door
) -> None:
    server.allow(door)
    phone.sign_in()
    air, lock = at_the_door(lock_store, door, strength=-90)
    visit = await go(phone, air)
    assert visit.reason is Reason.TOO_FAR
    assert lock.motor.position.now == BOLT_OUT
    assert phone.outbox.waiting().openings == 1


@pytest.mark.threat(34)
@pytest.mark.parametrize("wrong_by", [-24 * HOUR, 24 * HOUR])
async def test_a_phone_a_day_wrong_opens_by_server_corrected_time(
    phone: Phone, server: SmallServer, lock_store: LockStore, door: Door, wrong_by: int
) -> None:
    server.allow(door)
    server.allow(door, serial="tomorrow", not_before=NOON + 20 * HOUR, not_after=NOON + 28 * HOUR)
    phone.clock = NOON + wrong_by
    phone.sign_in()
    air, _ = at_the_door(lock_store, door)
    assert (await go(phone, air)).reason is Reason.GRANTED
    assert phone.outbox.openings(most=1)[0].phone_time == NOON
    assert len(air.searched) == 1


@pytest.mark.threat(34)
@pytest.mark.parametrize("wrong_by", [-24 * HOUR, 24 * HOUR])
async def test_a_phone_set_a_day_wrong_after_its_last_sync_still_finds_and_opens(
    phone: Phone, server: SmallServer, lock_store: LockStore, door: Door, wrong_by: int
) -> None:
    server.allow(door)
    phone.sign_in()
    phone.clock = NOON + wrong_by
    air, _ = at_the_door(lock_store, door)
    assert (await go(phone, air)).reason is Reason.GRANTED
    assert len(air.searched) == 2, "first the three hours of the protocol, then a wider net"


@pytest.mark.threat(34)
@pytest.mark.parametrize("online", [False, True])
@pytest.mark.parametrize("wrong_by", [-24 * HOUR, 24 * HOUR])
async def test_a_wrong_clock_s_choice_of_grant_is_corrected_by_what_the_lock_tells(
    phone: Phone,
    server: SmallServer,
    lock_store: LockStore,
    door: Door,
    wrong_by: int,
    online: bool,
) -> None:
    for serial, days in (("yesterday", -24), ("tomorrow", 24)):
        server.allow(
            door,
            serial=serial,
            not_before=NOON + (days - 4) * HOUR,
            not_after=NOON + (days + 4) * HOUR,
        )
    server.allow(door, serial="today")
    phone.sign_in()
    phone.clock = NOON + wrong_by
    air, _ = at_the_door(lock_store, door)
    visit = await phone.visitor(air, online=online).command(phone.book.doors()[0], Command.UNLOCK)
    await air.settle()
    assert visit.reason is Reason.GRANTED
    assert visit.tries == 2


async def test_locking_after_the_shift_uses_the_grant_that_opened_the_stay(
    phone: Phone, server: SmallServer, lock_store: LockStore, door: Door
) -> None:
    server.allow(door, not_after=NOON + HOUR)
    phone.sign_in()
    air, lock = at_the_door(lock_store, door)
    await go(phone, air)
    later = 2 * HOUR
    server.now = phone.clock = NOON + later
    server.grants.clear()
    server.allow(door, serial="next", not_before=NOON + 20 * HOUR, not_after=NOON + 28 * HOUR)
    phone.sync()
    lock.seconds = later
    visit = await go(phone, air, Command.LOCK)
    assert visit.reason is Reason.GRANTED
    assert lock.motor.position.now == BOLT_OUT


@pytest.mark.threat(35)
async def test_a_grant_that_our_own_bulletin_withdraws_is_not_shown_though_it_opened_the_stay(
    phone: Phone, server: SmallServer, lock_store: LockStore, door: Door
) -> None:
    server.allow(door)
    phone.sign_in()
    air, lock = at_the_door(lock_store, door)
    await go(phone, air)
    server.bulletin = server.municipality.bulletin(
        NOON + 60, serials=frozenset({server.grants[0].serial})
    )
    server.grants.clear()
    phone.sync()
    entries = len(lock.events)
    with pytest.raises(NoGrantError):
        await go(phone, air)
    assert len(lock.events) == entries, "the lock had not heard, and was not asked"


async def test_a_jammed_bolt_is_told(
    phone: Phone, server: SmallServer, lock_store: LockStore, door: Door
) -> None:
    server.allow(door)
    phone.sign_in()
    air, lock = at_the_door(lock_store, door)
    lock.motor.jammed = True
    visit = await go(phone, air)
    assert visit.errand is not None
    assert visit.errand.outcome is not None
    assert visit.errand.outcome.result == MotorResult.JAMMED
