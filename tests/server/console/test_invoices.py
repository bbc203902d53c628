"""The pages of invoices: a month's run, an invoice and what it rests on, credit, questions."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from openpyxl.reader.excel import load_workbook

import moneyworld
import siereader
from moneyworld import NOW, Money
from nyckelfri.care.billing import Why
from nyckelfri.server.access.models import NamedStaff
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.console.invoices.texts import TEXTS
from nyckelfri.server.jobs.worker import do_tasks
from nyckelfri.server.money.models import (
    Dispute,
    Invoice,
    LeftOut,
    MoneyRules,
    MonthRun,
    TariffPrice,
)
from nyckelfri.server.people.models import Role
from nyckelfri.server.visits.models import Month

_NO_QUESTION = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK", "SET")
OCTOBER = "/fakturor/manad/2026-10/"


@pytest.fixture
def money(cast: Any) -> Money:
    """October of two clients; the accountant's number is 20001."""
    made = moneyworld.set_up(cast.alice)
    made.visit(cast.client, 1, 3600)
    made.visit(cast.client, 2, 1234, services=["care", "household"])
    made.visit(cast.other_client, 1, 1800)
    return made


@pytest.fixture
def accountant(money: Money, log_in: Any) -> Browser:
    """The accountant, logged in, reading Swedish."""
    browser: Browser = log_in(number="20001")
    return browser


@pytest.fixture
def invoice(money: Money, cast: Any) -> Invoice:
    """The invoice of the cast's client."""
    money.run()
    return Invoice.objects.get(client=cast.client)


@pytest.mark.django_db(transaction=True)
def test_a_month_is_made_from_the_page(money: Money, accountant: Browser, read: Any) -> None:
    assert "Stängd, inte fakturerad" in read(accountant, "/fakturor/")
    shown = read(accountant, f"{OCTOBER}gor/")
    assert "2 kunder kan få en faktura" in shown
    assert 'value="2026-11-23"' in shown
    assert 'value="2026-12-23"' in shown
    answer = accountant.post(f"{OCTOBER}gor/", {"issued": "2026-11-24", "due": "2026-12-24"})
    run = MonthRun.objects.get()
    assert answer.headers["Location"] == f"/fakturor/korning/{run.pk}/"
    waiting = read(accountant, f"/fakturor/korning/{run.pk}/")
    assert 'hx-trigger="every 1s"' in waiting
    assert "<noscript><meta" in waiting
    do_tasks()
    shown = read(accountant, f"/fakturor/korning/{run.pk}/")
    assert re.search(r"Nummer</dt><dd>1–2</dd>", shown)
    assert "Ingen kund blev utan" in shown
    assert "Fakturerad" in read(accountant, "/fakturor/")
    asked = accountant.get(f"/fakturor/korning/{run.pk}/", headers={"HX-Request": "true"})
    assert not asked.content.lstrip().startswith(b"<!doctype")


def test_what_stands_in_the_way_is_said_on_the_page(
    money: Money, accountant: Browser, read: Any
) -> None:
    days = {"issued": "2026-11-24", "due": "2026-11-24"}
    assert "måste komma efter" in read(accountant, f"{OCTOBER}gor/", 422, **days)
    MoneyRules.objects.all().delete()
    shown = read(accountant, f"{OCTOBER}gor/", 422, **{**days, "due": "2026-12-24"})
    assert "/regler/avgifter/avsandare/" in shown
    assert "Fyll först i vem som skickar" in shown
    Month.objects.update(closed_at=None)
    assert "Månaden är öppen" in read(accountant, f"{OCTOBER}gor/")
    assert "Gör månadens fakturor" not in read(accountant, OCTOBER)
    assert not MonthRun.objects.exists()


def test_a_month_that_nobody_has_touched_has_its_page_and_no_run(
    accountant: Browser, read: Any
) -> None:
    path = "/fakturor/manad/2026-11/"
    assert "Öppen" in read(accountant, path)
    assert "Månaden är öppen" in read(accountant, f"{path}gor/")
    days = {"issued": "2026-12-01", "due": "2026-12-30"}
    assert "Stäng den först" in read(accountant, f"{path}gor/", 422, **days)
    assert not MonthRun.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_run_that_stands_still_is_gone_on_with(
    money: Money, accountant: Browser, read: Any, set_clock: Any
) -> None:
    run = money.begin()
    path = f"/fakturor/korning/{run.pk}/"
    assert "Fortsätt där det stannade" not in read(accountant, path)
    set_clock(NOW + timedelta(minutes=5))
    assert "Fortsätt där det stannade" in read(accountant, path)
    accountant.post(f"{path}fortsatt/")
    do_tasks()
    assert "Klar" in read(accountant, path)
    accountant.post(f"{path}fortsatt/")
    assert "redan klart" in read(accountant, path)
    assert Invoice.objects.count() == 2


