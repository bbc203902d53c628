"""Everything that is measured of a month, with what is too small to be shown left out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from nyckelfri.care.statistics import facts as groups
from nyckelfri.care.statistics.alarms import AlarmPolicy, AlarmToDoor, alarm_to_door
from nyckelfri.care.statistics.continuity import (
    Continuity,
    ContinuityPolicy,
    continuity_by_team,
    continuity_shown,
)
from nyckelfri.care.statistics.evidence import Evidence, evidence_by
from nyckelfri.care.statistics.facts import Fewest, VisitFact
from nyckelfri.care.statistics.keytrips import KeyTripPolicy, KeyTrips, key_trips_shown
from nyckelfri.care.statistics.planned import Performance, performance_by
from nyckelfri.care.statistics.punctuality import (
    Punctuality,
    PunctualityPolicy,
    punctuality_by,
)
from nyckelfri.care.times import month_after

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nyckelfri.care.performed import AlarmSign, DoorSign

_A_DAY = timedelta(days=1)
_THURSDAY = 3
"""A week belongs to the month of its Thursday, as it belongs to the year of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How a municipality measures."""

    continuity: ContinuityPolicy = field(default_factory=ContinuityPolicy)
    punctuality: PunctualityPolicy = field(default_factory=PunctualityPolicy)
    key_trips: KeyTripPolicy = field(default_factory=KeyTripPolicy)
    alarms: AlarmPolicy = field(default_factory=AlarmPolicy)
    fewest: Fewest = field(default_factory=Fewest)


@dataclass(frozen=True, slots=True)
class Known:
    """What a month is measured from; `facts` are of all days of `span`.

    `doors` are openings by those who took the alarms; `born` and `home_of` are by client.
    """

    facts: Sequence[VisitFact]
    alarms: Sequence[AlarmSign]
    doors: Sequence[DoorSign]
    born: Mapping[str, date]
    home_of: Mapping[str, str]


class Measures(NamedTuple):
    """A month's figures: of the whole, of its weeks and of teams; None for what is too small."""

    performed: Performance | None
    performed_weeks: dict[str, Performance | None]
    performed_teams: dict[str, Performance | None]
    punctuality: Punctuality | None
    punctuality_weeks: dict[str, Punctuality | None]
    punctuality_teams: dict[str, Punctuality | None]
    evidence: Evidence | None
    evidence_teams: dict[str, Evidence | None]
    continuity: Continuity | None
    continuity_teams: dict[str, Continuity | None]
    key_trips: KeyTrips | None
    alarms: AlarmToDoor | None


def span(month: date) -> tuple[date, date]:
    """First and last day that a month is measured from: its own, and those of its weeks."""
    weeks = _mondays(month)
    day_before = month - _A_DAY
    return min(day_before, weeks[0]), max(_last(month), weeks[-1] + timedelta(days=6))


def measure(month: date, known: Known, policy: Policy) -> Measures:
    """Measure the month whose first day is given."""
    facts, fewest, limits = known.facts, policy.fewest, policy.punctuality
    last = _last(month)
    own = [fact for fact in facts if month <= fact.when.date() <= last]
    names = {groups.week_of(monday) for monday in _mondays(month)}
    weeks = [fact for fact in facts if groups.week(fact) in names]
    whole, by_team, by_week = groups.everybody, groups.team, groups.week
    return Measures(
        performed=performance_by(whole, own, fewest).get(""),
        performed_weeks=performance_by(by_week, weeks, fewest),
        performed_teams=performance_by(by_team, own, fewest),
        punctuality=punctuality_by(whole, own, limits, fewest).get(""),
        punctuality_weeks=punctuality_by(by_week, weeks, limits, fewest),
        punctuality_teams=punctuality_by(by_team, own, limits, fewest),
        evidence=evidence_by(whole, own, fewest).get(""),
        evidence_teams=evidence_by(by_team, own, fewest),
        continuity=continuity_shown(own, month, known.born, policy.continuity, fewest),
        continuity_teams=continuity_by_team(own, month, known.born, policy.continuity, fewest),
        key_trips=key_trips_shown(facts, month, policy.key_trips, fewest),
        alarms=alarm_to_door(known.alarms, known.doors, known.home_of, policy.alarms).get(month),
    )


def _last(month: date) -> date:
    return month_after(month) - _A_DAY


def _mondays(month: date) -> list[date]:
    """The weeks that are the month's."""
    thursday = month + timedelta(days=(_THURSDAY - month.weekday()) % 7)
    found = []
    while thursday <= _last(month):
        found.append(thursday - timedelta(days=_THURSDAY))
        thursday += timedelta(days=7)
    return found
