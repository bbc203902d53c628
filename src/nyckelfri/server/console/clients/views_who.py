"""Who can open at another moment, and why somebody cannot.

House rules: reads only, but for the audit log. Moments and employee numbers may stand in
an address; names may not.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django.http import HttpResponse

from nyckelfri.care.times import ZONE
from nyckelfri.server.access import explain
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.audit import looks
from nyckelfri.server.console import persons
from nyckelfri.server.console.clients import openers
from nyckelfri.server.console.clients.texts import text
from nyckelfri.server.console.clients.views import steps, the_client
from nyckelfri.server.console.page import PageRequest, page, show
from nyckelfri.server.homes.models import Client


@page(Permission.SEE_ACCESS)
def who_then(request: PageRequest, number: str) -> HttpResponse:
    """Who can, could or will be able to open the client's doors at another moment."""
    client = the_client(request, number)
    context = _asked(request, client)
    moment = context["moment"]
    found = explain.who_can_open(client, moment, request.now)
    context["answer"] = openers.answer(found, request.viewer, request.now)
    return _shown(request, client, "console/clients/when.html", context)


@page(Permission.SEE_ACCESS)
def why_not(request: PageRequest, number: str) -> HttpResponse:
    """Why somebody cannot open the client's front door, now or at another moment."""
    client = the_client(request, number)
    context = _asked(request, client)
    asked = request.GET.get("anst", "").strip()[:32]
    if asked:
        employee = request.viewer.staff().filter(number=asked).first()
        context["asked"] = asked
        context["problem"] = context["problem"] or ("" if employee else text("no_such_employee"))
        if employee is not None:
            looks.at(request, f"employee:{employee.number}", why="client_why_not")
            rows = explain.why_not(client, employee, context["moment"], request.now)
            context["employee"] = openers.named(employee.number, employee.name, request.viewer)
            context["obstacles"] = openers.obstacles(rows)
    return _shown(request, client, "console/clients/why_not.html", context)


def _asked(request: PageRequest, client: Client) -> dict[str, Any]:
    """The moment that the address names, now where it names none or none that can be."""
    day, clock = (request.GET.get(name, "").strip() for name in ("dag", "tid"))
    moment, problem = request.now, ""
    if day or clock:
        try:
            moment = _moment(day, clock, request.now)
        except ValueError:
            problem = text("wrong_moment")
    local = moment.astimezone(ZONE)
    return {
        "who": persons.shown(client, request.viewer),
        "moment": moment,
        "day": day or local.date().isoformat(),
        "clock": clock or local.strftime("%H:%M"),
        "problem": problem,
    }


def _moment(day: str, clock: str, now: datetime) -> datetime:
    local = now.astimezone(ZONE)
    on = date.fromisoformat(day) if day else local.date()
    at = time.fromisoformat(clock) if clock else time.min
    if not 2000 <= on.year < 2200 or at.tzinfo is not None:
        raise ValueError("not a moment that anybody asks about")
    return datetime.combine(on, at, ZONE)


def _shown(
    request: PageRequest, client: Client, template: str, context: dict[str, Any]
) -> HttpResponse:
    status = 422 if context["problem"] else 200
    heading = text("why_not") if "why_not" in template else text("other_moment")
    return show(
        request,
        template,
        "clients",
        context,
        words=text,
        heading=heading,
        trail=steps(client),
        status=status,
    )
