"""An invoice as a Peppol BIS Billing 3 file, for the municipality's own finance system.

House rules: the buyer is a private person who is not in Peppol, and the file says no more of
them than the client's number: no name, no address, no personal number. The finance system knows
its customers by that number, and posts or sends them what they get. Social care is exempt from
VAT: category E. A fee that is limited is an allowance on the whole invoice, so that lines keep
the tariff's prices.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from nyckelfri.care.billing import Limit, Unit
from nyckelfri.server.money.papers import checkdigits, ubl
from nyckelfri.server.money.papers.content import Endpoint, InvoiceContent, InvoiceLine, Kind, Party
from nyckelfri.server.money.papers.plain import line as plain

_EXEMPT: Final = "E"
_EXEMPT_CODE: Final = "VATEX-EU-132-1G"
_EXEMPT_REASON: Final = (
    "Social omsorg är undantagen från skatteplikt, 10 kap. mervärdesskattelagen (2023:200)"
)
_REDUCTION: Final = {
    Limit.TARIFF: "",
    Limit.CAP: "Avdrag för högsta avgiften",
    Limit.HEADROOM: "Avdrag för avgiftsutrymmet",
}
_UNITS: Final = {Unit.HOUR: "MIN", Unit.MONTH: "DAY", Unit.PIECE: "C62"}
_MINUTES: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where the file goes, as the finance office has confirmed: a receiver and its reference."""

    endpoint: Endpoint
    reference: str


def own_address(seller: Party) -> Endpoint:
    """The sender's electronic address: its organisation number, unless it has named another."""
    number = checkdigits.organisation(seller.org_number)
    return seller.electronic_address or Endpoint(scheme="0007", number=number)


def write(content: InvoiceContent, destination: Destination | None = None) -> bytes:
    """The file; ValueError where the sender has no VAT number, which an exempt sale asks for.

    Without a destination it goes to the municipality itself, with the client's number as its
    reference.
    """
    destination = destination or Destination(
        endpoint=own_address(content.seller), reference=content.client_id
    )
    if not content.seller.vat_number:
        raise ValueError("the sender has no VAT number: fill in the settings")
    kind = content.kind
    root = ET.Element(
        ubl.ROOTS[kind],
        {"xmlns": ubl.NAMESPACES[kind], "xmlns:cac": ubl.CAC, "xmlns:cbc": ubl.CBC},
    )
    _head(root, content, destination)
    _supplier(_in(root, "AccountingSupplierParty", "Party"), content.seller)
    _customer(_in(root, "AccountingCustomerParty", "Party"), content, destination)
    _payment(root, content)
    if content.fee.reduction:
        _reduction(root, content)
    _totals(root, content)
    for number, line in enumerate(content.lines, 1):
        _line(_in(root, f"{ubl.ROOTS[kind]}Line"), line, number, kind)
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="UTF-8", xml_declaration=True))


def _in(parent: ET.Element, *names: str) -> ET.Element:
    """A new element inside new elements."""
    for name in names:
        parent = ET.SubElement(parent, f"cac:{name}")
    return parent


def _say(parent: ET.Element, name: str, text: str, **attributes: str) -> None:
    """A new element that says something; an empty one is against the rules (R008)."""
    if said := plain(text):
        ET.SubElement(parent, f"cbc:{name}", attributes).text = said


def _amount(parent: ET.Element, name: str, amount: Decimal) -> None:
    _say(parent, name, str(amount), currencyID=ubl.CURRENCY)


def _period(parent: ET.Element, first: date, last: date) -> None:
    period = _in(parent, "InvoicePeriod")
    _say(period, "StartDate", first.isoformat())
    _say(period, "EndDate", last.isoformat())


def _head(root: ET.Element, content: InvoiceContent, destination: Destination) -> None:
    _say(root, "CustomizationID", ubl.CUSTOMIZATION)
    _say(root, "ProfileID", ubl.PROFILE)
    _say(root, "ID", str(content.number))
    _say(root, "IssueDate", content.issued.isoformat())
    if content.kind is Kind.INVOICE:
        _say(root, "DueDate", content.due.isoformat())
    _say(root, f"{ubl.ROOTS[content.kind]}TypeCode", ubl.TYPE_CODES[content.kind])
    _say(root, "DocumentCurrencyCode", ubl.CURRENCY)
    _say(root, "BuyerReference", destination.reference)
    # No line may lie outside (R110, R111), not even one of late evidence.
    firsts, lasts = zip(*((line.first, line.last) for line in content.lines), strict=True)
    _period(root, min(content.first, *firsts), max(content.last, *lasts))
    if content.credits:
        credited = _in(root, "BillingReference", "InvoiceDocumentReference")
        _say(credited, "ID", str(content.credits.number))
        _say(credited, "IssueDate", content.credits.issued.isoformat())


