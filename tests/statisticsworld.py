"""A month of visits that is measured by hand: short ways to write its rows.

House rules: rows as deriving and review leave them; nothing is reckoned here. What a test depends
on it writes itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from nyckelfri.care.statistics.month import Measures
from nyckelfri.care.statistics.planned import Performance
from nyckelfri.care.times import local_moment
from nyckelfri.server.homes.models import CareTeam, Client, PlannedVisit, Provider
from nyckelfri.server.locks.models import Door, LockUnit
from nyckelfri.server.people.models import Employee
from nyckelfri.server.visits import actions_statistics, kept_measures
from nyckelfri.server.visits.models import (
    Correction,
    ForeignAlarm,
    ForeignDoorEvent,
    MeasuredMonth,
    Visit,
    VisitDay,
)

NOVEMBER: Final = date(2026, 11, 1)
NOW: Final = datetime(2026, 12, 1, 6, tzinfo=UTC)
LONG_AGO: Final = date(2024, 1, 1)


def clock(day: int, hour: float = 8, month: int = 11) -> datetime:
    """A Swedish time of 2026."""
    return local_moment(date(2026, month, day), time.min) + timedelta(hours=hour)


def measured_for_all(now: datetime) -> None:
    """The same few figures of the month before, of the municipality and of every provider."""
    made = Performance(10, 300, 9, 200, 0, 0, 1, 0, 0, 0, 0)
    none: Any = dict.fromkeys(Measures._fields)
    groups: Any = {name: {} for name in none if name.endswith(("_weeks", "_teams"))}
    kept = kept_measures.stored(Measures(**{**none, **groups, "performed": made}))
    before = (now.date().replace(day=1) - timedelta(days=1)).replace(day=1)
    for provider in (None, *Provider.objects.all()):
        MeasuredMonth.objects.create(
            month=before, provider=provider, measures=kept, measured_at=now
        )


@dataclass
class Group:
    """A team, who works in it and whom it visits."""

    team: CareTeam
    staff: list[Employee]
    clients: list[Client]


@dataclass
class Figures:
    """Visits by number, and a day derived for each month that has some."""

    made: int = field(default=0)

    def group(
        self, number: int, provider: Provider, name: str, staff: int = 3, clients: int = 5
    ) -> Group:
        """A team of so many, with so many clients of their own, each behind a door with a lock."""
        team = CareTeam.objects.create(
            external_id=f"S{number}", name=name, provider=provider, kind="home_care"
        )
        return Group(
            team,
            [
                Employee.objects.create(
                    number=f"7{number}{at:03}", name=f"Personal{number}{at:03}", care_team=team,
                    role="assistant_nurse", employed_from=LONG_AGO,
                )
                for at in range(staff)
            ],
            [self._client(f"S{number}{at:03}") for at in range(clients)],
        )  # fmt: skip

    def _client(self, number: str) -> Client:
        door = Door.objects.create(kind="front_door", address="Storgatan 1", apartment=number)
        LockUnit.objects.create(
            external_id=f"L{number}", kind="thumb_turn", model="V-1", serial=f"SN{number}",
            status="mounted", door=door,
        )  # fmt: skip
        return Client.objects.create(
            external_id=number, personal_number=f"19350101-{number[1:]}", name=f"Kund {number}",
            address="Storgatan 1", apartment=number, front_door=door, area="Centrum",
            civil_status="single",
        )  # fmt: skip

    def visit(
        self,
        group: Group,
        at: int,
        day: int = 3,
        hour: float = 8,
        *,
        late: int | None = 0,
        planned: bool = True,
        by: int | None = None,
        **more: Any,
    ) -> Visit:
        """Half an hour planned and 20 minutes performed, so many minutes late; None is not made.

        The client and the employee are the group's, by number.
        """
        self.made += 1
        client = group.clients[at % len(group.clients)]
        employee = group.staff[(at if by is None else by) % len(group.staff)]
        start = clock(day, hour, more.pop("month", 11))
        local = start.astimezone(UTC) + timedelta(hours=1)
        plan = planned and PlannedVisit.objects.create(
            external_id=f"P{self.made}", client=client, employee=employee,
            start=start, end=start + timedelta(minutes=30), services=["care"],
        )  # fmt: skip
        entry = None if late is None else start + timedelta(minutes=late)
        values = {
            "key": f"s{self.made}", "day": local.date(), "client": client, "employee": employee,
            "planned": plan or None, "provider": group.team.provider, "care_team": group.team,
            "outcome": "not_made" if entry is None else "performed",
            "grade": "none" if entry is None else "door_and_label",
            "entry": entry, "exit": entry and entry + timedelta(minutes=20), "services": ["care"],
        }  # fmt: skip
        VisitDay.objects.get_or_create(day=local.date(), defaults={"derived_at": NOW})
        return Visit.objects.create(**(values | more))

    def correct(self, visit: Visit, by: Employee, **said: Any) -> Correction:
        """What somebody says it was, in force."""
        values = {
            "outcome": "performed", "entry": visit.entry, "exit": visit.exit,
            "services": ["care"], "reason": "x", "corrected_at": NOW, "corrected_by": by,
        }  # fmt: skip
        visit.correction = Correction.objects.create(visit=visit, **(values | said))
        visit.save()
        return visit.correction

    def alarm(
        self, group: Group, at: int, minutes: int | None, *, said: int | None = None, day: int = 3
    ) -> None:
        """An alarm at noon; the door opened by whoever took it so many minutes after."""
        self.made += 1
        noon, client = clock(day, 12), group.clients[at % len(group.clients)]
        employee = group.staff[at % len(group.staff)]
        ForeignAlarm.objects.create(
            external_id=f"A{self.made}", client=client, at=noon, employee=employee,
            on_site_at=None if said is None else noon + timedelta(minutes=said),
        )  # fmt: skip
        if minutes is not None:
            ForeignDoorEvent.objects.create(
                external_id=f"D{self.made}", number=self.made, what="unlocked",
                lock_unit=LockUnit.objects.get(door=client.front_door), employee=employee,
                at=noon + timedelta(minutes=minutes), received_at=NOW,
            )  # fmt: skip

    def measure(self, month: date = NOVEMBER) -> None:
        """Measure the month as the round does."""
        actions_statistics.measure(month, NOW)
