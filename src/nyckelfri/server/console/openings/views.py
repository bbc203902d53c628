"""The page of openings.

House rules: reads only.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from nyckelfri.care.times import ZONE
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.console import keyset
from nyckelfri.server.console.openings import rows
from nyckelfri.server.console.openings.rows import Days
from nyckelfri.server.console.openings.texts import text
from nyckelfri.server.console.page import PageRequest, page, show


@page(Permission.SEE_OPENINGS)
def show_openings(request: PageRequest) -> HttpResponse:
    """Who opened which door when."""
    who = request.viewer
    asked = {name: _asked(request, name) for name in ("fran", "till", "kund")}
    today = request.now.astimezone(ZONE).date()
    problem = ""
    try:
        days = Days.read(asked["fran"], asked["till"], today)
    except ValueError:
        days, problem = Days.read("", "", today), text("wrong_dates")
    part = keyset.part(rows.found(who, days, asked["kund"]), keyset.asked(request))
    context = {
        "lines": rows.lines(who, part.rows, days),
        "part": part,
        "days": days,
        "client": asked["kund"],
        "problem": problem,
    }
    return show(request, "console/openings/list.html", "openings", context, words=text)


def _asked(request: HttpRequest, name: str) -> str:
    """Give a value of the query, short, and without what a database may not take."""
    return request.GET.get(name, "").replace("\x00", "").strip()[:64]
