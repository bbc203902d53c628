"""Every page of the console, with an address to look at it by.

House rules: the list is the URL map itself. An address with numbers in it has an example
here; a page that cannot just be opened says why not. Nothing is left out silently.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from nyckelfri.server.access.permissions import OF_ROLE
from nyckelfri.server.people.models import Role

NOBODY: Final = {"account_login", "account_activate", "account_refused", "account_not_ready"}
"""Pages of whoever is not logged in."""
REFUSES: Final = {"account_refused", "account_not_ready"}
"""Pages that say no, with the status that means it."""
AS: Final = {
    "waiting": Role.PLANNER.value,
    **dict.fromkeys(
        (
            "pay", "pay_month", "statement", "statement_line", "statement_unpaid",
            "statement_changes", "received_invoice",
        ),
        Role.ACCOUNTANT.value,
    ),
}  # fmt: skip
"""Pages that look different to each role: whose to look at."""
LEADS_ON: Final = {
    "mfa_authenticate": "only after a password: looked at where signing in is tested",
    "mfa_login_webauthn": "data for the passkey, no page",
    "openid_connect_login": "leads to the municipality's own log-in",
    "openid_connect_callback": "comes from the municipality's own log-in",
    "mfa_reauthenticate": "only for who has an app: looked at where signing in is tested",
    "mfa_reauthenticate_webauthn": "only for who has a passkey: the same",
    "mfa_deactivate_totp": "only for who has an app: the same",
    "mfa_view_recovery_codes": "only for who has codes: the same",
    "mfa_generate_recovery_codes": "only for who has a second step: the same",
    "mfa_remove_webauthn": "only for who has a passkey: the same",
    "account_set_up": "only for who has no second step: the same",
    **dict.fromkeys(
        (
            "set_language",
            "logout",
            "account_end_session",
            "account_end_sessions",
            "account_begin_again",
        ),
        "a button",
    ),
    "openings_export": "a file",
    "audit_export": "a file",
    "statistics_table": "a file",
    "letter": "a file",
    **dict.fromkeys(("invoices_sie", "invoices_peppol", "invoices_table", "invoice_pdf"), "a file"),
    **dict.fromkeys(("statement_pdf", "statement_table", "received_file"), "a file"),
    **dict.fromkeys(
        ("app", "app_label", "app_worker", "app_manifest", "app_file"),
        "the staff phone app: it has tests of its own",
    ),
}
"""Addresses that open no page for somebody who just comes by, and why."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a page is, and whose session sees it (empty: nobody's)."""

    name: str
    path: str
    role: str

    @property
    def status(self) -> int:
        """What the server answers."""
        return 403 if self.name in REFUSES else 200


def every(examples: dict[str, list[list[Any]]]) -> list[Address]:
    """Every page; AssertionError names those whose address needs an example."""
    asked = [
        (name, pattern)
        for name, pattern in _named(get_resolver())
        if name not in LEADS_ON and _is_page(pattern)
    ]
    without = [name for name, each in asked if _has_numbers(each) and name not in examples]
    assert not without, f"webexamples has no example for {without}"
    return [
        Address(name, reverse(name, args=args), _role(name, pattern))
        for name, pattern in asked
        for args in (examples[name] if _has_numbers(pattern) else [[]])
    ]


def _has_numbers(pattern: URLPattern) -> bool:
    return "<" in str(pattern.pattern)


def names() -> set[str]:
    """Every name in the URL map."""
    return {name for name, _ in _named(get_resolver())}


def _named(resolver: URLResolver) -> Iterator[tuple[str, URLPattern]]:
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            if each.app_name is None:
                yield from _named(each)
        elif each.name:
            yield each.name, each


def _is_page(pattern: URLPattern) -> bool:
    return "GET" in getattr(pattern.callback, "methods", ["GET"])


def _role(name: str, pattern: URLPattern) -> str:
    if name in AS:
        return AS[name]
    if name in NOBODY:
        return ""
    asked = getattr(pattern.callback, "permission", None)
    order = [Role.SYSTEM_MANAGER, *OF_ROLE]
    return next((role.value for role in order if asked is None or asked in OF_ROLE[role]), "")
