"""What providers are paid, as the municipality and each provider see it."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser

import paidworld
from nyckelfri.server import beside
from nyckelfri.server.access.models import OwnClient
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.homes.models import Client
from nyckelfri.server.money import actions_statements
from nyckelfri.server.money.models import MonthRun, ReceivedInvoice
from nyckelfri.server.people.models import Employee, Role
from nyckelfri.server.visits.models import Month, Visit
from paidworld import LATER

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


@pytest.mark.threat(53)
def test_the_visits_as_a_file_have_no_formula_and_both_the_paid_and_the_unpaid(
    paid: Any, accountant: Browser
) -> None:
    Client.objects.filter(pk=paid.other_client.pk).update(area="=2+5")
    number = paidworld.newest(paid.company).number
    rows = table(accountant, number)
    assert [row["Sekunder som räknas"] for row in rows] == ["3600", "0"]
    assert [row["Varför"] for row in rows] == ["Utförda besök", "Besöket blev inte av."]
    assert rows[0]["Kundnummer"] == "B0002"
    assert rows[0]["På plats"] == "09:00–10:00"
    assert rows[0]["Pris"] == "464,00"
    paidworld.price("care", "500.00", area="=2+5")
    paidworld.make(Month.objects.get())
    rows = table(accountant, paidworld.newest(paid.company).number)
    assert rows[0]["Område"] == "'=2+5"
    excel = accountant.get(f"/ersattning/{number}/besok.xlsx")
    assert excel.getvalue().startswith(b"PK")
    assert accountant.get(f"/ersattning/{number}/besok.exe").status_code == 404
    left = AuditEvent.objects.filter(verb="staff:money:export")
    assert [event.details["form"] for event in left] == ["csv", "csv", "xlsx"]


def table(browser: Browser, number: int) -> list[dict[str, str]]:
    answer: Any = browser.get(f"/ersattning/{number}/besok.csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


@pytest.mark.threat(67)
@pytest.mark.threat(50)
def test_a_provider_s_manager_sees_their_own_and_nothing_of_another_s(
    paid: Any, log_in: Any, read: Any
) -> None:
    theirs, ours = (paidworld.newest(each) for each in (paid.company, paid.municipality))
    paidworld.received(ours)
    manager = log_in(Role.PROVIDER_MANAGER, paid.other_team)
    for page in ("/ersattning/", NOVEMBER):
        shown = read(manager, page)
        assert "464,00 kr" in shown
        assert "Utan underlag" not in shown
        assert "Kommunens hemtjänst" not in shown
        assert "F-1" not in shown
    assert "B0002" in read(manager, f"/ersattning/{theirs.number}/rad/1/")
    assert [row["Kundnummer"] for row in table(manager, theirs.number)] == ["B0002", "B0002"]
    invoice = ReceivedInvoice.objects.get()
    for path in (
        f"{ours.number}/", f"{ours.number}/rad/1/", f"{ours.number}/ersatts-inte/",
        f"{ours.number}/besok.csv", f"{ours.number}/pdf/sv/", f"fakturor/{invoice.pk}/",
        f"fakturor/{invoice.pk}/fil/",
    ):  # fmt: skip
        assert manager.get(f"/ersattning/{path}").status_code == 404, path
    assert manager.post(f"{NOVEMBER}gor/").status_code == 403
    assert manager.get("/ersattning/fakturor/ny/").status_code == 403


def test_who_is_employed_for_certain_clients_sees_no_statement(
    paid: Any, log_in: Any, moment: Any
) -> None:
    manager = log_in(Role.PROVIDER_MANAGER, paid.other_team)
    employee = Employee.objects.get(user_id=manager.session["_auth_user_id"])
    OwnClient.objects.create(
        employee=employee, client=paid.other_client, reason="x", recorded_at=moment
    )
    number = paidworld.newest(paid.company).number
    assert manager.get(f"/ersattning/{number}/").status_code == 404
    assert manager.get(NOVEMBER).status_code == 404


def test_statements_are_made_from_the_page_and_the_page_tells_how_far(
    cast: Any, accountant: Browser, read: Any
) -> None:
    paidworld.visit(cast.client, cast.alice, 2)
    paidworld.visit(cast.other_client, cast.charlie, 2, services=["household"])
    paidworld.price()
    assert "Ingen månad är stängd" in read(accountant, "/ersattning/")
    month = paidworld.closed()
    assert "Underlag ska göras" in read(accountant, NOVEMBER)
    assert "Varje utförare som har besök" in read(accountant, f"{NOVEMBER}gor/")
    run = actions_statements.begin_alone(paidworld.accountant(), month, now=LATER)
    beside.tell(run, 1, 2)
    waiting = read(accountant, NOVEMBER)
    assert "Görs nu" in waiting
    assert "1 av 2" in waiting
    assert "Gör underlag</a>" not in waiting
    refused = accountant.post(f"{NOVEMBER}gor/", follow=True).content.decode()
    assert "Underlagen görs redan" in refused
    actions_statements.work(run, lambda: LATER)
    shown = read(accountant, NOVEMBER)
    assert "Pris saknas: Service, hela kommunen" not in shown
    assert "Pris saknas: Service, Centrum, Utförda besök, 2026-11-02" in shown
    assert "Underlag 1" in shown
    again = read(accountant, f"{NOVEMBER}gor/")
    assert "1 utförare har redan underlag" in again


def test_a_run_that_was_stopped_is_gone_on_with_from_the_page(
    cast: Any, accountant: Browser, read: Any
) -> None:
    paidworld.price()
    paidworld.visit(cast.client, cast.alice, 2)
    run = actions_statements.begin_alone(paidworld.accountant(), paidworld.closed(), now=LATER)
    MonthRun.objects.update(state=MonthRun.State.STOPPED)
    assert "Arbetet avbröts" in read(accountant, NOVEMBER)
    assert accountant.post(f"/ersattning/korning/{run.pk}/fortsatt/").status_code == 302
    assert MonthRun.objects.get().state == MonthRun.State.RUNNING
    actions_statements.work(run, lambda: LATER)
    said = accountant.post(f"/ersattning/korning/{run.pk}/fortsatt/", follow=True).content.decode()
    assert "Arbetet hann bli klart" in said


def test_a_second_version_tells_what_differs_line_by_line_and_visit_by_visit(
    paid: Any, accountant: Browser, read: Any
) -> None:
    first = paidworld.newest(paid.company)
    paidworld.visit(paid.other_client, paid.charlie, 9, 30)
    paidworld.make(Month.objects.get(), LATER + timedelta(days=1))
    second = paidworld.newest(paid.company)
    assert f'href="/ersattning/{second.number}/"' in read(
        accountant, f"/ersattning/{first.number}/"
    )
    assert "Den ersätter underlag" in read(accountant, f"/ersattning/{second.number}/")
    shown = read(accountant, f"/ersattning/{second.number}/andringar/")
    assert "232,00 kr" in shown
    assert "464,00 (1 tim)" in shown
    assert "696,00 (1 tim 30 min)" in shown
    assert "2026-11-09" in shown
    assert "fanns inte" in shown
    assert "2026-11-03" not in shown
    assert accountant.get(f"/ersattning/{first.number}/andringar/").status_code == 404


def test_a_visit_that_was_corrected_since_says_so(
    paid: Any, accountant: Browser, read: Any
) -> None:
    number = paidworld.newest(paid.municipality).number
    path = f"/ersattning/{number}/rad/1/"
    assert "ändrat sedan dess" not in read(accountant, path)
    Visit.objects.filter(client=paid.client).update(approved_at=LATER + timedelta(days=1))
    assert "ändrat sedan dess" in read(accountant, path)


def test_a_long_line_is_shown_some_visits_at_a_time(
    cast: Any, accountant: Browser, read: Any
) -> None:
    paidworld.price()
    for day in range(1, 31):
        for _ in range(2):
            paidworld.visit(cast.client, cast.alice, day)
    paidworld.make(paidworld.closed())
    assert read(accountant, "/ersattning/1/rad/1/").count("Se besöket") == 30
    assert "2026-11-15" in read(accountant, "/ersattning/1/rad/1/")
    assert "2026-11-16" in read(accountant, "/ersattning/1/rad/1/?efter=30")
    for wrong in ("60", "x", "-1", "9" * 19):
        assert accountant.get(f"/ersattning/1/rad/1/?efter={wrong}").status_code == 404


def test_the_paper_is_a_pdf_in_both_languages(paid: Any, accountant: Browser) -> None:
    number = paidworld.newest(paid.company).number
    for language in ("sv", "en"):
        answer = accountant.get(f"/ersattning/{number}/pdf/{language}/")
        assert answer.content.startswith(b"%PDF")
    assert accountant.get(f"/ersattning/{number}/pdf/fr/").status_code == 404


def test_visits_of_which_nobody_knows_whose_they_are_are_told(
    paid: Any, accountant: Browser, log_in: Any, read: Any
) -> None:
    assert "vems de är" not in read(accountant, NOVEMBER)
    Visit.objects.filter(client=paid.client, day="2026-11-02").update(provider=None)
    assert "vems de är: 1." in read(accountant, NOVEMBER)
    manager = log_in(Role.PROVIDER_MANAGER, paid.other_team)
    assert "vems de är" not in read(manager, NOVEMBER)
