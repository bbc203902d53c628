"""Which phone calls, and who is signed in on it.

House rules: every call needs a known phone unless it says otherwise, and a blocked one
hears nothing else on any call. A token that does not read as one is an unknown one.
"""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from ninja.security import HttpBearer

from nyckelfri import clock
from nyckelfri.server.audit import origins
from nyckelfri.server.people.models import Phone, PhoneState
from nyckelfri.server.phoneapi.errors import ApiError, Code
from nyckelfri.server.phoneapi.schemas import decode
from nyckelfri.server.phones import queries
from nyckelfri.server.phones.models import PersonalSession

SESSION_HEADER = "Nyckelfri-Session"
_TOKEN_BYTES = 32


class Caller(HttpRequest):
    """A request of a known phone."""

    auth: Phone


class DeviceToken(HttpBearer):
    """`Authorization: Bearer` with the device token."""

    def authenticate(self, request: HttpRequest, token: str) -> Phone | None:
        """Give the phone in use; None for an unknown one.

        ApiError, at which a phone empties itself, for one that is blocked, retired or handed on.
        """
        raw = _token(token)
        phone = queries.phone_of(raw) if raw is not None else None
        if phone is None:
            return None
        if phone.state in {PhoneState.BLOCKED, PhoneState.RETIRED}:
            raise ApiError(Code.PHONE_BLOCKED, "The phone is blocked: hand it to your manager")
        if phone.state != PhoneState.ENROLLED:
            raise ApiError(Code.PHONE_BLOCKED, "The phone has changed hands: enrol it with a code")
        origins.narrow(f"phone:{phone.identifier.hex()}", request)
        return phone


def session(request: Caller, now: datetime) -> PersonalSession | None:
    """Give the session that the call is made in; ApiError for one that has ended."""
    header = request.headers.get(SESSION_HEADER)
    if header is None:
        return None
    raw = _token(header)
    found = queries.session_of(raw, request.auth, now) if raw is not None else None
    if found is None:
        raise ApiError(Code.UNKNOWN_SESSION, "You are signed out: sign in again")
    return found


def required_session(request: Caller, now: datetime) -> PersonalSession:
    """Give the session that this call cannot be made without."""
    found = session(request, now)
    if found is None:
        raise ApiError(Code.UNKNOWN_SESSION, "Sign in first")
    return found


def moment() -> datetime:
    """Ask what time it is: once a call, here in the face."""
    return clock.now()


def _token(text: str) -> bytes | None:
    if len(text) > 64:
        return None
    try:
        raw = decode(text)
    except ValueError:
        return None
    return raw if len(raw) == _TOKEN_BYTES else None
