"""Which days are simulated: a stretch of the files' plan, moved by whole weeks or as it stands.

House rules: a stretch holds every shift of its days, so it begins the evening before the first
day and ends the morning after the last night. Local times are Swedish.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final

from nyckelfri.simulate import town as towns
from nyckelfri.simulate.plan import Week
from nyckelfri.simulate.town import Town, TownError

_EVENING: Final = timedelta(hours=-3)
_MORNING: Final = timedelta(hours=7, minutes=30)
_WEEK: Final = timedelta(weeks=1)
_SUNDAY: Final = 6
_OCTOBER: Final = 10
_MARCH: Final = 3


@dataclass(frozen=True, slots=True)
class Stretch:
    """`days` from the Monday `first`, when the files have been moved by `weeks`."""

    first: date
    days: float
    weeks: int = 0

    @property
    def begins(self) -> int:
        """The evening before, in Unix seconds."""
        return _moment(self.first, _EVENING)

    @property
    def ends(self) -> int:
        """The morning after, in Unix seconds."""
        return _moment(self.first, timedelta(days=self.days) + _MORNING)

    def week(self, seed: int) -> Week:
        """What this seed plans into it."""
        return Week(seed, self.begins, self.ends)


def known(town: Town, days: float) -> list[Stretch]:
    """What a seed may choose from: an ordinary stretch, and those in which the clocks are changed.

    A stretch that ends before Sunday meets no change, so that then there is only the first.
    TownError when the rota has no such stretch.
    """
    # A short stretch, too, has a week of the rota ahead: keys are made for days to come.
    mondays = _mondays(town, max(days, _SUNDAY + 1)) or _mondays(town, days)
    if not mondays:
        raise TownError(f"the rota has no Monday with {days:g} whole days after it")
    ordinary = Stretch(mondays[-1], days)
    if days < _SUNDAY + 1:
        return [ordinary]
    return [ordinary, *(_moved(ordinary, month) for month in (_OCTOBER, _MARCH))]


def chosen(stretches: Sequence[Stretch], seed: int) -> Stretch:
    """The one that this seed lives through."""
    return Random(f"{seed}/stretch").choice(stretches)  # noqa: S311 - to repeat, not to hide


def starting(town: Town, first: date, days: float) -> Stretch:
    """The stretch from this Monday of the files on; TownError when they do not hold it."""
    mondays = _mondays(town, days)
    if first not in mondays:
        having = ", ".join(map(str, mondays)) or "none"
        raise TownError(f"no {days:g} days of the rota begin on {first}; Mondays that do: {having}")
    return Stretch(first, days)


def _mondays(town: Town, days: float) -> list[date]:
    """Mondays from which the rota has whole days enough."""
    planned = sorted({towns.local_day(shift.start) for shift in town.shifts})
    if not planned:
        return []
    first, last = planned[0], planned[-1]
    monday = first + timedelta(days=-first.weekday() % 7)
    found = []
    while monday + timedelta(days=max(days - 1, 0)) <= last:
        found.append(monday)
        monday += _WEEK
    return found


def _moved(ordinary: Stretch, month: int) -> Stretch:
    """Moved to the nearest week whose Sunday is the last of this month."""
    years = range(ordinary.first.year - 1, ordinary.first.year + 2)
    mondays = [_last_sunday(year, month) - timedelta(days=_SUNDAY) for year in years]
    first = min(mondays, key=lambda monday: abs(monday - ordinary.first))
    return Stretch(first, ordinary.days, (first - ordinary.first) // _WEEK)


def _last_sunday(year: int, month: int) -> date:
    last = date(year, month, 31)
    return last - timedelta(days=(last.weekday() - _SUNDAY) % 7)


def _moment(day: date, later: timedelta) -> int:
    """Unix seconds of a local time, counted on the wall clock from the midnight before `day`."""
    return towns.moment((datetime.combine(day, time()) + later).isoformat())
