"""A new epoch: which doors have shown that they heard of it, and what is forgotten before it.

House rules: reads only, and never a better answer than is known. A restored database does not
know the grants that were made since its backup; they open doors until the new epoch gets there.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.db.models import Exists, F, OuterRef, QuerySet

from nyckelfri.server.access import policy, worlds
from nyckelfri.server.keys import queries as keys
from nyckelfri.server.keys.errors import NotReadyError
from nyckelfri.server.questions import Blank
from nyckelfri.server.visits.models import DoorEvent

_AT_ONCE: Final = timedelta(minutes=5)
"""An entry that comes home this soon by the lock's clock shows that the clock is not behind."""


class Forgotten(NamedTuple):
    """That a phone may hold grants which no database knows of.

    `doors`: how many they may open besides those of which grants are known. `until`: when none
    of them opens a door any more whose clock is right.
    """

    doors: int
    until: datetime


def took(installation: str, began: datetime | Blank) -> QuerySet[DoorEvent]:
    """What shows that the lock is in the epoch that `began`, and its clock right.

    `installation` names the column of the row outside.
    """
    return DoorEvent.objects.filter(
        installation=OuterRef(installation),
        received_at__gte=began,
        received_at__lte=F("at") + _AT_ONCE,
        issued__issued_at__gte=began,
    ).exclude(result=DoorEvent.Result.REFUSED)


def forgotten(known: Collection[int], anew: datetime | None, now: datetime) -> Forgotten | None:
    """What may be forgotten at `now`; `known` are the installations that grants are known of.

    `anew` is when an epoch last began with no grant key from before. None where the database
    knows of all that could open a door.
    """
    # Until a new epoch has begun, one would begin now at the earliest.
    began = now if _is_behind() else anew
    if began is None:
        return None
    rules = policy.in_force(now)
    until = began + rules.horizon + rules.longest_grant
    if until <= now:
        return None
    rows = worlds.in_service().exclude(pk__in=known).filter(~Exists(took("pk", began)))
    return Forgotten(rows.count(), until)


def _is_behind() -> bool:
    """Whether this is a backup's database, and no new epoch has begun since."""
    try:
        return keys.forgotten_bulletin() is not None
    except NotReadyError:
        # What would tell is damaged.
        return True
