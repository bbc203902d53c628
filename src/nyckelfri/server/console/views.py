"""The pages for staff: log in, openings, what is to be reviewed.

House rules: a view asks the time once, checks who looks, and reads; it writes nothing.
A page needs a log-in unless it says otherwise.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from nyckelfri import clock
from nyckelfri.care.times import ZONE
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.console import openings, shell
from nyckelfri.server.console.openings import Days
from nyckelfri.server.console.page import PageRequest, page, show
from nyckelfri.server.console.texts import text
from nyckelfri.server.phones import tries
from nyckelfri.server.phones.errors import TooManyTriesError
from nyckelfri.server.phones.models import FailedTry
from nyckelfri.server.visits import queries

PAGE = 100


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
        return super().get_context_data(**more, **shell.common(self.request, None, "log_in"))


@require_safe
def front(_: HttpRequest) -> HttpResponse:
    """Lead to the page of openings."""
    return redirect("openings")


@page(Permission.SEE_OPENINGS)
def show_openings(request: PageRequest) -> HttpResponse:
    """Who opened which door when."""
    who = request.viewer
    asked = {name: _asked(request, name) for name in ("fran", "till", "kund")}
    today = request.now.astimezone(ZONE).date()
    problem = ""
    try:
        days = Days.read(asked["fran"], asked["till"], today)
    except ValueError:
        days, problem = Days.read("", "", today), text("wrong_dates")
    pages = Paginator(openings.found(who, days, asked["kund"]), PAGE)
    part = pages.get_page(request.GET.get("sida"))
    context = {
        "lines": openings.lines(who, list(part.object_list), days),
        "page": part,
        "days": days,
        "client": asked["kund"],
        "problem": problem,
    }
    return show(request, "console/openings.html", "openings", context)


@page(Permission.REVIEW_DELIVERIES)
def show_review(request: PageRequest) -> HttpResponse:
    """What came and was not accepted."""
    rows = queries.unresolved().select_related("installation__lock_unit", "phone")
    part = Paginator(rows, PAGE).get_page(request.GET.get("sida"))
    context = {
        "lines": openings.kept_lines(part.object_list),
        "page": part,
        "waiting": openings.waiting(),
    }
    return show(request, "console/review.html", "review", context)


@require_safe
@cache_control(public=True, max_age=31_536_000, immutable=True)
def style(_: HttpRequest) -> HttpResponse:
    """The one style sheet; its address changes with it."""
    return HttpResponse(shell.style(), content_type="text/css; charset=utf-8")


def _asked(request: HttpRequest, name: str) -> str:
    """Give a value of the query, short, and without what a database may not take."""
    return request.GET.get(name, "").replace("\x00", "").strip()[:64]
