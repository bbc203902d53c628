"""From what somebody typed to a number: whose openings they want.

House rules: a name is posted, never part of an address; what leads on is a number.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse

from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.console.openings.asked import Asked
from nyckelfri.server.console.openings.texts import text
from nyckelfri.server.console.persons import ShownClient, shown

MOST = 20
"""People to choose among; more means that the words are too few."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One person who fits."""

    number: str
    name: str
    href: str


@dataclass(frozen=True, slots=True)
class Settled:
    """What the words came to: exactly this, or people to choose among, or a problem."""

    asked: Asked
    choices: tuple[Choice, ...] = ()
    problem: str = ""
    more: bool = False
    people: tuple[ShownClient, ...] = ()
    """The clients among the choices."""


@dataclass(frozen=True, slots=True)
class _Fit:
    number: str
    name: str
    client: ShownClient | None = None


def address(asked: Asked) -> str:
    """The address of a page of openings."""
    return f"{reverse('openings')}?{urlencode(asked.as_query())}"


def settle(who: Viewer, asked: Asked, now: datetime) -> Settled:
    """Find the number of the client, then of the employee, that the words mean."""
    for field, people in (("client", _clients), ("employee", _staff)):
        words = getattr(asked, field)
        if not words:
            continue
        fits = people(who, words, now)
        if not fits:
            return Settled(_with(asked, field, ""), problem=text(f"no_such_{field}"))
        exact = [fit for fit in fits if fit.number.casefold() == words.casefold()]
        some = exact or fits
        if len(some) > 1:
            choices = tuple(
                Choice(fit.number, fit.name, address(_with(asked, field, fit.number)))
                for fit in some[:MOST]
            )
            shown_now = tuple(fit.client for fit in some[:MOST] if fit.client)
            return Settled(asked, choices, more=len(some) > MOST, people=shown_now)
        asked = _with(asked, field, some[0].number)
    return Settled(asked)


def _with(asked: Asked, field: str, value: str) -> Asked:
    return replace(asked, client=value) if field == "client" else replace(asked, employee=value)


def _clients(who: Viewer, words: str, now: datetime) -> list[_Fit]:
    rows = who.search(who.clients(now), words).order_by("external_id")
    people = [shown(client, who) for client in rows[: MOST + 1]]
    return [_Fit(one.number, f"{one.name}, {one.address}".strip(", "), one) for one in people]


def _staff(who: Viewer, words: str, _now: datetime) -> list[_Fit]:
    fits = Q(number__iexact=words) | Q(name__icontains=words)
    rows = who.staff().filter(fits).order_by("number").values_list("number", "name")
    return [_Fit(number, name) for number, name in rows[: MOST + 1]]
