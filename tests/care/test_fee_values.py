"""Prices, policies and amounts that cannot be are refused when they are made."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from feeworld import NOVEMBER, POLICY, PRICES, income, price
from nyckelfri.care.billing import Article, Unit, days_of, kronor
from nyckelfri.care.performed import Outcome
from nyckelfri.care.statutory import KNOWN


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"unit": Unit.MONTH}, "the unit of care is the hour"),
        ({"price": Decimal("133.001")}, "no more than two decimals"),
        ({"price": Decimal(-1)}, "zero or more"),
        ({"price": Decimal("NaN")}, "zero or more"),
        ({"last": date(2025, 12, 31)}, "ends on the day it begins, or later"),
    ],
)
def test_price_that_cannot_be_is_refused(change: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        replace(PRICES[0], **change)  # type: ignore[arg-type]


def test_article_can_be_free() -> None:
    assert price(Article.ALARM, "0.00").price == 0


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"valid_from": date(2026, 11, 2)}, "first day of a month"),
        ({"in_vain": frozenset({Outcome.NOT_MADE})}, "only declined and missed"),
    ],
)
def test_policy_that_cannot_be_is_refused(change: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        replace(POLICY, **change)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"price_base_amount": Decimal(0)}, "price_base_amount must be more"),
        ({"single": Decimal("Infinity")}, "single must be more"),
        ({"cap_factor": Decimal(-1)}, "cap_factor must be more"),
        ({"cohabiting": Decimal(9000)}, "who lives alone needs no less"),
    ],
)
def test_statutory_row_that_cannot_be_is_refused(change: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        replace(KNOWN[-1], **change)  # type: ignore[arg-type]


def test_income_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="housing_cost is zero or more"):
        income(cost="-1")
    with pytest.raises(ValueError, match="partner_net_income is zero or more"):
        income(partner="-1", cohabiting=True)
    with pytest.raises(ValueError, match="who lives alone shares no income"):
        income(partner="10000")


def test_kronor_are_never_rounded_up_and_never_below_zero() -> None:
    assert kronor(Decimal("1.999")) == Decimal("1.99")
    for wrong in ("-0.01", "NaN", "Infinity"):
        with pytest.raises(ValueError, match="zero or more"):
            kronor(Decimal(wrong))


def test_days_of_a_month() -> None:
    lengths = [len(days_of(date(2028, month, 1))) for month in range(1, 13)]
    assert lengths == [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    assert days_of(NOVEMBER)[0] == NOVEMBER
    assert days_of(NOVEMBER)[-1] == date(2026, 11, 30)
