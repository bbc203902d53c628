"""What has come home: positions, receipts, openings, stays.

House rules: reads only (a receipt is signed over what is committed, and stored nowhere).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery

from nyckelfri.care import visits as care
from nyckelfri.care.visits import LockEvent, Movement, Stay
from nyckelfri.door import journal
from nyckelfri.door.delivery import Receipt
from nyckelfri.server.keys import queries as keys
from nyckelfri.server.locks.models import Installation, LockUnit
from nyckelfri.server.visits.models import DoorEvent, Kept, OpeningRecord, StoredEntry


def position(installation: Installation) -> tuple[int, bytes]:
    """Number of the newest entry stored without a gap before it, and the chain head there."""
    last = (
        StoredEntry.objects.filter(installation=installation)
        .order_by("-number")
        .values_list("number", "head")
        .first()
    )
    if last is None:
        return 0, journal.genesis(installation.identifier)
    number, head = last
    return number, bytes(head)


def head_at(installation: Installation, number: int) -> bytes:
    """The stored chain head at `number`, 0 for the genesis; LookupError if it has not come."""
    if number == 0:
        return journal.genesis(installation.identifier)
    found = (
        StoredEntry.objects.filter(installation=installation, number=number)
        .values_list("head", flat=True)
        .first()
    )
    if found is None:
        raise LookupError(f"entry {number} has not come")
    return bytes(found)


def receipts(installations: Iterable[Installation]) -> list[bytes]:
    """Sign how far each journal is committed; call it after the commit, never before."""
    key_set = keys.key_set()
    signer = keys.our_signer()
    newest = StoredEntry.objects.filter(installation=OuterRef("pk")).order_by("-number")
    committed = (
        Installation.objects.filter(pk__in={installation.pk for installation in installations})
        .order_by("pk")
        .annotate(
            number=Subquery(newest.values("number")[:1]), head=Subquery(newest.values("head")[:1])
        )
        .filter(number__isnull=False)
        .values_list("identifier", "number", "head")
    )
    return [
        signer.receipt(
            Receipt(key_set.municipality, bytes(identifier), number, bytes(head)), key_set
        )
        for identifier, number, head in committed
    ]


def wanted(installations: Iterable[Installation]) -> list[tuple[Installation, int]]:
    """List the locks that entries are missing from, with the first one missing."""
    ours = {installation.pk: installation for installation in installations}
    gaps = Kept.objects.filter(
        reason=Kept.Reason.GAP, resolved_at=None, installation__in=ours
    ).values_list("installation_id", flat=True)
    seen = OpeningRecord.objects.filter(
        standing=OpeningRecord.Standing.PENDING, installation__in=ours
    ).values_list("installation_id", flat=True)
    missing = sorted({key for key in (*gaps, *seen) if key is not None})
    return [(ours[key], position(ours[key])[0] + 1) for key in missing]


def events() -> QuerySet[DoorEvent]:
    """Every command given to a lock, newest first, with what is shown of it."""
    return DoorEvent.objects.select_related(
        "employee__care_team",
        "installation__door__entrance",
        "installation__lock_unit",
        "received_from",
    )


def unresolved() -> QuerySet[Kept]:
    """What was kept and waits for an operator, newest first."""
    return Kept.objects.filter(resolved_at=None).select_related("installation__door", "phone")


def stays(start: datetime, end: datetime) -> list[Stay]:
    """Stays in homes that began from `start` until `end`, as the locks' journals prove them."""
    rows = DoorEvent.objects.filter(
        result=DoorEvent.Result.DONE,
        command__in=(DoorEvent.Command.UNLOCK, DoorEvent.Command.LOCK),
        employee__isnull=False,
        at__gte=start - care.LONGEST_STAY,
        at__lt=end + care.LONGEST_STAY,
    ).select_related("employee", "installation__lock_unit")
    found = care.stays(as_lock_event(row) for row in rows)
    return [stay for stay in found if start <= stay.entry < end]


def as_lock_event(row: DoorEvent) -> LockEvent:
    """Give the value that the rules of stays read."""
    if row.employee is None:
        raise ValueError("an event of nobody is nobody's stay")
    unlocked = row.command == DoorEvent.Command.UNLOCK
    return LockEvent(
        lock_id=row.installation.identifier.hex(),
        number=row.number,
        employee_id=row.employee.number,
        movement=Movement.UNLOCKED if unlocked else Movement.LOCKED,
        at=row.at,
        entrance=row.installation.lock_unit.kind == LockUnit.Kind.ENTRANCE_UNIT,
    )
