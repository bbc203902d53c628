"""Whatever a month holds: never too much, never too little, and every öre can be followed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeworld import LIMITS, NOVEMBER, POLICY, granted, nov, price, visit
from nyckelfri.care.billing import Article, Basis, Fee, Limit, Line, Unit, kronor
from nyckelfri.care.charges import ClientMonth, Decision, Delivery, Extent, VisitRow, charge
from nyckelfri.care.feepolicy import IN_VAIN, Charged, Doubled, FeePolicy, Monthly, Split
from nyckelfri.care.fees import Income, fee
from nyckelfri.care.performed import Outcome
from nyckelfri.care.tariff import Price, Tariff
from nyckelfri.care.times import DateRange
from nyckelfri.care.world import Service

SERVICES = [service.value for service in Service]
ORE = Decimal("0.01")

amounts = st.integers(0, 60_000_00).map(lambda ore: Decimal(ore) / 100)
days = st.sampled_from([1, 2, 3, 15, 16, 30])
"""Few, so that much falls on one day."""
policies = st.builds(
    FeePolicy,
    outside_cap=st.frozensets(st.sampled_from(Article)),
    charged=st.sampled_from(Charged),
    doubled=st.sampled_from(Doubled),
    split=st.sampled_from(Split),
    in_vain=st.frozensets(st.sampled_from(sorted(IN_VAIN, key=str))),
    alarm_visits=st.booleans(),
    monthly=st.sampled_from(Monthly),
    away_is_free=st.booleans(),
    whole_kronor=st.booleans(),
)


@st.composite
def tariffs(draw: st.DrawFn) -> Tariff:
    """A price of every article for every day of the month, many of them changing within it."""
    prices = []
    for article in Article:
        before, after = (f"{draw(amounts) / 100:.2f}" for _ in range(2))
        change = draw(days)
        prices.append(price(article, before, "2026-01-01", f"2026-11-{change:02}"))
        prices.append(price(article, after, str(date.fromordinal(nov(change).toordinal() + 1))))
    return Tariff(prices)


@st.composite
def visits(draw: st.DrawFn) -> list[VisitRow]:
    """Visits of a month, whatever they overlap with."""
    return [
        visit(
            f"v{number}",
            f"{draw(days)} {draw(st.integers(0, 23)):02}:00",
            draw(st.sampled_from([600, 1801]) | st.integers(0, 3 * 3600)),
            draw(st.lists(st.sampled_from(SERVICES), min_size=1, max_size=3)),
            draw(st.sampled_from([Outcome.PERFORMED] * 4 + list(Outcome))),
            planned=draw(st.sampled_from([None, None, "p1", "p2", "p3"])),
            alarm=draw(st.sampled_from([False, False, True])),
        )
        for number in range(draw(st.integers(0, 12)))
    ]


@st.composite
def decisions(draw: st.DrawFn) -> list[Decision]:
    """Decisions that begin and end where they like."""
    found = [granted("alarm", first=f"2026-{draw(st.integers(10, 11))}-{draw(days):02}", ref="A")]
    for number in range(draw(st.integers(0, 3))):
        first = draw(days)
        last = draw(st.integers(first, 30))
        service = draw(st.sampled_from(["care", "household"]))
        unit = draw(st.sampled_from([Extent.MINUTES_A_DAY, Extent.HOURS_A_WEEK]))
        extent = str(draw(st.integers(1, 20)) / Decimal(4))
        dates = (f"2026-11-{first:02}", f"2026-11-{last:02}")
        found.append(granted(service, extent, unit, *dates, ref=f"D{number}"))
    return found


@st.composite
def months(draw: st.DrawFn) -> ClientMonth:
    """A client's November."""
    away = draw(days)
    return ClientMonth(
        month=NOVEMBER,
        visits=draw(visits()),
        deliveries=[
            Delivery(f"L{number}", nov(draw(days)), draw(st.integers(0, 3)))
            for number in range(draw(st.integers(0, 5)))
        ],
        decisions=draw(decisions()),
        away=[DateRange(nov(away), draw(st.sampled_from([None, nov(away)])))],
    )


