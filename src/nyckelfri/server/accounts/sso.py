"""Single sign-on: OpenID Connect with the municipality's own provider.

House rules: it finds people and never makes any: who is let in has an employment that runs
and an account. The provider's word is checked whole: its name, its signature, whom it
speaks to, when it ends, and that every part is of one person (OpenID Connect Core 3.1.3.7
and 5.3.2). No token and nothing else that it says of a person is kept.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NoReturn

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.base.constants import AuthError
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from requests import RequestException, Session

from nyckelfri import clock
from nyckelfri.server.accounts import stages
from nyckelfri.server.accounts.choices import SingleSignOn
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.people.models import Employee, User
from nyckelfri.server.phones.queries import is_employed

PROVIDER = "kommunen"
"""What the provider is called in addresses and in the table of links."""
SECONDS = 10


class Refused(StrEnum):
    """Why nobody was let in; the word in the address of the page that says so."""

    CANCELLED = "avbruten"
    TOO_LATE = "for-sent"
    NOT_TRUSTED = "fel"
    NOBODY = "okand"
    NOT_EMPLOYED = "anstallning"
    NO_ACCOUNT = "konto"
    OTHER_LINK = "koppling"


def chosen() -> SingleSignOn | None:
    """What the municipality has chosen."""
    found: SingleSignOn | None = settings.SINGLE_SIGN_ON
    return found


class Conversation(OpenIDConnectOAuth2Adapter):
    """What is said between the server and the provider."""

    @property
    def openid_config(self) -> dict[str, Any]:
        """The provider's own description; OAuth2Error when it calls itself something else."""
        try:
            found: dict[str, Any] = super().openid_config
        except ValueError:
            raise OAuth2Error("The provider's description cannot be read") from None
        choice = chosen()
        if choice is None or found.get("issuer") != choice.issuer:
            raise OAuth2Error("The provider calls itself something else: check the issuer")
        return found

    def complete_login(
        self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any
    ) -> SocialLogin:
        """Give who the provider says it is; OAuth2Error for anything not whole."""
        try:
            encoded = kwargs["response"]["id_token"]
            said = self._decode_id_token(app, encoded)
            more = self._fetch_user_info(token.token)
        except (KeyError, TypeError, ValueError, RequestException) as error:
            raise OAuth2Error("The provider's answer cannot be used") from error
        if not said.get("sub") or more.get("sub") != said["sub"]:
            raise OAuth2Error("The provider's answers are of two people")
        provider: Provider = self.get_provider()  # type: ignore[no-untyped-call]  # allauth's
        login: SocialLogin = provider.sociallogin_from_response(
            request, {"id_token": said, "userinfo": more}
        )
        return login

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        found: dict[str, Any] = jwtkit.verify_and_decode(
            credential=id_token,
            keys_url=self.openid_config["jwks_uri"],
            issuer=self.openid_config["issuer"],
            audience=app.client_id,
            lookup_kid=jwtkit.lookup_kid_jwk,
        )
        return found


class Provider(OpenIDConnectProvider):
    """The municipality's provider, always with PKCE (RFC 7636)."""

    oauth2_adapter_class = Conversation
    pkce_enabled_default = True

    def get_auth_params(self) -> dict[str, str]:
        """Ask for the second step where the provider is trusted with it."""
        choice = chosen()
        wanted = sorted(choice.second_step) if choice else []
        return {"acr_values": " ".join(wanted)} if wanted else {}

    def get_default_scope(self) -> list[str]:
        """What is asked for."""
        choice = chosen()
        return list(choice.scopes) if choice else ["openid"]


