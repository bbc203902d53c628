"""November in Björkvik, from files to invoices: figures by hand in docs/subsystems/fees.md."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

import pytest

import moneyworld
from bjorkvikvisits import NOW
from evidenceworld import clerk
from nyckelfri.care.performed import Outcome
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.money import actions_run
from nyckelfri.server.money.models import Invoice, InvoicedVisit, LeftOut, MoneyRules
from nyckelfri.server.money.papers import vouchers
from nyckelfri.server.money.papers.accounts import Accounts
from nyckelfri.server.people.models import Role
from nyckelfri.server.visits import actions_derive, actions_month, actions_review
from nyckelfri.server.visits.actions_review import Corrected, version
from nyckelfri.server.visits.models import Visit

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
FIRST: Final = date(2026, 11, 1)
DAYS: Final = [FIRST + timedelta(days=number) for number in range(30)]
BY_HAND: Final = {
    "B0002": "2660.05",
    "B0019": "4479.94",
    "B0028": "1476.55",
    "B0033": "2660.05",
    "B0036": "227.00",
    "B0042": "1360.00",
    "B0051": "2188.09",
    "B0069": "2040.00",
    "B0108": "1464.61",
    "B0115": "2446.35",
}


def _review(planner: Viewer, now: datetime) -> None:
    """What fits is approved in bulk; a wrong door was no visit; the rest was asked about."""
    for day in DAYS:
        actions_review.approve_fitting(planner, day, now=now)
    not_made = Corrected(Outcome.NOT_MADE, None, None, ())
    for visit in Visit.objects.filter(day__in=DAYS, approved_at=None):
        if "wrong_door" in visit.flags:
            seen = version(visit)
            actions_review.correct(planner, visit, not_made, reason="Fel dörr", seen=seen, now=now)
            visit.refresh_from_db()
        actions_review.approve(planner, visit, reason="Har frågat", seen=version(visit), now=now)


@pytest.mark.sentence(71)
@pytest.mark.sentence(72)
@pytest.mark.sentence(74)
@pytest.mark.sentence(75)
def test_the_month_is_invoiced_as_reckoned_by_hand(bjorkvik: None) -> None:
    planner, accountant = clerk(Role.PLANNER), clerk(Role.ACCOUNTANT)
    actions_derive.derive_days(DAYS, now=NOW)
    _review(planner, NOW)
    month = actions_month.close(accountant, FIRST, now=NOW)
    moneyworld.rules(MoneyRules.Kind.SENDER, moneyworld.SENDER)
    run = actions_run.begin_alone(
        accountant, month, issued=NOW.date(), due=NOW.date() + timedelta(days=30), now=NOW
    )
    actions_run.work(run, lambda: NOW)
    assert not LeftOut.objects.exists()
    totals = dict(Invoice.objects.values_list("client__external_id", "total"))
    assert {number: str(totals[number]) for number in BY_HAND} == BY_HAND
    assert len(totals) == Invoice.objects.count() == moneyworld.given()
    booked = Decimal(0)
    for content in moneyworld.contents():
        assert content.seller.name == "Björkviks kommun"
        assert sum(line.amount for line in content.lines) == content.fee.capped + content.fee.free
        made = vouchers.of_invoice(content, Accounts())
        assert sum(entry.amount for entry in made.entries) == 0
        booked += sum(entry.amount for entry in made.entries if entry.account == "1510")
    assert booked == sum(totals.values())
    charged = Visit.objects.filter(pk__in=InvoicedVisit.objects.values("visit"))
    assert not charged.exclude(outcome="performed").exists()
