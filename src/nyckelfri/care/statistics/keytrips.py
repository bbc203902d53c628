"""How many trips to fetch a key were not made.

A definition of our own, since no source has one: a trip is counted where the door was opened by
phone for a visit that, before, somebody would have fetched a key for.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from nyckelfri.care.performed import Grade
from nyckelfri.care.statistics.facts import Fewest, VisitFact, month_of, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyTripPolicy:
    """What a key would have been fetched for; ValueError if impossible.

    `kept` is how long a fetched key served the same team at the same home. `kilometres` are of
    one trip, to the key cabinet and back; None where nobody has measured.
    """

    alarm: bool = True
    night: bool = True
    night_starts: time = time(22)
    night_ends: time = time(7)
    kept: timedelta = timedelta(hours=9)
    kilometres: Decimal | None = None

    def __post_init__(self) -> None:
        if self.night_starts <= self.night_ends:
            raise ValueError("the night must cross midnight: night_starts after night_ends")
        if not timedelta(minutes=30) <= self.kept <= timedelta(hours=24):
            raise ValueError("kept must lie between half an hour and a day")
        if self.kilometres is not None and self.kilometres <= 0:
            raise ValueError("kilometres are more than none")


class KeyTrips(NamedTuple):
    """Trips not made: for alarms at any hour, for other visits at night, and their kilometres."""

    alarm: int
    night: int
    kilometres: Decimal | None


def key_trips_shown(
    facts: Iterable[VisitFact], month: date, policy: KeyTripPolicy, fewest: Fewest
) -> KeyTrips | None:
    """The trips of a month; None where the visits that they were for are too few.

    `facts` hold some of the month before too, so that a key fetched on its last night serves.
    """
    facts = list(facts)
    none = KeyTrips(0, 0, None if policy.kilometres is None else policy.kilometres * 0)

    def measure(_: Sequence[VisitFact]) -> KeyTrips:
        return key_trips(facts, policy).get(month, none)

    counted = [fact for fact in facts if _counts(fact, policy) and month_of(fact.when) == month]
    return shown({"": counted}, measure, fewest)[""]


def key_trips(facts: Iterable[VisitFact], policy: KeyTripPolicy) -> dict[date, KeyTrips]:
    """Count by month (its first day) of the trip that was not made."""
    opened = sorted(
        (fact.entry.astimezone(UTC), fact.alarm, fact.team_id, fact.home_id)
        for fact in facts
        if fact.entry is not None and _counts(fact, policy)
    )
    fetched: dict[tuple[str, str], datetime] = {}
    trips: Counter[tuple[date, bool]] = Counter()
    for at, alarm, team_id, home_id in opened:
        before = fetched.get((team_id, home_id))
        if before is None or at - before > policy.kept:
            fetched[team_id, home_id] = at
            trips[month_of(at), alarm] += 1
    return {
        month: KeyTrips(
            trips[month, True],
            trips[month, False],
            None
            if policy.kilometres is None
            else policy.kilometres * (trips[month, True] + trips[month, False]),
        )
        for month in sorted({month for month, _ in trips})
    }


def _counts(fact: VisitFact, policy: KeyTripPolicy) -> bool:
    """Whether a phone opened for it, and a key would have been fetched before."""
    if not fact.performed or fact.grade not in {Grade.DOOR_AND_LABEL, Grade.DOOR}:
        return False
    if fact.alarm:
        return policy.alarm
    clock = fact.when.time()
    return policy.night and (clock >= policy.night_starts or clock < policy.night_ends)
