"""Where visits stand in their review, and how many of a day or a month stand where.

House rules: reads only, of rows that the caller gives. Each visit has exactly one standing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from django.db.models import (
    Case,
    CharField,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from nyckelfri.care.performed import ALARM, Outcome
from nyckelfri.server.visits import months
from nyckelfri.server.visits.models import Month, Visit

_A_YEAR: Final = timedelta(days=365)
UNDECIDED: Final = Q(approved_at__isnull=True) | Q(newer__isnull=False)
"""As the index `visits_to_review` says it: whatever may still need somebody."""


class Standing(StrEnum):
    """How far the review of a visit has come."""

    LOOK = "look"
    """Somebody must look: something stands out, or newer evidence has come."""
    WAITING = "waiting"
    """The journals have not come home yet."""
    FITS = "fits"
    APPROVED = "approved"


_UNSEEN: Final = Q(newer__isnull=False, newer__kept__isnull=True)
_OPEN: Final = Q(approved_at__isnull=True, newer__isnull=True)
_WAITS: Final = Q(outcome=Outcome.WAITING.value)
_SILENT: Final = Q(outcome=Outcome.PERFORMED.value, services=[]) & ~Q(reason=ALARM)
"""Nobody has said what was done; at an alarm nobody need say it."""
_ASKED: Final = ~_WAITS & (~Q(flags=[]) | _SILENT)
OF: Final[dict[Standing, Q]] = {
    Standing.APPROVED: Q(approved_at__isnull=False) & ~_UNSEEN,
    Standing.WAITING: _OPEN & _WAITS & Q(correction__isnull=True),
    Standing.FITS: _OPEN & ~_WAITS & Q(flags=[]) & ~_SILENT,
    Standing.LOOK: _UNSEEN
    | (Q(approved_at__isnull=True, newer__isnull=False))
    | (_OPEN & ((_WAITS & Q(correction__isnull=False)) | _ASKED)),
}
"""The visits of each standing."""


def standing(rows: QuerySet[Visit]) -> QuerySet[Any]:
    """The rows with `standing`."""
    whens = [When(condition, then=Value(value.value)) for value, condition in OF.items()]
    return rows.annotate(
        standing=Case(*whens, default=Value(Standing.LOOK.value), output_field=CharField())
    )


@dataclass(frozen=True, slots=True)
class Counts:
    """How many visits there are, and how many of them stand where."""

    all: int = 0
    look: int = 0
    waiting: int = 0
    fits: int = 0

    def __add__(self, other: Counts) -> Counts:
        """Those of both."""
        return Counts(
            self.all + other.all,
            self.look + other.look,
            self.waiting + other.waiting,
            self.fits + other.fits,
        )

    @property
    def approved(self) -> int:
        """How many are approved."""
        return self.all - self.undecided

    @property
    def undecided(self) -> int:
        """How many somebody has still to approve or look at."""
        return self.look + self.waiting + self.fits


@dataclass(frozen=True, slots=True)
class Totals:
    """How many visits stand where; and their time as planned, and as it counts, where asked for."""

    all: int
    planned: int
    performed: int
    look: int
    waiting: int
    fits: int
    approved: int
    planned_time: timedelta | None
    performed_time: timedelta | None

    def of(self, standing: Standing) -> int:
        """How many have this standing."""
        return int(getattr(self, standing.value))


_OUTCOME: Final = Coalesce("correction__outcome", "outcome")
_PLANNED_TIME: Final = ExpressionWrapper(
    F("planned__end") - F("planned__start"), output_field=DurationField()
)
_TIME: Final = Case(
    When(correction__isnull=False, then=F("correction__exit") - F("correction__entry")),
    default=F("exit") - F("entry"),
    output_field=DurationField(),
)


def totals(rows: QuerySet[Visit], *, with_time: bool) -> Totals:
    """The totals of these visits, by one question; time is slow to add up for a whole town."""
    performed = Q(counted_outcome=Outcome.PERFORMED.value)
    times = {"planned_time": Sum(_PLANNED_TIME), "performed_time": Sum(_TIME, filter=performed)}
    found = (
        rows.order_by()
        .annotate(counted_outcome=_OUTCOME)
        .aggregate(
            n_all=Count("pk"),
            n_planned=Count("planned"),
            n_performed=Count("pk", filter=performed),
            **{f"n_{each}": Count("pk", filter=condition) for each, condition in OF.items()},
            **{f"n_{name}": time for name, time in times.items() if with_time},
        )
    )
    counted = {name.removeprefix("n_"): value for name, value in found.items()}
    for name in times:
        counted[name] = (counted.get(name) or timedelta(0)) if with_time else None
    return Totals(**counted)


def by_day(rows: QuerySet[Visit]) -> dict[date, Counts]:
    """How many of each day.

    What is approved is most, and costs most to look at: it is only counted.
    """
    days = rows.order_by().values_list("day")
    standings = (Standing.LOOK, Standing.WAITING, Standing.FITS)
    undecided = days.filter(UNDECIDED).annotate(
        **{f"n_{each}": Count("pk", filter=OF[each]) for each in standings}
    )
    told = {day: standing for day, *standing in undecided}
    return {
        day: Counts(count, *told.get(day, (0, 0, 0)))
        for day, count in sorted(days.annotate(n_all=Count("pk")))
    }


def by_month(rows: QuerySet[Visit]) -> dict[date, Counts]:
    """How many of each month, by its first day."""
    found: defaultdict[date, Counts] = defaultdict(Counts)
    for day, counts in by_day(rows).items():
        found[months.first_of(day)] += counts
    return dict(found)


def to_look_at(rows: QuerySet[Visit], before: date) -> QuerySet[Visit]:
    """Visits of the year before a day that somebody must look at, of months that are not closed."""
    since = months.first_of(before - _A_YEAR)
    found = rows.filter(UNDECIDED, OF[Standing.LOOK], day__gte=since, day__lt=before)
    closed = Month.objects.filter(closed_at__isnull=False, first__gte=since)
    for first in closed.values_list("first", flat=True):
        found = found.exclude(day__range=(first, months.last_of(first)))
    return found
