"""Clients: the list and one client's page.

House rules: reads only, but for the audit log, where each look at a client is noted before
it is shown. Rows come from the viewer; a template gets plain values only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from nyckelfri.care.times import ZONE
from nyckelfri.server.access import explain
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.audit import looks
from nyckelfri.server.console import keyset, persons, shell
from nyckelfri.server.console.clients import openers, records
from nyckelfri.server.console.clients.texts import text
from nyckelfri.server.console.keyset import Part
from nyckelfri.server.console.links import href
from nyckelfri.server.console.page import PageRequest, page, show
from nyckelfri.server.console.persons import ShownClient
from nyckelfri.server.homes.models import Client, Provider, ProviderChoice
from nyckelfri.server.locks.models import LockUnit

_LONGEST = 64


@dataclass(frozen=True, slots=True)
class Line:
    """One client of the list."""

    who: ShownClient
    area: str
    providers: tuple[str, ...]
    lock: str
    lock_state: str
    alarm: bool


@page(Permission.SEE_CLIENTS, "GET", "POST")
def show_list(request: PageRequest) -> HttpResponse:
    """All clients that the viewer may see; what somebody searches for is posted."""
    words = request.POST.get("sok", "").replace("\x00", "").strip()[:_LONGEST]
    chosen = {name: request.GET.get(name, "")[:_LONGEST] for name in ("omrade", "utforare")}
    everybody = request.viewer.clients(request.now)
    rows = _filtered(everybody, chosen, request.now).select_related("front_door")
    if words:
        rows = request.viewer.search(rows, words)
    part = keyset.part(rows.order_by("external_id"), "" if words else keyset.asked(request))
    looks.at_list(request, "clients", len(part.rows), _kind_of(words))
    context = {
        "part": part,
        "lines": _lines(part, request),
        "searched": bool(words),
        "areas": sorted(set(everybody.order_by().values_list("area", flat=True))),
        "providers": list(Provider.objects.values_list("org_number", "name")),
        **chosen,
    }
    return show(
        request,
        "console/clients/list.html",
        "clients",
        context,
        words=text,
        piece="console/clients/_rows.html",
    )


def _kind_of(words: str) -> str:
    """What kind of search it was, which is all that the log is told."""
    if not words:
        return ""
    return "number" if any(letter.isdigit() for letter in words) else "name"


def _filtered(rows: QuerySet[Client], chosen: dict[str, str], now: datetime) -> QuerySet[Client]:
    if chosen["omrade"]:
        rows = rows.filter(area=chosen["omrade"])
    if chosen["utforare"]:
        theirs = _in_force(now).filter(provider__org_number=chosen["utforare"])
        rows = rows.filter(pk__in=theirs.order_by().values("client_id"))
    return rows


def _in_force(now: datetime) -> QuerySet[ProviderChoice]:
    today = now.astimezone(ZONE).date()
    return ProviderChoice.objects.filter(
        Q(valid_till=None) | Q(valid_till__gte=today), withdrawn_at=None, valid_from__lte=today
    )


def _lines(part: Part[Client], request: PageRequest) -> list[Line]:
    providers: defaultdict[int, dict[str, None]] = defaultdict(dict)
    chosen = _in_force(request.now).filter(client__in=[row.pk for row in part.rows])
    for client, name in chosen.values_list("client_id", "provider__name"):
        providers[client][name] = None
    locks = _locks(row.front_door_id for row in part.rows)
    return [
        Line(
            persons.shown(row, request.viewer),
            row.area,
            tuple(providers[row.pk]),
            *locks.get(row.front_door_id, ("", "calm")),
            row.has_alarm,
        )
        for row in part.rows
    ]


def _locks(doors: Iterable[int | None]) -> dict[int | None, tuple[str, str]]:
    """By front door: how far its lock has come, in words, and how good that is."""
    rows = LockUnit.objects.filter(door_id__in=[door for door in doors if door])
    mounted = LockUnit.Status.MOUNTED
    found: dict[int | None, tuple[str, str]] = {}
    for door, status in rows.order_by().values_list("door_id", "status"):
        if status == mounted or door not in found:
            state = "good" if status == mounted else "calm"
            found[door] = text(f"status_{status}"), state
    return found


def the_client(request: PageRequest, number: str) -> Client:
    """The client of an address, if the viewer may see them; the look at them is logged."""
    rows = request.viewer.clients(request.now)
    client = get_object_or_404(rows, external_id=number)
    revealed = client.protected_identity and request.viewer.sees(client)
    looks.at(request, f"client:{client.external_id}", why=_where(request), revealed=revealed)
    return client


def _where(request: PageRequest) -> str:
    match = request.resolver_match
    return "" if match is None else match.url_name or ""


def address(number: str) -> str:
    """Where a client's page is."""
    return reverse("client", args=[number])


def steps(client: Client | None = None) -> list[shell.Step]:
    """The way back from a page under the list, or under a client."""
    found = [shell.Step(reverse("clients"), text("clients"))]
    if client is not None:
        found.append(shell.Step(address(client.external_id), client.external_id))
    return found


def show_form(
    request: PageRequest, client: Client, template: str, heading: str, context: dict[str, Any]
) -> HttpResponse:
    """Answer with a form about one client; 422 while something is wrong with it."""
    return show(
        request,
        template,
        "clients",
        {**context, "back": address(client.external_id)},
        words=text,
        heading=heading,
        trail=steps(client),
        status=422 if context["form"].errors else 200,
    )


@page(Permission.SEE_CLIENTS)
def show_client(request: PageRequest, number: str) -> HttpResponse:
    """One client: who can open now and why, and all that it rests on."""
    client = the_client(request, number)
    viewer, now = request.viewer, request.now
    who = persons.shown(client, viewer)
    context = {
        "who": who,
        "area": client.area,
        "telephone": "" if who.hidden else client.telephone,
        "alarm": client.has_alarm,
        "records": records.of(client, viewer, now),
        "may": {each.name.lower(): viewer.may(each) for each in Permission},
        "letter": href("letter", client.external_id),
    }
    if viewer.may(Permission.SEE_ACCESS):
        found = explain.who_can_open(client, now, now)
        context["answer"] = openers.answer(found, viewer, now)
    heading = client.external_id if who.protected else f"{client.external_id} {who.name}"
    return show(
        request,
        "console/clients/client.html",
        "clients",
        context,
        words=text,
        heading=heading,
        trail=steps(),
    )
