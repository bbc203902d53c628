"""A team's week as a table: people by days, and the hours when nobody is there.

House rules: pure functions of values; days and hours are local, moments aware. A shift
stands under the local day on which it begins.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from nyckelfri.care.policy import Policy
from nyckelfri.care.times import ZONE, Window, daily, stretch
from nyckelfri.server.homes.models import CareTeam

DAYS: Final = 7
_SHORTEST: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Work:
    """Somebody's shift; `key` names it, `reason` is there where it was added by hand."""

    person: int
    key: str
    start: datetime
    end: datetime
    ad_hoc: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Away:
    """When somebody is reported absent."""

    person: int
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Cell:
    """One person's day: shifts that begin on it, and whether they are away for any part."""

    shifts: tuple[Work, ...]
    away: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """An hour of the team's own when nobody is there."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days from a Monday: by person a cell for each day, and by day the gaps."""

    days: tuple[date, ...]
    cells: dict[int, tuple[Cell, ...]]
    gaps: tuple[tuple[Gap, ...], ...]


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours of the day that a team of this kind answers for."""

    kind: str
    policy: Policy

    def of(self, window: Window) -> list[Window]:
        """Those parts of a window."""
        if self.kind == CareTeam.Kind.NIGHT_PATROL:
            return list(daily(window, self.policy.night_starts, self.policy.night_ends))
        if self.kind == CareTeam.Kind.ALARM_GROUP:
            return [window]
        return list(daily(window, self.policy.night_ends, self.policy.night_starts))


def monday_of(text: str, today: date) -> date:
    """Monday of an ISO week such as `2026-W48`; of this week for anything else."""
    year, separator, week = text.partition("-W")
    try:
        if separator and len(year) == 4 and 1 <= len(week) <= 2 and (year + week).isascii():
            return date.fromisocalendar(int(year), int(week), 1)
    except ValueError:
        pass
    return today - timedelta(days=today.weekday())


def name_of(monday: date) -> str:
    """The week as an address names it."""
    year, week, _ = monday.isocalendar()
    return f"{year}-W{week:02}"


def span(monday: date) -> Window:
    """The week's moments: from one local midnight to another, however long that is."""
    return stretch(_midnight(monday), _midnight(monday + timedelta(days=DAYS)))


def table(
    monday: date,
    people: Iterable[int],
    work: Sequence[Work],
    away: Sequence[Away],
    hours: Hours,
) -> Week:
    """The week of these people; gaps in the hours that the team answers for."""
    days = tuple(monday + timedelta(days=number) for number in range(DAYS))
    absences: defaultdict[int, list[Window]] = defaultdict(list)
    for row in away:
        absences[row.person].append(stretch(row.start, row.end))
    shifts: defaultdict[tuple[int, date], list[Work]] = defaultdict(list)
    for each in sorted(work, key=lambda row: (row.start, row.key)):
        # A night that began on Sunday belongs to the week before, and is told there.
        shifts[each.person, each.start.astimezone(ZONE).date()].append(each)
    windows = [_window(day) for day in days]
    cells = {
        person: tuple(
            Cell(tuple(shifts[person, day]), _any(absences[person], window))
            for day, window in zip(days, windows, strict=True)
        )
        for person in people
    }
    there = [part for each in work for part in _present(each, absences[each.person])]
    return Week(days, cells, tuple(tuple(_gaps(window, there, hours)) for window in windows))


def _present(work: Work, away: Iterable[Window]) -> list[Window]:
    parts = [stretch(work.start, work.end)]
    for window in away:
        parts = [rest for part in parts for rest in part.without(window)]
    return parts


def _gaps(day: Window, there: Sequence[Window], hours: Hours) -> Iterable[Gap]:
    parts = hours.of(day)
    for window in there:
        parts = [rest for part in parts for rest in part.without(window)]
    for part in parts:
        if part.end - part.start >= _SHORTEST:
            yield Gap(part.start, part.end)


def _any(windows: Iterable[Window], day: Window) -> bool:
    return any(window.overlap(day) is not None for window in windows)


def _window(day: date) -> Window:
    return stretch(_midnight(day), _midnight(day + timedelta(days=1)))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, ZONE)
