"""What a Linux board tells of itself: battery and clock.

House rules: a value that cannot be read is None, never a guess.
"""

from __future__ import annotations

import logging
import os
import time
from typing import TYPE_CHECKING

from nyckelfri import clock

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger(__name__)


class FileBattery:
    """Percent from a file, such as `/sys/class/power_supply/battery/capacity`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def percent(self) -> int | None:
        """Say 0 to 100, or None when the file is away or holds something else."""
        try:
            with self._path.open("rb") as file:
                text = file.read(8).strip()
        except OSError:
            return None
        if not text.isdigit() or int(text) > 100:
            return None
        return int(text)


class MainsPower:
    """No battery at all."""

    def percent(self) -> int | None:
        """Say None: there is nothing to run down."""
        return None


class SystemHardwareClock:
    """The board's own clock, for boards whose clock chip sets the system time at start."""

    def read(self) -> int | None:
        """Return Unix seconds of this process's clock."""
        return clock.now_seconds()

    def set(self, seconds: int) -> None:
        """Set the system time where that is allowed; a declared clock is left alone."""
        if clock.ENVIRONMENT in os.environ:
            return
        try:
            time.clock_settime(time.CLOCK_REALTIME, seconds)
        except PermissionError:
            log.warning("the system time may not be set: give the program CAP_SYS_TIME")
