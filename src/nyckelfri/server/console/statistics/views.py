"""Statistics: all measures in short, one measure with its charts and tables, and files of them.

House rules: reads only; a figure is about the municipality, a provider or a team, and is read as
it was measured.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime

from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.console import sheets, shell
from nyckelfri.server.console.page import PageRequest, page, show
from nyckelfri.server.console.statistics.measured import MONTH, Measured, measured
from nyckelfri.server.console.statistics.pages import OF_SLUG, PAGES, Page
from nyckelfri.server.console.statistics.texts import text


@page(Permission.SEE_STATISTICS)
def show_statistics(request: PageRequest) -> HttpResponse:
    """Every measure of a month in a number and a sentence."""
    found = _measured(request)
    context = {
        "measures": [
            {"href": _href(one, found), "word": text(f"measure_{one.name}"), "figure": first}
            for one in PAGES
            if found.own
            for first in (one.first(found, found.own),)
        ],
        "here": reverse("statistics"),
        **_around(request, found),
    }
    return show(request, "console/statistics/list.html", "statistics", context, words=text)


@page(Permission.SEE_STATISTICS)
def show_measure(request: PageRequest, measure: str) -> HttpResponse:
    """One measure: the whole, its weeks or months, and teams."""
    one, found = _page(measure), _measured(request)
    context = {
        "figures": one.figures(found),
        "slug": one.slug,
        "here": reverse("statistics_measure", args=[one.slug]),
        **_around(request, found),
    }
    above = f"{reverse('statistics')}?{MONTH}={found.key}"
    return show(
        request,
        "console/statistics/page.html",
        "statistics",
        context,
        words=text,
        heading=text(f"measure_{one.name}"),
        trail=[shell.Step(above, text("statistics"))],
    )


@page(Permission.SEE_STATISTICS)
def export_figure(request: PageRequest, measure: str, figure: str, form: str) -> HttpResponseBase:
    """The table of one figure as a file."""
    one, found = _page(measure), _measured(request)
    chosen = next((each for each in one.figures(found) if each.said.name == figure), None)
    if chosen is None:
        raise Http404
    audit.look(
        Verb.LIST_EXPORT,
        "list:statistics",
        actor=request.viewer.actor,
        details={"count": len(chosen.rows), "form": form, "figure": figure, "month": found.key},
        now=request.now,
    )
    return sheets.answer(chosen.file(), f"{figure}-{found.key}", text(f"measure_{one.name}"), form)


def _page(slug: str) -> Page:
    if slug not in OF_SLUG:
        raise Http404
    return OF_SLUG[slug]


def _measured(request: PageRequest) -> Measured:
    return measured(request.viewer, request.GET.get(MONTH, ""), request.now)


def _href(one: Page, found: Measured) -> str:
    return f"{reverse('statistics_measure', args=[one.slug])}?{MONTH}={found.key}"


def _around(request: PageRequest, found: Measured) -> dict[str, Any]:
    """What every page says: which month, whose figures, and when they were counted."""
    team = request.viewer.employee.care_team
    whose = text("of_whole") if team is None else text("of_provider", provider=team.provider.name)
    return {
        "found": found,
        "whose": whose,
        "counted": found.at
        and text("measured", when=date_format(localtime(found.at), "j F Y H:i")),
    }
