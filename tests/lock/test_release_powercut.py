"""The power goes at every write of a release: the unit is still the lock, or factory-new."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from powercut import NAME, Disk, ForgetfulVFS, Platter

from nyckelfri.door.clock import Mark
from nyckelfri.door.grants import Command
from nyckelfri.door.journal import Intent, MotorResult, Outcome
from nyckelfri.lock import store_file, store_rows
from nyckelfri.lock.store import Store
from nyckelfri.lock.store_state import Factory, LockState, SavedClock
from storeworld import CARER, IDENTITY, NOW, key_set

PATH = "/lock.db"
SECRET = b"the new secret.."


@pytest.fixture(scope="module")
def disk() -> Iterator[ForgetfulVFS]:
    registered = ForgetfulVFS()
    yield registered
    registered.unregister()


def _commissioned(store: Store) -> None:
    store.commission(
        IDENTITY,
        key_set=(1, key_set()),
        bulletin=b"bulletin 1" * 300,
        clock=SavedClock(NOW.time - 60, NOW.time, Mark.SET),
    )


def _live(vfs: ForgetfulVFS) -> dict[str, bytes]:
    """A lock in use, as its disk stands with the power on."""
    vfs.disk = Disk()
    with Store.create(PATH, Factory(1, b"f" * 32, b"secret of 16 byt"), vfs=NAME) as store:
        _commissioned(store)
        for _ in range(6):
            (intent,) = store.commit([Intent(*CARER, Command.UNLOCK)], now=NOW)
            store.commit([Outcome(intent.number, MotorResult.DONE)], now=NOW)
    return {name: bytes(data) for name, data in vfs.disk.files.items()}


def _found(vfs: ForgetfulVFS, files: dict[str, bytes]) -> tuple[LockState, int]:
    vfs.disk = Disk.holding(files)
    with Store.open(PATH, vfs=NAME) as store:
        found = store.state, len(store_rows.get_rows(store._db, 0, 1_000))
        if store.state.identity is None:
            _commissioned(store)  # what is left must be a unit that can be used
        else:
            store.release(SECRET)
    return found


@pytest.mark.threat(20)
@pytest.mark.parametrize("pages", [12, 256], ids=["folding on the way", "folding at the end"])
def test_power_cut_at_every_write_of_a_release_leaves_the_lock_or_the_new_unit(
    disk: ForgetfulVFS, monkeypatch: pytest.MonkeyPatch, pages: int
) -> None:
    monkeypatch.setattr(store_file, "CHECKPOINT_PAGES", pages)
    start = _live(disk)
    disk.disk = Disk.holding(start)
    with Store.open(PATH, vfs=NAME) as store:
        opened = len(disk.disk.log)
        before = store.state
        store.release(SECRET)
        returned = len(disk.disk.log)
        after = store.state
        log = disk.disk.log
    assert after == LockState(Factory(1, b"f" * 32, SECRET))

    platter = Platter(start)
    seen: dict[tuple[tuple[str, bytes], ...], tuple[LockState, int]] = {}
    outcomes = set()
    for place in range(len(log) + 1):
        in_flight = log[place] if place < len(log) else None
        for fate, files in platter.survivors(in_flight, place):
            key = tuple(sorted(files.items()))
            if key not in seen:
                seen[key] = _found(disk, files)
            state, rows = seen[key]
            where = f"cut at {place} of {returned}, {fate}"
            if place >= returned:
                assert state == after, where
            elif place < opened:
                assert state == before, where
            assert (state, rows) in {(before, 13), (after, 0)}, where
            outcomes.add(state.identity is None)
        if in_flight is not None:
            platter.follow(in_flight)
    assert outcomes == {True, False}
