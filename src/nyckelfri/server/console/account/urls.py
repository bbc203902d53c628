"""The addresses of signing in and of one's own account.

House rules: each of allauth's pages that we want is named here, one by one, under the name
that allauth knows it by; what is not named is not there.
"""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import path

from nyckelfri.server.console.account import signing, steps, views

urlpatterns = [
    path("logga-in/", signing.LogIn.as_view(), name="account_login"),
    path("logga-in/steg-2/", signing.SecondStep.as_view(), name="mfa_authenticate"),
    path("logga-in/borja-om/", signing.begin_again, name="account_begin_again"),
    path("logga-in/nyckel/", signing.Passkey.as_view(), name="mfa_login_webauthn"),
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
    path("konto/igen/", signing.PasswordAgain.as_view(), name="account_reauthenticate"),
    path("konto/igen/kod/", signing.CodeAgain.as_view(), name="mfa_reauthenticate"),
    path("konto/igen/nyckel/", signing.PasskeyAgain.as_view(), name="mfa_reauthenticate_webauthn"),
    path("konto/app/", steps.AddApp.as_view(), name="mfa_activate_totp"),
    path("konto/app/ta-bort/", steps.RemoveApp.as_view(), name="mfa_deactivate_totp"),
    path("konto/nyckel/", steps.AddPasskey.as_view(), name="mfa_add_webauthn"),
    path(
        "konto/nyckel/<int:pk>/ta-bort/", steps.RemovePasskey.as_view(),
        name="mfa_remove_webauthn",
    ),
    path("konto/reservkoder/", steps.Codes.as_view(), name="mfa_view_recovery_codes"),
    path("konto/reservkoder/nya/", steps.NewCodes.as_view(), name="mfa_generate_recovery_codes"),
    path("konto/inloggningar/avsluta/", views.end_sessions, name="account_end_sessions"),
    path("konto/inloggningar/<int:number>/avsluta/", views.end_session, name="account_end_session"),
    path("konto/kod/<str:number>/", views.give_code, name="account_code"),
]  # fmt: skip
