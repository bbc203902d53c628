"""Space on the disk that is the store's alone, for the day when something else has filled it.

House rules: a file of zeros beside the store, given back in parts when the store needs room and
taken again at the next start or checkpoint; less of it where there is less. Without it the lock
works as well, but for a full disk.
"""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

_log = logging.getLogger(__name__)
SIZE: Final = 1_572_864
"""Bytes: a WAL of the length at which it is folded into the file, and half as much again."""
_LEAST: Final = 65_536
_SUFFIX: Final = ".reserve"


class Reserve:
    """The spare file of the store at `path`; None: there is none."""

    def __init__(self, path: Path | None) -> None:
        self._path = None if path is None else path.with_name(path.name + _SUFFIX)
        self.whole = path is None
        """Whether all of it is held, so that others have not filled the disk."""

    def hold(self) -> bool:
        """Take the space, or as much of it as can be had; whether that is all of it."""
        if self._path is not None and not self.whole:
            sizes = (SIZE // part for part in (1, 2, 4, 8, 16))
            taken = next((size for size in sizes if _take(self._path, size)), 0)
            self.whole = taken == SIZE
            if not self.whole:
                _log.warning("the disk is full: only %d bytes are kept in reserve", taken)
        return self.whole

    def give_back(self) -> bool:
        """Give half of what is held back to the disk; whether there was any to give.

        Not all at once: somebody else may have it before the store.
        """
        if self._path is None or not (held := _held(self._path)):
            return False
        self.whole = False
        try:
            os.truncate(self._path, held // 2) if held > _LEAST else self._path.unlink()
        except OSError:
            return False
        return True


def _held(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _take(path: Path, size: int) -> bool:
    """Let the file have `size` bytes at least; without room it stays as it is, or is not there."""
    held = _held(path)
    if held >= size:
        return True
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, size)
        finally:
            os.close(descriptor)
    except OSError:
        with suppress(OSError):
            os.truncate(path, held) if held else path.unlink()
        return False
    return True
