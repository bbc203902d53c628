"""The same deviation again and again at one home: a question of its own.

House rules: about a home's visits and never about a person, whoever made them. What counts lies
in the days before a visit, so that later ones change nothing of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final, NamedTuple

from nyckelfri.care.performed import Flag

LEAST: Final = 3
"""As often as this the same deviation is a pattern."""
WITHIN: Final = timedelta(days=31)
"""In so many days."""
_OF_PHONES: Final = frozenset({Flag.LATE_SYNC, Flag.PATTERN})
"""Of phones and their coverage, not of a home."""


class Deviation(NamedTuple):
    """A visit that stands out: `ref` names it, `flags` are what was asked about it."""

    ref: str
    home_id: str
    day: date
    flags: tuple[Flag, ...]


def repeated(deviations: Iterable[Deviation]) -> frozenset[str]:
    """Names of the visits with a deviation that came `LEAST` times at their home `WITHIN`."""
    days: defaultdict[tuple[str, Flag], list[tuple[date, str]]] = defaultdict(list)
    for each in deviations:
        for flag in each.flags:
            if flag not in _OF_PHONES:
                days[each.home_id, flag].append((each.day, each.ref))
    found: set[str] = set()
    for of_home in days.values():
        of_home.sort()
        for (first, _), (day, ref) in zip(of_home, of_home[LEAST - 1 :], strict=False):
            if day - first < WITHIN:
                found.add(ref)
    return frozenset(found)
