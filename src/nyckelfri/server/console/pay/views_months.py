"""Months: what is paid for each, who was left out; statements are made beside the pages."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.beside import MovedOnError
from nyckelfri.server.console.links import href
from nyckelfri.server.console.page import PageRequest, done, not_done, page, show
from nyckelfri.server.console.pay import common, rows
from nyckelfri.server.console.pay.texts import text
from nyckelfri.server.money import actions_statements as actions
from nyckelfri.server.money import queries_pay as queries
from nyckelfri.server.money.errors import MoneyError
from nyckelfri.server.money.models import MonthRun

_MONTHS: Final = 36
_State = MonthRun.State


@page(Permission.SEE_PAY)
def show_months(request: PageRequest) -> HttpResponse:
    """Every month that is closed, the newest first."""
    found = queries.standings(request.viewer, _MONTHS)
    context = {
        "lines": [rows.month_line(each) for each in found],
        "whole": request.viewer.whole_municipality,
        "close_href": _close_href(request),
    }
    return show(request, "console/pay/months.html", "pay", context, words=text)


@page(Permission.SEE_PAY)
def show_month(request: PageRequest, month: str) -> HttpResponse:
    """A month: statements, those who have none and why, and the invoices that came."""
    row = common.the_month(month)
    standing = queries.standing(request.viewer, row)
    if not (standing.statements or (request.viewer.whole_municipality and row.pk)):
        raise Http404
    return show(
        request,
        "console/pay/month.html",
        "pay",
        _shown(request, standing),
        words=text,
        heading=text("pay_of", month=common.month_word(row.first)),
        trail=[common.months_step()],
        piece="console/pay/_month.html",
    )


def _shown(request: PageRequest, standing: queries.Standing) -> dict[str, Any]:
    viewer, month, run = request.viewer, standing.month, standing.run
    running = run is not None and run.state == _State.RUNNING
    work = rows.work(run, request.now) if run is not None and running else None
    stopped = run is not None and run.state == _State.STOPPED
    pays = viewer.may(Permission.PAY_PROVIDERS)
    whole = viewer.whole_municipality
    left = queries.left_out(month) if whole else []
    return {
        "line": rows.month_line(standing),
        "whole": whole,
        "of_nobody": queries.of_nobody(month) if whole else 0,
        "closed": month.closed_at is not None,
        "close_href": _close_href(request),
        "work": work,
        "run": run,
        "stopped": stopped,
        "can_go_on": pays and (stopped or (work is not None and work.still)),
        "can_make": pays and month.closed_at is not None and not running and not stopped,
        "pays": pays,
        "statements": [rows.statement_line(each) for each in queries.of_month(viewer, month)],
        "left": [rows.left_line(each) for each in left],
        "received": [rows.received_line(each) for each in queries.received_of(viewer, month)],
    }


@page(Permission.PAY_PROVIDERS, "GET", "POST")
def make(request: PageRequest, month: str) -> HttpResponse:
    """What making a month's statements will do; then it is begun."""
    row = common.the_month(month)
    if request.method == "POST":
        try:
            actions.begin(request.viewer, row, now=request.now)
        except MoneyError as error:
            not_done(request, text(f"snag_{error.snag.value}"))
        else:
            done(request, text["made_begins"])
        return redirect("pay_month", month=month)
    standing = queries.standing(request.viewer, row)
    context = {
        "form": forms.Form(),
        "confirm": text["do_make_anew" if standing.statements else "do_make"],
        "back": reverse("pay_month" if row.pk else "pay", args=[month] if row.pk else []),
        "harm": "primary",
        "standing": standing.statements,
        "closed": row.closed_at is not None,
    }
    return show(
        request,
        "console/pay/make.html",
        "pay",
        context,
        words=text,
        heading=text("ask_make", month=common.month_word(row.first)),
        trail=[common.months_step(), common.month_step(row.first)],
    )


@page(Permission.PAY_PROVIDERS, "POST")
def go_on(request: PageRequest, pk: int) -> HttpResponse:
    """Go on with a run that stands still or was stopped."""
    found = MonthRun.objects.select_related("month").filter(kind=MonthRun.Kind.STATEMENTS)
    run = get_object_or_404(found, pk=common.key(pk))
    try:
        actions.go_on(request.viewer, run, now=request.now)
    except MovedOnError:
        not_done(request, text["run_moved_on"])
    except MoneyError as error:
        not_done(request, text(f"snag_{error.snag.value}"))
    else:
        done(request, text["run_goes_on"])
    return redirect("pay_month", month=common.month_key(run.month.first))


def _close_href(request: PageRequest) -> str:
    """Where a month is closed; empty for who may not."""
    return href("visit_months") if request.viewer.may(Permission.CLOSE_MONTH) else ""
