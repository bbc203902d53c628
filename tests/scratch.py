"""Where tests write: in memory, where this machine has enough of it.

House rules: nothing of a test survives a power cut, so no test waits for a disk. A server syncs a
file for each row of its audit log, which takes longer than all else that most tests do. Whoever
wants to keep what a test has written names a folder in TMPDIR.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
_ROOM: Final = 3 << 30
"""Bytes that must be free: three times what all tests write."""


_ours: list[str] = []


def begin() -> str:
    """A folder for what this process writes; those that it starts write in memory too."""
    if "TMPDIR" not in os.environ and _memory_has_room():
        os.environ["TMPDIR"] = tempfile.tempdir = _made(_MEMORY)
    return _made(None)


def end() -> None:
    """Remove what `begin` has made."""
    for folder in _ours:
        shutil.rmtree(folder, ignore_errors=True)


def _memory_has_room() -> bool:
    if not os.access(_MEMORY, os.W_OK):
        return False
    found = os.statvfs(_MEMORY)
    return not found.f_flag & os.ST_NOEXEC and found.f_bavail * found.f_frsize >= _ROOM


def _made(where: Path | None) -> str:
    _ours.append(tempfile.mkdtemp(prefix="nyckelfri-tests-", dir=where))
    return _ours[-1]