def _supplier(party: ET.Element, seller: Party) -> None:
    endpoint = own_address(seller)
    _say(party, "EndpointID", endpoint.number, schemeID=endpoint.scheme)
    _say(_in(party, "PartyName"), "Name", seller.name)
    address = _in(party, "PostalAddress")
    for name, text in zip(("StreetName", "AdditionalStreetName"), seller.address, strict=False):
        _say(address, name, text)
    _say(address, "CityName", seller.town)
    _say(address, "PostalZone", seller.postcode)
    _say(_in(address, "Country"), "IdentificationCode", "SE")
    _tax_scheme(party, seller.vat_number, "VAT")
    if seller.f_skatt:
        _tax_scheme(party, ubl.F_SKATT, "TAX")
    entity = _in(party, "PartyLegalEntity")
    _say(entity, "RegistrationName", seller.name)
    _say(entity, "CompanyID", checkdigits.organisation(seller.org_number), schemeID="0007")
    contact = _in(party, "Contact")
    _say(contact, "Telephone", seller.telephone)
    _say(contact, "ElectronicMail", seller.email)


def _tax_scheme(party: ET.Element, number: str, scheme: str) -> None:
    of = _in(party, "PartyTaxScheme")
    _say(of, "CompanyID", number)
    _say(_in(of, "TaxScheme"), "ID", scheme)


def _customer(party: ET.Element, content: InvoiceContent, destination: Destination) -> None:
    endpoint = destination.endpoint
    _say(party, "EndpointID", endpoint.number, schemeID=endpoint.scheme)
    _say(_in(party, "PartyIdentification"), "ID", content.client_id)
    _say(_in(party, "PostalAddress", "Country"), "IdentificationCode", "SE")
    _say(_in(party, "PartyLegalEntity"), "RegistrationName", f"Kund {content.client_id}")


def _payment(root: ET.Element, content: InvoiceContent) -> None:
    if content.credits:
        _say(_in(root, "PaymentTerms"), "Note", f"Avser faktura {content.credits.number}")
        return
    means = _in(root, "PaymentMeans")
    _say(means, "PaymentMeansCode", ubl.CREDIT_TRANSFER)
    _say(means, "PaymentID", content.reference)
    account = _in(means, "PayeeFinancialAccount")
    _say(account, "ID", checkdigits.bankgiro(content.seller.bankgiro))
    _say(_in(account, "FinancialInstitutionBranch"), "ID", ubl.BANKGIRO)


def _reduction(root: ET.Element, content: InvoiceContent) -> None:
    taken = _in(root, "AllowanceCharge")
    _say(taken, "ChargeIndicator", "false")
    _say(taken, "AllowanceChargeReason", _REDUCTION[content.fee.limit])
    _amount(taken, "Amount", content.fee.reduction)
    _category(taken, "TaxCategory")


def _category(parent: ET.Element, name: str, *, reason: bool = False) -> None:
    category = _in(parent, name)
    _say(category, "ID", _EXEMPT)
    _say(category, "Percent", "0")
    if reason:
        _say(category, "TaxExemptionReasonCode", _EXEMPT_CODE)
        _say(category, "TaxExemptionReason", _EXEMPT_REASON)
    _say(_in(category, "TaxScheme"), "ID", "VAT")


def _totals(root: ET.Element, content: InvoiceContent) -> None:
    fee, no_tax = content.fee, Decimal("0.00")
    whole = fee.total + fee.rounding
    tax = _in(root, "TaxTotal")
    _amount(tax, "TaxAmount", no_tax)
    part = _in(tax, "TaxSubtotal")
    _amount(part, "TaxableAmount", whole)
    _amount(part, "TaxAmount", no_tax)
    _category(part, "TaxCategory", reason=True)
    total = _in(root, "LegalMonetaryTotal")
    _amount(total, "LineExtensionAmount", fee.capped + fee.free)
    _amount(total, "TaxExclusiveAmount", whole)
    _amount(total, "TaxInclusiveAmount", whole)
    if fee.reduction:
        _amount(total, "AllowanceTotalAmount", fee.reduction)
    if fee.rounding:
        _amount(total, "PayableRoundingAmount", -fee.rounding)
    _amount(total, "PayableAmount", fee.total)


def _line(element: ET.Element, line: InvoiceLine, number: int, kind: Kind) -> None:
    """A line in the unit it is counted in, so that quantity x price / base is its amount.

    Minutes at the price of 60, days at the price of the month's; what is less than an öre was
    left off, which the rule's slack allows.
    """
    unit = _UNITS[line.unit]
    base = _MINUTES if line.unit is Unit.HOUR else line.of
    _say(element, "ID", str(number))
    _say(element, ubl.QUANTITIES[kind], str(line.quantity), unitCode=unit)
    _amount(element, "LineExtensionAmount", line.amount)
    _say(element, "AccountingCost", line.account)
    _period(element, line.first, line.last)
    item = _in(element, "Item")
    _say(item, "Name", line.text)
    _say(_in(item, "SellersItemIdentification"), "ID", line.article)
    _category(item, "ClassifiedTaxCategory")
    price = _in(element, "Price")
    _amount(price, "PriceAmount", line.price)
    _say(price, "BaseQuantity", str(base), unitCode=unit)
