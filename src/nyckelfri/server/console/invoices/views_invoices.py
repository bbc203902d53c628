"""Invoices: the list, one of them with all that it rests on, and its paper."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.audit import looks
from nyckelfri.server.console import keyset, persons
from nyckelfri.server.console.invoices import asked as asking
from nyckelfri.server.console.invoices import common, paper, rows
from nyckelfri.server.console.invoices.asked import Asked
from nyckelfri.server.console.invoices.texts import text
from nyckelfri.server.console.links import href
from nyckelfri.server.console.page import PageRequest, page, show
from nyckelfri.server.money.models import Dispute, Invoice
from nyckelfri.server.money.papers import pdf, stored
from nyckelfri.server.money.papers.words import Language


@page(Permission.SEE_INVOICES, "GET", "POST")
def show_list(request: PageRequest) -> HttpResponse:
    """Invoices by number, client and month; what is posted is checked before it is an address."""
    if request.method != "POST":
        return _list(request, Asked.read(request.GET))
    asked = asking.settle(request.viewer, Asked.read(request.POST), request.now)
    if asked.problems:
        return _list(request, asked, status=422)
    query = urlencode(asked.as_query())
    return HttpResponseRedirect(f"{reverse('invoice_list')}{'?' if query else ''}{query}")


def _list(request: PageRequest, asked: Asked, status: int = 200) -> HttpResponse:
    part = keyset.part(asking.found(request.viewer, asked), keyset.asked(request))
    lines = [rows.invoice_line(each, request.viewer) for each in part.rows]
    looks.at_list(request, "invoices", len(lines), "number" if asked.client else "")
    persons.note(request, (each.who for each in lines), "invoices")
    context = {"part": part, "lines": lines, "asked": asked, "tabs": common.tabs("invoice_list")}
    template = "console/invoices/list.html"
    return show(request, template, "invoices", context, words=text, status=status)


@page(Permission.SEE_INVOICES)
def show_invoice(request: PageRequest, number: int) -> HttpResponse:
    """What an invoice says, how the fee was reckoned, and each visit behind each line."""
    invoice = common.the_invoice(request, number, "invoice")
    viewer = request.viewer
    content = stored.from_data(invoice.content)
    who = persons.shown(invoice.client, viewer)
    family = _family(invoice)
    credited = next((each for each in family if each.credits_id == invoice.pk), None)
    newest = max(each.version for each in family)
    is_invoice = invoice.kind == Invoice.Kind.INVOICE
    may_issue = viewer.may(Permission.ISSUE_INVOICES)
    context: dict[str, Any] = {
        "invoice": invoice,
        "who": who,
        "paper": paper.shown(content, viewer),
        "month": common.month_step(invoice.month.first),
        "fee_href": href("client_fee", who.number),
        "total": common.kronor(invoice.total),
        "credited": credited,
        "is_credit": not is_invoice,
        "others": [rows.version_line(each) for each in family if each.pk != invoice.pk],
        "disputes": [rows.dispute_line(each) for each in _disputes(invoice)],
        "may_dispute": is_invoice and viewer.may(Permission.DISPUTE),
        "may_credit": is_invoice and credited is None and may_issue,
        "may_anew": credited is not None and may_issue and invoice.version == newest,
        "languages": [(each.value, text(f"pdf_{each.value}")) for each in Language],
    }
    return show(
        request,
        "console/invoices/invoice.html",
        "invoices",
        context,
        words=text,
        heading=common.name(invoice),
        trail=[common.months_step(), common.month_step(invoice.month.first)],
    )


def _family(invoice: Invoice) -> list[Invoice]:
    """Every invoice and credit of the same client and month."""
    found = Invoice.objects.filter(client=invoice.client, month=invoice.month)
    return list(found.defer("content").order_by("number"))


def _disputes(invoice: Invoice) -> list[Dispute]:
    return list(invoice.disputes.order_by("-pk").select_related("opened_by"))


@page(Permission.SEE_INVOICES)
def as_pdf(request: PageRequest, number: int, language: str) -> HttpResponse:
    """The paper; of somebody protected only to those named for them."""
    invoice = common.the_invoice(request, number, "invoice as PDF")
    if language not in {each.value for each in Language}:
        raise Http404
    if not request.viewer.sees(invoice.client):
        raise Http404
    content = stored.from_data(invoice.content)
    try:
        data = pdf.render(content, request.now, Language(language))
    except pdf.InvoicePdfError:
        context = {"problem": text["no_pdf_hint"]}
        return show(
            request,
            "console/invoices/trouble.html",
            "invoices",
            context,
            words=text,
            heading=text["no_pdf"],
            trail=[common.months_step(), common.invoice_step(invoice)],
            status=503,
        )
    kind = "faktura" if invoice.kind == Invoice.Kind.INVOICE else "kreditfaktura"
    name = f'inline; filename="{kind}-{number}-{language}.pdf"'
    return HttpResponse(data, content_type="application/pdf", headers={"Content-Disposition": name})
