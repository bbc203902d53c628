"""The pages on which somebody gets, changes and loses second steps.

House rules: allauth's views in our clothes; each asks again who it is, unless that was shown
just now. The only second step cannot be removed.
"""

from __future__ import annotations

import time
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView, RemoveWebAuthnView
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.generic.edit import FormMixin

from nyckelfri import clock
from nyckelfri.server.accounts import actions_steps, sessions
from nyckelfri.server.accounts.sessions import Worth
from nyckelfri.server.console.account.base import OurPage, me, user_of
from nyckelfri.server.console.account.texts import text
from nyckelfri.server.console.page import done, not_done


class _Then(OurPage):
    def get_success_url(self) -> str:
        """Show new recovery codes, or go back to the account."""
        made = getattr(self, "did_generate_recovery_codes", False)
        return reverse("mfa_view_recovery_codes" if made else "account")


class _Adds(_Then, FormMixin[Any]):
    kind: Authenticator.Type = Authenticator.Type.TOTP

    def form_valid(self, form: Any) -> HttpResponse:
        """Add it; a session that was only for this is now a whole one."""
        with transaction.atomic():
            answer: HttpResponse = super().form_valid(form)
            actions_steps.added(me(self.request), self.kind.value, now=clock.now())
        if sessions.worth(self.request.session) is Worth.SETTING_UP:
            self.request.session.cycle_key()
            sessions.begin(self.request.session, Worth.FULL, time.time())
            UserSession.objects.create_from_request(self.request)
        return answer


class AddApp(_Adds, ActivateTOTPView):
    """Connect an app that shows codes."""

    heading = "add_app"
    template_name = "console/account/add_app.html"
    labels = {"code": ("code", "")}  # noqa: RUF012 -- declared once

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The secret to type by hand, in fours."""
        found = super().get_context_data(**kwargs)
        secret = found["form"].secret
        parts = [secret[start : start + 4] for start in range(0, len(secret), 4)]
        return {**found, "secret": " ".join(parts)}


class RemoveApp(_Then, DeactivateTOTPView):
    """Disconnect it."""

    heading = "remove_app"
    template_name = "console/account/remove.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What it does."""
        found = super().get_context_data(**kwargs)
        only = not get_adapter().can_delete_authenticator(self.authenticator)
        return {**found, "effect": text("remove_app_lead"), "only": only}

    def form_valid(self, form: Any) -> HttpResponse:
        """Disconnect it."""
        with transaction.atomic():
            answer: HttpResponse = super().form_valid(form)
            actions_steps.removed(me(self.request), Authenticator.Type.TOTP, now=clock.now())
        done(self.request, text("removed"))
        return answer


class AddPasskey(_Adds, AddWebAuthnView):
    """Make a passkey, which is good for signing in by itself."""

    kind = Authenticator.Type.WEBAUTHN
    heading = "add_passkey"
    template_name = "console/account/add_passkey.html"
    labels = {"name": ("passkey_name", "")}  # noqa: RUF012 -- declared once

    def get_form(self, form_class: Any = None) -> Any:
        """Offer a name; always a passkey that knows its owner."""
        form = super().get_form(form_class)
        mine = Authenticator.objects.filter(
            user=user_of(self.request), type=Authenticator.Type.WEBAUTHN
        )
        form.fields["name"].initial = form.initial["name"] = text(
            "my_passkey", number=mine.count() + 1
        )
        form.fields["name"].max_length = 60
        form.fields["name"].widget.attrs |= {"maxlength": 60, "autocomplete": "off"}
        return form


class RemovePasskey(_Then, RemoveWebAuthnView):
    """Remove one."""

    heading = "remove_passkey"
    template_name = "console/account/remove.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What it does."""
        found = super().get_context_data(**kwargs)
        name = str(self.object)
        only = not get_adapter().can_delete_authenticator(self.object)
        return {**found, "effect": text("remove_passkey_lead", name=name), "only": only}

    def form_valid(self, form: Any) -> HttpResponse:
        """Unless it is the only one."""
        if not get_adapter().can_delete_authenticator(self.get_object()):
            not_done(self.request, text("last_step"))
            return redirect("account")
        with transaction.atomic():
            answer: HttpResponse = super().form_valid(form)
            actions_steps.removed(me(self.request), Authenticator.Type.WEBAUTHN, now=clock.now())
        done(self.request, text("removed"))
        return answer


class Codes(OurPage, ViewRecoveryCodesView):
    """The recovery codes, once."""

    heading = "recovery_codes"
    template_name = "console/account/codes.html"


class NewCodes(_Then, GenerateRecoveryCodesView):
    """Make new ones."""

    heading = "recovery_make"
    template_name = "console/account/new_codes.html"

    def get_success_url(self) -> str:
        """Show them."""
        return reverse("mfa_view_recovery_codes")

    def form_valid(self, form: Any) -> HttpResponse:
        """Make them."""
        with transaction.atomic():
            answer: HttpResponse = super().form_valid(form)
            actions_steps.codes_made(me(self.request), now=clock.now())
        return answer
