"""A provider's invoice is taken in and held to our statement; nothing of it is half done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

import moneyworld
import paidinvoice
import paidworld
from nyckelfri.care.statementcheck import InvoiceVerdict, LineVerdict
from nyckelfri.server import dated_settings
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.money import checks
from nyckelfri.server.money.actions_received import take_in
from nyckelfri.server.money.errors import MoneyError, Snag
from nyckelfri.server.money.models import MoneyRules, ReceivedInvoice, Statement
from nyckelfri.server.money.papers.received import InvoiceFaultError, What
from paidinvoice import Invoice
from paidworld import LATER

_Verdict = ReceivedInvoice.Verdict


@pytest.fixture
def statement(cast: Any) -> Statement:
    """The company's November: care that was made, and a visit that the client declined."""
    paidworld.price()
    paidworld.price(kronor="50", unit="percent", ground="declined")
    paidworld.visit(cast.other_client, cast.charlie, 2, 47)
    paidworld.visit(
        cast.other_client, cast.charlie, 3, 30, outcome="declined", entry=None, exit=None
    )
    paidworld.make(paidworld.closed())
    return paidworld.newest(cast.company)


def taken(invoice: Invoice) -> ReceivedInvoice:
    return take_in(paidworld.accountant(), invoice.xml(), now=LATER)


def snag(invoice: Invoice) -> Snag:
    """Why an invoice is not taken in; nothing may have changed."""
    before = (ReceivedInvoice.objects.count(), AuditEvent.objects.count())
    with pytest.raises(MoneyError) as refused:
        taken(invoice)
    assert (ReceivedInvoice.objects.count(), AuditEvent.objects.count()) == before
    return refused.value.snag


@pytest.mark.sentence(76)
def test_an_invoice_that_is_our_statement_agrees_and_is_kept_as_it_came(
    statement: Statement,
) -> None:
    invoice = paidinvoice.of(statement)
    row = taken(invoice)
    assert (row.verdict, row.statement, row.total) == (_Verdict.AGREES, statement, statement.total)
    row.refresh_from_db()
    assert bytes(row.data) == invoice.xml()
    found = checks.read(row.findings)
    assert found.verdicts == (InvoiceVerdict.SAME,)
    assert [(line.ours, line.verdicts) for line in found.lines] == [
        (1, (LineVerdict.SAME,)), (2, (LineVerdict.SAME,))
    ]  # fmt: skip
    event = AuditEvent.objects.get(verb="staff:received-invoice:check")
    assert event.object_id == f"received-invoice:{row.pk}"
    assert event.details["verdict"] == "agrees"


_DIFFERENT: dict[str, tuple[Callable[[Invoice], Invoice], LineVerdict]] = {
    "more time": (lambda i: i.line(0, quantity=Decimal(60)), LineVerdict.QUANTITY),
    "dearer": (lambda i: i.line(0, price=Decimal("470.00")), LineVerdict.PRICE),
    "a line of ours left out": (lambda i: replace(i, lines=i.lines[:1]), LineVerdict.MISSING),
    "a line of their own": (
        lambda i: replace(i, lines=(*i.lines, replace(i.lines[0], names="Resor"))),
        LineVerdict.UNKNOWN,
    ),
    "a line twice": (lambda i: replace(i, lines=(*i.lines, i.lines[0])), LineVerdict.TWICE),
}


@pytest.mark.parametrize("how", _DIFFERENT)
def test_what_differs_is_found_in_its_line(statement: Statement, how: str) -> None:
    change, verdict = _DIFFERENT[how]
    row = taken(change(paidinvoice.of(statement)))
    assert row.verdict == _Verdict.DIFFERS
    found = checks.read(row.findings)
    assert InvoiceVerdict.DIFFERS in found.verdicts
    differing = [line.verdicts for line in found.lines if line.verdicts != (LineVerdict.SAME,)]
    assert len(differing) == 1
    assert verdict in differing[0]
    assert found.difference == row.total - statement.total


def test_a_total_that_is_rounded_is_not_the_statement_s(statement: Statement) -> None:
    row = taken(replace(paidinvoice.of(statement), rounding=Decimal("0.53")))
    assert checks.read(row.findings).verdicts == (InvoiceVerdict.TOTAL,)


def test_a_period_that_is_not_the_month_alone_differs(statement: Statement) -> None:
    row = taken(replace(paidinvoice.of(statement), last="2026-12-01"))
    assert InvoiceVerdict.WRONG_PERIOD in checks.read(row.findings).verdicts


def test_the_same_file_and_the_same_number_are_taken_in_once(statement: Statement) -> None:
    invoice = paidinvoice.of(statement)
    taken(invoice)
    assert snag(invoice) is Snag.KNOWN
    assert snag(invoice.line(0, quantity=Decimal(60))) is Snag.KNOWN_NUMBER


