"""A provider's invoice held against our statement (docs/subsystems/pay.md)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nyckelfri.care.pay import Ground, PayPolicy
from nyckelfri.care.payprices import Prices
from nyckelfri.care.performed import Outcome
from nyckelfri.care.statementcheck import (
    Counted,
    InvoiceVerdict,
    LineVerdict,
    ReceivedInvoice,
    ReceivedLine,
    check,
)
from nyckelfri.care.statements import statement
from payworld import NOVEMBER, hourly, percent, visit

if TYPE_CHECKING:
    from nyckelfri.care.pay import StatementLine
    from nyckelfri.care.statementcheck import Check

OURS = statement(
    "p",
    NOVEMBER,
    [
        visit("a", 2, 50),
        visit("b", 3, 50, area="Landsbygd"),
        visit("c", 4, 100, area="Landsbygd", outcome=Outcome.DECLINED),
        visit("d", 5, 30, services=("service",)),
    ],
    prices=Prices(
        [
            hourly("omvardnad", "464.00"),
            hourly("omvardnad", "506.70", area="Landsbygd"),
            hourly("service", "382.00"),
            percent("omvardnad", "25", Ground.DECLINED),
        ]
    ),
    policies=[PayPolicy()],
)
ALL_SAME = (LineVerdict.SAME,)


def as_sent(line: StatementLine, **more: Any) -> ReceivedLine:
    """A line as a provider would write it: hours with two decimals, by our number."""
    values: dict[str, Any] = {
        "line_id": str(line.number),
        "text": line.service,
        "item": str(line.number),
        "quantity": round(Decimal(line.quantity) / 60, 2),
        "counted": Counted.HOURS,
        "price": line.price * line.percent / 100,
        "amount": line.amount,
    }
    return ReceivedLine(**(values | more))


def invoice(*lines: ReceivedLine, **more: Any) -> ReceivedInvoice:
    values: dict[str, Any] = {
        "invoice_id": "F-1",
        "supplier_id": "p",
        "first": date(2026, 11, 1),
        "last": date(2026, 11, 30),
        "lines": lines,
        "total": sum((line.amount for line in lines), Decimal(0)),
    }
    return ReceivedInvoice(**(values | more))


SENT = tuple(as_sent(line) for line in OURS.lines)


def line_verdicts(made: Check) -> list[tuple[LineVerdict, ...]]:
    return [line.verdicts for line in made.lines]


def changed(place: int, **change: Any) -> Check:
    """The check of an invoice that is ours but for one line."""
    lines = [line._replace(**change) if at == place else line for at, line in enumerate(SENT)]
    return check(invoice(*lines), OURS)


@pytest.mark.sentence(76)
def test_an_invoice_that_is_our_statement_is_payable() -> None:
    made = check(invoice(*SENT), OURS)
    assert made.payable
    assert line_verdicts(made) == [ALL_SAME] * 4
    assert made.difference == 0


@pytest.mark.parametrize("line", range(4))
def test_hours_may_be_written_with_any_decimals_and_minutes_exactly(line: int) -> None:
    own = OURS.lines[line]
    for decimals in (2, 3, 4, 6):
        hours = round(Decimal(own.quantity) / 60, decimals)
        assert changed(line, quantity=hours).payable
        assert not changed(line, quantity=hours + Decimal(1).scaleb(-decimals)).payable
    minutes = {"counted": Counted.MINUTES}
    assert changed(line, quantity=Decimal(own.quantity), **minutes).payable
    assert not changed(line, quantity=Decimal(own.quantity + 1), **minutes).payable
    assert not changed(line, quantity=Decimal(own.quantity), counted=Counted.PIECES).payable


def test_hours_with_one_decimal_are_not_enough() -> None:
    assert changed(0, quantity=Decimal("0.8")).lines[0].verdicts == (LineVerdict.QUANTITY,)


def test_a_reduced_price_may_be_written_in_ore() -> None:
    """25 % of 506.70 is 126.675."""
    assert OURS.lines[2].percent == 25
    assert changed(2, price=Decimal("126.68")).payable
    assert changed(2, price=Decimal("126.675")).payable
    assert not changed(2, price=Decimal("126.67")).payable
    assert not changed(2, price=Decimal("506.70")).payable


@pytest.mark.parametrize(
    ("change", "verdicts", "difference"),
    [
        ({"quantity": Decimal("0.84")}, (LineVerdict.QUANTITY,), "0.00"),
        ({"price": Decimal("470.00")}, (LineVerdict.PRICE,), "0.00"),
        ({"amount": Decimal("386.68")}, (LineVerdict.AMOUNT,), "0.01"),
        (
            {"quantity": Decimal(1), "price": Decimal(470), "amount": Decimal(470)},
            (LineVerdict.QUANTITY, LineVerdict.PRICE, LineVerdict.AMOUNT),
            "83.33",
        ),
    ],
)
def test_what_differs_is_named(
    change: dict[str, Any], verdicts: tuple[LineVerdict, ...], difference: str
) -> None:
    made = changed(0, **change)
    assert line_verdicts(made) == [verdicts, ALL_SAME, ALL_SAME, ALL_SAME]
    assert InvoiceVerdict.DIFFERS in made.verdicts
    assert made.difference == Decimal(difference)
    assert not made.payable


def test_a_line_of_something_else_is_unknown_and_ours_is_missing() -> None:
    made = changed(3, item="fonsterputs")
    assert line_verdicts(made) == [ALL_SAME] * 3 + [(LineVerdict.UNKNOWN,), (LineVerdict.MISSING,)]
    assert made.lines[3].ours is None
    assert made.lines[4].received is None
    assert made.lines[4].ours == OURS.lines[3]


def test_a_line_that_is_left_out_is_missing_and_the_total_tells() -> None:
    made = check(invoice(*SENT[1:]), OURS)
    assert line_verdicts(made) == [ALL_SAME] * 3 + [(LineVerdict.MISSING,)]
    assert made.verdicts == (InvoiceVerdict.DIFFERS, InvoiceVerdict.TOTAL)
    assert made.difference == Decimal("-386.67")


def test_one_line_of_ours_asked_for_twice() -> None:
    again = SENT[0]._replace(line_id="9")
    made = check(invoice(*SENT, again), OURS)
    assert line_verdicts(made) == [ALL_SAME] * 4 + [(LineVerdict.TWICE,)]
    by_service = again._replace(item="omvardnad")
    assert line_verdicts(check(invoice(*SENT, by_service), OURS))[-1] == (LineVerdict.TWICE,)


def test_services_by_name_find_the_line_that_agrees_whatever_their_order() -> None:
    named = [line._replace(item=own.service) for line, own in zip(SENT, OURS.lines, strict=True)]
    made = check(invoice(*reversed(named)), OURS)
    assert made.payable
    assert [line.ours for line in made.lines] == list(reversed(OURS.lines))


def test_a_service_by_name_that_differs_finds_the_line_of_its_price() -> None:
    wrong = [line._replace(item="omvardnad", amount=Decimal(1)) for line in SENT[:3]]
    made = check(invoice(*reversed(wrong), SENT[3]), OURS)
    assert [line.ours for line in made.lines[:3]] == list(reversed(OURS.lines[:3]))
    assert {line.verdicts for line in made.lines[:3]} == {(LineVerdict.AMOUNT,)}


def test_a_service_by_name_that_could_mean_several_lines_is_unknown() -> None:
    vague = SENT[0]._replace(item="omvardnad", price=Decimal(1))
    made = check(invoice(vague), OURS)
    assert made.lines[0].verdicts == (LineVerdict.UNKNOWN,)
    only = SENT[3]._replace(item="service", price=Decimal(1))
    assert check(invoice(only), OURS).lines[0].verdicts == (LineVerdict.PRICE,)


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({"supplier_id": "q"}, InvoiceVerdict.WRONG_SUPPLIER),
        ({"first": date(2026, 10, 31)}, InvoiceVerdict.WRONG_PERIOD),
        ({"last": date(2026, 12, 1)}, InvoiceVerdict.WRONG_PERIOD),
        ({"last": date(2027, 11, 30)}, InvoiceVerdict.WRONG_PERIOD),
        ({"total": OURS.total + 1}, InvoiceVerdict.TOTAL),
    ],
)
def test_an_invoice_of_another_or_for_another_month_is_not_payable(
    change: dict[str, Any], verdict: InvoiceVerdict
) -> None:
    made = check(invoice(*SENT, **change), OURS)
    assert made.verdicts == (verdict,)
    assert not made.payable


def test_a_statement_is_paid_once() -> None:
    made = check(invoice(*SENT), OURS, earlier={"F-0"})
    assert made.verdicts == (InvoiceVerdict.ALREADY_INVOICED,)
    assert line_verdicts(made) == [ALL_SAME] * 4


def test_a_tolerance_is_of_kronor_and_of_nothing_else() -> None:
    off = [SENT[0]._replace(amount=SENT[0].amount + Decimal("0.50")), *SENT[1:]]
    assert not check(invoice(*off), OURS, tolerance=Decimal("0.49")).payable
    assert check(invoice(*off), OURS, tolerance=Decimal("0.50")).payable
    more = [SENT[0]._replace(quantity=Decimal("0.84")), *SENT[1:]]
    assert not check(invoice(*more), OURS, tolerance=Decimal(1000)).payable


@pytest.mark.threat(53)
@pytest.mark.parametrize("figure", ["NaN", "sNaN", "Infinity", "1E+999999", "-1E+12"])
def test_a_figure_that_is_none_is_refused(figure: str) -> None:
    with pytest.raises(ValueError, match="no figure"):
        invoice(SENT[0]._replace(quantity=Decimal(figure)), total=Decimal(0))


def test_a_figure_with_endless_decimals_is_only_different() -> None:
    endless = Decimal("0." + "3" * 100_000)
    assert changed(0, quantity=endless).lines[0].verdicts == (LineVerdict.QUANTITY,)


@given(st.permutations(SENT), st.data())
def test_every_line_of_both_is_answered_for_once(
    sent: list[ReceivedLine], data: st.DataObject
) -> None:
    """Whatever is left out, doubled, named by service or changed."""
    lines = []
    for line in sent:
        for _ in range(data.draw(st.integers(0, 2))):
            item = data.draw(st.sampled_from((line.item, line.text, "0")))
            amount = data.draw(st.sampled_from((line.amount, Decimal(1))))
            lines.append(line._replace(item=item, amount=amount))
    made = check(invoice(*lines), OURS)
    assert [line.received for line in made.lines if line.received is not None] == lines
    once = [
        line.ours.number
        for line in made.lines
        if line.ours is not None and LineVerdict.TWICE not in line.verdicts
    ]
    assert sorted(once) == [line.number for line in OURS.lines]
    if made.payable:
        assert sum(line.amount for line in lines) == OURS.total
        assert set(line_verdicts(made)) == {ALL_SAME}


def test_an_empty_statement_wants_an_empty_invoice() -> None:
    nothing = replace(OURS, lines=(), total=Decimal("0.00"))
    assert check(invoice(), nothing).payable
    assert not check(invoice(*SENT), nothing).payable
