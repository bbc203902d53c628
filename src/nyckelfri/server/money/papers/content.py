"""What an invoice says, as values: frozen when it is issued, and never changed after.

House rules: everything a paper of it shows stands here, so that any paper can be made anew years
later from the row alone. Money is `Decimal` kronor with two decimals, moments are aware UTC. A
credit has the amounts of what it credits: its kind says which way the money goes. What does not
add up cannot be made (ValueError).
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from nyckelfri.care.billing import NOTHING, Basis, Fee, Limit, Line, Unit, kronor
from nyckelfri.care.times import require_aware
from nyckelfri.server.money.papers import checkdigits
from nyckelfri.server.money.papers.plain import require

FORMAT: Final = 1
"""Of the data that an invoice is stored as; a newer one reads the older ones too."""
_TWO_DECIMALS: Final = -2


class Kind(enum.Enum):
    """Which way the money goes."""

    INVOICE = "invoice"
    CREDIT = "credit"


class Sign(enum.Enum):
    """What shows that a visit was made, a box came or a service ran."""

    UNLOCKED = "unlocked"
    LOCKED = "locked"
    LABEL = "label"
    BY_HAND = "by_hand"
    """Somebody said so; `note` is their reason."""
    ALARM = "alarm"
    CLOSED_BY_RULE = "closed_by_rule"
    """No end is known: the municipality's rule gave one."""
    DELIVERED = "delivered"
    DECIDED = "decided"