incomes = st.lists(
    st.builds(
        Income,
        valid_from=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
        cohabiting=st.just(value=True),
        net_income=amounts,
        housing_supplement=amounts,
        housing_cost=amounts,
        partner_net_income=st.none() | amounts,
    ),
    max_size=3,
    unique_by=lambda income: income.valid_from,
)


@given(months(), tariffs(), policies, incomes)
def test_fee_is_within_every_limit_and_adds_up(
    month: ClientMonth, tariff: Tariff, policy: FeePolicy, shown: list[Income]
) -> None:
    lines = charge(month, tariff, policy)
    made = fee(NOVEMBER, lines, incomes=shown, limits=LIMITS, policy=policy)
    asked = made.capped - made.reduction
    assert made.capped + made.free == sum((line.amount for line in lines), Decimal(0))
    assert made.total == asked + made.free - made.rounding
    assert Decimal(0) <= made.total <= made.capped + made.free
    assert Decimal(0) <= asked <= made.cap
    assert made.headroom is None or asked <= made.headroom
    # It is the smallest, and not less than it.
    rooms = [] if made.headroom is None else [made.headroom]
    assert asked == min([made.capped, made.cap, *rooms])
    assert made.limit is not Limit.TARIFF or not made.reduction
    assert 0 <= made.rounding < 1
    assert policy.whole_kronor or not made.rounding
    assert all(each == kronor(each) for each in (made.total, made.capped, made.free))


@given(months(), tariffs(), policies)
def test_each_line_is_exact_arithmetic_rounded_down_once_and_can_be_followed(
    month: ClientMonth, tariff: Tariff, policy: FeePolicy
) -> None:
    parts = {Unit.HOUR: 60, Unit.MONTH: 30, Unit.PIECE: 1}
    rows = {
        *(row.ref for row in month.visits),
        *(row.ref for row in month.deliveries),
        *(row.ref for row in month.decisions),
    }
    for line in charge(month, tariff, policy):
        exact = Fraction(line.price) * line.quantity / parts[line.unit]
        assert 0 <= exact - Fraction(line.amount) < Fraction(ORE)
        assert line.traces
        assert {trace.ref for trace in line.traces} <= rows
        assert tariff.on(line.article, line.first).price == line.price
        assert tariff.on(line.article, line.last).price == line.price
        if all(trace.basis is Basis.VISIT for trace in line.traces) and line.unit is Unit.HOUR:
            assert line.quantity == sum(trace.seconds for trace in line.traces) // 60


@given(months(), tariffs(), policies, incomes, st.randoms(use_true_random=False))
def test_order_in_which_rows_come_changes_nothing(
    month: ClientMonth, tariff: Tariff, policy: FeePolicy, shown: list[Income], chance: Random
) -> None:
    def made(month: ClientMonth, shown: list[Income]) -> Fee:
        lines = charge(month, tariff, policy)
        return fee(NOVEMBER, lines, incomes=shown, limits=LIMITS, policy=policy)

    mixed = replace(
        month,
        visits=chance.sample(month.visits, len(month.visits)),
        deliveries=chance.sample(month.deliveries, len(month.deliveries)),
        decisions=chance.sample(month.decisions, len(month.decisions)),
    )
    assert made(month, shown) == made(mixed, chance.sample(shown, len(shown)))


@given(months(), tariffs(), policies)
def test_no_visit_is_charged_for_more_than_it_lasted_and_none_that_was_not_made(
    month: ClientMonth, tariff: Tariff, policy: FeePolicy
) -> None:
    charged: dict[str, int] = defaultdict(int)
    for line in charge(month, tariff, policy):
        for trace in line.traces:
            charged[trace.ref] += trace.seconds
    for row in month.visits:
        assert row.begin is not None
        assert row.end is not None
        performed = row.outcome is Outcome.PERFORMED
        lasted = (row.end - row.begin).total_seconds()
        assert charged.get(row.ref, 0) <= (lasted if performed else 0)
        if row.outcome not in {Outcome.PERFORMED, *policy.in_vain}:
            assert row.ref not in charged


