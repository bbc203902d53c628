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

from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.console.links import href_if_any
from nyckelfri.server.console.page import PageRequest
from nyckelfri.server.console.pay.texts import text
from nyckelfri.server.console.shell import Step
from nyckelfri.server.console.texts import language
from nyckelfri.server.money import queries_pay as queries
from nyckelfri.server.money.models import Statement
from nyckelfri.server.money.papers import statement as papers
from nyckelfri.server.money.papers.words import OF, Language
from nyckelfri.server.visits import months
from nyckelfri.server.visits.models import Month

_YEARS: Final = range(2000, 2200)
_LARGEST_KEY: Final = 2**63


def paper_language() -> Language:
    """The language of this request, as papers have it."""
    return Language(language())


def kronor(amount: Decimal) -> str:
    """An amount as people of this request read it."""
    return OF[paper_language()].money(amount)


def figure(number: Decimal) -> str:
    """A figure with the decimals that it was written with."""
    words = OF[paper_language()]
    return f"{number:f}".replace("-", "−").replace(".", words.decimal_comma)


def month_word(first: date) -> str:
    """A month in words, `november 2026`."""
    return papers.month_word(first, paper_language())


def month_key(first: date) -> str:
    """How addresses name a month."""
    return f"{first:%Y-%m}"


def the_month(said: str) -> Month:
    """The month of an address, perhaps not stored yet."""
    try:
        first = date.fromisoformat(f"{said}-01")
    except ValueError:
        raise Http404 from None
    if first.year not in _YEARS:
        raise Http404
    return months.of(first)


def the_statement(request: PageRequest, number: int) -> Statement:
    """The statement of an address, if the viewer may see it."""
    rows = queries.mine(request.viewer).select_related("provider", "month")
    return get_object_or_404(rows, number=key(number))


def key(number: int) -> int:
    """The number, if any database has room for it."""
    if number >= _LARGEST_KEY:
        raise Http404
    return number


def visit_href(viewer: Viewer, pk: str) -> str:
    """The page of a visit; empty for who may not see it, or where there is no such page."""
    seen = viewer.may(Permission.SEE_VISITS) and pk.isdigit()
    return href_if_any("performed_visit", pk) if seen else ""


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
