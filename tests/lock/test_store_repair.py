"""Damage to the store's file: what is noticed, what is saved, and what the lock then refuses."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from doorworld import NOON
from powercut import cuts

from nyckelfri.door import delivery, journal
from nyckelfri.door.delivery import Relation, connect
from nyckelfri.door.journal import Fault, FaultCode
from nyckelfri.door.trust import Taken
from nyckelfri.lock import store_file, store_rows
from nyckelfri.lock.store import Store
from nyckelfri.lock.store_file import StoreDamagedError, StoreError, StoreMissingError
from nyckelfri.lock.store_rows import Row
from nyckelfri.lock.store_state import LockState
from nyckelfri.simulate.disk import Operation, Stored
from nyckelfri.simulate.disk_sqlite import Disks
from storeworld import (
    IDENTITY,
    NOW,
    SECRET,
    all_batches,
    batch_of,
    commissioned_store,
    factory_store,
    open_door,
    rows_of,
)

OPENINGS = 40
Known = tuple[LockState, list[Row]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lock.db"


@pytest.fixture
def known(path: Path) -> Known:
    """A closed store with some openings, the first of them acknowledged."""
    with commissioned_store(path) as store:
        for visit in range(OPENINGS):
            open_door(store, NOON + visit)
        store.acknowledge(3, rows_of(store)[2].head)
        return store.state, rows_of(store)


def _sql(path: Path, *statements: str) -> None:
    """Change the file behind the store's back, through a connection without its guard."""
    db = store_file.connect(path)
    for statement in statements:
        db.execute(statement)
    db.close()


def _assert_truth(path: Path, known: Known) -> str:
    """The store opens and says only what was; or says that it cannot."""
    state, rows = known
    before = path.read_bytes()
    try:
        store = Store.open(path)
    except StoreError:
        assert path.read_bytes() == before, "a store beyond repair is left as it was"
        return "refused"
    with store:
        found = store.state
        assert set(rows_of(store)) <= set(rows)
        if not found.running.repaired:
            assert (found, rows_of(store)) == (state, rows)
            return "unharmed"
        assert _as_if_unharmed(found) == state
        store.commit([Fault(FaultCode.STORE_REPAIRED)], now=NOW)
        assert not store.state.running.repaired
        open_door(store)
    damaged = path.with_name("lock.db.damaged")
    assert damaged.stat().st_mode & 0o777 == 0o600
    return "repaired"


def _as_if_unharmed(state: LockState) -> LockState:
    return replace(state, running=replace(state.running, repaired=False, holes=()))


@pytest.mark.slow
@pytest.mark.threat(21)
def test_a_flipped_bit_anywhere_is_harmless_repaired_or_refused_but_never_believed(
    path: Path, known: Known
) -> None:
    whole = path.read_bytes()
    chance = random.Random(21)  # noqa: S311 - repeatable, not secret
    pages = range(0, len(whole), 4096)
    places = [page + at for page in pages for at in (0, 3, 5, 8, 9, 20)]
    places += [chance.randrange(len(whole)) for _ in range(150)]
    outcomes = []
    for place in places:
        broken = bytearray(whole)
        broken[place] ^= 1 << chance.randrange(8)
        path.write_bytes(broken)
        outcomes.append(_assert_truth(path, known))
        _forget_repair(path)
    assert outcomes.count("repaired") > 50
    assert outcomes.count("refused") < len(outcomes) // 10


@pytest.mark.slow
@pytest.mark.threat(21)
@pytest.mark.parametrize("content", ["zeros", "noise", "another page"])
def test_a_torn_page_is_repaired_or_refused_but_never_believed(
    path: Path, known: Known, content: str
) -> None:
    whole = path.read_bytes()
    chance = random.Random(content)  # noqa: S311
    outcomes = []
    for at in range(0, len(whole), 512):
        other = chance.randrange(0, len(whole), 512)
        sector = {
            "zeros": bytes(512),
            "noise": chance.randbytes(512),
            "another page": whole[other : other + 512],
        }[content]
        path.write_bytes(whole[:at] + sector + whole[at + 512 :])
        outcomes.append(_assert_truth(path, known))
        _forget_repair(path)
    assert outcomes.count("repaired") > 10


