"""The power goes at every single operation of the store's disk, and the journal stays true."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import count

import apsw
import pytest
from doorworld import NOON
from powercut import cuts

from nyckelfri.door.clock import Mark, Reading
from nyckelfri.door.grants import Command
from nyckelfri.door.journal import (
    Battery,
    Detail,
    Entry,
    Fault,
    FaultCode,
    Intent,
    JournalError,
    KeySetTaken,
    Lost,
    MotorResult,
    Outcome,
    Refusal,
)
from nyckelfri.door.policy import Stay
from nyckelfri.door.reasons import Reason
from nyckelfri.door.sealing import Wrapping
from nyckelfri.door.trust import Taken
from nyckelfri.lock import store as store_module
from nyckelfri.lock import store_file, store_rows, store_writer
from nyckelfri.lock.store import Store, Update
from nyckelfri.lock.store_file import StoreError
from nyckelfri.lock.store_rows import Row
from nyckelfri.lock.store_state import Factory, LockState, SavedClock
from nyckelfri.simulate.disk import Disk, Files, Operation
from nyckelfri.simulate.disk_sqlite import DiskFile, Disks
from sealworld import NEXT_SEALING, SEALING
from storeworld import IDENTITY, key_set, open_rows

CARER = (b"serial01", b"subject1", b"phone001")
KEY_SET_2 = key_set(2, NEXT_SEALING)


@pytest.fixture(scope="module")
def disks() -> Iterator[Disks]:
    made = Disks()
    yield made
    made.close()


def _open(disk: Disk, random: Callable[[int], bytes]) -> Store:
    return Store.open(disk.path("lock.db"), disk=disk, random=random)


@dataclass(frozen=True)
class Memory:
    """All a lock knows at one moment."""

    state: LockState
    rows: tuple[Row, ...]
    wrappings: tuple[tuple[int, Wrapping], ...]

    @classmethod
    def of(cls, store: Store) -> Memory:
        rows = tuple(store_rows.get_rows(store._db, 0, 100_000))
        wrappings = store_rows.get_wrappings(store._db, (row.wrapping for row in rows))
        return cls(store.state, rows, tuple(wrappings.items()))

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """What the server would read in it."""
        return open_rows(self.rows, dict(self.wrappings))

    @property
    def intents(self) -> set[int]:
        return {entry.number for entry in self.entries if isinstance(entry.detail, Intent)}


@dataclass
class Story:
    """What a lock did: its operations, and what it knew each time a commit had returned."""

    start: Files
    log: list[Operation] = field(default_factory=list)
    memories: list[tuple[int, Memory]] = field(default_factory=list)


def _salts(start: int = 1) -> Callable[[int], bytes]:
    numbers = count(start)
    return lambda size: next(numbers).to_bytes(size, "big")


def _steps() -> Iterator[Callable[[Store], object]]:
    """A lock's life in small: each step is one transaction."""
    clock = count(NOON)

    def now() -> Reading:
        return Reading(next(clock), Mark.SET)

    yield _commission
    for opening in range(10):
        command = Command.UNLOCK if opening % 2 == 0 else Command.LOCK
        stay = Update(stay=Stay.of(CARER[0], NOON + opening))
        yield partial(_commit, details=[Intent(*CARER, command)], now=now(), update=stay)
        yield lambda store: store.commit(
            [Outcome(store.pending_outcomes()[0], MotorResult.DONE)], now=now()
        )
        if opening % 3 == 1:
            yield lambda store: store.commit(
                [Refusal(Reason.EXPIRED, *CARER, Command.UNLOCK)], now=now()
            )
        if opening % 4 == 2:
            taken = Update(floor=NOON + opening, bulletin=b"bulletin %d" % opening * 300)
            yield partial(_commit, details=[], now=now(), update=taken)
        if opening % 4 == 3:
            yield _acknowledge_all
    rotated = Update(key_set=KEY_SET_2, bulletin=b"bulletin of epoch 2" * 200)
    yield lambda store: store.commit([KeySetTaken(2, 2)], now=now(), update=rotated)
    yield lambda store: store.checkpoint(now())
    yield lambda store: store.commit(
        [Battery(20), Fault(FaultCode.BATTERY_LOW)], now=now(), update=Update(battery=20)
    )
    yield lambda store: store.commit([Intent(*CARER, Command.UNLOCK)], now=now())


def _commission(store: Store) -> None:
    store.commission(
        IDENTITY,
        key_set=(1, key_set()),
        bulletin=b"bulletin 1" * 300,
        clock=SavedClock(NOON - 60, NOON, Mark.SET),
    )


