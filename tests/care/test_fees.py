"""From lines to a month's fee: caps, minimum amounts, headroom."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from feeworld import LIMITS, NOVEMBER, POLICY, TARIFF, income, meals, november, visit
from nyckelfri.care.billing import BillingError, Fee, Limit
from nyckelfri.care.charges import charge
from nyckelfri.care.fees import Income, deciding, fee, headroom
from nyckelfri.care.statutory import (
    KNOWN,
    StatutoryRow,
    by_factors,
    known_with,
    limits_of,
    statutory_on,
)


def november_fee(care_hours: int, *incomes: Income, lunches: int = 0, **policy: object) -> Fee:
    client = november(
        *(visit(f"v{hour}", f"{1 + hour % 28} 08:00", 3600) for hour in range(care_hours)),
        deliveries=meals((2, lunches)),
    )
    rules = replace(POLICY, **policy)  # type: ignore[arg-type]
    lines = charge(client, TARIFF, rules)
    return fee(NOVEMBER, lines, incomes=incomes, limits=LIMITS, policy=rules)


@pytest.mark.parametrize(
    ("month", "cap", "single", "cohabiting"),
    [
        ("2022-07-01", "2170.28", "5653", "4707"),
        ("2022-08-01", "2170.28", "5852.76", "4806.66"),
        ("2022-12-01", "2170.28", "5852.76", "4806.66"),
        ("2023-01-01", "2359.00", "6470", "5279"),
        ("2024-02-01", "2574.68", "7062", "5762"),
        ("2025-06-01", "2642.08", "7246.61", "5912.34"),
        ("2026-11-01", "2660.05", "7295.91", "5952.56"),
    ],
)
def test_caps_and_minimum_amounts_of_each_year(
    month: str, cap: str, single: str, cohabiting: str
) -> None:
    limits = limits_of(date.fromisoformat(month), KNOWN)
    assert (str(limits.cap), limits.single, limits.cohabiting) == (
        cap,
        Decimal(single),
        Decimal(cohabiting),
    )


@pytest.mark.parametrize(
    ("begins", "single", "cohabiting"),
    [
        ("2022-08-01", "1.4541", "1.1942"),
        ("2025-01-01", "1.4789", "1.2066"),
        ("2026-01-01", "1.4789", "1.2066"),
    ],
)
def test_derived_minimum_amounts_are_their_factors_up_to_the_ore(
    begins: str, single: str, cohabiting: str
) -> None:
    row = statutory_on(date.fromisoformat(begins), KNOWN)
    for amount, factor in ((row.single, single), (row.cohabiting, cohabiting)):
        exact = row.price_base_amount * Decimal(factor) / 12
        assert Decimal(0) <= amount - exact < Decimal("0.01")


def test_amount_that_is_exact_is_not_tipped_over_by_a_twelfth_that_does_not_end() -> None:
    row = by_factors(
        date(2027, 1, 1),
        Decimal(59_000),
        single=Decimal("1.2"),
        cohabiting=Decimal("0.6"),
        source="",
    )
    assert (row.single, row.cohabiting) == (Decimal("5900.00"), Decimal("2950.00"))


def test_golden_headroom_is_1670() -> None:
    limits = limits_of(date(2023, 5, 1), KNOWN)
    shown = income("8400", "4640", "4900", since="2023-01-01")
    # 8 400 + 4 640 - (6 470 + 4 900)
    assert headroom(shown, limits) == Decimal("1670.00")


def test_spouses_incomes_are_pooled_and_halved() -> None:
    pooled = income("15322", "7300", "5353", "22443", cohabiting=True)
    # (15 322 + 22 443) / 2 + 7 300 - 5 353 - 5 952.56
    assert headroom(pooled, LIMITS) == Decimal("14876.94")
    # Two who live together and are not married each have their own, and the lower minimum amount.
    assert headroom(replace(pooled, partner_net_income=None), LIMITS) == Decimal("11316.44")


def test_what_the_municipality_lets_a_client_keep_beyond_lowers_the_headroom() -> None:
    assert headroom(income("10000", addition="729.60"), LIMITS) == Decimal("1974.49")


def test_fee_is_the_smallest_of_tariff_headroom_and_cap() -> None:
    by_tariff = november_fee(10, income("30000"))
    assert (by_tariff.total, by_tariff.limit) == (Decimal("1330.00"), Limit.TARIFF)
    by_cap = november_fee(40, income("30000"))
    assert (by_cap.total, by_cap.limit) == (Decimal("2660.05"), Limit.CAP)
    assert by_cap.reduction == Decimal("2659.95")
    by_headroom = november_fee(40, income("8000"))
    assert (by_headroom.total, by_headroom.limit) == (Decimal("704.09"), Limit.HEADROOM)


def test_of_equal_limits_the_tariff_decides_then_the_cap() -> None:
    lines = charge(november(visit("a", "2 08:00", 7200)), TARIFF, POLICY)  # 266.00
    room = income(str(LIMITS.single + 266))

    def decided_by(cap: str) -> Limit:
        limits = replace(LIMITS, cap=Decimal(cap))
        return fee(NOVEMBER, lines, incomes=[room], limits=limits, policy=POLICY).limit

    assert decided_by("266.00") is Limit.TARIFF
    lines = charge(november(visit("a", "2 08:00", 10800)), TARIFF, POLICY)
    assert decided_by("266.00") is Limit.CAP


def test_who_has_no_headroom_pays_nothing_but_the_meals() -> None:
    poor = november_fee(40, income("7000"), lunches=20)
    assert (poor.headroom, poor.limit) == (Decimal("0.00"), Limit.HEADROOM)
    assert (poor.capped - poor.reduction, poor.total) == (Decimal("0.00"), Decimal("1360.00"))


def test_without_income_the_cap_decides_alone() -> None:
    unknown = november_fee(40)
    assert (unknown.headroom, unknown.limit, unknown.total) == (
        None,
        Limit.CAP,
        Decimal("2660.05"),
    )


def test_meals_are_outside_the_cap_or_inside_by_policy() -> None:
    assert november_fee(40, lunches=10).total == Decimal("3340.05")
    inside = november_fee(40, lunches=10, outside_cap=frozenset())
    assert (inside.total, inside.free) == (Decimal("2660.05"), Decimal("0.00"))


def test_whole_kronor_go_downwards_and_are_told() -> None:
    whole = november_fee(40, whole_kronor=True)
    assert (whole.total, whole.rounding) == (Decimal("2660.00"), Decimal("0.05"))
    assert whole.total == whole.capped - whole.reduction + whole.free - whole.rounding


def test_least_headroom_of_the_months_days_holds() -> None:
    before, lower, next_month = (
        income("9000", since="2026-03-01"),
        income("8000", since="2026-11-16"),
        income("7500", since="2026-12-01"),
    )
    assert november_fee(40, next_month, before, lower).headroom == Decimal("704.09")
    assert november_fee(40, before, next_month).headroom == Decimal("1704.09")
    # What held before the month and not in it does not count.
    assert november_fee(40, income("1000", since="2025-01-01"), before).headroom == Decimal(
        "1704.09"
    )


def test_of_two_incomes_that_leave_as_little_the_earliest_decides_in_either_order() -> None:
    early, late = income("5000", since="2026-03-01"), income("6000", since="2026-11-16")
    assert deciding(NOVEMBER, [early, late], LIMITS) is early
    assert deciding(NOVEMBER, [late, early], LIMITS) is early
    assert deciding(NOVEMBER, [], LIMITS) is None


def test_two_incomes_of_one_day_stop_this_client() -> None:
    with pytest.raises(BillingError, match="two incomes begin"):
        november_fee(1, income("9000"), income("8000"))


def test_year_that_nobody_has_recorded_says_what_to_record() -> None:
    with pytest.raises(BillingError, match="2027-01-01; record those of 2027"):
        limits_of(date(2027, 1, 1), KNOWN)


def test_new_year_is_recorded_without_a_release_and_a_published_amount_replaces_ours() -> None:
    new = StatutoryRow(
        valid_from=date(2027, 1, 1),
        price_base_amount=Decimal(60000),
        single=Decimal(7395),
        cohabiting=Decimal(6033),
        source="Socialstyrelsen",
    )
    published = replace(KNOWN[-1], single=Decimal(7296), source="Socialstyrelsen")
    rows = known_with([published, new])
    assert limits_of(date(2027, 5, 1), rows).cap == Decimal("2696.00")
    assert limits_of(NOVEMBER, rows).single == Decimal(7296)
    with pytest.raises(BillingError, match="two rows of statutory amounts begin on 2026-01-01"):
        limits_of(NOVEMBER, [*KNOWN, published])


def test_change_within_a_month_takes_the_lowest_cap_and_the_highest_minimum_amounts() -> None:
    middle = replace(
        KNOWN[-1], valid_from=date(2026, 11, 16), single=Decimal(8000), cap_factor=Decimal("0.5")
    )
    limits = limits_of(NOVEMBER, [*KNOWN, middle])
    assert (limits.cap, limits.single) == (Decimal("2466.66"), Decimal(8000))
    rise = replace(middle, single=Decimal(7000), cap_factor=Decimal("0.6"))
    limits = limits_of(NOVEMBER, [*KNOWN, rise])
    assert (limits.cap, limits.single) == (Decimal("2660.05"), Decimal("7295.91"))
