"""What providers are paid, as the municipality and each provider see it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser

import paidworld
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.people.models import Role

NOVEMBER = "/ersattning/manad/2026-11/"


@pytest.fixture
def paid(cast: Any) -> Any:
    """Statements of both providers; the company has a visit that is not paid."""
    paidworld.price()
    paidworld.price(kronor="50", unit="percent", ground="declined")
    paidworld.visit(cast.client, cast.alice, 2, 44.5)
    paidworld.visit(cast.client, cast.bob, 4, 30, outcome="declined", entry=None, exit=None)
    paidworld.visit(cast.other_client, cast.charlie, 3, 60)
    paidworld.visit(cast.other_client, cast.charlie, 5, outcome="not_made", entry=None, exit=None)
    paidworld.make(paidworld.closed())
    return cast


@pytest.fixture
def accountant(cast: Any, log_in: Any) -> Browser:
    browser: Browser = log_in(Role.ACCOUNTANT)
    return browser


def test_months_and_a_month_s_statements(paid: Any, accountant: Browser, read: Any) -> None:
    shown = read(accountant, "/ersattning/")
    assert "November 2026" in shown
    assert "928,00 kr" in shown
    shown = read(accountant, NOVEMBER)
    assert "Omtanke AB" in shown
    assert "kommunens egen" in shown
    assert "Underlag 2" in shown


def test_a_statement_says_what_is_paid_and_what_is_not(
    paid: Any, accountant: Browser, read: Any
) -> None:
    ours = read(accountant, f"/ersattning/{paidworld.newest(paid.municipality).number}/")
    assert "Kunden avböjde" in ours
    assert "50 % av 464,00 kr per timme" in ours
    assert "Alla besök i månaden ersätts." in ours
    theirs = read(accountant, f"/ersattning/{paidworld.newest(paid.company).number}/")
    assert "Besöket blev inte av." in theirs


@pytest.mark.sentence(76)
def test_a_line_leads_to_its_visits_and_what_shows_them(
    paid: Any, accountant: Browser, read: Any
) -> None:
    number = paidworld.newest(paid.municipality).number
    shown = read(accountant, f"/ersattning/{number}/rad/1/")
    assert "09:00–09:44" in shown
    assert "44 min 30 s" in shown
    assert "Dörr och etikett" in shown
    assert "B0001" in shown
    assert "Test Person" not in shown
    assert accountant.get(f"/ersattning/{number}/rad/9/").status_code == 404
    looked = AuditEvent.objects.filter(verb="staff:list:look", object_id="list:pay").latest("pk")
    assert looked.details["count"] == 1


def test_what_is_not_paid_is_listed_visit_by_visit(
    paid: Any, accountant: Browser, read: Any
) -> None:
    number = paidworld.newest(paid.company).number
    shown = read(accountant, f"/ersattning/{number}/ersatts-inte/")
    assert "2026-11-05" in shown
    assert "Besöket blev inte av." in shown
    assert "B0002" in shown
