"""What a session in the console is worth, and when it ends.

House rules: values in, values out; `now` in Unix seconds by the machine's own clock, as
everything else about sessions is, since a declared clock tells of doors. A session that
these functions did not begin is worth nothing, so that no other way of logging in
gets past the second step.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from enum import StrEnum
from typing import Any, Final

LONGEST: Final = 10 * 60 * 60
"""Seconds: a working day; nobody is logged in overnight."""
IDLE: Final = 30 * 60
"""Seconds without a request."""
FRESH: Final = 5 * 60
"""Seconds in which who signed in need not show once more who they are."""
_NOTED: Final = 60
_KEY: Final = "nyckelfri"

Session = MutableMapping[str, Any]


class Worth(StrEnum):
    """What a session opens."""

    FULL = "full"
    SETTING_UP = "setting up"
    """Only the pages on which a second step is set up."""


class Ended(StrEnum):
    """Why a session is over; also the word in the address of the log-in page."""

    IDLE = "vila"
    DAY = "dag"
    UNKNOWN = "session"
    LEFT = "anstallning"


def begin(session: Session, worth: Worth, now: float, *, activation: int = 0) -> None:
    """Let a session begin, after everything that its worth asks for has been shown.

    `activation` is the primary key of the code that a session for setting up came by.
    """
    session[_KEY] = {
        "opened": int(now),
        "seen": int(now),
        "worth": worth.value,
        "activation": activation,
    }


def worth(session: Session) -> Worth | None:
    """What the session opens; None if it was begun elsewhere."""
    try:
        return Worth(session[_KEY]["worth"])
    except (KeyError, TypeError, ValueError):
        return None


def ended(session: Session, now: float) -> Ended | None:
    """Why the session is over, None while it lives."""
    if worth(session) is None:
        return Ended.UNKNOWN
    opened, seen = session[_KEY]["opened"], session[_KEY]["seen"]
    # A clock that was set back must not lengthen a session without end.
    if not opened - _NOTED <= now < opened + LONGEST:
        return Ended.DAY
    return Ended.IDLE if now >= seen + IDLE else None


def note(session: Session, now: float) -> None:
    """Remember that there was a request; written at most once a minute."""
    if now - session[_KEY]["seen"] >= _NOTED:
        session[_KEY] = {**session[_KEY], "seen": int(now)}


def activation(session: Session) -> int:
    """The primary key of the activation code that the session came by; 0 for none."""
    return int(session[_KEY]["activation"]) if worth(session) is Worth.SETTING_UP else 0


def is_fresh(session: Session, now: float) -> bool:
    """Whether somebody signed in just now."""
    if worth(session) is None:
        return False
    opened: int = session[_KEY]["opened"]
    return 0 <= now - opened < FRESH


def times(session: Session) -> tuple[int, int] | None:
    """When the session was opened and last used, in Unix seconds."""
    if worth(session) is None:
        return None
    return session[_KEY]["opened"], session[_KEY]["seen"]
