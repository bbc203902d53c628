"""The lock's memory on a real disk: what a commit promises, and what is refused."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from doorworld import NOON

from nyckelfri.door import delivery, journal
from nyckelfri.door.clock import Mark, Reading
from nyckelfri.door.delivery import Relation, connect
from nyckelfri.door.grants import Command
from nyckelfri.door.journal import Battery, Commissioned, Intent, MotorResult, Outcome
from nyckelfri.door.policy import Stay
from nyckelfri.door.trust import Taken
from nyckelfri.lock import store as store_module
from nyckelfri.lock.store import Store, Update
from nyckelfri.lock.store_file import (
    StoreBusyError,
    StoreDamagedError,
    StoreError,
    StoreMissingError,
)
from nyckelfri.lock.store_state import Factory, SavedClock, Tip
from storeworld import (
    CARER,
    IDENTITY,
    NOW,
    SECRET,
    all_batches,
    batch_of,
    commissioned_store,
    entries_of,
    factory_store,
    key_set,
    open_door,
    rows_of,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lock.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with commissioned_store(path) as opened:
        yield opened


def test_nobody_else_may_read_any_file_of_the_store(store: Store, path: Path) -> None:
    open_door(store)
    modes = {file.name: oct(file.stat().st_mode & 0o777) for file in path.parent.iterdir()}
    assert {"lock.db", "lock.db-wal", "lock.db.reserve-1"} <= modes.keys()
    assert set(modes.values()) == {"0o600"}


def test_a_store_is_never_made_over_another(store: Store, path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(StoreError, match="exists"):
        factory_store(path)
    assert path.read_bytes() == before


def test_a_missing_store_is_an_error_and_not_a_virgin_lock(path: Path) -> None:
    with pytest.raises(StoreMissingError, match="factory step"):
        Store.open(path)
    assert not path.exists()


def test_a_store_cannot_be_made_where_there_is_no_directory(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="check its directory"):
        factory_store(tmp_path / "missing" / "lock.db")


def test_a_file_that_is_no_store_is_refused_and_left_alone(path: Path) -> None:
    for content in (b"", b"not a database" * 1000):
        path.write_bytes(content)
        with pytest.raises(StoreDamagedError):
            Store.open(path)
        assert path.read_bytes() == content


def test_a_second_lock_program_is_refused(store: Store, path: Path) -> None:
    with pytest.raises(StoreBusyError, match="stop the other"):
        Store.open(path)


def test_everything_is_there_after_a_restart(store: Store, path: Path) -> None:
    intent = open_door(store)
    update = Update(floor=NOON + 5, battery=80, key_set=key_set(2), bulletin=b"bulletin 2")
    store.commit([Battery(80)], now=NOW, update=update)
    store.acknowledge(intent, rows_of(store)[intent - 1].head)
    state, rows = store.state, rows_of(store)
    store.close()
    with Store.open(path) as again:
        assert again.state == state
        assert rows_of(again) == rows
    running = state.running
    assert running.clock == SavedClock(NOON + 5, NOON + 5, Mark.SET)
    assert (running.stay, running.battery) == (Stay.of(CARER[0], NOON), 80)
    assert running.tip == Tip(4, rows[-1].head, intent)
    assert (state.key_set, state.bulletin) == (key_set(2), b"bulletin 2")


def test_commissioning_is_entry_1_and_voids_the_secret_in_every_byte_of_the_disk(
    path: Path,
) -> None:
    with factory_store(path) as unit:
        assert SECRET in path.read_bytes()
        written = unit.commission(
            IDENTITY, key_set=(7, key_set(7)), bulletin=b"list", clock=SavedClock(1, 2, Mark.SET)
        )
        for file in path.parent.iterdir():
            assert SECRET not in file.read_bytes()
        assert unit.state.factory.secret is None
        row = rows_of(unit)[0]
        assert entries_of(unit) == [journal.Entry(1, 2, Mark.SET, Commissioned(7))]
        assert row.previous == journal.genesis(IDENTITY.installation)
        assert (written.number, written.head) == (1, row.head)


def test_a_commissioned_unit_is_not_commissioned_again(store: Store) -> None:
    with pytest.raises(StoreError, match="release the unit"):
        store.commission(IDENTITY, key_set=(9, b"x"), bulletin=b"y", clock=SavedClock())
    assert len(rows_of(store)) == 1


def test_a_unit_keeps_no_journal_before_it_is_commissioned(path: Path) -> None:
    with factory_store(path) as unit, pytest.raises(StoreError, match="commissioned"):
        unit.commit([Battery(50)], now=NOW)


def test_no_key_material_in_any_repr(store: Store, path: Path) -> None:
    factory = Factory(1, b"factory key of the unit 32 bytes", SECRET)
    text = repr(store.state) + repr(factory) + repr(Update(key_set=b"kkkk")) + repr(rows_of(store))
    for secret in (
        SECRET,
        factory.static_key,
        IDENTITY.dh_key,
        IDENTITY.signing_key,
        IDENTITY.radio_key,
    ):
        assert repr(secret)[2:-1] not in text
        assert secret.hex() not in text


@pytest.mark.threat(27)
@pytest.mark.threat(26)
def test_an_intent_is_pending_until_its_outcome_also_over_a_restart(
    store: Store, path: Path
) -> None:
    (intent,) = store.commit([Intent(*CARER, Command.UNLOCK)], now=NOW)
    store.close()
    with Store.open(path) as again:
        assert again.pending_outcomes() == (intent.number,)
        again.commit([Outcome(intent.number, MotorResult.UNKNOWN)], now=NOW)
        assert again.pending_outcomes() == ()


@pytest.mark.threat(26)
def test_an_outcome_belongs_to_one_intent_and_there_is_one(store: Store) -> None:
    intent = open_door(store)
    for number in (intent, 1):
        with pytest.raises(StoreError, match="outcome"):
            store.commit([Outcome(number, MotorResult.DONE)], now=NOW)
    assert len(rows_of(store)) == 3


@pytest.mark.threat(29)
@pytest.mark.threat(31)
def test_the_floor_never_falls_whoever_asks(store: Store) -> None:
    store.commit(now=NOW, update=Update(floor=NOON + 100))
    store.commit(now=Reading(0, Mark.LOST), update=Update(floor=5))
    assert store.state.running.clock == SavedClock(NOON + 100, NOON + 100, Mark.LOST)


def test_a_failed_commit_changes_nothing_and_the_next_one_works(store: Store, path: Path) -> None:
    before, rows = store.state, rows_of(store)
    pages = store._db.pragma("page_count")
    store._db.pragma("max_page_count", pages)
    with pytest.raises(StoreError, match="disk is full"):
        store.commit([Battery(50)], now=NOW, update=Update(bulletin=b"x" * 300_000))
    assert store.state is before
    assert rows_of(store) == rows
    store._db.pragma("max_page_count", 1 << 30)
    open_door(store)
    state = store.state
    store.close()
    with Store.open(path) as again:
        assert again.state == state


def test_entries_and_the_change_they_speak_of_are_one_commit(store: Store) -> None:
    before = store.state
    wrong = Outcome(1, MotorResult.DONE)
    with pytest.raises(StoreError):
        store.commit([Battery(50), wrong], now=NOW, update=Update(battery=50, floor=NOON + 9))
    with pytest.raises(journal.JournalError):
        store.commit([Battery(101)], now=NOW, update=Update(battery=50, floor=NOON + 9))
    assert store.state is before
    assert len(rows_of(store)) == 1


@pytest.mark.threat(22)
def test_the_oldest_acknowledged_entries_make_room(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(20):
        open_door(store)
    monkeypatch.setattr(store_module, "KEPT", 10)
    assert store.acknowledge(35, rows_of(store)[34].head) is Taken.TAKEN
    assert [row.number for row in rows_of(store)] == list(range(32, 42))
    open_door(store)
    assert [row.number for row in rows_of(store)] == list(range(34, 44))
    batch = batch_of(store, 1)
    assert batch is not None
    assert batch.first == 34
    assert store.acknowledge(20, b"?" * 32) is Taken.KNOWN


@pytest.mark.threat(66)
def test_a_deleted_entry_is_gone_from_every_byte_of_the_disk(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(200):
        open_door(store)
    deleted = rows_of(store)[:390]
    store.close()
    monkeypatch.setattr(store_module, "KEPT", 10)
    with Store.open(path) as again:
        tip = again.state.running.tip
        again.acknowledge(tip.number, tip.head)
    for file in path.parent.iterdir():
        content = file.read_bytes()
        assert not [row.number for row in deleted if row.sealed in content or row.leaf in content]


def test_restart_after_old_entries_made_room(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        open_door(store)
    monkeypatch.setattr(store_module, "KEPT", 2)
    tip = store.state.running.tip
    store.acknowledge(tip.number, tip.head)
    store.close()
    with Store.open(path) as again:
        assert not again.state.running.repaired
        assert [row.number for row in rows_of(again)] == [10, 11]
        assert again.piece() is None


def test_a_receipt_is_taken_only_for_a_head_of_our_own(store: Store) -> None:
    open_door(store)
    rows = rows_of(store)
    assert store.acknowledge(2, rows[0].head) is Taken.REFUSED
    assert store.acknowledge(4, rows[2].head) is Taken.REFUSED
    assert store.state.running.tip.acknowledged == 0
    assert store.acknowledge(2, rows[1].head) is Taken.TAKEN
    assert store.acknowledge(2, rows[1].head) is Taken.KNOWN
    assert store.acknowledge(1, rows[0].head) is Taken.KNOWN
    assert store.acknowledge(1, rows[1].head) is Taken.REFUSED
    assert store.acknowledge(3, rows[2].head) is Taken.TAKEN
    assert store.state.running.tip.acknowledged == 3


@pytest.mark.threat(55)
def test_the_whole_journal_comes_home_in_batches_that_connect(store: Store) -> None:
    for visit in range(150):
        open_door(store, NOON + visit)
    heads = {0: journal.genesis(IDENTITY.installation)}
    known = 0
    for batch in all_batches(store):
        found = connect(batch, number=known, head_at=heads.__getitem__)
        assert found == delivery.Connection(Relation.CONTINUES, known + 1)
        for entry, _, head in batch.after(known):
            heads[entry.number] = head
            known = entry.number
    assert known == 301
    assert heads[known] == store.state.running.tip.head


def test_a_piece_begins_at_the_oldest_that_was_not_acknowledged(store: Store) -> None:
    for _ in range(3):
        open_door(store)
    store.acknowledge(4, rows_of(store)[3].head)
    piece, again = store.piece(), store.piece(2)
    assert piece is not None
    assert again is not None
    assert (piece.first, piece.previous) == (5, rows_of(store)[3].head)
    assert (again.first, sum(len(segment.sealed) for segment in again.segments)) == (2, 6)
    assert store.piece(8) is None


@pytest.mark.threat(23)
def test_an_old_copy_of_the_store_comes_out_as_a_fork_at_the_server(
    store: Store, path: Path, tmp_path: Path
) -> None:
    for _ in range(3):
        open_door(store)
    store.close()
    shutil.copy(path, tmp_path / "copy")
    with Store.open(path) as later:
        open_door(later)
        known = all_batches(later)[0]
        receipt = (known.last, known.heads[-1])
    shutil.copy(tmp_path / "copy", path)
    with Store.open(path) as rolled_back:
        # The lock cannot see it by itself: nothing on its disk is newer than the disk.
        assert not rolled_back.state.running.repaired
        # A receipt from before the rollback is for entries it does not have.
        assert rolled_back.acknowledge(*receipt) is Taken.REFUSED
        # As long as it writes nothing, the server sees only what it has.
        old = batch_of(rolled_back, 1)
        assert old is not None
        assert connect(old, number=known.last, head_at=known.head_at).relation is Relation.KNOWN
        # With the next opening two histories stand under one number.
        open_door(rolled_back)
        forked = batch_of(rolled_back, 1)
        assert forked is not None
        found = connect(forked, number=known.last, head_at=known.head_at)
        assert found == delivery.Connection(Relation.FORK, 8)
