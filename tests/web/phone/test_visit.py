"""The phone at a real lock: what opens, what heals, what is carried home, what is survived."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from doorworld import HOUR, NOON, Door, Municipality, private_key
from lockworld import make_store
from playwright.sync_api import Browser

from nyckelfri.door import grants, journal, signed
from nyckelfri.door.clock import Mark
from nyckelfri.door.grants import Command
from nyckelfri.door.journal import MotorResult
from nyckelfri.door.keyset import Key, Purpose
from nyckelfri.door.reasons import Reason
from nyckelfri.door.trust import Taken
from nyckelfri.lock.adapters.simulated import BOLT_IN, BOLT_OUT
from nyckelfri.lock.store import Store as LockStore
from phoneserver import PIN
from phoneworld import Station
from webphone import Doors, PageError, PagePhone, PageServer, fill_up

AddLock = Callable[..., Station]


@pytest.fixture
def add(doors: Doors, lock_store: LockStore, door: Door) -> AddLock:
    """`add(strength=…, hardware=…)`: the front door's lock, on the air."""
    return lambda **how: doors.add(lock_store, door.record.radio_key, **how)


@pytest.fixture
def lock(full: PagePhone, add: AddLock) -> Station:
    """The front door's lock, beside a phone that may open it."""
    return add()


def go(phone: PagePhone, command: Command = Command.UNLOCK, **how: object) -> dict[str, Any]:
    visit: dict[str, Any] = phone.step("command", int(command), how)
    return visit


def mark(station: Station) -> Mark:
    return station.lock.memory.reading.mark


def entries(station: Station, kind: type) -> list[Any]:
    return [entry for entry in station.lock.entries() if isinstance(entry, kind)]


@pytest.mark.sentence(1)
@pytest.mark.sentence(9)
@pytest.mark.threat(48)
def test_without_coverage_it_unlocks_and_locks_and_the_log_comes_home_later(
    full: PagePhone, server: PageServer, lock: Station, door: Door
) -> None:
    server.away = True
    opened = go(full, online=True)
    assert opened["reason"] == Reason.GRANTED
    assert opened["errand"]["complete"]
    assert opened["errand"]["outcome"]["result"] == MotorResult.DONE
    assert lock.lock.motor.position.now == BOLT_IN
    stages = [step["stage"] for step in full.step("told")]
    assert stages[:6] == ["searching", "found", "connected", "lockProven", "decided", "status"]
    assert set(stages[6:-2]) == {"delivered", "moved"}
    assert stages[-2:] == ["fetched", "ended"]
    locked = go(full, Command.LOCK)
    assert locked["reason"] == Reason.GRANTED
    assert lock.lock.motor.position.now == BOLT_OUT
    assert full.step("waiting")["openings"] == 2

    server.away = False
    full.step("sync")
    assert server.entries(door) == set(range(1, lock.lock.memory.tip.number + 1))
    assert [(row["command"], row["reason"]) for row in server.openings] == [(1, 0), (2, 0)]
    assert server.openings[0]["number"] == opened["number"]
    assert full.step("waiting")["total"] == 0


def test_a_lock_that_has_lost_the_time_gets_it_and_opens(full: PagePhone, add: AddLock) -> None:
    station = add(hardware=None)
    assert mark(station) is Mark.LOST
    visit = go(full)
    assert visit["reason"] == Reason.GRANTED
    assert station.links == 2
    assert mark(station) is Mark.APPROXIMATE


def test_a_lock_with_an_old_key_set_hears_of_the_new_grant_key_and_opens(
    full: PagePhone, server: PageServer, lock: Station, municipality: Municipality
) -> None:
    new_key = private_key(4242)
    point = signed.compressed(new_key.public_key())
    keys = (*municipality.key_set.keys, Key(b"\x09", Purpose.GRANT, point))
    server.key_set = municipality.sign_key_set(replace(municipality.key_set, number=2, keys=keys))
    minted = grants.mint(server.grants[0], key=new_key, kid=b"\x09")
    server.municipality = replace(municipality)
    object.__setattr__(server.municipality, "mint", lambda _grant: minted)
    full.step("sync")
    visit = go(full)
    assert visit["reason"] == Reason.GRANTED
    assert visit["tries"] == lock.links == 2
    assert lock.lock.memory.trust.key_set.number == 2


