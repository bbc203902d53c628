"""The Peppol file of an invoice, by the official rules; and that those rules are really run."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st

from nyckelfri.server.money.papers import peppol, ubl
from nyckelfri.server.money.papers.content import Endpoint, InvoiceContent, Kind, Party, credit
from nyckelfri.server.money.papers.plain import line
from papersworld import BUYER, SELLER, TERMS, alarm, hours, invoice, meals
from peppolrules import NAMES, broken, mutated

FULL = invoice(hours(60), hours(7, 23, price="373.00"), alarm(12), meals(), terms=TERMS)
CREDIT = credit(FULL, number=1043, issued=date(2026, 12, 20), reason="Fel besök")
GLN = Endpoint(scheme="0088", number="7300010000001")


@pytest.mark.sentence(72)
@pytest.mark.sentence(75)
@pytest.mark.parametrize(
    "content",
    [
        FULL,
        CREDIT,
        invoice(hours(150)),
        invoice(hours(3)),
        invoice(meals()),
        invoice(hours(6), terms=TERMS[2:]),
        invoice(hours(1, 1, price="0.01")),
        invoice(hours(6), meals(), whole=True),
        invoice(seller=replace(SELLER, electronic_address=GLN, email="", f_skatt=False)),
        invoice(replace(hours(2), first=date(2026, 10, 30), last=date(2026, 10, 31))),
    ],
)
def test_no_official_rule_is_broken_not_even_as_a_warning(content: InvoiceContent) -> None:
    assert broken(peppol.write(content)) == []


@settings(max_examples=60, deadline=None)
@given(
    texts=st.lists(
        st.text(min_size=1).filter(lambda text: bool(line(text))), min_size=3, max_size=3
    ),
    counts=st.lists(
        st.tuples(st.integers(1, 20), st.integers(1, 90), st.decimals(1, 900, places=2)),
        min_size=1,
        max_size=4,
    ),
    shown=st.booleans(),
    back=st.booleans(),
)
def test_any_text_and_any_sums_keep_every_rule(
    texts: list[str], counts: list[tuple[int, int, Decimal]], shown: bool, back: bool
) -> None:
    name, street, said = texts
    content = invoice(
        *(hours(count, minutes, str(price), text=said) for count, minutes, price in counts),
        alarm(7),
        terms=TERMS if shown else (),
        seller=replace(SELLER, name=name, address=(street,)),
    )
    if back:
        content = credit(content, number=2, issued=date(2026, 12, 20), reason="Fel")
    data = peppol.write(content)
    assert broken(data) == []
    root = fromstring(data)
    assert root.findtext(".//a:PartyName/b:Name", namespaces=NAMES) == line(name)
    assert root.findtext(".//a:Item/b:Name", namespaces=NAMES) == line(said)
    payable = root.findtext(".//b:PayableAmount", namespaces=NAMES)
    assert payable == str(content.total)


@pytest.mark.threat(67)
def test_the_file_says_no_more_of_the_client_than_a_number() -> None:
    for content in (FULL, CREDIT):
        text = peppol.write(content).decode()
        assert "B0002" in text
        for word in (BUYER.name, BUYER.postcode, *BUYER.address):
            assert word not in text


@pytest.mark.threat(53)
def test_text_that_looks_like_xml_stays_text() -> None:
    evil = ']]></cbc:Name><cbc:PayableAmount currencyID="SEK">0</cbc:PayableAmount><!--'
    data = peppol.write(invoice(hours(2, text=evil)))
    assert broken(data) == []
    root = fromstring(data)
    assert root.findtext(".//a:Item/b:Name", namespaces=NAMES) == evil
    assert len(root.findall(".//b:PayableAmount", NAMES)) == 1


def test_minutes_days_and_pieces_are_what_the_lines_count_in() -> None:
    root = fromstring(peppol.write(FULL))
    said = [
        (
            each.findtext("b:InvoicedQuantity", namespaces=NAMES),
            each.find("b:InvoicedQuantity", NAMES).get("unitCode"),
            each.findtext("a:Price/b:BaseQuantity", namespaces=NAMES),
            each.findtext("b:LineExtensionAmount", namespaces=NAMES),
            each.findtext("b:AccountingCost", namespaces=NAMES),
        )
        for each in root.findall("a:InvoiceLine", NAMES)
    ]
    assert said == [
        ("1500", "MIN", "60", "3325.00", "3132"),
        ("161", "MIN", "60", "1000.88", "3132"),
        ("12", "DAY", "30", "90.80", "3133"),
        ("12", "C62", "1", "816.00", "3026"),
    ]


def test_a_credit_names_its_invoice_and_asks_for_no_payment() -> None:
    root = fromstring(peppol.write(CREDIT))
    assert root.tag == f"{{{ubl.NAMESPACES[Kind.CREDIT]}}}CreditNote"
    path = "a:BillingReference/a:InvoiceDocumentReference/b:ID"
    assert root.findtext(path, namespaces=NAMES) == "1042"
    assert root.find("a:PaymentMeans", NAMES) is None


def test_the_finance_office_can_name_another_receiver() -> None:
    root = fromstring(peppol.write(FULL, peppol.Destination(endpoint=GLN, reference="Omsorg 7120")))
    customer = "a:AccountingCustomerParty/a:Party/b:EndpointID"
    assert root.findtext(customer, namespaces=NAMES) == GLN.number
    assert root.findtext("b:BuyerReference", namespaces=NAMES) == "Omsorg 7120"


@pytest.mark.parametrize(
    ("seller", "said"),
    [
        (replace(SELLER, vat_number=""), "VAT number"),
    ],
)
def test_a_sender_that_peppol_would_refuse_is_told_what_is_missing(
    seller: Party, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        peppol.write(invoice(seller=seller))


@pytest.mark.parametrize(
    ("scheme", "number"),
    [("0007", "2129992084"), ("0007", "212999-2083"), ("0088", "7300010000002"), ("9955", "1")],
)
def test_an_address_that_is_none_cannot_be_made(scheme: str, number: str) -> None:
    with pytest.raises(ValueError, match=r"digit|scheme"):
        Endpoint(scheme=scheme, number=number)


def test_a_sender_whose_organisation_number_fails_luhn_cannot_be_made() -> None:
    """SE-R-013, which the compiled rules that the tests run are too old for."""
    with pytest.raises(ValueError, match="check digit"):
        replace(SELLER, org_number="2129992084", vat_number="")


SUPPLIER = "a:AccountingSupplierParty/a:Party"
GIRO = "a:PaymentMeans/a:PayeeFinancialAccount"


MUTATIONS: list[tuple[str, dict[str, str | None]]] = [
    ("PEPPOL-EN16931-R001", {"b:ProfileID": None}),
    ("PEPPOL-EN16931-R003", {"b:BuyerReference": None}),
    ("PEPPOL-EN16931-R004", {"b:CustomizationID": "urn:cen.eu:en16931:2017"}),
    ("PEPPOL-EN16931-R007", {"b:ProfileID": "urn:x"}),
    ("PEPPOL-EN16931-R008", {f"{SUPPLIER}/a:PartyName/b:Name": ""}),
    ("PEPPOL-EN16931-R010", {"a:AccountingCustomerParty/a:Party/b:EndpointID": None}),
    ("PEPPOL-EN16931-R020", {f"{SUPPLIER}/b:EndpointID": None}),
    ("PEPPOL-EN16931-R110", {"a:InvoicePeriod/b:StartDate": "2026-11-02"}),
    ("PEPPOL-EN16931-R111", {"a:InvoicePeriod/b:EndDate": "2026-11-29"}),
    ("PEPPOL-EN16931-R120", {"a:InvoiceLine/a:Price/b:PriceAmount": "133.10"}),
    ("PEPPOL-EN16931-R121", {"a:InvoiceLine/a:Price/b:BaseQuantity": "-60"}),
    ("PEPPOL-EN16931-R130", {"a:InvoiceLine/a:Price/b:BaseQuantity/@unitCode": "HUR"}),
    ("PEPPOL-EN16931-R051", {"a:LegalMonetaryTotal/b:PayableAmount/@currencyID": "EUR"}),
    ("PEPPOL-COMMON-R049", {f"{SUPPLIER}/b:EndpointID": "212999208"}),
    ("BR-02", {"b:ID": None}),
    ("BR-07", {"a:AccountingCustomerParty/a:Party/a:PartyLegalEntity": None}),
    ("BR-11", {"a:AccountingCustomerParty/a:Party/a:PostalAddress/a:Country": None}),
    ("BR-CO-10", {"a:LegalMonetaryTotal/b:LineExtensionAmount": "1.00"}),
    ("BR-CO-11", {"a:LegalMonetaryTotal/b:AllowanceTotalAmount": "1.00"}),
    ("BR-CO-12", {"a:AllowanceCharge/b:ChargeIndicator": "true"}),
    ("BR-CO-13", {"a:LegalMonetaryTotal/b:TaxExclusiveAmount": "1.00"}),
    ("BR-CO-14", {"a:TaxTotal/b:TaxAmount": "1.00"}),
    ("BR-CO-15", {"a:LegalMonetaryTotal/b:TaxInclusiveAmount": "1.00"}),
    ("BR-CO-16", {"a:LegalMonetaryTotal/b:PayableAmount": "1.00"}),
    ("BR-CO-25", {"b:DueDate": None}),
    ("BR-E-08", {"a:TaxTotal/a:TaxSubtotal/b:TaxableAmount": "1.00"}),
    ("BR-33", {"a:AllowanceCharge/b:AllowanceChargeReason": None}),
    ("SE-R-001", {f"{SUPPLIER}/a:PartyTaxScheme/b:CompanyID": "SE21299920830"}),
    ("SE-R-002", {f"{SUPPLIER}/a:PartyTaxScheme/b:CompanyID": "SE2129992083AB"}),
    ("SE-R-003", {f"{SUPPLIER}/a:PartyLegalEntity/b:CompanyID": "212999-208"}),
    ("SE-R-004", {f"{SUPPLIER}/a:PartyLegalEntity/b:CompanyID": "212999208"}),
    ("SE-R-005", {f"{SUPPLIER}/a:PartyTaxScheme[2]/b:CompanyID": "F-skatt"}),
    (
        "SE-R-006",
        {
            "a:InvoiceLine/a:Item/a:ClassifiedTaxCategory/b:ID": "S",
            "a:InvoiceLine/a:Item/a:ClassifiedTaxCategory/b:Percent": "20",
        },
    ),
    (
        "SE-R-007",
        {f"{GIRO}/a:FinancialInstitutionBranch/b:ID": "SE:PLUSGIRO", f"{GIRO}/b:ID": "12-3"},
    ),
    ("SE-R-008", {f"{GIRO}/b:ID": "5050-1055"}),
    ("SE-R-009", {f"{GIRO}/b:ID": "505010"}),
    (
        "SE-R-010",
        {f"{GIRO}/a:FinancialInstitutionBranch/b:ID": "SE:PLUSGIRO", f"{GIRO}/b:ID": "123456789"},
    ),
    ("SE-R-011", {"a:PaymentMeans/b:PaymentMeansCode": "56"}),
    ("SE-R-012", {"a:PaymentMeans/b:PaymentMeansCode": "31"}),
    ("XSD", {"b:IssueDate": "3 december"}),
]


@pytest.mark.parametrize(("rule", "changes"), MUTATIONS, ids=[rule for rule, _ in MUTATIONS])
def test_the_official_rules_are_run(rule: str, changes: dict[str, str | None]) -> None:
    assert rule in {each.rule for each in broken(mutated(peppol.write(FULL), changes))}


def test_the_order_of_elements_is_checked_by_the_schema() -> None:
    root = fromstring(peppol.write(FULL))
    lines = root.findall("a:InvoiceLine", NAMES)
    root.remove(lines[0])
    root.insert(0, lines[0])
    assert "XSD" in {each.rule for each in broken(bytes(ET.tostring(root)))}