def test_whoever_is_left_out_is_named_with_the_reason_and_where_to_put_it_right(
    money: Money, cast: Any, accountant: Browser, read: Any
) -> None:
    money.visit(cast.client, 3, approved=False)
    run = money.run()
    for path in (OCTOBER, f"/fakturor/korning/{run.pk}/"):
        shown = read(accountant, path)
        assert "1 besök är inte granskade." in shown
        assert 'href="/besok/kund/B0001/"' in shown
    LeftOut.objects.update(why="no_price", detail={"article": "care", "day": "2026-10-03"})
    shown = read(accountant, OCTOBER)
    assert "Taxan har inget pris på omvårdnad den 2026-10-03." in shown
    assert 'href="/regler/avgifter/taxa/"' in shown


@pytest.mark.parametrize("why", LeftOut.Why.values)
def test_every_reason_has_words(
    money: Money, cast: Any, accountant: Browser, read: Any, why: str
) -> None:
    money.visit(cast.client, 3, approved=False)
    money.run()
    LeftOut.objects.update(why=why, detail={})
    assert f">{TEXTS[f'todo_{why}'][0]}<" in read(accountant, OCTOBER)


def test_reasons_of_the_rules_are_those_of_the_list() -> None:
    assert {each.value for each in Why} <= {*LeftOut.Why.values}


@pytest.mark.sentence(71)
@pytest.mark.threat(67)
def test_an_invoice_shows_how_it_was_reckoned_and_each_visit_behind_it(
    invoice: Invoice, accountant: Browser, read: Any
) -> None:
    shown = read(accountant, f"/fakturor/{invoice.number}/")
    assert "Omvårdnad" not in shown  # the tariff of this test calls it Care
    for said in (
        "1 tim 10 min", "133,00 kr i timmen", "Så har vi räknat", "torsdag 1 oktober",
        "08.00–09.00", "Dörren låstes upp 08.00 och låstes 09.00.", "Beslut DB0001",
        "Du har inte lämnat uppgift om din inkomst",
    ):  # fmt: skip
        assert said in shown, said
    for pk in invoice.visits.values_list("visit", flat=True):
        assert f'href="/besok/{pk}/"' in shown
    look = AuditEvent.objects.filter(verb=Verb.CLIENT_LOOK).latest("pk")
    assert (look.object_id, look.reason) == ("client:B0001", "invoice")


def test_the_paper_comes_in_both_languages(invoice: Invoice, accountant: Browser) -> None:
    for language in ("sv", "en"):
        answer = accountant.get(f"/fakturor/{invoice.number}/pdf/{language}/")
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF-")
        assert "faktura-" in answer.headers["Content-Disposition"]
    assert accountant.get(f"/fakturor/{invoice.number}/pdf/fi/").status_code == 404


@pytest.mark.threat(67)
def test_somebody_protected_is_a_number_to_whoever_is_not_named(
    money: Money, invoice: Invoice, cast: Any, accountant: Browser, read: Any
) -> None:
    client = cast.client
    client.protected_identity, client.name = True, "Hemlig Person"
    client.save()
    money.visit(client, 5, approved=False)
    paths = (
        "/fakturor/alla/", f"/fakturor/{invoice.number}/", "/fakturor/kund/B0001/", OCTOBER,
        "/fakturor/fragor/",
    )  # fmt: skip
    for path in paths:
        shown = read(accountant, path)
        assert "Hemlig" not in shown
        assert "Kyrkogatan" not in shown
    assert accountant.get(f"/fakturor/{invoice.number}/pdf/sv/").status_code == 404
    NamedStaff.objects.create(
        employee=money.accountant.employee, client=client, reason="x", recorded_at=NOW
    )
    assert "Hemlig Person" in read(accountant, "/fakturor/alla/")
    assert accountant.get(f"/fakturor/{invoice.number}/pdf/sv/").status_code == 200
    revealed = AuditEvent.objects.filter(verb=Verb.IDENTITY_LOOK, object_id="client:B0001")
    assert revealed.count() == 2


