"""What clients question: written down for a line, answered, settled; the trail stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.audit import looks
from nyckelfri.server.console import keyset, persons
from nyckelfri.server.console.invoices import common, rows
from nyckelfri.server.console.invoices.texts import text
from nyckelfri.server.console.page import PageRequest, done, page, show
from nyckelfri.server.console.shell import Step
from nyckelfri.server.money import actions_disputes
from nyckelfri.server.money import queries_invoices as queries
from nyckelfri.server.money.errors import MoneyError
from nyckelfri.server.money.models import Dispute, DisputeWord, Invoice

_VOICES: Final = DisputeWord.Voice
_OUTCOMES: Final = Dispute.Outcome


class TextForm(forms.Form):
    """What is said."""

    text = forms.CharField(widget=forms.Textarea, max_length=actions_disputes.LONGEST)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = text["field_text"]
        self.fields["text"].help_text = text["hint_text"]


class AnswerForm(TextForm):
    """What is said, and by whom."""

    voice = forms.ChoiceField(widget=forms.RadioSelect, initial=_VOICES.MUNICIPALITY.value)
    field_order = ("voice", "text")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        said = [(value, text(f"voice_{value}")) for value in _VOICES.values]
        _choose(self.fields["voice"], "field_voice", said)


class SettleForm(TextForm):
    """The answer that ends it, and what comes of it."""

    outcome = forms.ChoiceField(widget=forms.RadioSelect)
    field_order = ("outcome", "text")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        said = [(value, text(f"outcome_{value}")) for value in _OUTCOMES.values]
        _choose(self.fields["outcome"], "field_outcome", said)


def _choose(field: forms.Field, label: str, among: list[tuple[str, str]]) -> None:
    field.label = text[label]
    if isinstance(field, forms.ChoiceField):
        field.choices = among


@dataclass(frozen=True, slots=True)
class Said:
    """A word of a dispute."""

    voice: str
    text: str
    at: datetime
    by: str


@page(Permission.SEE_INVOICES)
def show_list(request: PageRequest) -> HttpResponse:
    """What clients question, those that wait or those that are settled."""
    settled = request.GET.get("visa") == "avgjorda"
    found = queries.disputes(request.viewer).filter(settled_at__isnull=not settled)
    found = found.select_related("invoice__client", "opened_by").defer("invoice__content")
    part = keyset.part(found.order_by("-pk" if settled else "pk"), keyset.asked(request))
    people = [persons.shown(each.invoice.client, request.viewer) for each in part.rows]
    looks.at_list(request, "disputes", len(people))
    persons.note(request, people, "disputes")
    own = reverse("disputes")
    context = {
        "part": part,
        "lines": [
            (rows.dispute_line(each), common.name(each.invoice), who)
            for each, who in zip(part.rows, people, strict=True)
        ],
        "settled": settled,
        "tabs": [
            (own, text["tab_waiting"], not settled),
            (f"{own}?visa=avgjorda", text["tab_settled"], settled),
        ],
    }
    return show(request, "console/invoices/disputes.html", "disputes", context, words=text)


@page(Permission.SEE_INVOICES)
def show_dispute(request: PageRequest, pk: int) -> HttpResponse:
    """All that was said, and what came of it."""
    dispute = common.the_dispute(request, pk, "dispute")
    said = dispute.words.order_by("pk").select_related("written_by")
    line = _line(dispute.invoice, dispute.line)
    waits = dispute.settled_at is None
    corrected = dispute.outcome == _OUTCOMES.CORRECTED
    credited = Invoice.objects.filter(credits=dispute.invoice).defer("content").first()
    may_credit = request.viewer.may(Permission.ISSUE_INVOICES)
    context = {
        "dispute": rows.dispute_line(dispute),
        "pk": pk,
        "invoice": common.invoice_step(dispute.invoice),
        "number": dispute.invoice.number,
        "who": persons.shown(dispute.invoice.client, request.viewer),
        "line": line,
        "said": [
            Said(text(f"voice_{each.voice}"), each.text, each.said_at, each.written_by.name)
            for each in said
        ],
        "settled_at": dispute.settled_at,
        "settled_by": dispute.settled_by.name if dispute.settled_by else "",
        "may_answer": waits and request.viewer.may(Permission.DISPUTE),
        "to_credit": corrected and credited is None and may_credit,
        "credit": common.invoice_step(credited) if credited else None,
    }
    return show(
        request,
        "console/invoices/dispute.html",
        "disputes",
        context,
        words=text,
        heading=text("dispute_of", number=dispute.invoice.number),
        trail=[Step(reverse("disputes"), text["disputes"])],
    )


def _line(invoice: Invoice, line: int) -> str:
    """The text of the line that is questioned; empty for the whole invoice."""
    lines = invoice.content["lines"]
    return str(lines[line - 1]["text"]) if 0 < line <= len(lines) else ""


@page(Permission.DISPUTE, "GET", "POST")
def open_one(request: PageRequest, number: int, line: int) -> HttpResponse:
    """Write down what a client questions; line 0 is the whole invoice."""
    invoice = common.the_invoice(request, number, "open a dispute")
    if invoice.kind != Invoice.Kind.INVOICE or line > len(invoice.content["lines"]):
        raise Http404
    form = TextForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions_disputes.open_dispute(
                request.viewer, invoice, line, text=form.cleaned_data["text"], now=request.now
            )
        except MoneyError as error:
            form.add_error(None, text(f"snag_{error.snag.value}"))
        else:
            done(request, text["is_open"])
            return redirect("dispute", pk=made.pk)
    step = common.invoice_step(invoice)
    what = _line(invoice, line)
    effect = text("effect_open_line", what=what) if what else text["effect_open_all"]
    trail = [common.months_step(), step]
    return _ask(request, form, "open", effect=effect, trail=trail, invoice=invoice)


@page(Permission.DISPUTE, "GET", "POST")
def answer(request: PageRequest, pk: int) -> HttpResponse:
    """Write down what the client or the municipality says."""
    dispute = common.the_dispute(request, pk, "answer a dispute")
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            actions_disputes.answer(
                request.viewer, dispute, _VOICES(said["voice"]), text=said["text"], now=request.now
            )
        except MoneyError as error:
            form.add_error(None, text(f"snag_{error.snag.value}"))
        else:
            done(request, text["is_answered"])
            return redirect("dispute", pk=pk)
    return _ask_about(request, form, "answer", dispute)


@page(Permission.DISPUTE, "GET", "POST")
def settle(request: PageRequest, pk: int) -> HttpResponse:
    """End it with an answer; one that is corrected leads on to the credit."""
    dispute = common.the_dispute(request, pk, "settle a dispute")
    form = SettleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        outcome = _OUTCOMES(said["outcome"])
        try:
            actions_disputes.settle(
                request.viewer, dispute, outcome, text=said["text"], now=request.now
            )
        except MoneyError as error:
            form.add_error(None, text(f"snag_{error.snag.value}"))
        else:
            done(request, text(f"is_settled_{outcome.value}"))
            return redirect("dispute", pk=pk)
    return _ask_about(request, form, "settle", dispute)


def _ask_about(request: PageRequest, form: forms.Form, what: str, dispute: Dispute) -> HttpResponse:
    step = Step(
        reverse("dispute", args=[dispute.pk]), text("dispute_of", number=dispute.invoice.number)
    )
    trail = [Step(reverse("disputes"), text["disputes"]), step]
    effect = text(f"effect_{what}")
    return _ask(request, form, what, effect=effect, trail=trail, invoice=dispute.invoice)


def _ask(
    request: PageRequest,
    form: forms.Form,
    what: str,
    *,
    effect: str,
    trail: list[Step],
    invoice: Invoice,
) -> HttpResponse:
    context = {
        "form": form,
        "effect": effect,
        "confirm": text(f"do_{what}"),
        "back": trail[-1].href,
        "harm": "primary",
    }
    return show(
        request,
        "console/confirm.html",
        "invoices" if what == "open" else "disputes",
        context,
        words=text,
        heading=text(f"ask_{what}", number=invoice.number),
        trail=trail,
        status=422 if form.errors else 200,
    )
