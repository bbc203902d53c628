"""What a client pays for a month, as values: lines, what they rest on, and what limits them.

House rules: money is `Decimal` kronor with two decimals, and is never rounded up; time is whole
minutes. A line without something it rests on cannot be made. The rules that make these values
stand in `care/charges.py` (visits into lines) and `care/fees.py` (lines into a fee).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from nyckelfri.care.times import month_after

NOTHING: Final = Decimal("0.00")
_ORE: Final = Decimal("0.01")


class Why(enum.Enum):
    """What has to be put right before a client's month can be charged."""

    NO_PRICE = "no_price"
    TWO_PRICES = "two_prices"
    NO_AMOUNTS = "no_amounts"
    """The law's amounts of that day are not recorded, or twice."""
    WRONG_BASIS = "wrong_basis"
    """What the client has shown of income."""
    WRONG_VISIT = "wrong_visit"
    WRONG_ROW = "wrong_row"
    """A delivery or a decision."""


class BillingError(Exception):
    """This client's month cannot be charged; the text says why, and what to record.

    Whoever runs a month stops this client's invoice and goes on with the others. `detail` names
    what the text speaks of: an article, a day, a row.
    """

    def __init__(self, why: Why, text: str, **detail: object) -> None:
        """Detail is kept as text."""
        super().__init__(text)
        self.why = why
        self.detail = {name: str(value) for name, value in detail.items()}


def kronor(amount: Decimal) -> Decimal:
    """The amount in whole öre, what is less than one öre left off; ValueError below zero.

    A fee is the highest that may be taken ("högst"), so nothing is ever rounded up.
    """
    if not amount.is_finite() or amount < 0:
        raise ValueError("an amount of a fee is zero or more")
    return amount.quantize(_ORE, ROUND_DOWN)


@lru_cache(maxsize=256)
def days_of(month: date) -> tuple[date, ...]:
    """The days of the month that begins on this day; ValueError for a later day of it."""
    if month.day != 1:
        raise ValueError(f"{month} is not the first day of a month")
    length = (month_after(month) - month).days
    return tuple(month + timedelta(days=number) for number in range(length))


class Article(enum.StrEnum):
    """All that a client can be charged for. None is a lock, its installation or its service."""

    CARE = "care"
    HOUSEHOLD = "household"
    ALARM = "alarm"
    MEALS = "meals"
    MISSED_VISIT = "missed_visit"


class Unit(enum.Enum):
    """What a price is for."""

    HOUR = "hour"
    MONTH = "month"
    PIECE = "piece"


class Basis(enum.Enum):
    """What a line can rest on."""

    VISIT = "visit"
    DELIVERY = "delivery"
    DECISION = "decision"
    BY_HAND = "by_hand"


class Trace(NamedTuple):
    """One thing that a line rests on: `ref` names its row.

    A visit has `begin` and `end`, what proves it (`grade` of `care.performed`), its exact
    `seconds` on this line and, as quantity, the whole minutes of them; a missed visit is 1
    piece. A delivery has how many; a decision the days it counts.
    """

    basis: Basis
    ref: str
    day: date
    quantity: int
    begin: datetime | None = None
    end: datetime | None = None
    grade: str = ""
    seconds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of an invoice: `quantity` is minutes for HOUR, days for MONTH, else pieces.

    The minutes are those of the traces' seconds together, so they may be more than the sum of
    the traces' minutes. Where a decision is among the traces of an hourly line, it is what sets
    the minutes, and visits among them may be more.
    `amount` is `kronor(price * quantity / 60)` for HOUR, and `kronor(price * days / days of the
    month)` for MONTH; `of` is those days of the month (1 for the others). `capped` lines count
    under the cap and the headroom. ValueError for a line that rests on nothing.
    """

    article: Article
    text: str
    unit: Unit
    quantity: int
    price: Decimal
    amount: Decimal
    first: date
    last: date
    capped: bool
    traces: tuple[Trace, ...]
    of: int = 1

    def __post_init__(self) -> None:
        if not self.traces:
            raise ValueError("a line rests on something")
        if self.quantity <= 0 or self.first > self.last:
            raise ValueError("a line is of something, from a day to a later one")


class Limit(enum.Enum):
    """What decided a fee."""

    TARIFF = "tariff"
    CAP = "cap"
    HEADROOM = "headroom"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """A client's fee for a month.

    `capped` and `free` are the sums of the lines under the cap and outside it. `headroom` is
    None where the client has not shown an income (the cap decides alone then). `reduction` is
    what the limit takes off `capped`, `rounding` the öre that are left off where the
    municipality charges whole kronor; `total` = capped - reduction + free - rounding.
    """

    lines: tuple[Line, ...]
    capped: Decimal
    free: Decimal
    cap: Decimal
    headroom: Decimal | None
    limit: Limit
    reduction: Decimal
    total: Decimal
    rounding: Decimal = NOTHING
