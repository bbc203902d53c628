"""What is recorded of a client, as the page shows it: plain values in the reader's language.

House rules: reads only, each kind of row with one question, whatever there is. Names of
clients come from `persons` alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import OuterRef, Subquery

from nyckelfri.care import visits as care
from nyckelfri.care.times import ZONE
from nyckelfri.server.access import worlds
from nyckelfri.server.access.actions_care import WITH_TEAMS
from nyckelfri.server.access.models import HealthAssignment, NamedStaff, Withdrawal
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.console.clients.openers import Named, named
from nyckelfri.server.console.clients.texts import text
from nyckelfri.server.console.openings.texts import text as opening_text
from nyckelfri.server.homes.models import CareDecision, Client, ProviderChoice
from nyckelfri.server.locks.models import Installation, LockUnit
from nyckelfri.server.people.models import Employee
from nyckelfri.server.visits import queries
from nyckelfri.server.visits.models import DoorEvent

LATEST = 20
_UNLOCK = DoorEvent.Command.UNLOCK


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice of provider; `pk` where it can still be undone."""

    service: str
    provider: str
    team: str
    first: date
    last: date | None
    standing: str
    state: str
    here: bool
    pk: int


def choices(client: Client, now: datetime) -> list[Choice]:
    """All that was chosen: what is in force first, then what comes, then what was."""
    rows = ProviderChoice.objects.filter(client=client, withdrawn_at=None)
    found = [
        Choice(
            service=text(f"service_{row.service}"),
            provider=row.provider.name,
            team=_team(row),
            first=row.valid_from,
            last=row.valid_till,
            standing=text(f"standing_{_standing(row, now)}"),
            state=_standing(row, now),
            here=row.recorded_here,
            pk=row.pk,
        )
        for row in rows.select_related("provider", "care_team")
    ]
    order = ("now", "coming", "past")
    return sorted(found, key=lambda row: (order.index(row.state), row.service, row.first))


def _team(row: ProviderChoice) -> str:
    if row.care_team is not None:
        return row.care_team.name
    return text("team_of_area") if row.service in WITH_TEAMS else ""


@dataclass(frozen=True, slots=True)
class Decision:
    """A care decision; `number` where it can be ended."""

    number: str
    service: str
    extent: str
    ground: str
    timing: str
    first: date
    last: date | None
    standing: str
    state: str


def decisions(client: Client, now: datetime) -> list[Decision]:
    """All that was decided: what is in force first, then what comes, then what was."""
    rows = CareDecision.objects.filter(client=client, withdrawn_at=None)
    order = ("now", "coming", "past")
    found = [
        Decision(
            number=row.external_id,
            service=text(f"service_{row.service}"),
            extent=extent(row),
            ground=text(f"ground_{row.ground}"),
            timing=row.timing,
            first=row.valid_from,
            last=row.valid_till,
            standing=text(f"standing_{_standing(row, now)}"),
            state=_standing(row, now),
        )
        for row in rows
    ]
    return sorted(found, key=lambda row: (order.index(row.state), row.service, row.first))


def extent(row: CareDecision) -> str:
    """How much is granted, in words."""
    whole = row.amount == row.amount.to_integral_value()
    amount = f"{row.amount:.0f}" if whole else f"{row.amount.normalize()}".replace(".", ",")
    return text(f"unit_{row.unit}", amount=amount)


def _standing(row: ProviderChoice | CareDecision, now: datetime) -> str:
    today = now.astimezone(ZONE).date()
    if row.valid_from > today:
        return "coming"
    return "past" if row.valid_till is not None and row.valid_till < today else "now"


@dataclass(frozen=True, slots=True)
class Unit:
    """The unit on a door; `since` is when it came into service there, None if it is not."""

    number: str
    model: str
    status: str
    state: str
    since: datetime | None


def units(client: Client) -> tuple[Unit | None, Unit | None]:
    """The units on the client's front door and entrance."""
    entrance = (
        client.entrance.door if client.entrance and hasattr(client.entrance, "door") else None
    )
    doors = [client.front_door_id, entrance.pk if entrance else None]
    live = Installation.objects.filter(lock_unit=OuterRef("pk"), retired_at=None).order_by()
    rows = list(
        LockUnit.objects.filter(door_id__in=[door for door in doors if door is not None]).annotate(
            since=Subquery(live.values("commissioned_at")[:1])
        )
    )
    # A mounted unit before one that only was planned for the same door.
    rows.sort(key=lambda row: row.status != LockUnit.Status.MOUNTED)
    by_door: dict[int | None, Unit] = {}
    for row in rows:
        by_door.setdefault(row.door_id, _unit(row, row.since))
    home, way_in = (by_door.get(door) if door is not None else None for door in doors)
    return home, way_in


