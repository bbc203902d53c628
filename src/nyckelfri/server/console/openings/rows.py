"""What the page of openings shows, as plain values.

House rules: reads only. Whoever works for a provider sees that provider's staff and
nothing else; the address of somebody with protected identity is not shown in a list.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time

from django.db.models import Q, QuerySet

from nyckelfri.care.times import ZONE
from nyckelfri.care.visits import Stay
from nyckelfri.door.reasons import Reason
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.console.openings.texts import text
from nyckelfri.server.console.texts import language
from nyckelfri.server.locks.models import Door
from nyckelfri.server.visits import queries
from nyckelfri.server.visits.models import DoorEvent

LONGEST = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Days:
    """Local days, both included."""

    first: date
    last: date

    @classmethod
    def read(cls, first: str, last: str, today: date) -> Days:
        """Read two ISO dates, the last week where none is given; ValueError if impossible."""
        end = date.fromisoformat(last) if last else today
        start = date.fromisoformat(first) if first else end - timedelta(days=6)
        if not timedelta(0) <= end - start < LONGEST or not 1900 < start.year < 9000:
            raise ValueError("not two dates in order")
        return cls(start, end)

    @property
    def start(self) -> datetime:
        """Midnight as the first day begins."""
        return datetime.combine(self.first, clock_time.min, ZONE).astimezone(UTC)

    @property
    def end(self) -> datetime:
        """Midnight as the last day ends."""
        after = self.last + timedelta(days=1)
        return datetime.combine(after, clock_time.min, ZONE).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the page, in words."""

    person: str
    number: str
    ours: bool
    door: str
    entrance: bool
    at: datetime
    command: str
    result: str
    state: str
    hint: str
    stay: str
    through: str
    mark: str
    sure: bool


def found(who: Viewer, days: Days, client: str) -> QuerySet[DoorEvent]:
    """Find the events of these days, newest first; `client` is a number or part of a name."""
    rows = queries.events().filter(at__gte=days.start, at__lt=days.end)
    if who.provider is not None:
        rows = rows.filter(employee__care_team__provider=who.provider)
    if client:
        homes = Q(installation__door__clients__external_id__iexact=client)
        names = Q(installation__door__clients__name__icontains=client)
        names &= Q(installation__door__clients__protected_identity=False) | Q(
            installation__door__clients__in=who.named
        )
        rows = rows.filter(homes | names).distinct()
    return rows


def lines(who: Viewer, events: Sequence[DoorEvent], days: Days) -> list[Line]:
    """Put events into words."""
    stays = {(stay.lock_id, stay.employee_id, stay.entry): stay for stay in _stays(days)}
    hidden = _protected(who, events)
    return [_line(event, stays, hidden) for event in events]


def _stays(days: Days) -> Iterable[Stay]:
    return queries.stays(days.start, days.end)


def _line(
    event: DoorEvent, stays: dict[tuple[str, str, datetime], Stay], hidden: dict[int, str]
) -> Line:
    door = event.installation.door
    employee = event.employee
    refused = event.result == DoorEvent.Result.REFUSED
    stay = None
    if employee is not None and event.command == DoorEvent.Command.UNLOCK:
        stay = stays.get((event.installation.identifier.hex(), employee.number, event.at))
    place = f"{door.address} {door.apartment}".strip()
    return Line(
        person=employee.name if employee else text("unknown_person"),
        number=employee.number if employee else event.serial.hex(),
        ours=event.issued_id is not None,
        door=f"{text('protected')} {hidden[door.pk]}" if door.pk in hidden else place,
        entrance=door.kind == Door.Kind.ENTRANCE,
        at=event.at,
        command=text(f"asked_{event.command}") if refused else text(f"command_{event.command}"),
        result=text(f"result_{event.result}"),
        state=event.result,
        # What happened; what to do next is for the person at the door.
        hint=Reason(event.reason).text(language()).partition(". ")[0] if refused else "",
        stay=_length(stay),
        through=event.received_from.label if event.received_from else "",
        mark=text(f"clock_{event.mark}"),
        sure=event.mark == 0,
    )


def _length(stay: Stay | None) -> str:
    if stay is None:
        return ""
    if stay.duration is None:
        return text("stay_open")
    return f"{round(stay.duration.total_seconds() / 60)} {text('minutes')}"


def _protected(who: Viewer, events: Sequence[DoorEvent]) -> dict[int, str]:
    """By front door: the number of a client with protected identity behind it."""
    doors = {event.installation.door_id for event in events}
    rows = who.hidden_doors().filter(pk__in=doors)
    return dict(rows.values_list("pk", "clients__external_id"))