def _forget_repair(path: Path) -> None:
    for file in path.parent.iterdir():
        if file.name != path.name:
            file.unlink()


@pytest.mark.threat(21)
@pytest.mark.parametrize("table", ["state", "state_copy"])
@pytest.mark.parametrize("slot", [1, 2, 3, 4, 5])
def test_one_of_two_copies_is_enough(path: Path, known: Known, table: str, slot: int) -> None:
    for damage in (
        f"UPDATE {table} SET value = CAST(value || x'00' AS BLOB) WHERE slot = {slot}",  # noqa: S608
        f"DELETE FROM {table} WHERE slot = {slot}",  # noqa: S608
    ):
        _sql(path, damage)
        assert _assert_truth(path, known) == "repaired"
        with Store.open(path) as store:
            assert not store.state.running.repaired
            known = store.state, rows_of(store)


@pytest.mark.threat(21)
@pytest.mark.parametrize("slot", [1, 2, 3, 4, 5])
def test_a_lock_that_does_not_know_who_it_is_or_what_was_revoked_opens_to_nobody(
    path: Path, known: Known, slot: int
) -> None:
    _sql(
        path,
        f"UPDATE state SET value = zeroblob(9) WHERE slot = {slot}",  # noqa: S608
        f"DELETE FROM state_copy WHERE slot = {slot}",  # noqa: S608
    )
    with pytest.raises(StoreDamagedError, match="set it up anew") as caught:
        Store.open(path)
    assert IDENTITY.dh_key.hex() not in repr(caught.value)


@pytest.mark.threat(21)
def test_damage_that_no_row_shows_but_the_next_write_would_spread_is_repaired(
    path: Path, known: Known
) -> None:
    content = bytearray(path.read_bytes())
    assert content[36:40] == bytes(4), "SQLite's count of free pages"
    content[39] = 1
    path.write_bytes(content)
    assert _assert_truth(path, known) == "repaired"


@pytest.mark.threat(21)
def test_of_two_copies_that_differ_the_newer_counts(path: Path, known: Known) -> None:
    older = path.with_name("older")
    shutil.copy(path, older)
    with Store.open(path) as store:
        open_door(store)
        newest = store.state
    db = store_file.connect(path)
    db.execute("ATTACH ? AS older", (str(older),))
    db.execute("REPLACE INTO state SELECT * FROM older.state WHERE slot = 5")
    db.close()
    with Store.open(path) as store:
        assert store.state.running.repaired
        assert _as_if_unharmed(store.state) == newest


@pytest.mark.threat(21)
@pytest.mark.threat(56)
def test_entries_lost_in_the_middle_show_as_a_gap_and_the_rest_comes_home(
    path: Path, known: Known
) -> None:
    _, rows = known
    _sql(
        path,
        "DELETE FROM journal WHERE number IN (20, 21)",
        "UPDATE journal SET sealed = zeroblob(90) WHERE number = 30",
    )
    with Store.open(path) as store:
        assert store.state.running.repaired
        lost = {row.number for row in rows} - {row.number for row in rows_of(store)}
        assert lost == {20, 21, 30}
        before, middle, after = all_batches(store)
        assert (before.first, before.last) == (1, 19)
        assert (middle.first, middle.last) == (22, 29)
        assert (after.first, after.last) == (31, len(rows))
        found = connect(middle, number=19, head_at=before.head_at)
        assert found == delivery.Connection(Relation.GAP, 20)
        assert middle.previous == rows[20].head
        # The server may give up what is gone: the lock knows the head on the far side.
        assert store.acknowledge(21, middle.previous) is Taken.TAKEN
        batch = batch_of(store)
        assert batch is not None
        assert batch.first == 22


