"""What shows a second step: a typed code, or what a browser's authenticator says.

House rules: a code is counted before it is judged. It is accepted once in the whole server,
not once in each process, so the codes of the last minutes are kept, hashed, beside the
secret they belong to. What an authenticator says may be anything: what cannot be read is
wrong, and never an error.
"""

from __future__ import annotations

import hashlib
import struct
import time
from typing import Any, Final

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django.db import transaction
from django.db.models import QuerySet
from django.forms import Form

from nyckelfri import clock
from nyckelfri.server.accounts import limits
from nyckelfri.server.accounts.adapters import refused
from nyckelfri.server.people.models import User
from nyckelfri.server.phones.errors import TooManyTriesError

_REMEMBERED: Final = 180
"""Seconds; a one-time code is good for at most 90."""
_LONGEST: Final = 32
_UNREADABLE: Final = (
    AttributeError, KeyError, IndexError, TypeError, ValueError, RecursionError, struct.error,
)  # fmt: skip
"""What the reading of a stranger's credential can end in."""


class _Counted:
    """Judges a typed code."""

    user: User
    authenticator: Authenticator
    cleaned_data: dict[str, Any]
    data: Any

    def clean_code(self) -> str:
        """Give the code if it is right and has not been used; ValidationError otherwise."""
        try:
            counted = limits.second_step(self.user, now=clock.now())
        except TooManyTriesError:
            raise get_account_adapter().validation_error("too_many_login_attempts") from None
        code = "".join(str(self.cleaned_data["code"]).split())[:_LONGEST]
        found = _accepted(self.user, code)
        if found is None:
            refused(get_account_adapter().request, self.user.username)
            self.data = {**self.data, "code": ""}  # is not shown again
            raise get_adapter().validation_error("incorrect_code")
        counted.forgive()
        found.user = self.user
        self.authenticator = found
        return code


class StepForm(_Counted, AuthenticateForm):
    """The code at sign-in."""


class StepAgainForm(_Counted, ReauthenticateForm):
    """The code before something delicate is changed."""


class _Read(Form):
    """Takes what cannot be read for what is wrong."""

    def full_clean(self) -> None:
        """Judge it."""
        try:
            super().full_clean()
        except _UNREADABLE:
            self.cleaned_data = {}
            self.add_error(None, get_adapter().validation_error("incorrect_code"))


class PasskeyAloneForm(_Read, LoginWebAuthnForm):
    """A passkey that signs in by itself."""


class PasskeyForm(_Read, AuthenticateWebAuthnForm):
    """A passkey after the password."""


class PasskeyAgainForm(_Read, ReauthenticateWebAuthnForm):
    """A passkey before something delicate is changed."""


class NewPasskeyForm(_Read, AddWebAuthnForm):
    """A new passkey."""


def _accepted(user: User, code: str) -> Authenticator | None:
    with transaction.atomic():
        rows: QuerySet[Authenticator] = Authenticator.objects.select_for_update(no_key=True).filter(
            user=user, type__in=(Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)
        )
        for row in rows.order_by("pk"):
            is_app = row.type == Authenticator.Type.TOTP
            if is_app and not _unused(row, code):
                continue
            if _means(row).validate_code(code):
                if is_app:
                    _keep(row, code)
                return row
    return None


def _means(row: Any) -> Any:
    return row.wrap()


def _unused(row: Authenticator, code: str) -> bool:
    return _mark(code) not in row.data.get("accepted", {})


def _keep(row: Authenticator, code: str) -> None:
    now = int(time.time())
    recent = {
        mark: at for mark, at in row.data.get("accepted", {}).items() if at > now - _REMEMBERED
    }
    row.data = {**row.data, "accepted": {**recent, _mark(code): now}}
    row.save(update_fields=["data"])


def _mark(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
