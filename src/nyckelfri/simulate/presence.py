"""Who was in which home, from when to when, and what of it can be doubted later: the truth.

House rules: written as it happens, by the world; moments are true Unix seconds. Nothing here is
told to any program.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from math import inf

from nyckelfri.simulate.town import Home


class Passage(Enum):
    """How somebody came through a door, in or out."""

    NOT = "not"
    OPEN = "open"
    """There was nothing for a phone to do: no lock, or a colleague was or stayed inside."""
    AT_ONCE = "at once"
    """Their phone moved the bolt at the first try."""
    AT_LAST = "at last"
    """It did so at a later one."""


@dataclass(slots=True, eq=False)
class Stay:
    """Somebody in a home; `until` is infinite while they are still there."""

    number: str
    home: Home
    since: float
    came: Passage
    until: float = inf
    went: Passage = Passage.NOT
    declined: bool = False
    """Whether the client sent them away."""

    @property
    def place(self) -> str:
        """What tells one home from another."""
        return self.home.lock or self.home.client

    @property
    def is_whole(self) -> bool:
        """Whether a lock has heard both ends of it, from them."""
        return self.came is Passage.AT_ONCE and self.went is Passage.AT_ONCE


@dataclass(slots=True)
class Presence:
    """All stays of a week."""

    stays: list[Stay] = field(default_factory=list)
    doubted: set[str] = field(default_factory=set)
    """Whose signs may tell another time or another person than the true one."""
    mistakes: list[tuple[str, str, float]] = field(default_factory=list)
    """Wrong doors: who, which lock, when."""
    copied: list[tuple[str, str, str]] = field(default_factory=list)
    """Copies of readings: the ids of the copy and of the original, and the label."""

    def came(self, home: Home, number: str, now: float, how: Passage = Passage.OPEN) -> Stay:
        """Somebody is in a home from now on. ValueError for one who is in a home already."""
        if any(stay.number == number and stay.until == inf for stay in self.stays):
            raise ValueError(f"{number} cannot be in two homes")
        stay = Stay(number, home, now, how)
        self.stays.append(stay)
        return stay

    def inside(self, home: Home) -> list[str]:
        """Who is in a home now."""
        place = home.lock or home.client
        return [stay.number for stay in self.stays if stay.until == inf and stay.place == place]