@pytest.mark.threat(21)
@pytest.mark.threat(23)
@pytest.mark.parametrize("place", [41, 80, 81])
def test_an_entry_of_another_history_of_this_very_lock_is_not_believed(
    path: Path, known: Known, place: int
) -> None:
    other = path.with_name("other")
    with commissioned_store(other) as store:
        for visit in range(OPENINGS):
            open_door(store, NOON + visit)
    db = store_file.connect(path)
    db.execute("ATTACH ? AS other", (str(other),))
    db.execute("REPLACE INTO journal SELECT * FROM other.journal WHERE number = ?", (place,))
    db.close()
    assert _assert_truth(path, known) == "repaired"
    with Store.open(path) as store:
        assert place not in [row.number for row in rows_of(store)]


@pytest.mark.threat(21)
@pytest.mark.parametrize("damage", ["number < 10", "number > 70", "number = 81", "number > 0"])
def test_lost_entries_at_either_end_never_make_a_number_stand_twice(
    path: Path, known: Known, damage: str
) -> None:
    state, rows = known
    _sql(path, f"DELETE FROM journal WHERE {damage}")  # noqa: S608
    with Store.open(path) as store:
        assert store.state.running.repaired
        assert store.state.running.tip == state.running.tip
        (written,) = store.commit([Fault(FaultCode.STORE_REPAIRED)], now=NOW)
        assert written.number == len(rows) + 1
        assert rows_of(store)[-1].previous == rows[-1].head
    with Store.open(path) as again:
        assert again.state.running.tip.number == written.number


def test_an_acknowledged_entry_at_the_old_end_is_not_missed(path: Path, known: Known) -> None:
    _sql(path, "DELETE FROM journal WHERE number <= 2")
    with Store.open(path) as store:
        assert not store.state.running.repaired
        assert store.state == known[0]


@pytest.mark.threat(21)
def test_a_hole_is_reported_once_and_the_next_start_is_quiet(path: Path, known: Known) -> None:
    _sql(path, "DELETE FROM journal WHERE number = 20")
    with Store.open(path) as store:
        store.commit([Fault(FaultCode.STORE_REPAIRED)], now=NOW)
    with Store.open(path) as again:
        assert not again.state.running.repaired
        assert len(rows_of(again)) == len(known[1])


@pytest.mark.threat(21)
def test_damage_that_nobody_wrote_down_yet_is_still_known_after_a_restart(
    path: Path, known: Known
) -> None:
    _sql(path, "DELETE FROM journal WHERE number = 20")
    Store.open(path).close()
    with Store.open(path) as again:
        assert again.state.running.repaired


@pytest.fixture
def disks() -> Iterator[Disks]:
    made = Disks()
    yield made
    made.close()


@pytest.mark.threat(20)
@pytest.mark.threat(21)
def test_power_cut_at_every_operation_of_a_repair(disks: Disks) -> None:
    disk = disks.put("lock")
    with commissioned_store(disk.path("lock.db"), disk) as store:
        for visit in range(20):
            open_door(store, NOON + visit)
    # In the WAL: newer openings, and pages that would undo the repair if it were played again.
    with Store.open(disk.path("lock.db"), disk=disk) as store:
        open_door(store)
        tip, rows = store.state.running.tip, rows_of(store)
        store_file.keep_wal(store._db)
    start = disk.files
    broken = bytearray(start["lock.db"].content)
    broken[broken.index(rows[6].sealed)] ^= 1
    start["lock.db"] = Stored(bytes(broken))
    log: list[Operation] = []
    disk = disks.put("lock", start, log=log)
    Store.open(disk.path("lock.db"), disk=disk).close()
    assert disk.files["lock.db.damaged"] == start["lock.db"]
    assert disk.files["lock.db.damaged-wal"] == start["lock.db-wal"]

    damaged = {"lock.db": "lock.db.damaged", "lock.db-wal": "lock.db.damaged-wal"}
    seen = set()
    for place, word, files in cuts(start, log):
        key = tuple(sorted(files.items()))
        if key in seen:
            continue
        seen.add(key)
        disk = disks.put("lock", files)
        with Store.open(disk.path("lock.db"), disk=disk) as store:
            assert store.state.running.repaired, (place, word)
            assert store.state.running.tip == tip
            assert rows_of(store) == [row for row in rows if row.number != 7]
        for name, kept in damaged.items():
            assert disk.files[kept] == start[name], (place, word)
    assert len(seen) > len(log)


