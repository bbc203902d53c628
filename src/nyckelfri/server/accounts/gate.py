"""What every request of somebody logged in passes, before any page is made.

House rules: what is not let through is turned away, so a page that forgets to ask is
still closed. Nothing here is asked of whoever is not logged in: pages ask for a log-in.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from nyckelfri import clock
from nyckelfri.server.accounts import sessions
from nyckelfri.server.accounts.models import Activation
from nyckelfri.server.accounts.sessions import Ended, Worth
from nyckelfri.server.people.models import Employee
from nyckelfri.server.phones.queries import is_employed

OPEN: Final = frozenset({"logout", "set_language"})
"""What whoever is logged in may always do."""
PHONE_APP: Final = frozenset({"app", "app_label", "app_worker", "app_manifest", "app_file"})
"""Files with nothing of anybody in them: whose browser it is, is not even asked."""
PUBLIC: Final = frozenset(
    {
        "account_login", "account_activate", "account_refused", "account_not_ready",
        "mfa_authenticate", "mfa_login_webauthn", "openid_connect_login",
        "openid_connect_callback",
    }
)  # fmt: skip
"""What somebody whose session has ended goes on to as anybody else would."""
SETTING_UP: Final = OPEN | {
    "account_set_up", "mfa_activate_totp", "mfa_add_webauthn", "account_reauthenticate",
}  # fmt: skip
"""All that a session opens which has no second step yet."""


class Gate:
    """Ends sessions, and keeps whoever has no second step to the pages where they get one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer."""
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        """Turn the request away, or let it through with `request.employee` set."""
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in PHONE_APP:
            return None
        user = request.user
        if not user.is_authenticated or name in OPEN:
            return None
        employee = getattr(user, "employee", None)  # read with the user
        why = _over(request, employee)
        if why is not None or employee is None:
            logout(request)
            return None if name in PUBLIC else _to_log_in(request, why or Ended.LEFT)
        request.employee = employee  # type: ignore[attr-defined]
        if sessions.worth(request.session) is Worth.SETTING_UP and name not in SETTING_UP:
            return redirect("account_set_up")
        sessions.note(request.session, time.time())
        return None


def _over(request: HttpRequest, employee: Employee | None) -> Ended | None:
    now = clock.now()
    if employee is None or not is_employed(employee, now):
        return Ended.LEFT
    code = sessions.activation(request.session)
    if code and not Activation.objects.filter(pk=code, closed_at=None, until__gt=now).exists():
        return Ended.DAY
    return sessions.ended(request.session, time.time())


def _to_log_in(request: HttpRequest, why: Ended) -> HttpResponse:
    asked = {"varfor": why.value}
    if request.method == "GET" and "HX-Request" not in request.headers:
        asked["next"] = request.get_full_path()
    address = f"{reverse('account_login')}?{urlencode(asked)}"
    if "HX-Request" in request.headers:
        # htmx would put the log-in page into a corner of this one.
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)
