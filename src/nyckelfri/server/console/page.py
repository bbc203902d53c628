"""What every page of the console begins with: who looks, when, and whether they may.

House rules: a view is made by `page` and nothing else; the moment is asked once, here.
A page needs a log-in and a permission; what it lacks is said on a page of its own, and a
row that the viewer may not see does not exist (404).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Concatenate, ParamSpec

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.html import format_html
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from nyckelfri import clock
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.viewers import Viewer, viewer
from nyckelfri.server.console import shell
from nyckelfri.server.console.texts import Words, text
from nyckelfri.server.people.models import Employee
from nyckelfri.server.phones.queries import is_employed

More = ParamSpec("More")


class PageRequest(HttpRequest):
    """A request of somebody who may see the page."""

    viewer: Viewer
    now: datetime


View = Callable[Concatenate[PageRequest, More], HttpResponseBase]


def page(
    permission: Permission | None, *methods: str
) -> Callable[[View[More]], Callable[Concatenate[HttpRequest, More], HttpResponseBase]]:
    """Make a view of `permission` for these methods (GET where none is named).

    None is for pages of whoever has business in the console at all.
    """
    asked_for = methods or ("GET",)
    allowed = [*asked_for, "HEAD"] if "GET" in asked_for else [*asked_for]

    def decorate(view: View[More]) -> Callable[Concatenate[HttpRequest, More], HttpResponseBase]:
        @functools.wraps(view)
        def answer(
            request: HttpRequest, /, *args: More.args, **kwargs: More.kwargs
        ) -> HttpResponseBase:
            now = clock.now()
            who = _viewer(request, now)
            if who is None or not (permission is None or who.may(permission)):
                context = {"viewer": who, **shell.common(request, who, "no_access")}
                return render(request, "console/no_access.html", context, status=403)
            asked: Any = request
            asked.viewer, asked.now = who, now
            return view(asked, *args, **kwargs)

        answer.permission, answer.methods = permission, allowed  # type: ignore[attr-defined]
        return require_http_methods(allowed)(never_cache(login_required(answer)))

    return decorate


def show(
    request: PageRequest,
    template: str,
    at: str,
    context: dict[str, Any],
    *,
    words: Words = text,
    heading: str = "",
    trail: Sequence[shell.Step] = (),
    piece: str = "",
    status: int = 200,
) -> HttpResponse:
    """Answer with a page.

    `at` names the entry of the menu that the page lies under, and is the key of its heading
    where `heading` says nothing else. `trail` are the pages above it. `piece` is the template
    that a request by htmx gets instead of the whole page.
    """
    around = shell.common(request, request.viewer, at, words)
    if heading:
        around["heading"] = heading
    whole = {**around, "viewer": request.viewer, "trail": trail, **context}
    alone = piece if piece and _by_htmx(request) else template
    return render(request, alone, whole, status=status)


def done(request: HttpRequest, words: str, *, undo: str = "") -> None:
    """Say on the next page what was done; `undo` is the address where it can be undone."""
    link = format_html(' <a href="{}">{}</a>', undo, text("undo")) if undo else ""
    messages.success(request, format_html("{}{}", words, link))


def not_done(request: HttpRequest, words: str) -> None:
    """Say on the next page why nothing was done, and what to do."""
    messages.error(request, words)


def _by_htmx(request: HttpRequest) -> bool:
    asked: Any = getattr(request, "htmx", None)
    return bool(asked) and not asked.boosted and not asked.history_restore_request


def _viewer(request: HttpRequest, now: datetime) -> Viewer | None:
    """Who is logged in; nobody whose employment has not begun or has ended."""
    employee: Employee | None = getattr(request.user, "employee", None)
    return viewer(employee) if employee is not None and is_employed(employee, now) else None
