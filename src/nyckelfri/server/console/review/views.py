"""What came and was not accepted: the lists, one of them, and dealing with it."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.console import keyset, shell
from nyckelfri.server.console.page import PageRequest, done, not_done, page, show
from nyckelfri.server.console.review import rows
from nyckelfri.server.console.review.forms import WhyForm
from nyckelfri.server.console.review.texts import text
from nyckelfri.server.visits import actions_kept, queries
from nyckelfri.server.visits.actions_kept import AlreadyError


@page(Permission.REVIEW_DELIVERIES)
def show_review(request: PageRequest) -> HttpResponse:
    """What waits for somebody."""
    part = keyset.part(queries.unresolved(), keyset.asked(request))
    context = {
        "lines": [rows.line(row) for row in part.rows],
        "part": part,
        "waiting": rows.waiting(),
    }
    return show(request, "console/review/list.html", "review", context, words=text)


@page(Permission.REVIEW_DELIVERIES)
def show_settled(request: PageRequest) -> HttpResponse:
    """What somebody has dealt with."""
    part = keyset.part(queries.settled(), keyset.asked(request))
    context = {"lines": [rows.line(row) for row in part.rows], "part": part, "settled": True}
    return show(request, "console/review/list.html", "review", context, words=text)


@page(Permission.REVIEW_DELIVERIES, "GET", "POST")
def show_delivery(request: PageRequest, number: int) -> HttpResponse:
    """One of them; what is posted says that it is dealt with, or taken up again."""
    kept = get_object_or_404(queries.kept(), pk=number)
    settled = kept.settled_at is not None
    form = WhyForm(request.POST or None, taken_up=settled)
    if request.method == "POST" and ("reopen" in request.POST) != settled:
        not_done(request, text("already"))
        return HttpResponseRedirect(request.path)
    if request.method == "POST" and form.is_valid():
        return _changed(request, number, form.cleaned_data["why"], settled=settled)
    context = {"line": rows.line(kept), "form": form}
    return show(
        request,
        "console/review/delivery.html",
        "review",
        context,
        words=text,
        heading=text("one", number=number),
        trail=[shell.Step(reverse("review"), text("review"))],
        status=422 if form.is_bound else 200,
    )


def _changed(request: PageRequest, number: int, why: str, *, settled: bool) -> HttpResponse:
    kept = queries.kept().get(pk=number)
    act = actions_kept.reopen if settled else actions_kept.settle
    here = reverse("delivery", args=[number])
    try:
        act(kept, reason=why, by=request.viewer, now=request.now)
    except AlreadyError:
        not_done(request, text("already"))
        return HttpResponseRedirect(here)
    said = text("reopened", number=number) if settled else text("settled", number=number)
    done(request, said, undo="" if settled else here)
    return HttpResponseRedirect(reverse("review"))
