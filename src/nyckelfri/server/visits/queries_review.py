"""Where visits stand in their review, and how many of a day or a month stand where.

House rules: reads only, of rows that the caller gives. Each visit has exactly one standing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from django.db.models import (
    Case,
    CharField,
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, TruncMonth

from nyckelfri.care.performed import Outcome
from nyckelfri.server.visits.models import Month, Visit

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
OF: Final[dict[Standing, Q]] = {
    Standing.APPROVED: Q(approved_at__isnull=False) & ~_UNSEEN,
    Standing.WAITING: _OPEN & _WAITS & Q(correction__isnull=True),
    Standing.FITS: _OPEN & ~_WAITS & Q(flags=[]),
    Standing.LOOK: _UNSEEN
    | (Q(approved_at__isnull=True, newer__isnull=False))
    | (_OPEN & ((_WAITS & Q(correction__isnull=False)) | (~_WAITS & ~Q(flags=[])))),
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
    """How many visits stand where, and their time: planned, and performed as it counts."""

    all: int
    planned: int
    performed: int
    look: int
    waiting: int
    fits: int
    approved: int
    planned_time: timedelta
    performed_time: timedelta

    def of(self, standing: Standing) -> int:
        """How many have this standing."""
        return int(getattr(self, standing.value))


_COUNTED_OUTCOME: Final = Coalesce("correction__outcome", "outcome")
_COUNTED_TIME: Final = Case(
    When(correction__isnull=False, then=F("correction__exit") - F("correction__entry")),
    default=F("exit") - F("entry"),
    output_field=DurationField(),
)


def totals(rows: QuerySet[Visit]) -> Totals:
    """The totals of these visits, by one question."""
    planned_time = ExpressionWrapper(
        F("planned__end") - F("planned__start"), output_field=DurationField()
    )
    performed = Q(counted_outcome=Outcome.PERFORMED.value)
    found = (
        rows.order_by()
        .annotate(counted_outcome=_COUNTED_OUTCOME)
        .aggregate(
            n_all=Count("pk"),
            n_planned=Count("planned"),
            n_performed=Count("pk", filter=performed),
            n_planned_time=Sum(planned_time),
            n_performed_time=Sum(_COUNTED_TIME, filter=performed),
            **{f"n_{each}": Count("pk", filter=condition) for each, condition in OF.items()},
        )
    )
    for name in ("n_planned_time", "n_performed_time"):
        found[name] = found[name] or timedelta(0)
    return Totals(**{name.removeprefix("n_"): value for name, value in found.items()})


def by(rows: QuerySet[Visit], group: Any = None) -> dict[Any, Counts]:
    """How many of each value of `group`, of each day where none is given.

    What is approved is most and costs most to look at: it is only counted.
    """
    name = "day"
    found = rows.order_by()
    if group is not None:
        name, found = "group", found.annotate(group=group)
    counts_by = found.values_list(name)
    everything = dict(counts_by.annotate(n_all=Count("pk")))
    standings = (Standing.LOOK, Standing.WAITING, Standing.FITS)
    undecided = counts_by.filter(UNDECIDED).annotate(
        **{f"n_{each}": Count("pk", filter=OF[each]) for each in standings}
    )
    told = {key: standing for key, *standing in undecided}
    return {
        key: Counts(count, *told.get(key, (0, 0, 0))) for key, count in sorted(everything.items())
    }


def to_look_at(rows: QuerySet[Visit], before: date) -> QuerySet[Visit]:
    """Visits before a day that somebody must look at, of months that are not closed."""
    closed = Month.objects.filter(closed_at__isnull=False, first=OuterRef("month"))
    late = rows.filter(UNDECIDED, OF[Standing.LOOK], day__lt=before)
    return late.annotate(month=TruncMonth("day")).filter(~Exists(closed))
