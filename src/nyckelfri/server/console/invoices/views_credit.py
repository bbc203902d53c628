"""An invoice is credited, and made anew."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from nyckelfri.care.times import ZONE
from nyckelfri.server.access.errors import MAX_REASON
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.console.invoices import common, rows
from nyckelfri.server.console.invoices.texts import text
from nyckelfri.server.console.page import PageRequest, done, not_done, page, show
from nyckelfri.server.money import actions_credit
from nyckelfri.server.money.errors import MoneyError
from nyckelfri.server.money.models import Invoice


class ReasonForm(forms.Form):
    """Why, in words that the client reads."""

    reason = forms.CharField(max_length=MAX_REASON)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = text["reason"]
        self.fields["reason"].help_text = text["hint_credit"]


class NothingForm(forms.Form):
    """Nothing more is asked."""


@page(Permission.ISSUE_INVOICES, "GET", "POST")
def credit(request: PageRequest, number: int) -> HttpResponse:
    """Take a whole invoice back, with a reason."""
    invoice = _invoice(request, number, "credit an invoice")
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions_credit.credit(
                request.viewer, invoice, reason=form.cleaned_data["reason"], now=request.now
            )
        except MoneyError as error:
            form.add_error(None, text(f"snag_{error.snag.value}"))
        else:
            done(request, text("is_credited", number=made.number))
            return redirect("invoice", number=number)
    return _ask(request, invoice, form, "credit", harm="danger")


@page(Permission.ISSUE_INVOICES, "GET", "POST")
def make_anew(request: PageRequest, number: int) -> HttpResponse:
    """Make the invoice of that client and month again, once the last is credited."""
    invoice = _invoice(request, number, "make an invoice anew")
    form = NothingForm(request.POST or None)
    if request.method == "POST":
        try:
            return _made(request, invoice)
        except MoneyError as error:
            form = NothingForm({})
            form.add_error(None, text(f"snag_{error.snag.value}"))
    return _ask(request, invoice, form, "anew", harm="primary")


def _made(request: PageRequest, invoice: Invoice) -> HttpResponse:
    today = request.now.astimezone(ZONE).date()
    run = actions_credit.make_anew(
        request.viewer, invoice.client, invoice.month, issued=today, now=request.now
    )
    made = run.invoices.first()
    if made is not None:
        done(request, text("is_made", number=made.number))
        return redirect("invoice", number=made.number)
    left = run.those_left_out.select_related("client").first()
    if left is None:
        done(request, text["nothing_to_pay_for"])
    else:
        not_done(request, rows.left_line(left, request.viewer).why)
    return redirect("invoice_run", pk=run.pk)


def _invoice(request: PageRequest, number: int, why: str) -> Invoice:
    invoice = common.the_invoice(request, number, why)
    if invoice.kind != Invoice.Kind.INVOICE:
        raise Http404
    return invoice


def _ask(
    request: PageRequest, invoice: Invoice, form: forms.Form, what: str, *, harm: str
) -> HttpResponse:
    step = common.invoice_step(invoice)
    context = {
        "form": form,
        "effect": text(f"effect_{what}", total=common.kronor(invoice.total)),
        "confirm": text(f"do_{what}"),
        "back": step.href,
        "harm": harm,
    }
    return show(
        request,
        "console/confirm.html",
        "invoices",
        context,
        words=text,
        heading=text(f"ask_{what}", number=invoice.number),
        trail=[common.months_step(), step],
        status=422 if form.errors else 200,
    )
