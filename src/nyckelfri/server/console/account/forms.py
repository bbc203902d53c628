"""Forms of one's own account.

House rules: values in, values out; words follow the language of the request.
"""

from __future__ import annotations

from typing import Any, Final

from django import forms

from nyckelfri.server.console.account.texts import text
from nyckelfri.server.phones.actions_signin import MAX_NAME, MAX_PASSWORD

_OF_PROBLEM: Final = {
    "password_too_short": "password_too_short",
    "password_too_common": "password_too_common",
    "password_too_similar": "password_too_similar",
    "too_long": "password_too_long",
}


def _password(autocomplete: str) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(widget=widget, strip=False, max_length=MAX_PASSWORD)


class _Worded(forms.Form):
    words: dict[str, tuple[str, str]] = {}  # noqa: RUF012 -- each class gives its own

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (label, hint) in self.words.items():
            field = self.fields[name]
            field.label = text[label]
            field.help_text = text[hint] if hint else ""
            secret = isinstance(field.widget, forms.PasswordInput)
            field.error_messages = {
                **dict.fromkeys(field.error_messages, text("unusable")),
                "required": text("missing"),
                "max_length": text("password_too_long" if secret else "unusable"),
            }


class NewPassword(_Worded):
    """A new password, twice."""

    new = _password("new-password")
    again = _password("new-password")

    def clean(self) -> dict[str, Any]:
        """Both are the same."""
        found = super().clean() or {}
        if found.get("new") and found.get("again") and found["new"] != found["again"]:
            self.add_error("again", text("passwords_differ"))
        return found

    def weak(self, problems: list[str]) -> None:
        """Say what is wrong with the password."""
        for problem in problems:
            self.add_error("new", text[_OF_PROBLEM.get(problem, "unusable")])


class Activate(NewPassword):
    """User name, code and new password."""

    username = forms.CharField(
        max_length=MAX_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    code = forms.CharField(
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
    field_order = ("username", "code", "new", "again")
    words = {  # noqa: RUF012 -- declared once
        "username": ("user_name", ""),
        "code": ("activation_code", "activation_code_hint"),
        "new": ("new_password", "new_password_hint"),
        "again": ("new_password_again", ""),
    }


class ChangePassword(NewPassword):
    """The old password and a new one."""

    old = _password("current-password")
    field_order = ("old", "new", "again")
    words = {  # noqa: RUF012 -- declared once
        "old": ("old_password", ""),
        "new": ("new_password", "new_password_hint"),
        "again": ("new_password_again", ""),
    }


class GiveCode(_Worded):
    """Whether the old way in is closed at once, and why."""

    stop = forms.BooleanField(required=False)
    why = forms.CharField(max_length=200, required=False)
    words = {"stop": ("give_code_stop", ""), "why": ("reason", "")}  # noqa: RUF012 -- declared once

    def clean(self) -> dict[str, Any]:
        """A reason where something is closed."""
        found = super().clean() or {}
        if found.get("stop") and not str(found.get("why") or "").strip():
            self.add_error("why", text("missing"))
        return found
