"""What phones brought: what waits, one of them, and labels that do not fit.

House rules: reads, but for dealing with an entry; what shows somebody's record is noted in
the audit log before it is shown.
"""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from nyckelfri.care.times import ZONE
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.audit import looks
from nyckelfri.server.console import keyset, persons, shell
from nyckelfri.server.console.entries import rows
from nyckelfri.server.console.entries.texts import text
from nyckelfri.server.console.openings.days import Days
from nyckelfri.server.console.page import PageRequest, done, not_done, page, show
from nyckelfri.server.console.review.forms import WhyForm
from nyckelfri.server.visits import actions_kept, queries_readings
from nyckelfri.server.visits.actions_kept import AlreadyError
from nyckelfri.server.visits.models import PhoneEntry

MOST = 500
"""Readings that one page shows."""


@page(Permission.SETTLE_ENTRIES)
def show_entries(request: PageRequest) -> HttpResponse:
    """What waits for somebody."""
    return _list(request, rows.waiting(request.viewer, request.now), settled=False)


@page(Permission.SETTLE_ENTRIES)
def show_settled(request: PageRequest) -> HttpResponse:
    """What somebody has dealt with."""
    return _list(request, rows.settled(request.viewer, request.now), settled=True)


def _list(request: PageRequest, found: QuerySet[PhoneEntry], *, settled: bool) -> HttpResponse:
    part = keyset.part(rows.with_people(found), keyset.asked(request))
    lines = rows.lines(request.viewer, part.rows, request.now)
    looks.at_list(request, "phone_entries", len(lines))
    persons.note(request, [line.client for line in lines if line.client], "entries")
    context = {"lines": lines, "part": part, "settled": settled}
    return show(request, "console/entries/list.html", "phone_entries", context, words=text)


@page(Permission.SETTLE_ENTRIES, "GET", "POST")
def show_entry(request: PageRequest, number: int) -> HttpResponse:
    """One of them; what is posted says that it is dealt with, or taken up again."""
    who, now = request.viewer, request.now
    found = rows.with_people(rows.waiting(who, now) | rows.settled(who, now))
    entry = get_object_or_404(found, pk=number)
    settled = entry.settled_at is not None
    form = WhyForm(request.POST or None, taken_up=settled)
    if request.method == "POST" and ("reopen" in request.POST) != settled:
        not_done(request, text("already"))
        return HttpResponseRedirect(request.path)
    if request.method == "POST" and form.is_valid():
        return _changed(request, entry, form.cleaned_data["why"], settled=settled)
    (line,) = rows.lines(who, [entry], now)
    about = [f"client:{line.client.number}"] if line.client else []
    about += [f"employee:{line.staff}"] if line.staff else []
    looks.at(request, *about, why="entries")
    persons.note(request, [line.client] if line.client else [], "entries")
    return show(
        request,
        "console/entries/entry.html",
        "phone_entries",
        {"line": line, "form": form},
        words=text,
        heading=text("one", number=number),
        trail=[shell.Step(reverse("phone_entries"), text("phone_entries"))],
        status=422 if form.is_bound else 200,
    )


def _changed(request: PageRequest, entry: PhoneEntry, why: str, *, settled: bool) -> HttpResponse:
    here = reverse("phone_entry", args=[entry.pk])
    try:
        if settled:
            actions_kept.reopen(entry, reason=why, by=request.viewer, now=request.now)
        else:
            actions_kept.settle(entry, reason=why, by=request.viewer, now=request.now)
    except AlreadyError:
        not_done(request, text("already"))
        return HttpResponseRedirect(here)
    said = text("reopened", number=entry.pk) if settled else text("settled", number=entry.pk)
    done(request, said, undo="" if settled else here)
    return HttpResponseRedirect(reverse("phone_entries"))


@page(Permission.SEE_OPENINGS)
def show_readings(request: PageRequest) -> HttpResponse:
    """Readings of labels that do not fit, one day at a time."""
    who, now = request.viewer, request.now
    today = now.astimezone(ZONE).date()
    asked = request.GET.get("dag", "")
    try:
        days = Days.read(asked, asked, today, days=1)
    except ValueError:
        days, problem = Days(today, today), text("wrong_day")
    else:
        problem = ""
    of_day = rows.mine(who, now).filter(at__gte=days.start, at__lt=days.end)
    found = queries_readings.odd(of_day.select_related("phone").order_by("-at", "-pk"), now)
    lines = rows.odd_lines(who, found[:MOST])
    looks.at_list(request, "label_readings", len(lines))
    persons.note(request, [line.client for line in lines if line.client], "label_readings")
    context = {
        "lines": lines,
        "day": days.first,
        "problem": problem,
        "more": len(found) > MOST,
        "most": MOST,
        "may_settle": who.may(Permission.SETTLE_ENTRIES),
    }
    return show(
        request,
        "console/entries/readings.html",
        "phone_entries" if who.may(Permission.SETTLE_ENTRIES) else "openings",
        context,
        words=text,
        heading=text("label_readings"),
        status=422 if problem else 200,
    )
