"""A client's month to charge, and what it is charged by: short ways to write values.

House rules: the tariff is Björkvik's of 2026 and the policy the reference one, unless a test
changes it, so that each test shows what it depends on.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from nyckelfri.care.billing import Article, Unit
from nyckelfri.care.charges import ClientMonth, Decision, Delivery, Extent, VisitRow
from nyckelfri.care.feepolicy import FeePolicy
from nyckelfri.care.fees import Income
from nyckelfri.care.performed import Outcome
from nyckelfri.care.statutory import KNOWN, limits_of
from nyckelfri.care.tariff import Price, Tariff
from nyckelfri.care.times import ZONE, DateRange

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nyckelfri.care.billing import Line

NOVEMBER = date(2026, 11, 1)
POLICY = FeePolicy()
LIMITS = limits_of(NOVEMBER, KNOWN)

_TEXTS = {
    Article.CARE: "Omvårdnad",
    Article.HOUSEHOLD: "Service",
    Article.ALARM: "Trygghetslarm",
    Article.MEALS: "Matlåda",
    Article.MISSED_VISIT: "Bomkörning",
}
_UNITS = {
    Article.CARE: Unit.HOUR,
    Article.HOUSEHOLD: Unit.HOUR,
    Article.ALARM: Unit.MONTH,
    Article.MEALS: Unit.PIECE,
    Article.MISSED_VISIT: Unit.PIECE,
}


def price(article: Article, kronor: str, first: str = "2026-01-01", last: str = "") -> Price:
    """A price of an article from a day on."""
    return Price(
        article,
        _TEXTS[article],
        _UNITS[article],
        Decimal(kronor),
        date.fromisoformat(first),
        date.fromisoformat(last) if last else None,
    )


PRICES = (
    price(Article.CARE, "133.00"),
    price(Article.HOUSEHOLD, "373.00"),
    price(Article.ALARM, "227.00"),
    price(Article.MEALS, "68.00"),
)
TARIFF = Tariff(PRICES)


def nov(day: int) -> date:
    """A day of November 2026."""
    return date(2026, 11, day)


def visit(
    ref: str,
    begin: str,
    seconds: int,
    services: Sequence[str] = ("care",),
    outcome: Outcome = Outcome.PERFORMED,
    *,
    planned: str | None = None,
    alarm: bool = False,
) -> VisitRow:
    """A visit from a local time in November 2026, `3 08:00`, for so many seconds."""
    day, clock = begin.split()
    hour, minute = map(int, clock.split(":"))
    start = datetime(2026, 11, int(day), hour, minute, tzinfo=ZONE).astimezone(UTC)
    return VisitRow(
        ref,
        nov(int(day)),
        outcome,
        tuple(services),
        start,
        start + timedelta(seconds=seconds),
        "door",
        planned,
        alarm,
    )


def meals(*counts: tuple[int, int]) -> tuple[Delivery, ...]:
    """Deliveries: day of November 2026 and how many."""
    return tuple(Delivery(f"L{day}", nov(day), count) for day, count in counts)


def granted(
    service: str,
    extent: str = "1",
    unit: Extent = Extent.MONTH,
    first: str = "2026-01-01",
    last: str = "",
    ref: str = "D1",
) -> Decision:
    """A decision."""
    dates = DateRange(date.fromisoformat(first), date.fromisoformat(last) if last else None)
    return Decision(ref, service, Decimal(extent), unit, dates)


def november(
    *visits: VisitRow,
    deliveries: Sequence[Delivery] = (),
    decisions: Sequence[Decision] = (),
    away: Sequence[DateRange] = (),
) -> ClientMonth:
    """A client's November 2026."""
    return ClientMonth(
        month=NOVEMBER, visits=visits, deliveries=deliveries, decisions=decisions, away=away
    )


def income(
    net: str = "20000",
    supplement: str = "0",
    cost: str = "0",
    partner: str | None = None,
    *,
    cohabiting: bool = False,
    since: str = "2026-01-01",
    addition: str = "0",
) -> Income:
    """What a client has shown."""
    return Income(
        valid_from=date.fromisoformat(since),
        cohabiting=cohabiting,
        net_income=Decimal(net),
        housing_supplement=Decimal(supplement),
        housing_cost=Decimal(cost),
        partner_net_income=None if partner is None else Decimal(partner),
        addition=Decimal(addition),
    )


def told(lines: Sequence[Line]) -> list[tuple[str, int, str, str]]:
    """Lines as (article, quantity, price, amount)."""
    return [(str(row.article), row.quantity, str(row.price), str(row.amount)) for row in lines]
