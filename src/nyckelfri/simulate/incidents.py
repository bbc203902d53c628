"""What has befallen server and locks that nobody could prevent, for the invariants to reckon with.

House rules: written by mishaps as they happen, and only what the design says is lost then.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Final

_NEVER: Final = 2**63


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was stored in [since, until) a restored database does not know (Unix seconds)."""

    since: float
    until: float


@dataclass(frozen=True, slots=True)
class SetBack:
    """A unit that was set back to an image of its own disk, taken `since`, up to entry `tip`.

    The numbers behind that stand for two histories: the server believes the one that comes first.
    """

    tip: int
    since: float
    at: float


@dataclass(frozen=True, slots=True)
class Due:
    """Something that came to the server at `at` and must be shown to an operator from then on.

    `reason` as the server names it; `lock` None where no lock of ours is meant.
    """

    at: float
    reason: str
    lock: str | None


@dataclass(slots=True)
class Incidents:
    """All of it, of one week."""

    backed_up: float | None = None
    """When the newest backup was made."""
    logged: int = 0
    """The newest row of the audit log that is in it."""
    restored: bool = False
    """A backup is in place, and no new epoch is yet."""
    behind: bool = False
    """And locks may have heard what it does not know: nothing may be signed."""
    keys: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by whoever is at the keys: one ceremony at a time."""
    forgotten: list[Forgotten] = field(default_factory=list)
    set_back: dict[str, SetBack] = field(default_factory=dict)
    due: list[Due] = field(default_factory=list)
    without_time: dict[str, int] = field(default_factory=dict)
    """Locks whose clock chip failed them, each with the newest entry that it had by then.

    What they write later may tell of it, what came home before cannot.
    """
    undecided: set[str] = field(default_factory=set)
    """Locks of clients of whom a restored database knows less than was decided, for good."""

    def forget(self, now: float) -> None:
        """The database is that of the newest backup again."""
        since = self.backed_up or 0.0
        self.restored = True
        self.forgotten.append(Forgotten(since, now))
        self.due = [each for each in self.due if each.at < since]

    def knows(self, at: float) -> bool:
        """Whether the database may still know what it stored at that moment."""
        return not any(lost.since <= at < lost.until for lost in self.forgotten)

    def first_in_doubt(self, lock: str) -> int:
        """The lowest number of a lock's entries that stands for two histories."""
        found = self.set_back.get(lock)
        return _NEVER if found is None else found.tip + 1
