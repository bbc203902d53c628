"""What came of holding a provider's invoice to our statement, as its row keeps it.

House rules: pure. Our own lines stand in the statement, which never changes, and are named by
number here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

from pydantic import TypeAdapter

from nyckelfri.care.statementcheck import (
    Check,
    InvoiceVerdict,
    LineVerdict,
    ReceivedInvoice,
    ReceivedLine,
)


class Line(NamedTuple):
    """A line and its verdicts: `received` is None where it is missing, `ours` where unknown."""

    verdicts: tuple[LineVerdict, ...]
    received: ReceivedLine | None
    ours: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What came of it; `credits` is the number of the invoice that a credit takes back."""

    first: date
    last: date
    verdicts: tuple[InvoiceVerdict, ...]
    lines: tuple[Line, ...]
    difference: Decimal
    credits: str = ""


_FINDINGS: Final = TypeAdapter(Findings)


def of(claim: ReceivedInvoice, check: Check) -> Findings:
    """What came of a check."""
    return Findings(
        first=claim.first,
        last=claim.last,
        verdicts=check.verdicts,
        lines=tuple(
            Line(each.verdicts, each.received, None if each.ours is None else each.ours.number)
            for each in check.lines
        ),
        difference=check.difference,
    )


def stored(findings: Findings) -> dict[str, Any]:
    """The findings as a row keeps them."""
    data: dict[str, Any] = _FINDINGS.dump_python(findings, mode="json")
    return data


def read(data: Any) -> Findings:
    """The findings that a row keeps."""
    return _FINDINGS.validate_python(data)