def _unit(row: LockUnit, since: datetime | None) -> Unit:
    mounted = row.status == LockUnit.Status.MOUNTED
    return Unit(
        row.external_id,
        row.model,
        text(f"status_{row.status}"),
        "good" if mounted and since else "warn" if mounted else "calm",
        since,
    )


@dataclass(frozen=True, slots=True)
class Opening:
    """One opening of the client's front door."""

    at: datetime
    who: Named
    what: str
    result: str
    state: str
    stay: str


def openings(client: Client, viewer: Viewer) -> list[Opening]:
    """The latest openings of the client's front door, with how long each stay was."""
    if client.front_door_id is None:
        return []
    rows = queries.events().filter(installation__door_id=client.front_door_id)
    if viewer.provider is not None:
        rows = rows.filter(employee__care_team__provider=viewer.provider)
    latest = list(rows.order_by("-at", "-id")[:LATEST])
    lengths = _stays(latest)
    return [
        _opening(row, viewer, lengths.get((row.installation_id, row.number), "")) for row in latest
    ]


def _stays(rows: Iterable[DoorEvent]) -> dict[tuple[int, int], str]:
    """By installation and entry: how long the stay was that began there."""
    done = [row for row in rows if row.result == DoorEvent.Result.DONE and row.employee is not None]
    pairs = {
        (row.installation.identifier.hex(), row.employee.number, row.at): row
        for row in done
        if row.employee is not None and row.command == _UNLOCK
    }
    found = {}
    for stay in care.stays(queries.as_lock_event(row) for row in done):
        row = pairs.get((stay.lock_id, stay.employee_id, stay.entry))
        if row is not None and stay.duration is not None:
            minutes = round(stay.duration / timedelta(minutes=1))
            found[row.installation_id, row.number] = opening_text("minutes", count=minutes)
    return found


def _opening(row: DoorEvent, viewer: Viewer, stay: str) -> Opening:
    refused = row.result == DoorEvent.Result.REFUSED
    employee = row.employee
    who = (
        Named("", opening_text("unknown_person"), "")
        if employee is None
        else _named(employee, viewer)
    )
    return Opening(
        at=row.at,
        who=who,
        what=opening_text(f"{'asked' if refused else 'command'}_{row.command}"),
        result=opening_text(f"result_{row.result}"),
        state=row.result,
        stay=stay,
    )


@dataclass(frozen=True, slots=True)
class Entrusted:
    """Somebody who is named, assigned or withdrawn, until when and why; `pk` of that row."""

    pk: int
    who: Named
    first: date | None
    last: date | datetime | None
    reason: str
    wide: bool = False


def named_staff(client: Client, viewer: Viewer) -> list[Entrusted]:
    """Those who may see a protected client's name and address."""
    rows = NamedStaff.objects.filter(client=client, ended_at=None).select_related("employee")
    return [Entrusted(row.pk, _named(row.employee, viewer), None, None, row.reason) for row in rows]


def assigned(client: Client, viewer: Viewer, now: datetime) -> list[Entrusted]:
    """Licensed staff who are assigned to the client now or later."""
    today = now.astimezone(ZONE).date()
    rows = HealthAssignment.objects.filter(client=client, ended_at=None).select_related("employee")
    return [
        Entrusted(row.pk, _named(row.employee, viewer), row.valid_from, row.valid_till, row.reason)
        for row in rows
        if row.valid_till is None or row.valid_till >= today
    ]


def withdrawals(client: Client, viewer: Viewer, now: datetime) -> list[Entrusted]:
    """Withdrawals from this client's door that hold now, of staff whom the viewer may see."""
    rows = Withdrawal.objects.filter(
        worlds.not_ended("end", now),
        client=client,
        ended_at=None,
        employee__in=viewer.staff(),
    )
    return [
        Entrusted(
            row.pk, _named(row.employee, viewer), None, row.end, row.reason, row.client_id is None
        )
        for row in rows.select_related("employee")
    ]


def _named(employee: Employee, viewer: Viewer) -> Named:
    return named(employee.number, employee.name, viewer)
