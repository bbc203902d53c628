"""Where a request comes from, when proxies stand before the server.

House rules: without the setting nobody is believed; with it, exactly as many as are said to
stand there. Whatever somebody sends in the header themselves stands further to the left.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

_HEADER = "HTTP_X_FORWARDED_FOR"


class ProxyMiddleware:
    """Puts the address that the outermost trusted proxy saw in the place of the proxy's."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, knowing where it came from."""
        seen = address(request.META.get(_HEADER, ""), settings.PROXIES)
        if seen is not None:
            request.META["REMOTE_ADDR"] = seen
        return self._answer(request)


def address(header: str, proxies: int) -> str | None:
    """The address that `proxies` proxies vouch for; None if there is none to be had."""
    named = header.split(",")
    if proxies < 1 or len(named) < proxies:
        return None
    try:
        return str(ipaddress.ip_address(named[-proxies].strip()))
    except ValueError:
        return None
