"""Readings of counting labels that were used after they were made.

House rules: a chip counts its taps, so counts rise with time. A count is worth one reading, and
a reading whose count is lower than one that was there before it was saved up. Phones' corrected
clocks may differ by `readings.SAME_TAP`, and within that no order is read.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING

from nyckelfri.care.performed import LabelSign, Tap
from nyckelfri.care.readings import SAME_TAP

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Counted = tuple[datetime, int, str]


def doubted(
    labels: Iterable[LabelSign], counts: Mapping[str, int]
) -> tuple[frozenset[str], frozenset[str]]:
    """Refs of signed readings that repeat a count, and of those that come after a higher one.

    `counts` are the chips' highest counts before all these.
    """
    by_chip: defaultdict[str, list[Counted]] = defaultdict(list)
    for sign in labels:
        if sign.counter is not None and sign.tap is Tap.SIGNED:
            by_chip[sign.chip].append((sign.at, sign.counter, sign.ref))
    repeated: set[str] = set()
    saved: set[str] = set()
    for chip, readings in by_chip.items():
        highest = counts.get(chip, -1)
        readings.sort()
        for _, counter, _ in readings:
            if counter <= highest:
                _look(readings, counts.get(chip, -1), repeated, saved)
                break
            highest = counter
    return frozenset(repeated), frozenset(saved)


def _look(readings: list[Counted], highest: int, repeated: set[str], saved: set[str]) -> None:
    """Find what does not rise among one chip's readings, in order of time."""
    seen: set[int] = set()
    older = 0
    for at, counter, ref in readings:
        while readings[older][0] < at - SAME_TAP:
            highest = max(highest, readings[older][1])
            older += 1
        if counter in seen:
            repeated.add(ref)
        elif counter <= highest:
            saved.add(ref)
        seen.add(counter)
