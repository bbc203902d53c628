"""A store without room: the oldest entries go, an entry says so, and no opening is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from doorworld import NOON, identifier

from nyckelfri.door.clock import Mark
from nyckelfri.door.delivery import Relation, connect
from nyckelfri.door.grants import Command
from nyckelfri.door.journal import Battery, Intent, Lost, MotorResult, Outcome
from nyckelfri.door.trust import Taken
from nyckelfri.lock import store as store_module
from nyckelfri.lock import store_reserve, store_writer
from nyckelfri.lock.store import Store, Update
from nyckelfri.lock.store_file import StoreError
from nyckelfri.lock.store_state import Factory, SavedClock
from nyckelfri.simulate.disk_sqlite import Disks
from storeworld import (
    CARER,
    IDENTITY,
    NOW,
    all_batches,
    batch_of,
    commissioned_store,
    details_of,
    key_set,
    open_door,
    rows_of,
)

pytestmark = pytest.mark.threat(22)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lock.db"


@pytest.fixture
def store(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Room for ten entries without a receipt; four are given up at once."""
    monkeypatch.setattr(store_module, "KEPT", 10)
    monkeypatch.setattr(store_writer, "FOLD", 4)
    with commissioned_store(path) as opened:
        yield opened


def numbers(store: Store) -> list[int]:
    return [row.number for row in rows_of(store)]


def said(store: Store) -> list[Lost]:
    return [detail for detail in details_of(store) if isinstance(detail, Lost)]


def test_above_the_limit_the_oldest_go_and_one_entry_stands_for_them(store: Store) -> None:
    for _ in range(4):
        open_door(store)
    assert (numbers(store), said(store)) == (list(range(1, 10)), [])
    (intent,) = store.commit([Intent(*CARER, Command.UNLOCK)], now=NOW)
    (outcome,) = store.commit([Outcome(intent.number, MotorResult.DONE)], now=NOW)
    assert (intent.number, outcome.number) == (10, 11)
    assert numbers(store) == list(range(5, 13))
    assert details_of(store)[-2:] == [Outcome(10, MotorResult.DONE), Lost(1, 4)]


def test_the_newest_such_entry_stands_for_all_that_went_before(store: Store) -> None:
    for _ in range(30):
        open_door(store)
    first, *_ = numbers(store)
    newest = said(store)[-1]
    assert newest == Lost(1, first - 1)
    # At most one more entry for each four that go.
    tip = store.state.running.tip
    assert tip.number - (1 + 2 * 30) == tip.given_up / 4
    assert len(numbers(store)) <= 11


def test_what_a_receipt_covers_is_not_said_to_be_lost(store: Store) -> None:
    for _ in range(3):
        open_door(store)
    store.acknowledge(5, rows_of(store)[4].head)
    for _ in range(5):
        open_door(store)
    assert said(store) == [Lost(6, 9)]
    assert min(numbers(store)) == 10


def test_a_receipt_from_behind_the_lost_stretch_is_taken(store: Store) -> None:
    for _ in range(6):
        open_door(store)
    batch = batch_of(store)
    assert batch is not None
    assert batch.first == 5
    assert store.acknowledge(3, b"?" * 32) is Taken.REFUSED
    assert store.acknowledge(4, batch.previous) is Taken.TAKEN
    assert store.acknowledge(batch.last, batch.heads[-1]) is Taken.TAKEN
    assert batch_of(store) is None


def test_what_is_left_is_one_chain_that_goes_on_from_what_the_server_has(store: Store) -> None:
    open_door(store)
    (known,) = all_batches(store)
    for _ in range(10):
        open_door(store)
    (left,) = all_batches(store)
    assert connect(left, number=known.last, head_at=known.head_at).relation is Relation.GAP
    assert left.last == store.state.running.tip.number
    assert left.heads[-1] == store.state.running.tip.head


def test_after_a_restart_it_is_as_before_and_nothing_counts_as_damage(
    store: Store, path: Path
) -> None:
    for _ in range(9):
        open_door(store)
    state, rows = store.state, rows_of(store)
    store.close()
    with Store.open(path) as again:
        assert (again.state, rows_of(again)) == (state, rows)
        assert not again.state.running.repaired
        open_door(again)


def test_a_commit_of_many_entries_says_where_each_of_them_stands(store: Store) -> None:
    for _ in range(4):
        open_door(store)
    written = store.commit([Battery(80), Battery(75), Battery(70)], now=NOW)
    assert [entry.number for entry in written] == [10, 11, 12]
    assert said(store) == [Lost(1, 4)]


