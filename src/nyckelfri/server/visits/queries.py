"""What has come home: positions, receipts, openings, stays.

House rules: reads only (a receipt is signed over what is committed, and stored nowhere).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from django.db.models import F, QuerySet

from nyckelfri.care import visits as care
from nyckelfri.care.visits import LockEvent, Movement, Stay
from nyckelfri.door.delivery import Receipt
from nyckelfri.server.keys import queries as keys
from nyckelfri.server.locks.models import Door, Installation
from nyckelfri.server.questions import Among, Question, Values, ask
from nyckelfri.server.visits import journals
from nyckelfri.server.visits.journals import Journal
from nyckelfri.server.visits.models import (
    DoorEvent,
    Kept,
    LostStretch,
    StoredEntry,
)


def receipts(
    installations: Iterable[Installation], known: Mapping[int, Journal] = MappingProxyType({})
) -> list[bytes]:
    """Sign how far each journal is committed; call it after the commit, never before.

    Journals that are `known` are not read again: what they say is committed too.
    """
    found = sorted(journals.of(installations, known).items())
    committed = [journal for _, journal in found if journal.stored[0]]
    if not committed:
        return []
    key_set = keys.key_set()
    signer = keys.our_signer()
    return [
        signer.receipt(
            Receipt(key_set.municipality, journal.installation.identifier, *journal.stored), key_set
        )
        for journal in committed
    ]


def awaited() -> int:
    """Count the openings that phones saw and no journal has told of yet."""
    return (
        Installation.objects.annotate(come=journals.reaches())
        .filter(openings__number__gt=F("come"), openings__head__isnull=False)
        .count()
    )


def counts(installation: Installation) -> tuple[int, int]:
    """How many entries are stored, and how many are known to be lost."""
    stored = StoredEntry.objects.filter(installation=installation).count()
    stretches = LostStretch.objects.filter(installation=installation)
    return stored, sum(stretch.last - stretch.first + 1 for stretch in stretches)


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
    return kept().filter(resolved_at=None, settled_at=None)


def settled() -> QuerySet[Kept]:
    """What somebody has dealt with, newest first."""
    return kept().exclude(settled_at=None)


def kept() -> QuerySet[Kept]:
    """Everything that was kept, newest first."""
    return Kept.objects.select_related(
        "installation__door", "installation__lock_unit", "phone__holder", "settled_by"
    )


def stays(start: datetime, end: datetime, installations: Iterable[int] | None = None) -> list[Stay]:
    """Stays in homes that began from `start` until `end`, as the locks' journals prove them.

    `installations` (primary keys) limit them to these locks.
    """
    rows = DoorEvent.objects.filter(
        result=DoorEvent.Result.DONE,
        command__in=(DoorEvent.Command.UNLOCK, DoorEvent.Command.LOCK),
        employee__isnull=False,
        at__gte=start - care.LONGEST_STAY,
        at__lt=end + care.LONGEST_STAY,
    )
    if installations is not None:
        rows = rows.filter(installation__in=set(installations))
    found = care.stays(lock_events(rows))
    return [stay for stay in found if start <= stay.entry < end]


def lock_events(rows: QuerySet[DoorEvent]) -> Iterator[LockEvent]:
    """Give the values that the rules of stays read, of rows that have an employee.

    The rules put them in order: by values, since a day of a large municipality is long.
    """
    values = rows.order_by().values_list(
        "installation__identifier",
        "number",
        "employee__number",
        "command",
        "at",
        "installation__door__kind",
    )
    return (_lock_event(*row) for row in values)


@Question
def _around() -> Values:
    """Ask what the same people did at the same doors around the `unlockings`."""
    began = "installation__door_events"
    rows = DoorEvent.objects.filter(
        Among(f"{began}__pk", "unlockings"),
        result=DoorEvent.Result.DONE,
        command__in=(DoorEvent.Command.UNLOCK, DoorEvent.Command.LOCK),
        employee=F(f"{began}__employee"),
        at__gte=F(f"{began}__at") - care.LONGEST_STAY,
        at__lt=F(f"{began}__at") + care.LONGEST_STAY,
    )
    return rows.order_by().values_list("installation", "employee", "number", "command", "at")


def stays_begun(unlockings: Sequence[DoorEvent]) -> list[Stay]:
    """Stays that these began, by somebody known; each brings `employee` and `installation__door`.

    However far apart they lie, only what happened around each is read.
    """
    known = {(row.installation_id, row.employee_id): row for row in unlockings}
    found = []
    (around,) = ask(_around, unlockings=[row.pk for row in unlockings])
    for lock, employee, number, command, at in around:
        row = known[lock, employee]
        identifier, door = row.installation.identifier, row.installation.door
        who = row.employee.number if row.employee else ""
        found.append(_lock_event(identifier, number, who, command, at, door.kind))
    return care.stays(found)


def as_lock_event(row: DoorEvent) -> LockEvent:
    """Give the value that the rules of stays read."""
    if row.employee is None:
        raise ValueError("an event of nobody is nobody's stay")
    return _lock_event(
        row.installation.identifier,
        row.number,
        row.employee.number,
        row.command,
        row.at,
        row.installation.door.kind,
    )


def _lock_event(  # noqa: PLR0917 -- the columns of one row
    installation: bytes | memoryview,
    number: int,
    employee: str,
    command: int,
    at: datetime,
    kind: str,
) -> LockEvent:
    unlocked = command == DoorEvent.Command.UNLOCK
    return LockEvent(
        lock_id=installation.hex(),
        number=number,
        employee_id=employee,
        movement=Movement.UNLOCKED if unlocked else Movement.LOCKED,
        at=at,
        entrance=kind == Door.Kind.ENTRANCE,
    )
