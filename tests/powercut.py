"""A disk that forgets: records what SQLite does to its files, and what a power cut may leave of it.

Nothing is assumed but what the calls promise. What was synced stays. What was not may be there,
missing, in any order, or torn at a sector; a file may have grown and hold zeros; an unsynced
create or delete may not have happened; and where the medium gives no powersafe overwrite, the
sectors of an unsynced write may hold noise, also in the bytes beside it.

The program runs once and its operations are written down. A cut at operation k is then computed
from the first k of them: to a program, a power cut is that nothing happens any more.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import apsw

SECTOR: Final = 512
BLOCK: Final = 4096
"""What one physical write of an SD card may spoil."""
NAME: Final = "forgetful"


@dataclass(frozen=True, slots=True)
class Operation:
    """What SQLite asked of one file (an inode number): `at` is an offset, or a new size."""

    kind: str
    inode: int
    name: str = ""
    at: int = 0
    data: bytes = b""


@dataclass
class Disk:
    """Files by name, and the operations that made them what they are."""

    files: dict[str, bytearray] = field(default_factory=dict)
    inodes: dict[str, int] = field(default_factory=dict)
    log: list[Operation] = field(default_factory=list)
    made: int = 0

    @classmethod
    def holding(cls, files: dict[str, bytes]) -> Disk:
        disk = cls()
        for name, data in files.items():
            disk.files[name] = bytearray(data)
            disk.inodes[name] = disk.made
            disk.made += 1
        return disk

    def create(self, name: str) -> None:
        self.inodes[name] = self.made
        self.made += 1
        self.files[name] = bytearray()
        self.log.append(Operation("create", self.inodes[name], name))


class ForgetfulVFS(apsw.VFS):
    """Registered once; whoever uses it puts a disk in first."""

    def __init__(self) -> None:
        super().__init__(NAME, "", exclude={"xSetSystemCall", "xGetSystemCall", "xNextSystemCall"})
        self.disk = Disk()
        self.claims_powersafe = False

    def xOpen(self, name: Any, flags: list[int]) -> Any:  # noqa: N802 - SQLite's name
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        if path not in self.disk.files:
            if not flags[0] & apsw.SQLITE_OPEN_CREATE:
                raise apsw.CantOpenError(f"no file {path}")
            self.disk.create(path)
        flags[1] = flags[0]
        asked = not isinstance(name, apsw.URIFilename) or name.uri_boolean("psow", True)
        return ForgetfulFile(self.disk, path, powersafe=asked or self.claims_powersafe)

    def xAccess(self, pathname: str, _flags: int) -> bool:  # noqa: N802
        return pathname in self.disk.files

    def xFullPathname(self, name: str) -> str:  # noqa: N802
        return name

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        if filename not in self.disk.files:
            raise apsw.IOError("nothing to delete")
        del self.disk.files[filename]
        inode = self.disk.inodes.pop(filename)
        self.disk.log.append(Operation("delete", inode, filename, at=int(syncdir)))


class ForgetfulFile:
    """One open file: sqlite.org/c3ref/io_methods.html."""

    def __init__(self, disk: Disk, name: str, *, powersafe: bool) -> None:
        self.disk, self.inode = disk, disk.inodes[name]
        self.data = disk.files[name]
        self.powersafe = powersafe

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        return bytes(self.data[offset : offset + amount])

    def xWrite(self, data: Any, offset: int) -> None:  # noqa: N802
        written = bytes(data)
        _write(self.data, offset, written)
        self._note("write", offset, written)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        del self.data[newsize:]
        self._note("truncate", newsize)

    def xSync(self, _flags: int) -> None:  # noqa: N802
        self._note("sync")

    def xFileSize(self) -> int:  # noqa: N802
        return len(self.data)

    def xSectorSize(self) -> int:  # noqa: N802
        return BLOCK

    def xDeviceCharacteristics(self) -> int:  # noqa: N802
        return apsw.SQLITE_IOCAP_POWERSAFE_OVERWRITE if self.powersafe else 0

    def xFileControl(self, _op: int, _ptr: int) -> bool:  # noqa: N802
        return False

    def xLock(self, level: int) -> None:  # noqa: N802
        """One process, one connection: always granted."""

    def xUnlock(self, level: int) -> None:  # noqa: N802
        """One process, one connection: always granted."""

    def xCheckReservedLock(self) -> bool:  # noqa: N802
        return False

    def xClose(self) -> None:  # noqa: N802
        """Closing makes nothing durable."""

    def _note(self, kind: str, at: int = 0, data: bytes = b"") -> None:
        self.disk.log.append(Operation(kind, self.inode, at=at, data=data))


def _write(target: bytearray, offset: int, data: bytes) -> None:
    if len(target) < offset:
        target.extend(bytes(offset - len(target)))
    target[offset : offset + len(data)] = data


@dataclass
class _Inode:
    durable: bytearray
    pending: list[Operation] = field(default_factory=list)


class Platter:
    """What is certain and what is not, while the recorded operations go by."""

    def __init__(self, files: dict[str, bytes]) -> None:
        start = Disk.holding(files)
        self.names = dict(start.inodes)
        self.unsynced_names: list[Operation] = []
        self.inodes = {number: _Inode(start.files[name]) for name, number in self.names.items()}

    def follow(self, operation: Operation) -> None:
        """Let one operation happen."""
        match operation.kind:
            case "create":
                self.inodes[operation.inode] = _Inode(bytearray())
                self.unsynced_names.append(operation)
            case "delete":
                self.unsynced_names.append(operation)
                if operation.at:
                    self._settle_names()
            case "sync":
                inode = self.inodes[operation.inode]
                for done in inode.pending:
                    _apply(inode.durable, done)
                inode.pending = []
                # SQLite syncs the directory with the first sync of a WAL or journal.
                if any(name.inode == operation.inode for name in self.unsynced_names):
                    self._settle_names()
            case _:
                self.inodes[operation.inode].pending.append(operation)

    def _settle_names(self) -> None:
        self.names = self._all_names()
        self.unsynced_names = []

    def _all_names(self) -> dict[str, int]:
        names = dict(self.names)
        for operation in self.unsynced_names:
            if operation.kind == "create":
                names[operation.name] = operation.inode
            else:
                names.pop(operation.name, None)
        return names

    def survivors(
        self, in_flight: Operation | None, seed: int
    ) -> Iterator[tuple[str, dict[str, bytes]]]:
        """Disks that may be found after the power went, each with a word on how it came about."""
        settled, hoped = self.names, self._all_names()
        for names in [hoped] if settled == hoped else [settled, hoped]:
            for kind in _FATES:
                chance = random.Random(f"{seed} {kind}")  # noqa: S311 - repeatable, not secret
                yield (
                    kind,
                    {
                        name: bytes(self._content(inode, in_flight, kind, chance))
                        for name, inode in names.items()
                    },
                )

    def _content(
        self, number: int, in_flight: Operation | None, kind: str, chance: random.Random
    ) -> bytearray:
        inode = self.inodes[number]
        pending = list(inode.pending)
        if in_flight is not None and in_flight.inode == number:
            if in_flight.kind in {"write", "truncate"}:
                pending.append(in_flight)
            else:
                in_flight = None
        else:
            in_flight = None
        content = bytearray(inode.durable)
        for operation in _FATES[kind](pending, in_flight, chance):
            _apply(content, operation)
        return content


def _apply(content: bytearray, operation: Operation) -> None:
    if operation.kind == "write":
        _write(content, operation.at, operation.data)
        return
    if operation.kind == "truncate":
        del content[operation.at :]
    content.extend(bytes(max(0, operation.at - len(content))))


_Pending = list[Operation]


def _none(_pending: _Pending, _last: Operation | None, _chance: random.Random) -> _Pending:
    return []


def _before(pending: _Pending, last: Operation | None, _chance: random.Random) -> _Pending:
    return pending[:-1] if last else pending


def _all(pending: _Pending, _last: Operation | None, _chance: random.Random) -> _Pending:
    return pending


def _half(pending: _Pending, _last: Operation | None, _chance: random.Random) -> _Pending:
    return pending[: len(pending) // 2]


def _only_last(pending: _Pending, _last: Operation | None, _chance: random.Random) -> _Pending:
    return pending[-1:]


def _torn(pending: _Pending, _last: Operation | None, chance: random.Random) -> _Pending:
    if not pending:
        return []
    pieces = _sectors(pending[-1], SECTOR)
    return pending[:-1] + pieces[: chance.randrange(len(pieces) + 1)]


def _torn_backwards(pending: _Pending, _last: Operation | None, chance: random.Random) -> _Pending:
    if not pending:
        return []
    pieces = _sectors(pending[-1], SECTOR)
    return pending[:-1] + pieces[chance.randrange(len(pieces)) :]


def _scattered(pending: _Pending, _last: Operation | None, chance: random.Random) -> _Pending:
    pieces = [piece for operation in pending for piece in _sectors(operation, SECTOR)]
    return [piece for piece in pieces if chance.random() < 0.5]


def _zeros(pending: _Pending, _last: Operation | None, _chance: random.Random) -> _Pending:
    """Sizes reached the disk, contents did not."""
    ends = [operation.at + len(operation.data) for operation in pending]
    return [Operation("grow", 0, at=max(ends, default=0))]


def _noise(pending: _Pending, _last: Operation | None, chance: random.Random) -> _Pending:
    """The block that was being written is spoilt, with whatever else stood in it."""
    writes = [operation for operation in pending if operation.kind == "write"]
    if not writes:
        return pending
    spoilt = chance.choice(_sectors(chance.choice(writes), BLOCK))
    start = spoilt.at - spoilt.at % BLOCK
    return [*pending, Operation("write", 0, at=start, data=chance.randbytes(BLOCK))]


def _sectors(operation: Operation, size: int) -> _Pending:
    """A write cut at the sector boundaries of its file; anything else whole."""
    if operation.kind != "write":
        return [operation]
    pieces = []
    at = operation.at
    end = at + len(operation.data)
    while at < end:
        until = min(end, at - at % size + size)
        data = operation.data[at - operation.at : until - operation.at]
        pieces.append(Operation("write", operation.inode, at=at, data=data))
        at = until
    return pieces


_FATES: Final = {
    "nothing unsynced": _none,
    "everything before the cut": _before,
    "everything": _all,
    "the first half": _half,
    "only the last write": _only_last,
    "torn": _torn,
    "torn elsewhere": _torn,
    "torn backwards": _torn_backwards,
    **{f"scattered {throw}": _scattered for throw in range(6)},
    "sizes without contents": _zeros,
    **{f"noise {throw}": _noise for throw in range(3)},
}