def test_invoices_are_found_by_number_client_and_month(
    invoice: Invoice, accountant: Browser, read: Any
) -> None:
    answer = accountant.post(
        "/fakturor/alla/", {"nummer": "1", "kund": "b0001", "manad": "2026-10"}
    )
    there = answer.headers["Location"]
    assert there == "/fakturor/alla/?nummer=1&kund=B0001&manad=2026-10"
    assert "Faktura 1" in read(accountant, there)
    assert "Inga fakturor" in read(accountant, "/fakturor/alla/?manad=2026-09")
    assert "Faktura 2" in read(accountant, "/fakturor/alla/?kund=B0002")


@pytest.mark.threat(64)
def test_what_is_no_number_never_reaches_an_address(accountant: Browser, read: Any) -> None:
    for said in ("19341123-2394", "Test Person", "B9999"):
        assert "Ingen kund har det numret" in read(accountant, "/fakturor/alla/", 422, kund=said)
    assert "bara siffror" in read(accountant, "/fakturor/alla/", 422, nummer="x")
    assert "2026-11" in read(accountant, "/fakturor/alla/", 422, manad="förra")
    for path in ("/fakturor/manad/2026-13/", "/fakturor/manad/x/", f"/fakturor/{10**30}/"):
        assert accountant.get(path).status_code == 404


def test_invoices_go_on_by_keys(money: Money, accountant: Browser, read: Any) -> None:
    for number in range(35):
        money.visit(money.client(f"C{number:04}"))
    money.run()
    shown = read(accountant, "/fakturor/alla/")
    (following,) = re.findall(r'rel="next" href="([^"]+)"', shown)
    assert "Faktura 1<" in read(accountant, f"/fakturor/alla/{following}")


@pytest.mark.django_db(transaction=True)
def test_an_invoice_is_credited_and_made_anew(
    invoice: Invoice, accountant: Browser, read: Any
) -> None:
    path = f"/fakturor/{invoice.number}/"
    assert "Kreditera fakturan" in read(accountant, path)
    read(accountant, f"{path}kreditera/", 422, reason=" ")
    assert accountant.post(f"{path}kreditera/", {"reason": "Fel tid"}).status_code == 302
    shown = read(accountant, path)
    assert "Kreditfaktura 3" in shown
    assert "Gör fakturan igen" in shown
    assert "redan krediterad" in read(accountant, f"{path}kreditera/", 422, reason="igen")
    credit = read(accountant, "/fakturor/3/")
    assert "Fel tid" in credit
    assert accountant.get("/fakturor/3/kreditera/").status_code == 404
    assert accountant.post(f"{path}gor-ny/").headers["Location"] == "/fakturor/4/"
    assert "Faktura 4" in read(accountant, path)
    assert "har en faktura för månaden" in read(accountant, f"{path}gor-ny/", 422, x="")


def test_a_question_is_written_answered_and_settled(
    invoice: Invoice, accountant: Browser, log_in: Any, read: Any
) -> None:
    service = log_in(Role.SERVICE_CENTRE, name="Servicecenter")
    path = f"/fakturor/{invoice.number}/fraga/1/"
    assert "raden Care" in read(service, path)
    long = read(service, path, 422, text="x" * 1001)
    assert "x" * 1001 in long, "what was typed is not lost"
    service.post(path, {"text": "Ingen kom <b>den 1</b>."})
    row = Dispute.objects.get()
    own = f"/fakturor/fragor/{row.pk}/"
    assert "Frågor om fakturor" in read(service, "/")
    assert own in read(service, "/fakturor/fragor/")
    service.post(f"{own}svara/", {"voice": "municipality", "text": "Vi tittar."})
    shown = read(accountant, own)
    assert "Ingen kom &lt;b&gt;den 1&lt;/b&gt;." in shown
    assert "Vi tittar." in shown
    accountant.post(f"{own}avgor/", {"outcome": "corrected", "text": "Du har rätt."})
    assert f'href="/fakturor/{invoice.number}/kreditera/"' in read(accountant, own)
    assert "redan avgjord" in read(accountant, f"{own}svara/", 422, voice="client", text="Hm")
    assert own in read(accountant, "/fakturor/fragor/?visa=avgjorda")
    assert own not in read(accountant, "/fakturor/fragor/")
    assert accountant.get(f"/fakturor/{invoice.number}/fraga/9/").status_code == 404


