"""A provider's invoice for a statement of ours, as its own program would write it.

House rules: what it writes is a whole Peppol file that agrees with itself, whatever is asked of
it that our statement does not say.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from nyckelfri.care.pay import Per
from nyckelfri.server.money import pay
from nyckelfri.server.money.models import Statement
from nyckelfri.server.money.papers.statement import service_word
from nyckelfri.server.money.papers.words import Language
from nyckelfri.server.visits import months

_NAMESPACE: Final = "urn:oasis:names:specification:ubl:schema:xsd"
_ORE: Final = Decimal("0.01")
_LINE: Final = """
  <cac:{root}Line>
    <cbc:ID>{id}</cbc:ID>
    <cbc:{counted}Quantity unitCode="{unit}">{quantity}</cbc:{counted}Quantity>
    <cbc:LineExtensionAmount currencyID="SEK">{amount}</cbc:LineExtensionAmount>
    <cac:OrderLineReference><cbc:LineID>{names}</cbc:LineID></cac:OrderLineReference>
    <cac:Item>
      <cbc:Name>{text}</cbc:Name>
      <cac:ClassifiedTaxCategory>
        <cbc:ID>E</cbc:ID><cbc:Percent>0</cbc:Percent>
        <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>
      </cac:ClassifiedTaxCategory>
    </cac:Item>
    <cac:Price>
      <cbc:PriceAmount currencyID="SEK">{price}</cbc:PriceAmount>
      <cbc:BaseQuantity unitCode="{unit}">{base}</cbc:BaseQuantity>
    </cac:Price>
  </cac:{root}Line>"""
_WHOLE: Final = """<?xml version="1.0" encoding="UTF-8"?>
<{root} xmlns="{ns}:{root}-2" xmlns:cac="{ns}:CommonAggregateComponents-2"
    xmlns:cbc="{ns}:CommonBasicComponents-2">
  <cbc:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0</cbc:CustomizationID>
  <cbc:ProfileID>urn:fdc:peppol.eu:2017:poacc:billing:01:1.0</cbc:ProfileID>
  <cbc:ID>{number}</cbc:ID>
  <cbc:IssueDate>2026-12-08</cbc:IssueDate>
  <cbc:{root}TypeCode>{code}</cbc:{root}TypeCode>
  <cbc:DocumentCurrencyCode>SEK</cbc:DocumentCurrencyCode>
  <cac:InvoicePeriod>
    <cbc:StartDate>{first}</cbc:StartDate><cbc:EndDate>{last}</cbc:EndDate>
  </cac:InvoicePeriod>{credits}
  <cac:AccountingSupplierParty><cac:Party><cac:PartyLegalEntity>
    <cbc:RegistrationName>Utföraren</cbc:RegistrationName>
    <cbc:CompanyID schemeID="0007">{supplier}</cbc:CompanyID>
  </cac:PartyLegalEntity></cac:Party></cac:AccountingSupplierParty>
  <cac:AccountingCustomerParty><cac:Party><cac:PartyLegalEntity>
    <cbc:RegistrationName>Björkviks kommun</cbc:RegistrationName>
    <cbc:CompanyID schemeID="0007">{buyer}</cbc:CompanyID>
  </cac:PartyLegalEntity></cac:Party></cac:AccountingCustomerParty>
  <cac:TaxTotal>
    <cbc:TaxAmount currencyID="SEK">0.00</cbc:TaxAmount>
    <cac:TaxSubtotal>
      <cbc:TaxableAmount currencyID="SEK">{lines_total}</cbc:TaxableAmount>
      <cbc:TaxAmount currencyID="SEK">0.00</cbc:TaxAmount>
      <cac:TaxCategory>
        <cbc:ID>E</cbc:ID><cbc:Percent>0</cbc:Percent>
        <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>
      </cac:TaxCategory>
    </cac:TaxSubtotal>
  </cac:TaxTotal>
  <cac:LegalMonetaryTotal>
    <cbc:LineExtensionAmount currencyID="SEK">{lines_total}</cbc:LineExtensionAmount>
    <cbc:TaxExclusiveAmount currencyID="SEK">{lines_total}</cbc:TaxExclusiveAmount>
    <cbc:TaxInclusiveAmount currencyID="SEK">{lines_total}</cbc:TaxInclusiveAmount>
    <cbc:PayableRoundingAmount currencyID="SEK">{rounding}</cbc:PayableRoundingAmount>
    <cbc:PayableAmount currencyID="SEK">{payable}</cbc:PayableAmount>
  </cac:LegalMonetaryTotal>{lines}
</{root}>
"""


@dataclass(frozen=True)
class Line:
    """A line as the provider writes it; `price` is for an hour where `unit` is MIN."""

    names: str
    text: str
    quantity: Decimal
    unit: str
    price: Decimal

    @property
    def base(self) -> int:
        """What the price is for, in units."""
        return 60 if self.unit == "MIN" else 1

    @property
    def amount(self) -> Decimal:
        """Kronor of the line."""
        return (self.quantity * self.price / self.base).quantize(_ORE, ROUND_HALF_UP)


@dataclass(frozen=True)
class Invoice:
    """A whole invoice, or the credit of one (`credits`)."""

    number: str
    supplier: str
    lines: tuple[Line, ...]
    first: str
    last: str
    buyer: str = "2129992083"
    rounding: Decimal = Decimal("0.00")
    credits: str = ""

    def line(self, at: int, **changes: object) -> Invoice:
        """The same with a line changed."""
        lines = list(self.lines)
        lines[at] = replace(lines[at], **changes)  # type: ignore[arg-type]
        return replace(self, lines=tuple(lines))

    def xml(self) -> bytes:
        """The file."""
        root = "CreditNote" if self.credits else "Invoice"
        total = sum((line.amount for line in self.lines), Decimal("0.00"))
        lines = (
            _LINE.format(
                root=root, counted="Credited" if self.credits else "Invoiced", id=number,
                names=line.names, text=line.text, quantity=line.quantity, unit=line.unit,
                price=line.price, base=line.base, amount=line.amount,
            )
            for number, line in enumerate(self.lines, 1)
        )  # fmt: skip
        named = f"<cbc:ID>{self.credits}</cbc:ID>"
        reference = f"<cac:InvoiceDocumentReference>{named}</cac:InvoiceDocumentReference>"
        return _WHOLE.format(
            root=root, ns=_NAMESPACE, number=self.number, code=381 if self.credits else 380,
            first=self.first, last=self.last, supplier=self.supplier, buyer=self.buyer,
            lines_total=total, rounding=self.rounding, payable=total + self.rounding,
            credits=f"<cac:BillingReference>{reference}</cac:BillingReference>"
            if self.credits else "",
            lines="".join(lines),
        ).encode()  # fmt: skip


def of(statement: Statement, number: str = "F-1") -> Invoice:
    """An invoice that is the statement."""
    made = pay.content(statement)
    return Invoice(
        number=number,
        supplier=statement.provider.org_number.replace("-", ""),
        lines=tuple(
            Line(
                names=str(line.number),
                text=service_word(line.service, Language.SWEDISH),
                quantity=Decimal(line.quantity),
                unit="MIN" if line.per is Per.HOUR else "C62",
                price=line.price * line.percent / 100,
            )
            for line in made.lines
        ),
        first=made.month.isoformat(),
        last=months.last_of(made.month).isoformat(),
    )
