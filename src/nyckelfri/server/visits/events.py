"""From journal entries to who opened which door when, and how much charge a lock has.

House rules: called while entries are stored, in their order. What physically
happened is recorded as the lock says, and never judged anew; only who it was is
looked up, by the grant's serial, and left open where the grant is not ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from nyckelfri.door.journal import Battery, Entry, Intent, MotorResult, Outcome, Refusal
from nyckelfri.server.keys.models import Issued, Subject
from nyckelfri.server.locks.models import Installation
from nyckelfri.server.people.models import Employee, Phone
from nyckelfri.server.visits import touched
from nyckelfri.server.visits.models import BatteryLevel, DoorEvent

_RESULTS = {
    MotorResult.DONE: DoorEvent.Result.DONE,
    MotorResult.JAMMED: DoorEvent.Result.JAMMED,
    MotorResult.UNKNOWN: DoorEvent.Result.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class _Person:
    employee: Employee | None
    issued: Issued | None


def store(
    entries: Sequence[Entry], *, installation: Installation, phone: Phone | None, now: datetime
) -> list[Entry]:
    """Add the door events of new entries; those whose grant is not ours are given back."""
    asked = [
        (entry, entry.detail) for entry in entries if isinstance(entry.detail, Intent | Refusal)
    ]
    people = _people([detail for _, detail in asked], installation)
    rows = {
        entry.number: DoorEvent(
            installation=installation,
            number=entry.number,
            at=datetime.fromtimestamp(entry.time, UTC),
            mark=int(entry.mark),
            command=int(detail.command),
            result=(
                DoorEvent.Result.PENDING if isinstance(detail, Intent) else DoorEvent.Result.REFUSED
            ),
            reason=int(detail.reason) if isinstance(detail, Refusal) else 0,
            employee=person.employee,
            issued=person.issued,
            serial=detail.serial,
            received_from=phone,
            received_at=now,
        )
        for (entry, detail), person in zip(asked, people, strict=True)
    }
    late: dict[int, DoorEvent.Result] = {}
    for entry in entries:
        if isinstance(entry.detail, Outcome):
            intent, result = entry.detail.intent, _RESULTS[entry.detail.result]
            if intent in rows:
                rows[intent].result = result
            else:
                late[intent] = result
    DoorEvent.objects.bulk_create(rows.values(), batch_size=100)
    BatteryLevel.objects.bulk_create(
        BatteryLevel(
            installation=installation,
            number=entry.number,
            at=datetime.fromtimestamp(entry.time, UTC),
            percent=entry.detail.percent,
        )
        for entry in entries
        if isinstance(entry.detail, Battery)
    )
    told = [entry for entry in entries if isinstance(entry.detail, Intent | Outcome)]
    touched.note(datetime.fromtimestamp(entry.time, UTC) for entry in told)
    for number, result in late.items():
        DoorEvent.objects.filter(
            installation=installation, number=number, result=DoorEvent.Result.PENDING
        ).update(result=result)
    return [
        entry for (entry, _), person in zip(asked, people, strict=True) if person.issued is None
    ]


def _people(details: Iterable[Intent | Refusal], installation: Installation) -> list[_Person]:
    wanted = list(details)
    by_serial = {
        row.serial: row
        for row in Issued.objects.filter(
            serial__in={detail.serial for detail in wanted}
        ).select_related("employee__subject")
    }
    by_subject = {
        row.identifier: row.employee
        for row in Subject.objects.filter(
            identifier__in={detail.subject for detail in wanted}
        ).select_related("employee")
    }
    return [_person(detail, installation, by_serial, by_subject) for detail in wanted]


def _person(
    detail: Intent | Refusal,
    installation: Installation,
    by_serial: dict[bytes, Issued],
    by_subject: dict[bytes, Employee],
) -> _Person:
    row = by_serial.get(detail.serial)
    if row is None:
        # A grant that a restored backup has forgotten: the lock verified it, so its
        # subject is worth showing, with the flag that goes with it.
        return _Person(by_subject.get(detail.subject), None)
    as_issued = (
        row.installation_id == installation.pk
        and row.thumbprint == detail.phone
        and row.employee.subject.identifier == detail.subject
    )
    return _Person(row.employee, row) if as_issued else _Person(None, None)
