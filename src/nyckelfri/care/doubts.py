"""What somebody shall look at before money moves.

House rules: a flag is a question about one visit, raised by evidence that does not fit, and
never a count of a person. What the journals have not told yet is waited for.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from datetime import datetime, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from nyckelfri.care import readings
from nyckelfri.care.performed import Flag, LabelSign, Signs, Tap, VisitPolicy
from nyckelfri.care.readings import NEAR, OPEN_STAY, PATIENCE, Fit, Reading
from nyckelfri.care.times import DateRange, Window
from nyckelfri.care.visits import LockEvent

if TYPE_CHECKING:
    from nyckelfri.care.performed import DoorSign
    from nyckelfri.care.stretches import Stretch

DOORSTEP: Final = timedelta(minutes=10)
"""How long somebody may be there who was told no, or who looked for the client."""


def refusal(sign: LabelSign) -> Flag:
    """What a reading that proves nothing is asked about."""
    replayed = sign.tap is Tap.REPLAYED or sign.tap is Tap.SIGNED or sign.tap is Tap.PLAIN
    return Flag.REPLAYED_TAP if replayed else Flag.FORGED_TAP


class Doubts:
    """The questions that can be asked of visits, among all signs."""

    def __init__(self, signs: Signs, policy: VisitPolicy, now: datetime) -> None:
        self._signs = signs
        self._policy = policy
        self._now = now
        self._patient_until = now - PATIENCE
        self._away: defaultdict[str, list[tuple[Window, str]]] = defaultdict(list)
        for away in signs.away:
            window = DateRange(away.first, away.last).window()
            self._away[away.client_id].append((window, away.reason))
        self._movements: defaultdict[str, list[DoorSign]] | None = None

    def is_told(self, home_id: str, at: datetime) -> bool:
        """Whether nothing more is waited for of a home and a time."""
        if at < self._patient_until:
            return True
        told = self._signs.told_until.get(home_id)
        return told is not None and told > at + NEAR

    def away(self, client_id: str, at: datetime) -> str | None:
        """Why a client was known to be away at a time; None when they were not."""
        if client_id in self._away:
            for window, reason in self._away[client_id]:
                if window.start <= at < window.end:
                    return reason
        return None

    def lacks_right(self, employee_id: str, home_id: str, at: datetime) -> bool:
        """Whether the registers know that somebody had no right to be there."""
        known = self._signs.rights.get(home_id)
        return known is not None and not any(
            window.holds(at) for window in known.get(employee_id, ())
        )

    def lacks_door(self, stretch: Stretch, companions: frozenset[str]) -> bool:
        """Whether a stretch that only labels tell of would have left traces at the door."""
        home = self._signs.homes.get(stretch.home_id)
        if home is None or not home.locked:
            return False
        taps = stretch.taps
        if not self._policy.signed_needs_door and all(tap.tap is Tap.SIGNED for tap in taps):
            # A chip cannot be copied: the phone was at the label. The client let them in.
            return False
        home_id, at = home.home_id, taps[0].at
        reading = Reading(stretch.employee_id, at, frozenset({home_id}), companions)
        doors = self._at_home(home_id)
        first = bisect_left(doors, at - OPEN_STAY, key=attrgetter("at"))
        last = bisect_right(doors, at + OPEN_STAY, key=attrgetter("at"))
        events = [
            LockEvent(home_id, number, door.employee_id, door.movement, door.at)
            for number, door in enumerate(doors[first:last])
        ]
        told = self._signs.told_until.get(home_id)
        fit = readings.judge(reading, events=events, home_until=told, now=self._now)
        return fit is Fit.NO_DOOR

    def _at_home(self, home_id: str) -> list[DoorSign]:
        """What a home's lock recorded, in order of time."""
        if self._movements is None:
            self._movements = defaultdict(list)
            for door in self._signs.doors:
                self._movements[door.home_id].append(door)
            for doors in self._movements.values():
                doors.sort(key=attrgetter("at", "ref"))
        return self._movements[home_id]
