"""Days and hours of Swedish local time as windows of absolute time.

House rules: people plan in local dates and hours, rules compare in UTC. The
conversion happens here and nowhere else, so that both summer-time changes are
right everywhere or wrong everywhere. Windows are half-open: a window that ends
at 22:00 does not hold at 22:00.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

ZONE = ZoneInfo("Europe/Stockholm")
BEGINNING = datetime.min.replace(tzinfo=UTC)
FOREVER = datetime.max.replace(tzinfo=UTC)
# Outside these years a date in a file means "always"; it also keeps clear of
# the ends of datetime, where a change of zone overflows.
_FIRST_YEAR, _LAST_YEAR = 1900, 9000
_DAY = timedelta(days=1)


class Window(NamedTuple):
    """A stretch of absolute time, `start` included and `end` not, both aware UTC."""

    start: datetime
    end: datetime

    def overlap(self, other: Window) -> Window | None:
        """Time in both windows, or None where they share no moment."""
        if other.start <= self.start and self.end <= other.end:
            return self  # nearly every shift lies within what it is compared with
        start = max(self.start, other.start)
        end = min(self.end, other.end)
        return Window(start, end) if start < end else None

    def without(self, other: Window) -> tuple[Window, ...]:
        """Time in this window and not in the other: none, one or two windows."""
        before = Window(self.start, min(self.end, other.start))
        after = Window(max(self.start, other.end), self.end)
        return tuple(part for part in (before, after) if part.start < part.end)

    def holds(self, moment: datetime) -> bool:
        """Whether the moment, aware, lies in the window."""
        return self.start <= moment < self.end


@dataclass(frozen=True, slots=True)
class DateRange:
    """Local dates, both ends included; no `last` means until further notice."""

    first: date
    last: date | None = None

    def holds(self, day: date) -> bool:
        """Whether a local date is among them."""
        return self.first <= day and (self.last is None or day <= self.last)

    def window(self) -> Window:
        """From midnight as `first` begins to midnight as `last` ends, Swedish time."""
        end = FOREVER if self.last is None else _midnight_after(self.last)
        return Window(local_moment(self.first, time.min), end)


def month_after(day: date) -> date:
    """First day of the month after this day's."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def stretch(start: datetime, end: datetime) -> Window:
    """Window between two aware moments of any zone.

    Rules compare and add in UTC: Python compares two moments of one zone by what
    their clocks show, which is wrong in the hour that autumn repeats.
    """
    return Window(start.astimezone(UTC), end.astimezone(UTC))


@lru_cache(maxsize=4096)
def local_moment(day: date, clock: time) -> datetime:
    """Moment in UTC when Swedish clocks first show `clock` on `day`.

    A time that the spring change skips is read as if the change had not come yet.
    """
    if day.year < _FIRST_YEAR:
        return BEGINNING
    if day.year > _LAST_YEAR:
        return FOREVER
    return datetime.combine(day, clock, ZONE).astimezone(UTC)


def _midnight_after(day: date) -> datetime:
    return FOREVER if day.year > _LAST_YEAR else local_moment(day + _DAY, time.min)


def require_aware(what: str, moment: datetime) -> None:
    """Raise ValueError for a moment without a zone: it could mean two things."""
    if moment.tzinfo is None:
        raise ValueError(f"{what} has no time zone; give an aware datetime")


def daily(window: Window, opens: time, closes: time) -> Iterator[Window]:
    """Parts of `window` between local `opens` and `closes` of every day.

    `closes` at or before `opens` means the next morning.
    """
    until = _DAY if closes <= opens else timedelta(0)
    # The stretch of the evening before may still run when the window starts.
    day = window.start.astimezone(ZONE).date() - _DAY
    last = window.end.astimezone(ZONE).date()
    while day <= last:
        part = Window(local_moment(day, opens), local_moment(day + until, closes)).overlap(window)
        if part is not None:
            yield part
        day += _DAY
