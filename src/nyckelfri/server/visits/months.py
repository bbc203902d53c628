"""Months of visits: open until somebody closes them, and the day when providers' own time is up.

House rules: reads and checks; `actions_month` changes. A month without a row is open.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from nyckelfri.care.times import ZONE, month_after
from nyckelfri.server import turns
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.homes.models import Client
from nyckelfri.server.money.models import STANDS, Invoice
from nyckelfri.server.turns import Turn
from nyckelfri.server.visits.errors import Obstacle, VisitError
from nyckelfri.server.visits.models import Month

LOCK_DAY: Final = 5
"""The day of the next month on which providers last correct their own, unless said otherwise."""


def first_of(day: date) -> date:
    """The first day of a day's month."""
    return day.replace(day=1)


def last_of(first: date) -> date:
    """The last day of a month."""
    return month_after(first) - timedelta(days=1)


def lock_date(first: date) -> date:
    """Until when providers correct a month, by default."""
    return month_after(first).replace(day=LOCK_DAY)


def of(day: date) -> Month:
    """The month of a day, perhaps not stored yet."""
    first = first_of(day)
    found = Month.objects.filter(first=first).first()
    return found or Month(first=first, lock_date=lock_date(first))


def take_turn(day: date) -> None:
    """Let nobody close the month of a day, or change the visits of that day, beside us."""
    turns.together(Turn.VISITS, f"{day:%Y-%m}")
    turns.alone(Turn.VISITS, day.isoformat())


def must_be_open(day: date, viewer: Viewer, now: datetime) -> None:
    """Refuse to change what happened on a day whose month stands, for this viewer."""
    month = of(day)
    if month.closed_at is not None:
        raise VisitError(Obstacle.MONTH_CLOSED)
    if not viewer.whole_municipality and now.astimezone(ZONE).date() > month.lock_date:
        raise VisitError(Obstacle.PAST_LOCK)


def is_credited(client: Client, day: date) -> bool:
    """Whether a client's invoice for that month is credited, and none has taken its place."""
    rows = client.invoices.filter(month__first=first_of(day))
    credited = rows.filter(kind=Invoice.Kind.CREDIT).exists()
    return credited and not rows.filter(STANDS).exists()
