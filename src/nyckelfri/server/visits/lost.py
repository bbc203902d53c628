"""Entries that a lock has lost: what it says of them, and how the journal goes on behind them.

House rules: a stretch counts as lost only when the lock has said so over its signature, and what
is said to be lost is stored all the same if some phone still brings it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from nyckelfri import cbor
from nyckelfri.door import delivery
from nyckelfri.door.delivery import Batch
from nyckelfri.door.journal import Fault, FaultCode, Lost
from nyckelfri.server.locks.models import Installation
from nyckelfri.server.people.models import Phone
from nyckelfri.server.visits.journals import Journal
from nyckelfri.server.visits.keep import Rejected, keep
from nyckelfri.server.visits.models import Kept, LostStretch, SaidLost


def note(batch: Batch, installation: Installation) -> None:
    """Remember what entries of a batch say of lost ones, wherever the batch belongs."""
    for entry in batch.entries if batch.kinds & {Lost, Fault} else ():
        match entry.detail:
            case Lost(first=first, last=last):
                _say(installation, entry.number, first, last, exact=True)
            case Fault(code=FaultCode.STORE_REPAIRED):
                _say(installation, entry.number, 1, entry.number - 1, exact=False)


def _say(installation: Installation, number: int, first: int, last: int, *, exact: bool) -> None:
    SaidLost.objects.get_or_create(
        installation=installation,
        number=number,
        first=first,
        last=last,
        # A lock that lies may say the same twice, once exactly and once not: the first stands.
        defaults={"exact": exact},
    )


def go_on(journal: Journal, *, phone: Phone, now: datetime) -> bool:
    """Give up the gap that is next, if the lock has said that it has nothing there."""
    number, behind = journal.number, journal.behind
    if behind is None:
        return False
    said = SaidLost.objects.filter(
        installation=journal.installation, first__lte=number + 1, last__gte=behind - 1
    )
    exact = set(said.order_by().values_list("exact", flat=True).distinct())
    if True not in exact and not (exact and journal.came_twice(behind)):
        return False
    kept = min((row for row in journal.waiting if row.first == behind), key=lambda row: row.pk)
    stretch = LostStretch.objects.create(
        installation=journal.installation,
        first=number + 1,
        last=behind - 1,
        head=delivery.claimed(bytes(kept.data)).previous,
        noted_at=now,
    )
    journal.lost.append(stretch)
    _show(stretch, phone, now)
    return True


def found_again(batch: Batch, journal: Journal) -> set[int]:
    """Numbers in the batch that were given up as lost."""
    return {
        number
        for stretch in journal.lost
        for number in range(max(stretch.first, batch.first), min(stretch.last, batch.last) + 1)
    }


def is_adrift(batch: Batch, journal: Journal) -> bool:
    """Whether it lies wholly inside a lost stretch, so that nothing says where it belongs."""
    return any(
        stretch.first < batch.first and batch.last < stretch.last for stretch in journal.lost
    )


def shrink(
    batch: Batch, numbers: Iterable[int], journal: Journal, *, phone: Phone, now: datetime
) -> None:
    """These entries of the batch are stored now: what is left of each stretch is still lost.

    A batch that has its place touches a known head, so it covers a stretch from one end or both.
    """
    stored = set(numbers)
    for stretch in list(journal.lost):
        left = [n for n in range(stretch.first, stretch.last + 1) if n not in stored]
        if len(left) == stretch.last - stretch.first + 1:
            continue
        Kept.objects.filter(
            installation=journal.installation,
            reason=Kept.Reason.LOST,
            last=stretch.last,
            resolved_at=None,
        ).update(resolved_at=now)
        if not left:
            stretch.delete()
            journal.lost.remove(stretch)
            continue
        if left[-1] < stretch.last:
            stretch.head = batch.head_at(left[-1])
        stretch.first, stretch.last = left[0], left[-1]
        stretch.save(update_fields=["first", "last", "head"])
        _show(stretch, phone, now)


def _show(stretch: LostStretch, phone: Phone, now: datetime) -> None:
    """Put it before an operator."""
    installation = stretch.installation
    rejected = Rejected(
        Kept.Reason.LOST,
        cbor.encode([stretch.first, stretch.last, stretch.head]),
        installation.identifier,
        installation,
        stretch.first,
        stretch.first,
        stretch.last,
    )
    keep(rejected, phone=phone, now=now)
