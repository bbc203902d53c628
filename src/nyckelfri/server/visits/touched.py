"""Which days have to be derived again, since evidence for them has come.

House rules: noted in the transaction that stores the evidence, so that neither is without the
other. A day is named once too often rather than once too seldom: to derive again changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final

from nyckelfri.care.times import ZONE
from nyckelfri.server.visits.models import TouchedDay

REACH: Final = timedelta(hours=12)
"""How far from midnight a sign may still change the visits of the day before or after."""


def days(moments: Iterable[datetime]) -> set[date]:
    """The local days whose visits signs at these moments may belong to."""
    found = set()
    for moment in moments:
        for near in (moment - REACH, moment, moment + REACH):
            found.add(near.astimezone(ZONE).date())
    return found


def note(moments: Iterable[datetime]) -> None:
    """Let the days of these moments be derived again."""
    TouchedDay.objects.bulk_create(TouchedDay(day=day) for day in sorted(days(moments)))
