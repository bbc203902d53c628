"""Stays in a home, read from what its lock recorded.

House rules: a stay belongs to one employee at one lock, and lasts from their
unlocking to their own locking. What is not proven is left open: nobody's exit is
inferred from another's key. Nothing here judges whether the visit was planned.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

SAME_ENTRY = timedelta(minutes=2)
"""A second unlocking this soon is the same entry: the door was tried once more."""
LONGEST_STAY = timedelta(hours=16)
"""A locking later than this belongs to another visit, whose entry was not by key."""


class Movement(enum.Enum):
    """What the motor did; refusals and faults are no movement."""

    UNLOCKED = "unlocked"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class LockEvent:
    """One movement: `number` rises within `lock_id` (one installation); `at` is aware.

    `entrance` marks a unit at an entrance door: passing it is no stay.
    """

    lock_id: str
    number: int
    employee_id: str
    movement: Movement
    at: datetime
    entrance: bool = False


@dataclass(frozen=True, slots=True)
class Stay:
    """An employee's stay behind a lock; no `exit` where their locking is missing."""

    employee_id: str
    lock_id: str
    entry: datetime
    exit: datetime | None = None

    @property
    def duration(self) -> timedelta | None:
        """How long the stay lasted; None without an exit."""
        return None if self.exit is None else self.exit - self.entry


def stays(events: Iterable[LockEvent]) -> list[Stay]:
    """Stays that the events prove, in order of entry, then lock and employee.

    Events may come in any order and more than once; a lock's own numbers decide
    what came first. A locking before its unlocking (a clock was set back between
    them) is no exit.
    """
    unique = {(event.lock_id, event.number): event for event in events if not event.entrance}
    by_employee: dict[tuple[str, str], list[LockEvent]] = {}
    for _, event in sorted(unique.items()):
        by_employee.setdefault((event.lock_id, event.employee_id), []).append(event)
    found = [stay for own in by_employee.values() for stay in _paired(own)]
    return sorted(found, key=lambda stay: (stay.entry, stay.lock_id, stay.employee_id))


def _paired(own: list[LockEvent]) -> Iterator[Stay]:
    """Pair one employee's events at one lock, given in the order of their numbers."""
    entry: LockEvent | None = None
    for event in own:
        since = event.at - entry.at if entry is not None else None
        if event.movement is Movement.UNLOCKED:
            if entry is not None and since is not None:
                if timedelta(0) <= since <= SAME_ENTRY:
                    continue
                yield Stay(entry.employee_id, entry.lock_id, entry.at)
            entry = event
        elif entry is not None and since is not None:
            proven = timedelta(0) <= since <= LONGEST_STAY
            yield Stay(entry.employee_id, entry.lock_id, entry.at, event.at if proven else None)
            entry = None
    if entry is not None:
        yield Stay(entry.employee_id, entry.lock_id, entry.at)
