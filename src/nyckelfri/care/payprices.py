"""Which price is in force: for a service, in an area, on a ground, on a day."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from nyckelfri.care.pay import WHOLE, Ground, MissingPrice, Per, PriceFault, PriceRow, TwoPrices

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal


class Price(NamedTuple):
    """What is paid: `percent` of `row`, which is never itself in percent."""

    row: PriceRow
    percent: Decimal
    area: str
    """The area that the price is for, empty for the whole municipality."""


class Prices:
    """All price rows of a municipality, asked for one at a time; each answer is kept."""

    def __init__(self, rows: Iterable[PriceRow]) -> None:
        self._rows: dict[tuple[str, str, Ground], list[PriceRow]] = defaultdict(list)
        for row in rows:
            self._rows[row.service, row.area, row.ground].append(row)
        self._found: dict[tuple[str, str, str, Ground, date], Price] = {}

    def on(self, day: date, names: tuple[str, str], area: str, ground: Ground) -> Price:
        """Find the price of a service: `names` are its own name and what it is priced as.

        The most specific wins: its own name before the other, and of one name the area before
        none. Raises MissingPrice or TwoPrices, and PriceFault for percent of a monthly price.
        """
        key = (*names, area, ground, day)
        if key not in self._found:
            self._found[key] = self._price(day, names, area, ground)
        return self._found[key]

    def _price(self, day: date, names: tuple[str, str], area: str, ground: Ground) -> Price:
        row = self._row(day, names, area, ground)
        if row.per is not Per.PERCENT:
            return Price(row, WHOLE, row.area)
        base = self._row(day, names, area, Ground.PERFORMED)
        if base.per is Per.MONTH:
            what = "percent of a price by the month mean nothing; give a price of its own"
            raise PriceFault(names[0], area, ground, day, what)
        return Price(base, row.price, base.area or row.area)

    def _row(self, day: date, names: tuple[str, str], area: str, ground: Ground) -> PriceRow:
        for name in dict.fromkeys(names):
            for place in dict.fromkeys((area, "")):
                rows = [row for row in self._rows.get((name, place, ground), ()) if row.holds(day)]
                if len(rows) > 1:
                    raise TwoPrices(
                        name, place, ground, day, "more than one price is in force; end one of them"
                    )
                if rows:
                    return rows[0]
        raise MissingPrice(
            names[0], area, ground, day, "no price is in force; add one that holds on this day"
        )
