"""What stands around every page: name, menu, language, style.

House rules: reads only. The menu shows only what the viewer may see.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest

from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.console.links import href
from nyckelfri.server.console.texts import Words, text

_P = Permission
MENU: Final[tuple[tuple[tuple[str, Permission | None], ...], ...]] = (
    (("start", None),),
    (
        ("clients", _P.SEE_CLIENTS),
        ("staff", _P.SEE_STAFF),
        ("teams", _P.SEE_STAFF),
        ("phones", _P.SEE_PHONES),
    ),
    (
        ("visits", _P.SEE_VISITS),
        ("openings", _P.SEE_OPENINGS),
        ("review", _P.REVIEW_DELIVERIES),
        ("phone_entries", _P.SETTLE_ENTRIES),
        ("log_reviews", _P.REVIEW_LOG),
        ("audit", _P.SEE_AUDIT),
    ),
    (("invoices", _P.SEE_INVOICES), ("disputes", _P.DISPUTE), ("pay", _P.SEE_PAY)),
    (("statistics", _P.SEE_STATISTICS),),
    (
        ("rules", _P.SET_POLICY),
        ("fee_rules", _P.SET_MONEY_RULES),
        ("pay_rules", _P.SET_MONEY_RULES),
        ("import", _P.IMPORT),
    ),
)
"""Groups of addresses by name, which is their word too, in the order of the menu."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the menu."""

    name: str
    word: str
    href: str


@dataclass(frozen=True, slots=True)
class Step:
    """A page above this one, on the way back to it."""

    href: str
    word: str


def common(
    request: HttpRequest, viewer: Viewer | None, at: str, words: Words = text
) -> dict[str, Any]:
    """What the base template needs; `at` names the entry of the menu."""
    return {
        "words": words.spoken(),
        "at": at,
        "heading": words[at],
        "menu": [entries for group in MENU if (entries := list(_entries(group, viewer)))],
        "viewer_role": text(f"role_{viewer.employee.role}") if viewer else "",
        "may_see_log": viewer is not None and viewer.may(_P.SEE_AUDIT),
        "account_href": href("account") if viewer else "",
        "here": request.get_full_path(),
    }


def _entries(
    group: tuple[tuple[str, Permission | None], ...], viewer: Viewer | None
) -> Iterator[Entry]:
    for name, asked in group:
        if viewer is None or not (asked is None or viewer.may(asked)):
            continue
        yield Entry(name, text(name), href(name))
