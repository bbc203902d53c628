"""A municipality's tariff (taxa): what each article costs, and from when.

House rules: a price has its first and last day, and is never edited: a new price is a new row.
A day has one price or is an error; nobody guesses what something cost.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nyckelfri.care.billing import Article, BillingError, Unit, Why, kronor
from nyckelfri.care.times import DateRange

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from decimal import Decimal

UNITS: Final = {
    Article.CARE: Unit.HOUR,
    Article.HOUSEHOLD: Unit.HOUR,
    Article.ALARM: Unit.MONTH,
    Article.MEALS: Unit.PIECE,
    Article.MISSED_VISIT: Unit.PIECE,
}
"""What each article is counted in; a price for anything else is refused."""


@dataclass(frozen=True, slots=True)
class Price:
    """What one unit of an article costs from `first` to `last`; ValueError if impossible.

    `text` is what the municipality calls it on an invoice. No `last`: until further notice.
    """

    article: Article
    text: str
    unit: Unit
    price: Decimal
    first: date
    last: date | None = None

    def __post_init__(self) -> None:
        if self.unit is not UNITS[self.article]:
            raise ValueError(f"the unit of {self.article} is the {UNITS[self.article].value}")
        if kronor(self.price) != self.price:
            raise ValueError("a price has no more than two decimals")
        if self.last is not None and self.last < self.first:
            raise ValueError("a price ends on the day it begins, or later")

    def holds(self, day: date) -> bool:
        """Whether this is the price of that day."""
        return DateRange(self.first, self.last).holds(day)


class Tariff:
    """The prices of a municipality, whoever provides what they are for."""

    def __init__(self, prices: Iterable[Price]) -> None:
        """Prices of any number of years, in any order."""
        self._prices: dict[Article, list[Price]] = defaultdict(list)
        self._found: dict[tuple[Article, date], Price] = {}
        for price in prices:
            self._prices[price.article].append(price)

    def on(self, article: Article, day: date) -> Price:
        """The article's price that day; BillingError where there is none, or two."""
        found = self._found.get((article, day))
        if found is None:
            holding = [price for price in self._prices[article] if price.holds(day)]
            if len(holding) != 1:
                raise BillingError(
                    Why.TWO_PRICES if holding else Why.NO_PRICE,
                    f"{article} has {len(holding)} prices on {day}; "
                    "record exactly one in the tariff",
                    article=article,
                    day=day,
                )
            found = self._found[article, day] = holding[0]
        return found
