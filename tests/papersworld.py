"""Invented invoices of Björkvik, from a free month to a hundred and fifty visits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from nyckelfri.care.billing import Basis, Limit, Unit, kronor
from nyckelfri.server.money.papers import checkdigits
from nyckelfri.server.money.papers.content import (
    Endpoint,
    FeeShown,
    InvoiceContent,
    InvoiceLine,
    Kind,
    Party,
    Rest,
    Shown,
    Sign,
    Term,
    What,
)

NOW = datetime(2026, 12, 3, 9, tzinfo=UTC)
NOVEMBER = date(2026, 11, 1)
CAP = Decimal("2660.05")
SELLER = Party(
    name="Björkviks kommun",
    address=("Vård- och omsorgsförvaltningen", "Box 12"),
    postcode="940 30",
    town="Björkvik",
    org_number="212999-2083",
    vat_number="SE212999208301",
    bankgiro="5050-1055",
    telephone="0123-400 00, vardagar 8–17",
    email="omsorgsavgifter@bjorkvik.example",
    f_skatt=True,
    electronic_address=Endpoint(scheme="0007", number="2129992083"),
)
BUYER = Party(
    name="Kerstin Björk",
    address=("Kyrkogatan 36 lgh 1203",),
    postcode="940 36",
    town="Björkvik",
)


def visits(count: int, minutes: int = 25, *, decision: str = "D00003") -> tuple[Rest, ...]:
    """So many visits, five a day from the morning on, of several kinds of evidence."""
    made = []
    for n in range(count):
        day = NOVEMBER + timedelta(days=n // 5)
        begin = datetime(2026, 11, day.day, 6 + 3 * (n % 5), 2 + n % 7, tzinfo=UTC)
        end = begin + timedelta(minutes=minutes)
        door = (Shown(sign=Sign.UNLOCKED, at=begin), Shown(sign=Sign.LOCKED, at=end))
        label = (Shown(sign=Sign.LABEL, at=begin), Shown(sign=Sign.LABEL, at=end))
        signs = (door, (*door, *label), label, door, _odd(begin, n))[n % 5]
        made.append(
            Rest(
                basis=Basis.VISIT,
                ref=f"B0002/{n}",
                day=day,
                quantity=minutes,
                seconds=minutes * 60,
                begin=begin,
                end=end,
                signs=signs,
                decision=decision,
            )
        )
    return tuple(made)


def _odd(begin: datetime, n: int) -> tuple[Shown, ...]:
    if n % 2:
        return (Shown(sign=Sign.BY_HAND, note="Glömde telefonen."),)
    return (Shown(sign=Sign.UNLOCKED, at=begin), Shown(sign=Sign.CLOSED_BY_RULE))


def hours(count: int = 12, minutes: int = 25, price: str = "133.00", **changed: Any) -> InvoiceLine:
    """A line of so many visits."""
    quantity = count * minutes
    return replace(
        InvoiceLine(
            article="care",
            text="Omvårdnad",
            unit=Unit.HOUR,
            quantity=quantity,
            of=1,
            price=Decimal(price),
            amount=kronor(Decimal(price) * quantity / 60),
            first=NOVEMBER,
            last=date(2026, 11, 30),
            capped=True,
            account="3132",
            rests_on=visits(count, minutes),
        ),
        **changed,
    )


def alarm(days: int = 30) -> InvoiceLine:
    """The alarm, by the day."""
    price = Decimal("227.00")
    first = date(2026, 11, 31 - days)
    return InvoiceLine(
        article="alarm",
        text="Trygghetslarm",
        unit=Unit.MONTH,
        quantity=days,
        of=30,
        price=price,
        amount=kronor(price * days / 30),
        first=first,
        last=date(2026, 11, 30),
        capped=True,
        account="3133",
        rests_on=(
            Rest(
                basis=Basis.DECISION,
                ref="D00002",
                day=first,
                quantity=days,
                signs=(Shown(sign=Sign.DECIDED),),
                decision="D00002",
            ),
        ),
    )


def meals(count: int = 12) -> InvoiceLine:
    """Lunch boxes, one a day."""
    price = Decimal("68.00")
    return InvoiceLine(
        article="meals",
        text="Matlåda",
        unit=Unit.PIECE,
        quantity=count,
        of=1,
        price=price,
        amount=price * count,
        first=NOVEMBER,
        last=date(2026, 11, 30),
        capped=False,
        account="3026",
        rests_on=tuple(
            Rest(
                basis=Basis.DELIVERY,
                ref=f"L{n}",
                day=NOVEMBER + timedelta(days=2 * n),
                quantity=1,
                signs=(Shown(sign=Sign.DELIVERED),),
                decision="D00010",
            )
            for n in range(count)
        ),
    )


TERMS = (
    Term(what=What.INCOME, amount=Decimal("8400.00")),
    Term(what=What.HOUSING_SUPPLEMENT, amount=Decimal("4640.00")),
    Term(what=What.HOUSING_COST, amount=Decimal("-4900.00")),
    Term(what=What.MINIMUM_AMOUNT, amount=Decimal("-6470.00")),
)
"""The golden case: room for 1 670 kronor."""


def fee(
    lines: Sequence[InvoiceLine], terms: Sequence[Term] = (), *, whole: bool = False
) -> FeeShown:
    """The fee of the lines, worked out here once more so that the tests do not ask the rules."""
    nothing = Decimal("0.00")
    capped = sum((each.amount for each in lines if each.capped), nothing)
    free = sum((each.amount for each in lines if not each.capped), nothing)
    headroom = max(nothing, sum((term.amount for term in terms), nothing)) if terms else None
    limits = [(capped, 0, Limit.TARIFF), (CAP, 1, Limit.CAP)]
    if headroom is not None:
        limits.append((headroom, 2, Limit.HEADROOM))
    least, _, limit = min(limits)
    rounding = (least + free) % 1 if whole else nothing
    return FeeShown(
        capped=capped,
        free=free,
        cap=CAP,
        headroom=headroom,
        terms=tuple(terms),
        limit=limit,
        reduction=capped - least,
        total=least + free - rounding,
        rounding=rounding,
    )


def invoice(
    *lines: InvoiceLine,
    terms: Sequence[Term] = (),
    number: int = 1042,
    whole: bool = False,
    **changed: Any,
) -> InvoiceContent:
    """An invoice of November for these lines, in whole kronor or with its öre."""
    lines = lines or (hours(), alarm(), meals())
    made = InvoiceContent(
        number=number,
        kind=Kind.INVOICE,
        issued=date(2026, 12, 3),
        due=date(2026, 12, 31),
        first=NOVEMBER,
        last=date(2026, 11, 30),
        seller=SELLER,
        buyer=BUYER,
        client_id="B0002",
        lines=lines,
        fee=fee(lines, terms, whole=whole),
        reference=checkdigits.payment_reference(number),
    )
    return replace(made, **changed)
