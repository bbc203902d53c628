"""Months are measured by themselves, so that a page of figures is read and not reckoned.

House rules: to measure again does no harm, and nothing follows from it. A month that is closed
stands as it was measured then; an open one is measured again while visits come.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction

from nyckelfri.care.statistics import month as of_month
from nyckelfri.care.statistics.month import Policy
from nyckelfri.server import turns
from nyckelfri.server.turns import Turn
from nyckelfri.server.visits import kept_measures, months, queries_statistics
from nyckelfri.server.visits.models import MeasuredMonth, Month, VisitDay

POLICY: Final = Policy()
"""How the municipality measures."""
SOON: Final = timedelta(hours=1)
"""How old an open month's figures become before visits that came since are counted."""
LATER: Final = timedelta(days=1)
"""How old they become before what somebody corrected since is counted."""
_AT_ONCE: Final = 4
"""Months that one round measures: the next one goes on."""


def measure_waiting(now: datetime) -> list[date]:
    """Measure months that have not been, or not lately, the newest first; which they were."""
    found = waiting(now)[:_AT_ONCE]
    for month in found:
        measure(month, now)
    return found


def waiting(now: datetime) -> list[date]:
    """Months whose figures are missing or old, the newest first."""
    derived: dict[date, datetime] = {}
    for day, at in VisitDay.objects.values_list("day", "derived_at"):
        first = months.first_of(day)
        derived[first] = max(at, derived.get(first, at))
    measured = dict(MeasuredMonth.objects.filter(provider=None).values_list("month", "measured_at"))
    closed = dict(Month.objects.values_list("first", "closed_at"))
    return sorted(
        (
            month
            for month, visits_at in derived.items()
            if _is_due(measured.get(month), closed.get(month), visits_at, now)
        ),
        reverse=True,
    )


def _is_due(
    measured: datetime | None, closed: datetime | None, derived: datetime, now: datetime
) -> bool:
    if measured is None:
        return True
    if closed is not None:
        return measured < closed
    return now - measured >= (SOON if derived > measured else LATER)


def measure(month: date, now: datetime) -> None:
    """Measure one month, for the whole municipality and for each provider."""
    known = queries_statistics.known(month, POLICY)
    rows = [
        MeasuredMonth(
            month=month,
            provider_id=provider,
            measures=kept_measures.stored(of_month.measure(month, each, POLICY)),
            measured_at=now,
        )
        for provider, each in known.items()
    ]
    with transaction.atomic():
        turns.alone(Turn.FIGURES)
        MeasuredMonth.objects.filter(month=month).delete()
        MeasuredMonth.objects.bulk_create(rows)
