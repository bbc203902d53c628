"""The lock's only memory: what a power cut must not take (docs/protocol.md, 6, 8 and 10).

House rules: entries and the change of state they speak of are one transaction, durable when
the call returns; nothing is remembered that was not committed. The floor of the clock, once
committed, falls only with the key set of a new epoch. An entry that the server has not
acknowledged is deleted only when there is no room left for an opening, and then an entry says so.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Self

from apsw import Connection

from nyckelfri.door import delivery, journal
from nyckelfri.door.clock import Reading
from nyckelfri.door.delivery import Segment
from nyckelfri.door.journal import Detail, Lost
from nyckelfri.door.policy import Stay
from nyckelfri.door.trust import Taken
from nyckelfri.lock import store_file, store_repair, store_rows, store_state, store_writer
from nyckelfri.lock.store_disk import MACHINE, Disk
from nyckelfri.lock.store_file import StoreDamagedError, StoreError, StoreFullError
from nyckelfri.lock.store_reserve import Reserve
from nyckelfri.lock.store_state import Factory, Identity, LockState, Running, SavedClock, Tip
from nyckelfri.lock.store_writer import Lines, Writer

KEPT: Final = 20_000
"""Entries kept; above that the oldest go, and are said to be lost if no receipt covers them."""


@dataclass(frozen=True, slots=True)
class Update:
    """What else changes in a commit; None leaves a thing as it is.

    `floor` raises the floor, and with `new_epoch` replaces it.
    """

    floor: int | None = None
    new_epoch: bool = False
    stay: Stay | None = None
    battery: int | None = None
    key_set: bytes | None = field(default=None, repr=False)
    bulletin: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Written:
    """Where a committed entry stands: its number, and the chain head there."""

    number: int
    head: bytes


@dataclass(frozen=True, slots=True)
class Piece:
    """Consecutive entries for one batch; `previous` is the head before entry `first`."""

    first: int
    previous: bytes
    segments: tuple[Segment, ...]


_NOTHING: Final = Update()


class Store:
    """One lock's state and journal in one file that this process alone holds open."""

    def __init__(
        self,
        path: Path,
        disk: Disk,
        db: Connection,
        contents: store_rows.Contents,
        random: Callable[[int], bytes],
    ) -> None:
        self._path = path
        self._disk = disk
        self._db = db
        self._state = contents.state
        self._revision = contents.revision
        self._reserve = Reserve(path, disk)
        if not self._reserve.hold():
            store_file.stop_growing(db)
        self._writer = Writer(random, lambda: store_rows.newest_wrapping(db))

    @classmethod
    def create(
        cls,
        path: str | Path,
        factory: Factory,
        *,
        disk: Disk = MACHINE,
        random: Callable[[int], bytes] = os.urandom,
    ) -> Self:
        """The new store of a unit that leaves the factory; StoreError if there is one already."""
        store_repair.create(Path(path), disk, LockState(factory))
        return cls.open(path, disk=disk, random=random)

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        disk: Disk = MACHINE,
        random: Callable[[int], bytes] = os.urandom,
    ) -> Self:
        """The store at `path`, checked row by row, and repaired where it was damaged.

        After a repair `state.running.repaired` is True until a `Fault(STORE_REPAIRED)` has been
        committed. Raises StoreMissingError, StoreBusyError, or StoreDamagedError when not
        enough is left to decide by.
        """
        path = Path(path)
        store_repair.finish(path, disk)
        store = cls._opened(path, disk, random)
        if store is None:
            store_repair.repair(path, disk)
            store = cls._opened(path, disk, random)
        if store is None:
            raise StoreDamagedError("the store does not verify")
        return store

    @classmethod
    def _opened(cls, path: Path, disk: Disk, random: Callable[[int], bytes]) -> Self | None:
        """The store, or None (and the file untouched) if not everything in it verifies."""
        db = store_file.connect(path, disk)
        try:
            contents = store_rows.read(db)
            if contents.intact:
                store_file.fold_wal(db)
                return cls(path, disk, db, contents, random)
        except BaseException:
            _abandon(db)
            raise
        _abandon(db)
        return None

    def close(self) -> None:
        """Let go of the file; the store cannot be used afterwards."""
        if not self._reserve.whole:
            # Room that the WAL gives back is somebody else's when we start again.
            store_file.keep_wal(self._db)
        try:
            with store_file.translated():
                self._db.close()
        except StoreFullError:
            # All is on the disk, but for some of it in the WAL, where the next start finds it.
            _abandon(self._db)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def state(self) -> LockState:
        """Everything but the entries, as of the last commit."""
        return self._state

    def pending_outcomes(self) -> tuple[int, ...]:
        """Intents without an outcome: at start, those during which the power went."""
        return self._state.running.pending

    def commission(
        self, identity: Identity, *, key_set: tuple[int, bytes], bulletin: bytes, clock: SavedClock
    ) -> Written:
        """Become a lock of a municipality: entry 1, and the factory secret is void.

        `key_set` is its number and its signed bytes. Either all of it happens or nothing.
        """
        if self._state.identity is not None:
            raise StoreError("commissioned already: release the unit first")
        number, signed = key_set
        tip = Tip(0, journal.genesis(identity.installation))
        now = Reading(clock.checkpoint, clock.mark)
        lines = self._writer.lines(
            [journal.Commissioned(number)],
            tip=tip,
            now=now,
            installation=identity.installation,
            key_set=signed,
        )
        state = LockState(
            factory=replace(self._state.factory, secret=None),
            identity=identity,
            key_set=signed,
            bulletin=bulletin,
            running=Running(clock=clock, tip=Tip(1, lines.rows[0].head)),
        )
        with self._writer.attempt():
            self._save(state, lines)
        # The pages with the secret are zeroed in the WAL by now; make them so in the file.
        store_file.fold_wal(self._db)
        return Written(1, lines.rows[0].head)

    def release(self, secret: bytes) -> None:
        """Be factory-new again, with this printed secret: keys, root and journal are gone.

        Either all of it happens or nothing.
        """
        if self._state.identity is None:
            raise StoreError("factory-new already: there is nothing to release")
        # Before the commit: afterwards nothing may be left of what the lock was.
        store_repair.forget(self._path, self._disk)
        with self._writer.attempt():
            self._save(LockState(replace(self._state.factory, secret=secret)), Lines())
        store_file.fold_wal(self._db)

    def commit(
        self, details: Sequence[Detail] = (), *, now: Reading, update: Update = _NOTHING
    ) -> list[Written]:
        """Append entries and change state, in one transaction; durable when this returns.

        `now` is the clock's estimate and mark, which stands in the entries and is the new
        checkpoint. An outcome must belong to an intent that has none. StoreError: nothing
        happened, and the motor must not move.
        """
        if details and self._state.identity is None:
            raise StoreError("a unit keeps a journal only once it is commissioned")
        tip = self._state.running.tip
        lost = store_writer.overfull(tip, len(details), KEPT)
        try:
            with self._writer.attempt():
                return self._commit(details, now, update, lost)
        except StoreFullError:
            oldest = store_rows.get_rows(self._db, 0, 1)
            if not oldest or (not details and update == _NOTHING):
                raise
            if self._reserve.whole and self._reserve.give_back():
                # Before anything is given up: an intent must not go while its outcome comes.
                store_file.stop_growing(self._db)
                with suppress(StoreFullError), self._writer.attempt():
                    return self._commit(details, now, update, lost)
            acknowledged = oldest[0].number <= tip.settled
            lost = None if acknowledged else store_writer.give_up(tip)
            while True:
                store_file.stop_growing(self._db)
                try:
                    with self._writer.attempt():
                        return self._commit(details, now, update, lost, kept=0)
                except StoreFullError:
                    if not self._reserve.give_back():
                        raise

    def _commit(
        self,
        details: Sequence[Detail],
        now: Reading,
        update: Update,
        lost: Lost | None,
        *,
        kept: int | None = None,
    ) -> list[Written]:
        """Commit, give up what is `lost`, and of what is acknowledged keep `kept` entries."""
        running, identity = self._state.running, self._state.identity
        key_set = _newer(update.key_set, self._state.key_set)
        lines = Lines()
        if identity is not None and key_set is not None:
            lines = self._writer.lines(
                [*details, lost] if lost else details,
                tip=running.tip,
                now=now,
                installation=identity.installation,
                key_set=key_set,
            )
        tip = running.tip
        if lines.rows:
            tip = replace(tip, number=lines.rows[-1].number, head=lines.rows[-1].head)
        if lost:
            tip = replace(tip, given_up=lost.last)
        written = [
            Written(row.number, row.head) for row, _ in zip(lines.rows, details, strict=False)
        ]
        repaired = journal.Fault(journal.FaultCode.STORE_REPAIRED)
        floor = max(0 if update.new_epoch else running.clock.floor, update.floor or 0)
        drop = _droppable(tip, KEPT if kept is None else kept)
        changed = Running(
            clock=SavedClock(floor, max(floor, now.time), now.mark),
            stay=update.stay or running.stay,
            battery=running.battery if update.battery is None else update.battery,
            tip=tip,
            pending=_pending(running.pending, written, details),
            holes=tuple(hole for hole in running.holes if hole[1] > drop),
            repaired=running.repaired and repaired not in details,
        )
        bulletin = _newer(update.bulletin, self._state.bulletin)
        state = replace(self._state, key_set=key_set, bulletin=bulletin, running=changed)
        self._save(state, lines, drop=drop)
        return written

    def checkpoint(self, now: Reading) -> None:
        """Save the clock, at least once an hour; where there is room again, use it again."""
        self.commit(now=now)
        if self._reserve.hold():
            store_file.may_grow(self._db)

    def piece(self, first: int = 0, *, max_bytes: int = delivery.MAX_BATCH) -> Piece | None:
        """Entries from number `first` on (0: the oldest not acknowledged) for one signed batch.

        None if there are none. Ends before a hole that a repair left, and begins after it.
        """
        start = first or self._state.running.tip.acknowledged + 1
        rows = store_rows.get_rows(self._db, start, delivery.MAX_BATCH_ENTRIES)
        if not rows:
            return None
        start = rows[0].number
        unbroken = [row for place, row in enumerate(rows) if row.number == start + place]
        wrappings = store_rows.get_wrappings(self._db, (row.wrapping for row in unbroken))
        segments = delivery.fit(
            [(wrappings[row.wrapping], row.sealed) for row in unbroken], max_bytes=max_bytes
        )
        return Piece(start, rows[0].previous, segments)

    def acknowledge(self, number: int, head: bytes) -> Taken:
        """Take a receipt that has been verified; entries up to `number` may then be given up."""
        running = self._state.running
        own = self._head_at(number)
        if own is not None and own != head:
            return Taken.REFUSED
        if number <= running.tip.acknowledged:
            return Taken.KNOWN
        if own is None:
            return Taken.REFUSED
        tip = replace(running.tip, acknowledged=number)
        state = replace(self._state, running=replace(running, tip=tip))
        self._save(state, Lines(), drop=_droppable(tip, KEPT))
        return Taken.TAKEN

    def _head_at(self, number: int) -> bytes | None:
        """Our head at `number`: from that entry, or from the one after it."""
        tip = self._state.running.tip
        if number == tip.number:
            return tip.head
        for row in store_rows.get_rows(self._db, number, 2):
            if row.number == number:
                return row.head
            if row.number == number + 1:
                return row.previous
        return None

    def _save(self, state: LockState, lines: Lines, *, drop: int = 0) -> None:
        """Write it all in one transaction; rows up to number `drop` make room first."""
        pairs = zip(store_state.parts(state), store_state.parts(self._state), strict=True)
        changed = [
            (slot, store_state.encode(part))
            for slot, (part, before) in enumerate(pairs, 1)
            if part is not before
        ]
        with store_file.transaction(self._db):
            store_rows.drop_rows(self._db, drop)
            if state.identity is None:
                store_rows.clear_journal(self._db)
            if lines.key is not None:
                store_rows.put_wrapping(self._db, *lines.key)
            store_rows.put_rows(self._db, lines.rows)
            store_rows.put_state(self._db, changed, self._revision + 1)
        self._state = state
        self._revision += 1


def _droppable(tip: Tip, kept: int) -> int:
    """Up to which number rows may go: what was given up, and what the server has, but `kept`."""
    return max(tip.given_up, min(tip.acknowledged, tip.number - kept))


def _newer(update: bytes | None, held: bytes | None) -> bytes | None:
    """What to hold; the held object itself when nothing changes, so that it is not written."""
    return held if update is None or update == held else update


def _pending(
    before: tuple[int, ...], written: Sequence[Written], details: Sequence[Detail]
) -> tuple[int, ...]:
    pending = list(before)
    for entry, detail in zip(written, details, strict=True):
        match detail:
            case journal.Intent():
                pending.append(entry.number)
            case journal.Outcome(intent=intent):
                if intent not in pending:
                    raise StoreError(f"intent {intent} has an outcome already, or is none")
                pending.remove(intent)
    return tuple(pending)


def _abandon(db: Connection) -> None:
    store_file.keep_wal(db)
    db.close(force=True)
