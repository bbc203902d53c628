"""The pages of one's own account, and the one on which a manager gives somebody a code.

House rules: changes are made by `accounts.actions`; a code is on one page, once.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth import login, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.sessions.backends.db import SessionStore
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nyckelfri import clock
from nyckelfri.server.access import permissions
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.accounts import actions, limits, sessions
from nyckelfri.server.accounts.adapters import refused
from nyckelfri.server.accounts.errors import AccountError, CodeError, WeakPasswordError
from nyckelfri.server.accounts.sessions import Worth
from nyckelfri.server.audit import looks
from nyckelfri.server.console.account.base import around, me, user_of
from nyckelfri.server.console.account.forms import Activate, ChangePassword, GiveCode
from nyckelfri.server.console.account.texts import text
from nyckelfri.server.console.page import PageRequest, done, page, show
from nyckelfri.server.people.models import Employee
from nyckelfri.server.phones.errors import TooManyTriesError
from nyckelfri.server.phones.queries import is_employed


@require_safe
@never_cache
@login_required
def overview(request: HttpRequest) -> HttpResponse:
    """One's own account."""
    user = user_of(request)
    mine = list(Authenticator.objects.filter(user=user).order_by("pk"))
    codes = next((row for row in mine if row.type == Authenticator.Type.RECOVERY_CODES), None)
    context = {
        **around(request, "account"),
        "employee": me(request),
        "role": text[f"role_{me(request).role}"],
        "app": next((row for row in mine if row.type == Authenticator.Type.TOTP), None),
        "passkeys": [row for row in mine if row.type == Authenticator.Type.WEBAUTHN],
        "codes_left": len(codes.wrap().get_unused_codes()) if codes else 0,
        "sessions": _sessions(request),
    }
    return render(request, "console/account/overview.html", context)


@require_safe
@never_cache
@login_required
def set_up(request: HttpRequest) -> HttpResponse:
    """Choose a first second step."""
    if sessions.worth(request.session) is Worth.FULL:
        return redirect("account")
    return render(request, "console/account/set_up.html", around(request, "set_up"))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters()
