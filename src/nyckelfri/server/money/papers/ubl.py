"""What writer and reader of Peppol invoices both have to know: names, codes, the slack allowed."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from nyckelfri.server.money.papers.content import Kind

CAC: Final = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
CBC: Final = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
ROOTS: Final = {Kind.INVOICE: "Invoice", Kind.CREDIT: "CreditNote"}
NAMESPACES: Final = {
    kind: f"urn:oasis:names:specification:ubl:schema:xsd:{root}-2" for kind, root in ROOTS.items()
}
TYPE_CODES: Final = {Kind.INVOICE: "380", Kind.CREDIT: "381"}
QUANTITIES: Final = {Kind.INVOICE: "InvoicedQuantity", Kind.CREDIT: "CreditedQuantity"}
CUSTOMIZATION: Final = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
PROFILE: Final = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
CURRENCY: Final = "SEK"
CREDIT_TRANSFER: Final = "30"
BANKGIRO: Final = "SE:BANKGIRO"
PLUSGIRO: Final = "SE:PLUSGIRO"
F_SKATT: Final = "GODKÄND FÖR F-SKATT"
SLACK: Final = Decimal("0.02")
"""So far may a line lie from quantity x price (rule PEPPOL-EN16931-R120)."""
