"""A provider's invoice from outside: read whole, or refused with the place and the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nyckelfri.server.money.papers import peppol
from nyckelfri.server.money.papers.content import Kind, credit
from nyckelfri.server.money.papers.received import (
    SAID,
    Adjustment,
    InvoiceFaultError,
    ReceivedInvoice,
    ReceivedLine,
    Vat,
    What,
)
from nyckelfri.server.money.papers.received_xml import LARGEST, read_invoice
from papersworld import TERMS, hours, invoice, meals
from peppolrules import broken, mutated
from providerinvoice import DATA, XML

SUPPLIER = "a:AccountingSupplierParty/a:Party"


def faults(data: bytes) -> list[tuple[What, str]]:
    with pytest.raises(InvoiceFaultError) as caught:
        read_invoice(data)
    assert str(caught.value)
    return [(fault.what, fault.where) for fault in caught.value.faults]


@pytest.mark.sentence(76)
def test_a_provider_s_invoice_is_read_with_all_that_is_checked_and_paid() -> None:
    assert broken(DATA) == []
    read = read_invoice(DATA)
    care, material = read.lines
    assert care == ReceivedLine(
        id="1",
        name="Omvårdnad",
        quantity=Decimal("100.25"),
        unit="HUR",
        price=Decimal(464),
        base=Decimal(1),
        amount=Decimal(46416),
        category="E",
        percent=Decimal(0),
        note="Underlag 2026-11, norr",
        description="November",
        buyers_item="care",
        order_line="1",
        object_id="2026-11/3/care",
        first=date(2026, 11, 1),
        last=date(2026, 11, 30),
        adjustments=(Adjustment(charge=False, amount=Decimal(100), reason="Avböjt besök"),),
    )
    assert (material.price, material.amount) == (Decimal("33.335"), Decimal("100.01"))
    assert read == replace(
        read,
        kind=Kind.INVOICE,
        number="F-2026/311",
        issued=date(2026, 12, 5),
        due=date(2027, 1, 4),
        first=date(2026, 11, 1),
        last=date(2026, 11, 30),
        note="Ersättning för november",
        order="2026-11/3",
        contract="LOV-12",
        supplier_org="5599924429",
        supplier_name="Omtanke Hemtjänst AB",
        vat_number="SE559992442901",
        f_skatt=True,
        buyer_name="Björkviks kommun",
        buyer_org="2129992083",
        buyer_reference="7120",
        bankgiro="9912346",
        plusgiro="",
        payment_reference="2026311",
        credits=(),
        adjustments=(
            Adjustment(
                charge=True,
                amount=Decimal(20),
                reason="Fakturaavgift",
                category="S",
                percent=Decimal(25),
            ),
        ),
        vat=(
            Vat(
                category="E",
                percent=Decimal(0),
                base=Decimal(46416),
                tax=Decimal(0),
                reason="Social omsorg",
            ),
            Vat(category="S", percent=Decimal(25), base=Decimal("120.01"), tax=Decimal(30)),
        ),
    )
    assert read.totals.payable == Decimal(46566)


@settings(max_examples=40, deadline=None)
@given(
    counts=st.lists(
        st.tuples(st.integers(1, 20), st.integers(1, 90), st.decimals(1, 900, places=2)),
        min_size=1,
        max_size=4,
    ),
    shown=st.booleans(),
    back=st.booleans(),
)
def test_what_the_writer_writes_is_read_to_the_same_figures(
    counts: list[tuple[int, int, Decimal]], shown: bool, back: bool
) -> None:
    lines = [hours(count, minutes, str(price)) for count, minutes, price in counts]
    content = invoice(*lines, meals(), terms=TERMS if shown else ())
    if back:
        content = credit(content, number=2, issued=date(2026, 12, 20), reason="Fel")
    read: ReceivedInvoice = read_invoice(peppol.write(content))
    assert (read.kind, read.number, read.totals.payable) == (
        content.kind,
        str(content.number),
        content.total,
    )
    assert [(each.quantity, each.price, each.amount) for each in read.lines] == [
        (Decimal(each.quantity), each.price, each.amount) for each in content.lines
    ]
    assert read.credits == (("1042",) if back else ())


def test_numbers_in_other_clothes_are_read_too() -> None:
    changes = {
        f"{SUPPLIER}/a:PartyLegalEntity/b:CompanyID": "559992-4429",
        "a:LegalMonetaryTotal/b:TaxExclusiveAmount": "+46536.01",
        "b:Note": " Ersättning\n  för november ",
    }
    assert read_invoice(mutated(DATA, changes)) == read_invoice(DATA)
    by_vat = mutated(DATA, {f"{SUPPLIER}/a:PartyLegalEntity/b:CompanyID": None})
    assert read_invoice(by_vat).supplier_org == "5599924429"
    assert read_invoice(XML.replace("UTF-8", "UTF-16").encode("utf-16")) == read_invoice(DATA)


LINE = "a:InvoiceLine"
TOTAL = "a:LegalMonetaryTotal"
SHARE = "a:TaxTotal/a:TaxSubtotal"


@pytest.mark.parametrize(
    ("changes", "what", "where"),
    [
        ({"b:ID": None}, What.MISSING, "ID"),
        ({"b:ID": " \n"}, What.MISSING, "ID"),
        ({"b:IssueDate": None}, What.MISSING, "IssueDate"),
        ({"b:IssueDate": "2026-02-30"}, What.NOT_A_DATE, "IssueDate"),
        ({"b:DueDate": "4 januari"}, What.NOT_A_DATE, "DueDate"),
        ({"b:InvoiceTypeCode": "389"}, What.NOT_PEPPOL, "InvoiceTypeCode"),
        ({"b:CustomizationID": "urn:cen.eu:en16931:2017"}, What.NOT_PEPPOL, "CustomizationID"),
        ({"b:DocumentCurrencyCode": "EUR"}, What.NOT_KRONOR, "DocumentCurrencyCode"),
        (
            {f"{SUPPLIER}/a:PartyLegalEntity/b:CompanyID": "5599924428"},
            What.NO_ORG_NUMBER,
            "AccountingSupplierParty/Party/PartyLegalEntity/CompanyID",
        ),
        (
            {f"{SUPPLIER}/a:PartyLegalEntity/b:RegistrationName": None},
            What.MISSING,
            "AccountingSupplierParty/Party/PartyLegalEntity/RegistrationName",
        ),
        ({f"{LINE}/b:ID": "2"}, What.TWICE, "InvoiceLine 2/ID"),
        ({f"{LINE}/b:ID": None}, What.MISSING, "InvoiceLine 1/ID"),
        (
            {f"{LINE}[2]/b:InvoicedQuantity": "3,5"},
            What.NOT_A_NUMBER,
            "InvoiceLine 2/InvoicedQuantity",
        ),
        (
            {f"{LINE}/b:InvoicedQuantity": "1e3"},
            What.NOT_A_NUMBER,
            "InvoiceLine 1/InvoicedQuantity",
        ),
        (
            {f"{LINE}/b:InvoicedQuantity": "NaN"},
            What.NOT_A_NUMBER,
            "InvoiceLine 1/InvoicedQuantity",
        ),
        (
            {f"{LINE}/b:InvoicedQuantity": "9" * 40},
            What.NOT_A_NUMBER,
            "InvoiceLine 1/InvoicedQuantity",
        ),
        (
            {f"{LINE}/b:LineExtensionAmount": "46416.001"},
            What.NOT_A_NUMBER,
            "InvoiceLine 1/LineExtensionAmount",
        ),
        (
            {f"{LINE}/b:LineExtensionAmount/@currencyID": "EUR"},
            What.NOT_KRONOR,
            "InvoiceLine 1/LineExtensionAmount",
        ),
        (
            {f"{LINE}/b:InvoicedQuantity/@unitCode": ""},
            What.MISSING,
            "InvoiceLine 1/InvoicedQuantity/unitCode",
        ),
        ({f"{LINE}/a:Price": None}, What.MISSING, "InvoiceLine 1/Price/PriceAmount"),
        (
            {f"{LINE}/a:Price/b:BaseQuantity": "0"},
            What.NOT_A_NUMBER,
            "InvoiceLine 1/Price/BaseQuantity",
        ),
        ({f"{LINE}/a:Item/b:Name": None}, What.MISSING, "InvoiceLine 1/Item/Name"),
        ({f"{LINE}/b:Note": "x" * 1001}, What.TOO_LONG, "InvoiceLine 1/Note"),
        (
            {f"{LINE}/a:Item/a:ClassifiedTaxCategory/b:ID": "skattefri"},
            What.NOT_PEPPOL,
            "InvoiceLine 1/Item/ClassifiedTaxCategory/ID",
        ),
        (
            {"a:AllowanceCharge/b:ChargeIndicator": "ja"},
            What.NOT_PEPPOL,
            "AllowanceCharge 1/ChargeIndicator",
        ),
        (
            {f"{SHARE}/b:TaxableAmount": None},
            What.MISSING,
            "TaxTotal/TaxSubtotal 1/TaxableAmount",
        ),
        ({f"{TOTAL}/b:PayableAmount": None}, What.MISSING, "LegalMonetaryTotal/PayableAmount"),
    ],
)
def test_a_field_that_is_missing_or_wrong_is_named(
    changes: Mapping[str, str | None], what: What, where: str
) -> None:
    assert faults(mutated(DATA, changes)) == [(what, where)]


@pytest.mark.parametrize(
    ("path", "value", "places"),
    [
        (f"{LINE}/b:InvoicedQuantity", "100.24", ["InvoiceLine 1/LineExtensionAmount"]),
        (f"{LINE}/a:Price/b:PriceAmount", "465", ["InvoiceLine 1/LineExtensionAmount"]),
        (
            f"{LINE}/a:AllowanceCharge/b:Amount",
            "99.00",
            ["InvoiceLine 1/LineExtensionAmount"],
        ),
        (
            f"{LINE}/b:LineExtensionAmount",
            "46416.01",
            ["TaxTotal/TaxSubtotal E 0/TaxableAmount", "LegalMonetaryTotal/LineExtensionAmount"],
        ),
        (
            f"{LINE}/a:Item/a:ClassifiedTaxCategory/b:ID",
            "Z",
            ["TaxTotal/TaxSubtotal E 0/TaxableAmount", "TaxTotal/TaxSubtotal Z 0"],
        ),
        (
            f"{SHARE}[2]/b:TaxAmount",
            "30.02",
            ["TaxTotal/TaxSubtotal S 25.00/TaxAmount", "TaxTotal/TaxAmount"],
        ),
        (
            "a:TaxTotal/b:TaxAmount",
            "31.00",
            ["LegalMonetaryTotal/TaxInclusiveAmount", "TaxTotal/TaxAmount"],
        ),
        (
            "a:AllowanceCharge/b:ChargeIndicator",
            "false",
            [
                "TaxTotal/TaxSubtotal S 25.00/TaxableAmount",
                "LegalMonetaryTotal/AllowanceTotalAmount",
                "LegalMonetaryTotal/ChargeTotalAmount",
            ],
        ),
        (
            f"{TOTAL}/b:TaxExclusiveAmount",
            "46536.02",
            ["LegalMonetaryTotal/TaxExclusiveAmount", "LegalMonetaryTotal/TaxInclusiveAmount"],
        ),
        (f"{TOTAL}/b:PayableRoundingAmount", "0.01", ["LegalMonetaryTotal/PayableAmount"]),
        (f"{TOTAL}/b:PayableAmount", "46567.00", ["LegalMonetaryTotal/PayableAmount"]),
    ],
)
def test_whatever_does_not_add_up_is_told_with_its_place(
    path: str, value: str, places: list[str]
) -> None:
    found = faults(mutated(DATA, {path: value}))
    assert [what for what, _ in found] == [What.DOES_NOT_ADD_UP] * len(places)
    assert [where for _, where in found] == places


def test_figures_beyond_all_measure_do_not_add_up_and_break_nothing() -> None:
    largest = {
        f"{LINE}/b:InvoicedQuantity": "999999999.999999",
        f"{LINE}/a:Price/b:PriceAmount": "999999999.999999",
        f"{LINE}/a:Price/b:BaseQuantity": "0.000001",
    }
    (what, where), *_ = faults(mutated(DATA, largest))
    assert (what, where) == (What.DOES_NOT_ADD_UP, "InvoiceLine 1/LineExtensionAmount")


def test_a_fault_says_what_to_do_in_swedish_and_in_english() -> None:
    assert set(SAID) == set(What)
    with pytest.raises(InvoiceFaultError) as caught:
        read_invoice(mutated(DATA, {f"{TOTAL}/b:PayableAmount": "1.00"}))
    (fault,) = caught.value.faults
    assert (fault.found, fault.expected) == ("1.00", "46566.00")
    assert str(caught.value) == (
        "LegalMonetaryTotal/PayableAmount: This does not add up. It should be 46566.00."
    )


def test_what_may_stand_once_stands_once() -> None:
    twice = XML.replace("<cbc:DueDate>", "<cbc:DueDate>2027-02-01</cbc:DueDate><cbc:DueDate>")
    assert faults(twice.encode()) == [(What.TWICE, "DueDate")]
    start, end = XML.index("  <cac:LegalMonetaryTotal>"), XML.index("  <cac:InvoiceLine>")
    twice = XML[:start] + XML[start:end] * 2 + XML[end:]
    assert faults(twice.encode()) == [(What.TWICE, "LegalMonetaryTotal")]


@pytest.mark.parametrize(
    "data",
    [b"", b"faktura", b"%PDF-1.7", b"\x00" * 100, b"<Invoice/>", DATA[:-20], DATA + b"<x/>", b"<"],
)
def test_what_is_no_invoice_is_refused(data: bytes) -> None:
    (fault,) = faults(data)
    assert fault[0] in {What.NOT_XML, What.NOT_PEPPOL}


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))


@pytest.mark.threat(53)
@pytest.mark.parametrize(
    "head",
    [
        f'<!DOCTYPE Invoice [<!ENTITY l0 "ha">{LAUGHS}]>',
        '<!DOCTYPE Invoice [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE Invoice [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;]>',
        '<!DOCTYPE Invoice SYSTEM "http://127.0.0.1:9/invoice.dtd">',
        "<!DOCTYPE Invoice>",
    ],
)
def test_a_file_that_attacks_its_reader_is_refused(head: str) -> None:
    evil = XML.replace("?>", f"?>{head}", 1).replace("Fakturaavgift", "&x;&l11;")
    assert faults(evil.encode()) == [(What.FORBIDDEN, "")]


@pytest.mark.threat(53)
def test_a_file_that_is_too_large_or_too_deep_is_refused() -> None:
    assert faults(DATA + b" " * LARGEST) == [(What.TOO_LARGE, "")]
    deep = XML.replace("<cbc:Note>Ers", "<a>" * 100_000 + "</a>" * 100_000 + "<cbc:Note>Ers", 1)
    assert read_invoice(deep.encode()) == read_invoice(DATA)


@settings(max_examples=300, deadline=None)
@given(
    at=st.integers(0, len(DATA)),
    length=st.integers(0, 60),
    put=st.binary(max_size=30)
    | st.sampled_from([b"<", b"</cbc:ID>", b"&#0;", b"\xff", b"-", b"9"]),
)
def test_a_broken_file_is_read_or_refused_and_nothing_else(
    at: int, length: int, put: bytes
) -> None:
    try:
        read = read_invoice(DATA[:at] + put + DATA[at + length :])
    except InvoiceFaultError as error:
        found, agrees = error.faults, True
    else:
        totals = read.totals
        found, agrees = (), totals.payable == totals.with_vat - totals.prepaid + totals.rounding
    assert agrees
    assert all(len(fault.found) <= 40 for fault in found)
