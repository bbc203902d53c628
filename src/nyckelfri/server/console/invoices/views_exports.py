"""A month's invoices as files for the finance system: each is a row of the audit log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.console import sheets
from nyckelfri.server.console.invoices import common
from nyckelfri.server.console.invoices.texts import text
from nyckelfri.server.console.page import PageRequest, page, show
from nyckelfri.server.console.sheets import Cell
from nyckelfri.server.money import exports
from nyckelfri.server.money.models import Invoice
from nyckelfri.server.visits.models import Month

_COLUMNS: Final = (
    "number", "kind", "client", "issued", "article", "text", "quantity", "unit", "price",
    "amount", "account",
)  # fmt: skip
_FORMS: Final = ("csv", "xlsx")


@page(Permission.ISSUE_INVOICES)
def as_sie(request: PageRequest, month: str) -> HttpResponseBase:
    """The vouchers of a month as a SIE 4 file."""
    row, count = _month(month)
    try:
        data = exports.as_sie(row, request.now)
    except ValueError:
        return _refused(request, row, text["snag_no_sender"])
    _record(request, row, "sie", count)
    name = f"fakturor-{month}.si"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(data, content_type="application/octet-stream", headers=headers)


@page(Permission.ISSUE_INVOICES)
def as_peppol(request: PageRequest, month: str) -> HttpResponseBase:
    """The invoices of a month as Peppol BIS Billing 3, a ZIP of a file each; nobody's name."""
    row, count = _month(month)
    if exports.lacks_vat_number(row):
        return _refused(request, row, text["no_vat_number"])
    _record(request, row, "peppol", count)
    name = f'attachment; filename="fakturor-{month}-peppol.zip"'
    return StreamingHttpResponse(
        exports.as_peppol(row),
        content_type="application/zip",
        headers={"Content-Disposition": name},
    )


@page(Permission.ISSUE_INVOICES)
def as_table(request: PageRequest, month: str, form: str) -> HttpResponseBase:
    """Every line of a month's invoices as a table."""
    row, count = _month(month)
    if form not in _FORMS:
        raise Http404
    _record(request, row, form, count)
    title = text("invoices_of", month=common.month_word(row.first))
    return sheets.answer(_lines(row), f"fakturarader-{month}", title, form)


def _lines(month: Month) -> Iterator[list[Cell]]:
    yield [text(f"column_{name}") for name in _COLUMNS]
    for row in exports.rows(month):
        yield [
            row.number,
            text(f"kind_{row.kind.value}"),
            row.client,
            row.issued.isoformat(),
            text(f"article_{row.article}"),
            row.text,
            row.quantity,
            text(f"unit_{row.unit}"),
            row.price,
            row.amount,
            row.account,
        ]


def _month(said: str) -> tuple[Month, int]:
    """The month of an address, and how many papers it has; 404 for one without any."""
    row = common.the_month(said)
    count = Invoice.objects.filter(month=row).count() if row.pk else 0
    if not count:
        raise Http404
    return row, count


def _record(request: PageRequest, month: Month, form: str, count: int) -> None:
    audit.look(
        Verb.MONEY_EXPORT,
        f"month:{common.month_key(month.first)}",
        actor=request.viewer.actor,
        details={"form": form, "count": count},
        now=request.now,
    )


def _refused(request: PageRequest, month: Month, problem: str) -> HttpResponse:
    return show(
        request,
        "console/invoices/trouble.html",
        "invoices",
        {"problem": problem},
        words=text,
        heading=text["no_file"],
        trail=[common.months_step(), common.month_step(month.first)],
        status=422,
    )