def test_whoever_went_in_by_a_key_that_was_dropped_meanwhile_locks_with_the_new_grant(
    full: PagePhone,
    server: PageServer,
    doors: Doors,
    lock: Station,
    municipality: Municipality,
) -> None:
    assert go(full)["reason"] == Reason.GRANTED
    new_key = private_key(4242)
    others = (key for key in municipality.key_set.keys if key.purpose is not Purpose.GRANT)
    keys = (*others, Key(b"\x09", Purpose.GRANT, signed.compressed(new_key.public_key())))
    server.key_set = municipality.sign_key_set(replace(municipality.key_set, number=2, keys=keys))

    async def newest() -> None:
        lock.lock.memory.take_key_set(server.key_set)

    doors.do(newest)
    server.grants.clear()
    fresh = server.allow(server.doors[0], serial="serial 2")
    minted = grants.mint(fresh, key=new_key, kid=b"\x09")
    server.municipality = replace(municipality)
    object.__setattr__(server.municipality, "mint", lambda _grant: minted)
    full.step("sync")
    assert go(full, Command.LOCK)["reason"] == Reason.GRANTED


def test_a_slow_lock_is_brought_up_to_time_and_asked_again(
    full: PagePhone, server: PageServer, lock: Station
) -> None:
    server.now = full.clock = NOON + 2 * HOUR
    server.bulletin = server.municipality.bulletin(server.now - 60)
    server.grants.clear()
    server.allow(server.doors[0], not_before=NOON + HOUR, not_after=NOON + 5 * HOUR)
    full.step("sync")
    # The lock still says the hour of NOON: the chooser with every lock finds it.
    visit = go(full, wide=True)
    assert visit["reason"] == Reason.GRANTED
    assert visit["tries"] == 2
    assert [refusal.reason for refusal in entries(lock, journal.Refusal)] == [Reason.NOT_YET_VALID]


def test_a_refusal_that_news_cannot_heal_is_not_repeated(
    full: PagePhone, server: PageServer, doors: Doors, lock: Station, door: Door
) -> None:
    server.grants.clear()
    server.allow(door, not_before=NOON + HOUR, not_after=NOON + 5 * HOUR)
    full.step("sync")

    async def newest() -> None:
        lock.lock.memory.take_bulletin(server.bulletin)

    doors.do(newest)
    visit = go(full)
    assert (visit["reason"], visit["tries"]) == (Reason.NOT_YET_VALID, 1)
    assert lock.lock.motor.position.now == BOLT_OUT


@pytest.mark.sentence(7)
def test_too_far_away_is_told_and_opens_nothing(full: PagePhone, add: AddLock) -> None:
    station = add(strength=-90)
    assert go(full)["reason"] == Reason.TOO_FAR
    assert station.lock.motor.position.now == BOLT_OUT
    assert full.step("waiting")["openings"] == 1


@pytest.mark.threat(34)
@pytest.mark.parametrize("wrong_by", [-24 * HOUR, 24 * HOUR])
def test_a_phone_a_day_wrong_opens_by_server_corrected_time(
    full: PagePhone, server: PageServer, lock: Station, wrong_by: int
) -> None:
    full.clock = NOON + wrong_by
    full.step("sync")
    assert go(full)["reason"] == Reason.GRANTED
    full.step("sync")
    assert server.openings[0]["phone_time"] == NOON


@pytest.mark.threat(34)
@pytest.mark.parametrize("wrong_by", [-24 * HOUR, 24 * HOUR])
def test_a_phone_set_a_day_wrong_after_its_last_sync_opens_by_the_list_of_all_locks(
    full: PagePhone, lock: Station, wrong_by: int
) -> None:
    full.clock = NOON + wrong_by
    with pytest.raises(PageError) as caught:
        go(full)
    assert caught.value.name == "ChooserCancelled", "nobody says those hours' names"
    assert go(full, wide=True)["reason"] == Reason.GRANTED


@pytest.mark.threat(34)
@pytest.mark.parametrize("wrong_by", [-24 * HOUR, 24 * HOUR])
def test_a_wrong_clock_s_choice_of_grant_is_corrected_by_what_the_lock_tells(
    full: PagePhone, server: PageServer, lock: Station, door: Door, wrong_by: int
) -> None:
    for serial, days in (("yesterday", -24), ("tomorrow", 24)):
        window = {"not_before": NOON + (days - 4) * HOUR, "not_after": NOON + (days + 4) * HOUR}
        server.allow(door, serial=serial, **window)
    full.step("sync")
    full.clock = NOON + wrong_by
    visit = go(full, wide=True)
    assert visit["reason"] == Reason.GRANTED
    assert visit["tries"] == 2


def test_locking_after_the_shift_uses_the_grant_that_opened_the_stay(
    full: PagePhone, server: PageServer, lock: Station, door: Door
) -> None:
    server.grants.clear()
    server.allow(door, not_after=NOON + HOUR)
    full.step("sync")
    go(full)
    server.now = full.clock = NOON + 2 * HOUR
    server.grants.clear()
    server.allow(door, serial="next", not_before=NOON + 20 * HOUR, not_after=NOON + 28 * HOUR)
    full.step("sync")
    lock.lock.seconds = 2 * HOUR
    assert go(full, Command.LOCK)["reason"] == Reason.GRANTED
    assert lock.lock.motor.position.now == BOLT_OUT


