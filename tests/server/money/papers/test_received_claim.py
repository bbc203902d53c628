"""A provider's file held against our statement: the way from bytes to a verdict."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from nyckelfri.care import statementcheck as care
from nyckelfri.care.pay import Ground, PayTrace, Per, Statement, StatementLine
from nyckelfri.care.statementcheck import Counted, InvoiceVerdict, LineVerdict
from nyckelfri.server.money.papers import peppol
from nyckelfri.server.money.papers.content import credit
from nyckelfri.server.money.papers.received import Fault, InvoiceFaultError, What
from nyckelfri.server.money.papers.received_claim import claim
from nyckelfri.server.money.papers.received_xml import read_invoice
from papersworld import NOVEMBER, alarm, hours, invoice
from peppolrules import mutated
from providerinvoice import DATA


def statement(minutes: int, amount: str) -> Statement:
    line = StatementLine(
        number=1,
        service="care",
        area="",
        ground=Ground.PERFORMED,
        per=Per.HOUR,
        quantity=minutes,
        price=Decimal("464.00"),
        percent=Decimal(100),
        amount=Decimal(amount),
        first=NOVEMBER,
        last=date(2026, 11, 30),
        traces=(PayTrace("B1", "B0002", NOVEMBER, minutes * 60, None),),
    )
    return Statement(
        provider_id="212999-2083", month=NOVEMBER, lines=(line,), unpaid=(), total=line.amount
    )


FILE = peppol.write(invoice(hours(6, price="464.00", text="care")))


@pytest.mark.sentence(76)
def test_a_file_that_is_our_statement_is_payable() -> None:
    asked = claim(read_invoice(FILE))
    assert asked.lines[0].counted is Counted.MINUTES
    assert care.check(asked, statement(150, "1160.00")).payable


def test_a_file_that_asks_for_more_says_where_and_how_much() -> None:
    found = care.check(claim(read_invoice(FILE)), statement(120, "928.00"))
    assert found.verdicts == (InvoiceVerdict.DIFFERS, InvoiceVerdict.TOTAL)
    assert found.lines[0].verdicts == (LineVerdict.QUANTITY, LineVerdict.AMOUNT)
    assert found.difference == Decimal("232.00")


def test_hours_pieces_and_references_as_another_program_writes_them() -> None:
    asked = claim(read_invoice(DATA))
    assert asked == care.ReceivedInvoice(
        invoice_id="F-2026/311",
        supplier_id="559992-4429",
        first=NOVEMBER,
        last=date(2026, 11, 30),
        lines=(
            care.ReceivedLine(
                "1", "Omvårdnad", "1", Decimal("100.25"), Counted.HOURS, Decimal(464),
                Decimal(46416),
            ),
            care.ReceivedLine(
                "2", "Material", "2", Decimal(3), Counted.PIECES, Decimal("33.335"),
                Decimal("100.01"),
            ),
        ),
        total=Decimal(46566),
    )  # fmt: skip
    item = "a:InvoiceLine/a:OrderLineReference"
    assert claim(read_invoice(mutated(DATA, {item: None}))).lines[0].item == "care"


def test_a_price_is_that_of_an_hour_whatever_it_is_for() -> None:
    changes = {
        "a:InvoiceLine/a:Price/b:PriceAmount": "1392",
        "a:InvoiceLine/a:Price/b:BaseQuantity": "3",
    }
    assert str(claim(read_invoice(mutated(DATA, changes))).lines[0].price) == "464.00"


def test_a_credit_asks_for_less_than_nothing() -> None:
    back = credit(invoice(hours(6)), number=2, issued=date(2026, 12, 20), reason="Fel")
    asked = claim(read_invoice(peppol.write(back)))
    assert (asked.total, asked.lines[0].quantity) == (Decimal("-332.50"), Decimal(-150))
    assert not care.check(asked, statement(150, "332.50")).payable


def test_a_price_beyond_all_measure_is_refused() -> None:
    price = {"a:InvoiceLine/a:Price/b:PriceAmount": "928", "a:InvoiceLine/b:InvoicedQuantity": "0"}
    price |= {"a:InvoiceLine/a:Price/b:BaseQuantity": "0.000000001"}
    with pytest.raises(InvoiceFaultError):
        read_invoice(mutated(DATA, price))
    read = read_invoice(DATA)
    large = replace(read.lines[0], price=Decimal(10**9), base=Decimal("0.000001"))
    with pytest.raises(InvoiceFaultError):
        claim(replace(read, lines=(large,)))


def test_what_no_statement_is_like_is_refused() -> None:
    with pytest.raises(InvoiceFaultError) as caught:
        claim(read_invoice(peppol.write(invoice(alarm()))))
    assert caught.value.faults == (Fault(What.UNKNOWN_UNIT, "InvoiceLine 1/unitCode", "DAY"),)
    periods = {f"{place}a:InvoicePeriod": None for place in ("", "a:InvoiceLine[1]/")}
    rest = {"a:InvoiceLine[2]/a:InvoicePeriod": None}
    with pytest.raises(InvoiceFaultError, match="InvoicePeriod"):
        claim(read_invoice(mutated(DATA, {**periods, **rest})))
