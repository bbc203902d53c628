"""The amounts that the law sets for fees in home care, by date.

House rules: a row holds from its day to the end of its year, or to the next row of that year;
there is no row for a year until somebody has recorded it, and nobody guesses. New rows need no
release: every function is given the rows.

The law (SoL 2001:453, 8:5 and 8:7, as of SFS 2017:47): the fee is at most ("högst") a twelfth of
0.5392 price base amounts a month, and the client keeps at least ("lägst") the minimum amount. So
caps are cut down to the öre, and minimum amounts that are computed go up to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_UP, Decimal
from typing import TYPE_CHECKING, Final

from nyckelfri.care.billing import BillingError, Why, days_of, kronor

if TYPE_CHECKING:
    from collections.abc import Iterable

CAP_FACTOR: Final = Decimal("0.5392")
_MONTHS: Final = 12
_ORE: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class StatutoryRow:
    """What the law sets from a day on; kronor, minimum amounts a month. ValueError if impossible.

    `single` and `cohabiting` are the minimum amounts of somebody who lives alone, and of each of
    two who live together.
    """

    valid_from: date
    price_base_amount: Decimal
    single: Decimal
    cohabiting: Decimal
    cap_factor: Decimal = CAP_FACTOR
    source: str

    def __post_init__(self) -> None:
        for name in ("price_base_amount", "single", "cohabiting", "cap_factor"):
            amount = getattr(self, name)
            if not amount.is_finite() or amount <= 0:
                raise ValueError(f"{name} must be more than nothing")
        if self.cohabiting > self.single:
            raise ValueError("who lives alone needs no less than each of two")

    @property
    def cap(self) -> Decimal:
        """The highest fee of a month."""
        return kronor(self.price_base_amount * self.cap_factor / _MONTHS)


def by_factors(
    valid_from: date,
    price_base_amount: Decimal,
    *,
    single: Decimal,
    cohabiting: Decimal,
    cap_factor: Decimal = CAP_FACTOR,
    source: str,
) -> StatutoryRow:
    """The row whose minimum amounts are a twelfth of so many price base amounts, up to the öre."""

    def upwards(factor: Decimal) -> Decimal:
        # Multiplied first: a twelfth that does not end would tip an exact amount over.
        return (price_base_amount * factor / _MONTHS).quantize(_ORE, ROUND_UP)

    return StatutoryRow(
        valid_from=valid_from,
        price_base_amount=price_base_amount,
        single=upwards(single),
        cohabiting=upwards(cohabiting),
        cap_factor=cap_factor,
        source=source,
    )


# † Minimum amounts from factors that no statute was read for: they give the whole kronor that were
# published for 2023 and 2024. Where whole kronor were published, those are used.
KNOWN: Final = (
    StatutoryRow(
        valid_from=date(2022, 1, 1),
        price_base_amount=Decimal(48_300),
        single=Decimal(5_653),
        cohabiting=Decimal(4_707),
        source="SFS 2021:866, haninge.se",
    ),
    by_factors(
        date(2022, 8, 1),
        Decimal(48_300),
        single=Decimal("1.4541"),
        cohabiting=Decimal("1.1942"),
        source="SFS 2021:866, SFS 2022:935",
    ),
    StatutoryRow(
        valid_from=date(2023, 1, 1),
        price_base_amount=Decimal(52_500),
        single=Decimal(6_470),
        cohabiting=Decimal(5_279),
        source="lycksele.se",
    ),
    StatutoryRow(
        valid_from=date(2024, 1, 1),
        price_base_amount=Decimal(57_300),
        single=Decimal(7_062),
        cohabiting=Decimal(5_762),
        source="sandviken.se",
    ),
    by_factors(
        date(2025, 1, 1),
        Decimal(58_800),
        single=Decimal("1.4789"),
        cohabiting=Decimal("1.2066"),
        source="†",
    ),
    by_factors(
        date(2026, 1, 1),
        Decimal(59_200),
        single=Decimal("1.4789"),
        cohabiting=Decimal("1.2066"),
        source="SFS 2025:872 †",
    ),
)


def known_with(recorded: Iterable[StatutoryRow]) -> tuple[StatutoryRow, ...]:
    """The known rows and those that a municipality has recorded, which replace one of a date."""
    rows = {row.valid_from: row for row in (*KNOWN, *recorded)}
    return tuple(rows[begins] for begins in sorted(rows))


def statutory_on(day: date, rows: Iterable[StatutoryRow]) -> StatutoryRow:
    """The row in force that day; BillingError where its year has none yet, or two begin at once."""
    begun = [row for row in rows if row.valid_from.year == day.year and row.valid_from <= day]
    if not begun:
        raise BillingError(
            Why.NO_AMOUNTS,
            f"no price base amount and minimum amounts are recorded for {day}; "
            f"record those of {day.year}, from their first day",
            day=day,
        )
    latest = max(row.valid_from for row in begun)
    found = [row for row in begun if row.valid_from == latest]
    if len(found) > 1:
        raise BillingError(
            Why.NO_AMOUNTS,
            f"two rows of statutory amounts begin on {latest}; take one back",
            day=latest,
        )
    return found[0]


@dataclass(frozen=True, slots=True)
class Limits:
    """What the law sets for a month: the cap, and the minimum amounts."""

    cap: Decimal
    single: Decimal
    cohabiting: Decimal


def limits_of(month: date, rows: Iterable[StatutoryRow]) -> Limits:
    """The limits of the month that begins on this day.

    Should they change within it, the lowest cap and the highest minimum amounts of its days
    hold: "högst" and "lägst" are then true of every day.
    """
    rows = tuple(rows)
    holding = [statutory_on(day, rows) for day in days_of(month)]
    return Limits(
        cap=min(row.cap for row in holding),
        single=max(row.single for row in holding),
        cohabiting=max(row.cohabiting for row in holding),
    )
