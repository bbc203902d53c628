"""The app's files over HTTP.

House rules: open to everybody, since there is nothing of anybody in them; no session is
asked for and no cookie set.
"""

from __future__ import annotations

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from nyckelfri.server.phoneapp import files
from nyckelfri.server.phoneapp.files import File

_A_YEAR: Final = "public, max-age=31536000, immutable"
_ASK: Final = "no-cache"


@require_safe
def shell(request: HttpRequest, label: str = "") -> HttpResponse:  # noqa: ARG001 -- read by the app
    """The page that the app is; the same where a label has led to it."""
    return _answer(request, files.app().shell, _ASK)


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, which names every file of the newest version."""
    return _answer(request, files.app().worker, _ASK)


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What the phone's home screen shows."""
    return _answer(request, files.app().manifest, _ASK)


@require_safe
def file(request: HttpRequest, version: str, path: str) -> HttpResponse:
    """A file of this version; 404 for another version, which only its own phones have."""
    app = files.app()
    found = app.files.get(path) if version == app.version else None
    if found is None:
        raise Http404
    return _answer(request, found, _A_YEAR)


def _answer(request: HttpRequest, what: File, keep: str) -> HttpResponse:
    packs = what.packed is not None and "gzip" in request.headers.get("Accept-Encoding", "")
    body = what.packed if packs and what.packed is not None else what.content
    response = HttpResponse(body, content_type=what.content_type)
    response.headers["Cache-Control"] = keep
    if what.packed is not None:
        response.headers["Vary"] = "Accept-Encoding"
    if packs:
        response.headers["Content-Encoding"] = "gzip"
    return response