def _commit(store: Store, *, details: list[Detail], now: Reading, update: Update) -> None:
    store.commit(details, now=now, update=update)


def _acknowledge_all(store: Store) -> None:
    tip = store.state.running.tip
    assert store.acknowledge(tip.number, tip.head) is Taken.TAKEN


def _live(disks: Disks) -> Story:
    """Live through all the steps once, with one restart in the middle."""
    new = disks.put("new")
    factory = Factory(1, b"f" * 32, b"secret of 16 byt")
    Store.create(new.path("lock.db"), factory, disk=new).close()
    story = Story(new.files)
    disk = disks.put("lock", story.start, log=story.log)
    salts = _salts()
    store = _open(disk, salts)
    story.memories.append((0, Memory.of(store)))
    for number, step in enumerate(_steps()):
        if number == 20:
            store.close()
            store = _open(disk, salts)
        step(store)
        story.memories.append((len(story.log), Memory.of(store)))
    store.close()
    return story


def _cuts(story: Story) -> Iterator[tuple[str, int, Files]]:
    """Every position, every fate: (where and how, newest commit that returned, the disk)."""
    returned = 0
    for place, fate, files in cuts(story.start, story.log):
        while returned + 1 < len(story.memories) and story.memories[returned + 1][0] <= place:
            returned += 1
        yield f"cut at {place}, {fate}", returned, files


def _reopen(disks: Disks, files: Files) -> Story:
    """What the lock knows after the cut, and then does: outcome unknown, and one more opening."""
    story = Story(files)
    disk = disks.put("lock", files, log=story.log)
    with _open(disk, _salts(10_000)) as store:
        story.memories.append((0, Memory.of(store)))
        if store.state.identity is not None:
            for details in (
                [Outcome(intent, MotorResult.UNKNOWN) for intent in store.pending_outcomes()],
                [Intent(*CARER, Command.UNLOCK)],
            ):
                number = store.state.running.tip.number
                written = store.commit(details, now=Reading(NOON + 999, Mark.LOST))
                assert [entry.number for entry in written] == [number + 1][: len(details)]
                story.memories.append((len(story.log), Memory.of(store)))
    return story


@dataclass
class Verdict:
    """How many disks were looked at, and which of them did not tell what happened."""

    looked: int = 0
    faults: list[str] = field(default_factory=list)


def _judge(disks: Disks, story: Story) -> Verdict:
    """Open every disk that a cut may leave: it holds what the newest commit left, or the next."""
    verdict = Verdict()
    for fault in _faults(disks, story):
        verdict.looked += 1
        if fault:
            verdict.faults.append(fault)
    return verdict


def _faults(disks: Disks, story: Story) -> Iterator[str]:
    """What is wrong with each of these disks, "" where nothing is, in turn."""
    seen: dict[object, Story | str] = {}
    for where, returned, files in _cuts(story):
        key = tuple(sorted(files.items()))
        if key not in seen:
            try:
                seen[key] = _reopen(disks, files)
            except (StoreError, JournalError) as error:
                seen[key] = str(error)
        found = seen[key]
        allowed = [memory for _, memory in story.memories[returned : returned + 2]]
        if isinstance(found, str):
            yield f"{where}: does not open: {found}"
        elif found.memories[0][1] not in allowed:
            yield f"{where}: {_difference(found.memories[0][1], allowed)}"
        else:
            yield ""


def _difference(found: Memory, allowed: Sequence[Memory]) -> str:
    missing = allowed[0].intents - found.intents
    invented = found.intents - allowed[-1].intents
    if missing:
        return f"openings {sorted(missing)} happened and are missing"
    if invented:
        return f"openings {sorted(invented)} are invented"
    return "the state is neither of before nor of after"


@pytest.fixture
def story(disks: Disks, monkeypatch: pytest.MonkeyPatch) -> Story:
    # So few that the WAL is folded into the file again and again on the way.
    monkeypatch.setattr(store_file, "CHECKPOINT_PAGES", 12)
    return _live(disks)


@pytest.mark.slow
@pytest.mark.threat(20)
@pytest.mark.threat(27)
@pytest.mark.sentence(19)
def test_power_cut_at_every_operation_loses_no_opening_and_invents_none(
    disks: Disks, story: Story
) -> None:
    verdict = _judge(disks, story)
    assert not verdict.faults, f"{len(verdict.faults)} of {verdict.looked}: {verdict.faults[0]}"
    assert verdict.looked > 17 * len(story.log)


