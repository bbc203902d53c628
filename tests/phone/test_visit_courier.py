"""What is exchanged behind an opening, and what the phone tells of a visit."""

from __future__ import annotations

import time

import pytest
from doorworld import NOON, Door
from lockworld import Lock

from nyckelfri.door import journal
from nyckelfri.door.clock import Mark
from nyckelfri.door.grants import Command
from nyckelfri.door.reasons import Reason
from nyckelfri.door.trust import Taken
from nyckelfri.lock.adapters.simulated import BOLT_OUT
from nyckelfri.lock.store import Store as LockStore
from nyckelfri.phone import errand as errands
from nyckelfri.phone.client import BlockedError
from nyckelfri.phone.luggage import NoGrantError
from nyckelfri.phone.visit import Visit
from phoneserver import SmallServer
from phoneworld import Air, Phone, Station


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


async def test_news_reaches_the_lock_and_receipts_let_it_forget(
    phone: Phone, server: SmallServer, lock_store: LockStore, door: Door
) -> None:
    server.allow(door)
    phone.sign_in()
    air, lock = at_the_door(lock_store, door)
    first = await go(phone, air)
    assert first.errand is not None
    assert first.errand.delivered == {"bulletin": Taken.TAKEN}
    phone.sync()
    server.acknowledge(door)
    phone.sync()
    second = await go(phone, air, Command.LOCK)
    assert second.errand is not None
    assert second.errand.delivered == {"receipt": Taken.TAKEN}
    assert lock.memory.tip.acknowledged == 3


async def test_entries_that_were_carried_are_not_fetched_again_unless_the_server_misses_them(
    phone: Phone, server: SmallServer, lock_store: LockStore, door: Door
) -> None:
    server.allow(door)
    phone.sign_in()
    air, lock = at_the_door(lock_store, door)
    await go(phone, air)
    phone.sync()
    server.batches.clear()
    await go(phone, air, Command.LOCK)
    phone.sync()
    assert server.entries(door) == {4, 5}
    server.wanted = [{"installation": door.installation.hex(), "first": 2}]
    phone.sync()
    server.batches.clear()
    await go(phone, air)
    phone.sync()
    assert server.entries(door) == set(range(2, lock.memory.tip.number + 1))


@pytest.mark.threat(31)
async def test_a_lock_whose_chip_stands_a_week_ahead_is_found_and_set_right(
    phone: Phone, server: SmallServer, lock_store: LockStore, door: Door
) -> None:
    server.allow(door)
    phone.sign_in()
    lock = Lock(lock_store, hardware=NOON + 7 * 86_400)
    assert lock.memory.reading.mark is Mark.SET
    air = Air([Station(lock, door.record.radio_key)])
    assert (await go(phone, air)).reason is Reason.EXPIRED, "without coverage it cannot be told"
    assert (await go(phone, air, online=True)).reason is Reason.GRANTED
    refused = [entry.reason for entry in lock.entries() if isinstance(entry, journal.Refusal)]
    assert refused == [Reason.EXPIRED] * 2


async def test_a_lock_whose_clock_is_off_gets_the_servers_time_when_there_is_coverage(
    phone: Phone, server: SmallServer, lock_store: LockStore, door: Door
) -> None:
    server.allow(door)
    phone.sign_in()
    air, lock = at_the_door(lock_store, door)
    lock.seconds = 10 * 60
    visit = await go(phone, air, online=True)
    assert visit.errand is not None
    assert visit.errand.delivered["time"] is Taken.TAKEN
    assert lock.memory.reading.time == NOON
    moved = [entry for entry in lock.entries() if isinstance(entry, journal.ClockMoved)]
    assert moved == [journal.ClockMoved(NOON + 600, NOON)]


async def test_a_server_that_hangs_delays_neither_the_answer_nor_the_errand_for_long(
    phone: Phone,
    server: SmallServer,
    lock_store: LockStore,
    door: Door,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(errands, "TIME_WITHIN", 0.2)
    server.allow(door)
    phone.sign_in()
    server.spoil = lambda name, _: name == "time" and not time.sleep(2.0)  # type: ignore[func-returns-value]
    air, lock = at_the_door(lock_store, door)
    lock.seconds = 10 * 60
    visit = await go(phone, air, online=True)
    assert visit.reason is Reason.GRANTED
    assert visit.milliseconds < 500
    assert visit.errand is not None
    assert visit.errand.complete
    assert "time" not in visit.errand.delivered
    assert phone.steps[-1].milliseconds < 1500


@pytest.mark.threat(35)
@pytest.mark.sentence(95)
async def test_a_phone_that_hears_at_the_door_that_it_is_blocked_destroys_itself(
    phone: Phone, server: SmallServer, lock_store: LockStore, door: Door
) -> None:
    server.allow(door)
    phone.sign_in()
    server.blocked = True
    air, lock = at_the_door(lock_store, door)
    lock.seconds = 10 * 60
    with pytest.raises(BlockedError):
        await go(phone, air, online=True)
    assert not phone.store.enrolled
    assert phone.store.rows("SELECT * FROM grants") == []
    assert phone.store.rows("SELECT * FROM batches") == []


async def test_a_door_without_a_grant_is_not_asked(
    phone: Phone, server: SmallServer, lock_store: LockStore, door: Door
) -> None:
    server.doors.append(door)
    phone.sign_in()
    air, lock = at_the_door(lock_store, door)
    with pytest.raises(NoGrantError, match="no key"):
        await go(phone, air)
    assert air.searched == []
    assert lock.events == []


async def test_nobody_on_the_air_is_told_and_leaves_no_record(
    phone: Phone, server: SmallServer, door: Door
) -> None:
    server.allow(door)
    phone.sign_in()
    visit = await go(phone, Air([]))
    assert visit.reason is None
    assert visit.trouble == "no lock found"
    assert phone.outbox.waiting().total == 0


async def test_carrying_brings_news_and_moves_nothing(
    phone: Phone, server: SmallServer, lock_store: LockStore, door: Door
) -> None:
    server.allow(door)
    phone.sign_in()
    air, lock = at_the_door(lock_store, door)
    (visit,) = await phone.visitor(air).carry(seconds=5)
    await air.settle()
    assert visit.errand is not None
    assert visit.errand.delivered == {"bulletin": Taken.TAKEN}
    assert lock.motor.position.now == BOLT_OUT
    assert not any(isinstance(entry, journal.Intent) for entry in lock.entries())
    assert await phone.visitor(air).carry(seconds=5) == [], "there is nothing new to bring"


async def test_the_steps_tell_what_happens_with_time_and_bytes(
    phone: Phone, server: SmallServer, lock_store: LockStore, door: Door
) -> None:
    server.allow(door)
    phone.sign_in()
    air, _ = at_the_door(lock_store, door)
    await go(phone, air)
    stages = [step.stage.value for step in phone.steps]
    expected = ["searching", "found", "connected", "lock_proven", "decided", "status"]
    assert stages[:6] == expected
    assert {"moved", "fetched", "ended"} <= set(stages)
    times = [step.milliseconds for step in phone.steps]
    assert times == sorted(times)
    decided = phone.steps[stages.index("decided")]
    assert (decided.traffic.sent, decided.traffic.received) == (37 + 214, 53 + 33)
    assert decided.details["reason"] == "granted"
