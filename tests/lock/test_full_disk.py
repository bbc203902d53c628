"""A lock whose disk somebody else has filled to the last byte, on a real file system."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from doorworld import NOON, Door, Municipality
from lockworld import Lock, make_store, visit

from nyckelfri.door.grants import Grant
from nyckelfri.door.journal import Intent, Lost
from nyckelfri.door.reasons import Reason
from nyckelfri.lock import store_reserve
from nyckelfri.lock.store import Store
from nyckelfri.lock.store_file import StoreFullError
from smalldisk import filled, small_disk
from storeworld import NOW, all_batches, commissioned_store, details_of, open_door, rows_of

pytestmark = pytest.mark.threat(43)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", 6) as found:
        yield found


def held(disk: Path) -> int:
    """Bytes of the reserve that are held."""
    return sum(piece.stat().st_size for piece in disk.glob("lock.db.reserve-*"))


def numbers(store: Store) -> list[int]:
    return [row.number for row in rows_of(store)]


def test_full_disk_stops_no_opening_whoever_takes_what_the_lock_gives_back(disk: Path) -> None:
    """Its reserve first; then that is taken too, and it lives in what its files have."""
    with commissioned_store(disk / "lock.db") as store:
        for visit_number in range(100):
            open_door(store, NOON + visit_number)
        for _ in range(2):
            with filled(disk):
                for visit_number in range(400):
                    open_door(store, NOON + 1_000 + visit_number)
        # It went in parts, so that nobody else had all of it.
        assert 0 < held(disk) < store_reserve.SIZE
        tip = store.state.running.tip
        newest = [detail for detail in details_of(store) if isinstance(detail, Lost)][-1]
        assert newest == Lost(1, numbers(store)[0] - 1)
        assert numbers(store)[-1] == tip.number
        assert all_batches(store)[-1].last == tip.number


@pytest.mark.parametrize("how", ["ended", "killed"])
def test_full_disk_stops_no_opening_after_a_restart(disk: Path, how: str) -> None:
    """What the WAL holds is kept when the program ends, or somebody else would have it."""
    store = commissioned_store(disk / "lock.db")
    with filled(disk):
        for visit_number in range(300):
            open_door(store, NOON + visit_number)
    if how == "ended":
        with filled(disk):
            store.close()
    else:
        store._db.close(force=True)
    with filled(disk), Store.open(disk / "lock.db") as again:
        assert not again.state.running.repaired
        for visit_number in range(300):
            open_door(again, NOON + 1_000 + visit_number)


def test_when_there_is_room_again_nothing_more_is_given_up(disk: Path) -> None:
    """The next checkpoint, once an hour, takes the reserve again and lets the file grow."""
    with commissioned_store(disk / "lock.db") as store:
        with filled(disk):
            for visit_number in range(1_200):
                open_door(store, NOON + visit_number)
            store.checkpoint(NOW)
            given_up = store.state.running.tip.given_up
            assert given_up > 0
        store.checkpoint(NOW)
        assert held(disk) == store_reserve.SIZE
        before = numbers(store)
        for visit_number in range(300):
            open_door(store, NOON + 1_000 + visit_number)
        assert store.state.running.tip.given_up == given_up
        assert numbers(store)[: len(before)] == before


def test_with_less_room_than_the_reserve_the_lock_keeps_what_there_is(disk: Path) -> None:
    with filled(disk, left=1_500_000), commissioned_store(disk / "lock.db") as store:
        assert 0 < held(disk) < store_reserve.SIZE
        with filled(disk):
            for visit_number in range(100):
                open_door(store, NOON + visit_number)


async def test_lock_that_can_write_nothing_down_moves_nothing_and_says_so(
    disk: Path,
    municipality: Municipality,
    door: Door,
    phone_key: ec.EllipticCurvePrivateKey,
    grant: Grant,
) -> None:
    """No entry, no opening; the phone hears `lock_fault` at the newest entry there is."""
    with make_store(disk / "lock.db", municipality, door) as store:
        lock = Lock(store)
        tip = store.state.running.tip
        store._db.pragma("max_page_count", store._db.pragma("page_count"))
        with pytest.MonkeyPatch.context() as broken:

            def full(*_: object, **__: object) -> None:
                raise StoreFullError

            broken.setattr(Store, "commit", full)
            called = await visit(lock, door, phone_key, municipality.mint(grant))
        assert called.decision.reason is Reason.LOCK_FAULT
        assert (called.decision.number, called.decision.head) == (tip.number, tip.head[:8])
        assert lock.motor.started == 0
        assert [event.reason for event in lock.events] == [Reason.LOCK_FAULT]
        assert not any(isinstance(entry, Intent) for entry in lock.entries())
        await called.end()
        called = await visit(lock, door, phone_key, municipality.mint(grant))
        assert called.decision.reason is Reason.GRANTED
