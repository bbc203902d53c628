"""Who plays in the demonstration: people, doors and hours of the Björkvik files.

All of them are invented. The day is Monday 2026-11-23, local Swedish time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

DATA: Final = Path(__file__).parent / "data" / "bjorkvik"
_SWEDEN: Final = ZoneInfo("Europe/Stockholm")


def at(clock: str) -> float:
    """Unix seconds of that Monday at `clock`, such as 07:30."""
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 11, 23, hour, minute, tzinfo=_SWEDEN).timestamp()


def show(moment: float) -> str:
    """Day and clock at a moment, for people."""
    return datetime.fromtimestamp(moment, _SWEDEN).strftime("%A %H:%M")


MONTH_OVER: Final = datetime(2026, 12, 7, 9, tzinfo=_SWEDEN).timestamp()
"""Monday two weeks later, when November has come home."""


def show_day(moment: float) -> str:
    """The local date of a moment, as a form takes it."""
    return datetime.fromtimestamp(moment, _SWEDEN).date().isoformat()


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that is commissioned: its row in las.csv, its kind, and which one it is there."""

    name: str
    lock: str
    kind: str
    turn: int = 1

    @property
    def radio(self) -> str:
        """The name of its radio, and of its folder."""
        return self.lock if self.turn == 1 else f"{self.lock}-{self.turn}"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a work phone: the phone's name, and the employee number."""

    phone: str
    number: str


FLAT: Final = Unit("front door", "L0092", "thumb-turn")
ENTRANCE: Final = Unit("entrance", "L0021", "entrance-unit")
NEW_HOME: Final = "L0023"
"""Where the front door's lock moves: the colleague's next client lives there."""

NEW_LOCK: Final = Unit("front door, new lock", "L0092", "thumb-turn", 2)
"""Comes to the flat when its first lock has moved."""

UNITS: Final = (ENTRANCE, FLAT)
"""Those of the morning."""

CARER: Final = Person("the carer's phone", "10006")
"""Has the visit 07:30 behind the front door."""
VISIT: Final = "V004646"
"""The carer's next visit behind the front door, 12:10."""
COLLEAGUE: Final = Person("a colleague's phone", "10007")
"""Same team, same shift; the grant is taken back during the story."""
LOST: Final = Person("a lost phone", "10005")
"""Same team, same shift; the phone is lost and blocked."""
EVENING: Final = Person("an evening carer's phone", "10017")
"""Same team, works 14–22."""
NIGHT: Final = Person("the night patrol's phone", "10069")
"""Works until 07:15; night is over at 07."""
DOOR_INSTALLER: Final = Person("the door installer's phone", "10082")
ENTRANCE_INSTALLER: Final = Person("the entrance installer's phone", "10084")

PLANNER: Final = "10085"
"""Looks around on the pages, at the service centre."""
TEAM_PLANNER: Final = "10077"
ACCOUNTANT: Final = "10087"
CARE_ASSESSOR: Final = "10080"
SYSTEM_MANAGER: Final = "10088"
NEW_CLIENT: Final = "B0002"
"""Lives where the front door's lock moves."""
NEW_PROVIDER: Final = "559993-8544"

STAFF: Final = (CARER, COLLEAGUE, LOST, EVENING, NIGHT)
INSTALLERS: Final = {FLAT: DOOR_INSTALLER, ENTRANCE: ENTRANCE_INSTALLER}
