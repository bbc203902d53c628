"""The file system under a lock's store, beside what SQLite asks of it: names and space.

House rules: what a file is called is certain only once its directory was synced; whoever asks
says when. Errors are OSError.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, Protocol


class Disk(Protocol):
    """Where a store lies."""

    @property
    def vfs(self) -> str | None:
        """The SQLite VFS that opens files there; None is SQLite's own."""
        ...

    def size(self, path: Path) -> int | None:
        """Bytes of the file, None if there is none."""
        ...

    def make(self, path: Path) -> None:
        """An empty file that nobody else can read; FileExistsError if there is one."""
        ...

    def rename(self, path: Path, to: Path) -> None:
        """Give the file this name, which another one may have had; FileNotFoundError without."""
        ...

    def delete(self, path: Path) -> None:
        """Delete the file if there is one."""
        ...

    def allocate(self, path: Path, size: int) -> None:
        """Make the file at least so large, with room on the disk for all of it."""
        ...

    def sync_names(self, directory: Path) -> None:
        """Make certain which files there are in the directory."""
        ...


class MachineDisk:
    """The file system of this machine."""

    vfs: Final = None

    def size(self, path: Path) -> int | None:
        """As `Disk` says."""
        return path.stat().st_size if path.exists() else None

    def make(self, path: Path) -> None:
        """As `Disk` says."""
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))

    def rename(self, path: Path, to: Path) -> None:
        """As `Disk` says."""
        path.replace(to)

    def delete(self, path: Path) -> None:
        """As `Disk` says."""
        path.unlink(missing_ok=True)

    def allocate(self, path: Path, size: int) -> None:
        """As `Disk` says."""
        descriptor = os.open(path, os.O_WRONLY)
        try:
            os.posix_fallocate(descriptor, 0, size)
        finally:
            os.close(descriptor)

    def sync_names(self, directory: Path) -> None:
        """As `Disk` says."""
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


MACHINE: Final = MachineDisk()
