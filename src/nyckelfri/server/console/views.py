"""The page to log in on.

House rules: the same answer to every wrong pair.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError

from nyckelfri import clock
from nyckelfri.server.console import shell
from nyckelfri.server.console.texts import text
from nyckelfri.server.phones import tries
from nyckelfri.server.phones.errors import TooManyTriesError
from nyckelfri.server.phones.models import FailedTry


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
