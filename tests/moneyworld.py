"""A closed October of a few clients, to be invoiced: short ways to write its rows.

House rules: visits are approved rows, as review leaves them; the tariff is Björkvik's of 2026.
What a test depends on it writes itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from nyckelfri.care.times import ZONE
from nyckelfri.server import dated_settings
from nyckelfri.server.access.viewers import Viewer, viewer
from nyckelfri.server.homes.models import CareDecision, Client
from nyckelfri.server.money import actions_run
from nyckelfri.server.money.models import (
    Delivery,
    FeeBasis,
    Invoice,
    LeftOut,
    MoneyRules,
    MonthRun,
    Series,
    TariffPrice,
)
from nyckelfri.server.money.papers import stored
from nyckelfri.server.money.papers.content import InvoiceContent
from nyckelfri.server.money.sender import Sender
from nyckelfri.server.people.models import Employee, Role
from nyckelfri.server.visits.models import Correction, Month, Visit

OCTOBER = date(2026, 10, 1)
NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
ISSUED, DUE = date(2026, 11, 24), date(2026, 12, 24)
LONG_AGO = date(2024, 1, 1)
SENDER = Sender(
    valid_from=LONG_AGO,
    name="Björkviks kommun",
    address="Box 12",
    postcode="940 30",
    town="Björkvik",
    org_number="212999-2083",
    vat_number="SE212999208301",
    bankgiro="5050-1055",
    telephone="0123-400 00, vardagar 8–17",
)
PRICES = {"care": ("133", "hour"), "household": ("373", "hour"), "alarm": ("227", "month"),
          "meals": ("68", "piece"), "missed_visit": ("100", "piece")}  # fmt: skip


@dataclass
class Money:
    """October, closed; an accountant; and who made the visits."""

    carer: Employee
    accountant: Viewer
    month: Month
    visits: int = field(default=0)

    def client(self, number: str, **more: Any) -> Client:
        """A client without decisions."""
        made = {
            "personal_number": f"1930{int(number[1:]):08}", "name": f"Kund {number}",
            "address": "Storgatan 1", "area": "Centrum", "civil_status": "single", **more,
        }  # fmt: skip
        return Client.objects.create(external_id=number, **made)

    def visit(
        self, client: Client, day: int = 1, seconds: int = 1800, hour: int = 8, **more: Any
    ) -> Visit:
        """A visit of October, approved unless `approved=False`."""
        self.visits += 1
        begin = datetime(2026, 10, day, hour, tzinfo=ZONE).astimezone(UTC)
        end = begin + timedelta(seconds=seconds)
        approved = more.pop("approved", True)
        values = {
            "key": f"v{self.visits}", "day": date(2026, 10, day), "client": client,
            "employee": self.carer, "outcome": "performed", "grade": "door",
            "entry": begin, "exit": end, "services": ["care"],
            "signs": [["d1", "u", int(begin.timestamp())], ["d2", "l", int(end.timestamp())]],
            "approved_at": NOW if approved else None,
            "approved_by": self.carer if approved else None,
            **more,
        }  # fmt: skip
        return Visit.objects.create(**values)

    def decision(self, client: Client, service: str, amount: str, unit: str, **more: Any) -> None:
        """A care decision in force all of October."""
        CareDecision.objects.create(
            external_id=f"D{client.external_id}{service}{CareDecision.objects.count()}",
            client=client, service=service, amount=Decimal(amount), unit=unit,
            ground=CareDecision.Ground.DECISION, **{"valid_from": LONG_AGO, **more},
        )  # fmt: skip

    def meals(self, client: Client, day: int, count: int = 1) -> None:
        """Lunch boxes that came."""
        Delivery.objects.create(client=client, day=date(2026, 10, day), count=count)

    def income(self, client: Client, net: str, cost: str = "0", **more: Any) -> None:
        """What a client has shown."""
        values = {"valid_from": LONG_AGO, "housing_supplement": 0, **more}
        FeeBasis.objects.create(client=client, net_income=net, housing_cost=cost, **values)

    def run(self) -> MonthRun:
        """Make the month's invoices, from its beginning to its end."""
        run = self.begin()
        actions_run.work(run, lambda: NOW)
        run.refresh_from_db()
        return run

    def begin(self) -> MonthRun:
        """Begin the month's run."""
        return actions_run.begin_alone(self.accountant, self.month, issued=ISSUED, due=DUE, now=NOW)


def set_up(carer: Employee) -> Money:
    """A sender, a tariff, an accountant, and October closed."""
    for article, (price, unit) in PRICES.items():
        TariffPrice.objects.create(
            article=article, name=article.capitalize(), price=Decimal(price), unit=unit,
            valid_from=LONG_AGO,
        )  # fmt: skip
    accountant = Employee.objects.create(
        number="20001", name="Ekonom", role=Role.ACCOUNTANT, employed_from=LONG_AGO
    )
    return close(carer, accountant)


def close(carer: Employee, accountant: Employee) -> Money:
    """A sender, and October closed."""
    rules(MoneyRules.Kind.SENDER, SENDER)
    month = Month.objects.create(
        first=OCTOBER, lock_date=date(2026, 11, 5), closed_at=NOW, closed_by=accountant
    )
    seen = viewer(accountant)
    assert seen is not None
    return Money(carer, seen, month)


def rules(kind: MoneyRules.Kind, values: Any) -> None:
    """Let rules hold from their day."""
    MoneyRules.objects.create(
        kind=kind, valid_from=values.valid_from, settings=dated_settings.stored(values),
        reason="x", recorded_at=NOW,
    )  # fmt: skip


def contents() -> list[InvoiceContent]:
    """Every invoice as it was issued, in order of number."""
    rows = Invoice.objects.order_by("number").values_list("content", flat=True)
    return [stored.from_data(data) for data in rows]


def numbers() -> list[int]:
    """Every number that is used, in order."""
    return list(Invoice.objects.order_by("number").values_list("number", flat=True))


def given() -> int:
    """The last number that the series has given."""
    return Series.objects.get(name="invoice").last


def left() -> dict[str, str]:
    """Who was left out, and why."""
    rows = LeftOut.objects.order_by("pk").values_list("client__external_id", "why")
    return dict(rows)


def corrected(visit: Visit, seconds: int, by: Employee) -> Correction:
    """Let a visit count as so long, and be approved, as review leaves it."""
    assert visit.entry is not None
    row = Correction.objects.create(
        visit=visit, outcome="performed", entry=visit.entry,
        exit=visit.entry + timedelta(seconds=seconds), services=visit.services, reason="x",
        corrected_at=NOW, corrected_by=by,
    )  # fmt: skip
    visit.correction = row
    visit.save()
    return row
