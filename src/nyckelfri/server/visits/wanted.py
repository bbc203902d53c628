"""From which entry on a phone shall fetch a lock's journal.

House rules: reads only. A lock is asked for what is missing; when it has twice begun behind
that, it has nothing there, and is asked for what comes next.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from nyckelfri.server.keys.models import SignedKeySet
from nyckelfri.server.locks.models import Installation
from nyckelfri.server.visits import queries
from nyckelfri.server.visits.models import Kept, OpeningRecord, StoredEntry


def wanted(installations: Iterable[Installation]) -> list[tuple[Installation, int]]:
    """List the locks that entries are missing from, each with the first one to fetch."""
    found = []
    for installation in installations:
        first = _first(installation)
        if first is not None:
            found.append((installation, first))
    return sorted(found, key=lambda pair: pair[0].pk)


def begins_behind_a_gap(installation: Installation, number: int) -> int | None:
    """Where the journal goes on that was brought from behind what is missing after `number`."""
    row = _ahead(installation, number).order_by("first").first()
    return None if row is None else row.first


def came_twice(installation: Installation, first: int) -> bool:
    """Whether the lock, asked again, has begun there again."""
    rows = Kept.objects.filter(
        installation=installation, reason=Kept.Reason.GAP, resolved_at=None, first=first
    )
    return rows.count() > 1 or rows.filter(times__gt=1).exists()


def _ahead(installation: Installation, number: int) -> QuerySet[Kept]:
    return Kept.objects.filter(
        installation=installation, reason=Kept.Reason.GAP, resolved_at=None, first__gt=number + 1
    )


def _first(installation: Installation) -> int | None:
    number, _ = queries.position(installation)
    behind = begins_behind_a_gap(installation, number)
    if behind is not None:
        return _end(installation, number) if came_twice(installation, behind) else number + 1
    waiting = OpeningRecord.objects.filter(
        installation=installation, standing=OpeningRecord.Standing.PENDING
    )
    unopened = Kept.objects.filter(
        installation=installation,
        reason=Kept.Reason.UNOPENED,
        resolved_at=None,
        last__gt=number,
    )
    if waiting.exists() or unopened.exists() or _forgot(installation):
        return number + 1
    return None


def _end(installation: Installation, number: int) -> int:
    """The first entry that is not among what was brought from behind the gap, without a break."""
    end = 0
    for kept in _ahead(installation, number).order_by("first", "last"):
        first, last = kept.first or 0, kept.last or 0
        if end and first > end:
            break
        end = max(end, last + 1)
    return end


def _forgot(installation: Installation) -> bool:
    """Whether this database may be older than the lock's receipts: nothing new since its epoch."""
    newest = SignedKeySet.objects.last()
    if newest is None:
        return False
    of_epoch = SignedKeySet.objects.filter(epoch=newest.epoch).order_by("number")
    if newest.epoch == 1 or not SignedKeySet.objects.exclude(epoch=newest.epoch).exists():
        return False
    began = of_epoch.values_list("installed_at", flat=True)[0]
    since = {"installation": installation, "received_at__gte": began}
    return not (
        StoredEntry.objects.filter(**since).exists() or Kept.objects.filter(**since).exists()
    )
