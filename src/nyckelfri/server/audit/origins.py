"""From where a deed is done: which screen, phone or terminal.

House rules: the face says it once, around all that it lets happen; actions need not hand it
on, so that none can forget it. Empty means that the server did it by itself. No secret: of
a session the first 8 hex digits of SHA-256 over its key tell sessions apart and open none.
"""

from __future__ import annotations

import getpass
import hashlib
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponseBase

MAX = 128
_current: ContextVar[str] = ContextVar("origin", default="")


def current() -> str:
    """Where what is done now comes from."""
    return _current.get()


@contextmanager
def coming_from(origin: str) -> Iterator[None]:
    """Let everything inside come from `origin`, cut to 128 characters."""
    token = _current.set(origin[:MAX])
    try:
        yield
    finally:
        _current.reset(token)


def narrow(who: str, request: HttpRequest) -> None:
    """Say who it is, once that is known: `phone:<id>`, at the address of the request.

    Counts until the end of the `coming_from` around it, and without one not at all.
    """
    if _current.get():
        _current.set(f"{who} {request.META.get('REMOTE_ADDR') or 'unknown'}"[:MAX])


def terminal() -> str:
    """Give the origin of what is typed here: the account and the machine."""
    try:
        account = getpass.getuser()
    except (KeyError, OSError):
        account = "unknown"
    return f"terminal {account}@{socket.gethostname()}"


def web(request: HttpRequest) -> str:
    """Give the origin of a request: its address and, where there is one, its session.

    The address is that of the connection: behind a proxy, what the proxy is trusted to say.
    """
    address = request.META.get("REMOTE_ADDR") or "unknown"
    session = getattr(request, "session", None)
    key = getattr(session, "session_key", None)
    if not key:
        return f"web {address}"
    return f"web {address} session {hashlib.sha256(key.encode()).hexdigest()[:8]}"


class OriginMiddleware:
    """Everything that a request does comes from that request; stands after the sessions."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and say where it came from."""
        with coming_from(web(request)):
            return self._answer(request)