def test_a_month_is_accepted_once_until_a_credit_takes_it_back(statement: Statement) -> None:
    first = paidinvoice.of(statement, "F-1")
    taken(first)
    again = taken(paidinvoice.of(statement, "F-2"))
    assert checks.read(again.findings).verdicts == (InvoiceVerdict.ALREADY_INVOICED,)
    credit = replace(first, number="K-1", credits="F-1")
    part = replace(credit, lines=credit.lines[:1])
    assert snag(part) is Snag.PART_CREDIT
    assert snag(replace(credit, credits="F-9")) is Snag.NO_CREDITED
    row = taken(credit)
    assert (row.verdict, row.total) == (_Verdict.AGREES, -statement.total)
    assert checks.read(row.findings).credits == "F-1"
    assert snag(replace(credit, number="K-2")) is Snag.CREDITED
    assert snag(replace(credit, number="K-3", credits="K-1")) is Snag.PART_CREDIT
    assert taken(paidinvoice.of(statement, "F-3")).verdict == _Verdict.AGREES


def test_an_invoice_is_held_to_the_newest_version(cast: Any, statement: Statement) -> None:
    paidworld.visit(cast.other_client, cast.charlie, 9, 30)
    paidworld.make(statement.month)
    newest = paidworld.newest(cast.company)
    assert newest.version == 2
    assert taken(paidinvoice.of(statement, "old")).verdict == _Verdict.DIFFERS
    row = taken(paidinvoice.of(newest, "new"))
    assert (row.verdict, row.statement) == (_Verdict.AGREES, newest)


def test_what_was_accepted_for_an_earlier_version_counts_for_the_next(
    cast: Any, statement: Statement
) -> None:
    taken(paidinvoice.of(statement, "F-1"))
    paidworld.visit(cast.other_client, cast.charlie, 9, 30)
    paidworld.make(statement.month)
    row = taken(paidinvoice.of(paidworld.newest(cast.company), "F-2"))
    assert checks.read(row.findings).verdicts == (InvoiceVerdict.ALREADY_INVOICED,)


def test_who_is_no_provider_and_what_has_no_statement_is_refused(statement: Statement) -> None:
    invoice = paidinvoice.of(statement)
    assert snag(replace(invoice, supplier="5560360793")) is Snag.NO_SUPPLIER
    assert snag(replace(invoice, supplier="2129992083")) is Snag.NO_STATEMENT
    earlier = replace(invoice, first="2026-10-01", last="2026-10-31")
    assert snag(earlier) is Snag.NO_STATEMENT


def test_an_invoice_to_somebody_else_is_refused(statement: Statement) -> None:
    MoneyRules.objects.create(
        kind=MoneyRules.Kind.SENDER, valid_from=moneyworld.SENDER.valid_from, reason="x",
        settings=dated_settings.stored(moneyworld.SENDER), recorded_at=LATER,
    )  # fmt: skip
    invoice = paidinvoice.of(statement)
    assert snag(replace(invoice, buyer="2120000142")) is Snag.WRONG_BUYER
    assert taken(invoice).verdict == _Verdict.AGREES


@pytest.mark.threat(53)
@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda xml: b"not " + xml, What.NOT_XML),
        (lambda xml: xml[:-40], What.NOT_XML),
        (lambda xml: xml.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a "b">]>', 1), What.FORBIDDEN),
        (lambda xml: xml + b" " * 11_000_000, What.TOO_LARGE),
        (lambda xml: xml.replace(b">F-1<", b">" + b"F" * 65 + b"<", 1), What.TOO_LONG),
        (lambda xml: xml.replace(b"InvoicePeriod", b"Nothing"), What.MISSING),
        (lambda xml: xml.replace(b'"MIN"', b'"KGM"'), What.UNKNOWN_UNIT),
        (lambda xml: xml.replace(b">47<", b">470<"), What.DOES_NOT_ADD_UP),
    ],
)
def test_a_file_that_attacks_or_cannot_be_read_leaves_nothing(
    statement: Statement, change: Callable[[bytes], bytes], what: What
) -> None:
    data = change(paidinvoice.of(statement).xml())
    before = AuditEvent.objects.count()
    with pytest.raises(InvoiceFaultError) as refused:
        take_in(paidworld.accountant(), data, now=LATER)
    assert what in {fault.what for fault in refused.value.faults}
    assert not ReceivedInvoice.objects.exists()
    assert AuditEvent.objects.count() == before


def test_a_sum_that_no_row_has_room_for_is_refused(statement: Statement) -> None:
    huge = paidinvoice.of(statement).line(0, quantity=Decimal(10**9), price=Decimal("464000.00"))
    with pytest.raises(InvoiceFaultError):
        taken(huge)
    assert not ReceivedInvoice.objects.exists()


def test_who_may_not_pay_takes_nothing_in(statement: Statement) -> None:
    with pytest.raises(MoneyError) as refused:
        take_in(paidworld.reviewer(), paidinvoice.of(statement).xml(), now=LATER)
    assert refused.value.snag is Snag.NOT_ALLOWED
