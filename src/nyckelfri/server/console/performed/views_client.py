"""The visits to one client, a month at a time.

House rules: the look at the client is noted before they are shown; rows come from the viewer.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from nyckelfri.care.times import ZONE, month_after
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.audit import looks
from nyckelfri.server.console import keyset, persons
from nyckelfri.server.console.links import href
from nyckelfri.server.console.page import PageRequest, page, show
from nyckelfri.server.console.performed import rows
from nyckelfri.server.console.performed.asked import CLIENT, DAY, MONTH, month_of
from nyckelfri.server.console.performed.texts import text
from nyckelfri.server.console.shell import Step
from nyckelfri.server.homes.models import Client
from nyckelfri.server.visits import actions_review, months

SIZE: Final = 100
"""Visits of one page: a month of three or four a day."""


def the_client(request: PageRequest, number: str) -> Client:
    """The client of an address, if the viewer may see them; the look at them is logged."""
    client: Client = get_object_or_404(request.viewer.clients(request.now), external_id=number)
    revealed = client.protected_identity and request.viewer.sees(client)
    looks.at(request, f"client:{client.external_id}", why="visits", revealed=revealed)
    return client


def address(number: str, day: date) -> str:
    """Where a client's visits of a day's month are."""
    return f"{href('client_visits', number)}?{MONTH}={day:%Y-%m}"


def client_steps(number: str, day: date) -> list[Step]:
    """The way back to a client's visits."""
    return [Step(reverse("visits"), text["visits"]), Step(address(number, day), number)]


@page(Permission.SEE_VISITS)
def show_client(request: PageRequest, number: str) -> HttpResponse:
    """One client's visits of a month, day by day."""
    who = request.viewer
    client = the_client(request, number)
    today = request.now.astimezone(ZONE).date()
    first = month_of(request.GET.get(MONTH, "")) or months.first_of(today)
    last = months.last_of(first)
    visits = actions_review.mine(who).filter(client=client, day__range=(first, last))
    part = keyset.part(rows.in_order(visits, first), keyset.asked(request), size=SIZE)
    lines = rows.lines(who, part.rows)
    enter = ""
    if who.may(Permission.REVIEW_VISITS):
        day = min(last, max(first, today - timedelta(days=1)))
        enter = f"{reverse('visit_enter')}?{CLIENT}={number}&{DAY}={day}"
    context: dict[str, Any] = {
        "client": persons.shown(client, who),
        "first": first,
        "before": address(number, first - timedelta(days=1)),
        "after": address(number, month_after(first)),
        "lines": lines,
        "part": part,
        "enter": enter,
    }
    return show(
        request,
        "console/performed/client.html",
        "visits",
        context,
        words=text,
        heading=text("visits_of", number=number),
        trail=[Step(reverse("visits"), text["visits"])],
    )
