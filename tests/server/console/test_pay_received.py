"""A provider's own invoice on the pages: taken in, beside our statement, or refused in words."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser

import paidinvoice
import paidworld
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.money.models import ReceivedInvoice, Statement
from nyckelfri.server.people.models import Role

NEW = "/ersattning/fakturor/ny/"


@pytest.fixture
def statement(cast: Any) -> Statement:
    paidworld.price()
    paidworld.visit(cast.other_client, cast.charlie, 2, 47)
    paidworld.make(paidworld.closed())
    return paidworld.newest(cast.company)


@pytest.fixture
def accountant(cast: Any, log_in: Any) -> Browser:
    browser: Browser = log_in(Role.ACCOUNTANT)
    return browser


def upload(browser: Browser, data: bytes, status: int = 200) -> str:
    """Upload a file; the page that comes of it."""
    file = SimpleUploadedFile("faktura.xml", data, "application/xml")
    answer = browser.post(NEW, {"file": file}, follow=True)
    assert answer.status_code == status
    return " ".join(answer.content.decode().split())


@pytest.mark.sentence(76)
def test_an_invoice_that_agrees_may_be_paid(statement: Statement, accountant: Browser) -> None:
    shown = upload(accountant, paidinvoice.of(statement).xml())
    assert "Fakturan är inlagd och jämförd." in shown
    assert "Varje rad är som i underlaget. Fakturan kan betalas." in shown
    assert "47 min à 464.00 kr" not in shown
    assert "Omvårdnad: 47 min à 464,00" in shown


def test_what_differs_stands_side_by_side_in_plain_words(
    statement: Statement, accountant: Browser, read: Any
) -> None:
    invoice = paidinvoice.of(statement).line(0, quantity=Decimal(60))
    extra = replace(invoice.lines[0], names="Resor", text="Resor")
    shown = upload(accountant, replace(invoice, lines=(*invoice.lines, extra)).xml())
    for words in (
        "Avviker",
        "Minst en rad skiljer.",
        "Betala inte än.",
        "Mängden skiljer",
        "Omvårdnad: 1 tim à 464,00 kr",
        "Rad 1, Omvårdnad, Utförda besök: 47 min à 464,00 kr per timme",
        "Det går inte att se vilken rad i underlaget som avses",
        "finns inte i underlaget",
        "Mer än underlaget",
        "564,53 kr",
    ):
        assert words in shown, words
    assert "Avviker" in read(accountant, "/ersattning/manad/2026-11/")


def test_a_file_that_cannot_be_used_says_where_and_why(
    statement: Statement, accountant: Browser
) -> None:
    data = paidinvoice.of(statement).xml()
    shown = upload(accountant, data.replace(b'"MIN"', b'"KGM"'), 422)
    assert "Filen går inte att använda." in shown
    assert "InvoiceLine 1/unitCode" in shown
    assert "Räkna i timmar (HUR), minuter (MIN) eller styck (C62)." in shown
    assert "Välj en fil." in accountant.post(NEW).content.decode()
    assert not ReceivedInvoice.objects.exists()


@pytest.mark.threat(53)
def test_what_a_file_says_is_text_and_never_markup(
    statement: Statement, accountant: Browser
) -> None:
    invoice = paidinvoice.of(statement)
    invoice = replace(invoice, number="&lt;b&gt;1", lines=(
        *invoice.lines, replace(invoice.lines[0], names="x", text="&lt;script&gt;alert(1)")
    ))  # fmt: skip
    shown = upload(accountant, invoice.xml())
    assert "<script>alert" not in shown
    assert "<b>1" not in shown
    assert "&lt;script&gt;alert(1)" in shown


@pytest.mark.threat(53)
def test_a_file_that_is_too_large_is_refused_unread(
    statement: Statement, accountant: Browser
) -> None:
    assert "Filen är för stor." in upload(accountant, b" " * (10 * 1024 * 1024 + 1), 422)


def test_the_same_again_is_told_and_changes_nothing(
    statement: Statement, accountant: Browser
) -> None:
    invoice = paidinvoice.of(statement)
    upload(accountant, invoice.xml())
    assert "Samma fil är redan inlagd." in upload(accountant, invoice.xml(), 422)
    other = invoice.line(0, quantity=Decimal(50))
    assert "en annan faktura med samma nummer" in upload(accountant, other.xml(), 422)
    stranger = replace(invoice, supplier="5560360793")
    assert "ingen av kommunens utförare" in upload(accountant, stranger.xml(), 422)
    assert ReceivedInvoice.objects.count() == 1


def test_a_credit_says_what_it_takes_back(statement: Statement, accountant: Browser) -> None:
    invoice = paidinvoice.of(statement)
    upload(accountant, invoice.xml())
    shown = upload(accountant, replace(invoice, number="K-1", credits="F-1").xml())
    assert "Den tar tillbaka faktura F-1 helt." in shown


def test_the_file_is_kept_as_it_came_and_taking_it_out_is_noted(
    statement: Statement, accountant: Browser
) -> None:
    data = paidinvoice.of(statement).xml()
    upload(accountant, data)
    row = ReceivedInvoice.objects.get()
    answer = accountant.get(f"/ersattning/fakturor/{row.pk}/fil/")
    assert answer.content == data
    assert answer.headers["Content-Disposition"].startswith("attachment")
    event = AuditEvent.objects.get(verb="staff:money:export")
    assert event.object_id == f"received-invoice:{row.pk}"


def test_a_statement_that_has_been_replaced_since_is_told(
    cast: Any, statement: Statement, accountant: Browser, read: Any
) -> None:
    upload(accountant, paidinvoice.of(statement).xml())
    paidworld.visit(cast.other_client, cast.charlie, 9)
    paidworld.make(statement.month)
    shown = read(accountant, f"/ersattning/fakturor/{ReceivedInvoice.objects.get().pk}/")
    assert "som sedan har ersatts av" in shown
