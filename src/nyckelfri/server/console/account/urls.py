"""The addresses of signing in and of one's own account.

House rules: each of allauth's pages that we want is named here, one by one, under the name
that allauth knows it by and for the methods that it needs; what is not named is not there.
"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.views import LogoutView
from django.http import HttpResponseBase
from django.urls import path
from django.views.decorators.http import require_http_methods
from django.views.generic.base import View

from nyckelfri.server.console.account import signing, steps, views


def _form(view: type[View], *methods: str) -> Callable[..., HttpResponseBase]:
    """A view for these methods; Django's forms would take PUT for POST."""
    answers: Callable[..., HttpResponseBase] = require_http_methods(
        list(methods or ("GET", "HEAD", "POST"))
    )(view.as_view())
    return answers


urlpatterns = [
    path("logga-in/", _form(signing.LogIn), name="account_login"),
    path("logga-in/steg-2/", _form(signing.SecondStep), name="mfa_authenticate"),
    path("logga-in/borja-om/", signing.begin_again, name="account_begin_again"),
    path("logga-in/nyckel/", _form(signing.Passkey), name="mfa_login_webauthn"),
    path("logga-in/kommunen/", signing.sign_on, name="openid_connect_login"),
    path(
        "logga-in/kommunen/svar/", signing.signed_on, {"provider_id": "kommunen"},
        name="openid_connect_callback",
    ),
    path("logga-in/nekad/", signing.refused, name="account_refused"),
    path("logga-in/inte-aktiverad/", signing.not_ready, name="account_not_ready"),
    path("logga-ut/", LogoutView.as_view(next_page="account_login"), name="logout"),
    path("aktivera/", views.activate, name="account_activate"),
    path("konto/", views.overview, name="account"),
    path("konto/borja/", views.set_up, name="account_set_up"),
    path("konto/losenord/", views.change_password, name="account_change_password"),
    path("konto/igen/", _form(signing.PasswordAgain), name="account_reauthenticate"),
    path("konto/igen/kod/", _form(signing.CodeAgain), name="mfa_reauthenticate"),
    path("konto/igen/nyckel/", _form(signing.PasskeyAgain), name="mfa_reauthenticate_webauthn"),
    path("konto/app/", _form(steps.AddApp), name="mfa_activate_totp"),
    path("konto/app/ta-bort/", _form(steps.RemoveApp), name="mfa_deactivate_totp"),
    path("konto/nyckel/", _form(steps.AddPasskey), name="mfa_add_webauthn"),
    path(
        "konto/nyckel/<int:pk>/ta-bort/", _form(steps.RemovePasskey),
        name="mfa_remove_webauthn",
    ),
    path("konto/reservkoder/", _form(steps.Codes, "GET", "HEAD"), name="mfa_view_recovery_codes"),
    path("konto/reservkoder/nya/", _form(steps.NewCodes), name="mfa_generate_recovery_codes"),
    path("konto/inloggningar/avsluta/", views.end_sessions, name="account_end_sessions"),
    path("konto/inloggningar/<int:number>/avsluta/", views.end_session, name="account_end_session"),
    path("konto/kod/<str:number>/", views.give_code, name="account_code"),
]  # fmt: skip
