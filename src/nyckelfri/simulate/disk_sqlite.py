"""SQLite on simulated disks: one VFS for all disks of a world, the path /LABEL/NAME says which.

House rules: what SQLite does to a file becomes operations of its disk, one for one; nothing is
made durable that a file system of Linux would not. One process a disk: a lock is always granted.
"""

from __future__ import annotations

import random
from itertools import count
from typing import Any, Final

import apsw

from nyckelfri.simulate.disk import Disk, Files, Naming, Operation, Sync
from nyckelfri.simulate.disk_fates import BLOCK, Change

_WORLDS: Final = count(1)
_SYNCED_WITH_ITS_NAME: Final = apsw.SQLITE_OPEN_WAL | apsw.SQLITE_OPEN_MAIN_JOURNAL


class Disks(apsw.VFS):
    """The disks of one world, by label. `close` them at the end."""

    def __init__(self) -> None:
        self.vfs: Final = f"simulated-{next(_WORLDS)}"
        super().__init__(
            self.vfs, "", exclude={"xSetSystemCall", "xGetSystemCall", "xNextSystemCall"}
        )
        self._disks: dict[str, Disk] = {}

    def put(
        self, label: str, files: Files | None = None, *, log: list[Operation] | None = None
    ) -> Disk:
        """A disk holding these files; one that had the label before is without power for ever."""
        if label in self._disks:
            self._disks[label].cut()  # whoever still has its files open must not reach the new one
        self._disks[label] = Disk(label, self.vfs, files or {}, log)
        return self._disks[label]

    def of(self, label: str) -> Disk:
        """The disk of this label; KeyError without one."""
        return self._disks[label]

    def after_cut(self, disk: Disk, rng: random.Random) -> Disk:
        """The disk as it is found when the power comes back, in place of this one."""
        found = self.put(disk.label, disk.found(rng))
        if disk.room is not None:
            found.room = max(0, disk.room + disk.used - found.used)
        return found

    def close(self) -> None:
        """Cut the power of all of them, and let SQLite forget the VFS."""
        for disk in self._disks.values():
            disk.cut()
        self.unregister()

    def xOpen(self, name: Any, flags: list[int]) -> Any:
        uri = isinstance(name, apsw.URIFilename)
        disk, own = self._find(name.filename() if uri else name)
        inode = disk.inode(own)
        if inode is None:
            if not flags[0] & apsw.SQLITE_OPEN_CREATE:
                raise apsw.CantOpenError(f"no file {own}")
            inode = disk.create(own)
        flags[1] = flags[0]
        return DiskFile(
            disk,
            inode,
            powersafe=not uri or name.uri_boolean("psow", True),
            names=bool(flags[0] & _SYNCED_WITH_ITS_NAME),
        )

    def xAccess(self, pathname: str, _flags: int) -> bool:
        disk, own = self._find(pathname)
        return disk.inode(own) is not None

    def xFullPathname(self, name: str) -> str:
        return name

    def xDelete(self, filename: str, syncdir: bool) -> None:
        disk, own = self._find(filename)
        inode = disk.inode(own)
        if inode is None:
            raise apsw.IOError("nothing to delete")
        disk.do(Naming(None, inode))
        if syncdir:
            disk.do(Sync(None))

    def _find(self, path: str) -> tuple[Disk, str]:
        label, _, name = path.removeprefix("/").partition("/")
        return self._disks[label], name


class DiskFile:
    """One open file: sqlite.org/c3ref/io_methods.html."""

    def __init__(self, disk: Disk, inode: int, *, powersafe: bool, names: bool) -> None:
        self._disk = disk
        self._inode = inode
        self._powersafe = powersafe
        self._names = names

    def xRead(self, amount: int, offset: int) -> bytes:
        return self._disk.read(self._inode, amount, offset)

    def xWrite(self, data: Any, offset: int) -> None:
        self._disk.write(self._inode, bytes(data), offset)

    def xTruncate(self, newsize: int) -> None:
        self._disk.do((self._inode, Change("truncate", newsize)))

    def xSync(self, _flags: int) -> None:
        self._disk.do(Sync(self._inode))
        # As SQLite does on Linux, with the first sync of a WAL or a journal that it has made.
        if self._names:
            self._disk.do(Sync(None))
            self._names = False

    def xFileSize(self) -> int:
        return self._disk.bytes_in(self._inode)

    def xSectorSize(self) -> int:
        return BLOCK

    def xDeviceCharacteristics(self) -> int:
        return apsw.SQLITE_IOCAP_POWERSAFE_OVERWRITE if self._powersafe else 0

    def xFileControl(self, _op: int, _ptr: int) -> bool:
        return False

    def xLock(self, _level: int) -> None:
        # With the power off nobody gets a lock, and so closing a dead program's file is quiet.
        if self._disk.off:
            raise apsw.BusyError("the power is off")

    def xUnlock(self, _level: int) -> None:
        """One process, one connection: nothing is held."""

    def xCheckReservedLock(self) -> bool:
        return False

    def xClose(self) -> None:
        """Closing makes nothing durable."""
