"""Space on the disk that is the store's alone, for the day when something else has filled it.

House rules: a file of zeros beside the store, given back when the store needs room and taken
again at the next start. Without it the lock works as well, but for a full disk.
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
_SUFFIX: Final = ".reserve"


class Reserve:
    """The spare file of the store at `path`; None: there is none."""

    def __init__(self, path: Path | None) -> None:
        self._path = None if path is None else path.with_name(path.name + _SUFFIX)

    def hold(self) -> None:
        """Take the space, if it can be had."""
        if self._path is None or (self._path.exists() and self._path.stat().st_size == SIZE):
            return
        try:
            descriptor = os.open(self._path, os.O_CREAT | os.O_WRONLY, 0o600)
            try:
                os.posix_fallocate(descriptor, 0, SIZE)
            finally:
                os.close(descriptor)
        except OSError as error:
            _log.warning("no space to keep in reserve: %s", error.strerror)
            self.release()

    def release(self) -> None:
        """Give the space back to the disk."""
        if self._path is not None:
            with suppress(OSError):
                self._path.unlink()