@pytest.mark.slow
@pytest.mark.threat(20)
def test_power_cut_again_while_the_lock_starts_after_a_power_cut(
    disks: Disks, story: Story
) -> None:
    first = list(_cuts(story))
    for where, _, files in first[:: len(first) // 8]:
        verdict = _judge(disks, _reopen(disks, files))
        assert not verdict.faults, f"{where}, then {verdict.faults[0]}, of {verdict.looked}"


@pytest.mark.threat(24)
def test_key_rotation_cut_half_way_leaves_the_old_pair_or_the_new_pair(
    disks: Disks, story: Story
) -> None:
    places = [place for place, (_, memory) in enumerate(story.memories) if _rotated(memory)]
    before = places[0] - 1
    pairs = set()
    for _, returned, files in _cuts(story):
        if returned == before:
            state = _reopen(disks, files).memories[0][1].state
            pairs.add((state.key_set, state.bulletin))
    states = [story.memories[place][1].state for place in (before, before + 1)]
    assert pairs == {(state.key_set, state.bulletin) for state in states}


def _rotated(memory: Memory) -> bool:
    return memory.state.key_set == KEY_SET_2


@pytest.mark.threat(20)
@pytest.mark.threat(29)
def test_power_cut_never_lowers_the_floor_or_takes_back_an_acknowledgement(
    disks: Disks, story: Story
) -> None:
    for where, returned, files in _cuts(story):
        if "before the cut" in where or "nothing" in where:
            known = story.memories[returned][1].state.running
            found = _reopen(disks, files).memories[0][1].state.running
            assert found.clock.floor >= known.clock.floor, where
            assert found.tip.acknowledged >= known.tip.acknowledged, where


@pytest.mark.slow
@pytest.mark.threat(20)
@pytest.mark.parametrize("careless", ["OFF", "NORMAL"])
def test_the_forgetful_disk_catches_a_store_that_does_not_sync_each_commit(
    disks: Disks, monkeypatch: pytest.MonkeyPatch, careless: str
) -> None:
    """The defence is what makes the other tests pass: without it the same cuts lose openings."""
    monkeypatch.setattr(store_file, "SYNCHRONOUS", careless)
    faults = _faults(disks, _live(disks))
    assert any("happened and are missing" in fault for fault in faults)


@pytest.mark.slow
@pytest.mark.threat(20)
def test_the_forgetful_disk_catches_commits_that_share_a_block_with_the_next(
    disks: Disks, monkeypatch: pytest.MonkeyPatch
) -> None:
    powersafe = apsw.SQLITE_IOCAP_POWERSAFE_OVERWRITE
    monkeypatch.setattr(DiskFile, "xDeviceCharacteristics", lambda _file: powersafe)
    faults = _faults(disks, _live(disks))
    assert any("noise" in fault and "are missing" in fault for fault in faults)


@pytest.fixture
def full_story(disks: Disks, monkeypatch: pytest.MonkeyPatch) -> Story:
    """The same life in a lock with so little room that it gives entries up again and again."""
    monkeypatch.setattr(store_file, "CHECKPOINT_PAGES", 12)
    monkeypatch.setattr(store_module, "KEPT", 7)
    monkeypatch.setattr(store_writer, "FOLD", 3)
    return _live(disks)


@pytest.mark.slow
@pytest.mark.threat(20)
@pytest.mark.threat(22)
def test_power_cut_while_entries_are_given_up_leaves_them_or_the_entry_that_says_so(
    disks: Disks, full_story: Story
) -> None:
    given_up = [memory.state.running.tip.given_up for _, memory in full_story.memories]
    assert len(set(given_up)) > 4
    for _, memory in full_story.memories:
        _assert_nothing_is_lost_unsaid(memory)
    verdict = _judge(disks, full_story)
    assert not verdict.faults, f"{len(verdict.faults)} of {verdict.looked}: {verdict.faults[0]}"


def _assert_nothing_is_lost_unsaid(memory: Memory) -> None:
    tip = memory.state.running.tip
    numbers = [entry.number for entry in memory.entries]
    assert numbers == list(range(tip.number - len(numbers) + 1, tip.number + 1))
    missing = range(tip.acknowledged + 1, numbers[0] if numbers else 1)
    said = [entry.detail for entry in memory.entries if isinstance(entry.detail, Lost)]
    if missing:
        assert Lost(missing[0], missing[-1]) in said


def test_every_entry_of_the_story_opens_at_the_server(story: Story) -> None:
    for _, memory in story.memories:
        assert [entry.number for entry in memory.entries] == [row.number for row in memory.rows]
    newest = story.memories[-1][1]
    assert {wrapping.kid for _, wrapping in newest.wrappings} == {SEALING.kid, NEXT_SEALING.kid}
