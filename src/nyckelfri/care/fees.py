"""What a client pays for a month: the smallest of tariff, headroom and cap.

House rules: the client's headroom (avgiftsutrymme) is what is left of the income when the home is
paid and the minimum amount is kept. Nothing is rounded up, and nothing is below zero.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING

from nyckelfri.care.billing import NOTHING, BillingError, Fee, Limit, Why, days_of, kronor

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from nyckelfri.care.billing import Line
    from nyckelfri.care.feepolicy import FeePolicy
    from nyckelfri.care.statutory import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Income:
    """What a client has shown of income and home from a day on, in kronor a month.

    `housing_cost` and `housing_supplement` are the client's own part where two share a home.
    `partner_net_income` is a spouse's, with whom income is shared; None for who has none, and
    for two who live together without being married. `addition` is what the municipality has
    decided that this client keeps beyond the minimum amount. ValueError if impossible.
    """

    valid_from: date
    cohabiting: bool
    net_income: Decimal
    housing_supplement: Decimal
    housing_cost: Decimal
    partner_net_income: Decimal | None = None
    addition: Decimal = NOTHING

    def __post_init__(self) -> None:
        for field in fields(self):
            amount = getattr(self, field.name)
            if isinstance(amount, Decimal) and not (amount.is_finite() and amount >= 0):
                raise ValueError(f"{field.name} is zero or more")
        if self.partner_net_income is not None and not self.cohabiting:
            raise ValueError("who lives alone shares no income")


def headroom(income: Income, limits: Limits) -> Decimal:
    """What is left for fees in a month, zero where nothing is."""
    own = income.net_income
    if income.partner_net_income is not None:
        own = (own + income.partner_net_income) / 2
    keeps = limits.cohabiting if income.cohabiting else limits.single
    left = own + income.housing_supplement - income.housing_cost - keeps - income.addition
    return kronor(max(left, NOTHING))


def deciding(month: date, incomes: Iterable[Income], limits: Limits) -> Income | None:
    """The income that decides the month that begins on this day; None where none is shown for it.

    What is shown holds until something else is. Should it change within the month, the one
    with the least headroom holds, of equal ones the earliest. BillingError for two that begin
    on one day.
    """
    days = days_of(month)
    begun = [income for income in incomes if income.valid_from <= days[-1]]
    since = max(
        (income.valid_from for income in begun if income.valid_from <= days[0]), default=days[0]
    )
    holding = [income for income in begun if income.valid_from >= since]
    if len({income.valid_from for income in holding}) < len(holding):
        raise BillingError(
            Why.WRONG_BASIS, f"two incomes begin on one day since {since}; take one back"
        )
    return min(
        holding,
        key=lambda income: (headroom(income, limits), income.valid_from),
        default=None,
    )


def headroom_of(month: date, incomes: Iterable[Income], limits: Limits) -> Decimal | None:
    """The headroom of the month that begins on this day; None where no income is shown for it."""
    income = deciding(month, incomes, limits)
    return None if income is None else headroom(income, limits)


def fee(
    month: date,
    lines: Sequence[Line],
    *,
    incomes: Iterable[Income],
    limits: Limits,
    policy: FeePolicy,
) -> Fee:
    """The fee of the month that begins on this day.

    Where two limits are equal, the tariff decides before the cap, and the cap before the
    headroom.
    """
    capped = sum((line.amount for line in lines if line.capped), NOTHING)
    free = sum((line.amount for line in lines if not line.capped), NOTHING)
    room = headroom_of(month, incomes, limits)
    asked, limit = capped, Limit.TARIFF
    if limits.cap < asked:
        asked, limit = limits.cap, Limit.CAP
    if room is not None and room < asked:
        asked, limit = room, Limit.HEADROOM
    total = asked + free
    rounding = total - total.to_integral_value(ROUND_DOWN) if policy.whole_kronor else NOTHING
    return Fee(
        lines=tuple(lines),
        capped=capped,
        free=free,
        cap=limits.cap,
        headroom=room,
        limit=limit,
        reduction=capped - asked,
        total=total - rounding,
        rounding=rounding,
    )
