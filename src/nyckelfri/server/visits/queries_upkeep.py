"""What locks need: new batteries, somebody to look at them, and what holds until then.

House rules: reads only. A lock says its charge when it has fallen by a step, so a change of
batteries that staff entered later than that counts until the lock says otherwise.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from nyckelfri.care.times import ZONE
from nyckelfri.server.locks.models import Fallback, Installation
from nyckelfri.server.visits.models import BatteryLevel, PhoneEntry

LOW: Final = 20
"""Percent, at which somebody is told."""


def low_batteries() -> QuerySet[Any]:
    """Locks in service that said so, with `percent` and `level_at`."""
    said = BatteryLevel.objects.filter(installation=OuterRef("pk")).order_by("-number")
    changed = PhoneEntry.objects.filter(
        installation=OuterRef("pk"), kind=PhoneEntry.Kind.BATTERIES, flaw=""
    ).order_by("-at")
    # First the few that ever said so: not every lock is asked for its newest word.
    ever = BatteryLevel.objects.filter(percent__lte=LOW).order_by()
    return (
        Installation.objects.filter(retired_at=None, pk__in=ever.values("installation"))
        .annotate(
            percent=Subquery(said.values("percent")[:1]),
            level_at=Subquery(said.values("at")[:1]),
            changed_at=Subquery(changed.values("at")[:1]),
        )
        .filter(
            Q(changed_at=None) | Q(changed_at__lte=F("level_at")),
            percent__lte=LOW,
        )
    )


def open_faults() -> QuerySet[PhoneEntry]:
    """Locks that staff have reported, until somebody has dealt with it; newest first."""
    return PhoneEntry.objects.filter(kind=PhoneEntry.Kind.LOCK_FAULT, settled_at=None).order_by(
        "-received_at", "-pk"
    )


def fallback(now: datetime) -> Fallback | None:
    """What staff do today when a lock fails; None where nobody has said."""
    rows = Fallback.objects.filter(valid_from__lte=now.astimezone(ZONE).date())
    return rows.order_by("valid_from", "pk").last()
