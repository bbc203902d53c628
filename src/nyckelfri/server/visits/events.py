"""From journal entries to who opened which door when, and how much charge a lock has.

House rules: called while entries are stored, of many locks at once. What physically
happened is recorded as the lock says, and never judged anew; only who it was is
looked up, by the grant's serial, and left open where the grant is not ours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from nyckelfri.door.delivery import Record
from nyckelfri.door.journal import (
    Battery,
    Entry,
    Intent,
    MotorResult,
    Outcome,
    Refusal,
    decode_entry,
)
from nyckelfri.server import bulk
from nyckelfri.server.keys.models import Issued, Subject
from nyckelfri.server.people.models import Phone
from nyckelfri.server.visits import journals, touched
from nyckelfri.server.visits.delivered import Delivered
from nyckelfri.server.visits.models import BatteryLevel, DoorEvent, StoredEntry

_RESULTS: Final = {
    MotorResult.DONE: DoorEvent.Result.DONE,
    MotorResult.JAMMED: DoorEvent.Result.JAMMED,
    MotorResult.UNKNOWN: DoorEvent.Result.UNKNOWN,
}
_EVENT: Final = (
    "installation",
    "number",
    "at",
    "mark",
    "command",
    "result",
    "reason",
    "employee",
    "issued",
    "serial",
    "received_from",
    "received_at",
    "judgement",
)
_LEVEL: Final = ("installation", "number", "at", "percent")
_HOUR: Final = 3600
_NEAR: Final = 64
"""Entries behind an intent among which its outcome stands."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Entries of a batch that are new: each with its record, and the head at it."""

    delivered: Delivered
    phone: Phone
    rows: Sequence[tuple[Entry, Record, bytes]]
    late: bool = False
    """Whether some of it was given up as lost: what comes after that may be stored already."""

    @property
    def lock(self) -> int:
        """The installation's key."""
        return self.delivered.installation.pk


@dataclass(frozen=True, slots=True)
class _Told:
    """What new entries tell, in their order; of an outcome, what was first said of its intent."""

    commands: list[tuple[Arrival, Entry, Intent | Refusal]] = field(default_factory=list)
    outcomes: dict[tuple[int, int], DoorEvent.Result] = field(default_factory=dict)
    levels: list[tuple[int, int, datetime, int]] = field(default_factory=list)
    hours: set[int] = field(default_factory=set)


def store(arrivals: Sequence[Arrival], *, now: datetime) -> list[tuple[Arrival, int]]:
    """Add the door events of new entries; of each arrival, the first whose grant is not ours."""
    told = _told(arrivals)
    for arrival in arrivals:
        if arrival.late:
            told.outcomes.update(_stored_before(arrival, told))
    people = _people([detail for _, _, detail in told.commands])
    not_ours: dict[int, tuple[Arrival, int]] = {}

    received = bulk.as_moment(now)

    def rows() -> Iterator[tuple[Any, ...]]:
        for arrival, entry, detail in told.commands:
            employee, issued = people.who(detail, arrival.lock)
            if issued is None:
                not_ours.setdefault(id(arrival), (arrival, entry.number))
            place = (arrival.lock, entry.number)
            if isinstance(detail, Refusal):
                result, reason = DoorEvent.Result.REFUSED, int(detail.reason)
            else:
                result, reason = told.outcomes.pop(place, DoorEvent.Result.PENDING), 0
            yield (
                *place,
                _moment(entry.time),
                int(entry.mark),
                int(detail.command),
                result,
                reason,
                employee,
                issued,
                detail.serial,
                arrival.phone.pk,
                received,
                "",
            )

    bulk.insert(DoorEvent, _EVENT, rows())
    if told.levels:
        bulk.insert(BatteryLevel, _LEVEL, told.levels)
    touched.note(_moment(hour * _HOUR) for hour in told.hours)
    _tell_late(told.outcomes)
    return list(not_ours.values())


