"""Pay for any month: nothing twice, nothing lost, and the sums are the sums."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from nyckelfri.care.pay import Ground, Kind, PaidTime, PayPolicy, Per
from nyckelfri.care.payprices import Prices
from nyckelfri.care.performed import Away, Outcome
from nyckelfri.care.statements import statement
from payworld import NOVEMBER, hourly, percent, visit

if TYPE_CHECKING:
    from nyckelfri.care.pay import PayVisit, Statement

SERVICES = ("omvardnad", "service", "stadning")
GROUNDS = (Ground.DECLINED, Ground.ABSENCE_DAY_1, Ground.ABSENCE_DAYS_2_5)
SWITCH = date(2026, 11, 16)
PRICES = Prices(
    [
        hourly("omvardnad", "464.00", last=date(2026, 11, 15)),
        hourly("omvardnad", "480.10", first=SWITCH),
        hourly("omvardnad", "506.70", area="Landsbygd"),
        hourly("service", "382.00"),
        hourly("stadning", "611.20", area="Centrum", per=Per.PIECE),
        *(percent(name, "33.3", ground) for name in SERVICES for ground in GROUNDS),
    ]
)
AWAY = [Away("c1", date(2026, 11, 3), date(2026, 11, 12)), Away("c2", date(2026, 10, 1), None)]
policies = st.builds(
    PayPolicy,
    time=st.sampled_from(PaidTime),
    kinds=st.just((Kind("stadning", "service", 96),)),
    pay_both=st.booleans(),
    pay_flagged=st.booleans(),
)


@st.composite
def months(draw: st.DrawFn) -> list[PayVisit]:
    """Up to forty visits of two providers, doubled ones among them."""
    drawn = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "client_id": st.sampled_from(("c1", "c2", "c3")),
                    "provider_id": st.sampled_from(("p", "q")),
                    "area": st.sampled_from(("Centrum", "Landsbygd", "")),
                    "services": st.lists(st.sampled_from(SERVICES), max_size=3).map(tuple),
                    "planned_minutes": st.none() | st.integers(0, 200),
                    "outcome": st.sampled_from(Outcome),
                    "flagged": st.booleans(),
                    "planned_id": st.sampled_from(("", "v1", "v2")),
                }
            ),
            max_size=40,
        )
    )
    visits = []
    for number, values in enumerate(drawn):
        gone = values["outcome"] is Outcome.AWAY
        client = "c2" if gone and values["client_id"] == "c3" else values["client_id"]
        day = draw(st.integers(3, 12) if gone and client == "c1" else st.integers(1, 30))
        seconds = draw(st.integers(0, 10_000))
        visits.append(visit(f"v{number}", day, seconds / 60, **(values | {"client_id": client})))
    return visits


def pay(visits: list[PayVisit], policy: PayPolicy, provider: str = "p") -> Statement:
    return statement(provider, NOVEMBER, visits, prices=PRICES, policies=[policy], absences=AWAY)


@given(months(), policies, st.randoms(use_true_random=False))
def test_order_and_the_others_visits_do_not_matter(
    visits: list[PayVisit], policy: PayPolicy, random: Any
) -> None:
    made = pay(visits, policy)
    own = [one for one in visits if one.provider_id == "p"]
    random.shuffle(own)
    assert pay(own, policy) == made


@given(months(), policies)
def test_a_visit_is_in_one_line_a_service_or_unpaid_and_never_both(
    visits: list[PayVisit], policy: PayPolicy
) -> None:
    made = pay(visits, policy)
    paid = Counter((trace.ref, line.service) for line in made.lines for trace in line.traces)
    unpaid = Counter(one.ref for one in made.unpaid)
    for one in visits:
        expected = set(one.services) if one.provider_id == "p" else set()
        found = {name for ref, name in paid if ref == one.ref}
        assert found == (set() if unpaid[one.ref] else expected)
    assert set(paid.values()) | set(unpaid.values()) <= {1}
    assert set(unpaid) | {ref for ref, _ in paid} == {
        one.ref for one in visits if one.provider_id == "p"
    }


@given(months(), policies)
def test_sums_are_sums_and_every_amount_follows_from_its_row(
    visits: list[PayVisit], policy: PayPolicy
) -> None:
    made = pay(visits, policy)
    assert made.total == sum(line.amount for line in made.lines)
    assert [line.number for line in made.lines] == list(range(1, len(made.lines) + 1))
    for line in made.lines:
        assert line.traces
        if line.per is Per.HOUR:
            seconds = sum(trace.seconds for trace in line.traces)
            assert -30 < seconds - 60 * line.quantity <= 30 or seconds - 60 * line.quantity == -30
        exact = Fraction(line.price) * line.quantity * Fraction(line.percent) / 100
        exact /= 60 if line.per is Per.HOUR else 1
        assert -Fraction(1, 200) <= exact - Fraction(line.amount) < Fraction(1, 200)


@given(months())
def test_no_second_of_a_performed_visit_is_lost_or_paid_twice(visits: list[PayVisit]) -> None:
    """Where nothing has fixed minutes."""
    plain = [one._replace(services=one.services and ("service", "omvardnad")) for one in visits]
    made = pay(plain, PayPolicy())
    paid: Counter[str] = Counter()
    for line in made.lines:
        if line.ground is Ground.PERFORMED:
            paid.update({trace.ref: trace.seconds for trace in line.traces})
    for one in plain:
        due = one.provider_id == "p" and one.outcome is Outcome.PERFORMED and one.services
        assert one.begin is not None
        assert one.end is not None
        assert paid[one.ref] == (int((one.end - one.begin).total_seconds()) if due else 0)


@given(months(), policies)
def test_one_more_visit_never_lowers_the_pay(visits: list[PayVisit], policy: PayPolicy) -> None:
    single = [one._replace(planned_id="") for one in visits]
    assert pay(single[:-1], policy).total <= pay(single, policy).total


@given(st.integers(1, 40), st.integers(0, 40))
def test_days_of_absence_are_day_one_then_four_then_nothing(begins: int, length: int) -> None:
    """Whatever day of October or November it begins on."""
    first = date(2026, 10, 1) + timedelta(begins - 1)
    gone = [
        visit(f"{since}", day.day, 60, client_id="c9", outcome=Outcome.AWAY)
        for since in range(length + 1)
        if (day := first + timedelta(since)).month == NOVEMBER.month
    ]
    made = statement(
        "p",
        NOVEMBER,
        gone,
        prices=PRICES,
        policies=[PayPolicy()],
        absences=[Away("c9", first, first + timedelta(length))],
    )
    found: dict[Ground | None, set[int]] = {None: {int(one.ref) for one in made.unpaid}}
    for line in made.lines:
        found.setdefault(line.ground, set()).update(int(trace.ref) for trace in line.traces)
    since = {int(one.ref) for one in gone}
    assert found.get(Ground.ABSENCE_DAY_1, set()) == since & {0}
    assert found.get(Ground.ABSENCE_DAYS_2_5, set()) == since & {1, 2, 3, 4}
    assert found[None] == {day for day in since if day > 4}
