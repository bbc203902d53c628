"""The pages of phones: the list, one phone, what happened to it.

House rules: reads only; changes are in `changes`.
"""

from __future__ import annotations

from typing import Any, Final

from django.http import Http404, HttpResponse
from django.urls import reverse

from nyckelfri.server.access.exposure import exposure
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.audit import looks
from nyckelfri.server.console import keyset, shell
from nyckelfri.server.console.page import PageRequest, page, show
from nyckelfri.server.console.phones import rows
from nyckelfri.server.console.phones.texts import text
from nyckelfri.server.people.models import Phone, PhoneState

MAX_WORDS: Final = 64
_AT_MOST: Final = 100


@page(Permission.SEE_PHONES, "GET", "POST")
def show_list(request: PageRequest) -> HttpResponse:
    """Phones by label; a search is posted, since it may be a name."""
    who = request.viewer
    state = request.GET.get("lage", "")
    words = request.POST.get("q", "").replace("\x00", "").strip()[:MAX_WORDS]
    found = rows.found(who, state, words, request.now)
    part = keyset.part(found, "" if words else keyset.asked(request), size=_AT_MOST)
    may_block = who.may(Permission.BLOCK_PHONE)
    context = {
        "lines": [rows.line(row, request.now, may_block=may_block) for row in part.rows],
        "part": part,
        "words_asked": words,
        "state": state,
        "states": [(each.value, text(f"state_{each.value}")) for each in PhoneState],
        "may_manage": who.may(Permission.MANAGE_PHONES),
        "more_than_shown": bool(words and part.following),
    }
    looks.at_list(request, "phones", len(part.rows), "words" if words else "")
    return show(
        request,
        "console/phones/list.html",
        "phones",
        context,
        words=text,
        piece="console/phones/_rows.html",
    )


@page(Permission.SEE_PHONES)
def show_phone(request: PageRequest, phone: str) -> HttpResponse:
    """One phone: who has it, when it was last heard of, and what it can open."""
    row = found(request, phone)
    who, now = request.viewer, request.now
    context: dict[str, Any] = {
        "phone": rows.line(row, now, may_block=who.may(Permission.BLOCK_PHONE)),
        "row": row,
        "left": rows.left(who, exposure(row, now), now),
        "may_manage": who.may(Permission.MANAGE_PHONES),
        "registered": row.state == PhoneState.REGISTERED,
        "in_use": row.state == PhoneState.ENROLLED,
        "blocked": row.state == PhoneState.BLOCKED,
        "retired": row.state == PhoneState.RETIRED,
        "code_waits": row.enrolment_code_expires and row.enrolment_code_expires > now,
    }
    looks.at(request, f"phone:{phone}")
    return show(
        request,
        "console/phones/page.html",
        "phones",
        context,
        words=text,
        heading=row.label,
        trail=[shell.Step(reverse("phones"), text["phones"])],
    )


@page(Permission.SEE_PHONES)
def show_history(request: PageRequest, phone: str) -> HttpResponse:
    """What happened to a phone, newest first."""
    row = found(request, phone)
    looks.at(request, f"phone:{phone}")
    return show(
        request,
        "console/phones/history.html",
        "phones",
        {"past": rows.history(row)},
        words=text,
        heading=text("history_of", label=row.label),
        trail=trail(row),
    )


def found(request: PageRequest, phone: str) -> Any:
    """The phone with this id, if the viewer may see it; Http404."""
    try:
        key = bytes.fromhex(phone)
    except ValueError:
        raise Http404 from None
    if key.hex() != phone or len(key) != 8:
        raise Http404
    row = rows.with_session(request.viewer.phones(), request.now).filter(identifier=key).first()
    if row is None:
        raise Http404
    return row


def trail(phone: Phone) -> list[shell.Step]:
    """The way back from a page about a phone."""
    own = reverse("phone", args=[phone.identifier.hex()])
    return [shell.Step(reverse("phones"), text["phones"]), shell.Step(own, phone.label)]
