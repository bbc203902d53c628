"""Samples that the server draws by itself, so that the log is looked at every week.

House rules: once for each week, whoever asks and how often. The week must have been over
for two days, since what locks noted comes home with a phone: what comes later than that is
in no week's sample. A sample is never larger than people can look at in a week.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Final

from nyckelfri.care.times import ZONE, local_moment
from nyckelfri.server.visits import actions_reviews
from nyckelfri.server.visits import queries_reviews as queries
from nyckelfri.server.visits.actions_reviews import NotJudgedError
from nyckelfri.server.visits.models import Draw

SETTLED: Final = timedelta(days=2)
MOST: Final = 100
"""Of each kind, a week."""
SHARES: Final = {
    Draw.Kind.OPENINGS: Fraction(1, 100),
    Draw.Kind.OUTSIDE: Fraction(1, 10),
    Draw.Kind.LOOKS: Fraction(1, 100),
}
_WEEK: Final = timedelta(days=7)


def draw_last_week(now: datetime) -> list[Draw]:
    """Draw one sample of each kind of the last week, Monday to Sunday; none drawn before."""
    monday = _monday(now - SETTLED) - _WEEK
    start, end = (local_moment(day, time.min) for day in (monday, monday + _WEEK))
    made = []
    for kind in Draw.Kind:
        if queries.drawn_by_itself(kind, start, end) is not None:
            continue
        share = _share(kind, start, end, now)
        with suppress(NotJudgedError):  # the next round comes soon enough
            made.append(
                actions_reviews.draw(kind, start, end, share=share, by=None, now=now, once=True)
            )
    return made


def _share(kind: Draw.Kind, start: datetime, end: datetime, now: datetime) -> Fraction:
    """The share of this kind, less where that would be more than people can look at."""
    of_all = queries.population(Draw(kind=kind, start=start, end=end, drawn_at=now))
    return min(SHARES[kind], Fraction(MOST, max(of_all, 1)))


def _monday(now: datetime) -> date:
    today = now.astimezone(ZONE).date()
    return today - timedelta(days=today.weekday())
