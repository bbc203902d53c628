"""What is looked at before a request is: its size, and then its form.

House rules: nothing is read that is over its limit; JSON is read strictly, so that two
readers cannot understand the same bytes differently.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn

from django.http import HttpRequest, HttpResponse
from ninja.parser import Parser

from nyckelfri.server.phoneapi.errors import Code, answer
from nyckelfri.server.phoneapi.schemas import MAX_REQUEST

MAX_SMALL = 16 * 1024
"""Bytes of any request but a sync."""
_LARGE = frozenset({"sync"})

_Run = Callable[..., HttpResponse]


def sized(run: _Run) -> _Run:
    """Answer 413 to a request that says it is too long, before anything else is asked."""

    @wraps(run)
    def checked(request: HttpRequest, **arguments: Any) -> HttpResponse:
        large = request.path.rsplit("/", 1)[-1] in _LARGE
        most = MAX_REQUEST if large else MAX_SMALL
        try:
            length = int(request.headers.get("Content-Length") or 0)
        except ValueError:
            return answer(Code.MALFORMED, "Content-Length must be a number")
        if length > most:
            return answer(Code.TOO_LARGE, f"Send at most {most} bytes in one request")
        response = run(request, **arguments)
        # Grants and radio keys: nobody on the way may keep a copy.
        response.headers["Cache-Control"] = "no-store"
        return response

    return checked


class StrictParser(Parser):
    """JSON as RFC 8259 means it: one object in UTF-8, each key once, no NaN."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """Give the object in the body; ValueError for anything else."""
        return strict_object(request.body)


def strict_object(body: bytes) -> dict[str, Any]:
    """Read one JSON object; ValueError for anything else."""
    try:
        found = json.loads(
            body.decode("utf-8"), object_pairs_hook=_each_once, parse_constant=_no_constant
        )
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not isinstance(found, dict):
        raise ValueError("not an object")  # noqa: TRY004 -- one error for every wrong form
    return found


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