@given(months(), tariffs())
def test_smaller_is_never_more_than_performed_or_granted(
    month: ClientMonth, tariff: Tariff
) -> None:
    def minutes(charged: Charged) -> dict[Article, int]:
        found: dict[Article, int] = defaultdict(int)
        for line in charge(month, tariff, replace(POLICY, charged=charged)):
            if line.unit is Unit.HOUR:
                found[line.article] += line.quantity
        return found

    performed, smaller = minutes(Charged.PERFORMED), minutes(Charged.SMALLER)
    for article in (Article.CARE, Article.HOUSEHOLD):
        seconds = Fraction(0)
        for decision in month.decisions:
            if decision.service == article.value:
                assert decision.dates.last is not None
                count = (decision.dates.last - decision.dates.first).days + 1
                week = decision.unit is Extent.HOURS_A_WEEK
                seconds += Fraction(decision.extent) * (Fraction(3600, 7) if week else 60) * count
        assert smaller[article] <= performed[article]
        assert smaller[article] * 60 <= seconds


@pytest.mark.sentence(71)
@given(st.lists(st.tuples(days, days, st.integers(0, 7200)), min_size=1, max_size=20))
def test_same_time_on_other_days_costs_the_same_to_the_ore(
    rows: list[tuple[int, int, int]],
) -> None:
    tariff = Tariff([price(Article.CARE, "133.00")])

    def total(which: int) -> list[tuple[int, Decimal]]:
        client = ClientMonth(
            month=NOVEMBER,
            visits=[
                visit(f"v{number}", f"{row[which]} 08:00", row[2])
                for number, row in enumerate(rows)
            ],
        )
        return [(line.quantity, line.amount) for line in charge(client, tariff, POLICY)]

    assert total(0) == total(1)


@pytest.mark.sentence(73)
def test_rules_are_never_told_who_provides_a_service() -> None:
    told = {
        *VisitRow._fields,
        *Delivery._fields,
        *Decision._fields,
        *(field.name for kind in (ClientMonth, Price, FeePolicy, Income) for field in fields(kind)),
    }
    assert told == {
        *("ref", "day", "outcome", "services", "begin", "end", "grade", "planned_id", "is_alarm"),
        *("meals", "service", "extent", "unit", "dates"),
        *("month", "visits", "deliveries", "decisions", "away"),
        *("article", "text", "price", "first", "last"),
        *("valid_from", "outside_cap", "charged", "doubled", "split", "in_vain", "alarm_visits"),
        *("monthly", "away_is_free", "whole_kronor"),
        *("cohabiting", "net_income", "housing_supplement", "housing_cost"),
        *("partner_net_income", "addition"),
    }


@pytest.mark.sentence(35)
def test_nothing_of_a_lock_can_be_priced_or_charged() -> None:
    # The articles are a closed set, and a price or a line of anything else cannot be made.
    assert {article.value for article in Article} == {
        *("care", "household", "alarm", "meals", "missed_visit")
    }
    for word in ("lock", "installation", "lock_service", "key"):
        with pytest.raises(ValueError, match=word):
            Article(word)


@pytest.mark.sentence(35)
@given(months(), tariffs(), policies)
def test_every_line_is_of_a_visit_a_delivery_or_a_decision_on_a_service(
    month: ClientMonth, tariff: Tariff, policy: FeePolicy
) -> None:
    allowed = {
        Article.CARE: {Basis.VISIT, Basis.DECISION},
        Article.HOUSEHOLD: {Basis.VISIT, Basis.DECISION},
        Article.ALARM: {Basis.DECISION},
        Article.MEALS: {Basis.DELIVERY},
        Article.MISSED_VISIT: {Basis.VISIT},
    }

    def bases(line: Line) -> set[Basis]:
        return {trace.basis for trace in line.traces}

    for line in charge(month, tariff, policy):
        assert bases(line) <= allowed[line.article]
