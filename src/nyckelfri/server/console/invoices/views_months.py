"""Months: which are invoiced, and one of them."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpResponse

from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.audit import looks
from nyckelfri.server.console import keyset, persons
from nyckelfri.server.console.invoices import common, rows
from nyckelfri.server.console.invoices.texts import text
from nyckelfri.server.console.page import PageRequest, page, show
from nyckelfri.server.money import queries_invoices as queries
from nyckelfri.server.money.models import MonthRun

_MONTHS: Final = 36
_RUNS: Final = 10


@page(Permission.SEE_INVOICES)
def show_months(request: PageRequest) -> HttpResponse:
    """The months of three years: open or closed, and what is invoiced of each."""
    context = {
        "lines": [rows.month_line(each) for each in queries.standings(_MONTHS)],
        "tabs": common.tabs("invoices"),
    }
    return show(request, "console/invoices/months.html", "invoices", context, words=text)


@page(Permission.SEE_INVOICES)
def show_month(request: PageRequest, month: str) -> HttpResponse:
    """One month: its sum, who was left out and why, its runs, its files."""
    row = common.the_month(month)
    standing = queries.standing(row)
    part = keyset.part(queries.left_out(row), keyset.asked(request))
    left = [rows.left_line(each, request.viewer) for each in part.rows]
    looks.at_list(request, "invoices", len(left))
    persons.note(request, (each.who for each in left), "invoices")
    runs = queries.runs_of([row.pk]).select_related("begun_by")
    context: dict[str, Any] = {
        "line": rows.month_line(standing),
        "part": part,
        "left": left,
        "runs": [rows.run_line(run) for run in runs[:_RUNS]],
        "closed": row.closed_at,
        "may_issue": request.viewer.may(Permission.ISSUE_INVOICES),
        "running": standing.run is not None and standing.run.state == MonthRun.State.RUNNING,
        "close_href": rows.close_href(request.viewer),
    }
    return show(
        request,
        "console/invoices/month.html",
        "invoices",
        context,
        words=text,
        heading=text("invoices_of", month=common.month_word(row.first)),
        trail=[common.months_step()],
    )
