"""Entries that a lock has lost, journals that do not open, and a server that was restored."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from doorworld import identifier
from lockworld import scalar

from nyckelfri.door import delivery, journal
from nyckelfri.door.clock import Mark, Reading
from nyckelfri.door.grants import Command
from nyckelfri.door.journal import Battery, Fault, FaultCode, Intent, Lost, MotorResult, Outcome
from nyckelfri.door.keyset import Purpose
from nyckelfri.door.trust import Taken
from nyckelfri.lock import store as store_module
from nyckelfri.lock import store_writer
from nyckelfri.lock.store import Store
from nyckelfri.lock.store_state import Factory, Identity, SavedClock
from nyckelfri.server import cli_log
from nyckelfri.server.console.review import rows as console
from nyckelfri.server.keys import actions_keyset
from nyckelfri.server.keys import queries as keys_in_force
from nyckelfri.server.visits import journals, queries
from nyckelfri.server.visits.actions import Ingested, Status, ingest
from nyckelfri.server.visits.actions_openings import Opening
from nyckelfri.server.visits.models import Kept, LostStretch, OpeningRecord, StoredEntry
from nyckelfri.server.visits.wanted import wanted
from serverworld import Handset, Lock, record_opening


def bring(data: bytes, phone: Handset, moment: datetime) -> Ingested:
    return ingest(data, phone=phone.row, now=moment)


def stretches() -> list[tuple[int, int]]:
    return [(stretch.first, stretch.last) for stretch in LostStretch.objects.all()]


def stored() -> list[int]:
    return list(StoredEntry.objects.values_list("number", flat=True))


@pytest.fixture
def home(locks: Any) -> Lock:
    """Thirty entries; 6 to 15 were given up, and entry 30 says so."""
    lock: Lock = locks.home
    for percent in range(70, 42, -1):
        lock.write(Battery(percent), after=60)
    assert lock.write(Lost(6, 15), after=60) == 30
    return lock


# A stretch is lost.


@pytest.mark.threat(22)
def test_lock_that_says_the_same_loss_in_two_ways_is_heard_both_times(
    locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    lock: Lock = locks.home
    for percent in range(70, 60, -1):
        lock.write(Battery(percent), after=60)
    number = lock.write(Lost(1, 11), after=60)
    bring(lock.batch(number), alices_phone, moment)
    del lock.bodies[number - 1 :], lock.entries[number - 1 :]
    assert lock.write(Fault(FaultCode.STORE_REPAIRED), after=60) == number == 12
    assert bring(lock.batch(number), alices_phone, moment).status is Status.KEPT


@pytest.mark.threat(22)
@pytest.mark.threat(56)
def test_what_the_lock_says_is_lost_explains_the_gap_and_the_journal_goes_on(
    locks: Any, home: Lock, alices_phone: Handset, moment: datetime
) -> None:
    bring(home.batch(1, 5), alices_phone, moment)
    assert bring(home.batch(16, 25), alices_phone, moment).status is Status.KEPT
    assert (stretches(), stored()) == ([], list(range(1, 6)))
    bring(home.batch(26), alices_phone, moment)
    assert stretches() == [(6, 15)]
    assert stored() == [*range(1, 6), *range(16, 31)]
    assert journals.one(locks.at_home).position == (30, home.head(30))
    assert wanted([locks.at_home]) == []
    (receipt,) = queries.receipts([locks.at_home])
    opened = delivery.open_receipt(receipt, keys_in_force.key_set(), installation=home.installation)
    assert (opened.number, opened.head) == (30, home.head(30))


@pytest.mark.threat(22)
def test_a_lost_stretch_is_shown_to_the_operator_and_at_the_terminal(
    locks: Any,
    home: Lock,
    alices_phone: Handset,
    moment: datetime,
    capsys: pytest.CaptureFixture[str],
) -> None:
    bring(home.batch(1, 5), alices_phone, moment)
    bring(home.batch(16), alices_phone, moment)
    (kept,) = queries.unresolved()
    assert (kept.reason, kept.first, kept.last) == (Kept.Reason.LOST, 6, 15)
    line = console.line(kept)
    assert line.why in {"Låset har förlorat poster", "The lock has lost entries"}

    class Asked:
        json = True

    assert cli_log.DEEDS["journals"](Asked) == 0  # type: ignore[arg-type]
    told = json.loads(capsys.readouterr().out)[home.installation.hex()]
    assert told == {"stored": 20, "lost": 10, "kept": 1}


@pytest.mark.threat(56)
def test_a_gap_that_nothing_explains_stays_a_gap(
    locks: Any, home: Lock, alices_phone: Handset, moment: datetime
) -> None:
    """Lost(6, 15) says nothing of entry 5, nor of 16."""
    bring(home.batch(1, 4), alices_phone, moment)
    bring(home.batch(16), alices_phone, moment)
    assert stretches() == []
    assert wanted([locks.at_home]) == [(locks.at_home, 5)]
    bring(home.batch(5, 5), alices_phone, moment)
    assert stretches() == [(6, 15)]


@pytest.mark.threat(56)
def test_of_a_lost_stretch_only_what_is_missing_here_counts_as_lost(
    home: Lock, alices_phone: Handset, bobs_phone: Handset, moment: datetime
) -> None:
    """One phone had carried 1 to 8 and another 12 to 13 before the lock gave them up."""
    bring(home.batch(12, 13), bobs_phone, moment)
    bring(home.batch(1, 8), alices_phone, moment)
    bring(home.batch(16), alices_phone, moment)
    assert stretches() == [(9, 11), (14, 15)]
    assert queries.unresolved().filter(reason=Kept.Reason.GAP).count() == 0


@pytest.mark.threat(55)
@pytest.mark.parametrize(
    ("late", "left"),
    [
        ([(6, 9)], [(10, 15)]),
        ([(12, 15)], [(6, 11)]),
        ([(3, 20)], []),
        ([(6, 15)], []),
        ([(8, 10)], [(6, 15)]),
        ([(8, 10), (6, 7)], [(11, 15)]),
        ([(10, 12), (13, 15), (6, 9)], []),
    ],
)
def test_what_was_given_up_as_lost_is_stored_when_a_phone_still_brings_it(
    home: Lock,
    alices_phone: Handset,
    bobs_phone: Handset,
    moment: datetime,
    late: list[tuple[int, int]],
    left: list[tuple[int, int]],
) -> None:
    bring(home.batch(1, 5), alices_phone, moment)
    bring(home.batch(16), alices_phone, moment)
    for first, last in late:
        bring(home.batch(first, last), bobs_phone, moment)
    assert stretches() == left
    lost = {number for first, last in left for number in range(first, last + 1)}
    assert stored() == [number for number in range(1, 31) if number not in lost]
    rows = StoredEntry.objects.all()
    assert all(row.head == home.head(row.number) for row in rows)
    shown = queries.unresolved().filter(reason=Kept.Reason.LOST)
    assert [(row.first, row.last) for row in shown] == left


@pytest.mark.threat(56)
def test_another_history_of_a_lost_stretch_is_a_fork_where_it_meets_what_is_known(
    locks: Any, home: Lock, alices_phone: Handset, moment: datetime
) -> None:
    bring(home.batch(1, 5), alices_phone, moment)
    bring(home.batch(16), alices_phone, moment)
    other = Lock.make("home", keys_in_force.root(), home.entries[0].time)
    other.entries, other.bodies, other.clock = home.entries[:7], home.bodies[:7], home.clock
    for _ in range(10):
        other.write(Battery(1), after=5)
    assert bring(other.batch(10, 16), alices_phone, moment).status is Status.KEPT
    assert stretches() == [(6, 15)]
    assert queries.unresolved().filter(reason=Kept.Reason.FORK).count() == 1


@pytest.mark.threat(23)
def test_what_a_phone_saw_of_a_lost_entry_is_held_against_it_when_it_is_found_again(
    locks: Any, home: Lock, alices_phone: Handset, moment: datetime
) -> None:
    def seen(number: int, name: int, of: int | None = None) -> Opening:
        head = home.head(of or number)[:8]
        return Opening(UUID(int=name), home.installation, bytes(8), 1, 0, number, head, home.clock)

    def cut_tails() -> list[int | None]:
        kept = Kept.objects.filter(reason=Kept.Reason.CUT_TAIL)
        return list(kept.values_list("number", flat=True))

    record_opening(seen(7, 1), phone=alices_phone.row, now=moment)
    bring(home.batch(1, 5), alices_phone, moment)
    bring(home.batch(16), alices_phone, moment)
    assert queries.awaited() == 0
    assert wanted([locks.at_home]) == []
    record_opening(seen(8, 2), phone=alices_phone.row, now=moment)
    record_opening(seen(15, 3), phone=alices_phone.row, now=moment)
    record_opening(seen(6, 4, of=5), phone=alices_phone.row, now=moment)
    assert cut_tails() == []
    bring(home.batch(6, 7), alices_phone, moment)
    assert cut_tails() == [6]
    assert OpeningRecord.objects.count() == 4


@pytest.mark.threat(21)
@pytest.mark.threat(56)
def test_a_repaired_store_explains_a_gap_once_the_lock_was_asked_again(
    locks: Any, alices_phone: Handset, bobs_phone: Handset, moment: datetime
) -> None:
    """Fault 3 names no numbers: another phone may still carry what is missing."""
    lock: Lock = locks.home
    for percent in range(70, 60, -1):
        lock.write(Battery(percent), after=60)
    lock.write(Fault(FaultCode.STORE_REPAIRED), after=60)
    bring(lock.batch(1, 5), alices_phone, moment)
    bring(lock.batch(8), alices_phone, moment)
    assert (stretches(), wanted([locks.at_home])) == ([], [(locks.at_home, 6)])
    bring(lock.batch(8), bobs_phone, moment)
    assert stretches() == [(6, 7)]
    assert wanted([locks.at_home]) == []


@pytest.mark.threat(22)
def test_a_lock_that_begins_behind_the_gap_again_is_asked_for_what_comes_next(
    locks: Any, home: Lock, alices_phone: Handset, moment: datetime
) -> None:
    """The entry that explains the gap may be more batches away than one visit can carry."""
    bring(home.batch(1, 5), alices_phone, moment)
    bring(home.batch(16, 18), alices_phone, moment)
    bring(home.batch(19, 22), alices_phone, moment)
    assert wanted([locks.at_home]) == [(locks.at_home, 6)]
    bring(home.batch(16, 18), alices_phone, moment)
    assert wanted([locks.at_home]) == [(locks.at_home, 23)]
    bring(home.batch(23), alices_phone, moment)
    assert (stretches(), wanted([locks.at_home])) == ([(6, 15)], [])


# A real lock's store, with little room, and phones that come and go.


def real_lock(path: Path, lock: Lock) -> Store:
    store = Store.create(path, Factory(1, bytes(31) + b"\x01", bytes(16)))
    key_set = keys_in_force.key_set()
    identity = Identity(
        root=keys_in_force.root().encoded,
        installation=lock.installation,
        dh_key=scalar(lock.key),
        signing_key=scalar(lock.signing_key),
        radio_key=bytes(16),
        release_nonce=bytes(16),
        threshold=-70,
    )
    store.commission(
        identity,
        key_set=(key_set.number, key_set.payload),
        bulletin=b"",
        clock=SavedClock(lock.clock, lock.clock, Mark.SET),
    )
    return store


def fetch(store: Store, lock: Lock, first: int) -> bytes | None:
    piece = store.piece(first, max_bytes=900)
    if piece is None:
        return None
    return delivery.sign_batch(
        piece.segments,
        installation=lock.installation,
        first=piece.first,
        previous=piece.previous,
        key=lock.signing_key,
    )


@pytest.mark.slow
@pytest.mark.threat(22)
@pytest.mark.threat(39)
@pytest.mark.parametrize("seed", range(12))
def test_whatever_phones_carry_and_lose_each_entry_is_stored_or_known_to_be_lost(
    seed: int,
    locks: Any,
    alices_phone: Handset,
    moment: datetime,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(store_module, "KEPT", 24)
    monkeypatch.setattr(store_writer, "FOLD", 5)
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    with real_lock(tmp_path / "lock.db", locks.home) as store:
        truth = {1: store.state.running.tip.head}
        carried: list[bytes] = []
        for _ in range(40):
            _live(store, chance.randrange(0, 6), truth, moment)
            _visit(store, locks, carried, chance.randrange(0, 3), chance)
            if chance.random() < 0.3:
                carried.clear()
            elif chance.random() < 0.4:
                _sync(store, locks, carried, alices_phone, moment)
        for _ in range(12):
            _visit(store, locks, carried, 30, chance)
            _sync(store, locks, carried, alices_phone, moment)
        lost = {n for first, last in stretches() for n in range(first, last + 1)}
        tip = store.state.running.tip
        assert journals.one(locks.at_home).position == (tip.number, tip.head)
        assert sorted([*stored(), *lost]) == list(range(1, tip.number + 1))
        assert tip.acknowledged == tip.number
        for row in StoredEntry.objects.all():
            assert row.head == truth[row.number]
        assert not queries.unresolved().filter(reason=Kept.Reason.FORK).exists()


def _live(store: Store, openings: int, truth: dict[int, bytes], moment: datetime) -> None:
    now = Reading(int(moment.timestamp()), Mark.SET)
    who = (identifier("serial"), identifier("subject"), identifier("phone"))
    for _ in range(openings):
        (intent,) = store.commit([Intent(*who, Command.UNLOCK)], now=now)
        (outcome,) = store.commit([Outcome(intent.number, MotorResult.DONE)], now=now)
        truth |= {intent.number: intent.head, outcome.number: outcome.head}
        tip = store.state.running.tip
        truth[tip.number] = tip.head
        # A fold's entry may stand between the two.
        if outcome.number - intent.number == 2:
            truth[intent.number + 1] = _previous(store, outcome.number)


def _previous(store: Store, number: int) -> bytes:
    piece = store.piece(number)
    assert piece is not None
    return piece.previous


def _visit(
    store: Store, locks: Any, carried: list[bytes], batches: int, chance: random.Random
) -> None:
    """A phone at the door asks for what the server wants, or for the oldest."""
    asked = dict(wanted([locks.at_home]))
    first = asked.get(locks.at_home, 0) if chance.random() < 0.8 else 0
    for _ in range(batches):
        data = fetch(store, locks.home, first)
        if data is None:
            return
        carried.append(data)
        first = delivery.claimed(data).last + 1


def _sync(store: Store, locks: Any, carried: list[bytes], phone: Handset, moment: datetime) -> None:
    for data in carried:
        ingest(data, phone=phone.row, now=moment)
    carried.clear()
    number, head = journals.one(locks.at_home).position
    if number and store.acknowledge(number, head) is Taken.REFUSED:
        # What the lock has given up itself it cannot compare.
        assert number < store.state.running.tip.given_up


# What does not open.


def test_a_batch_that_does_not_open_is_kept_with_its_own_reason_and_asked_for_again(
    locks: Any, keys: Any, home: Lock, alices_phone: Handset, moment: datetime
) -> None:
    pem = keys.directory / "sealing-04.pem"
    taken = pem.read_bytes()
    pem.unlink()
    keys_in_force.our_signer()._loaded.clear()
    assert bring(home.batch(1, 5), alices_phone, moment).status is Status.KEPT
    (kept,) = queries.unresolved()
    assert (kept.reason, kept.first, kept.last) == (Kept.Reason.UNOPENED, 1, 5)
    assert (stored(), queries.receipts([locks.at_home])) == ([], [])
    assert wanted([locks.at_home]) == [(locks.at_home, 1)]
    pem.write_bytes(taken)
    pem.chmod(0o600)
    assert bring(home.batch(1, 5), alices_phone, moment).status is Status.STORED
    assert not queries.unresolved().exists()


def test_what_is_signed_and_opens_and_is_no_journal_is_malformed(
    locks: Any, alices_phone: Handset, moment: datetime
) -> None:
    lock: Lock = locks.home
    lock.write(Battery(50), after=5)
    lock.bodies[1] = delivery.Record(bytes(16), b"no entry at all")
    assert bring(lock.batch(), alices_phone, moment).status is Status.KEPT
    assert queries.unresolved().get().reason == Kept.Reason.MALFORMED


def test_entries_from_before_and_after_a_rotation_of_the_sealing_key_are_read(
    locks: Any, keys: Any, home: Lock, alices_phone: Handset, moment: datetime
) -> None:
    before = home.batch(1, 5)
    old = keys.key_set.keys[-1]
    request = actions_keyset.request(
        new=[Purpose.SEALING], drop=[old.kid], actor="test", now=moment
    )
    actions_keyset.install(keys.holders.sign(request), actor="test", now=moment)
    after = home.batch(6, 9)
    kids = [delivery.claimed(data).segments[0].wrapping.kid for data in (before, after)]
    assert kids == [b"\x04", b"\x05"]
    for data in (before, after):
        assert bring(data, alices_phone, moment).status is Status.STORED
    assert stored() == list(range(1, 10))


# After a backup was restored.


@pytest.fixture
def new_epoch(keys: Any, moment: datetime) -> Callable[[], None]:
    def begin() -> None:
        request = actions_keyset.request(new_epoch=True, actor="test", now=moment)
        actions_keyset.install(keys.holders.sign(request), actor="test", now=moment)

    return begin


@pytest.mark.threat(44)
def test_after_a_restore_each_lock_is_asked_again_until_something_newer_came(
    locks: Any,
    home: Lock,
    alices_phone: Handset,
    moment: datetime,
    new_epoch: Callable[[], None],
) -> None:
    """The lock holds receipts that the restored database has forgotten."""
    bring(home.batch(1, 4), alices_phone, moment - timedelta(days=1))
    assert wanted([locks.at_home, locks.at_entrance]) == []
    new_epoch()
    everywhere = [(locks.at_home, 5), (locks.at_entrance, 1)]
    assert wanted([locks.at_home, locks.at_entrance]) == everywhere
    bring(home.batch(5, 15), alices_phone, moment + timedelta(hours=1))
    assert wanted([locks.at_home, locks.at_entrance]) == everywhere[1:]


@pytest.mark.threat(44)
def test_the_first_epoch_asks_for_nothing_by_itself(locks: Any) -> None:
    assert wanted([locks.at_home, locks.at_entrance, locks.at_other_home]) == []


def test_genesis_is_where_a_journal_begins(locks: Any) -> None:
    lock: Lock = locks.home
    assert journals.one(locks.at_home).position == (0, journal.genesis(lock.installation))
    assert queries.counts(locks.at_home) == (0, 0)
    with pytest.raises(LookupError):
        journals.one(locks.at_home).head_at(1)
