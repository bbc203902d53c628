"""What is known of visits, and the visits that follow from it: values in, values out.

House rules: every sign (door, label, hand, alarm) names the stored row that it came from
(`ref`), and ends up in exactly one visit or one loose flag; nothing is dropped. A flag is about
a visit and is a question to ask, never a count of a person. Moments are aware UTC. The rules
themselves stand in `care/derive.py`, `care/match.py` and `care/doubts.py`.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nyckelfri.care.times import Window
    from nyckelfri.care.visits import Movement


ALARM: Final = "alarm"
"""The reason of a visit that answered an alarm."""


class Tap(enum.Enum):
    """What a reading of a label proves."""

    SIGNED = "signed"
    PLAIN = "plain"
    """The label signs nothing; it proves that somebody knew its address."""
    REPLAYED = "replayed"
    """Signed, and its counter did not rise."""
    FORGED = "forged"
    UNSIGNED = "unsigned"
    """The label signs, and this reading is not signed."""
    UNKNOWN = "unknown"


class ByHand(enum.Enum):
    """What somebody said, in their own words, of a visit."""

    VISIT = "visit"
    """It was made; `entry` or `exit` or both say when."""
    DECLINED = "declined"
    """The client did not want it."""
    MISSED = "missed"
    """Staff came and nobody was at home (bomkörning)."""
    UNDO = "undo"
    """What was said declined or missed before was not so."""


class DoorSign(NamedTuple):
    """A home's lock moved for an employee: `ref` names the event."""

    ref: str
    employee_id: str
    home_id: str
    movement: Movement
    at: datetime
    received_at: datetime


class EntranceSign(NamedTuple):
    """An entrance opened for an employee; `home_ids` lie behind it. Passing it is no visit."""

    ref: str
    employee_id: str
    home_ids: frozenset[str]
    at: datetime
    received_at: datetime


class LabelSign(NamedTuple):
    """A client's label was read; `chip` and `counter` where it was signed."""

    ref: str
    employee_id: str
    client_id: str
    at: datetime
    received_at: datetime
    tap: Tap
    chip: str = ""
    counter: int | None = None


class HandSign(NamedTuple):
    """What somebody entered about a client, and perhaps one planned visit; `at` is when it held.

    `reason` is the word the phone or the file gave; `services` what they say was done. A VISIT
    without `entry` and `exit` claims no time: it tells what was done, or why somebody came. One
    that was entered as they came or went `begins` or `ends` it: where nothing else tells, at `at`.
    """

    ref: str
    employee_id: str
    client_id: str
    kind: ByHand
    received_at: datetime
    at: datetime
    planned_id: str | None = None
    entry: datetime | None = None
    exit: datetime | None = None
    reason: str = ""
    services: tuple[str, ...] = ()
    begins: bool = False
    ends: bool = False


class AlarmSign(NamedTuple):
    """A client raised an alarm; who took it, and when somebody was there."""

    ref: str
    client_id: str
    at: datetime
    employee_id: str | None = None
    on_site: datetime | None = None


class Plan(NamedTuple):
    """A visit as planned; `employee_ids` are two when doubled, `services` in the order planned."""

    planned_id: str
    client_id: str
    employee_ids: tuple[str, ...]
    start: datetime
    end: datetime
    services: tuple[str, ...]


class Away(NamedTuple):
    """A client is not at home on these local dates, both included; no `last`: until further."""

    client_id: str
    first: date
    last: date | None
    reason: str = ""


class Home(NamedTuple):
    """A dwelling: who lives there. `locked` where a lock of ours is mounted on its door."""

    home_id: str
    client_ids: tuple[str, ...]
    locked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """All that is known around a time, in any order, without one twice.

    `told_until` gives, by home, how far the journal of its lock has come; a home that is not
    there has told nothing. `counts` gives, by chip, the highest count read before the first of
    these signs. `rights` gives, by home and employee, when they had the right to be there; a
    home that is not there is one whose rights nobody knows.
    """

    doors: Sequence[DoorSign] = ()
    entrances: Sequence[EntranceSign] = ()
    labels: Sequence[LabelSign] = ()
    by_hand: Sequence[HandSign] = ()
    alarms: Sequence[AlarmSign] = ()
    plans: Sequence[Plan] = ()
    away: Sequence[Away] = ()
    homes: Mapping[str, Home]
    told_until: Mapping[str, datetime]
    counts: Mapping[str, int] = field(default_factory=dict)
    rights: Mapping[str, Mapping[str, Sequence[Window]]] = field(default_factory=dict)


