"""The pages on which somebody signs in: password, second step, passkey, single sign-on.

House rules: allauth's views in our clothes. What comes from a provider may be anything:
whatever cannot be read is one and the same refusal.
"""

from __future__ import annotations

from typing import Any

from allauth.account.internal.stagekit import clear_login
from allauth.account.views import LoginView, ReauthenticateView
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.base.views import ReauthenticateView as CodeAgainView
from allauth.mfa.webauthn.views import LoginWebAuthnView, ReauthenticateWebAuthnView
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe
from requests import RequestException

from nyckelfri import clock
from nyckelfri.server.accounts import limits, sso
from nyckelfri.server.accounts.sessions import Ended
from nyckelfri.server.accounts.sso import Refused
from nyckelfri.server.console.account.base import OurPage, around
from nyckelfri.server.console.account.texts import text
from nyckelfri.server.phones.errors import TooManyTriesError

_UNREADABLE = (OAuth2Error, RequestException, KeyError, TypeError, ValueError)
"""What the reading of a provider's answer ends in."""
_TOLD = frozenset({*(each.value for each in Ended), "nyckel", "aktiverad"})


@method_decorator(sensitive_post_parameters(), name="dispatch")
class LogIn(OurPage, LoginView):
    """User name and password, and the other ways in."""

    heading = "log_in"
    template_name = "console/account/log_in.html"
    labels = {"login": ("user_name", ""), "password": ("password", "")}  # noqa: RUF012 -- declared once

    def get_form(self, form_class: Any = None) -> Any:
        """Bounds on what is typed."""
        form: Any = super().get_form(form_class)  # type: ignore[no-untyped-call]  # allauth's
        form.fields["login"].widget.attrs |= {"autocapitalize": "none", "maxlength": 150}
        form.fields["password"].help_text = ""
        form.fields["password"].widget.attrs |= {"maxlength": 256}
        form.fields["password"].max_length = 256
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say why somebody was logged out."""
        why = self.request.GET.get("varfor", "")
        return {
            **super().get_context_data(**kwargs),
            "told": text[f"ended_{why}"] if why in _TOLD else "",
            "next": self.request.POST.get("next") or self.request.GET.get("next", ""),
            "single_sign_on": sso.chosen() is not None,
        }


class SecondStep(OurPage, AuthenticateView):
    """The code of an app, a recovery code, or a passkey."""

    heading = "second_step"
    template_name = "console/account/second_step.html"
    labels = {"code": ("code", "code_hint")}  # noqa: RUF012 -- declared once

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Which ways this person has."""
        found = super().get_context_data(**kwargs)
        credentials = found["js_data"]["request_options"]["publicKey"]
        passkeys = bool(dict(credentials).get("allowCredentials"))
        wrong = self.request.method == "POST" and "code" not in self.request.POST
        return {**found, "passkeys": passkeys, "problem": text("passkey_wrong") if wrong else ""}


class Passkey(LoginWebAuthnView):
    """A passkey alone: the browser's authenticator has asked for fingerprint or PIN."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Judge it."""
        try:
            counted = limits.passkey(request, now=clock.now())
        except TooManyTriesError:
            return self.form_invalid(None)
        answer: HttpResponse = super().post(request, *args, **kwargs)
        if request.user.is_authenticated:
            counted.forgive()
        return answer

    def form_invalid(self, form: Any) -> HttpResponse:  # noqa: ARG002 -- Django's form
        """Back to the other ways."""
        return redirect(f"{reverse('account_login')}?varfor=nyckel")


class _Again(OurPage):
    heading = "again"
    template_name = "console/account/again.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Where to go on to, and the other ways."""
        found = super().get_context_data(**kwargs)
        asked = self.request.POST.get("next") or self.request.GET.get("next", "")
        return {**found, "next": asked, "passkeys": "js_data" in found}


@method_decorator(sensitive_post_parameters(), name="dispatch")
class PasswordAgain(_Again, ReauthenticateView):
    """The password once more, before a second step is set up."""

    labels = {"password": ("password", "")}  # noqa: RUF012 -- declared once


class CodeAgain(_Again, CodeAgainView):
    """A code once more."""

    labels = {"code": ("code", "code_hint")}  # noqa: RUF012 -- declared once


class PasskeyAgain(_Again, ReauthenticateWebAuthnView):
    """The passkey once more."""

    def form_invalid(self, form: Any) -> HttpResponse:  # noqa: ARG002 -- Django's form
        """Ask anew."""
        return redirect(self.request.get_full_path())


class _Back(OAuth2CallbackView):
    """Comes once without a cookie, since the step from elsewhere carries none (SameSite=Strict)."""

    def _redirect_strict_samesite(self, request: HttpRequest, provider: Any) -> HttpResponse | None:  # noqa: ARG002 -- allauth's form
        if "_redir" in request.GET:
            return None
        again = f"{request.path}?{request.GET.urlencode()}&_redir="
        context = {**around(request, "moving_on"), "again": again}
        return render(request, "console/account/moving_on.html", context)


@require_safe
@never_cache
def sign_on(request: HttpRequest) -> HttpResponse:
    """Send somebody to the municipality's own log-in."""
    try:
        provider = sso.SignOnAdapter(request).get_provider(request, sso.PROVIDER)
        wanted = request.GET.get("next", "")
        ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()})
        answer: HttpResponse = provider.redirect(
            request, process="login", next_url=wanted if ours else None
        )
    except SocialApp.DoesNotExist:
        raise Http404 from None
    except _UNREADABLE:
        return _not_trusted()
    return answer


@require_safe
@never_cache
def signed_on(request: HttpRequest, provider_id: str) -> HttpResponse:  # noqa: ARG001 -- its name for allauth
    """Somebody comes back from the municipality's own log-in."""
    if sso.chosen() is None:
        raise Http404
    try:
        talk = sso.Conversation(request, sso.PROVIDER)
        back: Any = _Back
        answer: HttpResponse = back.adapter_view(talk)(request)
    except _UNREADABLE:
        return _not_trusted()
    return answer


@require_safe
@never_cache
def refused(request: HttpRequest) -> HttpResponse:
    """Why the municipality's log-in let nobody in, and what to do."""
    why = request.GET.get("varfor", "")
    known = why in {each.value for each in Refused}
    told = text[f"refused_{why}"] if known else text("refused_fel")
    context = {**around(request, "refused"), "told": told}
    return render(request, "console/account/refused.html", context, status=403)


@require_safe
@never_cache
def not_ready(request: HttpRequest) -> HttpResponse:
    """The password was right, but there is no second step."""
    context = around(request, "not_ready")
    return render(request, "console/account/not_ready.html", context, status=403)


@require_POST
def begin_again(request: HttpRequest) -> HttpResponse:
    """Leave the second step, and back to the first."""
    clear_login(request)
    return redirect("account_login")


def _not_trusted() -> HttpResponse:
    return redirect(f"{reverse('account_refused')}?varfor={Refused.NOT_TRUSTED.value}")
