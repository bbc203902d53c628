"""Disks that forget, tear and fill: what SQLite and a lock's store do to files, and what is left.

House rules: a disk is a value in memory; the program that runs sees its files as it wrote them,
and beside them stands what is not certain yet. A cut at an operation is that operation begun and
nothing after it. What may be found after a cut is said in `disk_fates.py`.
"""

from __future__ import annotations

import errno
import os
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

import apsw

from nyckelfri.simulate.disk_fates import FATES, Change, Fate


class PowerCutError(BaseException):
    """The power is off. No `Exception`: no program goes on after its own end."""


@dataclass(frozen=True, slots=True)
class Naming:
    """A file made, renamed or (None) deleted; the number is that of its inode."""

    name: str | None
    inode: int

    def make(self, names: dict[str, int]) -> None:
        """Let it happen to these names."""
        for name in [name for name, inode in names.items() if inode == self.inode]:
            del names[name]
        if self.name is not None:
            names[self.name] = self.inode


@dataclass(frozen=True, slots=True)
class Sync:
    """A file's contents made certain, or (None) all names."""

    inode: int | None


Operation: TypeAlias = tuple[int, Change] | Naming | Sync


class Stored(NamedTuple):
    """A file at rest: its bytes, and up to which size zeros follow that are not kept."""

    content: bytes
    allocated: int = 0


Files: TypeAlias = Mapping[str, Stored]


class _Undo(NamedTuple):
    """A change that is not certain, and how it was before."""

    change: Change
    size: int
    before: bytes


@dataclass(slots=True)
class _Inode:
    content: bytearray = field(default_factory=bytearray)
    allocated: int = 0
    unsynced: list[_Undo] = field(default_factory=list)

    @property
    def size(self) -> int:
        return max(len(self.content), self.allocated)

    def change(self, change: Change) -> None:
        if change.kind == "allocate":
            self.unsynced.append(_Undo(change, self.allocated, b""))
            self.allocated = max(self.allocated, change.at)
            return
        end = change.at + len(change.data) if change.kind == "write" else None
        self.unsynced.append(_Undo(change, len(self.content), bytes(self.content[change.at : end])))
        change.make(self.content)

    def found(self, fate: Fate, rng: random.Random) -> Stored:
        """What is found of it after a cut."""
        content, allocated = self.content.copy(), self.allocated
        for change, size, before in reversed(self.unsynced):
            if change.kind == "allocate":
                allocated = size
            else:
                content[change.at : change.at + len(before)] = before
                del content[size:]
        for change in fate([undo.change for undo in self.unsynced], rng):
            change.make(content)
            if change.kind == "allocate":
                allocated = max(allocated, change.at)
        return Stored(bytes(content), allocated)


