"""A provider's invoice held against our own statement, line by line.

House rules: the statement decides; what an invoice says is compared and never believed. Nothing
is paid by a verdict: whoever pays sees what differs, in which line, and by how much.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Final, NamedTuple

from nyckelfri.care.pay import WHOLE, Per

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import date

    from nyckelfri.care.pay import Statement, StatementLine

    _Match = Callable[["ReceivedLine", StatementLine], bool]

NOTHING: Final = Decimal(0)
_FEWEST_DECIMALS: Final = 2
_MOST_DECIMALS: Final = 6
_LARGEST: Final = Decimal(10) ** 12
_HOUR: Final = 60


class Counted(enum.Enum):
    """In what an invoice counts."""

    HOURS = "hours"
    MINUTES = "minutes"
    PIECES = "pieces"
    """Visits, or clients."""


class ReceivedLine(NamedTuple):
    """A line as the provider wrote it.

    `item` is the number of our statement's line, or the name of the service. `price` is kronor
    an hour, also where minutes are counted, or a visit or a client.
    """

    line_id: str
    text: str
    item: str
    quantity: Decimal
    counted: Counted
    price: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedInvoice:
    """An invoice as it came: `first` and `last` are the days it says it is for.

    ValueError for figures that no invoice has.
    """

    invoice_id: str
    supplier_id: str
    first: date
    last: date
    lines: tuple[ReceivedLine, ...]
    total: Decimal

    def __post_init__(self) -> None:
        figures = [self.total]
        for line in self.lines:
            figures += line.quantity, line.price, line.amount
        if not all(figure.is_finite() and abs(figure) < _LARGEST for figure in figures):
            raise ValueError("an invoice has a figure that is too large, or is no figure")


class LineVerdict(enum.Enum):
    """How a line stands to our statement; several can hold at once."""

    SAME = "same"
    QUANTITY = "quantity"
    PRICE = "price"
    AMOUNT = "amount"
    UNKNOWN = "unknown"
    """Nothing of ours is meant, or it cannot be told which."""
    TWICE = "twice"
    """Another line of this invoice is for the same."""
    MISSING = "missing"
    """Ours, and not on the invoice."""


class InvoiceVerdict(enum.Enum):
    """How an invoice stands to our statement as a whole; several can hold at once."""

    SAME = "same"
    DIFFERS = "differs"
    """A line does."""
    TOTAL = "total"
    """It does not add up."""
    ALREADY_INVOICED = "already_invoiced"
    WRONG_PERIOD = "wrong_period"
    WRONG_SUPPLIER = "wrong_supplier"


class LineCheck(NamedTuple):
    """A line and its verdicts: `received` is None where it is missing, `ours` where unknown."""

    verdicts: tuple[LineVerdict, ...]
    received: ReceivedLine | None
    ours: StatementLine | None


@dataclass(frozen=True, slots=True)
class Check:
    """What came of a comparison.

    `difference` is what the invoice asks for beyond our statement, below zero where it asks less.
    """

    verdicts: tuple[InvoiceVerdict, ...]
    lines: tuple[LineCheck, ...]
    difference: Decimal

    @property
    def payable(self) -> bool:
        """Whether the invoice is what we owe, and owed now."""
        return self.verdicts == (InvoiceVerdict.SAME,)


def check(
    invoice: ReceivedInvoice,
    statement: Statement,
    *,
    earlier: Collection[str] = (),
    tolerance: Decimal = NOTHING,
) -> Check:
    """Compare an invoice with the statement it is said to be for.

    `earlier` names the invoices that this statement was already accepted by: one is enough.
    `tolerance` is how many kronor an amount or the total may differ; quantities and prices never
    may.
    """
    lines = _checked(invoice.lines, statement.lines, tolerance)
    found = {
        InvoiceVerdict.WRONG_SUPPLIER: invoice.supplier_id != statement.provider_id,
        InvoiceVerdict.WRONG_PERIOD: any(
            day.replace(day=1) != statement.month for day in (invoice.first, invoice.last)
        ),
        InvoiceVerdict.ALREADY_INVOICED: bool(earlier),
        InvoiceVerdict.DIFFERS: any(line.verdicts != (LineVerdict.SAME,) for line in lines),
        InvoiceVerdict.TOTAL: any(
            abs(invoice.total - wanted) > tolerance
            for wanted in (statement.total, sum(line.amount for line in invoice.lines))
        ),
    }
    verdicts = tuple(verdict for verdict, holds in found.items() if holds)
    difference = invoice.total - statement.total
    return Check(verdicts or (InvoiceVerdict.SAME,), lines, difference)


def _checked(
    received: Sequence[ReceivedLine], ours: Sequence[StatementLine], tolerance: Decimal
) -> tuple[LineCheck, ...]:
    """Pair every line with one of ours, as the invoice has them, and then what is missing.

    A line means the one it names by number; where it names a service, the one that agrees with
    it in all, then in price, then the only one that is left.
    """
    matches: tuple[_Match, ...] = (
        lambda line, own: not _differences(line, own, tolerance),
        lambda line, own: line.item == str(own.number),
        lambda line, own: _alike(_price(own), line.price),
        lambda line, own: (
            [left for left in unmatched.values() if left.service == line.item] == [own]
        ),
    )
    unmatched = {own.number: own for own in ours}
    paired: dict[int, StatementLine] = {}
    for match in matches:
        for place, line in enumerate(received):
            meant = [own for own in unmatched.values() if _names(line, own) and match(line, own)]
            if place not in paired and meant:
                paired[place] = unmatched.pop(meant[0].number)
    checks = []
    for place, line in enumerate(received):
        if place in paired:
            verdicts = _differences(line, paired[place], tolerance) or (LineVerdict.SAME,)
            checks.append(LineCheck(verdicts, line, paired[place]))
        else:
            checks.append(_unpaired(line, ours, tolerance))
    checks.extend(LineCheck((LineVerdict.MISSING,), None, own) for own in unmatched.values())
    return tuple(checks)


def _names(line: ReceivedLine, own: StatementLine) -> bool:
    return line.item in {str(own.number), own.service}


def _unpaired(line: ReceivedLine, ours: Sequence[StatementLine], tolerance: Decimal) -> LineCheck:
    """A line for something that another line has asked for already, or for nothing of ours."""
    for own in ours:
        same = _names(line, own) and not _differences(line, own, tolerance)
        if same or line.item == str(own.number):
            return LineCheck((LineVerdict.TWICE,), line, own)
    return LineCheck((LineVerdict.UNKNOWN,), line, None)


def _differences(
    line: ReceivedLine, own: StatementLine, tolerance: Decimal
) -> tuple[LineVerdict, ...]:
    found = {
        LineVerdict.QUANTITY: not _same_quantity(line, own),
        LineVerdict.PRICE: not _alike(_price(own), line.price),
        LineVerdict.AMOUNT: abs(line.amount - own.amount) > tolerance,
    }
    return tuple(verdict for verdict, holds in found.items() if holds)


def _same_quantity(line: ReceivedLine, own: StatementLine) -> bool:
    quantity = Decimal(own.quantity)
    if own.per is not Per.HOUR:
        return line.counted is Counted.PIECES and line.quantity == quantity
    if line.counted is Counted.MINUTES:
        return line.quantity == quantity
    return line.counted is Counted.HOURS and _alike(quantity / _HOUR, line.quantity)


def _price(own: StatementLine) -> Decimal:
    return own.price * own.percent / WHOLE


def _alike(ours: Decimal, theirs: Decimal) -> bool:
    """Whether ours, rounded to the decimals that they wrote (two at least), is theirs."""
    written = -int(theirs.as_tuple().exponent)
    decimals = min(max(written, _FEWEST_DECIMALS), _MOST_DECIMALS)
    return ours.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP) == theirs
