"""Which openings and looks somebody shall look at (loggkontroll).

House rules: a sample is drawn by a recorded seed, so that anybody can draw it again and see
that nobody chose; what stands out is told by a rule that reads plans, never by how often or
how fast somebody works. To stand out is a question to ask, and proves nothing.
"""

from __future__ import annotations

import enum
import hashlib
import heapq
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from nyckelfri.care.times import Window

SEED = 16
"""Bytes of a seed."""


class Why(enum.Enum):
    """Why something is looked at."""

    RANDOM = "random"
    OUTSIDE_EMPLOYMENT = "outside_employment"
    OUTSIDE_SHIFT = "outside_shift"
    OUTSIDE_PLAN = "outside_plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class Margins:
    """How much earlier and later than planned is as planned."""

    before_shift: timedelta = timedelta(minutes=15)
    after_shift: timedelta = timedelta(minutes=30)
    before_visit: timedelta = timedelta(minutes=30)
    after_visit: timedelta = timedelta(minutes=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plans:
    """What was planned for the employee who opened, around that moment.

    `visits` are theirs to homes behind that door; None where the door is not opened by visit:
    an entrance, or the rounds of the night patrol and the alarm group.
    """

    employed: Window
    shifts: tuple[Window, ...]
    works_in_shifts: bool
    visits: tuple[Window, ...] | None


def suspicion(at: datetime, plans: Plans, margins: Margins) -> Why | None:
    """Why an opening at `at` (aware) stands out, the gravest reason first; None if it does not."""
    if not plans.employed.start <= at < plans.employed.end:
        return Why.OUTSIDE_EMPLOYMENT
    if plans.works_in_shifts and not _within(
        at, plans.shifts, margins.before_shift, margins.after_shift
    ):
        return Why.OUTSIDE_SHIFT
    if plans.visits is not None and not _within(
        at, plans.visits, margins.before_visit, margins.after_visit
    ):
        return Why.OUTSIDE_PLAN
    return None


def sample(keys: Iterable[str], count: int, share: Fraction, seed: bytes) -> list[str]:
    """Draw `share` of the `count` keys, at least one if there are any.

    Every key has a place by SHA-256 of seed and key, and the first ones are drawn: the same
    keys in any order give the same sample. Memory grows with the sample, not with the keys.
    ValueError for a share outside ]0, 1] or a seed that is not 16 bytes.
    """
    if len(seed) != SEED:
        raise ValueError(f"A seed has {SEED} bytes")
    places = ((hashlib.sha256(seed + key.encode()).digest(), key) for key in keys)
    return [key for _, key in heapq.nsmallest(size(count, share), places)]


def size(count: int, share: Fraction) -> int:
    """How many are drawn of `count`; ValueError for a share outside ]0, 1]."""
    if not 0 < share <= 1:
        raise ValueError("The share lies above 0 and is at most 1")
    return math.ceil(share * count)


def _within(at: datetime, windows: Iterable[Window], before: timedelta, after: timedelta) -> bool:
    return any(window.start - before <= at < window.end + after for window in windows)
