"""How many syncs that carry much are taken in at once; the others are told when to come again.

House rules: a small sync, as one after an opening, never asks. Counted without the database,
which is what is busy: a place is a lock on a file of the data directory, for all processes on
it, and ends with its holder however that ends. Whoever is told to wait has lost nothing, and
gets its keys all the same.
"""

from __future__ import annotations

import fcntl
import math
import os
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from django.conf import settings

from nyckelfri.server import data_directory
from nyckelfri.server.phoneapi.schemas import SyncIn

SMALL_BATCHES: Final = 4
SMALL_OPENINGS: Final = 20
SMALL_ENTRIES: Final = 50
LONGEST: Final = 120
"""Seconds that a phone is told to wait at most."""

IN_LINE: Final = 2.0
"""Seconds for which one sync in each process waits for a place: it gets its keys so much later."""
_LOOK: Final = 0.02
_SELDOM: Final = 4
"""Times as long as a place is taken: after that, a process could have had its next turn."""


def is_small(body: SyncIn) -> bool:
    """Whether a sync is taken in whatever else is done."""
    return (
        len(body.batches) <= SMALL_BATCHES
        and len(body.openings) <= SMALL_OPENINGS
        and len(body.entries) <= SMALL_ENTRIES
    )


@contextmanager
def place(body: SyncIn) -> Iterator[int]:
    """A place for what the sync brings, until the end of the block.

    Gives 0, or the seconds after which to come again: then nothing of it is taken in.
    """
    if is_small(body):
        yield 0
        return
    with ExitStack() as held:
        if not (_take(held, settings.BACKLOGS) or _stand_in_line(held, settings.BACKLOGS)):
            yield _queue.later()
            return
        begun = time.monotonic()
        yield 0
        _queue.took(time.monotonic() - begun)


def _take(held: ExitStack, places: int) -> bool:
    folder = data_directory.ensure(Path(settings.DATA) / "backlog")
    for number in range(places):
        with ExitStack() as opened:
            descriptor = os.open(folder / f"{number}.lock", os.O_RDWR | os.O_CREAT, 0o600)
            opened.callback(os.close, descriptor)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            held.enter_context(opened.pop_all())
            return True
    return False


def _stand_in_line(held: ExitStack, places: int) -> bool:
    """Wait a moment for a place; one in each process does, so that no place stands empty."""
    if not _line.acquire(blocking=False):
        return False
    try:
        until = time.monotonic() + IN_LINE
        while time.monotonic() < until:
            time.sleep(_LOOK)
            if _take(held, places):
                return True
        return False
    finally:
        _line.release()


@dataclass(slots=True)
class _Queue:
    """Who is told to wait is told a time of its own, so that not all come back at once."""

    seconds: float = 1.0
    """From one turn of this process to its next, as a mean of the last ones."""
    next: float = 0.0
    _turn: float = -math.inf
    """When its last turn ended."""
    _gate: threading.Lock = field(default_factory=threading.Lock)

    def later(self) -> int:
        """Seconds until the next time that nobody else was told."""
        with self._gate:
            now = time.monotonic()
            self.next = min(max(self.next, now) + self.seconds, now + LONGEST)
            return math.ceil(self.next - now)

    def took(self, seconds: float) -> None:
        """A place was taken for so long.

        Other processes take places too, and tell phones of theirs: what counts is how often it
        is our turn. Where that is seldom, nobody else wants one.
        """
        with self._gate:
            now = time.monotonic()
            turn = min(now - self._turn, _SELDOM * seconds)
            self._turn = now
            self.seconds += (turn - self.seconds) / 8


_line = threading.Lock()
_queue = _Queue()
