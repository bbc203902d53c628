"""Every power cut: at each operation of a disk's log, and all that it may leave.

A program runs once and its operations are written down. A cut at one of them is then computed
from those before it: to a program, a power cut is that nothing happens any more.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from nyckelfri.simulate.disk import Disk, Files, Operation, Sync
from nyckelfri.simulate.disk_fates import FATES


def cuts(files: Files, log: Sequence[Operation]) -> Iterator[tuple[int, str, Files]]:
    """(Place in the log, which had begun with `files`; a word on what happened; what is found).

    The operation at that place was begun when the power went; behind the last one, none was.
    """
    disk = Disk("", "", files)
    for place, operation in enumerate(log):
        if not isinstance(operation, Sync):
            disk.follow(operation)
        yield from _survivors(disk, place)
        if isinstance(operation, Sync):
            disk.follow(operation)
    yield from _survivors(disk, len(log))


def _survivors(disk: Disk, place: int) -> Iterator[tuple[int, str, Files]]:
    for names in _namings(disk):
        for word, fate in FATES.items():
            rng = random.Random(f"{place} {word}")  # noqa: S311 - repeatable, not secret
            yield place, word, disk._found(names, (fate,), rng)


def _namings(disk: Disk) -> list[dict[str, int]]:
    """Names of which none, all, each alone, and all but each of the unsynced changes happened."""
    every = set(range(len(disk._unsynced)))
    happened = [set(), every, *({one} for one in every), *(every - {one} for one in every)]
    namings: list[dict[str, int]] = []
    for places in happened:
        names = disk._named([disk._unsynced[place] for place in sorted(places)])
        if names not in namings:
            namings.append(names)
    return namings
