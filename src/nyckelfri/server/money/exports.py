"""A month's invoices, credits and pay as files for other systems.

House rules: from the frozen contents alone, in order of number, so that a file of last year is
the same when it is made again. An invoice at a time: no file needs more memory for five thousand
of them than what it holds itself.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from nyckelfri.care.billing import NOTHING
from nyckelfri.care.times import ZONE
from nyckelfri.server.homes.models import Provider
from nyckelfri.server.money import known, pay
from nyckelfri.server.money.models import Invoice, MoneyRules, Statement
from nyckelfri.server.money.papers import accounts as books
from nyckelfri.server.money.papers import peppol, sie, stored, vouchers
from nyckelfri.server.money.papers.accounts import Accounts
from nyckelfri.server.money.papers.content import InvoiceContent, Kind
from nyckelfri.server.money.papers.vouchers import Voucher
from nyckelfri.server.money.sender import Sender
from nyckelfri.server.visits.models import Month

_AT_ONCE: Final = 100
_SIGN: Final = {Kind.INVOICE: 1, Kind.CREDIT: -1}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of an invoice, or what is taken off all of them, as a table has it.

    `amount` is below zero for what is taken off or given back; an invoice's rows come to its
    total.
    """

    number: int
    kind: Kind
    client: str
    issued: date
    article: str
    text: str
    quantity: int
    unit: str
    price: Decimal
    amount: Decimal
    account: str


def contents(month: Month) -> Iterator[InvoiceContent]:
    """What was issued for a month, credits among it."""
    rows = Invoice.objects.filter(month=month).order_by("number").values_list("content", flat=True)
    for data in rows.iterator(chunk_size=_AT_ONCE):
        yield stored.from_data(data)


def as_sie(month: Month, now: datetime) -> bytes:
    """The vouchers of a month as a SIE file."""
    today = now.astimezone(ZONE).date()
    kinds = MoneyRules.Kind
    sender = known.rules(kinds.SENDER, Sender, today)
    recorded = known.every(kinds.ACCOUNTS, Accounts)
    return sie.write(
        _vouchers(month, recorded),
        company=sender.name,
        org_number=sender.org_number,
        accounts=books.on(today, recorded),
        generated=today,
    )


def _vouchers(month: Month, recorded: tuple[Accounts, ...]) -> Iterator[Voucher]:
    for content in contents(month):
        if any(line.amount for line in content.lines):
            yield vouchers.of_invoice(content, books.on(content.issued, recorded))
    # What the municipality's own provider costs is no debt to anybody.
    for row in Statement.objects.filter(month=month, provider__kind=Provider.Kind.PRIVATE).order_by(
        "number"
    ):
        day = row.made_at.astimezone(ZONE).date()
        booked, accounts = pay.amounts(row), books.on(day, recorded)
        if vouchers.purchases(booked, accounts):
            yield vouchers.of_pay(
                day=day, statement=str(row.number), amounts=booked, accounts=accounts
            )


def lacks_vat_number(month: Month) -> bool:
    """Whether something was issued without the VAT number that Peppol asks for."""
    return Invoice.objects.filter(month=month, content__seller__vat_number="").exists()


def as_peppol(month: Month) -> Iterator[bytes]:
    """A ZIP file of a Peppol file for each, piece by piece; ValueError as `peppol.write`."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for content in contents(month):
            name = f"{content.kind.value}-{content.number}.xml"
            entry = zipfile.ZipInfo(name, content.issued.timetuple()[:6])
            archive.writestr(entry, peppol.write(content), zipfile.ZIP_DEFLATED)
            yield pipe.taken()
    yield pipe.taken()


class _Pipe(io.RawIOBase):
    """Where a file is written that nobody goes back in: what is written is taken on."""

    def __init__(self) -> None:
        self._written = bytearray()

    def writable(self) -> bool:
        """It is written to, and nothing else."""
        return True

    def write(self, data: Any) -> int:
        """Hold it until it is taken."""
        self._written += data
        return len(data)

    def taken(self) -> bytes:
        """What was written since the last time."""
        data = bytes(self._written)
        self._written.clear()
        return data


def rows(month: Month) -> Iterator[Row]:
    """Every line of a month's invoices and credits."""
    for content in contents(month):
        yield from _rows(content)


def _rows(content: InvoiceContent) -> Iterator[Row]:
    sign = _SIGN[content.kind]
    common = (content.number, content.kind, content.client_id, content.issued)
    for line in content.lines:
        yield Row(
            *common, line.article, line.text, line.quantity, line.unit.value, line.price,
            sign * line.amount, line.account,
        )  # fmt: skip
    for article, amount in (
        ("reduction", content.fee.reduction),
        ("rounding", content.fee.rounding),
    ):
        if amount:
            yield Row(*common, article, "", 1, "piece", NOTHING, -sign * amount, "")
