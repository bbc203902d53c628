"""A lock's store on a disk that forgets, tears and fills: what was said to be saved is there."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from itertools import count

import apsw
import pytest
from doorworld import NOON

from nyckelfri.door.journal import Battery, Commissioned
from nyckelfri.lock import store_file, store_reserve
from nyckelfri.lock.store import Store, Update
from nyckelfri.lock.store_file import StoreError, StoreFullError
from nyckelfri.simulate.disk import Disk, PowerCutError, Sync
from nyckelfri.simulate.disk_sqlite import Disks
from storeworld import NOW, commissioned_store, details_of, rows_of


@pytest.fixture
def disks() -> Iterator[Disks]:
    made = Disks()
    yield made
    made.close()


def make(disk: Disk) -> Store:
    return commissioned_store(disk.path("lock.db"), disk)


def reopen(disk: Disk) -> Store:
    return Store.open(disk.path("lock.db"), disk=disk)


def percent(number: int) -> int:
    return number * 7 % 100


def bulletin(number: int) -> bytes:
    return b"%d" % number * 300


def write(store: Store) -> int:
    """One entry, and state that tells which entry it belongs to."""
    number = store.state.running.tip.number + 1
    update = Update(floor=NOON + number, battery=percent(number), bulletin=bulletin(number))
    store.commit([Battery(percent(number))], now=NOW, update=update)
    return number


def fault(store: Store) -> str | None:
    """What is half or missing in a store that only `write` has written to."""
    running = store.state.running
    number = running.tip.number
    if running.repaired:
        return "repaired"
    if number > 1 and (running.clock.floor, running.battery, store.state.bulletin) != (
        NOON + number,
        percent(number),
        bulletin(number),
    ):
        return f"the state is not that of entry {number}"
    entries = [Commissioned(1), *(Battery(percent(place)) for place in range(2, number + 1))]
    return None if details_of(store) == entries else "entries are missing"


def live(disks: Disks, seed: int, cuts: int = 60) -> tuple[list[int], list[str]]:
    """A lock whose power goes again and again: how far it was each time, and what was wrong."""
    rng = random.Random(f"{seed}/cuts")  # noqa: S311 - repeatable, not secret
    disk = disks.put("L0092")
    store = make(disk)
    places: list[int] = []
    faults: list[str] = []
    for _ in range(cuts):
        said = store.state.running.tip.number
        disk.cut_in(rng.randrange(1, 80))
        with contextlib.suppress(PowerCutError):
            while True:
                said = write(store)
        store.close()
        disk = disks.after_cut(disk, rng)
        try:
            store = reopen(disk)
        except StoreError as error:
            return places, [*faults, str(error)]
        places.append(store.state.running.tip.number)
        if places[-1] not in {said, said + 1}:
            faults.append(f"said {said}, found {places[-1]}")
        elif wrong := fault(store):
            faults.append(wrong)
    store.close()
    return places, faults


@pytest.mark.threat(20)
@pytest.mark.parametrize("seed", range(4))
def test_however_often_the_power_goes_nothing_said_is_lost_and_nothing_is_half(
    disks: Disks, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    # So few that the WAL is folded into the file again and again on the way.
    monkeypatch.setattr(store_file, "CHECKPOINT_PAGES", 12)
    _, faults = live(disks, seed)
    assert faults == []


@pytest.mark.parametrize("careless", ["OFF", "NORMAL"])
def test_a_store_that_does_not_sync_is_found_out(
    disks: Disks, monkeypatch: pytest.MonkeyPatch, careless: str
) -> None:
    monkeypatch.setattr(store_file, "SYNCHRONOUS", careless)
    assert live(disks, 1)[1]


def test_the_same_chance_leaves_the_same_behind(disks: Disks) -> None:
    assert live(disks, 1, 12) == live(disks, 1, 12)
    assert live(disks, 1, 12)[0] != live(disks, 2, 12)[0]
    disk = disks.put("L0092")
    store = make(disk)
    disk.cut_in(4)
    with pytest.raises(PowerCutError):
        write(store)
    store.close()
    found = [disk.found(random.Random(f"{throw}")) for throw in (1, 1, 2, 3, 4, 5)]  # noqa: S311
    assert found[0] == found[1]
    assert len({tuple(files.items()) for files in found}) > 2


def test_after_the_cut_nothing_a_dying_program_does_has_an_effect(disks: Disks) -> None:
    disk = disks.put("L0092")
    store = make(disk)
    told = []
    disk.cut_in(3, lambda: told.append(disk.off))
    with pytest.raises(PowerCutError):
        write(store)
    assert told == [True]
    left = disk.files
    with pytest.raises(PowerCutError):
        write(store)
    with pytest.raises(PowerCutError):
        reopen(disk)
    with pytest.raises(PowerCutError):
        disk.delete(disk.path("lock.db"))
    store.close()
    assert disk.files == left
    with reopen(disks.after_cut(disk, random.Random("1"))) as found:  # noqa: S311
        assert write(found) in {2, 3}


def test_a_store_left_open_does_not_reach_the_disk_that_comes_after(disks: Disks) -> None:
    disk = disks.put("L0092")
    store = make(disk)
    write(store)
    found = disks.put("L0092", disk.files)
    left = found.files
    store.close()
    assert found.files == left


def test_a_cut_that_is_called_off_does_not_come(disks: Disks) -> None:
    disk = disks.put("L0092")
    with make(disk) as store:
        disk.cut_in(3)
        disk.cut_in(None)
        assert [write(store) for _ in range(5)] == [2, 3, 4, 5, 6]


def test_disks_under_one_vfs_know_nothing_of_each_other(disks: Disks) -> None:
    first, second = (disks.put(label) for label in ("L0091", "L0092"))
    with make(first) as store, make(second) as other:
        write(store)
        second.cut()
        with pytest.raises(PowerCutError):
            write(other)
        assert write(store) == 3
    found = disks.after_cut(second, random.Random("1"))  # noqa: S311
    with reopen(first) as store, reopen(found) as other:
        assert (write(store), write(other)) == (4, 2)


def test_a_disk_keeps_nothing_of_what_was_synced_but_the_files(disks: Disks) -> None:
    disk = disks.put("L0092")
    with make(disk) as store:
        for _ in range(300):
            write(store)
        assert disk.unsynced < 40
    assert disk.unsynced < 2 + store_reserve.PIECES, (
        "names of the reserve and the WAL, which may be either way"
    )


@pytest.mark.threat(22)
@pytest.mark.parametrize("room", [0, 1, 600, 9_000, 50_000])
def test_on_a_full_disk_nothing_is_half_written_and_with_room_it_goes_on(
    disks: Disks, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    monkeypatch.setattr(store_reserve, "SIZE", 1 << 60)
    disk = disks.put("L0092")
    disk.room = 1 << 20
    store = make(disk)
    write(store)
    before = store.state, rows_of(store)
    disk.room = room
    with pytest.raises(StoreFullError, match="nothing was saved"):
        store.commit([Battery(1)], now=NOW, update=Update(bulletin=bytes(60_000)))
    assert disk.room < 512, "it wrote as far as there was room"
    assert (store.state, rows_of(store)) == before
    disk.cut()
    store.close()
    size = disk.room + disk.used
    disk = disks.after_cut(disk, random.Random("1"))  # noqa: S311
    assert disk.room is not None
    assert disk.room + disk.used == size, "it is no larger than it was"
    disk.room = None
    with reopen(disk) as store:
        assert (store.state, rows_of(store)) == before
        assert write(store) == 3
        assert fault(store) is None


@pytest.mark.threat(20)
@pytest.mark.threat(22)
def test_power_cut_at_every_operation_on_a_full_disk(disks: Disks) -> None:
    disk = disks.put("L0092")
    with make(disk) as store:
        for _ in range(60):
            write(store)
    full = disk.files
    tips = set()
    for operation in count(1):
        disk = disks.put("L0092", full)
        store = reopen(disk)
        disk.room = 0
        disk.cut_in(operation)
        try:
            write(store)
        except PowerCutError:
            store.close()
        else:
            disk.cut_in(None)
            store.close()
            break
        with reopen(disks.after_cut(disk, random.Random(f"{operation}"))) as store:  # noqa: S311
            assert not store.state.running.repaired
            tips.add(store.state.running.tip.number)
    assert tips == {61, 62}, "the reserve has room for it, so nothing is given up"
    assert operation > 10


@pytest.mark.threat(22)
def test_room_that_a_file_gives_back_can_be_used_again(disks: Disks) -> None:
    disk = disks.put("L0092")
    path, other = disk.path("file"), disk.path("other")
    disk.room = 1_000
    disk.make(path)
    disk.allocate(path, 800)
    disk.make(other)
    with pytest.raises(OSError, match="space"):
        disk.allocate(other, 201)
    disk.allocate(other, 200)
    assert (disk.room, disk.used) == (0, 1_000)
    disk.rename(other, path)
    assert (disk.room, disk.size(path), disk.size(other)) == (800, 200, None)
    disk.delete(path)
    assert disk.room == 1_000


@pytest.mark.threat(20)
def test_names_that_were_not_synced_may_be_the_old_ones_and_files_may_be_gone(
    disks: Disks,
) -> None:
    disk = disks.put("L0092")
    for name in ("old", "new"):
        disk.make(disk.path(name))
    disk.allocate(disk.path("new"), 7)
    inode = disk.inode("new")
    assert inode is not None
    disk.do(Sync(inode))
    disk.sync_names(disk.path(""))
    disk.rename(disk.path("new"), disk.path("old"))
    disk.make(disk.path("newest"))
    found = [
        {name: stored.allocated for name, stored in disk.found(random.Random(f"{throw}")).items()}  # noqa: S311
        for throw in range(40)
    ]
    for names in (
        {"old": 0, "new": 7},
        {"old": 0, "new": 7, "newest": 0},
        {"old": 7},
        {"old": 7, "newest": 0},
    ):
        assert names in found
        found = [other for other in found if other != names]
    assert found == []


@pytest.mark.threat(21)
def test_a_flipped_bit_is_harmless_repaired_or_refused_but_never_believed(disks: Disks) -> None:
    disk = disks.put("L0092")
    with make(disk) as store:
        for _ in range(40):
            write(store)
        state, rows = store.state, rows_of(store)
    whole = disk.files
    outcomes = []
    for throw in range(150):
        disk = disks.put("L0092", whole)
        name, _ = disk.flip(random.Random(f"{throw}"))  # noqa: S311
        assert name == "lock.db"
        try:
            store = reopen(disk)
        except StoreError:
            outcomes.append("refused")
            continue
        with store:
            outcomes.append("repaired" if store.state.running.repaired else "harmless")
            assert set(rows_of(store)) <= set(rows)
            assert store.state.bulletin == state.bulletin
        assert (disk.size(disk.path("lock.db.damaged")) is None) == (outcomes[-1] == "harmless")
    assert outcomes.count("repaired") > 30
    assert outcomes.count("refused") < 10


def test_a_file_that_does_not_exist_is_an_error_as_on_any_disk(disks: Disks) -> None:
    disk = disks.put("L0092")
    with pytest.raises(FileNotFoundError):
        disk.rename(disk.path("none"), disk.path("some"))
    disk.delete(disk.path("none"))
    disk.make(disk.path("some"))
    with pytest.raises(FileExistsError):
        disk.make(disk.path("some"))
    with pytest.raises(StoreError, match="no store here"):
        reopen(disk)
    with pytest.raises(apsw.IOError, match="nothing to delete"):
        disks.xDelete("/L0092/none", syncdir=False)
