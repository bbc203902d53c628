"""The amounts that the law sets for fees in home care, by date.

House rules: a row holds from its day to the end of its year, or to the next row of that year;
there is no row for a year until somebody has recorded it, and nobody guesses. New rows need no
release: every function is given the rows.

The law: the fee is at most ("högst") a twelfth of 0.5392 price base amounts a month, and the
client keeps at least ("lägst") the minimum amount. So caps are cut down to the öre, and minimum
amounts that are computed go up to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from nyckelfri.care.billing import BillingError, days_of, kronor

if TYPE_CHECKING:
    from collections.abc import Iterable

CAP_FACTOR: Final = Decimal("0.5392")
_MONTHS: Final = 12


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


def _row(begins: str, base: str, single: str, cohabiting: str, source: str) -> StatutoryRow:
    return StatutoryRow(
        valid_from=date.fromisoformat(begins),
        price_base_amount=Decimal(base),
        single=Decimal(single),
        cohabiting=Decimal(cohabiting),
        source=source,
    )


# † computed, not read as an amount: factor * price base amount / 12, up to the öre. The factors
# are 1.3546 and 1.1446 until July 2022 (Socialstyrelsen, Meddelandeblad 8/2016), 1.4541 and
# 1.1942 from August 2022 (SFS 2022:935), and 1.4789 and 1.2066 from 2023, which give the
# published whole kronor of 2023 and 2024; the statute with these last was not read.
KNOWN: Final = (
    _row("2022-01-01", "48300", "5452.27", "4607.02", "Meddelandeblad 8/2016 †"),
    _row("2022-08-01", "48300", "5852.76", "4806.66", "SFS 2022:935 †"),
    _row("2023-01-01", "52500", "6470", "5279", "lycksele.se"),
    _row("2024-01-01", "57300", "7062", "5762", "sandviken.se"),
    _row("2025-01-01", "58800", "7246.61", "5912.34", "†"),
    _row("2026-01-01", "59200", "7295.91", "5952.56", "SFS 2025:872 †"),
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
            f"no price base amount and minimum amounts are recorded for {day}; "
            f"record those of {day.year}, from their first day"
        )
    latest = max(row.valid_from for row in begun)
    found = [row for row in begun if row.valid_from == latest]
    if len(found) > 1:
        raise BillingError(f"two rows of statutory amounts begin on {latest}; take one back")
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
