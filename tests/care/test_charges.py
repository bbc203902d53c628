"""From visits, deliveries and decisions to lines."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from feeworld import (
    NOVEMBER,
    POLICY,
    PRICES,
    TARIFF,
    granted,
    meals,
    nov,
    november,
    price,
    told,
    visit,
)
from nyckelfri.care.billing import Article, Basis, BillingError, Why
from nyckelfri.care.charges import Delivery, Extent, VisitRow, charge
from nyckelfri.care.feepolicy import Charged, Doubled, Monthly, Split
from nyckelfri.care.performed import Outcome
from nyckelfri.care.tariff import Tariff
from nyckelfri.care.times import ZONE, DateRange

if TYPE_CHECKING:
    from nyckelfri.care.charges import ClientMonth

MISSED = price(Article.MISSED_VISIT, "150.00")


def lines_of(client: ClientMonth, **policy: object) -> list[tuple[str, int, str, str]]:
    return told(charge(client, TARIFF, replace(POLICY, **policy)))  # type: ignore[arg-type]


@pytest.mark.sentence(71)
def test_hours_are_exact_seconds_together_and_whole_minutes_downwards_once() -> None:
    client = november(visit("a", "2 08:00", 29 * 60 + 59), visit("b", "3 08:00", 30 * 60 + 2))
    # 29:59 + 30:02 = 60:01, whole minutes 60; 133.00 * 60 / 60.
    assert lines_of(client) == [("care", 60, "133.00", "133.00")]
    # Each of them rounded would have given 29 + 30 = 59 downwards, and 61 upwards.


@pytest.mark.sentence(71)
def test_time_across_midnight_and_across_the_hour_that_autumn_repeats_is_time_that_passed() -> None:
    begin = datetime(2026, 10, 24, 23, 30, tzinfo=ZONE)
    client = replace(
        november(
            VisitRow(
                "a",
                date(2026, 10, 24),
                Outcome.PERFORMED,
                ("care",),
                begin,
                datetime(2026, 10, 25, 3, 30, tzinfo=ZONE),
            )
        ),
        month=date(2026, 10, 1),
    )
    # Four hours by the clocks, five that passed; all of them are of the day on which it began.
    (line,) = charge(client, TARIFF, POLICY)
    assert (line.quantity, line.first, line.last) == (300, begin.date(), begin.date())


@pytest.mark.sentence(71)
def test_each_line_names_the_visits_behind_it_with_their_exact_time_and_what_proves_them() -> None:
    (line,) = charge(
        november(visit("b", "3 08:00", 1802), visit("a", "2 08:00", 1799)), TARIFF, POLICY
    )
    assert [(trace.basis, trace.ref, trace.day, trace.quantity, trace.seconds, trace.grade)
            for trace in line.traces] == [
        (Basis.VISIT, "a", nov(2), 29, 1799, "door"),
        (Basis.VISIT, "b", nov(3), 30, 1802, "door"),
    ]  # fmt: skip
    assert (line.first, line.last, line.text) == (nov(2), nov(3), "Omvårdnad")


def test_a_days_visits_stand_in_the_order_in_which_they_began() -> None:
    client = november(visit("a", "2 20:00", 600), visit("b", "2 08:00", 600))
    (line,) = charge(client, TARIFF, POLICY)
    assert [trace.ref for trace in line.traces] == ["b", "a"]


def test_a_night_and_a_day_of_watching_is_all_of_its_time() -> None:
    assert lines_of(november(visit("a", "2 08:00", 25 * 3600)))[0][1] == 25 * 60


@pytest.mark.sentence(75)
def test_care_service_alarm_and_meals_stand_on_one_months_lines() -> None:
    client = november(
        visit("a", "2 08:00", 3600),
        visit("b", "2 10:00", 1800, ["household"]),
        deliveries=meals((2, 1), (3, 2)),
        decisions=[granted("alarm")],
    )
    assert lines_of(client) == [
        ("care", 60, "133.00", "133.00"),
        ("household", 30, "373.00", "186.50"),
        ("alarm", 30, "227.00", "227.00"),
        ("meals", 3, "68.00", "204.00"),
    ]
    capped = [line.capped for line in charge(client, TARIFF, POLICY)]
    assert capped == [True, True, True, False]


@pytest.mark.sentence(74)
def test_price_that_changes_within_the_month_gives_two_lines() -> None:
    tariff = Tariff(
        [
            price(Article.CARE, "133.00", "2026-01-01", "2026-11-15"),
            price(Article.CARE, "140.00", "2026-11-16"),
        ]
    )
    client = november(visit("a", "15 23:50", 1205), visit("b", "16 08:00", 1205))
    # 20 minutes each: 133 * 20 / 60 = 44.33(3), 140 * 20 / 60 = 46.66(6).
    assert told(charge(client, tariff, POLICY)) == [
        ("care", 20, "133.00", "44.33"),
        ("care", 20, "140.00", "46.66"),
    ]


@pytest.mark.sentence(74)
def test_day_without_a_price_stops_this_client_and_says_article_and_day() -> None:
    tariff = Tariff([price(Article.CARE, "133.00", "2026-01-01", "2026-11-15")])
    with pytest.raises(BillingError, match="care has 0 prices on 2026-11-16; record") as raised:
        charge(november(visit("a", "16 08:00", 600)), tariff, POLICY)
    assert raised.value.why is Why.NO_PRICE
    assert raised.value.detail == {"article": "care", "day": "2026-11-16"}
    # A day that nothing falls on needs no price.
    assert charge(november(visit("a", "15 08:00", 600)), tariff, POLICY)


@pytest.mark.sentence(74)
def test_two_prices_of_one_day_stop_this_client() -> None:
    tariff = Tariff([*PRICES, price(Article.CARE, "99.00", "2026-11-03", "2026-11-03")])
    with pytest.raises(BillingError, match="care has 2 prices on 2026-11-03") as raised:
        charge(november(visit("a", "3 08:00", 600)), tariff, POLICY)
    assert raised.value.why is Why.TWO_PRICES
    assert charge(november(visit("a", "4 08:00", 600)), tariff, POLICY)


def test_visit_with_several_services_divides_its_time() -> None:
    client = november(visit("a", "2 08:00", 3601, ["household", "care"]))
    care, household = charge(client, TARIFF, POLICY)
    assert (household.traces[0].seconds, care.traces[0].seconds) == (1801, 1800)
    assert lines_of(client, split=Split.FIRST) == [("household", 60, "373.00", "373.00")]


def test_time_of_a_service_without_an_hourly_article_is_not_charged() -> None:
    client = november(visit("a", "2 08:00", 3600, ["care", "health_care"]))
    assert lines_of(client) == [("care", 30, "133.00", "66.50")]


def test_visit_by_two_is_charged_once_as_the_longer_or_each_by_policy() -> None:
    client = november(
        visit("a", "2 08:00", 1800, planned="V1"),
        visit("b", "2 08:01", 1860, planned="V1"),
        visit("c", "2 12:00", 600, planned="V2"),
    )
    assert lines_of(client) == [("care", 41, "133.00", "90.88")]
    assert lines_of(client, doubled=Doubled.EACH) == [("care", 71, "133.00", "157.38")]


def test_of_two_to_one_visit_who_stayed_as_long_the_same_is_named_in_either_order() -> None:
    pair = [visit(ref, "2 08:00", 1800, planned="V1") for ref in "ab"]
    first, second = (charge(november(*rows), TARIFF, POLICY) for rows in (pair, pair[::-1]))
    assert first == second


@pytest.mark.parametrize(
    "outcome",
    [Outcome.AWAY, Outcome.NOT_MADE, Outcome.WAITING, Outcome.DECLINED, Outcome.MISSED],
)
def test_only_performed_visits_are_charged(outcome: Outcome) -> None:
    assert lines_of(november(visit("a", "2 08:00", 600, outcome=outcome))) == []


def test_declined_and_missed_visits_are_pieces_where_the_policy_says_so() -> None:
    client = november(
        visit("a", "2 08:00", 60, outcome=Outcome.MISSED, planned="V1"),
        visit("b", "2 08:00", 60, outcome=Outcome.MISSED, planned="V1"),
        visit("c", "3 08:00", 60, outcome=Outcome.DECLINED),
        visit("d", "4 08:00", 60, outcome=Outcome.MISSED, planned="V2"),
        visit("e", "4 08:00", 1800, planned="V2"),
    )
    policy = replace(POLICY, in_vain=frozenset({Outcome.MISSED}))
    lines = charge(client, Tariff([*PRICES, MISSED]), policy)
    assert told(lines) == [("care", 30, "133.00", "66.50"), ("missed_visit", 1, "150.00", "150.00")]
    with pytest.raises(BillingError, match="missed_visit has 0 prices on 2026-11-02"):
        charge(client, TARIFF, policy)


def test_visits_at_an_alarm_are_charged_as_care_only_by_policy() -> None:
    client = november(visit("a", "2 03:00", 1200, [], alarm=True))
    assert lines_of(client) == []
    assert lines_of(client, alarm_visits=True) == [("care", 20, "133.00", "44.33")]


def test_alarm_is_charged_by_its_days_downwards_or_whole_by_policy() -> None:
    client = november(decisions=[granted("alarm", first="2026-11-10")])
    # 227.00 * 21 / 30 = 158.90
    assert lines_of(client) == [("alarm", 21, "227.00", "158.90")]
    assert lines_of(client, monthly=Monthly.WHOLE) == [("alarm", 30, "227.00", "227.00")]
    (line,) = charge(client, TARIFF, POLICY)
    assert (line.of, line.first, line.last) == (30, nov(10), nov(30))


def test_alarm_under_two_decisions_is_charged_once_a_day() -> None:
    client = november(
        decisions=[
            granted("alarm", last="2026-11-20", ref="D1"),
            granted("alarm", first="2026-11-11", ref="D2"),
        ]
    )
    (line,) = charge(client, TARIFF, POLICY)
    assert (line.quantity, str(line.amount)) == (30, "227.00")
    assert [(trace.ref, trace.day, trace.quantity) for trace in line.traces] == [
        ("D1", nov(1), 20),
        ("D2", nov(11), 20),
    ]


def test_days_away_are_free_of_monthly_articles_only_by_policy() -> None:
    client = november(decisions=[granted("alarm")], away=[DateRange(nov(20), nov(25))])
    assert lines_of(client) == [("alarm", 30, "227.00", "227.00")]
    assert lines_of(client, away_is_free=True) == [("alarm", 24, "227.00", "181.60")]


def test_granted_time_is_what_the_decisions_say_day_by_day() -> None:
    client = november(
        visit("a", "2 08:00", 600),
        decisions=[
            granted("care", "105", Extent.MINUTES_A_DAY, last="2026-11-13", ref="D1"),
            granted("care", "80", Extent.MINUTES_A_DAY, first="2026-11-14", ref="D2"),
            granted("household", "1.5", Extent.HOURS_A_WEEK, ref="D3"),
        ],
    )
    # 105 * 13 + 80 * 17 = 2 725; 90 * 30 / 7 = 385.7
    assert lines_of(client, charged=Charged.GRANTED) == [
        ("care", 2725, "133.00", "6040.41"),
        ("household", 385, "373.00", "2393.41"),
    ]


def test_smaller_is_what_was_performed_never_more_than_granted() -> None:
    week = granted("household", "0.5", Extent.HOURS_A_WEEK)  # 128.57 minutes in 30 days
    little = november(visit("a", "2 08:00", 3600, ["household"]), decisions=[week])
    much = november(
        *(visit(f"v{day}", f"{day} 08:00", 3600, ["household"]) for day in (2, 9, 16)),
        decisions=[week],
    )
    assert lines_of(little, charged=Charged.SMALLER) == [("household", 60, "373.00", "373.00")]
    assert lines_of(much, charged=Charged.SMALLER) == [("household", 128, "373.00", "795.73")]
    (line,) = charge(much, TARIFF, replace(POLICY, charged=Charged.SMALLER))
    assert [trace.ref for trace in line.traces] == ["v2", "v9", "v16", "D1"]


def test_smaller_holds_for_the_month_when_its_price_changes() -> None:
    tariff = Tariff(
        [
            price(Article.CARE, "120.00", "2026-01-01", "2026-11-15"),
            price(Article.CARE, "180.00", "2026-11-16"),
        ]
    )
    client = november(
        visit("a", "15 08:00", 50 * 60),
        visit("b", "16 08:00", 50 * 60),
        decisions=[granted("care", "2", Extent.MINUTES_A_DAY)],
    )
    # 60 minutes are granted in the month: 50 at the earlier price, and what is left at the later.
    assert told(charge(client, tariff, replace(POLICY, charged=Charged.SMALLER))) == [
        ("care", 50, "120.00", "100.00"),
        ("care", 10, "180.00", "30.00"),
    ]


def test_smaller_without_any_decision_charges_nothing() -> None:
    assert lines_of(november(visit("a", "2 08:00", 600)), charged=Charged.SMALLER) == []


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (
            visit("a", "2 08:00", 600)._replace(end=None),
            "visit a of 2026-11-02 was performed and lacks",
        ),
        (visit("a", "2 08:00", -1), "visit a of 2026-11-02 ends before it begins"),
        (visit("a", "2 08:00", 600, []), "visit a of 2026-11-02 names no service"),
        (visit("a", "2 08:00", 600, ["lock"]), "names 'lock', which is no service"),
        (visit("a", "2 08:00", 600)._replace(day=date(2026, 12, 1)), "outside 2026-11"),
    ],
)
def test_visit_that_cannot_be_charged_says_which_and_why(row: VisitRow, says: str) -> None:
    with pytest.raises(BillingError, match=says):
        charge(november(row), TARIFF, POLICY)


def test_time_without_a_zone_is_never_guessed() -> None:
    row = visit("a", "2 08:00", 600)
    assert row.end is not None
    with pytest.raises(ValueError, match="end of visit a has no time zone"):
        charge(november(row._replace(end=row.end.replace(tzinfo=None))), TARIFF, POLICY)


def test_row_that_comes_twice_is_refused_and_not_paid_twice() -> None:
    row = visit("a", "2 08:00", 600)
    with pytest.raises(BillingError, match="a comes twice"):
        charge(november(row, row), TARIFF, POLICY)
    with pytest.raises(BillingError, match="L2 comes twice"):
        charge(november(deliveries=meals((2, 1), (2, 1))), TARIFF, POLICY)


def test_delivery_of_none_is_no_line_and_of_less_is_refused() -> None:
    assert charge(november(deliveries=meals((2, 0))), TARIFF, POLICY) == ()
    with pytest.raises(BillingError, match="delivery L2"):
        charge(november(deliveries=[Delivery("L2", nov(2), -1)]), TARIFF, POLICY)


def test_month_is_named_by_its_first_day() -> None:
    with pytest.raises(ValueError, match="not the first day"):
        charge(replace(november(), month=nov(2)), TARIFF, POLICY)
    assert NOVEMBER.day == 1
    assert Decimal("133.00") == PRICES[0].price
