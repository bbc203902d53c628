"""Space on the disk that is the store's alone, for the day when something else has filled it.

House rules: a file of zeros beside the store, given back when the store needs room and taken
again at the next start. Without it the lock works as well, but for a full disk.
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
_SUFFIX: Final = ".reserve"


class Reserve:
    """The spare file of the store at `path`."""

    def __init__(self, path: Path, disk: Disk) -> None:
        self._path = path.with_name(path.name + _SUFFIX)
        self._disk = disk

    def hold(self) -> None:
        """Take the space, if it can be had."""
        held = self._disk.size(self._path)
        if held == SIZE:
            return
        try:
            if held is None:
                self._disk.make(self._path)
            self._disk.allocate(self._path, SIZE)
        except OSError as error:
            _log.warning("no space to keep in reserve: %s", error.strerror)
            self.release()

    def release(self) -> None:
        """Give the space back to the disk."""
        with suppress(OSError):
            self._disk.delete(self._path)
