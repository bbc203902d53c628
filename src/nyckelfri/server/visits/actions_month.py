"""A month is closed, and opened again while nothing has been invoiced.

House rules: check → change → audit row, in one transaction. What is closed stands: later
evidence is noted beside it, and changes no money by itself.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from nyckelfri.care.times import ZONE
from nyckelfri.server import turns
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.money.models import STANDS
from nyckelfri.server.turns import Turn
from nyckelfri.server.visits import months
from nyckelfri.server.visits.actions_review import reason_of, record
from nyckelfri.server.visits.errors import Obstacle, VisitError
from nyckelfri.server.visits.models import Month


def close(viewer: Viewer, first: date, *, now: datetime) -> Month:
    """Let a month stand; it must be over."""
    with transaction.atomic():
        month = _locked(viewer, first)
        if month.closed_at is not None:
            raise VisitError(Obstacle.MONTH_CLOSED)
        if now.astimezone(ZONE).date() <= months.last_of(first):
            raise VisitError(Obstacle.NOT_OVER)
        month.closed_at, month.closed_by = now, viewer.employee
        month.save(update_fields=["closed_at", "closed_by"])
        record(Verb.MONTH_CLOSE, _about(month), viewer, now=now)
    return month


def reopen(viewer: Viewer, first: date, *, reason: str, now: datetime) -> Month:
    """Open a month again; not once invoices of it stand."""
    why = reason_of(reason)
    with transaction.atomic():
        month = _locked(viewer, first)
        if month.closed_at is None:
            raise VisitError(Obstacle.MONTH_OPEN)
        if month.invoices.filter(STANDS).exists():
            raise VisitError(Obstacle.MONTH_INVOICED)
        month.closed_at = month.closed_by = None
        month.save(update_fields=["closed_at", "closed_by"])
        record(Verb.MONTH_REOPEN, _about(month), viewer, now=now, why=why)
    return month


def _locked(viewer: Viewer, first: date) -> Month:
    if not viewer.may(Permission.CLOSE_MONTH):
        raise VisitError(Obstacle.NOT_YOURS)
    turns.alone(Turn.VISITS, f"{first:%Y-%m}")
    Month.objects.get_or_create(first=first, defaults={"lock_date": months.lock_date(first)})
    return Month.objects.select_for_update(no_key=True).get(first=first)


def _about(month: Month) -> str:
    return f"month:{month.first:%Y-%m}"
