"""What differs between two versions of a statement."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nyckelfri.care.pay import Ground, PayPolicy, PayVisit, Statement, StatementLine, Why
from nyckelfri.care.payprices import Prices
from nyckelfri.care.performed import Outcome
from nyckelfri.care.statementchanges import changes
from nyckelfri.care.statements import statement
from payworld import NOVEMBER, hourly, percent, visit

PRICES = Prices([hourly("omvardnad", "464.00"), percent("omvardnad", "50", Ground.DECLINED)])


def made(*visits: PayVisit) -> Statement:
    return statement("p", NOVEMBER, visits, prices=PRICES, policies=[PayPolicy()])


def test_nothing_differs_where_nothing_does() -> None:
    found = changes(made(visit("a", 2, 30)), made(visit("a", 2, 30)))
    assert (found.lines, found.visits) == ((), ())


def test_a_corrected_time_is_told_with_its_line() -> None:
    found = changes(
        made(visit("a", 2, 30), visit("b", 3, 20)), made(visit("a", 2, 45), visit("b", 3, 20))
    )
    ((before, after),) = found.lines
    assert before is not None
    assert after is not None
    assert (before.quantity, after.quantity) == (50, 65)
    (one,) = found.visits
    assert (one.ref, [each.seconds for each in one.before]) == ("a", [1800])
    assert [each.seconds for each in one.after] == [2700]


def test_a_visit_that_comes_goes_or_is_paid_for_another_reason_is_told() -> None:
    before = made(visit("a", 2, 30), visit("b", 3, 30), visit("c", 4, 30, outcome=Outcome.NOT_MADE))
    after = made(visit("b", 3, 30, outcome=Outcome.DECLINED), visit("c", 4, 30), visit("d", 5, 30))
    found = changes(before, after)
    assert [(each.ref, _said(each.before), _said(each.after)) for each in found.visits] == [
        ("a", [Ground.PERFORMED], []),
        ("b", [Ground.PERFORMED], [Ground.DECLINED]),
        ("c", [Why.NOT_MADE], [Ground.PERFORMED]),
        ("d", [], [Ground.PERFORMED]),
    ]


def test_lines_of_another_number_are_the_same_line() -> None:
    declined = visit("a", 2, 30, outcome=Outcome.DECLINED)
    found = changes(made(declined), made(declined, visit("b", 3, 30)))
    ((before, after),) = found.lines
    assert before is None
    assert after is not None
    assert after.ground is Ground.PERFORMED


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.integers(1, 90), max_size=6),
    st.lists(st.integers(1, 90), max_size=6),
)
def test_a_visit_is_told_exactly_where_its_time_differs(old: list[int], new: list[int]) -> None:
    before, after = (
        made(*(visit(str(n), n + 1, minutes) for n, minutes in enumerate(each)))
        for each in (old, new)
    )
    found = changes(before, after)
    padded = zip(old + [0] * len(new), new + [0] * len(old), strict=True)
    assert {each.ref for each in found.visits} == {
        str(n) for n, (first, second) in enumerate(padded) if first != second
    }
    assert bool(found.lines) == (before.total != after.total)


def _said(parts: object) -> list[Ground | Why]:
    assert isinstance(parts, tuple)
    return [each.of.ground if isinstance(each.of, StatementLine) else each.of for each in parts]