@pytest.mark.threat(20)
def test_power_cut_at_every_operation_of_the_factory_leaves_no_store_or_a_whole_one(
    disks: Disks,
) -> None:
    log: list[Operation] = []
    disk = disks.put("unit", log=log)
    factory_store(disk.path("lock.db"), disk).close()
    outcomes = []
    for _, _, files in cuts({}, log):
        disk = disks.put("unit", files)
        try:
            store = Store.open(disk.path("lock.db"), disk=disk)
        except StoreMissingError:
            store = factory_store(disk.path("lock.db"), disk)
        outcomes.append("lock.db" in files)
        assert store.state.factory.secret == SECRET
        store.close()
    assert {True, False} == set(outcomes)


@pytest.mark.threat(21)
def test_the_damaged_file_is_kept_as_it_was(path: Path, known: Known) -> None:
    _sql(path, "DELETE FROM journal WHERE number = 20")
    broken = path.read_bytes()
    Store.open(path).close()
    assert path.with_name("lock.db.damaged").read_bytes() == broken


@pytest.mark.threat(21)
@pytest.mark.threat(56)
def test_a_flipped_bit_in_the_newest_commit_before_it_reached_the_file_is_a_fork_at_the_server(
    path: Path, known: Known
) -> None:
    """What the lock cannot see itself: SQLite takes a broken end of the WAL for a power cut."""
    store = Store.open(path)
    open_door(store, NOON + 500)
    told = all_batches(store)[-1]
    store_file.keep_wal(store._db)
    store.close()
    wal = path.with_name("lock.db-wal")
    content = bytearray(wal.read_bytes())
    content[200] ^= 1
    wal.write_bytes(content)
    with Store.open(path) as forgetful:
        assert not forgetful.state.running.repaired
        open_door(forgetful, NOON + 900)
        found = connect(all_batches(forgetful)[-1], number=told.last, head_at=told.head_at)
    assert found.relation is Relation.FORK


def test_a_row_holds_only_what_it_held_when_written() -> None:
    previous, leaf = journal.genesis(IDENTITY.installation), journal.leaf(bytes(16), b"an entry")
    row = Row.make(2, previous, leaf, 1, b"sealed")
    assert row.holds
    assert not replace(row, leaf=bytes(32)).holds
    assert not replace(row, sealed=b"seales").holds
    assert not replace(row, number=3).holds
    assert not replace(row, wrapping=2).holds
    assert not replace(row, previous=bytes(31)).holds
    assert not replace(row, sealed="text").holds  # type: ignore[arg-type]
    assert not replace(row, wrapping=b"1").holds  # type: ignore[arg-type]
    assert store_rows.SCHEMA_VERSION == 2


@pytest.mark.threat(21)
@pytest.mark.parametrize("table", ["wrapping", "wrapping_copy"])
def test_one_of_two_copies_of_a_wrapped_content_key_is_enough(
    path: Path, known: Known, table: str
) -> None:
    for damage in (f"DELETE FROM {table}", f"UPDATE {table} SET wrapped = zeroblob(97)"):  # noqa: S608
        _sql(path, damage)
        assert _assert_truth(path, known) == "repaired"
        with Store.open(path) as store:
            known = store.state, rows_of(store)
            assert sum(len(batch.entries) for batch in all_batches(store)) == len(known[1])


@pytest.mark.threat(21)
def test_entries_whose_content_key_is_gone_are_lost_and_the_lock_goes_on(
    path: Path, known: Known
) -> None:
    _, rows = known
    with Store.open(path) as store:
        open_door(store)
    _sql(path, "DELETE FROM wrapping WHERE id = 1", "DELETE FROM wrapping_copy WHERE id = 1")
    with Store.open(path) as store:
        assert store.state.running.repaired
        assert [row.number for row in rows_of(store)] == [len(rows) + 1, len(rows) + 2]
        batch = batch_of(store)
        assert batch is not None
        assert batch.previous == rows[-1].head
