"""Space on the disk that is the store's alone, for the day when something else has filled it.

House rules: some files beside the store, given back one by one when the store needs room, since
somebody else may have what is given back; and taken again at the next start or checkpoint, as many
as can be had. Without them the lock works as well, but for a full disk.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path
from typing import Final

from nyckelfri.lock.store_disk import Disk

_log = logging.getLogger(__name__)
SIZE: Final = 1_572_864
"""Bytes: a WAL of the length at which it is folded into the file, and half as much again."""
PIECES: Final = 4


class Reserve:
    """The spare files of the store at `path`."""

    def __init__(self, path: Path, disk: Disk) -> None:
        self._paths = [path.with_name(f"{path.name}.reserve-{n}") for n in range(1, PIECES + 1)]
        self._disk = disk
        self.whole = False
        """Whether all of it is held, so that others have not filled the disk."""

    def hold(self) -> bool:
        """Take the space, or as much of it as can be had; whether that is all of it."""
        if not self.whole:
            self.whole = all(self._take(path) for path in self._paths)
            if not self.whole:
                _log.warning("the disk is full: not all of the reserve can be had")
        return self.whole

    def give_back(self) -> bool:
        """Give a piece of it back to the disk; whether there was one to give."""
        self.whole = False
        for path in reversed(self._paths):
            if self._disk.size(path) is not None:
                with suppress(OSError):
                    self._disk.delete(path)
                    return True
        return False

    def _take(self, path: Path) -> bool:
        size = SIZE // PIECES
        held = self._disk.size(path)
        if held == size:
            return True
        try:
            if held is None:
                self._disk.make(path)
            self._disk.allocate(path, size)
        except OSError:
            with suppress(OSError):
                self._disk.delete(path)
            return False
        return True
