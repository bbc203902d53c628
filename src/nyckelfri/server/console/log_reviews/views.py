"""Log review: what waits, one of them, what has been reviewed, the samples.

House rules: what is drawn and what is decided are actions of `visits`; a page writes
nothing but that somebody has looked.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from nyckelfri.care.review import size
from nyckelfri.care.times import ZONE
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.audit import looks
from nyckelfri.server.console import keyset, shell
from nyckelfri.server.console.log_reviews import plans, rows
from nyckelfri.server.console.log_reviews.forms import CloseForm, DrawForm
from nyckelfri.server.console.log_reviews.texts import text
from nyckelfri.server.console.page import PageRequest, done, not_done, page, show
from nyckelfri.server.visits import actions_reviews
from nyckelfri.server.visits import queries_reviews as queries
from nyckelfri.server.visits.actions_reviews import (
    NotJudgedError,
    OwnReviewError,
    ReviewClosedError,
)
from nyckelfri.server.visits.models import Draw, Review

_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(days=7)
_AHEAD: Final = 50
"""So many that wait are looked through for one that is not one's own."""


@page(Permission.REVIEW_LOG)
def show_waiting(request: PageRequest) -> HttpResponse:
    """What waits for somebody, oldest first."""
    return _list(request, queries.open_reviews(), "log_reviews")


@page(Permission.REVIEW_LOG)
def show_closed(request: PageRequest) -> HttpResponse:
    """What has been reviewed, newest first."""
    return _list(request, queries.closed_reviews(), "log_reviews_closed")


def _list(request: PageRequest, found: Any, here: str) -> HttpResponse:
    part = keyset.part(found, keyset.asked(request))
    looks.at_list(request, "log_reviews", len(part.rows))
    context = {
        "part": part,
        "lines": rows.lines(request.viewer, part.rows, request.now),
        "here": here,
        "closed": here == "log_reviews_closed",
    }
    template = "console/log_reviews/list.html"
    return show(request, template, "log_reviews", {**context, **_place(here)}, words=text)


@page(Permission.REVIEW_LOG, "GET", "POST")
def show_review(request: PageRequest, number: int) -> HttpResponse:
    """One of them, with what the plan said; what is posted is the verdict."""
    review = get_object_or_404(queries.review(), pk=number)
    form = CloseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _closed(request, review, form)
    context = {"form": form, **_shown(request, review)}
    return show(
        request,
        "console/log_reviews/review.html",
        "log_reviews",
        context,
        words=text,
        heading=text("review_of", number=number),
        trail=[shell.Step(reverse("log_reviews"), text["log_reviews"])],
        status=422 if form.errors else 200,
    )


def _shown(request: PageRequest, review: Review) -> dict[str, Any]:
    """All that is known of it; that it was looked at is noted first."""
    who, event = request.viewer, review.door_event
    opening, look = rows.opening(who, review, request.now), rows.look(who, review)
    if opening is None or event is None:
        looks.at_list(request, "log_reviews", 1)
    else:
        ids = [f"client:{client.number}" for client in opening.clients]
        ids += [f"employee:{event.employee.number}"] if event.employee else []
        looks.at(request, *ids, why="log review")
    return {
        "line": rows.line(who, review, opening, look),
        "opening": opening,
        "look": look,
        "plan": plans.around(event) if event else None,
    }


def _closed(request: PageRequest, review: Review, form: CloseForm) -> HttpResponse:
    said = form.cleaned_data
    try:
        actions_reviews.close(
            review,
            verdict=Review.Verdict(said["verdict"]),
            note=said["note"],
            by=request.viewer,
            now=request.now,
        )
    except OwnReviewError:
        not_done(request, text("own_refused"))
    except ReviewClosedError:
        not_done(request, text("closed_already"))
    else:
        done(request, text("is_closed", number=review.pk))
    return HttpResponseRedirect(_next(request, review))


def _next(request: PageRequest, review: Review) -> str:
    """The address of the next one that waits and is not one's own, else of the list."""
    waiting = list(queries.open_reviews().exclude(pk=review.pk)[:_AHEAD])
    later = [each for each in waiting if each.pk > review.pk]
    for line in rows.lines(request.viewer, later or waiting, request.now):
        if not line.own:
            return line.href
    return reverse("log_reviews")


@page(Permission.REVIEW_LOG)
def show_draws(request: PageRequest) -> HttpResponse:
    """The samples, and what came of them month by month."""
    context = {"draws": rows.draws(), "months": rows.months(request.now), **_place("log_draws")}
    return show(request, "console/log_reviews/draws.html", "log_reviews", context, words=text)


@page(Permission.REVIEW_LOG, "GET", "POST")
def new_draw(request: PageRequest) -> HttpResponse:
    """Choose what to draw, see how many that would be, then draw."""
    today = request.now.astimezone(ZONE).date()
    usual = {"kind": Draw.Kind.OPENINGS, "share": 1, "first": today - _WEEK, "last": today - _DAY}
    form = DrawForm(request.POST or None, now=request.now, initial=usual)
    would = None
    if request.method == "POST" and form.is_valid():
        population = queries.population(form.sample)
        count = size(population, form.portion)
        if count > actions_reviews.MOST:
            most = actions_reviews.MOST
            form.add_error("share", text("too_many", count=count, most=most))
        elif request.POST.get("do") == "draw":
            try:
                return _drawn(request, form)
            except NotJudgedError:
                form.add_error("kind", text("not_judged"))
        else:
            would = text("would_draw", count=count, population=population)
    return show(
        request,
        "console/log_reviews/new.html",
        "log_reviews",
        {"form": form, "would": would, "back": reverse("log_draws")},
        words=text,
        heading=text("new_draw"),
        trail=[shell.Step(reverse("log_draws"), text["draws"])],
        status=422 if form.errors else 200,
    )


def _drawn(request: PageRequest, form: DrawForm) -> HttpResponse:
    asked = form.sample
    made = actions_reviews.draw(
        Draw.Kind(asked.kind),
        asked.start,
        asked.end,
        share=form.portion,
        by=request.viewer,
        now=request.now,
    )
    count = made.reviews.count()
    done(request, text("is_drawn", count=count, population=made.population))
    return HttpResponseRedirect(reverse("log_reviews" if count else "log_draws"))


def _place(here: str) -> dict[str, Any]:
    names = {"log_reviews": "waiting", "log_reviews_closed": "closed", "log_draws": "draws"}
    return {"tabs": [(reverse(name), text[word], name == here) for name, word in names.items()]}
