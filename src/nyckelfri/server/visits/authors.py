"""Who entered something on a phone: what this server knows of who was signed in on it.

House rules: pure. A phone's word about who entered something is held against our own record;
a shared phone has one person at a time, until somebody else signs in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

SLACK = timedelta(minutes=2)
"""How far a phone's corrected clock and ours may be apart when the person changes."""
WITHOUT_SERVER = timedelta(hours=16)
"""How long after a session the same person may go on without a server (decision 10)."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session on the phone: whose (a primary key), since when, until when at the longest."""

    employee: int
    opened: datetime
    until: datetime


def at(moment: datetime, sessions: Sequence[SignedIn]) -> list[int]:
    """Who can have entered something at that moment, the likeliest first.

    `sessions` are those of the phone in order of `opened`. Mostly one person; two where one
    took over from the other just then.
    """
    before = [one for one in sessions if one.opened <= moment - SLACK]
    close = [one for one in sessions if abs(one.opened - moment) < SLACK]
    likely = [one for one in (*before[-1:], *close) if moment <= one.until + WITHOUT_SERVER]
    likely.sort(key=lambda one: (one.opened <= moment, one.opened), reverse=True)
    return list(dict.fromkeys(one.employee for one in likely))
