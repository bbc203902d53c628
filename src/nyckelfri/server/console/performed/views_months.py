"""Months of visits, their days, and closing one.

House rules: reads, but for closing a month and opening it again, which are actions of `visits`.
Lists here count; no person is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django import forms
from django.db.models import Count, Q
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from nyckelfri.care.times import ZONE, month_after
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.audit import looks
from nyckelfri.server.console.page import PageRequest, done, page, show
from nyckelfri.server.console.performed.asked import MONTH, Asked, month_of
from nyckelfri.server.console.performed.forms import ReasonForm, complain
from nyckelfri.server.console.performed.texts import text
from nyckelfri.server.console.shell import Step
from nyckelfri.server.visits import actions_month, actions_review, months, queries_review
from nyckelfri.server.visits.errors import VisitError
from nyckelfri.server.visits.models import Month
from nyckelfri.server.visits.queries_review import Counts

SIZE: Final = 4
"""Months of one page: a large municipality has a million visits in each."""
MOST_DAYS: Final = 62
"""Days with something to look at, on one page."""


@dataclass(frozen=True, slots=True)
class MonthLine:
    """A month, in figures; `close` and `reopen` are where that is done, for whoever may."""

    first: date
    href: str
    counts: Counts
    lock_date: date
    invoices: int
    closed: Month | None
    close: str
    reopen: str


@dataclass(frozen=True, slots=True)
class DayLine:
    """A day, in figures, and its page."""

    day: date
    href: str
    counts: Counts


@page(Permission.SEE_VISITS)
def show_months(request: PageRequest) -> HttpResponse:
    """Some months, the newest first, up to the one asked for."""
    now_month = months.first_of(request.now.astimezone(ZONE).date())
    newest = month_of(request.GET.get(MONTH, "")) or now_month
    shown = [newest]
    while len(shown) < SIZE:
        shown.append(months.first_of(shown[-1] - timedelta(days=1)))
    lines = _month_lines(request, shown)
    looks.at_list(request, "visit_months", len(lines))
    context = {
        "lines": lines,
        "older": f"?{MONTH}={months.first_of(shown[-1] - timedelta(days=1)):%Y-%m}",
        "newer": f"?{MONTH}={_later(newest, now_month):%Y-%m}" if newest < now_month else "",
        "sees_invoices": request.viewer.may(Permission.SEE_INVOICES),
    }
    return show(
        request,
        "console/performed/months.html",
        "visits",
        context,
        words=text,
        heading=text("months"),
        trail=_steps(),
    )


def _later(newest: date, at_most: date) -> date:
    for _ in range(SIZE):
        newest = month_after(newest)
    return min(newest, at_most)


def _month_lines(request: PageRequest, shown: list[date]) -> list[MonthLine]:
    who = request.viewer
    days = (shown[-1], months.last_of(shown[0]))
    counted = queries_review.by_month(actions_review.mine(who).filter(day__range=days))
    standing = Q(invoices__kind="invoice", invoices__credited_by=None)
    stored = {
        row.first: row
        for row in Month.objects.filter(first__in=shown)
        .select_related("closed_by")
        .annotate(n_invoices=Count("invoices", filter=standing))
    }
    may, today = who.may(Permission.CLOSE_MONTH), request.now.astimezone(ZONE).date()
    found = []
    for first in shown:
        row: Any = stored.get(first)
        closed = row if row is not None and row.closed_at else None
        over = today > months.last_of(first)
        said = f"{first:%Y-%m}"
        found.append(
            MonthLine(
                first=first,
                href=f"{reverse('visit_days')}?{MONTH}={said}",
                counts=counted.get(first, Counts()),
                lock_date=row.lock_date if row else months.lock_date(first),
                invoices=row.n_invoices if row else 0,
                closed=closed,
                close=reverse("month_close", args=[said]) if may and over and not closed else "",
                reopen=reverse("month_reopen", args=[said]) if may and closed else "",
            )
        )
    return found


@page(Permission.SEE_VISITS)
def show_days(request: PageRequest) -> HttpResponse:
    """The days of a month; without one, the days before today with something to look at."""
    who, today = request.viewer, request.now.astimezone(ZONE).date()
    first = month_of(request.GET.get(MONTH, ""))
    mine = actions_review.mine(who)
    if first is None:
        found = queries_review.by_day(queries_review.to_look_at(mine, today))
    else:
        found = queries_review.by_day(mine.filter(day__range=(first, months.last_of(first))))
    some = list(found.items())[:MOST_DAYS]
    lines = [DayLine(day, Asked(day).href(), counts) for day, counts in some]
    looks.at_list(request, "visit_days", len(lines))
    heading = text("days_to_look_at") if first is None else text("days_of", month=f"{first:%Y-%m}")
    context = {"lines": lines, "first": first, "more": len(found) > MOST_DAYS, "most": MOST_DAYS}
    return show(
        request,
        "console/performed/days.html",
        "visits",
        context,
        words=text,
        heading=heading,
        trail=[*_steps(), Step(reverse("visit_months"), text("months"))],
    )


def _steps() -> list[Step]:
    return [Step(reverse("visits"), text["visits"])]


def _month(said: str) -> date:
    first = month_of(said)
    if first is None:
        raise Http404
    return first


@page(Permission.CLOSE_MONTH, "GET", "POST")
def close(request: PageRequest, month: str) -> HttpResponse:
    """Ask before a month is closed, and say how much is not reviewed."""
    first = _month(month)
    form = forms.Form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions_month.close(request.viewer, first, now=request.now)
        except VisitError as error:
            complain(form, error)
        else:
            undo = reverse("month_reopen", args=[month])
            done(request, text("month_closed", month=month), undo=undo)
            return HttpResponseRedirect(reverse("visit_months"))
    mine = actions_review.mine(request.viewer)
    days = queries_review.by_day(mine.filter(day__range=(first, months.last_of(first)))).values()
    left = sum(each.undecided for each in days)
    effect = text("effect_close_left", count=left) if left else text("effect_close")
    return _asked(request, "close", month, form, effect)


@page(Permission.CLOSE_MONTH, "GET", "POST")
def reopen(request: PageRequest, month: str) -> HttpResponse:
    """Ask before a month is opened again."""
    first = _month(month)
    form = ReasonForm(request.POST or None, hint="hint_why")
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            actions_month.reopen(request.viewer, first, reason=reason, now=request.now)
        except VisitError as error:
            complain(form, error)
        else:
            done(request, text("month_opened", month=month))
            return HttpResponseRedirect(reverse("visit_months"))
    return _asked(request, "reopen_month", month, form, text("effect_reopen_month"))


def _asked(
    request: PageRequest, what: str, month: str, form: forms.Form, effect: str
) -> HttpResponse:
    context = {
        "form": form,
        "effect": effect,
        "confirm": text(f"do_{what}"),
        "back": reverse("visit_months"),
        "harm": "primary",
    }
    return show(
        request,
        "console/confirm.html",
        "visits",
        context,
        words=text,
        heading=text(f"ask_{what}", month=month),
        trail=[*_steps(), Step(reverse("visit_months"), text("months"))],
        status=422 if form.errors else 200,
    )
