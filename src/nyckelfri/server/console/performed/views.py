"""A day of visits: the list, all that fit approved at once, and what belongs to no visit.

House rules: what is shown of persons is noted in the audit log first; a change is an action of
`visits`. Rows come from the viewer.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404

from nyckelfri.care.times import ZONE
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.audit import looks
from nyckelfri.server.console import keyset, persons, shell
from nyckelfri.server.console.page import PageRequest, done, not_done, page, show
from nyckelfri.server.console.performed import loose, rows
from nyckelfri.server.console.performed.asked import DAY, SHOWS, Asked
from nyckelfri.server.console.performed.forms import ReasonForm, complain
from nyckelfri.server.console.performed.texts import text
from nyckelfri.server.console.teams.rows import mine as teams_of
from nyckelfri.server.visits import actions_office, actions_review, months, queries_review
from nyckelfri.server.visits.errors import VisitError
from nyckelfri.server.visits.models import VisitDay
from nyckelfri.server.visits.queries_review import Standing, Totals

_A_DAY: Final = timedelta(days=1)


@page(Permission.SEE_VISITS)
def show_day(request: PageRequest) -> HttpResponse:
    """The visits of a day, of one team or of all, in order."""
    who, now = request.viewer, request.now
    asked = Asked.read(request.GET, now)
    visits = asked.visits(who)
    part = keyset.part(rows.in_order(asked.only_shown(visits), asked.day), keyset.asked(request))
    lines = rows.lines(who, part.rows)
    found = loose.lines(who, loose.of_day(who, asked, now)[: loose.MOST + 1])
    looks.at_list(request, "visits", len(lines) + len(found))
    people = [line.client for line in lines] + [each.client for each in found if each.client]
    persons.note(request, people, "visits")
    totals = queries_review.totals(visits, with_time=bool(asked.team))
    month = months.of(asked.day)
    today = now.astimezone(ZONE).date()
    may_review = who.may(Permission.REVIEW_VISITS) and month.closed_at is None
    context: dict[str, Any] = {
        "asked": asked,
        "teams": list(teams_of(who).values_list("external_id", "name")),
        "before": asked.href(day=asked.day - _A_DAY),
        "after": asked.href(day=asked.day + _A_DAY),
        "today": "" if asked.day == today else asked.href(day=today),
        "tabs": _tabs(asked, totals),
        "totals": totals,
        "planned_time": rows.hours(totals.planned_time),
        "performed_time": rows.hours(totals.performed_time),
        "lines": lines,
        "part": part,
        "loose": found[: loose.MOST],
        "more_loose": len(found) > loose.MOST,
        "most_loose": loose.MOST,
        "query": asked.query(),
        "may_review": may_review,
        "month_stands": month.closed_at is not None,
        "derived": bool(totals.all) or VisitDay.objects.filter(day=asked.day).exists(),
    }
    return show(
        request,
        "console/performed/day.html",
        "visits",
        context,
        words=text,
        status=422 if asked.wrong_day else 200,
    )


def _tabs(asked: Asked, totals: Totals) -> list[dict[str, Any]]:
    return [
        {
            "href": asked.href(shown=word),
            "word": text(f"show_{standing.value if standing else 'all'}"),
            "count": totals.of(standing) if standing else totals.all,
            "here": word == asked.shown,
        }
        for word, standing in SHOWS.items()
    ]


@page(Permission.REVIEW_VISITS, "GET", "POST")
def approve_fitting(request: PageRequest) -> HttpResponse:
    """Ask before all that fit are approved, of the day and the team, and do it."""
    who, now = request.viewer, request.now
    asked = Asked.read(request.GET, now)
    if asked.wrong_day:
        raise Http404
    team = get_object_or_404(teams_of(who), external_id=asked.team) if asked.team else None
    path = f"{request.path}?{asked.query()}"
    if request.method == "POST" and DAY not in request.GET:
        return HttpResponseRedirect(path)  # which day it is, is never left to the hour
    if request.method == "POST":
        key = None if team is None else team.pk
        try:
            count = actions_review.approve_fitting(who, asked.day, care_team=key, now=now)
        except VisitError as error:
            not_done(request, text(f"obstacle_{error.obstacle}"))
        else:
            done(request, text("approved_many", count=count))
        return HttpResponseRedirect(asked.href())
    count = asked.visits(who).filter(queries_review.OF[Standing.FITS]).count()
    context = {
        "path": path,
        "count": count,
        "team": text("all_teams") if team is None else team.name,
        "confirm": text("do_approve_fitting", count=count),
        "back": asked.href(),
    }
    return show(
        request,
        "console/performed/approve.html",
        "visits",
        context,
        words=text,
        heading=text("approve_heading", day=asked.day),
        trail=steps(asked),
    )


def steps(asked: Asked) -> list[shell.Step]:
    """The way back to a day."""
    return [shell.Step(asked.href(), f"{text['visits']} {asked.day}")]


@page(Permission.REVIEW_VISITS, "GET", "POST")
def settle_sign(request: PageRequest, number: int) -> HttpResponse:
    """What belongs to no visit; what is posted says what came of it."""
    who, now = request.viewer, request.now
    sign = get_object_or_404(loose.mine(who, now), pk=number)
    asked = Asked(sign.day)
    form = ReasonForm(request.POST or None, hint="settle_hint")
    if request.method == "POST" and form.is_valid():
        try:
            actions_office.settle(who, sign, reason=form.cleaned_data["reason"], now=now)
        except VisitError as error:
            complain(form, error)
        else:
            done(request, text("settled", number=number))
            return HttpResponseRedirect(asked.href())
    (line,) = loose.lines(who, [sign])
    about = [f"client:{line.client.number}"] if line.client else []
    about += [f"employee:{line.staff.number}"] if line.staff else []
    looks.at(request, *about, why="visits")
    persons.note(request, [line.client] if line.client else [], "visits")
    return show(
        request,
        "console/performed/loose.html",
        "visits",
        {"line": line, "form": form, "signs": loose.evidence(who, sign)},
        words=text,
        heading=text("loose_one", number=number),
        trail=steps(asked),
        status=422 if form.errors else 200,
    )