class Registers(enum.Enum):
    """What registers a visit in this municipality."""

    DOOR = "door"
    """The lock's own journal; labels corroborate."""
    LABEL = "label"
    """The label; the door corroborates."""
    BOTH = "both"
    """Either: a visit begins at the first and ends at the last of both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitPolicy:
    """How a municipality reads its evidence, from a date on; ValueError if impossible."""

    valid_from: date = date.min
    registers: Registers = Registers.BOTH
    around: timedelta = timedelta(hours=2)
    """How far from its planned time a visit may lie and still be that visit."""
    too_short: float = 0.4
    """A visit shorter than this part of its planned time is asked about."""
    missing_exit_minutes: int = 5
    """What an unplanned visit without an end counts as; a planned one counts as it was planned."""
    sync_within: timedelta = timedelta(days=3)
    """Evidence that came later than this is late."""
    signed_needs_door: bool = False
    """Whether a signed reading without a door's use is asked about too: clients let nobody in."""

    def __post_init__(self) -> None:
        if not timedelta(minutes=15) <= self.around <= timedelta(hours=6):
            raise ValueError("around must lie between 15 minutes and 6 hours")
        if not 0 <= self.too_short < 1:
            raise ValueError("too_short must lie between 0 and 1")
        if not 0 <= self.missing_exit_minutes <= 60:
            raise ValueError("missing_exit_minutes must lie between 0 and 60")
        if self.sync_within <= timedelta(0):
            raise ValueError("sync_within must be longer than nothing")


class Grade(enum.Enum):
    """What proves a visit, the strongest first."""

    DOOR_AND_LABEL = "door_and_label"
    DOOR = "door"
    LABEL = "label"
    BY_HAND = "by_hand"
    NONE = "none"
    """Nothing does: it was planned, and nobody came."""


class Outcome(enum.Enum):
    """What became of a visit."""

    PERFORMED = "performed"
    DECLINED = "declined"
    MISSED = "missed"
    """Staff came, nobody was at home."""
    AWAY = "away"
    """The client was known to be away."""
    NOT_MADE = "not_made"
    """It was planned, nothing tells of it, and the journals have come home."""
    WAITING = "waiting"
    """Nothing tells of it yet, or not of its end."""


class Flag(enum.Enum):
    """What somebody shall look at before money moves."""

    NOT_MADE = "not_made"
    NO_EXIT = "no_exit"
    """No end is known, or no beginning: closed by rule."""
    NO_DOOR = "no_door"
    """The label was read, and the home's lock does not know of anybody."""
    FORGED_TAP = "forged_tap"
    """A label's signature was wrong or missing, or the label is unknown."""
    REPLAYED_TAP = "replayed_tap"
    """A label's counter did not rise."""
    TWO_PLACES = "two_places"
    TOO_SHORT = "too_short"
    WRONG_DOOR = "wrong_door"
    """A door was opened where nothing was planned, and closed again at once."""
    UNPLANNED = "unplanned"
    """No plan, no alarm and no reason given."""
    LATE_SYNC = "late_sync"
    NO_GRANT = "no_grant"
    """Somebody without the right to be there, as far as the registers tell."""
    ALONE = "alone"
    """Two were planned, and one came."""
    WHILE_AWAY = "while_away"
    """Evidence of a visit while the client was known to be away."""
    PATTERN = "pattern"
    """The same deviation again and again at one home."""
    BY_HAND_AGAINST = "by_hand_against"
    """What was said by hand does not agree with door or label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A visit by one employee to one client: planned, performed, or both.

    `key` is the same whenever the visit is derived again. `refs` name the signs that it rests
    on. `entry` and `exit` are None where nothing tells of a visit, or not yet of that end;
    `closed_by_rule` where one of them is the rule's. A doubled visit is two, which share
    `planned_id`.
    """

    key: str
    client_id: str
    employee_id: str
    planned_id: str | None
    outcome: Outcome
    grade: Grade
    entry: datetime | None
    exit: datetime | None
    closed_by_rule: bool
    services: tuple[str, ...]
    flags: tuple[Flag, ...]
    refs: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loose:
    """Signs that belong to no visit, and the flag they raise, or None where that is in order.

    In order are an entrance passed, a refused reading that a good one followed, an alarm that
    nobody needed to come for.
    """

    flag: Flag | None
    employee_id: str | None
    client_id: str | None
    at: datetime
    refs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Derived:
    """What the signs say: visits in order of time, and what fits none."""

    visits: tuple[Visit, ...]
    loose: tuple[Loose, ...]
