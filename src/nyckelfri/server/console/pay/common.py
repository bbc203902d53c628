"""What the pages of pay share: the row of an address, money and months in words.

House rules: a row that the viewer may not see does not exist (404).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse

from nyckelfri.server.console.invoices.common import (
    kronor,
    month_key,
    month_word,
    paper_language,
    the_month,
)
from nyckelfri.server.console.invoices.rows import visit_href
from nyckelfri.server.console.page import PageRequest
from nyckelfri.server.console.pay.texts import text
from nyckelfri.server.console.shell import Step
from nyckelfri.server.money import queries_pay as queries
from nyckelfri.server.money.models import Statement
from nyckelfri.server.money.papers.words import OF

__all__ = [
    "figure", "key", "kronor", "month_key", "month_step", "month_word", "months_step", "name",
    "paper_language", "statement_step", "the_month", "the_statement", "visit_href",
]  # fmt: skip
_LARGEST_KEY: Final = 2**63


def figure(number: Decimal) -> str:
    """A figure with the decimals that it was written with."""
    words = OF[paper_language()]
    return f"{number:f}".replace("-", "−").replace(".", words.decimal_comma)


def the_statement(request: PageRequest, number: int) -> Statement:
    """The statement of an address, if the viewer may see it."""
    rows = queries.mine(request.viewer).select_related("provider", "month")
    return get_object_or_404(rows, number=key(number))


def key(number: int) -> int:
    """The number, if any database has room for it."""
    if number >= _LARGEST_KEY:
        raise Http404
    return number


def months_step() -> Step:
    """The list of months, above every page of pay."""
    return Step(reverse("pay"), text["pay"])


def month_step(first: date) -> Step:
    """A month's page."""
    return Step(reverse("pay_month", args=[month_key(first)]), month_word(first).capitalize())


def statement_step(row: Statement) -> Step:
    """A statement's page."""
    return Step(reverse("statement", args=[row.number]), name(row))


def name(row: Statement) -> str:
    """What a statement is called."""
    return text("name_statement", number=row.number)
