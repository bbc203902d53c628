"""Which openings somebody asks for: read from an address, which holds numbers and dates only.

House rules: what cannot be read is left out and said; every row comes from the viewer's own.
Whoever works for a provider sees what that provider's staff did and nothing else; whoever
is employed for certain clients sees their doors only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.db.models import OuterRef, QuerySet, Subquery

from nyckelfri.care.times import ZONE
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.console import keyset
from nyckelfri.server.console.openings.days import Days
from nyckelfri.server.console.openings.rows import read
from nyckelfri.server.console.openings.texts import text
from nyckelfri.server.homes.models import CareTeam
from nyckelfri.server.locks.models import Installation
from nyckelfri.server.people.models import Employee
from nyckelfri.server.visits.models import STANDS_OUT, DoorEvent

FIRST, LAST, CLIENT, EMPLOYEE, TEAM, RESULT, OUTSIDE = (
    "fran", "till", "kund", "personal", "grupp", "utfall", "avvikande",
)  # fmt: skip
"""Names in the address."""
RESULTS: Final = tuple(DoorEvent.Result.values)
_LONGEST: Final = 64


@dataclass(frozen=True, slots=True)
class Asked:
    """What to show; empty where anything will do. `problems` are for the reader."""

    days: Days
    client: str = ""
    employee: str = ""
    team: str = ""
    result: str = ""
    outside: bool = False
    problems: tuple[str, ...] = ()

    @classmethod
    def read(cls, given: Mapping[str, str], now: datetime) -> Asked:
        """What an address or a form asks for."""
        said = {
            name: str(given.get(name, "")).replace("\x00", "").strip()[:_LONGEST]
            for name in (FIRST, LAST, CLIENT, EMPLOYEE, TEAM, RESULT, OUTSIDE)
        }
        today = now.astimezone(ZONE).date()
        problems = []
        try:
            days = Days.read(said[FIRST], said[LAST], today)
        except ValueError:
            days = Days.read("", "", today)
            problems.append(text("wrong_dates"))
        return cls(
            days=days,
            client=said[CLIENT],
            employee=said[EMPLOYEE],
            team=said[TEAM],
            result=said[RESULT] if said[RESULT] in RESULTS else "",
            outside=bool(said[OUTSIDE]),
            problems=tuple(problems),
        )

    def on(self, day: Days) -> Asked:
        """The same of one of the days."""
        return replace(self, days=day)

    def as_query(self) -> dict[str, str]:
        """What stands in the address of exactly this."""
        said = {
            FIRST: self.days.first.isoformat(),
            LAST: self.days.last.isoformat(),
            CLIENT: self.client,
            EMPLOYEE: self.employee,
            TEAM: self.team,
            RESULT: self.result,
            OUTSIDE: "1" if self.outside else "",
        }
        return {name: value for name, value in said.items() if value}


def found(who: Viewer, asked: Asked, now: datetime) -> QuerySet[DoorEvent]:
    """The openings, newest first."""
    rows = read(DoorEvent.objects.filter(at__gte=asked.days.start, at__lt=asked.days.end))
    if who.provider is not None:
        rows = rows.filter(employee__care_team__provider=who.provider)
    if who.only is not None:
        rows = rows.filter(installation__door__in=who.clients(now).values("front_door"))
    # As numbers: among so many joined tables PostgreSQL would look for them last.
    if asked.client:
        home = who.clients(now).filter(external_id=asked.client).values("front_door")
        rows = rows.filter(installation__in=_numbers(Installation.objects.filter(door__in=home)))
    if asked.employee or asked.team:
        staff = who.staff()
        if asked.employee:
            staff = staff.filter(number=asked.employee)
        if asked.team:
            staff = staff.filter(care_team__external_id=asked.team)
        rows = rows.filter(employee__in=_numbers(staff))
    if asked.result:
        rows = rows.filter(result=asked.result)
    return rows.filter(STANDS_OUT) if asked.outside else rows


def newest(asked: Asked) -> keyset.Narrow[DoorEvent] | None:
    """What leaves out openings that are not among the newest, where a team's are asked for.

    If somebody has opened `count` doors since a moment, none of the newest `count` lies before
    it. Without that the database reads what everybody did until it has found enough of theirs.
    """

    def narrow(rows: QuerySet[DoorEvent], count: int) -> QuerySet[DoorEvent]:
        theirs = rows.filter(employee=OuterRef("pk")).values("at")[count - 1 : count]
        staff = Employee.objects.filter(care_team__external_id=asked.team).order_by()
        edges = staff.annotate(edge=Subquery(theirs)).values_list("edge", flat=True)
        known = [edge for edge in edges if edge is not None]
        return rows.filter(at__gte=max(known)) if known else rows

    few = asked.employee or asked.result or asked.outside
    return narrow if asked.team and not few else None


def _numbers(rows: QuerySet[Any]) -> list[int]:
    return list(rows.order_by().values_list("pk", flat=True))


def teams(who: Viewer) -> QuerySet[CareTeam]:
    """Teams to choose among."""
    rows = CareTeam.objects.all()
    return rows if who.provider is None else rows.filter(provider=who.provider)
