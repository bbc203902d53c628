"""Visits of a day as rows, for tests of their review: each like one that `care.derive` makes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from nyckelfri.care.times import ZONE
from nyckelfri.server.homes.models import Client, PlannedVisit
from nyckelfri.server.people.models import Employee
from nyckelfri.server.visits.models import LooseSign, OfficeEntry, Visit, VisitDay

_numbers: Iterator[int] = count(1)
MINUTE = timedelta(minutes=1)


def planned(
    client: Client, employee: Employee, start: datetime, *, length: int = 30, **more: Any
) -> PlannedVisit:
    """A planned visit of so many minutes."""
    return PlannedVisit.objects.create(
        external_id=f"VT{next(_numbers):05}", client=client, employee=employee, start=start,
        end=start + length * MINUTE, **{"services": ["care"], **more},
    )  # fmt: skip


def performed(
    plan: PlannedVisit | None = None, *, late: int = 2, length: int = 28, **more: Any
) -> Visit:
    """A visit that follows its plan, `late` minutes late; `more` says what differs."""
    said: dict[str, Any] = {"services": ["care"], "outcome": "performed", "grade": "door"}
    if plan is not None:
        begins = plan.start + late * MINUTE
        said |= {
            "planned": plan, "client": plan.client, "employee": plan.employee, "entry": begins,
            "exit": begins + length * MINUTE, "services": plan.services,
        }  # fmt: skip
    said |= more
    begins = said["entry"] or said["planned"].start
    said.setdefault("day", begins.astimezone(ZONE).date())
    team = said["employee"].care_team
    said.setdefault("provider", team and team.provider)
    said.setdefault("care_team", team)
    VisitDay.objects.get_or_create(day=said["day"], defaults={"derived_at": begins})
    return Visit.objects.create(key=f"t{next(_numbers)}", **said)


def not_made(plan: PlannedVisit, **more: Any) -> Visit:
    """A planned visit that nothing tells of."""
    said = {"outcome": "not_made", "grade": "none", "flags": ["not_made"], "services": []}
    return performed(plan, entry=None, exit=None, **{**said, **more})


def visit_of(employee: Employee, client: Client) -> Visit:
    """One visit by this employee, made when first asked for."""
    found = Visit.objects.filter(employee=employee).first()
    begins = datetime(2026, 11, 22, 7, tzinfo=UTC)
    return found or performed(planned(client, employee, begins), flags=["no_exit"])


def loose_sign_of(employee: Employee, moment: datetime) -> LooseSign:
    """Signs of this employee's that belong to no visit, stored when first asked for."""
    sign, _ = LooseSign.objects.get_or_create(
        key=f"s{employee.pk}", day=moment.date(), flag="wrong_door", employee=employee, at=moment
    )
    return sign


def office_entry_of(employee: Employee, client: Client, moment: datetime) -> OfficeEntry:
    """A visit that the office entered for this employee, stored when first asked for."""
    begins = moment - timedelta(hours=24)
    said = {"exit": begins + 30 * MINUTE, "services": ["care"], "reason": "x", "entered_at": moment}
    entry, _ = OfficeEntry.objects.get_or_create(
        client=client, employee=employee, kind=OfficeEntry.Kind.VISIT, entry=begins,
        entered_by=employee, defaults=said,
    )  # fmt: skip
    return entry


def questions(asked: Iterable[dict[str, str]]) -> int:
    """How many of these are questions or changes, and not how a transaction begins and ends."""
    return sum(each["sql"].startswith(("SELECT", "INSERT", "UPDATE", "WITH")) for each in asked)
