"""Visits of a day as rows, for tests of their review: each like one that `care.derive` makes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from nyckelfri.care.times import ZONE
from nyckelfri.server.homes.models import Client, PlannedVisit
from nyckelfri.server.people.models import Employee
from nyckelfri.server.visits.models import Visit, VisitDay

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