def test_more_entries_at_once_than_there_is_room_for_are_written_all_the_same(
    store: Store,
) -> None:
    store.commit([Battery(percent) for percent in range(50)], now=NOW)
    assert details_of(store)[-1] == Lost(1, 1)
    store.commit([Battery(percent) for percent in range(50)], now=NOW)
    assert len(details_of(store)) == 50 + 1 + 50 + 1 - 4


# The disk itself is full.


@pytest.fixture
def full(path: Path) -> Iterator[Store]:
    """A store that may not grow by one page more."""
    with commissioned_store(path) as opened:
        for visit in range(700):
            open_door(opened, NOON + visit)
        opened._db.pragma("max_page_count", opened._db.pragma("page_count"))
        yield opened


def test_on_a_full_disk_every_opening_is_written_and_the_oldest_go(full: Store) -> None:
    for visit in range(300):
        intent = open_door(full, NOON + 1000 + visit)
        assert full.state.running.stay is not None
        assert full.state.running.stay.opened == NOON + 1000 + visit
        assert full.pending_outcomes() == ()
    assert intent in numbers(full)
    newest = said(full)[-1]
    assert newest == Lost(1, numbers(full)[0] - 1)
    assert numbers(full) == list(range(newest.last + 1, full.state.running.tip.number + 1))


def test_on_a_full_disk_what_the_server_has_goes_before_anything_is_lost(full: Store) -> None:
    full.acknowledge(200, rows_of(full)[199].head)
    assert min(numbers(full)) == 1
    for visit in range(60):
        open_door(full, NOON + 1000 + visit)
    assert said(full) == []
    assert min(numbers(full)) == 201


def test_on_a_full_disk_a_larger_bulletin_is_still_taken(full: Store) -> None:
    bulletin = identifier("a long list") * 1_000
    full.commit(now=NOW, update=Update(bulletin=bulletin))
    assert full.state.bulletin == bulletin
    assert said(full)


def test_to_save_the_clock_no_entry_is_given_up(full: Store) -> None:
    for _ in range(50):
        full.checkpoint(NOW)
    assert said(full) == []


def test_where_nothing_helps_nothing_changes_and_the_error_says_what_to_do(path: Path) -> None:
    with commissioned_store(path) as store:
        before = store.state
        store._db.pragma("max_page_count", store._db.pragma("page_count"))
        with pytest.raises(StoreError, match="free some space"):
            store.commit(now=NOW, update=Update(bulletin=b"x" * 200_000))
        assert store.state is before
        assert numbers(store) == [1]


@pytest.mark.parametrize("openings", [40, 600])
def test_when_others_have_filled_the_disk_no_opening_is_refused_now_or_after_a_restart(
    openings: int,
) -> None:
    disks = Disks()
    disk = disks.put("lock")
    factory = Factory(1, b"f" * 32, b"sixteen secrets!")
    store = Store.create(disk.path("lock.db"), factory, disk=disk)
    store.commission(
        IDENTITY, key_set=(1, key_set()), bulletin=b"list" * 500, clock=SavedClock(mark=Mark.SET)
    )
    for visit in range(openings):
        open_door(store, NOON + visit)
    for _ in range(2):
        disk.room = 0
        for visit in range(400):
            open_door(store, NOON + 5_000 + visit)
        store.close()
        store = Store.open(disk.path("lock.db"), disk=disk)
        assert not store.state.running.repaired
        assert numbers(store)[-1] == store.state.running.tip.number
    store.close()
    disks.close()


def test_a_reserve_is_its_own_bytes_and_its_owners_only(path: Path) -> None:
    with commissioned_store(path):
        pieces = list(path.parent.glob("lock.db.reserve-*"))
        assert sum(piece.stat().st_blocks * 512 for piece in pieces) >= store_reserve.SIZE
        assert {piece.stat().st_mode & 0o777 for piece in pieces} == {0o600}


def test_a_disk_without_room_for_the_reserve_does_not_stop_the_lock(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_reserve, "SIZE", 1 << 60)
    with commissioned_store(path) as store:
        assert not list(path.parent.glob("lock.db.reserve-*"))
        open_door(store)


def test_five_thousand_entries_and_two_thousand_revocations_take_less_than_ten_megabytes(
    path: Path,
) -> None:
    revocations = b"".join(identifier(f"revoked {number}") for number in range(2_000))
    with commissioned_store(path, bulletin=revocations) as store:
        for _ in range(100):
            store.commit([Intent(*CARER, Command.UNLOCK)] * 50, now=NOW)
            outcomes = [Outcome(number, MotorResult.DONE) for number in store.pending_outcomes()]
            store.commit(outcomes, now=NOW)
            used = sum(file.stat().st_size for file in path.parent.iterdir())
            assert used < 10_000_000
        assert len(numbers(store)) > 5_000
