"""A received invoice as `care.statementcheck` compares it with our statement.

House rules: our statement is the order that the provider invoices, so a line names ours by
`OrderLineReference`; failing that by the buyer's item, else by its name. A credit is an invoice of
amounts below zero.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from nyckelfri.care import statementcheck as care
from nyckelfri.care.statementcheck import Counted
from nyckelfri.server.money.papers.content import Kind
from nyckelfri.server.money.papers.received import (
    Fault,
    InvoiceFaultError,
    ReceivedInvoice,
    ReceivedLine,
    What,
)

_UNITS: Final = {
    "HUR": (Counted.HOURS, 1),
    "MIN": (Counted.MINUTES, 60),
    "C62": (Counted.PIECES, 1),
    "H87": (Counted.PIECES, 1),
    "EA": (Counted.PIECES, 1),
}
"""Units of time and pieces, and how many of them a price of the statement is for."""


def claim(invoice: ReceivedInvoice) -> care.ReceivedInvoice:
    """What the provider asks for; InvoiceFaultError where no statement could be like it."""
    sign = 1 if invoice.kind is Kind.INVOICE else -1
    firsts = [day for day in (invoice.first, *(each.first for each in invoice.lines)) if day]
    lasts = [day for day in (invoice.last, *(each.last for each in invoice.lines)) if day]
    if not firsts or not lasts:
        raise InvoiceFaultError([Fault(What.MISSING, "InvoicePeriod")])
    lines = tuple(_line(each, sign) for each in invoice.lines)
    try:
        return care.ReceivedInvoice(
            invoice_id=invoice.number,
            supplier_id=f"{invoice.supplier_org[:6]}-{invoice.supplier_org[6:]}",
            first=min(firsts),
            last=max(lasts),
            lines=lines,
            total=invoice.totals.payable * sign,
        )
    except ValueError:
        raise InvoiceFaultError([Fault(What.NOT_A_NUMBER, "InvoiceLine")]) from None


def _line(line: ReceivedLine, sign: int) -> care.ReceivedLine:
    if line.unit not in _UNITS:
        where = f"InvoiceLine {line.id}/unitCode"
        raise InvoiceFaultError([Fault(What.UNKNOWN_UNIT, where, line.unit[:40])])
    counted, many = _UNITS[line.unit]
    return care.ReceivedLine(
        line_id=line.id,
        text=line.name,
        item=line.order_line or line.buyers_item or line.name,
        quantity=line.quantity * sign,
        counted=counted,
        price=_shortest(line.price * many / line.base),
        amount=line.amount * sign,
    )


def _shortest(price: Decimal) -> Decimal:
    """The price without the decimals that a division adds, two of them at least."""
    cents = price.quantize(Decimal("0.01"))
    return cents if cents == price else price.normalize()
