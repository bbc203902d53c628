"""The power goes at every write of a release: the unit is still the lock, or factory-new."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from powercut import cuts

from nyckelfri.door.clock import Mark
from nyckelfri.door.grants import Command
from nyckelfri.door.journal import Intent, MotorResult, Outcome
from nyckelfri.lock import store_file, store_rows
from nyckelfri.lock.store import Store
from nyckelfri.lock.store_state import Factory, LockState, SavedClock
from nyckelfri.simulate.disk import Disk, Files, Operation
from nyckelfri.simulate.disk_sqlite import Disks
from storeworld import CARER, IDENTITY, NOW, key_set

SECRET = b"the new secret.."


@pytest.fixture(scope="module")
def disks() -> Iterator[Disks]:
    made = Disks()
    yield made
    made.close()


def _open(disk: Disk) -> Store:
    return Store.open(disk.path("lock.db"), disk=disk)


def _commissioned(store: Store) -> None:
    store.commission(
        IDENTITY,
        key_set=(1, key_set()),
        bulletin=b"bulletin 1" * 300,
        clock=SavedClock(NOW.time - 60, NOW.time, Mark.SET),
    )


def _live(disks: Disks) -> Files:
    """A lock in use, as its disk stands with the power on."""
    disk = disks.put("lock")
    factory = Factory(1, b"f" * 32, b"secret of 16 byt")
    with Store.create(disk.path("lock.db"), factory, disk=disk) as store:
        _commissioned(store)
        for _ in range(6):
            (intent,) = store.commit([Intent(*CARER, Command.UNLOCK)], now=NOW)
            store.commit([Outcome(intent.number, MotorResult.DONE)], now=NOW)
    return disk.files


def _found(disks: Disks, files: Files) -> tuple[LockState, int]:
    with _open(disks.put("lock", files)) as store:
        found = store.state, len(store_rows.get_rows(store._db, 0, 1_000))
        if store.state.identity is None:
            _commissioned(store)  # what is left must be a unit that can be used
        else:
            store.release(SECRET)
    return found


@pytest.mark.threat(20)
@pytest.mark.parametrize("pages", [12, 256], ids=["folding on the way", "folding at the end"])
def test_power_cut_at_every_write_of_a_release_leaves_the_lock_or_the_new_unit(
    disks: Disks, monkeypatch: pytest.MonkeyPatch, pages: int
) -> None:
    monkeypatch.setattr(store_file, "CHECKPOINT_PAGES", pages)
    start = _live(disks)
    log: list[Operation] = []
    with _open(disks.put("lock", start, log=log)) as store:
        opened = len(log)
        before = store.state
        store.release(SECRET)
        returned = len(log)
        after = store.state
    assert after == LockState(Factory(1, b"f" * 32, SECRET))

    seen: dict[object, tuple[LockState, int]] = {}
    outcomes = set()
    for place, fate, files in cuts(start, log):
        key = tuple(sorted(files.items()))
        if key not in seen:
            seen[key] = _found(disks, files)
        state, rows = seen[key]
        where = f"cut at {place} of {returned}, {fate}"
        if place >= returned:
            assert state == after, where
        elif place < opened:
            assert state == before, where
        assert (state, rows) in {(before, 13), (after, 0)}, where
        outcomes.add(state.identity is None)
    assert outcomes == {True, False}
