"""Visits of a month as rows that somebody has approved, prices, and an accountant: for pay.

House rules: rows are like those that the program itself makes, so that what is tested is paid
as in a municipality.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import paidinvoice
from nyckelfri.care.times import ZONE
from nyckelfri.server.access.viewers import Viewer, viewer
from nyckelfri.server.homes.models import Client, PlannedVisit
from nyckelfri.server.money import actions_received, actions_statements
from nyckelfri.server.money.models import MonthRun, PayPrice, ReceivedInvoice, Statement
from nyckelfri.server.people.models import Employee, Role
from nyckelfri.server.visits import actions_month
from nyckelfri.server.visits.models import Month, Visit

AUGUST, SEPTEMBER, NOVEMBER = date(2026, 8, 1), date(2026, 9, 1), date(2026, 11, 1)
LATER = datetime(2026, 12, 7, 8, 0, tzinfo=UTC)
"""When November is over, and everything has come home."""
_numbers: Iterator[int] = count(1)


def visit(client: Client, employee: Employee, day: int, minutes: float = 30, **more: Any) -> Visit:
    """A visit on a day of a month at nine, planned as long as it took, and approved."""
    on = more.pop("month", NOVEMBER).replace(day=day)
    entry = datetime.combine(on, time(9), tzinfo=ZONE).astimezone(UTC)
    exit_ = entry + timedelta(minutes=minutes)
    planned = PlannedVisit.objects.create(
        external_id=f"P{next(_numbers):05}", client=client, employee=employee,
        start=entry, end=entry + timedelta(minutes=round(minutes)), services=["care"],
    )  # fmt: skip
    team = employee.care_team
    said: dict[str, Any] = {
        "day": on, "client": client, "employee": employee, "planned": planned,
        "provider": team and team.provider, "care_team": team, "outcome": "performed",
        "grade": "door_and_label", "entry": entry, "exit": exit_, "services": ["care"],
        "approved_at": LATER - timedelta(days=3), "approved_by": employee,
    }  # fmt: skip
    return Visit.objects.create(key=f"paid-{next(_numbers)}", **{**said, **more})


def paid(employee: Employee, client: Client, first: date) -> Statement:
    """The second version of a statement for a month before November; both made once."""
    team = employee.care_team
    assert team is not None
    known = Statement.objects.filter(provider=team.provider, month__first=first, version=2).first()
    if known is not None:
        return known
    if not PayPrice.objects.exists():
        price()
    month = closed_by_hand(first)
    for day in (2, 3):
        visit(client, employee, day, month=first)
        make(month)
    return Statement.objects.get(provider=team.provider, month=month, version=2)


def closed_by_hand(first: date) -> Month:
    """A month before November, closed."""
    said = {"lock_date": first, "closed_at": LATER, "closed_by": accountant().employee}
    return Month.objects.get_or_create(first=first, defaults=said)[0]


def received(statement: Statement) -> ReceivedInvoice:
    """The provider's own invoice for a statement, taken in once."""
    known = statement.received_invoices.first()
    data = paidinvoice.of(statement).xml()
    return known or actions_received.take_in(accountant(), data, now=LATER)


def price(
    service: str = "care", kronor: str = "464.00", unit: str = "hour", ground: str = "performed",
    **more: Any,
) -> PayPrice:  # fmt: skip
    """A price from the beginning of the year."""
    said = {"area": "", "valid_from": date(2026, 1, 1), **more}
    return PayPrice.objects.create(
        service=service, price=Decimal(kronor), unit=unit, ground=ground, **said
    )


def accountant() -> Viewer:
    """Somebody of the finance office."""
    return _somebody("90001", Role.ACCOUNTANT)


def reviewer() -> Viewer:
    """A planner of the whole municipality."""
    return _somebody("90002", Role.PLANNER)


def _somebody(number: str, role: Role) -> Viewer:
    of_role = Employee.objects.filter(role=role, care_team=None).order_by("pk").first()
    employee = of_role or Employee.objects.create(
        number=number, name=role.label, role=role, employed_from="2024-01-01"
    )
    found = viewer(employee)
    assert found is not None
    return found


def closed() -> Month:
    """November, closed."""
    return actions_month.close(accountant(), NOVEMBER, now=LATER)


def make(month: Month, now: datetime = LATER) -> MonthRun:
    """Have the statements of a month made, here and now."""
    run = actions_statements.begin_alone(accountant(), month, now=now)
    actions_statements.work(run, lambda: now)
    run.refresh_from_db()
    return run


def newest(provider: Any) -> Statement:
    """The last version of a provider's November."""
    return Statement.objects.filter(provider=provider).order_by("version").last() or _none()


def _none() -> Statement:
    raise AssertionError("the provider has no statement")
