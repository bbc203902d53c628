"""The pages of staff: the list, and one employee.

House rules: reads only; changes are in `changes` and in the area `plan`.
"""

from __future__ import annotations

from typing import Any, Final

from django.http import Http404, HttpResponse
from django.urls import reverse

from nyckelfri.care.times import ZONE
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.audit import looks
from nyckelfri.server.console import keyset, links, shell
from nyckelfri.server.console.page import PageRequest, page, show
from nyckelfri.server.console.persons import shown
from nyckelfri.server.console.staff import rows
from nyckelfri.server.console.staff.texts import text
from nyckelfri.server.homes.models import CareTeam
from nyckelfri.server.people.models import Role

_FILTERS: Final = ("grupp", "roll", "leg", "alla")
_AT_MOST: Final = 100
MAX_WORDS: Final = 64


@page(Permission.SEE_STAFF, "GET", "POST")
def show_list(request: PageRequest) -> HttpResponse:
    """Staff by number; a search is posted, since it may be a name."""
    who = request.viewer
    today = request.now.astimezone(ZONE).date()
    asked = {name: request.GET.get(name, "").replace("\x00", "")[:32] for name in _FILTERS}
    words = request.POST.get("q", "").replace("\x00", "").strip()[:MAX_WORDS]
    found = rows.found(who, asked, words, today)
    if not words and (after := keyset.asked(request)):
        part = keyset.part(rows.with_standing(found, request.now), after, size=_AT_MOST)
    else:
        part = keyset.part(rows.with_standing(found, request.now), size=_AT_MOST)
    teams = CareTeam.objects.order_by("name", "pk")
    if who.provider is not None:
        teams = teams.filter(provider_id=who.provider)
    context = {
        "lines": [rows.line(row, today) for row in part.rows],
        "part": part,
        "asked": asked,
        "words_asked": words,
        "teams": list(teams.values_list("external_id", "name")),
        "roles": [(role.value, text(f"role_{role.value}")) for role in Role],
        "cards": [(state, text(f"card_{state}")) for state in rows.CARD_STATES],
        "more_than_shown": bool(words and part.following),
    }
    looks.at_list(request, "staff", len(part.rows), "words" if words else "")
    return show(
        request,
        "console/staff/list.html",
        "staff",
        context,
        words=text,
        piece="console/staff/_rows.html",
    )


@page(Permission.SEE_STAFF)
def show_employee(request: PageRequest, number: str) -> HttpResponse:
    """One employee: team, card, phone, absence, this week's shifts and today's visits."""
    who, now = request.viewer, request.now
    row = rows.employee_of(who, number, now)
    if row is None:
        raise Http404
    today = now.astimezone(ZONE).date()
    sees_phones = who.may(Permission.SEE_PHONES)
    context: dict[str, Any] = {
        "row": row,
        "role": text(f"role_{row.role}"),
        "card": rows.card(row, today),
        "phones": [_phone(each) for each in rows.phones(row, now)] if sees_phones else [],
        "may_see_phones": sees_phones,
        "own": [shown(each.client, who) for each in row.own],
        "taken": [rows.withdrawn(who, each) for each in row.taken],
        "away_now": any(each.start <= now < each.end for each in row.away),
        "left": row.employed_till is not None and row.employed_till < today,
        "shifts": rows.shifts(who, row, now),
        "visits": rows.visits(who, row, row.away, now) if who.may(Permission.SEE_CLIENTS) else [],
        "may_plan": who.may(Permission.PLAN),
        "may_withdraw": who.may(Permission.WITHDRAW),
        "may_manage": who.may(Permission.MANAGE_STAFF),
        "code_href": links.href("account_code", row.number),
        "team_href": links.href("team", row.care_team.external_id) if row.care_team else "",
    }
    looks.at(request, f"employee:{row.number}")
    return show(
        request,
        "console/staff/page.html",
        "staff",
        context,
        words=text,
        heading=row.name,
        trail=[shell.Step(reverse("staff"), text["staff"])],
    )


def _phone(row: Any) -> dict[str, Any]:
    return {
        "href": links.href("phone", row.identifier.hex()),
        "label": row.label,
        "state": text(f"state_{row.state}"),
        "signed_in": row.signed_in,
    }
