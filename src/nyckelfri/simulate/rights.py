"""Who may open which lock at a moment: the rules told once more, one moment at a time.

House rules: nothing of `care` or of the server is used, so that a slip on either side shows as a
difference. One question is answered from the plan each time, may this carer open this lock at
this moment; when a right begins and ends is found by asking wherever the answer could change.
What was known when is kept: a right of ten o'clock that was taken away at eleven was one at ten.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from math import inf
from typing import Final, Literal, NamedTuple, TypeAlias

from nyckelfri.simulate.changes import Change, Edit, NewerFiles
from nyckelfri.simulate.known import Known, Stretch, after
from nyckelfri.simulate.town import SWEDEN, Carer, Choice, Decision, Home, Span, Team, Town, Visit

Scope: TypeAlias = Literal["team", "visits", "area"]
"""Whose carers a choice of provider lets in by day."""
_CARE: Final = frozenset({"omvardnad", "service"})
_ALARM: Final = frozenset({"trygghetslarm"})
_CARERS: Final = frozenset({"underskoterska", "vardbitrade"})
_HEALTH: Final = frozenset({"sjukskoterska", "arbetsterapeut", "fysioterapeut"})
_HOURS: Final = {"hemtjanst": "day", "nattpatrull": "night", "larmgrupp": "any"}
"""By kind of team: when it lets its carers in."""
_NIGHT_STARTS, _NIGHT_ENDS = time(22), time(7)
_MINUTE: Final = 60
_BEFORE, _AFTER = 15 * _MINUTE, 30 * _MINUTE
"""Margins of a shift, and of a visit where it is the visit that opens."""
_BEFORE_HEALTH, _AFTER_HEALTH = 30 * _MINUTE, 60 * _MINUTE
"""Margins of a visit by licensed health staff."""
_LONGEST: Final = 16 * 60 * _MINUTE
"""No grant is longer."""
_DAY: Final = timedelta(days=1)


class Rights:
    """The rights in a municipality; changes are told in the order of their `at`.

    `phones`: by label, whose they are. Whoever has none has rights that wait for one.
    """

    def __init__(
        self, town: Town, *, scope: Scope = "team", phones: Mapping[str, str] | None = None
    ) -> None:
        self._homes = _Homes(town, scope)
        self._told = [-inf]
        self._known = [Known.at_first(town, phones or {})]
        self._changes: list[Change | None] = [None]
        self._owed: tuple[Edit, ...] = ()

    def apply(self, change: Change) -> None:
        """From the change's `at` on it is known too; ValueError out of order."""
        if isinstance(change, NewerFiles):
            change, self._owed = replace(change, edits=(*self._owed, *change.edits)), ()
        self._tell(change.at, after(change, self._known[-1]), change)

    def restored(self, at: float, backup: float) -> None:
        """From `at` on no more is known than at `backup`; newer files tell theirs once more."""
        lost = self._changes[bisect_right(self._told, backup) :]
        files = (change for change in lost if isinstance(change, NewerFiles))
        self._owed = (*(edit for change in files for edit in change.edits), *self._owed)
        self._tell(at, self.known(backup), None)

    def _tell(self, at: float, known: Known, change: Change | None) -> None:
        if at < self._told[-1]:
            raise ValueError(f"what was decided later is told already: {change}")
        self._told.append(at)
        self._known.append(known)
        self._changes.append(change)

    def known(self, at: float) -> Known:
        """What is known of the plan at a moment."""
        return self._known[bisect_right(self._told, at) - 1]

    def may(self, carer: str, lock: str, at: float) -> bool:
        """Whether the carer may open the lock at this moment."""
        known = self.known(at)
        return not known.without_a_phone(carer, at) and self._opens(known, carer, lock, at)

    def windows(
        self, carer: str, lock: str, since: float, until: float, *, known_at: float | None = None
    ) -> list[Stretch]:
        """When in [since, until) they may open it by what is known then (or `since`), in order."""
        known_at = since if known_at is None else known_at
        known = self.known(known_at)
        if known.without_a_phone(carer, known_at):
            return []
        edges = self._edges(known, carer, lock, since, until)
        found: list[Stretch] = []
        for start, end in pairwise(edges):
            if self._opens(known, carer, lock, start):
                first = found.pop()[0] if found and found[-1][1] == start else start
                found.append((first, end))
        return found

    def covers(self, carer: str, lock: str, start: float, end: float, at: float) -> bool:
        """Whether a grant for [start, end) that is issued at `at` gives no more than a right."""
        held = self.windows(carer, lock, start, end, known_at=at)
        return end - start <= _LONGEST and held == [(start, end)]

    def _opens(self, known: Known, carer: str, lock: str, at: float) -> bool:
        asked = _Moment(self._homes, known, known.carers[carer], at)
        return any(map(asked.opens, self._homes.behind.get(lock, ())))

    def _edges(
        self, known: Known, carer: str, lock: str, since: float, until: float
    ) -> list[float]:
        """Moments of [since, until], both in it, at which the answer could change."""
        found = {since, until}
        day, last = _local(since).day, _local(until).day
        while day <= last:
            found |= {_moment(day, clock) for clock in (time.min, _NIGHT_ENDS, _NIGHT_STARTS)}
            day += _DAY
        for start, end in known.at_work.get(carer, ()):
            found |= {start - _BEFORE, end + _AFTER}
        behind = {home.client for home in self._homes.behind.get(lock, ())}
        for visit in known.to_make.get(carer, ()):
            if visit.client in behind:
                found |= {visit.start - _BEFORE, visit.end + _AFTER}
                found |= {visit.start - _BEFORE_HEALTH, visit.end + _AFTER_HEALTH}
        found |= {edge for who, _, edges in known.withdrawn if who == carer for edge in edges}
        return sorted(edge for edge in found if since <= edge <= until)


