"""Whether a received invoice agrees with itself: rules R120, BR-CO-10 to 17 of EN 16931.

House rules: every figure is compared exactly, but quantity x price and VAT, which are rounded.
All that does not add up is told at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from nyckelfri.server.money.papers.received import Fault, ReceivedInvoice, ReceivedLine, What
from nyckelfri.server.money.papers.ubl import SLACK

_ORE: Final = Decimal("0.01")
_NOTHING: Final = Decimal(0)


def faults(invoice: ReceivedInvoice) -> list[Fault]:
    """What does not add up, in the order of the file."""
    return [*_vat(invoice), *_totals(invoice), *_lines(invoice.lines)]


def _lines(lines: Iterable[ReceivedLine]) -> Iterable[Fault]:
    for line in lines:
        adjusted = sum((each.signed for each in line.adjustments), _NOTHING)
        expected = line.quantity * line.price / line.base + adjusted
        if abs(line.amount - expected) > SLACK:
            yield _fault(f"InvoiceLine {line.id}/LineExtensionAmount", line.amount, expected)


def _vat(invoice: ReceivedInvoice) -> Iterable[Fault]:
    bases: defaultdict[tuple[str, Decimal], Decimal] = defaultdict(lambda: _NOTHING)
    for line in invoice.lines:
        bases[line.category, line.percent] += line.amount
    for each in invoice.adjustments:
        bases[each.category, each.percent] += each.signed
    for vat in invoice.vat:
        where = f"TaxTotal/TaxSubtotal {vat.category} {vat.percent}"
        base = bases.pop((vat.category, vat.percent), _NOTHING)
        if vat.base != base:
            yield _fault(f"{where}/TaxableAmount", vat.base, base)
        tax = vat.base * vat.percent / 100
        if abs(vat.tax - tax) > _ORE:
            yield _fault(f"{where}/TaxAmount", vat.tax, tax)
    for (category, percent), base in bases.items():
        yield _fault(f"TaxTotal/TaxSubtotal {category} {percent}", None, base)


def _totals(invoice: ReceivedInvoice) -> Iterable[Fault]:
    totals = invoice.totals
    off = sum((each.amount for each in invoice.adjustments if not each.charge), _NOTHING)
    on = sum((each.amount for each in invoice.adjustments if each.charge), _NOTHING)
    for name, found, expected in (
        ("LineExtensionAmount", totals.lines, sum((e.amount for e in invoice.lines), _NOTHING)),
        ("AllowanceTotalAmount", totals.off, off),
        ("ChargeTotalAmount", totals.on, on),
        ("TaxExclusiveAmount", totals.without_vat, totals.lines - totals.off + totals.on),
        ("TaxInclusiveAmount", totals.with_vat, totals.without_vat + totals.vat),
        ("PayableAmount", totals.payable, totals.with_vat - totals.prepaid + totals.rounding),
    ):
        if found != expected:
            yield _fault(f"LegalMonetaryTotal/{name}", found, expected)
    tax = sum((each.tax for each in invoice.vat), _NOTHING)
    if totals.vat != tax:
        yield _fault("TaxTotal/TaxAmount", totals.vat, tax)


def _fault(where: str, found: Decimal | None, expected: Decimal) -> Fault:
    rounded = expected.quantize(_ORE, ROUND_HALF_UP)
    return Fault(What.DOES_NOT_ADD_UP, where, "" if found is None else str(found), str(rounded))
