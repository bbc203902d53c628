"""A lock's clock: what it believes, how far, and what may move it (docs/protocol.md, 5).

House rules: nothing a phone says of itself moves the clock; the floor falls only when the root
begins a new epoch. `ticks`
are seconds of a counter that runs while the lock does and never jumps; its zero means nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final

from nyckelfri.door import fields

MAX_JUMP: Final = 7 * 86_400
"""Seconds a bulletin may move a running clock forward."""
EARLY: Final = 120
"""Seconds before `nbf` at which a set clock already lets a grant in."""
EARLY_APPROXIMATE: Final = 36 * 3600
"""The same while the clock is only a lower bound: the horizon for which grants are issued."""


class Mark(IntEnum):
    """What the estimate is worth; the number stands in every journal entry."""

    SET = 0
    APPROXIMATE = 1
    LOST = 2


class TimeJumpError(fields.ObjectError):
    """A bulletin from further ahead than a running clock can have lagged."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at the clock, to judge by: Unix seconds and what they are worth."""

    time: int
    mark: Mark

    def is_early(self, not_before: int) -> bool:
        """Whether a grant from `not_before` is not valid yet, by this reading."""
        slack = EARLY_APPROXIMATE if self.mark is Mark.APPROXIMATE else EARLY
        return self.time < not_before - slack

    def is_late(self, not_after: int) -> bool:
        """Whether a grant until `not_after` has expired, by this reading."""
        return self.time >= not_after


@dataclass(frozen=True, slots=True)
class Clock:
    """`estimate(ticks)` is `base` plus the ticks since `base_ticks`, never below `floor`."""

    floor: int
    base: int
    base_ticks: int
    mark: Mark

    def estimate(self, ticks: int) -> int:
        """Unix seconds as far as the lock knows."""
        return max(self.floor, self.base + max(0, ticks - self.base_ticks))

    def read(self, ticks: int) -> Reading:
        """The estimate together with its mark."""
        return Reading(self.estimate(ticks), self.mark)

    def with_bulletin(self, issued: int, ticks: int) -> Clock:
        """The clock after a bulletin issued at `issued`; TimeJumpError if that cannot be."""
        estimate = self.estimate(ticks)
        lost = self.mark is Mark.LOST
        if not lost and issued - estimate > MAX_JUMP:
            raise TimeJumpError("the bulletin is over 7 days ahead of a running clock")
        return Clock(
            floor=max(self.floor, issued),
            base=max(estimate, issued),
            base_ticks=ticks,
            mark=Mark.APPROXIMATE if lost else self.mark,
        )

    def with_signed_time(self, time: int, ticks: int) -> Clock:
        """The clock after the server signed `time` over this session's nonce."""
        floor = max(self.floor, time)
        return Clock(floor=floor, base=floor, base_ticks=ticks, mark=Mark.SET)


def factory(ticks: int) -> Clock:
    """The clock of a unit that has never heard a signed time.

    It does not ask the hardware clock: one that stands in the future could never be moved back
    by a bulletin, and every grant would have expired.
    """
    return Clock(floor=0, base=0, base_ticks=ticks, mark=Mark.LOST)


def begun(issued: int, ticks: int) -> Clock:
    """The clock at the beginning of an epoch whose key set the root signed at `issued`.

    Whoever could sign for the old server may have set it wrong in either direction, so nothing
    of the old clock counts.
    """
    return Clock(floor=issued, base=issued, base_ticks=ticks, mark=Mark.LOST)


def started(*, floor: int, checkpoint: int, mark: Mark, hardware: int | None, ticks: int) -> Clock:
    """The clock when the lock program starts.

    `checkpoint` is the last estimate that was saved, `hardware` what the hardware clock says
    now (None: there is none, or it has lost power). A hardware clock that stands behind the
    checkpoint or over 7 days ahead of it is not believed.
    """
    checkpoint = max(checkpoint, floor)
    kept = Clock(floor=floor, base=checkpoint, base_ticks=ticks, mark=mark)
    if hardware is None or not checkpoint <= hardware <= checkpoint + MAX_JUMP:
        return replace(kept, mark=Mark.LOST)
    return replace(kept, base=hardware)