@pytest.mark.threat(67)
def test_the_files_of_a_month_come_to_what_was_invoiced(
    money: Money, invoice: Invoice, accountant: Browser
) -> None:
    accountant.post(f"/fakturor/{invoice.number}/kreditera/", {"reason": "Fel"})
    sie: Any = accountant.get(f"{OCTOBER}sie/")
    book = siereader.read(sie.content)
    assert len(book.vouchers) == 3
    assert all(sum(amount for _, _, amount in each.entries) == 0 for each in book.vouchers)
    table = list(
        csv.reader(io.StringIO(_whole(accountant.get(f"{OCTOBER}rader.csv"))), delimiter=";")
    )
    amount, number = table[0].index("Belopp"), table[0].index("\ufeffFaktura")
    totals: dict[str, Decimal] = {}
    for row in table[1:]:
        said = Decimal(row[amount].replace(",", "."))
        totals[row[number]] = totals.get(row[number], Decimal(0)) + said
    standing = {str(row.number): row.total for row in Invoice.objects.filter(kind="invoice")}
    assert {key: value for key, value in totals.items() if key in standing} == standing
    assert totals["3"] == -invoice.total
    excel: Any = accountant.get(f"{OCTOBER}rader.xlsx")
    kept = io.BytesIO(b"".join(excel.streaming_content))
    read: Any = load_workbook(kept)  # type: ignore[no-untyped-call]  # it has no types
    assert read.active.max_row == len(table)
    archive: Any = accountant.get(f"{OCTOBER}peppol/")
    with zipfile.ZipFile(io.BytesIO(b"".join(archive.streaming_content))) as files:
        assert files.namelist() == ["invoice-1.xml", "invoice-2.xml", "credit-3.xml"]
        assert all(b"Test Person" not in files.read(name) for name in files.namelist())
    rows = AuditEvent.objects.filter(verb=Verb.MONEY_EXPORT).order_by("pk")
    assert [row.details["form"] for row in rows] == ["sie", "csv", "xlsx", "peppol"]
    assert {row.object_id for row in rows} == {"month:2026-10"}
    assert accountant.get("/fakturor/manad/2026-09/sie/").status_code == 404


def test_without_a_vat_number_there_is_no_peppol_file(
    money: Money, accountant: Browser, read: Any
) -> None:
    MoneyRules.objects.all().delete()
    moneyworld.rules(MoneyRules.Kind.SENDER, replace(moneyworld.SENDER, vat_number=""))
    money.run()
    assert "momsregistreringsnummer" in read(accountant, f"{OCTOBER}peppol/", 422)
    assert not AuditEvent.objects.filter(verb=Verb.MONEY_EXPORT).exists()


@pytest.mark.threat(53)
def test_no_cell_of_the_file_is_a_formula(money: Money, cast: Any, accountant: Browser) -> None:
    TariffPrice.objects.filter(article="care").update(name="=HYPERLINK(1)")
    money.run()
    said = _whole(accountant.get(f"{OCTOBER}rader.csv"))
    assert "'=HYPERLINK(1)" in said
    assert ";=HYPERLINK" not in said


def test_a_client_s_fee_shows_the_arithmetic_of_a_month(
    money: Money, invoice: Invoice, cast: Any, accountant: Browser, read: Any
) -> None:
    assert "Ingen inkomst är lämnad" in read(accountant, "/fakturor/kund/B0001/")
    money.income(cast.client, "13000", "4900.50", housing_supplement="100")
    shown = read(accountant, "/fakturor/kund/B0001/?manad=2026-10")
    for said in ("13 000,00", "−4 900,50", "903,59", "Gäller månaden", "Faktura 1"):
        assert said in shown, said
    assert "/fakturor/kund/B0001/" in read(accountant, "/kunder/B0001/")
    assert "saknas" in read(accountant, "/fakturor/kund/B0001/?manad=2031-01")
    cast.client.civil_status = "single"
    cast.client.save()
    money.income(cast.client, "9000", valid_from=date(2026, 10, 1), partner_net_income="9000")
    assert "går inte ihop med registret" in read(accountant, "/fakturor/kund/B0001/?manad=2026-10")


def test_pages_ask_no_more_than_twelve_questions_however_much_there_is(
    money: Money, accountant: Browser
) -> None:
    for number in range(12):
        client = money.client(f"C{number:04}")
        money.visit(client, approved=number % 2 == 0)
    run = money.run()
    for path in (
        "/fakturor/", OCTOBER, "/fakturor/alla/", f"/fakturor/korning/{run.pk}/", "/fakturor/1/",
        "/fakturor/kund/C0000/", f"{OCTOBER}gor/",
    ):  # fmt: skip
        accountant.get(path)
        with CaptureQueriesContext(connection) as asked:
            assert accountant.get(path).status_code == 200
        questions = [each["sql"] for each in asked if not each["sql"].startswith(_NO_QUESTION)]
        assert len(questions) <= 12, f"{path}: " + "\n".join(questions)


def _whole(answer: Any) -> str:
    return b"".join(answer.streaming_content).decode()