class Disk:
    """One lock's disk; to its store a `lock.store_disk.Disk`, for which /LABEL/ is the root.

    `room` is how many bytes more it holds, None for plenty; a `log` is given every
    operation; `off` says that the power is cut, and from then on whatever is asked of the disk
    raises PowerCutError.
    """

    def __init__(
        self, label: str, vfs: str, files: Files, log: list[Operation] | None = None
    ) -> None:
        self.label: Final = label
        self.vfs: Final = vfs
        self.room: int | None = None
        self._log = log
        self.off = False
        self._left: int | None = None
        self._told: Callable[[], None] = lambda: None
        self._inodes: dict[int, _Inode] = {}
        self._names: dict[str, int] = {}
        for number, (name, stored) in enumerate(sorted(files.items())):
            self._inodes[number] = _Inode(bytearray(stored.content), stored.allocated)
            self._names[name] = number
        self._certain = self._names.copy()
        self._unsynced: list[Naming] = []

    def path(self, name: str) -> Path:
        """Where the file of this name is for SQLite and the store."""
        return Path("/", self.label, name)

    # The power.

    def cut_in(self, operations: int | None, told: Callable[[], None] = lambda: None) -> None:
        """Cut the power so many operations from now (1: in the next one); None: not after all.

        `told` is called at once, in the midst of that operation: it stops whatever else the
        power kept running, and must not come back to this disk.
        """
        self._left, self._told = operations, told

    def cut(self) -> None:
        """The power is off now."""
        self.off = True

    def found(self, rng: random.Random) -> Files:
        """The files as they are found when the power comes back: one of all that may be."""
        odds = rng.choice((0.0, 0.5, 1.0))
        names = self._named([naming for naming in self._unsynced if rng.random() < odds])
        return self._found(names, tuple(FATES.values()), rng)

    def _found(self, names: Mapping[str, int], fates: Sequence[Fate], rng: random.Random) -> Files:
        return {
            name: self._inodes[inode].found(rng.choice(fates), rng)
            for name, inode in sorted(names.items())
        }

    def _named(self, happened: Sequence[Naming]) -> dict[str, int]:
        names = self._certain.copy()
        for naming in happened:
            naming.make(names)
        return names

    # At rest.

    @property
    def used(self) -> int:
        """Bytes that the files take."""
        return sum(self._inodes[inode].size for inode in self._names.values())

    @property
    def unsynced(self) -> int:
        """How many changes are not certain."""
        return len(self._unsynced) + sum(len(inode.unsynced) for inode in self._inodes.values())

    @property
    def files(self) -> dict[str, Stored]:
        """The files as a program sees them."""
        inodes = {name: self._inodes[inode] for name, inode in sorted(self._names.items())}
        return {name: Stored(bytes(ino.content), ino.allocated) for name, ino in inodes.items()}

    def flip(self, rng: random.Random) -> tuple[str, int]:
        """Let one bit change, anywhere; the file's name and the offset."""
        held = {name: self._inodes[inode].content for name, inode in sorted(self._names.items())}
        [name] = rng.choices(list(held), [len(content) for content in held.values()])
        place = rng.randrange(len(held[name]))
        held[name][place] ^= 1 << rng.randrange(8)
        return name, place

    # What programs ask.

    def do(self, operation: Operation) -> None:
        """One operation, or as much of it as the power lasts for."""
        self.check()
        if self._left is not None:
            self._left -= 1
            if self._left <= 0:
                if not isinstance(operation, Sync):
                    self.follow(operation)
                self.cut()
                self._told()
                raise PowerCutError
        if self._log is not None:
            self._log.append(operation)
        self.follow(operation)

    def follow(self, operation: Operation) -> None:
        """Let this happen, as it did on the disk whose log it comes from."""
        match operation:
            case (inode, change):
                file = self._inodes[inode]
                before = file.size
                file.change(change)
                self._give_back(before - file.size)
            case Naming(inode=inode):
                before = self.used
                self._inodes.setdefault(inode, _Inode())
                operation.make(self._names)
                self._unsynced.append(operation)
                self._give_back(before - self.used)
            case Sync(inode=None):
                self._certain = self._names.copy()
                self._unsynced.clear()
                for number in self._inodes.keys() - self._names.values():
                    del self._inodes[number]
            case Sync(inode=int(inode)):
                self._inodes[inode].unsynced.clear()

    def check(self) -> None:
        """PowerCutError if the power is off."""
        if self.off:
            raise PowerCutError

    def inode(self, name: str) -> int | None:
        """The number of the file of this name; None without one."""
        self.check()
        return self._names.get(name)

    def create(self, name: str) -> int:
        """A new empty file; its number."""
        inode = max(self._inodes, default=-1) + 1
        self.do(Naming(name, inode))
        return inode

    def read(self, inode: int, amount: int, at: int) -> bytes:
        """At most so many bytes from offset `at` on."""
        self.check()
        return bytes(self._inodes[inode].content[at : at + amount])

    def write(self, inode: int, data: bytes, at: int) -> None:
        """Write all of it, or as much as there is room for and raise apsw.FullError."""
        lacking = self._lacking(inode, at + len(data))
        if lacking < len(data):
            self.do((inode, Change("write", at, data[: len(data) - lacking])))
        if lacking:
            raise apsw.FullError("no room on the disk")

    def bytes_in(self, inode: int) -> int:
        """The size of the file with this number."""
        self.check()
        return self._inodes[inode].size

    def _lacking(self, inode: int, size: int) -> int:
        """How many bytes too few there are for the file to be so large."""
        if self.room is None:
            return 0
        return max(0, size - self._inodes[inode].size - self.room)

    def _give_back(self, size: int) -> None:
        if self.room is not None:
            self.room += size

    # What a lock's store asks, beside SQLite: lock/store_disk.py.

    def size(self, path: Path) -> int | None:
        """Bytes of the file, None if there is none."""
        inode = self.inode(path.name)
        return None if inode is None else self.bytes_in(inode)

    def make(self, path: Path) -> None:
        """An empty file; FileExistsError if there is one."""
        if self.inode(path.name) is not None:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        self.create(path.name)

    def rename(self, path: Path, to: Path) -> None:
        """Give the file this name; FileNotFoundError without one."""
        self.do(Naming(to.name, self._existing(path)))

    def delete(self, path: Path) -> None:
        """Delete the file if there is one."""
        inode = self.inode(path.name)
        if inode is not None:
            self.do(Naming(None, inode))

    def allocate(self, path: Path, size: int) -> None:
        """Make the file at least so large; OSError without room for it."""
        inode = self._existing(path)
        if self._lacking(inode, size):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.do((inode, Change("allocate", size)))

    def sync_names(self, _directory: Path) -> None:
        """Make certain which files there are."""
        self.do(Sync(None))

    def _existing(self, path: Path) -> int:
        inode = self.inode(path.name)
        if inode is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        return inode
