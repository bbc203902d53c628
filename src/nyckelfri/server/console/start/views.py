"""The first page: what needs somebody's attention, each a way to its list.

House rules: reads only; a viewer sees what is theirs to act on.
"""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.urls import reverse

from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.audit import looks
from nyckelfri.server.console import keyset, persons, shell
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
    name = next((name for name, own in LISTS.items() if own.slug == what), "")
    kind = next((kind for kind in waiting.KINDS if kind.name == name and kind.is_for(who)), None)
    if kind is None:
        raise Http404
    own = LISTS[name]
    rows = kind.rows(who, now)
    if own.related:
        rows = rows.select_related(*own.related)
    part = keyset.part(rows, keyset.asked(request))
    looks.at_list(request, name, len(part.rows))
    lines = [own.line(row, who) for row in part.rows]
    persons.note(request, [line.client for line in lines if line.client], name)
    context = {
        "lines": lines,
        "part": part,
        "day_word": text(f"day_{name}"),
        "hint": text(f"hint_{name}"),
    }
    return show(
        request,
        "console/start/list.html",
        "start",
        context,
        words=text,
        heading=text(name),
        trail=[shell.Step(reverse("start"), text("start"))],
    )
