"""Files of the ceremony: read with a limit, written once, never over another.

House rules: a private part is read only from a plain file that nobody else may read; what
is written is on the disk before it is told of, or not there at all.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from nyckelfri.root.errors import RootError

MAX_FILE: Final = 64 * 1024
"""Bytes; the largest signed object is half of it."""
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def read(path: Path) -> bytes:
    """Read a public file; RootError for none, one that is no plain file, or one too large."""
    return _read(path, os.O_RDONLY)[0]


def read_private(path: Path) -> bytes:
    """Read a file that holds a secret; RootError also for a link or one that others may read."""
    if path.is_symlink():
        raise RootError(f"{path} is a link: name the file itself")
    data, mode = _read(path, os.O_RDONLY | os.O_NOFOLLOW)
    if mode & _OTHERS:
        raise RootError(
            f"{path} can be read by others on this machine: `chmod 600` it. If its disk has no "
            "permissions, copy it to one that has"
        )
    return data


def write(path: Path, data: bytes, *, private: bool = False) -> None:
    """Write a new file, mode 0600 for a private one; RootError if there is one already."""
    write_all({path: data}, private={path} if private else set())


def write_all(files: Mapping[Path, bytes], *, private: set[Path]) -> None:
    """Write all these new files, or none; RootError if there is one already."""
    for path in files:
        if path.exists() or path.is_symlink():
            raise RootError(f"{path} exists: nothing is written over, choose another name")
    written: list[Path] = []
    try:
        for path, data in files.items():
            mode = 0o600 if path in private else 0o644
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            written.append(path)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
    except BaseException as error:
        for path in written:
            with contextlib.suppress(OSError):
                path.unlink()
        if isinstance(error, OSError):
            raise RootError(f"cannot write {error.filename or path}: {error.strerror}") from None
        raise


def _read(path: Path, flags: int) -> tuple[bytes, int]:
    try:
        # Not blocking, so that a named pipe is refused and not waited for.
        descriptor = os.open(path, flags | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if not stat.S_ISREG(mode):
                raise RootError(f"{path} is no plain file")
            data = file.read(MAX_FILE + 1)
    except OSError as error:
        raise RootError(f"cannot read {path}: {error.strerror}") from None
    if len(data) > MAX_FILE:
        raise RootError(f"{path} is too large to be what is wanted")
    return data, mode
