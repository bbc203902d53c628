"""Planned against performed: how much of what was planned was done."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from nyckelfri.care.performed import Outcome
from nyckelfri.care.statistics.facts import (
    Fewest,
    VisitFact,
    grouped,
    seconds_between,
    shown,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

_MINUTE = 60


class Performance(NamedTuple):
    """Numbers of visits and whole minutes; a doubled visit is two.

    `performed` is of the planned ones; `unplanned` was performed without a plan. What was planned
    is performed or counted under why not.
    """

    planned: int
    planned_minutes: int
    performed: int
    performed_minutes: int
    unplanned: int
    unplanned_minutes: int
    declined: int
    missed: int
    away: int
    not_made: int
    waiting: int


def performance_by(
    key: Callable[[VisitFact], str], facts: Iterable[VisitFact], fewest: Fewest
) -> dict[str, Performance | None]:
    """Count each group, such as a team or a week; None for a small one."""
    return shown(grouped(facts, key), performance, fewest)


def performance(facts: Sequence[VisitFact]) -> Performance:
    """Count one group."""
    planned = [fact for fact in facts if fact.start is not None and fact.finish is not None]
    made = [fact for fact in planned if fact.performed]
    extra = [fact for fact in facts if fact.start is None and fact.performed]
    why_not = [fact.outcome for fact in planned if not fact.performed]
    return Performance(
        len(planned),
        _minutes((fact.start, fact.finish) for fact in planned),
        len(made),
        _minutes((fact.entry, fact.exit) for fact in made),
        len(extra),
        _minutes((fact.entry, fact.exit) for fact in extra),
        why_not.count(Outcome.DECLINED),
        why_not.count(Outcome.MISSED),
        why_not.count(Outcome.AWAY),
        why_not.count(Outcome.NOT_MADE),
        why_not.count(Outcome.WAITING),
    )


def _minutes(stretches: Iterable[tuple[datetime | None, datetime | None]]) -> int:
    """Minutes of them all, rounded once; one without an end counts nothing."""
    seconds = sum(
        seconds_between(start, end)
        for start, end in stretches
        if start is not None and end is not None
    )
    return (seconds + _MINUTE // 2) // _MINUTE
