"""What a provider is paid for a month, rule by rule (docs/subsystems/pay.md)."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from nyckelfri.care.pay import (
    Ground,
    Kind,
    MissingPrice,
    NewClient,
    PaidTime,
    PayFault,
    PayPolicy,
    Per,
    PriceFault,
    StatementLine,
    TwoPrices,
    Why,
)
from nyckelfri.care.payprices import Prices
from nyckelfri.care.performed import Away, Outcome
from nyckelfri.care.statements import statement
from payworld import NOVEMBER, PLAIN, STOCKHOLM, hourly, percent, visit

if TYPE_CHECKING:
    from nyckelfri.care.pay import PayVisit, PriceRow, Statement

CARE = hourly("omvardnad", "464.00")
SOLNA = (
    CARE,
    hourly("service", "382.00"),
    percent("omvardnad", "50", Ground.DECLINED),
    percent("service", "55", Ground.DECLINED),
    percent("stadning", "75", Ground.DECLINED),
    percent("omvardnad", "75", Ground.ABSENCE_DAY_1),
    percent("omvardnad", "25", Ground.ABSENCE_DAYS_2_5),
)
KINDS = (
    Kind("inkop", "service", 60),
    Kind("apotek", "service", 45),
    Kind("stadning", "service", 96),
    Kind("tvatt", "service", 86),
    Kind("sopor", "service", 30),
    Kind("maltid", "omvardnad", 20),
    Kind("social", "service"),
)


def pay(
    *visits: PayVisit,
    rows: tuple[PriceRow, ...] = SOLNA,
    policy: PayPolicy | None = None,
    **more: Any,
) -> Statement:
    """The statement of provider `p` for November."""
    policies = more.pop("policies", (policy or PayPolicy(),))
    return statement("p", NOVEMBER, visits, prices=Prices(rows), policies=policies, **more)


def shown(made: Statement) -> list[str]:
    return [
        f"{line.service} {line.area or '-'} {line.ground.value} "
        f"{line.quantity} {line.price} {line.percent} {line.amount}"
        for line in made.lines
    ]


def away(first: int, last: int | None, **more: Any) -> Away:
    end = None if last is None else date(2026, 11, last)
    return Away(more.get("client_id", "c"), date(2026, 11, first), end)


def fell_away(ref: str, day: int, minutes: int = 60, **more: Any) -> PayVisit:
    return visit(ref, day, minutes, outcome=Outcome.AWAY, begin=None, end=None, **more)


@pytest.mark.sentence(76)
def test_the_worked_example_of_the_page_comes_out_to_the_ore() -> None:
    """Ten lines worked out by hand in docs/subsystems/pay.md."""
    rows = (
        hourly("omvardnad", "464.00", last=date(2026, 11, 15)),
        hourly("omvardnad", "480.00", first=date(2026, 11, 16)),
        hourly("omvardnad", "506.70", area="Landsbygd"),
        *SOLNA[1:],
    )
    exactly = {"begin": datetime(2026, 11, 2, 7, 0, tzinfo=UTC)}
    made = pay(
        visit("a", 2, 30, **exactly, end=exactly["begin"] + timedelta(minutes=30, seconds=20)),
        visit("b", 3, 45, **exactly, end=exactly["begin"] + timedelta(minutes=44, seconds=25)),
        visit("c", 16, 45),
        visit("d", 4, 50, area="Landsbygd"),
        visit("e", 5, 80, services=("stadning",)),
        visit("f", 6, 85, services=("omvardnad", "inkop")),
        visit("g", 7, 30, outcome=Outcome.DECLINED),
        visit("h", 8, 90, outcome=Outcome.DECLINED, services=("stadning",)),
        *(fell_away(f"i{day}", day, 40, client_id="away") for day in (10, 11, 14, 15)),
        rows=rows,
        policy=PayPolicy(kinds=KINDS, new_client_minutes=240),
        absences=[away(10, 16, client_id="away")],
        new_clients=[NewClient("val-9", "new", "p", "Centrum", date(2026, 11, 20), "omvardnad")],
    )
    assert shown(made) == [
        "inkop - performed 60 382.00 100 382.00",
        "omvardnad - performed 100 464.00 100 773.33",
        "omvardnad - performed 45 480.00 100 360.00",
        "omvardnad - declined 30 464.00 50 116.00",
        "omvardnad - absence_day_1 40 464.00 75 232.00",
        "omvardnad - absence_days_2_5 80 464.00 25 154.67",
        "omvardnad - new_client 240 480.00 100 1920.00",
        "omvardnad Landsbygd performed 50 506.70 100 422.25",
        "stadning - performed 96 382.00 100 611.20",
        "stadning - declined 96 382.00 75 458.40",
    ]
    assert made.total == Decimal("5429.85")
    assert [(one.ref, one.why) for one in made.unpaid] == [("i15", Why.LONG_ABSENCE)]


@pytest.mark.sentence(76)
@pytest.mark.parametrize(
    ("service", "minutes", "amount"),
    [
        ("omvardnad", 60, "464.00"),
        ("service", 60, "382.00"),
        ("inkop", 11, "382.00"),
        ("apotek", 11, "286.50"),
        ("stadning", 11, "611.20"),
        ("tvatt", 11, "547.53"),
        ("sopor", 11, "191.00"),
        ("maltid", 11, "154.67"),
        ("social", 30, "191.00"),
    ],
)
def test_solna_2024_prices_and_fixed_minutes(service: str, minutes: int, amount: str) -> None:
    made = pay(visit("a", 2, minutes, services=(service,)), policy=PayPolicy(kinds=KINDS))
    assert made.total == Decimal(amount)


@pytest.mark.sentence(76)
@pytest.mark.parametrize(
    ("service", "outcome", "day", "amount"),
    [
        ("omvardnad", Outcome.DECLINED, 2, "232.00"),
        ("service", Outcome.DECLINED, 2, "210.10"),
        ("stadning", Outcome.DECLINED, 2, "458.40"),
        ("omvardnad", Outcome.AWAY, 10, "348.00"),
        ("omvardnad", Outcome.AWAY, 11, "116.00"),
        ("omvardnad", Outcome.AWAY, 14, "116.00"),
        ("omvardnad", Outcome.AWAY, 15, "0.00"),
    ],
)
def test_solna_2024_percents(service: str, outcome: Outcome, day: int, amount: str) -> None:
    one = visit("a", day, 60, services=(service,), outcome=outcome)
    made = pay(one, policy=PayPolicy(kinds=KINDS), absences=[away(10, 20)])
    assert made.total == Decimal(amount)


@pytest.mark.sentence(76)
@pytest.mark.parametrize(
    ("area", "amount"), [("Stad", "414.80"), ("Ytter", "430.05"), ("Landsbygd", "506.70")]
)
def test_jonkoping_2016_by_area(area: str, amount: str) -> None:
    rows = (
        hourly("omvardnad", "414.80"),
        hourly("omvardnad", "430.05", area="Ytter"),
        hourly("omvardnad", "506.70", area="Landsbygd"),
    )
    assert pay(visit("a", 2, 60, area=area), rows=rows).total == Decimal(amount)


def test_a_visit_of_one_kind_is_priced_by_its_own_name_before_its_service_and_area() -> None:
    rows = (CARE, hourly("maltid", "300.00"), hourly("omvardnad", "500.00", area="Centrum"))
    made = pay(visit("a", 2, 9, services=("maltid",)), rows=rows, policy=PayPolicy(kinds=KINDS))
    assert shown(made) == ["maltid - performed 20 300.00 100 100.00"]


def test_a_price_that_changes_in_the_month_makes_a_line_of_each() -> None:
    rows = (
        hourly("omvardnad", "464.00", last=date(2026, 11, 15)),
        hourly("omvardnad", "480.00", first=date(2026, 11, 16)),
        percent("omvardnad", "50", Ground.DECLINED),
    )
    declined = {"outcome": Outcome.DECLINED}
    made = pay(visit("a", 15, 60), visit("b", 16, 60), visit("c", 16, 60, **declined), rows=rows)
    assert shown(made) == [
        "omvardnad - performed 60 464.00 100 464.00",
        "omvardnad - performed 60 480.00 100 480.00",
        "omvardnad - declined 60 480.00 50 240.00",
    ]
    assert [(line.first.day, line.last.day) for line in made.lines] == [
        (15, 15),
        (16, 16),
        (16, 16),
    ]


def test_a_percentage_that_changes_in_the_month_makes_a_line_of_each_in_order_of_time() -> None:
    rows = (
        CARE,
        percent("omvardnad", "50", Ground.DECLINED, last=date(2026, 11, 15)),
        percent("omvardnad", "40", Ground.DECLINED, first=date(2026, 11, 16)),
    )
    declined = [visit(f"v{day}", day, 60, outcome=Outcome.DECLINED) for day in (16, 15)]
    assert [line.percent for line in pay(*declined, rows=rows).lines] == [50, 40]


def test_a_day_without_a_price_names_service_area_ground_and_day() -> None:
    rows = (hourly("omvardnad", "464.00", last=date(2026, 11, 15)),)
    with pytest.raises(MissingPrice) as caught:
        pay(visit("a", 15, 60), visit("b", 16, 60), rows=rows)
    fault = caught.value
    assert (fault.service, fault.area, fault.ground, fault.day) == (
        "omvardnad",
        "Centrum",
        Ground.PERFORMED,
        date(2026, 11, 16),
    )
    assert str(fault) == (
        "omvardnad in Centrum as performed on 2026-11-16: "
        "no price is in force; add one that holds on this day"
    )


def test_another_provider_is_paid_although_a_price_of_this_one_is_missing() -> None:
    visits = (visit("a", 2, 60, services=("natt",)), visit("b", 2, 60, provider_id="q"))
    with pytest.raises(MissingPrice):
        pay(*visits)
    other = statement("q", NOVEMBER, visits, prices=Prices(SOLNA), policies=PLAIN)
    assert other.total == Decimal("464.00")


def test_percent_of_a_price_that_is_missing_names_the_price_itself() -> None:
    with pytest.raises(MissingPrice) as caught:
        pay(visit("a", 2, 60, outcome=Outcome.DECLINED), rows=SOLNA[2:])
    assert caught.value.ground is Ground.PERFORMED


def test_two_prices_for_one_day_are_an_error_and_an_area_is_not() -> None:
    twice = hourly("omvardnad", "470.00", first=date(2026, 11, 10))
    with pytest.raises(TwoPrices, match="2026-11-10: more than one price is in force"):
        pay(visit("a", 10, 60), rows=(*SOLNA, twice))
    assert pay(visit("a", 9, 60), rows=(*SOLNA, twice)).total == Decimal("464.00")
    local = replace(twice, area="Centrum")
    assert pay(visit("a", 10, 60), rows=(*SOLNA, local)).total == Decimal("470.00")


def test_percent_of_an_area_price_is_of_that_price() -> None:
    rows = (*SOLNA, hourly("omvardnad", "506.70", area="Landsbygd"))
    made = pay(visit("a", 2, 60, area="Landsbygd", outcome=Outcome.DECLINED), rows=rows)
    assert shown(made) == ["omvardnad Landsbygd declined 60 506.70 50 253.35"]


def test_a_declined_visit_may_have_a_price_by_the_piece() -> None:
    rows = (CARE, hourly("omvardnad", "150.00", per=Per.PIECE, ground=Ground.DECLINED))
    declined = [visit(ref, 2, 20, outcome=Outcome.DECLINED) for ref in "ab"]
    assert shown(pay(*declined, rows=rows)) == ["omvardnad - declined 2 150.00 100 300.00"]


def test_a_price_by_the_month_is_paid_once_a_client_at_the_price_of_the_first_visit() -> None:
    month = {"per": Per.MONTH}
    rows = (
        hourly("omvardnad", "9000.00", last=date(2026, 11, 15), **month),
        hourly("omvardnad", "9500.00", first=date(2026, 11, 16), **month),
    )
    made = pay(
        visit("a", 2, 30),
        visit("b", 20, 30),
        visit("c", 20, 30, client_id="late"),
        rows=rows,
    )
    assert shown(made) == [
        "omvardnad - performed 1 9000.00 100 9000.00",
        "omvardnad - performed 1 9500.00 100 9500.00",
    ]


def test_percent_of_a_price_by_the_month_mean_nothing() -> None:
    rows = (hourly("omvardnad", "9000.00", per=Per.MONTH), SOLNA[2])
    with pytest.raises(PriceFault, match="percent of a price by the month"):
        pay(visit("a", 2, 60, outcome=Outcome.DECLINED), rows=rows)


def test_granted_time_is_what_was_planned_and_nothing_else() -> None:
    granted = PayPolicy(time=PaidTime.GRANTED)
    made = pay(
        visit("a", 2, 20, planned_minutes=30),
        visit("b", 2, 60, planned_minutes=None),
        policy=granted,
    )
    assert shown(made) == ["omvardnad - performed 30 464.00 100 232.00"]
    assert [(one.ref, one.why) for one in made.unpaid] == [("b", Why.NO_PLAN)]


def test_rules_change_with_the_day_of_the_visit() -> None:
    policies = (PayPolicy(), PayPolicy(valid_from=date(2026, 11, 16), time=PaidTime.GRANTED))
    made = pay(
        visit("a", 15, 20, planned_minutes=60),
        visit("b", 16, 20, planned_minutes=60),
        policies=policies,
    )
    assert [trace.seconds for trace in made.lines[0].traces] == [1200, 3600]
    with pytest.raises(PayFault, match="no rules for pay are in force on 2026-11-15"):
        pay(visit("a", 15, 20), policies=policies[1:])


def test_services_of_a_visit_share_what_fixed_minutes_leave() -> None:
    one = visit("a", 2, 100, services=("omvardnad", "service", "inkop", "service"))
    made = pay(one, policy=PayPolicy(kinds=KINDS))
    assert [(line.service, line.quantity) for line in made.lines] == [
        ("inkop", 60),
        ("omvardnad", 20),
        ("service", 20),
    ]
    short = pay(one._replace(end=one.begin), policy=PayPolicy(kinds=KINDS))
    assert [line.quantity for line in short.lines] == [60, 0, 0]


def test_an_odd_second_goes_to_the_first_service() -> None:
    one = visit("a", 2, 1.25, services=("service", "omvardnad"))
    seconds = {line.service: line.traces[0].seconds for line in pay(one).lines}
    assert seconds == {"service": 38, "omvardnad": 37}


def test_time_is_real_time_in_the_night_when_clocks_change() -> None:
    begin = datetime(2026, 10, 25, 2, 30, tzinfo=STOCKHOLM)
    end = datetime(2026, 10, 25, 2, 45, fold=1, tzinfo=STOCKHOLM)
    night = visit("a", 25, 0, begin=begin, end=end)._replace(day=begin.date())
    made = statement(
        "p", date(2026, 10, 1), [night], prices=Prices(SOLNA), policies=PLAIN, absences=()
    )
    assert made.lines[0].quantity == 75


def test_both_of_a_doubled_visit_are_paid_unless_the_rules_say_the_longer() -> None:
    pair = (visit("a", 2, 20, planned_id="v1"), visit("b", 2, 25, planned_id="v1"))
    alone = visit("c", 2, 10, planned_id="v2")
    assert pay(*pair, alone).lines[0].quantity == 55
    one = pay(*pair, alone, policy=PayPolicy(pay_both=False))
    assert one.lines[0].quantity == 35
    assert [(left.ref, left.why) for left in one.unpaid] == [("a", Why.SECOND)]


def test_of_a_doubled_visit_the_one_that_was_made_is_paid_before_one_that_was_declined() -> None:
    pair = (
        visit("a", 2, 60, planned_id="v1", outcome=Outcome.DECLINED),
        visit("b", 2, 5, planned_id="v1"),
    )
    made = pay(*pair, policy=PayPolicy(pay_both=False))
    assert [trace.ref for trace in made.lines[0].traces] == ["b"]


def test_a_visit_that_stands_out_is_paid_unless_the_rules_say_not() -> None:
    one = visit("a", 2, 60, flagged=True)
    assert pay(one).total == Decimal("464.00")
    strict = pay(one, policy=PayPolicy(pay_flagged=False))
    assert strict.total == 0
    assert strict.unpaid[0].why is Why.FLAGGED


@pytest.mark.parametrize(
    ("missed_as", "amount"),
    [(Ground.DECLINED, "232.00"), (Ground.MISSED, "464.00"), (None, "0.00")],
)
def test_nobody_at_home_is_paid_as_the_rules_say(missed_as: Ground | None, amount: str) -> None:
    rows = (*SOLNA, percent("omvardnad", "100", Ground.MISSED))
    one = visit("a", 2, 60, outcome=Outcome.MISSED)
    assert pay(one, rows=rows, policy=PayPolicy(missed_as=missed_as)).total == Decimal(amount)


@pytest.mark.parametrize("outcome", [Outcome.NOT_MADE, Outcome.WAITING])
def test_what_nobody_made_is_not_paid(outcome: Outcome) -> None:
    made = pay(visit("a", 2, 60, outcome=outcome, begin=None, end=None))
    assert (made.lines, made.unpaid[0].why) == ((), Why.NOT_MADE)


@pytest.mark.parametrize("outcome", [Outcome.DECLINED, Outcome.MISSED])
def test_what_was_not_planned_cannot_be_declined(outcome: Outcome) -> None:
    made = pay(visit("a", 2, 60, outcome=outcome, planned_minutes=None))
    assert [one.why for one in made.unpaid] == [Why.NO_PLAN]


def test_a_visit_without_a_service_is_unpaid_and_said() -> None:
    assert [one.why for one in pay(visit("a", 2, 60, services=())).unpaid] == [Why.NO_SERVICE]


def test_days_of_absence_are_counted_by_the_calendar_from_its_first_day() -> None:
    """Also where nothing was planned on the first day, or where it began last month."""
    absences = [Away("c", date(2026, 10, 30), date(2026, 11, 3)), away(20, None, client_id="d")]
    made = pay(
        *(fell_away(f"c{day}", day) for day in (1, 2, 3)),
        *(fell_away(f"d{day}", day, client_id="d") for day in (21, 24, 25)),
        absences=absences,
    )
    assert shown(made) == ["omvardnad - absence_days_2_5 300 464.00 25 580.00"]
    assert [one.ref for one in made.unpaid] == ["d25"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (away(10, 12), away(12, 14)),
        (away(10, 12), away(13, 16)),
        (away(10, 16), away(11, 12)),
        (away(10, None), away(13, 13)),
    ],
)
def test_absences_that_overlap_or_follow_at_once_are_one(first: Away, second: Away) -> None:
    made = pay(fell_away("a", 13), absences=[second, first])
    assert made.lines[0].ground is Ground.ABSENCE_DAYS_2_5


def test_an_absence_that_joins_on_to_last_months_is_one_with_it() -> None:
    before = Away("c", date(2026, 10, 30), date(2026, 10, 31))
    made = pay(fell_away("a", 1), fell_away("b", 4), absences=[before, away(1, 4)])
    assert [line.ground for line in made.lines] == [Ground.ABSENCE_DAYS_2_5]
    assert [one.ref for one in made.unpaid] == ["b"]


def test_a_day_at_home_between_begins_an_absence_anew() -> None:
    made = pay(fell_away("a", 14), absences=[away(14, 16), away(10, 12)])
    assert made.lines[0].ground is Ground.ABSENCE_DAY_1


@pytest.mark.parametrize("absence", [away(10, 12, client_id="another"), away(11, None)])
def test_a_visit_that_fell_away_without_an_absence_stops_and_says_what_to_do(absence: Away) -> None:
    with pytest.raises(PayFault, match=r"visit a fell away on 2026-11-10.*record the absence"):
        pay(fell_away("a", 10), absences=[absence])


def test_a_new_client_pays_nothing_unless_the_rules_say_so() -> None:
    new = NewClient("val-9", "new", "p", "Centrum", date(2026, 11, 20), "omvardnad")
    assert pay(new_clients=[new]).lines == ()
    four_hours = PayPolicy(new_client_minutes=240)
    assert pay(new_clients=[new], policy=four_hours).total == Decimal("1856.00")
    other = new._replace(provider_id="q")
    assert pay(new_clients=[other], policy=four_hours).lines == ()
    with pytest.raises(PayFault, match="not in 2026-11"):
        pay(new_clients=[new._replace(day=date(2026, 12, 1))], policy=four_hours)
    with pytest.raises(PriceFault, match="paid by the hour"):
        pay(
            new_clients=[new], policy=four_hours, rows=(hourly("omvardnad", "9.00", per=Per.PIECE),)
        )


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ([visit("a", 2, 60), visit("a", 3, 60)], "visit a was given twice"),
        (
            [visit("a", 2, 60)._replace(day=date(2026, 12, 1))],
            "visit a of 2026-12-01 is not of 2026-11",
        ),
        ([visit("a", 2, 60, end=None)], "no beginning and end in order"),
        ([visit("a", 2, -1)], "no beginning and end in order"),
    ],
)
def test_what_cannot_be_paid_stops_and_names_the_visit(wrong: list[Any], message: str) -> None:
    with pytest.raises(PayFault, match=message):
        pay(*wrong)


def test_a_month_is_its_first_day() -> None:
    with pytest.raises(ValueError, match="first day"):
        statement("p", date(2026, 11, 2), [], prices=Prices(SOLNA), policies=PLAIN)


def test_half_a_minute_and_half_an_ore_go_to_the_provider() -> None:
    """Rounded once a line, whatever the number of visits."""
    half = [visit(f"v{number}", 2, 0.25) for number in range(2)]
    assert pay(*half).lines[0].quantity == 1
    rows = (hourly("omvardnad", "0.30"),)
    assert pay(visit("a", 2, 1), rows=rows).total == Decimal("0.01")
    assert pay(visit("a", 2, 1), rows=(hourly("omvardnad", "0.29"),)).total == Decimal("0.00")


@pytest.mark.sentence(73)
def test_a_price_knows_nothing_of_the_client_and_nothing_of_the_provider() -> None:
    """A fee cannot follow from who was chosen: pay and fee share no value."""
    named = {field.name for field in fields(CARE)}
    assert named == {"service", "area", "price", "per", "ground", "first", "last"}
    own = pay(visit("a", 2, 60))
    other = statement(
        "q", NOVEMBER, [visit("a", 2, 60, provider_id="q")], prices=Prices(SOLNA), policies=PLAIN
    )
    assert own.lines == other.lines


@pytest.mark.parametrize(
    "change",
    [
        {"price": Decimal("-0.01")},
        {"price": Decimal("NaN")},
        {"price": Decimal(101), "per": Per.PERCENT, "ground": Ground.DECLINED},
        {"per": Per.PERCENT},
        {"last": date(2025, 12, 31)},
    ],
)
def test_impossible_prices_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"price|percent"):
        replace(CARE, **change)


@pytest.mark.parametrize(
    "change",
    [
        {"kinds": (Kind("inkop", "service", 60), Kind("inkop", "service", 45))},
        {"kinds": (Kind("inkop", "service", -1),)},
        {"new_client_minutes": 1441},
        {"missed_as": Ground.PERFORMED},
    ],
)
def test_impossible_rules_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"kind|minutes|missed"):
        PayPolicy(**change)


def test_no_line_without_something_it_rests_on() -> None:
    line = pay(visit("a", 2, 60)).lines[0]
    values = {field.name: getattr(line, field.name) for field in fields(line)}
    with pytest.raises(ValueError, match="rests on something"):
        StatementLine(**(values | {"traces": ()}))
