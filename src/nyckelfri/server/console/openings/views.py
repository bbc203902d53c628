"""Openings: the page, the search by name, the files.

House rules: reads only, but for the audit log: what shows somebody's record is noted there
before it is shown.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase

from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit import looks
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.console import keyset, persons, sheets
from nyckelfri.server.console.openings import asked as asking
from nyckelfri.server.console.openings import export, rows, search
from nyckelfri.server.console.openings.asked import Asked
from nyckelfri.server.console.openings.search import Settled
from nyckelfri.server.console.openings.texts import text
from nyckelfri.server.console.page import PageRequest, page, show
from nyckelfri.server.visits import actions_judge, queries_reviews


@page(Permission.SEE_OPENINGS, "GET", "POST")
def show_openings(request: PageRequest) -> HttpResponse:
    """Who opened which door when; a search is posted and leads to an address of numbers."""
    if request.method != "POST":
        return _shown(request, Asked.read(request.GET, request.now))
    asked = Asked.read(request.POST, request.now)
    settled = search.settle(request.viewer, asked, request.now)
    if settled.choices:
        looks.at_list(request, "openings", len(settled.choices), "name")
        persons.note(request, settled.people, "openings")
    if settled.choices or settled.problem:
        return _shown(request, asked, settled, status=422 if settled.problem else 200)
    if settled.asked.problems:
        return _shown(request, settled.asked, status=422)
    return HttpResponseRedirect(search.address(settled.asked))


def _shown(
    request: PageRequest, asked: Asked, settled: Settled | None = None, status: int = 200
) -> HttpResponse:
    who, now = request.viewer, request.now
    part = None
    if settled is None:
        rows_found, after = asking.found(who, asked, now), keyset.asked(request)
        part = keyset.part(rows_found, after, narrow=asking.newest(asked))
        _note(request, asked, len(part.rows))
    lines = rows.lines(who, part.rows, now, asked.client) if part else []
    for number in sorted({number for line in lines for number in line.reveals}):
        looks.revealed(request, f"client:{number}", "openings")
    context: dict[str, Any] = {
        "part": part,
        "lines": lines,
        "asked": asked,
        "settled": settled,
        "teams": list(asking.teams(who).values_list("external_id", "name")),
        "results": [(value, text(f"result_{value}")) for value in asking.RESULTS],
        "query": urlencode(asked.as_query()),
        "may_export": who.may(Permission.EXPORT),
    }
    if asked.outside and part:
        context["judged"] = text("judged_when", days=actions_judge.AGAIN.days)
        waiting = queries_reviews.not_judged(asked.days.start, asked.days.end)
        context["all_judged"] = not waiting.exists()
    template = "console/openings/list.html"
    return show(request, template, "openings", context, words=text, status=status)


def _note(request: PageRequest, asked: Asked, count: int) -> None:
    """Whose record it was, where it was one person's; what was typed may be nobody's number."""
    who = request.viewer
    ids = []
    if asked.client and (count or who.clients(request.now).filter(external_id=asked.client)):
        ids.append(f"client:{asked.client}")
    if asked.employee and (count or who.staff().filter(number=asked.employee)):
        ids.append(f"employee:{asked.employee}")
    if ids:
        looks.at(request, *ids, why="openings")
    else:
        looks.at_list(request, "openings", count)


@page(Permission.EXPORT)
def export_openings(request: PageRequest, form: str) -> HttpResponseBase:
    """The same openings as a file."""
    who, asked = request.viewer, Asked.read(request.GET, request.now)
    if asked.problems:
        return _shown(request, asked, status=422)
    found = asking.found(who, asked, request.now).order_by()
    count = found.count()
    if form == "xlsx" and count > export.MOST_IN_EXCEL:
        settled = Settled(asked, problem=text("too_many_rows", count=export.MOST_IN_EXCEL))
        return _shown(request, asked, settled, status=422)
    audit.look(
        Verb.LIST_EXPORT,
        f"client:{asked.client}" if asked.client and count else "list:openings",
        actor=who.actor,
        details={"count": count, "form": form, **(asked.as_query() if count else {})},
        now=request.now,
    )
    for number in rows.protected_in(who, found):
        looks.revealed(request, f"client:{number}", "openings as a file")
    lines = export.table(who, asked, request.now)
    name = "-".join(["oppningar", str(asked.days.first), str(asked.days.last)])
    return sheets.answer(lines, name, text("openings"), form)