class SignOnAdapter(DefaultSocialAccountAdapter):
    """Whom a provider's word lets in."""

    def list_apps(
        self,
        request: HttpRequest,  # noqa: ARG002 -- allauth's form
        provider: str | None = None,
        client_id: str | None = None,  # noqa: ARG002 -- the same
    ) -> list[SocialApp]:
        """The one that is chosen; none from the database."""
        choice = chosen()
        if choice is None or provider not in {None, PROVIDER, Provider.id}:
            return []
        return [
            SocialApp(
                provider=Provider.id,
                provider_id=PROVIDER,
                name=PROVIDER,
                client_id=choice.client_id,
                secret=choice.secret(),
                settings={"server_url": choice.issuer},
            )
        ]

    def get_provider(
        self,
        request: HttpRequest,
        provider: str,
        client_id: str | None = None,  # noqa: ARG002 -- allauth's form
    ) -> Provider:
        """Ours; SocialApp.DoesNotExist where none is chosen."""
        return Provider(request, app=self.get_app(request, provider=provider))

    def get_requests_session(self) -> Session:
        """A session that waits ten seconds at most and follows nobody elsewhere."""
        session: Session = super().get_requests_session()  # type: ignore[no-untyped-call]  # the same
        session.max_redirects = 0
        return session

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:  # noqa: ARG002 -- allauth's form
        """Nobody is made by signing on."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find the employee that the provider speaks of, and turn everybody else away."""
        said = sociallogin.account.extra_data
        sociallogin.token = None
        sociallogin.account.extra_data = {}
        if sociallogin.account.pk:
            SocialAccount.objects.filter(pk=sociallogin.account.pk).update(extra_data={})
        if sociallogin.state.get("process") != "login":
            _refuse(Refused.NOT_TRUSTED)
        employee, user = _employee(said)
        _linked(request, sociallogin, employee, user)
        if _vouched(said["id_token"]):
            setattr(request, stages.VOUCHED, user.pk)

    def on_authentication_error(
        self,
        request: HttpRequest,  # noqa: ARG002 -- the same
        provider: Any,  # noqa: ARG002 -- the same
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        """Say on a page of ours what went wrong, and nothing that the provider said."""
        if error == AuthError.CANCELLED:
            _refuse(Refused.CANCELLED)
        if exception is None and "state_id" in (extra_context or {}):
            _refuse(Refused.TOO_LATE)
        _refuse(Refused.NOT_TRUSTED)


def _employee(said: dict[str, Any]) -> tuple[Employee, User]:
    choice = chosen()
    if choice is None:
        _refuse(Refused.NOT_TRUSTED)
    word = said["id_token"].get(choice.claim) or said["userinfo"].get(choice.claim)
    if not isinstance(word, str) or not 0 < len(word) <= 150 or "\x00" in word:
        _refuse(Refused.NOBODY)
    by = {"number": "number", "username": "user__username"}[choice.match]
    employee = Employee.objects.select_related("user").filter(**{by: word}).first()
    if employee is None:
        _refuse(Refused.NOBODY)
    if not is_employed(employee, clock.now()):
        _refuse(Refused.NOT_EMPLOYED)
    if employee.user is None or not employee.user.is_active:
        _refuse(Refused.NO_ACCOUNT)
    return employee, employee.user


def _linked(request: HttpRequest, sociallogin: SocialLogin, employee: Employee, user: User) -> None:
    """Link at the first time; afterwards the provider's person and ours must stay a pair."""
    if sociallogin.is_existing:
        if sociallogin.user != user:
            _refuse(Refused.OTHER_LINK)
        return
    with transaction.atomic():
        Employee.objects.select_for_update(no_key=True).get(pk=employee.pk)
        if SocialAccount.objects.filter(user=user, provider=sociallogin.account.provider).exists():
            _refuse(Refused.OTHER_LINK)
        sociallogin.connect(request, user)
        who = f"employee:{employee.number}"
        audit.record([audit.Deed(Verb.ACCOUNT_LINK, who)], actor=who, now=clock.now())


def _vouched(id_token: dict[str, Any]) -> bool:
    """Whether the provider says that it has asked for a second step."""
    choice = chosen()
    methods = id_token.get("amr")
    said = {id_token.get("acr"), *(methods if isinstance(methods, list) else [])}
    return choice is not None and bool(choice.second_step & {each for each in said if each})


def _refuse(why: Refused) -> NoReturn:
    raise ImmediateHttpResponse(redirect(f"{reverse('account_refused')}?varfor={why.value}"))