class What(enum.Enum):
    """A term of the headroom's arithmetic."""

    INCOME = "income"
    SHARED_INCOME = "shared_income"
    """Half of what two who live together have."""
    HOUSING_SUPPLEMENT = "housing_supplement"
    HOUSING_COST = "housing_cost"
    MINIMUM_AMOUNT = "minimum_amount"
    ADDITION = "addition"
    """What the municipality lets this client keep beyond the minimum amount."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An electronic address of Peppol: `scheme` 0007 (organisation number) or 0088 (GLN)."""

    scheme: str
    number: str

    def __post_init__(self) -> None:
        """ValueError for an address that no network would take."""
        checks = {"0007": checkdigits.organisation, "0088": checkdigits.gln}
        if self.scheme not in checks:
            raise ValueError("an electronic address has scheme 0007 or 0088")
        if checks[self.scheme](self.number) != self.number:
            raise ValueError("an electronic address is digits without a hyphen")


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who sells or buys. A client has a name and an address, a municipality all of it.

    `telephone` is the line as people read it, hours included; `bankgiro` and `org_number` are
    with or without hyphen.
    """

    name: str
    address: tuple[str, ...] = ()
    postcode: str = ""
    town: str = ""
    org_number: str = ""
    vat_number: str = ""
    bankgiro: str = ""
    telephone: str = ""
    email: str = ""
    f_skatt: bool = False
    electronic_address: Endpoint | None = None

    def __post_init__(self) -> None:
        """ValueError for numbers that cannot be right."""
        require("a party's name", self.name)
        if self.org_number:
            digits = checkdigits.organisation(self.org_number)
            if self.vat_number and self.vat_number != f"SE{digits}01":
                raise ValueError("a Swedish VAT number is SE, the organisation number and 01")
        if self.bankgiro:
            checkdigits.bankgiro(self.bankgiro)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A sign as the client reads it: what, when, and words where somebody wrote some."""

    sign: Sign
    at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """One thing that a line rests on: a visit, a delivery, days of a decision.

    `ref` names its row; `seconds` of a visit are those on this line, `quantity` its whole minutes
    of them, its pieces or its days; `decision` is the number of the care decision behind it.
    """

    basis: Basis
    ref: str
    day: date
    quantity: int
    seconds: int = 0
    begin: datetime | None = None
    end: datetime | None = None
    signs: tuple[Shown, ...] = ()
    decision: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """A line of `care.billing`, the income account it is booked on, and what it rests on."""

    article: str
    text: str
    unit: Unit
    quantity: int
    of: int
    price: Decimal
    amount: Decimal
    first: date
    last: date
    capped: bool
    account: str
    rests_on: tuple[Rest, ...]

    def __post_init__(self) -> None:
        """ValueError for a line that its visits or pieces do not carry.

        Where a decision is among what it rests on, the decision says how much.
        """
        require("a line's text", self.text)
        if not self.rests_on:
            raise ValueError("a line rests on something")
        if all(rest.basis is not Basis.DECISION for rest in self.rests_on):
            minutes = sum(rest.seconds for rest in self.rests_on) // 60
            pieces = sum(rest.quantity for rest in self.rests_on)
            if self.quantity != (minutes if self.unit is Unit.HOUR else pieces):
                raise ValueError("a line is the sum of what it rests on")
        for rest in self.rests_on:
            for moment in (rest.begin, rest.end, *(shown.at for shown in rest.signs)):
                if moment is not None:
                    require_aware("a moment of a visit", moment)
        _money(self.price, self.amount)

    @classmethod
    def of_line(cls, line: Line, account: str, rests_on: Sequence[Rest]) -> InvoiceLine:
        """The line with what is shown of it; ValueError unless each of its traces is there."""
        if sorted(trace.ref for trace in line.traces) != sorted(rest.ref for rest in rests_on):
            raise ValueError("each trace of a line is shown once, and nothing else is")
        return cls(
            article=line.article.value,
            text=line.text,
            unit=line.unit,
            quantity=line.quantity,
            of=line.of,
            price=line.price,
            amount=line.amount,
            first=line.first,
            last=line.last,
            capped=line.capped,
            account=account,
            rests_on=tuple(rests_on),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A term of the headroom: income is above zero, what is taken off it below."""

    what: What
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeShown:
    """A fee of `care.billing`, and how its headroom was reckoned.

    `headroom` is None where no income is shown; else it is the sum of `terms` in whole öre, zero
    at least. `rounding` are the öre left off where only whole kronor are charged.
    """

    capped: Decimal
    free: Decimal
    cap: Decimal
    headroom: Decimal | None
    terms: tuple[Term, ...]
    limit: Limit
    reduction: Decimal
    total: Decimal
    rounding: Decimal = NOTHING

    def __post_init__(self) -> None:
        """ValueError for figures that contradict each other."""
        _money(self.capped, self.free, self.cap, self.reduction, self.total, self.rounding)
        if self.headroom is not None:
            _money(self.headroom)
            left = sum((term.amount for term in self.terms), NOTHING)
            if self.headroom != kronor(max(left, NOTHING)):
                raise ValueError("the headroom is the sum of its terms")
        elif self.terms:
            raise ValueError("terms without a headroom explain nothing")
        limit = {Limit.TARIFF: self.capped, Limit.CAP: self.cap, Limit.HEADROOM: self.headroom}
        if self.capped - self.reduction != limit[self.limit]:
            raise ValueError("the reduction is what the limit takes off the lines under the cap")
        if self.total != self.capped - self.reduction + self.free - self.rounding:
            raise ValueError("the total is the lines less the reduction and the rounding")

    @classmethod
    def of_fee(cls, fee: Fee, terms: Sequence[Term]) -> FeeShown:
        """The fee with the arithmetic of its headroom."""
        return cls(
            capped=fee.capped,
            free=fee.free,
            cap=fee.cap,
            headroom=fee.headroom,
            terms=tuple(terms),
            limit=fee.limit,
            reduction=fee.reduction,
            total=fee.total,
            rounding=fee.rounding,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Credited:
    """The invoice that a credit takes back, and why."""

    number: int
    issued: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceContent:
    """An invoice, or the credit of a whole one: `client_id` is the client's number, no other name.

    `reference` is what the payer writes (OCR). `messages` are paragraphs for the client.
    """

    number: int
    kind: Kind
    issued: date
    due: date
    first: date
    last: date
    seller: Party
    buyer: Party
    client_id: str
    lines: tuple[InvoiceLine, ...]
    fee: FeeShown
    reference: str
    credits: Credited | None = None
    messages: tuple[str, ...] = ()
    format: int = FORMAT

    def __post_init__(self) -> None:
        """ValueError for an invoice that does not add up, or that nobody could pay."""
        if self.format != FORMAT:
            raise ValueError(f"an invoice of format {self.format} needs a newer program")
        if (self.kind is Kind.CREDIT) != (self.credits is not None):
            raise ValueError("a credit, and nothing else, names the invoice it credits")
        if self.first > self.last or self.issued > self.due:
            raise ValueError("a period and a time to pay run from a day to a later one")
        require("a client's number", self.client_id)
        if not (self.seller.org_number and self.seller.bankgiro and self.seller.telephone):
            raise ValueError(
                "the sender needs organisation number, bankgiro and telephone: fill in the settings"
            )
        if self.reference != checkdigits.payment_reference(self.number):
            raise ValueError("the payment reference is made of the number")
        if not self.lines:
            raise ValueError("an invoice without lines is none")
        for capped, said in ((True, self.fee.capped), (False, self.fee.free)):
            amounts = (each.amount for each in self.lines if each.capped is capped)
            if sum(amounts, NOTHING) != said:
                raise ValueError("the fee is reckoned from the lines")

    @property
    def total(self) -> Decimal:
        """What is to be paid, or given back."""
        return self.fee.total


def credit(content: InvoiceContent, *, number: int, issued: date, reason: str) -> InvoiceContent:
    """The credit of the whole invoice; ValueError for a credit of a credit."""
    if content.kind is not Kind.INVOICE:
        raise ValueError("a credit is not credited: make a new invoice")
    require("why an invoice is credited", reason)
    return replace(
        content,
        number=number,
        kind=Kind.CREDIT,
        credits=Credited(number=content.number, issued=content.issued, reason=reason),
        issued=issued,
        due=issued,
        reference=checkdigits.payment_reference(number),
        messages=(),
    )


def _money(*amounts: Decimal) -> None:
    for amount in amounts:
        if not amount.is_finite() or amount < 0 or amount.as_tuple().exponent != _TWO_DECIMALS:
            raise ValueError("an amount is kronor of zero or more, with two decimals")
