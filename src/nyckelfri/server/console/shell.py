"""What stands around every page: name, menu, language, style.

House rules: reads only. The menu shows only what the viewer may see.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.http import HttpRequest

from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.console.texts import Words, text
from nyckelfri.server.visits import queries

_STYLE: Final = Path(__file__).parent / "static" / "console.css"

MENU: Final[tuple[tuple[str, Permission], ...]] = (
    ("openings", Permission.SEE_OPENINGS),
    ("review", Permission.REVIEW_DELIVERIES),
)
"""Each address by its name, which is its word too, in the order of the menu."""

_WAITING: Final[dict[str, Callable[[], int]]] = {"review": lambda: queries.unresolved().count()}
"""How much waits for somebody behind an address of the menu."""


def common(request: HttpRequest, viewer: Viewer | None, title: str) -> dict[str, Any]:  # noqa: ARG001 -- what is around a page may depend on it
    """What the base template needs."""
    return {
        "words": Words(),
        "title": title,
        "heading": text(title),
        "menu": [
            (name, text(name), _WAITING[name]() if name in _WAITING else 0)
            for name, asked in MENU
            if viewer is not None and viewer.may(asked)
        ],
        "style_version": style_version(),
    }


@cache
def style() -> bytes:
    """The one style sheet."""
    return _STYLE.read_bytes()


@cache
def style_version() -> str:
    """What changes whenever the style sheet does."""
    return hashlib.sha256(style()).hexdigest()[:12]