@pytest.mark.threat(36)
def test_a_stolen_phone_that_stays_offline_opens_nothing_once_its_keys_have_expired(
    full: PagePhone, server: PageServer, lock: Station
) -> None:
    server.away = True
    full.clock = NOON + 9 * HOUR
    lock.lock.seconds = 9 * HOUR
    assert full.step("state") == "over"
    with pytest.raises(PageError) as caught:
        full.step("signedIn")
    assert caught.value.name == "SignInError"
    # Whoever changes the app's program may ask all the same: the lock says no.
    assert go(full)["reason"] == Reason.EXPIRED
    full.clock = NOON
    assert go(full, wide=True)["reason"] == Reason.EXPIRED, "nor does a clock set back help"
    assert lock.lock.motor.position.now == BOLT_OUT


@pytest.mark.threat(35)
def test_a_grant_that_our_own_bulletin_withdraws_is_not_shown_though_it_opened_the_stay(
    full: PagePhone, server: PageServer, lock: Station
) -> None:
    go(full)
    serials = frozenset({server.grants[0].serial})
    server.bulletin = server.municipality.bulletin(NOON + 60, serials=serials)
    server.grants.clear()
    full.step("sync")
    asked = len(lock.lock.events)
    with pytest.raises(PageError) as caught:
        go(full)
    assert caught.value.name == "NoGrantError"
    assert len(lock.lock.events) == asked, "the lock had not heard, and was not asked"


def test_a_jammed_bolt_is_told(full: PagePhone, lock: Station) -> None:
    lock.lock.motor.jammed = True
    assert go(full)["errand"]["outcome"]["result"] == MotorResult.JAMMED
    assert [s["details"] for s in full.step("told") if s["stage"] == "moved"] == [
        {"result": "jammed"}
    ]


def test_news_reach_the_lock_and_receipts_let_it_forget(
    full: PagePhone, server: PageServer, lock: Station, door: Door
) -> None:
    assert full.step("hasNews")
    first = go(full)
    assert first["errand"]["delivered"] == {"bulletin": Taken.TAKEN}
    assert not full.step("hasNews")
    full.step("sync")
    server.acknowledge(door)
    full.step("sync")
    assert full.step("hasNews")
    second = go(full, Command.LOCK)
    assert second["errand"]["delivered"] == {"receipt": Taken.TAKEN}
    assert lock.lock.memory.tip.acknowledged == 3


def test_entries_that_were_carried_are_not_fetched_again_unless_the_server_misses_them(
    full: PagePhone, server: PageServer, lock: Station, door: Door
) -> None:
    go(full)
    full.step("sync")
    server.batches.clear()
    go(full, Command.LOCK)
    full.step("sync")
    assert server.entries(door) == {4, 5}
    server.wanted = [{"installation": door.installation.hex(), "first": 2}]
    full.step("sync")
    server.batches.clear()
    go(full)
    full.step("sync")
    assert server.entries(door) == set(range(2, lock.lock.memory.tip.number + 1))


def test_a_lock_whose_clock_is_off_gets_the_servers_time_after_it_has_answered(
    full: PagePhone, server: PageServer, lock: Station
) -> None:
    lock.lock.seconds = 10 * 60
    visit = go(full, online=True)
    assert visit["errand"]["delivered"]["time"] == Taken.TAKEN
    assert lock.lock.memory.reading.time == NOON
    assert entries(lock, journal.ClockMoved) == [journal.ClockMoved(NOON + 600, NOON)]


def test_a_server_that_hangs_delays_neither_the_answer_nor_the_errand_for_long(
    full: PagePhone, server: PageServer, lock: Station
) -> None:
    held = server.hold("time")
    lock.lock.seconds = 10 * 60
    visit = go(full, online=True)
    held.let_go()
    assert visit["reason"] == Reason.GRANTED
    assert visit["errand"]["complete"]
    assert "time" not in visit["errand"]["delivered"]
    ended = full.step("told")[-1]
    assert ended["stage"] == "ended"
    assert visit["milliseconds"] + 2_000 < ended["milliseconds"] < visit["milliseconds"] + 6_000


@pytest.mark.threat(35)
@pytest.mark.sentence(95)
def test_a_phone_that_hears_at_the_door_that_it_is_blocked_destroys_itself(
    full: PagePhone, server: PageServer, lock: Station
) -> None:
    server.blocked = True
    lock.lock.seconds = 10 * 60
    with pytest.raises(PageError) as caught:
        go(full, online=True)
    assert caught.value.name == "BlockedError"
    assert {name for name, rows in full.step("dump").items() if rows} == {"openings"}


