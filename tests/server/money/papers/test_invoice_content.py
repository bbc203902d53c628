"""An invoice as values: it adds up or cannot be made, and is stored so that nothing is lost."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeworld import LIMITS, PRICES, granted, nov, price, visit
from nyckelfri.care.billing import Article, Basis, Limit, Line, Trace, Unit
from nyckelfri.care.charges import ClientMonth, Delivery, Extent, charge
from nyckelfri.care.feepolicy import IN_VAIN, Charged, Doubled, FeePolicy, Monthly, Split
from nyckelfri.care.fees import Income
from nyckelfri.care.fees import fee as charged_fee
from nyckelfri.care.performed import Outcome
from nyckelfri.care.tariff import Tariff
from nyckelfri.server.money.papers import checkdigits
from nyckelfri.server.money.papers.content import (
    FeeShown,
    InvoiceLine,
    Kind,
    Rest,
    Term,
    What,
    credit,
)
from nyckelfri.server.money.papers.stored import StoredError, digest, from_data, to_data
from papersworld import BUYER, NOVEMBER, SELLER, TERMS, alarm, fee, hours, invoice, meals


def test_an_invoice_comes_back_from_storage_as_it_was() -> None:
    for content in (
        invoice(terms=TERMS),
        credit(invoice(), number=1043, issued=date(2026, 12, 20), reason="Fel besök"),
    ):
        data = json.loads(json.dumps(to_data(content)))
        assert from_data(data) == content


@settings(deadline=None)
@given(
    name=st.text(min_size=1).filter(lambda text: any(each.isalnum() for each in text)),
    count=st.integers(1, 150),
    minutes=st.integers(1, 600),
    price=st.decimals(1, 5000, places=2),
)
def test_any_text_and_amount_survives_storage(
    name: str, count: int, minutes: int, price: Decimal
) -> None:
    content = invoice(hours(count, minutes, str(price)), buyer=replace(BUYER, name=name))
    data = json.loads(json.dumps(to_data(content)))
    assert from_data(data) == content
    assert digest(data) == digest(to_data(content))


def test_the_digest_minds_no_order_of_keys_and_every_change() -> None:
    data = to_data(invoice())
    assert digest(dict(reversed(data.items()))) == digest(data)
    changed = deepcopy(data)
    changed["lines"][0]["rests_on"][3]["quantity"] += 1
    assert digest(changed) != digest(data)


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("format",), 2, "format 1"),
        (("lines", 0, "amount"), "1e3", "lines.0"),
        (("lines", 0, "amount"), "665.01", "wrong at the whole"),
        (("lines", 0, "rests_on", 0, "begin"), "2026-11-01T07:02:00", "lines.0"),
        (("buyer", "name"), 17, "buyer.name"),
        (("buyer", "shoe_size"), "38", "says more or other"),
        (("kind",), "gift", "kind"),
    ],
)
def test_what_was_not_stored_here_is_refused_and_not_quoted(
    place: tuple[Any, ...], value: object, said: str
) -> None:
    data = to_data(invoice())
    inner: Any = data
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    with pytest.raises(StoredError, match=said) as caught:
        from_data(data)
    assert BUYER.name not in str(caught.value)


@pytest.mark.parametrize("data", [None, [], "faktura", {}, {"format": 1}])
def test_what_is_no_invoice_at_all_is_refused(data: object) -> None:
    with pytest.raises(StoredError):
        from_data(data)


@pytest.mark.parametrize(
    "changed",
    [
        {"due": date(2026, 12, 2)},
        {"first": date(2026, 12, 1)},
        {"reference": "104266"},
        {"lines": ()},
        {"client_id": " "},
        {"kind": Kind.CREDIT},
        {"seller": replace(SELLER, bankgiro="")},
        {"seller": replace(SELLER, telephone="")},
        {"lines": (hours(),)},
        {"fee": fee((hours(), alarm()))},
    ],
)
def test_an_invoice_that_does_not_add_up_cannot_be_made(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        invoice(**changed)


@pytest.mark.parametrize(
    "changed",
    [
        {"total": Decimal("1.00")},
        {"reduction": Decimal("1.00")},
        {"cap": Decimal("100.0")},
        {"headroom": Decimal("1670.00")},
        {"terms": TERMS},
        {"limit": Limit.CAP},
        {"limit": Limit.HEADROOM},
    ],
)
def test_a_fee_that_contradicts_itself_cannot_be_made(changed: dict[str, Any]) -> None:
    made = fee((hours(), alarm(), meals()))
    with pytest.raises(ValueError, match=r"."):
        replace(made, **changed)


@pytest.mark.sentence(71)
def test_every_trace_of_a_line_is_shown_and_nothing_else() -> None:
    shown = hours(2)
    line = Line(
        article=Article.CARE,
        text="Omvårdnad",
        unit=Unit.HOUR,
        quantity=50,
        price=Decimal("133.00"),
        amount=Decimal("110.83"),
        first=shown.first,
        last=shown.last,
        capped=True,
        traces=tuple(
            Trace(Basis.VISIT, each.ref, each.day, each.quantity) for each in shown.rests_on
        ),
    )
    assert InvoiceLine.of_line(line, "3132", shown.rests_on) == shown
    for rests in (shown.rests_on[:1], (*shown.rests_on, *alarm().rests_on)):
        with pytest.raises(ValueError, match="each trace"):
            InvoiceLine.of_line(line, "3132", rests)
    with pytest.raises(ValueError, match="sum of what it rests on"):
        replace(shown, quantity=51)


policies = st.builds(
    FeePolicy,
    charged=st.sampled_from(Charged),
    doubled=st.sampled_from(Doubled),
    split=st.sampled_from(Split),
    in_vain=st.just(IN_VAIN),
    monthly=st.sampled_from(Monthly),
    whole_kronor=st.booleans(),
)
some = st.lists(
    st.tuples(
        st.integers(1, 30),
        st.integers(0, 4000),
        st.lists(st.sampled_from(["care", "household"]), min_size=1, max_size=2, unique=True),
        st.sampled_from([Outcome.PERFORMED, Outcome.PERFORMED, Outcome.MISSED, Outcome.NOT_MADE]),
    ),
    max_size=12,
)


@pytest.mark.sentence(71)
@settings(deadline=None)
@given(policy=policies, made=some, boxes=st.integers(0, 3), income=st.integers(0, 3_000_001))
def test_whatever_a_month_is_charged_as_stands_on_an_invoice_that_adds_up(
    policy: FeePolicy, made: list[tuple[int, int, list[str], Outcome]], boxes: int, income: int
) -> None:
    month = ClientMonth(
        month=NOVEMBER,
        visits=[
            visit(str(n), f"{day} 08:00", seconds, services, outcome)
            for n, (day, seconds, services, outcome) in enumerate(made)
        ],
        deliveries=[Delivery("1", nov(3), boxes)],
        decisions=[
            granted("care", "30", Extent.MINUTES_A_DAY, ref="D1"),
            granted("alarm", ref="D2"),
            granted("alarm", ref="D3"),
        ],
    )
    shown = Income(
        valid_from=NOVEMBER,
        cohabiting=True,
        net_income=Decimal(income) / 100,
        partner_net_income=Decimal("9000.00"),
        housing_supplement=Decimal("100.00"),
        housing_cost=Decimal("5000.00"),
        addition=Decimal("12.00"),
    )
    tariff = Tariff((*PRICES, price(Article.MISSED_VISIT, "150.00")))
    lines = charge(month, tariff, policy)
    of = charged_fee(NOVEMBER, lines, incomes=[shown], limits=LIMITS, policy=policy)
    terms = (
        Term(what=What.SHARED_INCOME, amount=(shown.net_income + 9000) / 2),
        Term(what=What.HOUSING_SUPPLEMENT, amount=shown.housing_supplement),
        Term(what=What.HOUSING_COST, amount=-shown.housing_cost),
        Term(what=What.MINIMUM_AMOUNT, amount=-LIMITS.cohabiting),
        Term(what=What.ADDITION, amount=-shown.addition),
    )
    rows = [
        InvoiceLine.of_line(each, "3132", [rest(trace) for trace in each.traces]) for each in lines
    ]
    content = invoice(*rows, fee=FeeShown.of_fee(of, terms))
    assert content.total == of.total
    assert from_data(json.loads(json.dumps(to_data(content)))) == content


def rest(trace: Trace) -> Rest:
    return Rest(
        basis=trace.basis,
        ref=trace.ref,
        day=trace.day,
        quantity=trace.quantity,
        seconds=trace.seconds,
        begin=trace.begin,
        end=trace.end,
    )


def test_a_credit_takes_back_the_whole_invoice_and_is_not_credited_itself() -> None:
    issued = invoice(terms=TERMS)
    back = credit(issued, number=1050, issued=date(2026, 12, 20), reason="Fel besök")
    assert (back.kind, back.total, back.lines) == (Kind.CREDIT, issued.total, issued.lines)
    assert back.credits is not None
    assert (back.credits.number, back.credits.issued) == (issued.number, issued.issued)
    with pytest.raises(ValueError, match="not credited"):
        credit(back, number=1051, issued=date(2026, 12, 21), reason="Fel igen")
    with pytest.raises(ValueError, match="why"):
        credit(issued, number=1051, issued=date(2026, 12, 21), reason=" \n")


@given(number=st.integers(1, 10**12))
def test_a_payment_reference_tells_its_length_and_checks(number: int) -> None:
    reference = checkdigits.payment_reference(number)
    assert reference.startswith(str(number))
    assert int(reference[-2]) == len(reference) % 10
    assert checkdigits.fits(reference)
    wrong = f"{(int(reference[0]) + 1) % 10}{reference[1:]}"
    assert not checkdigits.fits(wrong)


@pytest.mark.parametrize(
    ("check", "number", "digits"),
    [
        (checkdigits.organisation, "212999-2083", "2129992083"),
        (checkdigits.organisation, "2129992083", "2129992083"),
        (checkdigits.bankgiro, "5050-1055", "50501055"),
        (checkdigits.bankgiro, "991-2346", "9912346"),
    ],
)
def test_numbers_with_check_digits(check: Any, number: str, digits: str) -> None:
    assert check(number) == digits
    for wrong in (number[:-1] + str((int(number[-1]) + 1) % 10), number[1:], f"{number} ", "", "a"):
        with pytest.raises(ValueError, match="check digit"):
            check(wrong)


def test_no_reference_below_one() -> None:
    with pytest.raises(ValueError, match="1 or more"):
        checkdigits.payment_reference(0)
