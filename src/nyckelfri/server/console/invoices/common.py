"""What the pages of invoices share: the row of an address, money and months in words.

House rules: a row that the viewer may not see does not exist (404); whose invoice is shown is
noted in the audit log before it is.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse

from nyckelfri.server.audit import looks
from nyckelfri.server.console.invoices.texts import text
from nyckelfri.server.console.page import PageRequest
from nyckelfri.server.console.shell import Step
from nyckelfri.server.console.texts import language
from nyckelfri.server.homes.models import Client
from nyckelfri.server.money import queries_invoices as queries
from nyckelfri.server.money.models import Dispute, Invoice
from nyckelfri.server.money.papers.words import OF, Language
from nyckelfri.server.visits import months
from nyckelfri.server.visits.models import Month

_MONTH: Final = "%Y-%m"
_YEARS: Final = range(2000, 2200)


def paper_language() -> Language:
    """The language of this request, as papers have it."""
    return Language(language())


def kronor(amount: Decimal) -> str:
    """An amount as people of this request read it."""
    return OF[paper_language()].money(amount)


def month_word(first: date) -> str:
    """A month in words, `november 2026`."""
    return f"{OF[paper_language()].months[first.month - 1]} {first.year}"


def month_key(first: date) -> str:
    """How addresses name a month."""
    return f"{first:%Y-%m}"


def read_month(said: str) -> date:
    """The first day of the month that an address names; ValueError if it is none."""
    first = date.fromisoformat(f"{said}-01")
    if first.year not in _YEARS:
        raise ValueError("not a month of our time")
    return first


def the_month(said: str) -> Month:
    """The month of an address, perhaps not stored yet."""
    try:
        return months.of(read_month(said))
    except ValueError:
        raise Http404 from None


def the_invoice(request: PageRequest, number: int, why: str) -> Invoice:
    """The invoice of an address, if the viewer may see it; the look at its client is noted."""
    rows = queries.mine(request.viewer).select_related("client__property", "month", "credits")
    invoice = get_object_or_404(rows, number=_key(number))
    look_at(request, invoice.client, why)
    return invoice


def the_dispute(request: PageRequest, pk: int, why: str) -> Dispute:
    """The dispute of an address, the same way."""
    rows = queries.disputes(request.viewer)
    found = rows.select_related("invoice__client", "invoice__month", "opened_by", "settled_by")
    dispute = get_object_or_404(found, pk=_key(pk))
    look_at(request, dispute.invoice.client, why)
    return dispute


def _key(number: int) -> int:
    """The number, if any database has room for it."""
    if number >= 2**63:
        raise Http404
    return number


def look_at(request: PageRequest, client: Client, why: str) -> None:
    """Note that a client's invoice is about to be shown."""
    revealed = client.protected_identity and request.viewer.sees(client)
    looks.at(request, f"client:{client.external_id}", why=why, revealed=revealed)


def tabs(here: str) -> list[tuple[str, str, bool]]:
    """The two ways in: by month, and all of them."""
    pages = ("invoices", "tab_months"), ("invoice_list", "tab_all")
    return [(reverse(name), text(word), name == here) for name, word in pages]


def months_step() -> Step:
    """The list of months, above every page of invoices."""
    return Step(reverse("invoices"), text["invoices"])


def month_step(first: date) -> Step:
    """A month's page."""
    return Step(reverse("invoice_month", args=[month_key(first)]), month_word(first))


def invoice_step(invoice: Invoice) -> Step:
    """An invoice's page."""
    return Step(reverse("invoice", args=[invoice.number]), name(invoice))


def name(invoice: Invoice) -> str:
    """What an invoice is called."""
    return text(f"name_{invoice.kind}", number=invoice.number)