class _Homes:
    """What no change of a week changes: homes, their locks and decisions, teams; the scope."""

    def __init__(self, town: Town, scope: Scope) -> None:
        self.scope = scope
        self.teams = {team.id: team for team in town.teams}
        self.lock_of = {home.client: home.lock for home in town.homes}
        self.behind: defaultdict[str, list[Home]] = defaultdict(list)
        for home in town.homes:
            for lock in filter(None, (home.lock, home.entrance)):
                self.behind[lock].append(home)
        self.decisions: defaultdict[str, list[Decision]] = defaultdict(list)
        for decision in town.decisions:
            self.decisions[decision.client].append(decision)

    def chosen(self, choice: Choice, home: Home) -> set[str]:
        """Ids of the teams that a choice points to."""
        if not self.makes_sense(choice):
            return set()
        theirs = self._teams_of(choice.provider)
        # A team for the whole municipality stands in where the area has none.
        in_area = {team.id for team in theirs if team.area == home.area} or {
            team.id for team in theirs if team.area is None
        }
        if choice.team is None:
            return in_area
        return {choice.team} | (in_area if self.scope == "area" else set())

    def makes_sense(self, choice: Choice) -> bool:
        """Whether it names no team, or one that its provider has for home care."""
        return choice.team is None or choice.team in {
            team.id for team in self._teams_of(choice.provider)
        }

    def _teams_of(self, provider: str) -> list[Team]:
        return [
            team
            for team in self.teams.values()
            if team.kind == "hemtjanst" and team.provider == provider
        ]


class _Duty(NamedTuple):
    """A shift that somebody is on, and what of it, with margins, is of this day or night."""

    shift: Stretch
    part: Stretch