def _told(arrivals: Sequence[Arrival]) -> _Told:
    told = _Told()
    for arrival in arrivals:
        lock = arrival.lock
        for entry, _, _ in arrival.rows:
            detail = entry.detail
            # The frequent ones first; a match statement takes thrice as long.
            if isinstance(detail, Intent):
                told.commands.append((arrival, entry, detail))
                told.hours.add(entry.time // _HOUR)
            elif isinstance(detail, Outcome):
                told.outcomes.setdefault((lock, detail.intent), _RESULTS[detail.result])
                told.hours.add(entry.time // _HOUR)
            elif isinstance(detail, Refusal):
                told.commands.append((arrival, entry, detail))
            elif isinstance(detail, Battery):
                told.levels.append((lock, entry.number, _moment(entry.time), detail.percent))
    return told


def _stored_before(arrival: Arrival, told: _Told) -> dict[tuple[int, int], DoorEvent.Result]:
    """Outcomes of this arrival's intents that came before the intents did."""
    lock = arrival.lock
    wanted = {
        entry.number
        for entry, _, _ in arrival.rows
        if isinstance(entry.detail, Intent) and (lock, entry.number) not in told.outcomes
    }
    if not wanted:
        return {}
    behind = StoredEntry.objects.filter(
        installation=lock, number__gt=min(wanted), number__lte=max(wanted) + _NEAR
    )
    found: dict[tuple[int, int], DoorEvent.Result] = {}
    for body in behind.order_by("number").values_list("body", flat=True):
        detail = None if body is None else decode_entry(bytes(body)).detail
        if isinstance(detail, Outcome) and detail.intent in wanted:
            found.setdefault((lock, detail.intent), _RESULTS[detail.result])
    return found


def _moment(time: int) -> datetime:
    return datetime.fromtimestamp(time, UTC)


def _tell_late(outcomes: Mapping[tuple[int, int], DoorEvent.Result]) -> None:
    """Their intents were stored before."""
    places = defaultdict(list)
    for place, result in outcomes.items():
        places[result].append(place)
    pending = DoorEvent.objects.filter(result=DoorEvent.Result.PENDING)
    for result, those in places.items():
        pending.filter(bulk.OneOf(journals.PLACE, those)).update(result=result)


@dataclass(frozen=True, slots=True)
class _People:
    """Whose the grants are that locks name."""

    grants: dict[bytes, tuple[int, int, bytes, int, bytes]]
    """By serial: its key, the installation's, the phone key's thumbprint, employee and subject."""
    subjects: dict[bytes, int]

    def who(self, said: Intent | Refusal, lock: int) -> tuple[int | None, int | None]:
        """Keys of the employee and of the grant; the one or both None where it is not ours."""
        grant = self.grants.get(said.serial)
        if grant is None:
            # A grant that a restored backup has forgotten: the lock verified it, so its
            # subject is worth showing, with the flag that goes with it.
            return self.subjects.get(said.subject), None
        issued, installation, thumbprint, employee, subject = grant
        if (installation, thumbprint, subject) == (lock, said.phone, said.subject):
            return employee, issued
        return None, None


def _people(said: Sequence[Intent | Refusal]) -> _People:
    serials = sorted({each.serial for each in said})
    grants = {
        bytes(serial): (pk, installation, bytes(thumbprint), employee, bytes(subject))
        for some in bulk.portions(serials)
        for serial, pk, installation, thumbprint, employee, subject in Issued.objects.filter(
            serial__in=some
        )
        .order_by()
        .values_list(
            "serial",
            "pk",
            "installation",
            "thumbprint",
            "employee",
            "employee__subject__identifier",
        )
    }
    unknown = sorted({each.subject for each in said if each.serial not in grants})
    subjects = {
        bytes(identifier): employee
        for some in bulk.portions(unknown)
        for identifier, employee in Subject.objects.filter(identifier__in=some).values_list(
            "identifier", "employee"
        )
    }
    return _People(grants, subjects)