def activate(request: HttpRequest) -> HttpResponse:
    """Make an account one's own, by a manager's code."""
    form = Activate(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        answer = _activated(request, form)
        if answer is not None:
            return answer
    context = {**around(request, "activate"), "form": form}
    return render(
        request, "console/account/activate.html", context, status=422 if form.errors else 200
    )


def _activated(request: HttpRequest, form: Activate) -> HttpResponse | None:
    now, said = clock.now(), form.cleaned_data
    try:
        counted = limits.activation(said["username"], request, now=now)
        user, code = actions.activate(said["username"], said["code"], said["new"], now=now)
    except TooManyTriesError:
        form.add_error(None, text("too_often"))
        return None
    except CodeError:
        refused(request, said["username"])
        form.add_error(None, text("activation_wrong"))
        return None
    except WeakPasswordError as weak:
        counted.forgive()
        form.weak(weak.problems)
        return None
    counted.forgive()
    if not permissions.of(code.employee.role, whole_municipality=True):
        return redirect(f"{reverse('account_login')}?varfor=aktiverad")
    login(request, user)
    sessions.begin(request.session, Worth.SETTING_UP, time.time(), activation=code.pk)
    return redirect("account_set_up")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters()
@login_required
def change_password(request: HttpRequest) -> HttpResponse:
    """A new password, by the old one."""
    form = ChangePassword(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _changed(request, form):
        done(request, text("password_changed"))
        return redirect("account")
    context = {**around(request, "change_password"), "form": form}
    return render(
        request, "console/account/change_password.html", context, status=422 if form.errors else 200
    )


def _changed(request: HttpRequest, form: ChangePassword) -> bool:
    user, now, said = user_of(request), clock.now(), form.cleaned_data
    try:
        counted = limits.password(user.username, request, now=now)
    except TooManyTriesError:
        form.add_error(None, text("too_often"))
        return False
    if not user.check_password(said["old"]):
        refused(request, user.username)
        form.add_error("old", text("password_wrong"))
        return False
    counted.forgive()
    try:
        changed = actions.change_password(me(request), said["new"], now=now)
    except WeakPasswordError as weak:
        form.weak(weak.problems)
        return False
    # This browser goes on, under a new key; everybody else's session is gone.
    update_session_auth_hash(request, changed)
    request.user = changed
    UserSession.objects.create_from_request(request)
    return True


@require_POST
@login_required
def end_session(request: HttpRequest, number: int) -> HttpResponse:
    """End one of one's own sessions."""
    who = me(request)
    if not actions.end_session(who, number, actor=f"employee:{who.number}", now=clock.now()):
        raise Http404
    return redirect("account")


@require_POST
@login_required
def end_sessions(request: HttpRequest) -> HttpResponse:
    """End all of one's own sessions but this."""
    who, here = me(request), str(request.session.session_key)
    ended = actions.end_sessions(who, but=here, actor=f"employee:{who.number}", now=clock.now())
    done(request, text("sessions_ended", count=ended))
    return redirect("account")


@page(Permission.MANAGE_STAFF, "GET", "POST")
def give_code(request: PageRequest, number: str) -> HttpResponse:
    """Give somebody a code with which they make their account their own."""
    employee = get_object_or_404(request.viewer.staff().select_related("user"), number=number)
    form = GiveCode(request.POST if request.method == "POST" else None)
    problem = _why_not(request, employee)
    if request.method == "POST" and not problem and form.is_valid():
        return _code_given(request, employee, form.cleaned_data)
    looks.at(request, f"employee:{employee.number}", why="account_code")
    active = employee.user is not None and employee.user.has_usable_password()
    context = {
        "form": form,
        "employee": employee,
        "effect": text(f"give_code_{'again' if active else 'new'}", number=number),
        "problem": problem,
        "active": active,
    }
    return show(
        request, "console/account/give_code.html", "staff", context,
        words=text, heading=text("give_code"), status=422 if form.errors else 200,
    )  # fmt: skip


def _why_not(request: PageRequest, employee: Employee) -> str:
    if employee == request.viewer.employee:
        return text("give_code_self")
    return "" if is_employed(employee, request.now) else text("give_code_left")


def _code_given(request: PageRequest, employee: Employee, said: dict[str, Any]) -> HttpResponse:
    who, now = request.viewer.actor, request.now
    try:
        if said["stop"]:
            code = actions.begin_anew(employee, reason=said["why"], actor=who, now=now)
        else:
            code = actions.invite(employee, actor=who, now=now)
    except AccountError:
        raise Http404 from None
    employee.refresh_from_db()
    until = localtime(now + actions.LIFETIME).strftime("%Y-%m-%d %H:%M")
    context = {
        "code": actions.show(code),
        "lead": text("give_code_done_lead", until=until),
        "username": employee.user.username if employee.user else "",
        "where": request.build_absolute_uri(reverse("account_activate")),
    }
    heading = text("give_code_done", number=employee.number)
    return show(request, "console/account/code.html", "staff", context, words=text, heading=heading)


def _sessions(request: HttpRequest) -> list[dict[str, Any]]:
    """One's own sessions that live, the newest first."""
    found = []
    for row in UserSession.objects.filter(user=user_of(request)).order_by("-pk")[:20]:
        data = SessionStore(row.session_key)
        times = sessions.times(data)
        if times is None or sessions.ended(data, time.time()) is not None:
            continue
        opened, seen = (datetime.fromtimestamp(at, UTC) for at in times)
        found.append(
            {
                "number": row.pk,
                "opened": opened,
                "seen": seen,
                "where": row.ip,
                "agent": row.user_agent[:120],
                "here": row.session_key == request.session.session_key,
            }
        )
    return found
