"""What a municipality pays a provider for a month, as values: what is paid for, and by which rules.

House rules: the price of a day and a place is the provider's whoever the client is, and says
nothing of the client's fee (`care/billing.py`). Time is whole seconds and money `Decimal`; both
are rounded once a line, half up. The rules stand in `care/statements.py`, prices are found in
`care/payprices.py`, and a received invoice is held against a statement in
`care/statementcheck.py`.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final, NamedTuple

from nyckelfri.care.performed import Grade
from nyckelfri.care.times import DateRange

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from nyckelfri.care.performed import Outcome

WHOLE: Final = Decimal(100)
_LONGEST: Final = 24 * 60


class Ground(enum.Enum):
    """Why money is paid."""

    PERFORMED = "performed"
    DECLINED = "declined"
    MISSED = "missed"
    """Staff came and nobody was at home."""
    ABSENCE_DAY_1 = "absence_day_1"
    ABSENCE_DAYS_2_5 = "absence_days_2_5"
    NEW_CLIENT = "new_client"


class Per(enum.Enum):
    """What a price is for."""

    HOUR = "hour"
    PIECE = "piece"
    """One visit."""
    MONTH = "month"
    """One client who had a visit that month."""
    PERCENT = "percent"
    """A part of what the same planned time pays when it is performed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRow:
    """One price, from `first` to `last` included; ValueError if impossible.

    `area` is empty where the price is for the whole municipality. `price` is kronor, or percent.
    """

    service: str
    area: str
    price: Decimal
    per: Per
    ground: Ground
    first: date
    last: date | None = None

    def __post_init__(self) -> None:
        if not self.price.is_finite() or self.price < 0:
            raise ValueError("a price is zero or more")
        if self.per is Per.PERCENT:
            if self.price > WHOLE:
                raise ValueError("a price in percent is at most 100")
            if self.ground is Ground.PERFORMED:
                raise ValueError("percent are of what is performed, which needs a price of its own")
        if self.last is not None and self.last < self.first:
            raise ValueError("a price begins before it ends")

    def holds(self, day: date) -> bool:
        """Whether the price is in force on a day."""
        return DateRange(self.first, self.last).holds(day)


class PaidTime(enum.Enum):
    """Which time of a performed visit is paid."""

    PERFORMED = "performed"
    """From its beginning to its end."""
    GRANTED = "granted"
    """As it was planned; what was not planned is not paid."""


class Kind(NamedTuple):
    """A kind of service: `service` is what it is priced as where it has no price of its own.

    `minutes` are paid for it whatever it took; None where its time counts.
    """

    name: str
    service: str
    minutes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PayPolicy:
    """How a municipality pays its providers, from `valid_from` on; ValueError if impossible."""

    valid_from: date = date.min
    time: PaidTime = PaidTime.PERFORMED
    kinds: tuple[Kind, ...] = ()
    pay_both: bool = True
    """Both visits of a doubled one; else the longer of them."""
    pay_flagged: bool = True
    """Also a visit that was approved although something about it stands out."""
    missed_as: Ground | None = Ground.DECLINED
    """What a visit is paid as when nobody was at home; None pays nothing."""
    new_client_minutes: int = 0

    def __post_init__(self) -> None:
        if len({kind.name for kind in self.kinds}) < len(self.kinds):
            raise ValueError("a kind of service is named once")
        minutes = [kind.minutes for kind in self.kinds if kind.minutes is not None]
        if not all(0 <= length <= _LONGEST for length in (*minutes, self.new_client_minutes)):
            raise ValueError("minutes must lie between 0 and 1440")
        if self.missed_as not in {None, Ground.DECLINED, Ground.MISSED}:
            raise ValueError("a missed visit is paid as declined, as missed, or not at all")


def pay_policy_on(day: date, policies: Iterable[PayPolicy]) -> PayPolicy:
    """Find the policy in force on a local date; PayFault if none has begun."""
    begun = [policy for policy in policies if policy.valid_from <= day]
    if not begun:
        raise PayFault(f"no rules for pay are in force on {day}; record some that begin earlier")
    return max(begun, key=lambda policy: policy.valid_from)


class PayVisit(NamedTuple):
    """An approved visit of a provider; `day` is the local date that decides its price.

    A visit with the outcome AWAY is a planned one that fell away. `planned_id` is shared by the
    two of a doubled visit.
    """

    ref: str
    client_id: str
    provider_id: str
    area: str
    day: date
    services: tuple[str, ...]
    begin: datetime | None
    end: datetime | None
    planned_minutes: int | None
    outcome: Outcome
    grade: Grade
    flagged: bool = False
    planned_id: str = ""


class NewClient(NamedTuple):
    """A client began with a provider: `ref` names the choice or the decision."""

    ref: str
    client_id: str
    provider_id: str
    area: str
    day: date
    service: str


class PayTrace(NamedTuple):
    """One thing that a line rests on, and the seconds that it brings to it."""

    ref: str
    client_id: str
    day: date
    seconds: int
    grade: Grade | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """One row of a statement; ValueError for one that rests on nothing.

    `quantity` is minutes for HOUR, visits for PIECE, clients for MONTH, and `per` never PERCENT:
    `percent` is of `price`, 100 for a whole one. `amount` is price * quantity * percent / 100,
    with minutes as parts of an hour. `number` counts from 1 within the statement.
    """

    number: int
    service: str
    area: str
    ground: Ground
    per: Per
    quantity: int
    price: Decimal
    percent: Decimal
    amount: Decimal
    first: date
    last: date
    traces: tuple[PayTrace, ...]

    def __post_init__(self) -> None:
        if not self.traces:
            raise ValueError("a line rests on something")


class Why(enum.Enum):
    """Why an approved visit, or a service of it, is not paid."""

    NOT_MADE = "not_made"
    FLAGGED = "flagged"
    SECOND = "second"
    """The other visit of a doubled one is paid."""
    MISSED = "missed"
    NO_PLAN = "no_plan"
    """Planned time is what is paid, and it was not planned."""
    NO_SERVICE = "no_service"
    LONG_ABSENCE = "long_absence"
    """The client has been away for more than five days."""


class Unpaid(NamedTuple):
    """A visit that brings no pay, and why."""

    ref: str
    client_id: str
    day: date
    why: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a provider is paid for a month (its first day), and what is not paid.

    Every visit stands either among the lines, once a service, or in `unpaid`.
    """

    provider_id: str
    month: date
    lines: tuple[StatementLine, ...]
    unpaid: tuple[Unpaid, ...]
    total: Decimal


class PayFault(ValueError):  # noqa: N818 -- a fault of what was recorded, not of the program
    """A provider's pay cannot be worked out; the message says what to put right."""


class PriceFault(PayFault):
    """No price, or more than one, or none that fits; says of what."""

    def __init__(self, service: str, area: str, ground: Ground, day: date, what: str) -> None:
        super().__init__(
            f"{service} in {area or 'any area'} as {ground.value} on {day}: {what}",
        )
        self.service = service
        self.area = area
        self.ground = ground
        self.day = day


class MissingPrice(PriceFault):
    """No price is in force."""


class TwoPrices(PriceFault):
    """Two prices are in force, and neither is the more specific one."""
