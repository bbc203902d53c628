"""How allauth does things here.

House rules: nobody signs up, no mail is sent, and what people read is ours. Wrong name,
wrong password and somebody who has left look alike and take as long.
"""

from __future__ import annotations

import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth import authenticate
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from nyckelfri import clock
from nyckelfri.server.accounts import limits, sessions, stages, vault
from nyckelfri.server.accounts.sessions import Ended, Worth
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.people.models import Employee, User
from nyckelfri.server.phones.errors import TooManyTriesError
from nyckelfri.server.phones.queries import is_employed

ISSUER = "Nyckelfri hemtjänst"


class AccountAdapter(DefaultAccountAdapter):
    """Signing in, with our counting, our sessions and our audit log."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 -- allauth's form
        """Nobody signs up: people come with the municipality's files."""
        return False

    def add_message(self, *_: Any, **__: Any) -> None:
        """Say nothing in allauth's words."""

    def send_mail(self, *_: Any, **__: Any) -> None:
        """Send nothing: there is no mail here."""

    def get_login_stages(self) -> list[str]:
        """One: the second step."""
        return [f"{stages.__name__}.{stages.SecondStep.__name__}"]

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address of the connection."""
        return limits.address(request) or "0.0.0.0"  # noqa: S104 -- unknown, not a binding

    def is_safe_url(self, url: str) -> bool:
        """Whether an address to go on to lies here."""
        host = context.request.get_host()
        return url_has_allowed_host_and_scheme(
            url, {host}, require_https=context.request.is_secure()
        )

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Check name and password; ValidationError when it has been tried too often."""
        now = clock.now()
        name = str(credentials.get("username", ""))
        try:
            counted = limits.password(name, request, now=now)
        except TooManyTriesError:
            raise self.validation_error("too_many_login_attempts") from None
        user = authenticate(request, username=name, password=str(credentials.get("password")))
        if not isinstance(user, User) or not _works_here(user):
            refused(request, name)
            return None
        counted.forgive()
        return user

    def pre_login(self, request: HttpRequest, user: Any, **_: Any) -> HttpResponse | None:
        """Turn away whoever does not work here, however they have shown who they are."""
        if user.is_active and _works_here(user):
            return None
        refused(request, user.username)
        request.session.flush()
        return redirect(f"{reverse('account_login')}?varfor={Ended.LEFT}")

    def login(self, request: HttpRequest, user: Any) -> None:
        """Begin a session, when every step has been taken."""
        super().login(request, user)
        sessions.begin(request.session, Worth.FULL, time.time())
        _record(Verb.CONSOLE_SIGN_IN, user, way=_way(request))

    def logout(self, request: HttpRequest) -> None:
        """End the session."""
        if isinstance(request.user, User):
            _record(Verb.CONSOLE_SIGN_OUT, request.user)
        super().logout(request)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """The second step for whoever has one; the password alone is not enough then."""
        methods = super().get_reauthentication_methods(user)
        if user.is_authenticated and is_mfa_enabled(user, stages.STEPS):
            return [method for method in methods if method["id"] != "reauthenticate"]
        return methods

    def is_reauthentication_required(self, *, app: str, **_: Any) -> bool:  # noqa: ARG002 -- allauth's form
        """Whoever signed in just now need not show it again."""
        return not sessions.is_fresh(context.request.session, time.time())


class StepAdapter(DefaultMFAAdapter):
    """Second steps, sealed in the database."""

    def encrypt(self, text: str) -> str:
        """Seal a secret."""
        return vault.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Unseal it."""
        return vault.unseal(encrypted_text)

    def get_totp_issuer(self) -> str:
        """What the app on the phone calls us."""
        return ISSUER

    def _get_site_name(self) -> str:
        return ISSUER

    def send_notification_mail(self, *_: Any, **__: Any) -> None:
        """Send nothing."""

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Whether another second step would be left."""
        others = Authenticator.objects.filter(user=authenticator.user, type__in=stages.STEPS)
        return others.exclude(pk=authenticator.pk).exists()


def refused(request: HttpRequest, name: str) -> None:
    """Record that somebody was not let in; what was typed as a name is in no record.

    One row whoever was named, so that the answer takes as long.
    """
    number = (
        Employee.objects.filter(user__username=name.strip())
        .values_list("number", flat=True)
        .first()
    )
    who = f"employee:{number}" if number else "unknown"
    deed = audit.Deed(Verb.CONSOLE_REFUSE, who)
    with transaction.atomic():
        audit.record([deed], actor=f"web:{limits.address(request)}", now=clock.now())


def _works_here(user: User) -> bool:
    employee = Employee.objects.filter(user=user).first()
    return employee is not None and is_employed(employee, clock.now())


def _way(request: HttpRequest) -> str:
    """How the second step was shown, for the audit log."""
    if getattr(request, stages.VOUCHED, None) is not None:
        return "single sign-on"
    records = request.session.get("account_authentication_methods") or [{}]
    return str(records[-1].get("type", "unknown"))


def _record(verb: Verb, user: User, **details: str) -> None:
    number = Employee.objects.values_list("number", flat=True).filter(user=user).first()
    who = f"employee:{number}" if number else f"login:{user.pk}"
    with transaction.atomic():
        audit.record([audit.Deed(verb, who, details=dict(details))], actor=who, now=clock.now())