def test_a_door_without_a_grant_is_not_asked(
    full: PagePhone, server: PageServer, lock: Station
) -> None:
    server.grants.clear()
    full.step("sync")
    with pytest.raises(PageError) as caught:
        go(full)
    assert caught.value.name == "NoGrantError"
    assert lock.lock.events == []


def test_a_lock_that_is_not_known_needs_a_tap_and_leaves_no_record(
    full: PagePhone, lock: Station
) -> None:
    visit = go(full, choose=False)
    assert (visit["reason"], visit["trouble"]) == (None, "noLock")
    assert full.step("waiting")["openings"] == 0


def test_another_lock_that_was_chosen_by_mistake_learns_nothing_and_is_forgotten(
    full: PagePhone,
    doors: Doors,
    lock: Station,
    door: Door,
    municipality: Municipality,
    tmp_path: Path,
) -> None:
    other = Door(bytes(7) + b"\x02", private_key(900), private_key(901))
    with make_store(tmp_path / "other.db", municipality, other) as store:
        doors.air.stations.clear()
        station = doors.add(store, bytes(range(16, 32)))
        doors.air.stations.append(lock)
        visit = go(full, wide=True)
        assert (visit["reason"], visit["tries"]) == (Reason.NOT_ACCEPTED, 1)
        assert entries(station, journal.Refusal) == entries(station, journal.Intent) == []
        assert full.step("waiting")["openings"] == 0
        assert go(full)["reason"] == Reason.GRANTED, "the right one is chosen anew"


@pytest.mark.threat(38)
def test_on_a_full_phone_the_door_opens_all_the_same(
    browser: Browser, server: PageServer, doors: Doors, add: AddLock, door: Door
) -> None:
    context = browser.new_context()
    phone = PagePhone.open(context, server, quota=2_000_000).enrol()
    server.allow(door)
    phone.sign_in()
    station = add()
    fill_up(phone)
    visit = go(phone)
    assert visit["reason"] == Reason.GRANTED
    assert not visit["unsaved"], "the room that is held took it"
    fill_up(phone)
    visit = go(phone, Command.LOCK)
    assert visit["reason"] == Reason.GRANTED
    assert visit["unsaved"]
    assert visit["errand"]["outcome"]["result"] == MotorResult.DONE
    assert station.lock.motor.position.now == BOLT_OUT
    context.close()


@pytest.mark.slow
@pytest.mark.threat(19)
def test_a_link_lost_after_any_message_is_tried_again_and_loses_no_entry(
    full: PagePhone, server: PageServer, lock: Station, door: Door
) -> None:
    for messages in range(14):
        lock.cut_after = messages
        visit = go(full)
        assert visit["reason"] == Reason.GRANTED, messages
        go(full)
        whole_log(full, server, lock, door)


@pytest.mark.slow
@pytest.mark.threat(38)
def test_a_phone_that_dies_after_any_message_forgets_no_answer_and_opens_again(
    full: PagePhone, server: PageServer, doors: Doors, lock: Station, door: Door
) -> None:
    for messages in range(14):
        lock.cut_after, lock.deadly = messages, True
        before = len(server.openings)
        full.step("command", int(Command.UNLOCK), {})
        assert full.died or messages > 3, "it should have died before it was answered"
        doors.settle()
        full.restart()
        full.step("unlock", PIN)
        answers = full.step("waiting")["openings"]
        assert answers == (1 if messages > 3 else 0), messages
        lock.cut_after = None
        assert go(full)["reason"] == Reason.GRANTED
        whole_log(full, server, lock, door)
        assert len(server.openings) == before + answers + 1


@pytest.mark.slow
@pytest.mark.threat(38)
def test_a_phone_that_dies_at_any_write_of_a_visit_opens_again_and_loses_no_entry(
    full: PagePhone, server: PageServer, doors: Doors, lock: Station, door: Door
) -> None:
    for writes in range(10):
        full.step("dieAt", writes, "within")
        full.step("command", int(Command.UNLOCK), {})
        died = full.died
        full.restart()
        doors.settle()
        full.step("unlock", PIN)
        assert go(full)["reason"] == Reason.GRANTED
        whole_log(full, server, lock, door)
        if not died:
            break
    assert not died
    assert writes >= 3, "the answer, the stay, a batch"


def whole_log(phone: PagePhone, server: PageServer, lock: Station, door: Door) -> None:
    """Every entry of the lock is at the server, and each intent has an outcome."""
    phone.step("sync")
    assert server.entries(door) == set(range(1, lock.lock.memory.tip.number + 1))
    intents = [
        number
        for number, entry in enumerate(lock.lock.entries(), 1)
        if isinstance(entry, journal.Intent)
    ]
    assert intents == [outcome.intent for outcome in entries(lock, journal.Outcome)]
