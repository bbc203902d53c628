"""Evidence of visits, stored as phones and locks bring it, for tests of what follows from it."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from nyckelfri.server.access.viewers import Viewer, viewer
from nyckelfri.server.homes.models import CareTeam, Client, PlannedVisit
from nyckelfri.server.locks.models import Installation, LockUnit, NfcLabel
from nyckelfri.server.people.models import Employee, Phone, Role
from nyckelfri.server.visits import actions_derive, touched
from nyckelfri.server.visits.actions_derive import Outcomes
from nyckelfri.server.visits.models import DoorEvent, PhoneEntry, Visit

DAY = date(2026, 11, 23)
LATER = datetime(2026, 12, 2, 8, tzinfo=UTC)
"""When everything of that day has come home."""


def at(clock: str, day: date = DAY) -> datetime:
    """The moment at which a clock in UTC shows this."""
    hours, minutes = clock.split(":")
    return datetime(day.year, day.month, day.day, int(hours), int(minutes), tzinfo=UTC)


@dataclass
class Evidence:
    """Writes what a home's lock and label told; each moment is a clock in UTC of the day."""

    client: Client
    unit: LockUnit
    label: NfcLabel
    installation: Installation = field(init=False)
    phone: Phone = field(init=False)
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        key = bytes([self.unit.pk % 256])
        self.installation = Installation.objects.create(
            identifier=key * 8,
            lock_unit=self.unit,
            door=self.unit.door,
            lock_key_x=key * 32,
            signing_key=key * 33,
            radio_key=key * 16,
            commissioned_at=at("00:00") - timedelta(days=300),
        )
        self.phone = Phone.objects.create(
            identifier=key * 8, label=f"T{self.unit.pk}", registered_at=at("00:00")
        )

    def door(
        self, employee: Employee, clock: str, *, lock: bool = False, day: date = DAY
    ) -> DoorEvent:
        """The employee's phone moved the lock."""
        command = DoorEvent.Command.LOCK if lock else DoorEvent.Command.UNLOCK
        row = DoorEvent.objects.create(
            installation=self.installation,
            number=next(self.numbers),
            at=at(clock, day),
            mark=0,
            command=command,
            result=DoorEvent.Result.DONE,
            employee=employee,
            serial=bytes(8),
            received_at=at(clock, day) + timedelta(minutes=5),
        )
        touched.note([row.at])
        return row

    def stay(self, employee: Employee, begin: str, end: str) -> None:
        """Unlocked and locked behind oneself."""
        self.door(employee, begin)
        self.door(employee, end, lock=True)

    def entry(
        self, employee: Employee, kind: PhoneEntry.Kind, clock: str, **more: Any
    ) -> PhoneEntry:
        """What somebody entered on a phone."""
        row = PhoneEntry.objects.create(
            phone=self.phone,
            uuid=uuid.UUID(int=next(self.numbers) + 2**64 * self.unit.pk),
            digest=bytes(16),
            kind=kind,
            at=at(clock),
            employee=employee,
            client=self.client,
            received_at=at(clock) + timedelta(minutes=5),
            **more,
        )
        touched.note([at(clock)])
        return row

    def tap(self, employee: Employee, clock: str, verdict: str = "plain") -> PhoneEntry:
        """The label was read."""
        return self.entry(employee, PhoneEntry.Kind.TAP, clock, label=self.label, verdict=verdict)


def plan(
    client: Client, employee: Employee, begin: str, end: str, *,
    services: tuple[str, ...] = ("care",), second: Employee | None = None, day: date = DAY,
) -> PlannedVisit:  # fmt: skip
    """A planned visit of the day."""
    return PlannedVisit.objects.create(
        external_id=f"W{PlannedVisit.objects.count() + 1}",
        client=client,
        employee=employee,
        second_employee=second,
        start=at(begin, day),
        end=at(end, day),
        services=list(services),
    )


def derive(day: date = DAY, now: datetime = LATER) -> Outcomes:
    """Derive the day."""
    return actions_derive.derive_days([day], now=now)


def only() -> Visit:
    """The one visit there is."""
    return Visit.objects.select_related("correction").get()


def clerk(role: Role, team: CareTeam | None = None, number: str = "") -> Viewer:
    """Somebody of this role, for one provider's team or for the municipality."""
    employee = Employee.objects.create(
        number=number or f"K{Employee.objects.count()}",
        name="Kim Kontor",
        role=role,
        care_team=team,
        employed_from=date(2020, 1, 1),
    )
    found = viewer(employee)
    assert found is not None
    return found
