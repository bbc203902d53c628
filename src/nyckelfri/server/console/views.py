"""The pages for staff: log in, openings, what is to be reviewed.

House rules: a view asks the time once, checks who looks, and reads; it writes nothing.
A page needs a log-in unless it says otherwise.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe

from nyckelfri import clock
from nyckelfri.care.times import ZONE
from nyckelfri.server.console import openings
from nyckelfri.server.console.openings import Days, Viewer
from nyckelfri.server.console.texts import Words, text
from nyckelfri.server.people.models import Employee, User
from nyckelfri.server.phones import tries
from nyckelfri.server.phones.errors import TooManyTriesError
from nyckelfri.server.phones.models import FailedTry
from nyckelfri.server.visits import queries

PAGE = 100
_STYLE = Path(__file__).parent / "static" / "console.css"


class LogInForm(AuthenticationForm):
    """User name and password; guessing is counted before it is judged."""

    def clean(self) -> dict[str, Any]:
        """Give the cleaned values; ValidationError, the same for every wrong pair."""
        name = str(self.cleaned_data.get("username", "")).casefold()
        address = self.request.META.get("REMOTE_ADDR", "") if self.request else ""
        try:
            counted = tries.count(
                [
                    (FailedTry.Kind.WEB_NAME, f"{name} {address}"),
                    (FailedTry.Kind.ADDRESS, address),
                ],
                now=clock.now(),
            )
        except TooManyTriesError:
            raise ValidationError(text("log_in_too_often")) from None
        try:
            cleaned = super().clean()
        except ValidationError:
            raise ValidationError(text("log_in_wrong")) from None
        counted.forgive()
        return cleaned


class LogIn(LoginView):
    """The page to log in on."""

    template_name = "console/log_in.html"
    authentication_form = LogInForm
    redirect_authenticated_user = True

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        """Add what every page has."""
        return super().get_context_data(**more, **_common("log_in"))


@require_safe
def front(_: HttpRequest) -> HttpResponse:
    """Lead to the page of openings."""
    return redirect("openings")


@require_safe
@never_cache
@login_required
def show_openings(request: HttpRequest) -> HttpResponse:
    """Who opened which door when."""
    who = _viewer(request)
    if who is None:
        return _no_access(request)
    asked = {name: _asked(request, name) for name in ("fran", "till", "kund")}
    today = clock.now().astimezone(ZONE).date()
    problem = ""
    try:
        days = Days.read(asked["fran"], asked["till"], today)
    except ValueError:
        days, problem = Days.read("", "", today), text("wrong_dates")
    pages = Paginator(openings.found(who, days, asked["kund"]), PAGE)
    page = pages.get_page(request.GET.get("sida"))
    context = {
        "lines": openings.lines(list(page.object_list), days),
        "page": page,
        "days": days,
        "client": asked["kund"],
        "problem": problem,
        "whole": who.whole_municipality,
        "to_review": queries.unresolved().count() if who.whole_municipality else 0,
        **_common("openings"),
    }
    return render(request, "console/openings.html", context)


@require_safe
@never_cache
@login_required
def show_review(request: HttpRequest) -> HttpResponse:
    """What came and was not accepted."""
    who = _viewer(request)
    if who is None or not who.whole_municipality:
        return _no_access(request)
    rows = queries.unresolved().select_related("installation__lock_unit", "phone")
    page = Paginator(rows, PAGE).get_page(request.GET.get("sida"))
    context = {
        "lines": openings.kept_lines(page.object_list),
        "page": page,
        "waiting": openings.waiting(),
        "whole": True,
        "to_review": rows.count(),
        **_common("review"),
    }
    return render(request, "console/review.html", context)


@require_safe
@cache_control(public=True, max_age=31_536_000, immutable=True)
def style(_: HttpRequest) -> HttpResponse:
    """The one style sheet; its address changes with it."""
    return HttpResponse(_style(), content_type="text/css; charset=utf-8")


def _asked(request: HttpRequest, name: str) -> str:
    """Give a value of the query, short, and without what a database may not take."""
    return request.GET.get(name, "").replace("\x00", "").strip()[:64]


def _viewer(request: HttpRequest) -> Viewer | None:
    user = request.user
    if not isinstance(user, User):
        return None
    employee = Employee.objects.select_related("care_team").filter(user=user).first()
    return Viewer(None) if user.is_superuser else openings.viewer(employee)


def _no_access(request: HttpRequest) -> HttpResponse:
    return render(request, "console/no_access.html", _common("no_access"), status=403)


def _common(title: str) -> dict[str, Any]:
    heading = text("openings" if title == "no_access" else title)
    return {
        "words": Words(),
        "title": title,
        "heading": heading,
        "style_version": _style_version(),
    }


@cache
def _style() -> bytes:
    return _STYLE.read_bytes()


@cache
def _style_version() -> str:
    return hashlib.sha256(_style()).hexdigest()[:12]
