"""What every page of the console begins with: who looks, when, and whether they may.

House rules: a view is made by `page` and nothing else; the moment is asked once, here.
A page needs a log-in and a permission; what it lacks is said on a page of its own, and a
row that the viewer may not see does not exist (404).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import datetime
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from nyckelfri import clock
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.viewers import Viewer, viewer
from nyckelfri.server.console import shell
from nyckelfri.server.people.models import Employee, User
from nyckelfri.server.phones.queries import is_employed

More = ParamSpec("More")


class PageRequest(HttpRequest):
    """A request of somebody who may see the page."""

    viewer: Viewer
    now: datetime


View = Callable[Concatenate[PageRequest, More], HttpResponse]


def page(
    permission: Permission, *methods: str
) -> Callable[[View[More]], Callable[Concatenate[HttpRequest, More], HttpResponse]]:
    """Make a view of `permission` for these methods (GET and HEAD where none is named)."""
    allowed = methods or ("GET", "HEAD")

    def decorate(view: View[More]) -> Callable[Concatenate[HttpRequest, More], HttpResponse]:
        @functools.wraps(view)
        def answer(
            request: HttpRequest, /, *args: More.args, **kwargs: More.kwargs
        ) -> HttpResponse:
            now = clock.now()
            who = _viewer(request, now)
            if who is None or not who.may(permission):
                context = {"viewer": who, **shell.common(request, who, "no_access")}
                return render(request, "console/no_access.html", context, status=403)
            asked: Any = request
            asked.viewer, asked.now = who, now
            return view(asked, *args, **kwargs)

        answer.permission = permission  # type: ignore[attr-defined]
        return require_http_methods(list(allowed))(never_cache(login_required(answer)))

    return decorate


def show(
    request: PageRequest, template: str, title: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Answer with a page; `title` is a key of the words, and names it in the menu."""
    common = shell.common(request, request.viewer, title)
    return render(request, template, {**common, "viewer": request.viewer, **context}, status=status)


def _viewer(request: HttpRequest, now: datetime) -> Viewer | None:
    """Who is logged in; nobody whose employment has not begun or has ended."""
    user = request.user
    if not isinstance(user, User):
        return None
    employee = Employee.objects.select_related("care_team").filter(user=user).first()
    return viewer(employee) if employee is not None and is_employed(employee, now) else None
