"""A client's month as an invoice: what is charged, why that much, and what each line rests on.

House rules: values in, an invoice's content out; nothing is stored here. What hinders an invoice
is a `Hindrance` with what to do first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from nyckelfri.care import charges, fees
from nyckelfri.care.billing import Basis, BillingError, Fee, Line, Trace, Why
from nyckelfri.care.fees import Income
from nyckelfri.care.statutory import Limits
from nyckelfri.server.homes.models import Client
from nyckelfri.server.money.known import Reckoning
from nyckelfri.server.money.models import FeeBasis, LeftOut
from nyckelfri.server.money.papers import checkdigits
from nyckelfri.server.money.papers.accounts import Accounts
from nyckelfri.server.money.papers.content import (
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
from nyckelfri.server.money.queries_month import Facts
from nyckelfri.server.money.sender import Sender
from nyckelfri.server.visits import evidence, months

_SIGNS: Final = {
    evidence.What.UNLOCKED: Sign.UNLOCKED,
    evidence.What.LOCKED: Sign.LOCKED,
    evidence.What.LABEL: Sign.LABEL,
    evidence.What.BY_HAND: Sign.BY_HAND,
    evidence.What.ALARM: Sign.ALARM,
}
"""What a client reads of a visit's signs; the rest is for the office."""
_HALF: Final = Decimal(2)
_MINUTE: Final = 60


class Hindrance(Exception):  # noqa: N818 -- it is no error of ours: the office has something to do
    """Nothing can be invoiced to this client yet; `why` is `LeftOut.Why`."""

    def __init__(self, why: LeftOut.Why, detail: Mapping[str, str]) -> None:
        super().__init__(why.value)
        self.why = why
        self.detail = dict(detail)


@dataclass(frozen=True, slots=True)
class Made:
    """What a client pays for a month, before it has a number."""

    fee: Fee
    lines: tuple[InvoiceLine, ...]
    shown: FeeShown
    visits: tuple[int, ...] = field(default=())
    """Primary keys of the visits on it."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What all invoices of a run share."""

    first: date
    issued: date
    due: date
    sender: Sender
    accounts: Accounts

    @property
    def seller(self) -> Party:
        """The municipality as a party."""
        sender = self.sender
        return Party(
            name=sender.name,
            address=(sender.address,) if sender.address else (),
            postcode=sender.postcode,
            town=sender.town,
            org_number=sender.org_number,
            vat_number=sender.vat_number,
            bankgiro=sender.bankgiro,
            telephone=sender.telephone,
            email=sender.email,
            f_skatt=sender.f_skatt,
        )


def make(facts: Facts, known: Reckoning, accounts: Accounts) -> Made | None:
    """The client's fee and its lines; None where there is nothing to pay for.

    Hindrance where something has to be put right first.
    """
    if facts.unreviewed:
        raise Hindrance(LeftOut.Why.NOT_REVIEWED, {"visits": str(facts.unreviewed)})
    first = facts.month.month
    try:
        incomes = [income(basis, cohabiting=facts.cohabiting) for basis in facts.bases]
        lines = charges.charge(facts.month, known.tariff, known.policy)
        fee = fees.fee(first, lines, incomes=incomes, limits=known.limits, policy=known.policy)
    except BillingError as error:
        raise Hindrance(LeftOut.Why(error.why.value), error.detail) from error
    if not lines:
        return None
    shown = FeeShown.of_fee(fee, terms(first, incomes, known.limits))
    rows = tuple(_row(line, facts, accounts) for line in lines)
    visits = {
        int(trace.ref) for line in lines for trace in line.traces if trace.basis is Basis.VISIT
    }
    return Made(fee, rows, shown, tuple(sorted(visits)))


def content(made: Made, number: int, client: Client, frame: Frame) -> InvoiceContent:
    """The invoice with its number, as it is issued."""
    return InvoiceContent(
        number=number,
        kind=Kind.INVOICE,
        issued=frame.issued,
        due=frame.due,
        first=frame.first,
        last=months.last_of(frame.first),
        seller=frame.seller,
        buyer=buyer(client),
        client_id=client.external_id,
        lines=made.lines,
        fee=made.shown,
        reference=checkdigits.payment_reference(number),
    )


def buyer(client: Client) -> Party:
    """The client as a party: a name and where the invoice goes."""
    place = client.property
    return Party(
        name=client.name,
        address=(f"{client.address} {client.apartment}".strip(),),
        postcode=place.postcode if place else "",
        town=place.town if place else "",
    )


def income(basis: FeeBasis, *, cohabiting: bool) -> Income:
    """The basis as the rules read it; BillingError where it contradicts the register."""
    try:
        return Income(
            valid_from=basis.valid_from,
            cohabiting=cohabiting,
            net_income=basis.net_income,
            housing_supplement=basis.housing_supplement,
            housing_cost=basis.housing_cost,
            partner_net_income=basis.partner_net_income,
        )
    except ValueError as error:
        raise BillingError(Why.WRONG_BASIS, str(error), day=basis.valid_from) from error


def terms(first: date, incomes: Sequence[Income], limits: Limits) -> list[Term]:
    """The arithmetic of the headroom that decided, with what is taken off below zero."""
    shown = fees.deciding(first, incomes, limits)
    if shown is None:
        return []
    own, what = shown.net_income, What.INCOME
    if shown.partner_net_income is not None:
        own, what = (own + shown.partner_net_income) / _HALF, What.SHARED_INCOME
    keeps = limits.cohabiting if shown.cohabiting else limits.single
    return [
        Term(what=what, amount=own),
        Term(what=What.HOUSING_SUPPLEMENT, amount=shown.housing_supplement),
        Term(what=What.HOUSING_COST, amount=-shown.housing_cost),
        Term(what=What.MINIMUM_AMOUNT, amount=-keeps),
        *([Term(what=What.ADDITION, amount=-shown.addition)] if shown.addition else ()),
    ]


def _row(line: Line, facts: Facts, accounts: Accounts) -> InvoiceLine:
    decision = facts.decisions.get(line.article.value, "")
    rests = [
        _rest(trace, quantity, facts, decision)
        for trace, quantity in zip(line.traces, _shares(line), strict=True)
    ]
    return InvoiceLine.of_line(line, accounts.income_of(line.article.value), rests)


def _shares(line: Line) -> Iterator[int]:
    """What each trace stands for of the line: minutes as seconds run on, so that they add up."""
    running = told = 0
    for trace in line.traces:
        if not trace.seconds:
            yield trace.quantity
            continue
        running += trace.seconds
        yield running // _MINUTE - told
        told = running // _MINUTE


def _rest(trace: Trace, quantity: int, facts: Facts, decision: str) -> Rest:
    signs: tuple[Shown, ...] = ()
    if trace.basis is Basis.VISIT:
        signs = tuple(
            Shown(sign=_SIGNS[sign.what], at=sign.at)
            for sign in evidence.signs(facts.signs[trace.ref])
            if sign.what in _SIGNS
        )
    elif trace.basis is Basis.DELIVERY:
        signs = (Shown(sign=Sign.DELIVERED),)
    elif trace.basis is Basis.DECISION:
        decision = trace.ref
        signs = (Shown(sign=Sign.DECIDED),)
    return Rest(
        basis=trace.basis,
        ref=trace.ref,
        day=trace.day,
        quantity=quantity,
        seconds=trace.seconds,
        begin=trace.begin,
        end=trace.end,
        signs=signs,
        decision=decision,
    )
