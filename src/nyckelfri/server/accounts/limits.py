"""Who may try how often, for everything that can be guessed at in a browser.

House rules: one place, and it counts where phones count (`phones.tries`); allauth's own
limits live in one process's memory and are switched off.
"""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest

from nyckelfri.server.people.models import User
from nyckelfri.server.phones import tries
from nyckelfri.server.phones.models import FailedTry
from nyckelfri.server.phones.tries import Tries

_Kind = FailedTry.Kind


def address(request: HttpRequest | None) -> str:
    """The network address that a request comes from."""
    return str(request.META.get("REMOTE_ADDR", "")) if request is not None else ""


def password(name: str, request: HttpRequest | None, *, now: datetime) -> Tries:
    """Count a try with user name and password; TooManyTriesError."""
    where = address(request)
    return tries.count(
        [(_Kind.WEB_NAME, f"{name.strip().casefold()} {where}"), (_Kind.ADDRESS, where)], now=now
    )


def second_step(user: User, *, now: datetime) -> Tries:
    """Count a try with a one-time or recovery code; TooManyTriesError."""
    return tries.count([(_Kind.STEP, str(user.pk)), (_Kind.STEP_DAY, str(user.pk))], now=now)


def passkey(request: HttpRequest, *, now: datetime) -> Tries:
    """Count a try with a passkey alone; TooManyTriesError."""
    return tries.count([(_Kind.ADDRESS, address(request))], now=now)


def activation(name: str, request: HttpRequest | None, *, now: datetime) -> Tries:
    """Count a try with an activation code; TooManyTriesError."""
    return tries.count(
        [
            (_Kind.ACTIVATION, name.strip().casefold()),
            (_Kind.ADDRESS, address(request)),
        ],
        now=now,
    )
