"""A month's invoices are made: begun after a look at what it will do, watched, gone on with."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from nyckelfri.care.times import ZONE
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.audit import looks
from nyckelfri.server.beside import MovedOnError
from nyckelfri.server.console import keyset, persons
from nyckelfri.server.console.invoices import common, rows
from nyckelfri.server.console.invoices.texts import text
from nyckelfri.server.console.page import PageRequest, done, not_done, page, show
from nyckelfri.server.money import actions_run, known, queries_month
from nyckelfri.server.money import queries_invoices as queries
from nyckelfri.server.money.errors import MoneyError
from nyckelfri.server.money.models import MoneyRules, MonthRun
from nyckelfri.server.money.sender import Sender
from nyckelfri.server.visits.models import Month

_State = MonthRun.State


class RunForm(forms.Form):
    """The days of every invoice of a run."""

    issued = forms.DateField(widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    due = forms.DateField(widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label, field.help_text = text(f"field_{name}"), text(f"hint_{name}")


@page(Permission.ISSUE_INVOICES, "GET", "POST")
def begin(request: PageRequest, month: str) -> HttpResponse:
    """What making a month's invoices will do, and the days of them; then it is begun."""
    row = common.the_month(month)
    today = request.now.astimezone(ZONE).date()
    sender = known.rules(MoneyRules.Kind.SENDER, Sender, today)
    usual = {"issued": today, "due": today + timedelta(days=sender.days_to_pay)}
    form = RunForm(request.POST or None, initial=usual)
    if request.method == "POST" and form.is_valid():
        try:
            run = actions_run.begin(request.viewer, row, **form.cleaned_data, now=request.now)
        except MoneyError as error:
            form.add_error(None, text(f"snag_{error.snag.value}"))
        else:
            return redirect("invoice_run", pk=run.pk)
    context = {
        "form": form,
        "confirm": text["do_run"],
        "back": reverse("invoice_month", args=[month]),
        "harm": "primary",
        **_effect(row, sender),
    }
    return show(
        request,
        "console/invoices/begin.html",
        "invoices",
        context,
        words=text,
        heading=text("ask_run", month=common.month_word(row.first)),
        trail=[common.months_step(), common.month_step(row.first)],
        status=422 if form.errors else 200,
    )


def _effect(row: Month, sender: Sender) -> dict[str, Any]:
    """How many invoices it may come to, and what is in the way."""
    clients = queries_month.with_something(row.first)
    lacking = queries.to_make(row, clients)
    return {
        "clients": lacking,
        "standing": len(clients) - lacking,
        "open": row.closed_at is None,
        "no_sender": not sender.whole,
    }


@page(Permission.SEE_INVOICES)
def show_run(request: PageRequest, pk: int) -> HttpResponse:
    """A run: how far it has come, then what came of it."""
    found = MonthRun.objects.select_related("month", "begun_by")
    run = get_object_or_404(found, pk=pk, kind=MonthRun.Kind.INVOICES)
    first = run.month.first
    return show(
        request,
        "console/invoices/run.html",
        "invoices",
        _shown(request, run),
        words=text,
        heading=text(f"run_of_{run.state}", month=common.month_word(first)),
        trail=[common.months_step(), common.month_step(first)],
        piece="console/invoices/_run.html",
    )


def _shown(request: PageRequest, run: MonthRun) -> dict[str, Any]:
    working = run.state == _State.RUNNING
    part = keyset.part(queries.left_out(run.month), keyset.asked(request))
    left = [] if working else [rows.left_line(each, request.viewer) for each in part.rows]
    if left:
        looks.at_list(request, "invoices", len(left))
        persons.note(request, (each.who for each in left), "invoices")
    work = rows.work(run, request.now) if working else None
    return {
        "run": rows.run_line(run),
        "lead": text(f"lead_{run.state}"),
        "work": work,
        "key": common.month_key(run.month.first),
        "left": left,
        "part": part,
        "can_go_on": request.viewer.may(Permission.ISSUE_INVOICES)
        and (run.state == _State.STOPPED or (work is not None and work.still)),
        **(_made(run) if run.state == _State.DONE else {}),
    }


def _made(run: MonthRun) -> dict[str, Any]:
    """What was issued: how many, from which number to which, and the sum."""
    found = queries.issued_by(run)
    return {
        "count": found.count,
        "first": found.first,
        "last": found.last,
        "total": common.kronor(found.total),
    }


@page(Permission.ISSUE_INVOICES, "POST")
def go_on(request: PageRequest, pk: int) -> HttpResponse:
    """Go on with a run that stands still."""
    run = get_object_or_404(
        MonthRun.objects.select_related("month"), pk=pk, kind=MonthRun.Kind.INVOICES
    )
    try:
        actions_run.go_on(request.viewer, run, now=request.now)
    except MovedOnError:
        not_done(request, text["run_moved_on"])
    except MoneyError as error:
        not_done(request, text(f"snag_{error.snag.value}"))
    else:
        done(request, text["run_goes_on"])
    return redirect("invoice_run", pk=pk)
