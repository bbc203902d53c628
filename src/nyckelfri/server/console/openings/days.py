"""Days that somebody asks for.

House rules: pure; local days, both included, and never more than the page allows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from nyckelfri.care.times import local_moment

LONGEST: Final = 31
"""Days, where a page says nothing else."""


@dataclass(frozen=True, slots=True)
class Days:
    """Local days, both included."""

    first: date
    last: date

    @classmethod
    def read(
        cls, first: str, last: str, today: date, *, days: int = 7, longest: int = LONGEST
    ) -> Days:
        """Read two ISO dates, the last `days` where none is given; ValueError if impossible."""
        end = date.fromisoformat(last) if last else today
        if not 1900 < end.year < 9000:
            raise ValueError("not a date of our time")
        start = date.fromisoformat(first) if first else end - timedelta(days=days - 1)
        if not 0 <= (end - start).days < longest:
            raise ValueError("not two dates in order")
        return cls(start, end)

    @property
    def start(self) -> datetime:
        """Midnight as the first day begins."""
        return local_moment(self.first, time.min)

    @property
    def end(self) -> datetime:
        """Midnight as the last day ends."""
        return local_moment(self.last + timedelta(days=1), time.min)

    def one_by_one(self) -> Iterator[Days]:
        """Each day by itself, the newest first."""
        day = self.last
        while day >= self.first:
            yield Days(day, day)
            day -= timedelta(days=1)

    def __len__(self) -> int:
        return (self.last - self.first).days + 1