@dataclass(frozen=True, slots=True)
class _Moment:
    """Who stands before a door, when, and what is known then."""

    homes: _Homes
    known: Known
    who: Carer
    at: float

    def opens(self, home: Home) -> bool:
        """Whether they may come into this home now."""
        employed = self.who.employed.holds(_local(self.at).day)
        return employed and self._comes_by(home) and not self._is_withdrawn(home)

    def _comes_by(self, home: Home) -> bool:
        if self.who.role in _HEALTH:
            return any(
                visit.start - _BEFORE_HEALTH <= self.at < visit.end + _AFTER_HEALTH
                for visit in self._visits(home)
            )
        if self.who.role == "vikarie":
            return self._as_substitute(home)
        team = self.homes.teams.get(self.who.team or "")
        if self.who.role in _CARERS and team is not None:
            duties = self._duties(_HOURS[team.kind])
            return bool(duties) and (
                self._with_team(team, home, duties) or self._lent(team, home, duties)
            )
        return False

    def _as_substitute(self, home: Home) -> bool:
        """By day or by night, whichever of a visit of theirs is: then as long as it lasts."""
        duties = self._duties("either")
        around = self.homes.scope == "visits"
        return self._by_visit(home, duties, self._decided(home) & _CARE, around=around)

    def _with_team(self, team: Team, home: Home, duties: list[_Duty]) -> bool:
        """By day the team that was chosen; night patrol and alarm group ask for no choice."""
        if team.kind != "hemtjanst":
            wanted = _ALARM if team.kind == "larmgrupp" else _CARE
            return _covers(team, home) and bool(self._decided(home) & wanted)
        services = self._services(home, lambda choice: team.id in self.homes.chosen(choice, home))
        if self.homes.scope == "visits":
            return self._by_visit(home, duties, services, around=True)
        return bool(services)

    def _lent(self, team: Team, home: Home, duties: list[_Duty]) -> bool:
        """By a visit by hand, to a client who has chosen another team of the same provider."""
        if team.kind == "nattpatrull" and _covers(team, home):
            return False
        services = self._services(
            home,
            lambda choice: (
                choice.provider == team.provider
                and self.homes.makes_sense(choice)
                and team.id not in self.homes.chosen(choice, home)
            ),
        )
        return self._by_visit(home, duties, services, around=True, by_hand=True)

    def _by_visit(
        self,
        home: Home,
        duties: list[_Duty],
        services: set[str],
        *,
        around: bool,
        by_hand: bool = False,
    ) -> bool:
        """Whether a visit there for one of `services` is theirs, on this duty; `around` it only."""
        return any(
            _share((visit.start, visit.end), duty.shift)
            and _share((visit.start, visit.end), duty.part)
            for visit in self._visits(home)
            if services.intersection(visit.services)
            and (not around or visit.start - _BEFORE <= self.at < visit.end + _AFTER)
            and (not by_hand or visit.id in self.known.by_hand)
            for duty in duties
        )

    def _duties(self, hours: str) -> list[_Duty]:
        """The shifts that they are on, where it is now one of these `hours`.

        A margin alone begins no day and no night: the shift itself has to reach it.
        """
        now = _local(self.at)
        if hours in {"day", "night"} and hours != now.hours:
            return []
        found = []
        for start, end in self.known.at_work.get(self.who.number, ()):
            if start - _BEFORE <= self.at < end + _AFTER:
                part = _both((start - _BEFORE, end + _AFTER), _days(self.who.employed))
                if hours != "any":
                    part = _both(part, now.stretch)
                if _share(part, (start, end)):
                    found.append(_Duty((start, end), part))
        return found

    def _services(self, home: Home, fits: Callable[[Choice], bool]) -> set[str]:
        """Decided services for which the client's choice of today fits."""
        day = _local(self.at).day
        return self._decided(home) & {
            choice.service
            for choice in self.known.chosen.get(home.client, ())
            if choice.days.holds(day) and choice.service in _CARE and fits(choice)
        }

    def _decided(self, home: Home) -> set[str]:
        """Services that the client has a care decision on today."""
        day = _local(self.at).day
        rows = self.homes.decisions.get(home.client, ())
        return {decision.service for decision in rows if decision.days.holds(day)}

    def _visits(self, home: Home) -> list[Visit]:
        """Visits to the client that are theirs to make."""
        mine = self.known.to_make.get(self.who.number, ())
        return [visit for visit in mine if visit.client == home.client]

    def _is_withdrawn(self, home: Home) -> bool:
        """A door is withdrawn with the client: whoever else lives behind it as well."""
        return any(
            carer == self.who.number
            and start <= self.at < end
            and (
                client in {None, home.client}
                or (home.lock is not None and self.homes.lock_of[client] == home.lock)
            )
            for carer, client, (start, end) in self.known.withdrawn
        )


class _Local(NamedTuple):
    """What the clocks in Sweden show: the date, day or night, and how long that lasts."""

    day: date
    hours: str
    stretch: Stretch


@lru_cache(maxsize=1 << 16)
def _local(at: float) -> _Local:
    clock = datetime.fromtimestamp(at, SWEDEN)
    day = clock.date()
    if _NIGHT_ENDS <= clock.time() < _NIGHT_STARTS:
        return _Local(day, "day", (_moment(day, _NIGHT_ENDS), _moment(day, _NIGHT_STARTS)))
    evening = day if clock.time() >= _NIGHT_STARTS else day - _DAY
    return _Local(
        day, "night", (_moment(evening, _NIGHT_STARTS), _moment(evening + _DAY, _NIGHT_ENDS))
    )


def _moment(day: date, clock: time) -> float:
    """When Swedish clocks show this."""
    return datetime.combine(day, clock, SWEDEN).timestamp()


def _days(span: Span) -> Stretch:
    last = inf if span.last is None else _moment(span.last + _DAY, time.min)
    return _moment(span.first, time.min), last


def _both(one: Stretch, other: Stretch) -> Stretch:
    """The time in both; it ends before it begins where there is none."""
    return max(one[0], other[0]), min(one[1], other[1])


def _share(one: Stretch, other: Stretch) -> bool:
    """Whether they have any time in common."""
    start, end = _both(one, other)
    return start < end


def _covers(team: Team, home: Home) -> bool:
    return team.area in {None, home.area}
