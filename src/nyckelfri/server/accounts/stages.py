"""What stands between a password and a session.

House rules: nobody gets past without a second step. Who has none is not asked to make one
on the strength of a password: that takes a code from a manager (`actions.invite`).
"""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpResponseBase
from django.shortcuts import redirect

VOUCHED = "nyckelfri_vouched"
"""Set on a request in which the single sign-on has vouched for a second step."""
STEPS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class SecondStep(AuthenticateStage):
    """Ask for the second step, unless a passkey or the single sign-on has shown it."""

    def handle(self) -> tuple[HttpResponseBase | None, bool]:
        """Give the page to go to, None to go on; and whether the log-in lives."""
        request: Any = self.request
        user = self.login.user
        if user is not None and getattr(request, VOUCHED, None) == user.pk:
            return None, True
        if user is None or not is_mfa_enabled(user, STEPS):
            return redirect("account_not_ready"), False
        response, goes_on = super().handle()
        return response, goes_on
