"""What a power cut may leave of the changes to a file that nobody had synced yet.

House rules: nothing is assumed but what the calls promise. What was not synced may be there,
missing, in any order, or torn at a sector; a file may have grown and hold zeros; and where the
medium gives no powersafe overwrite, the block of an unsynced write may hold noise, also in the
bytes beside it. Each fate takes the changes in their order and says which happened after all.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

SECTOR: Final = 512
BLOCK: Final = 4096
"""What one physical write of an SD card may spoil."""


@dataclass(frozen=True, slots=True)
class Change:
    """What was asked of a file's contents: `data` to offset `at`, or `at` bytes to be its size.

    `allocate` makes it at least so large, without writing anything.
    """

    kind: Literal["write", "truncate", "allocate"]
    at: int
    data: bytes = b""

    def make(self, content: bytearray) -> None:
        """Let it happen to these contents."""
        if self.kind == "allocate":
            return
        if len(content) < self.at:
            content.extend(bytes(self.at - len(content)))
        if self.kind == "write":
            content[self.at : self.at + len(self.data)] = self.data
        else:
            del content[self.at :]


Changes: TypeAlias = Sequence[Change]
Fate: TypeAlias = Callable[[Changes, random.Random], Changes]


def _none(_unsynced: Changes, _rng: random.Random) -> Changes:
    return ()


def _all_but_the_last(unsynced: Changes, _rng: random.Random) -> Changes:
    return unsynced[:-1]


def _all(unsynced: Changes, _rng: random.Random) -> Changes:
    return unsynced


def _half(unsynced: Changes, _rng: random.Random) -> Changes:
    return unsynced[: len(unsynced) // 2]


def _only_the_last(unsynced: Changes, _rng: random.Random) -> Changes:
    return unsynced[-1:]


def _torn(unsynced: Changes, rng: random.Random) -> Changes:
    pieces = _pieces(unsynced[-1:], SECTOR)
    return [*unsynced[:-1], *pieces[: rng.randrange(len(pieces) + 1)]]


def _torn_backwards(unsynced: Changes, rng: random.Random) -> Changes:
    pieces = _pieces(unsynced[-1:], SECTOR)
    return [*unsynced[:-1], *pieces[rng.randrange(len(pieces) + 1) :]]


def _scattered(unsynced: Changes, rng: random.Random) -> Changes:
    return [piece for piece in _pieces(unsynced, SECTOR) if rng.random() < 0.5]


def _sizes(unsynced: Changes, _rng: random.Random) -> Changes:
    """The file's new size reached the disk, its contents did not."""
    return [
        Change("write", change.at + len(change.data))
        for change in unsynced
        if change.kind == "write"
    ]


def _noise(unsynced: Changes, rng: random.Random) -> Changes:
    """A block that was being written is spoilt, with whatever else stood in it."""
    blocks = [piece for piece in _pieces(unsynced, BLOCK) if piece.kind == "write"]
    if not blocks:
        return unsynced
    start = rng.choice(blocks).at // BLOCK * BLOCK
    return [*unsynced, Change("write", start, rng.randbytes(BLOCK))]


def _pieces(changes: Changes, size: int) -> list[Change]:
    """Writes cut at the sector boundaries of their file; anything else whole."""
    pieces = []
    for change in changes:
        at, end = change.at, change.at + len(change.data)
        if at == end:
            pieces.append(change)
        while at < end:
            until = min(end, at - at % size + size)
            pieces.append(Change("write", at, change.data[at - change.at : until - change.at]))
            at = until
    return pieces


FATES: Final[dict[str, Fate]] = {
    "nothing unsynced": _none,
    "all but the last": _all_but_the_last,
    "everything": _all,
    "the first half": _half,
    "only the last": _only_the_last,
    "torn": _torn,
    "torn elsewhere": _torn,
    "torn backwards": _torn_backwards,
    **{f"scattered {throw}": _scattered for throw in range(6)},
    "sizes without contents": _sizes,
    **{f"noise {throw}": _noise for throw in range(3)},
}
