"""What the register knows of what entries name: read once for all of them.

House rules: reads only; a fixed number of queries, and one more for each person and day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q

from nyckelfri.care.times import ZONE, local_moment
from nyckelfri.server.access.models import HealthAssignment, OwnClient, Takeover
from nyckelfri.server.homes.models import CareTeam, Client, PlannedVisit, ProviderChoice
from nyckelfri.server.keys.models import Issued
from nyckelfri.server.locks.models import Installation, NfcLabel
from nyckelfri.server.people.models import Employee, Phone
from nyckelfri.server.phones.models import PersonalSession
from nyckelfri.server.visits import authors
from nyckelfri.server.visits.authors import SignedIn

_SESSION_REACH = timedelta(hours=40)
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Named:
    """What some entries name, as they name it."""

    moments: frozenset[datetime]
    staff: frozenset[str]
    clients: frozenset[str]
    visits: frozenset[str]
    locks: frozenset[bytes]
    labels: frozenset[str]


@dataclass(slots=True)
class Registered:
    """The rows behind those names; what is not there is not registered."""

    sessions: list[SignedIn]
    staff: dict[int, Employee]
    numbers: dict[str, int]
    clients: dict[str, Client]
    visits: dict[str, PlannedVisit]
    locks: dict[bytes, Installation]
    labels: dict[str, NfcLabel]
    theirs: dict[tuple[int, date], set[int]]

    def authors(self, moment: datetime) -> list[Employee]:
        """Who was signed in at that moment, the likeliest first."""
        return [self.staff[pk] for pk in authors.at(moment, self.sessions)]

    def employee(self, number: str) -> Employee | None:
        """The employee with that number."""
        return self.staff.get(self.numbers.get(number, 0))

    def is_theirs(self, employee: Employee, client: Client, moment: datetime) -> bool:
        """Whether this client was this employee's to visit that day."""
        return client.pk in self.theirs.get((employee.pk, day(moment)), ())


def day(moment: datetime) -> date:
    """The local day."""
    return moment.astimezone(ZONE).date()


def look_up(phone: Phone, named: Named) -> Registered:
    """Read what these names stand for, and who was signed in on the phone.

    The labels are locked: of two that bring the same reading one comes first.
    """
    sessions = _sessions(phone, named.moments)
    people = Employee.objects.filter(
        Q(number__in=named.staff) | Q(pk__in={one.employee for one in sessions})
    ).select_related("care_team")
    staff = {row.pk: row for row in people}
    labels = NfcLabel.objects.filter(external_id__in=named.labels).order_by("pk")
    return Registered(
        sessions=sessions,
        staff=staff,
        numbers={row.number: row.pk for row in staff.values()},
        clients=_by("external_id", Client.objects.filter(external_id__in=named.clients)),
        visits=_by("external_id", PlannedVisit.objects.filter(external_id__in=named.visits)),
        locks=_by("identifier", Installation.objects.filter(identifier__in=named.locks)),
        labels=_by("external_id", labels.select_for_update(no_key=True)),
        theirs={},
    )


def find_theirs(found: Registered, pairs: Iterable[tuple[Employee, Client, datetime]]) -> None:
    """Find out which of these clients are whose, so that `is_theirs` can tell."""
    asked: defaultdict[tuple[int, date], set[int]] = defaultdict(set)
    for employee, client, moment in pairs:
        asked[employee.pk, day(moment)].add(client.pk)
    for (pk, on), clients in asked.items():
        rows = Client.objects.filter(_of(found.staff[pk], on), pk__in=clients)
        found.theirs[pk, on] = set(rows.order_by().values_list("pk", flat=True))


def _of(employee: Employee, on: date) -> Q:
    """Clients of this employee on that day: by plan, by a key, by choice, area or assignment."""
    start, end = local_moment(on, time.min) - _A_DAY, local_moment(on, time.min) + 2 * _A_DAY
    in_force = Q(valid_till=None) | Q(valid_till__gte=on)
    planned = PlannedVisit.objects.filter(client=OuterRef("pk"), start__lt=end, end__gt=start)
    taken = Takeover.objects.filter(employee=employee).order_by().values("visit_id")
    by_plan = planned.filter(Q(employee=employee) | Q(second_employee=employee) | Q(pk__in=taken))
    by_key = Issued.objects.filter(
        employee=employee,
        installation__door=OuterRef("front_door"),
        not_before__lt=end,
        not_after__gt=start,
    )
    assigned = HealthAssignment.objects.filter(
        in_force, employee=employee, client=OuterRef("pk"), valid_from__lte=on
    )
    found = Q(Exists(by_plan)) | Q(Exists(by_key)) | Q(Exists(assigned))
    team = employee.care_team
    if team is not None and team.kind == CareTeam.Kind.HOME_CARE:
        chosen = ProviderChoice.objects.filter(
            in_force, client=OuterRef("pk"), provider=team.provider_id, valid_from__lte=on
        )
        found |= Q(Exists(chosen))
    elif team is not None:
        found |= Q(area=team.area) if team.area else Q(pk__isnull=False)
    only = OwnClient.objects.filter(employee=employee, ended_at=None)
    return found & (~Exists(only) | Q(Exists(only.filter(client=OuterRef("pk")))))


def _sessions(phone: Phone, moments: frozenset[datetime]) -> list[SignedIn]:
    if not moments:
        return []
    rows = PersonalSession.objects.filter(
        phone=phone,
        opened_at__gt=min(moments) - _SESSION_REACH,
        opened_at__lt=max(moments) + authors.SLACK,
    )
    values = rows.order_by("opened_at", "pk").values_list("employee_id", "opened_at", "until")
    return [SignedIn(*row) for row in values]


def moment(seconds: int) -> datetime:
    """Unix seconds as a moment."""
    return datetime.fromtimestamp(seconds, UTC)


def _by(name: str, rows: Any) -> dict[Any, Any]:
    return {getattr(row, name): row for row in rows}
