"""What a client pays for a month, as values: lines, what they rest on, and what limits them.

House rules: money is `Decimal` kronor with two decimals, and is never rounded up; time is whole
minutes. A line without something it rests on cannot be made. The rules that make these values
stand in `care/charges.py` (visits into lines) and `care/fees.py` (lines into a fee).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_DOWN, Decimal
from typing import Final, NamedTuple

NOTHING: Final = Decimal("0.00")
_ORE: Final = Decimal("0.01")


def kronor(amount: Decimal) -> Decimal:
    """The amount in whole öre, what is less than one öre left off; ValueError below zero.

    A fee is the highest that may be taken ("högst"), so nothing is ever rounded up.
    """
    if not amount.is_finite() or amount < 0:
        raise ValueError("an amount of a fee is zero or more")
    return amount.quantize(_ORE, ROUND_DOWN)


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

    A visit has `begin` and `end`, its `minutes` on this line and what proves it (`grade` of
    `care.performed`); a delivery has how many; a decision the days it counts.
    """

    basis: Basis
    ref: str
    day: date
    quantity: int
    begin: datetime | None = None
    end: datetime | None = None
    grade: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of an invoice: `quantity` is minutes for HOUR, days for MONTH, else pieces.

    `amount` is `kronor(price * quantity / 60)` for HOUR, and `kronor(price * days / days of the
    month)` for MONTH; `of` is those days of the month (1 for the others). `capped` lines count
    under the cap and the headroom. ValueError for a line that rests on nothing.
    """

    article: str
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
    what the limit takes off `capped`; `total` = capped - reduction + free.
    """

    lines: tuple[Line, ...]
    capped: Decimal
    free: Decimal
    cap: Decimal
    headroom: Decimal | None
    limit: Limit
    reduction: Decimal
    total: Decimal
