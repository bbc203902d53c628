"""The first page: what needs somebody's attention, each a way to its list.

House rules: reads only; a viewer sees what is theirs to act on.
"""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.urls import reverse

from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.audit import looks
from nyckelfri.server.console import keyset, shell
from nyckelfri.server.console.links import href
from nyckelfri.server.console.page import PageRequest, page, show
from nyckelfri.server.console.start import waiting
from nyckelfri.server.console.start.lists import LISTS
from nyckelfri.server.console.start.texts import text


@page(None)
def show_start(request: PageRequest) -> HttpResponse:
    """What waits for this viewer."""
    who = request.viewer
    found = [
        {
            "count": count,
            "href": kind.href(),
            "words": text(kind.name),
            "hint": text(f"hint_{kind.name}"),
            "urgent": kind.name == "exposed",
        }
        for kind, count in waiting.counted(who, request.now)
    ]
    context = {
        "waiting": found,
        "now": request.now,
        "search_clients": href("clients") if who.may(Permission.SEE_CLIENTS) else "",
    }
    return show(
        request, "console/start/page.html", "start", context, words=text, heading=text("now")
    )


@page(None)
def show_waiting(request: PageRequest, what: str) -> HttpResponse:
    """The rows of one kind; 404 for a kind that is not theirs."""
    who, now = request.viewer, request.now
    kind = next((kind for kind in waiting.KINDS if kind.name == what and kind.is_for(who)), None)
    if kind is None or what not in LISTS:
        raise Http404
    related, line = LISTS[what]
    rows = kind.rows(who, now)
    part = keyset.part(rows.select_related(*related) if related else rows, keyset.asked(request))
    looks.at_list(request, what, len(part.rows))
    context = {
        "lines": [line(row, who) for row in part.rows],
        "part": part,
        "day_word": text(f"day_{what}"),
        "hint": text(f"hint_{what}"),
    }
    return show(
        request,
        "console/start/list.html",
        "start",
        context,
        words=text,
        heading=text(what),
        trail=[shell.Step(reverse("start"), text("start"))],
    )
