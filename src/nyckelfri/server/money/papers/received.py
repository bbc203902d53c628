"""An invoice that a provider sent, as values, and what can be wrong with the file of one.

House rules: amounts and prices are `Decimal` kronor as the file has them. A fault says where in
the file, what is wrong and what to do, and quotes no more than one short value.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from nyckelfri.server.money.papers.content import Kind


class What(enum.Enum):
    """What is wrong at a place."""

    TOO_LARGE = "too_large"
    NOT_XML = "not_xml"
    FORBIDDEN = "forbidden"
    """A document type or an entity: nothing that an invoice needs, and how readers are attacked."""
    NOT_PEPPOL = "not_peppol"
    MISSING = "missing"
    TWICE = "twice"
    NOT_A_DATE = "not_a_date"
    NOT_A_NUMBER = "not_a_number"
    NOT_KRONOR = "not_kronor"
    NO_ORG_NUMBER = "no_org_number"
    TOO_LONG = "too_long"
    UNKNOWN_UNIT = "unknown_unit"
    DOES_NOT_ADD_UP = "does_not_add_up"


SAID: Final[dict[What, tuple[str, str]]] = {
    What.TOO_LARGE: (
        "Filen är för stor. Dela fakturan på flera.",
        "The file is too large. Split the invoice.",
    ),
    What.NOT_XML: (
        "Filen går inte att läsa som XML. Skicka fakturan som Peppol-fil (UBL).",
        "The file does not read as XML. Send the invoice as a Peppol file (UBL).",
    ),
    What.FORBIDDEN: (
        "Filen har en dokumenttyp eller en entitet. Det får den inte ha.",
        "The file has a document type or an entity, which it may not have.",
    ),
    What.NOT_PEPPOL: (
        "Det här är inte en faktura enligt Peppol BIS Billing 3.",
        "This is not an invoice by Peppol BIS Billing 3.",
    ),
    What.MISSING: ("Det här fältet saknas eller är tomt.", "This field is missing or empty."),
    What.TWICE: ("Det här får bara finnas en gång.", "This may stand only once."),
    What.NOT_A_DATE: (
        "Skriv datum som 2026-11-30.",
        "Write a date as 2026-11-30.",
    ),
    What.NOT_A_NUMBER: (
        "Skriv tal med punkt och utan mellanslag, som 1234.50, och belopp med högst två decimaler.",
        "Write numbers with a point and no spaces, as 1234.50, and amounts with two decimals.",
    ),
    What.NOT_KRONOR: (
        "Fakturan ska vara i svenska kronor (SEK).",
        "The invoice must be in Swedish kronor (SEK).",
    ),
    What.NO_ORG_NUMBER: (
        "Det här är inget svenskt organisationsnummer.",
        "This is no Swedish organisation number.",
    ),
    What.UNKNOWN_UNIT: (
        "Räkna i timmar (HUR), minuter (MIN) eller styck (C62).",
        "Count in hours (HUR), minutes (MIN) or pieces (C62).",
    ),
    What.TOO_LONG: ("Texten är för lång.", "The text is too long."),
    What.DOES_NOT_ADD_UP: (
        "Summan stämmer inte. Det borde vara {expected}.",
        "This does not add up. It should be {expected}.",
    ),
}
"""Each fault in Swedish and in English."""


class Fault(NamedTuple):
    """What is wrong, and where: `InvoiceLine 2/Price/PriceAmount`; `found` is what stands there."""

    what: What
    where: str
    found: str = ""
    expected: str = ""


class InvoiceFaultError(ValueError):
    """The file is not an invoice that can be checked; `faults` say why, one at least."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(
            "; ".join(
                f"{each.where}: {SAID[each.what][1].format(expected=each.expected)}"
                for each in self.faults
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """What is put on (`charge`) or taken off, on the invoice or a line: `amount` as in the file."""

    charge: bool
    amount: Decimal
    reason: str
    category: str = ""
    percent: Decimal = Decimal(0)

    @property
    def signed(self) -> Decimal:
        """What it adds."""
        return self.amount if self.charge else -self.amount


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedLine:
    """A line: `amount` is `quantity` x `price` / `base`, and the adjustments.

    `id` is the sender's own; `object_id` names what is invoiced (a statement's row, say).
    """

    id: str
    name: str
    quantity: Decimal
    unit: str
    price: Decimal
    base: Decimal
    amount: Decimal
    category: str
    percent: Decimal
    note: str = ""
    description: str = ""
    sellers_item: str = ""
    buyers_item: str = ""
    order_line: str = ""
    object_id: str = ""
    account: str = ""
    first: date | None = None
    last: date | None = None
    adjustments: tuple[Adjustment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Vat:
    """VAT of one category and rate: E is exempt."""

    category: str
    percent: Decimal
    base: Decimal
    tax: Decimal
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The sums at the end; what is taken off is above zero here, as in the file."""

    lines: Decimal
    off: Decimal
    on: Decimal
    without_vat: Decimal
    vat: Decimal
    with_vat: Decimal
    prepaid: Decimal
    rounding: Decimal
    payable: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedInvoice:
    """What of a provider's invoice or credit is checked, and paid."""

    kind: Kind
    number: str
    issued: date
    supplier_org: str
    supplier_name: str
    buyer_name: str
    buyer_org: str
    buyer_reference: str
    lines: tuple[ReceivedLine, ...]
    adjustments: tuple[Adjustment, ...]
    vat: tuple[Vat, ...]
    totals: Totals
    due: date | None = None
    first: date | None = None
    last: date | None = None
    note: str = ""
    order: str = ""
    contract: str = ""
    credits: tuple[str, ...] = ()
    vat_number: str = ""
    f_skatt: bool = False
    bankgiro: str = ""
    plusgiro: str = ""
    payment_reference: str = ""
