"""The one place where a process asks what time it is.

Rules never call this; faces do, and hand the answer down. A process may be given
a *declared* clock in the environment, so that a demonstration or a test lives on
a day of its own choosing, at its own speed, the same in every process:

    NYCKELFRI_CLOCK = START@ANCHOR*SPEED
    NYCKELFRI_CLOCK = file:PATH

START and ANCHOR are Unix seconds: at the machine's time ANCHOR the declared clock
showed START, and it runs SPEED times as fast since. A file holds such a line, and is read
anew each time, so that whoever wrote it can let an hour pass for all processes at once.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ENVIRONMENT = "NYCKELFRI_CLOCK"
_FILE = "file:"
_DECLARED = re.compile(r"(\d{1,12})@(\d{1,12}(?:\.\d{1,9})?)\*(\d{1,6}(?:\.\d{1,6})?)")


@dataclass(frozen=True, slots=True)
class DeclaredClock:
    """A clock that showed `start` at machine time `anchor` and runs at `speed`."""

    start: float
    anchor: float
    speed: float

    @classmethod
    def parse(cls, text: str) -> DeclaredClock:
        """Read `START@ANCHOR*SPEED`; ValueError says what is expected."""
        match = _DECLARED.fullmatch(text)
        if match is None:
            raise ValueError(f"{ENVIRONMENT} must read START@ANCHOR*SPEED in Unix seconds")
        start, anchor, speed = (float(part) for part in match.groups())
        return cls(start, anchor, speed)

    def __str__(self) -> str:
        return f"{self.start:.0f}@{self.anchor:.6f}*{self.speed:.6f}"

    def at(self, machine: float) -> float:
        """Declared Unix seconds at the machine's `machine` Unix seconds."""
        return self.start + (machine - self.anchor) * self.speed


_followed: Callable[[], float] | None = None


def follow(source: Callable[[], float] | None) -> None:
    """Live by `source`, in Unix seconds, from now on: a simulation's own time. None: no longer."""
    global _followed  # noqa: PLW0603 - one clock a process
    _followed = source


def declared() -> DeclaredClock | None:
    """The clock that this process was given, None if it lives by the machine's own."""
    text = os.environ.get(ENVIRONMENT)
    if text is None:
        return None
    if text.startswith(_FILE):
        text = Path(text.removeprefix(_FILE)).read_text("ascii").strip()
    return DeclaredClock.parse(text)


def seconds() -> float:
    """Unix seconds of this process's clock, declared or the machine's own."""
    if _followed is not None:
        return _followed()
    given = declared()
    return time.time() if given is None else given.at(time.time())


def ticks() -> float:
    """Seconds of a counter for measuring how much of this process's time has passed."""
    return time.monotonic() if _followed is None and declared() is None else seconds()


def now_seconds() -> int:
    """Whole Unix seconds, as signed objects carry them."""
    return int(seconds())


def now() -> datetime:
    """The same moment as an aware UTC datetime."""
    return datetime.fromtimestamp(seconds(), UTC)
