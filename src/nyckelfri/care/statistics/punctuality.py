"""How near to its planned time a visit began."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from nyckelfri.care.statistics.facts import (
    Fewest,
    VisitFact,
    grouped,
    percent,
    seconds_between,
    shown,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PunctualityPolicy:
    """Limits in minutes, the first of which is still in time; ValueError unless they rise."""

    limits: tuple[int, ...] = (15, 30, 60)

    def __post_init__(self) -> None:
        if not self.limits or list(self.limits) != sorted({0, *self.limits} - {0}):
            raise ValueError("limits are minutes above zero, rising")


class Punctuality(NamedTuple):
    """Performed visits that were planned, by how far from its plan each began.

    `early` and `late` have a number for each limit: further off than it, and up to the next.
    `share` is those within the first limit, both ends included, in percent; None of no visits.
    """

    visits: int
    early: tuple[int, ...]
    in_time: int
    late: tuple[int, ...]
    share: Decimal | None


def punctuality(facts: Iterable[VisitFact], policy: PunctualityPolicy) -> Punctuality:
    """Measure one group, or the whole municipality."""
    limits = [60 * minutes for minutes in policy.limits]
    early, late = ([0] * (len(limits) + 1) for _ in range(2))
    for fact in facts:
        if fact.performed and fact.start is not None and fact.entry is not None:
            off = seconds_between(fact.start, fact.entry)
            (late if off >= 0 else early)[bisect_left(limits, abs(off))] += 1
    in_time = early[0] + late[0]
    visits = sum(early) + sum(late)
    return Punctuality(visits, tuple(early[1:]), in_time, tuple(late[1:]), percent(in_time, visits))


def punctuality_by(
    key: Callable[[VisitFact], str],
    facts: Iterable[VisitFact],
    policy: PunctualityPolicy,
    fewest: Fewest,
) -> dict[str, Punctuality | None]:
    """The same of each group; None for a small one."""

    def measure(own: Sequence[VisitFact]) -> Punctuality:
        return punctuality(own, policy)

    measured = [fact for fact in facts if fact.performed and fact.start is not None]
    return shown(grouped(measured, key), measure, fewest)
