"""Vouchers: what an invoice or a provider's pay is in the books.

House rules: debit is above zero, credit below; a voucher that does not come to zero cannot be
made. A voucher names a number, never a person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from nyckelfri.care.billing import NOTHING
from nyckelfri.server.money.papers.accounts import Accounts
from nyckelfri.server.money.papers.content import InvoiceContent, Kind

_SIGN: Final = {Kind.INVOICE: 1, Kind.CREDIT: -1}
_WHAT: Final = {Kind.INVOICE: "Faktura", Kind.CREDIT: "Kreditfaktura"}
_TWO_DECIMALS: Final = -2


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An amount on an account, and the cost centre that it belongs to, if any."""

    account: str
    amount: Decimal
    cost_centre: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """Entries of a day under one text; ValueError unless they come to zero."""

    day: date
    text: str
    entries: tuple[Entry, ...]

    def __post_init__(self) -> None:
        """ValueError for a voucher that no books would take."""
        amounts = [entry.amount for entry in self.entries]
        if not all(
            each.is_finite() and each and each.as_tuple().exponent == _TWO_DECIMALS
            for each in amounts
        ):
            raise ValueError("an entry is an amount in kronor with two decimals, and not zero")
        if len(amounts) < 2 or sum(amounts, NOTHING):
            raise ValueError("a voucher has two entries or more, which come to zero")


def of_invoice(content: InvoiceContent, accounts: Accounts) -> Voucher:
    """Receivables against income by account, what was taken off on an account of its own.

    A credit is the same the other way around.
    """
    amounts: defaultdict[str, Decimal] = defaultdict(lambda: NOTHING)
    for line in content.lines:
        amounts[line.account] -= line.amount
    centre = accounts.cost_centre
    entries = [
        Entry(account=accounts.receivable, amount=content.total),
        *(Entry(account=each, amount=amounts[each], cost_centre=centre) for each in amounts),
        Entry(account=accounts.reduction, amount=content.fee.reduction, cost_centre=centre),
        Entry(account=accounts.rounding, amount=content.fee.rounding, cost_centre=centre),
    ]
    return _voucher(
        content.issued,
        f"{_WHAT[content.kind]} {content.number}",
        [
            Entry(
                account=each.account,
                amount=each.amount * _SIGN[content.kind],
                cost_centre=each.cost_centre,
            )
            for each in entries
        ],
    )


def purchases(amounts: Mapping[str, Decimal], accounts: Accounts) -> dict[str, Decimal]:
    """What is bought, by account; an account that comes to nothing is left out."""
    booked: defaultdict[str, Decimal] = defaultdict(lambda: NOTHING)
    for service, amount in amounts.items():
        booked[accounts.purchase_of(service)] += amount
    return {account: amount for account, amount in booked.items() if amount}


def of_pay(
    *, day: date, statement: str, amounts: Mapping[str, Decimal], accounts: Accounts
) -> Voucher:
    """What a provider is paid, by service: purchase against what is owed.

    `statement` is the statement's number; an amount below zero takes back what was paid before.
    """
    booked = purchases(amounts, accounts)
    centre = accounts.cost_centre
    return _voucher(
        day,
        f"Ersättning till utförare {statement}",
        [
            *(Entry(account=a, amount=booked[a], cost_centre=centre) for a in booked),
            Entry(account=accounts.payable, amount=-sum(amounts.values(), NOTHING)),
        ],
    )


def _voucher(day: date, text: str, entries: list[Entry]) -> Voucher:
    return Voucher(day=day, text=text, entries=tuple(each for each in entries if each.amount))
