"""The closed list of facts that can keep somebody from a client's front door.

House rules: the order of the list is the order in which facts are told, what is
between this person and this client first, what concerns the person or the door
alone last. A new rule of access brings its facts with it.
"""

from __future__ import annotations

import enum
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nyckelfri.care.times import Window

_INSTANT = timedelta(microseconds=1)


class Fact(enum.Enum):
    """Something that has to change before the door opens."""

    NO_SUCH_EMPLOYEE = "no_such_employee"
    NO_SUCH_CLIENT = "no_such_client"
    WITHDRAWN = "withdrawn"
    """An administrator took it away; `at` is when it ends, if it does."""
    NOT_THEIR_CLIENT = "not_their_client"
    """They are employed for certain clients only."""
    OTHER_PROVIDER_CHOSEN = "other_provider_chosen"
    OTHER_TEAM = "other_team"
    """The choice names another team of their provider: `team_id`."""
    OTHER_AREA = "other_area"
    """Their provider has the client with another team, or their team works elsewhere."""
    NO_CHOICE = "no_choice"
    CHOICE_NOT_YET = "choice_not_yet"
    CHOICE_ENDED = "choice_ended"
    NO_DECISION = "no_decision"
    DECISION_NOT_YET = "decision_not_yet"
    DECISION_ENDED = "decision_ended"
    NO_ALARM = "no_alarm"
    ALARM_ENDED = "alarm_ended"
    NO_VISIT = "no_visit"
    VISIT_NOT_NOW = "visit_not_now"
    VISIT_OUTSIDE_SHIFT = "visit_outside_shift"
    """It is time for the visit, but their shift does not reach it."""
    VISIT_FOR_OTHER_SERVICE = "visit_for_other_service"
    """The visit is for a service that opens no door to them here."""
    NO_ASSIGNMENT = "no_assignment"
    ASSIGNMENT_NOT_YET = "assignment_not_yet"
    ASSIGNMENT_ENDED = "assignment_ended"
    NIGHT_IS_THE_PATROLS = "night_is_the_patrols"
    DAY_IS_NOT_THE_PATROLS = "day_is_not_the_patrols"
    NO_SHIFT = "no_shift"
    SHIFT_NOT_YET = "shift_not_yet"
    SHIFT_ENDED = "shift_ended"
    NO_TEAM = "no_team"
    ROLE_OPENS_NOTHING = "role_opens_nothing"
    NOT_EMPLOYED_YET = "not_employed_yet"
    NO_LONGER_EMPLOYED = "no_longer_employed"
    NO_PHONE = "no_phone"
    PHONE_BLOCKED = "phone_blocked"
    NO_LOCK = "no_lock"
    """The client's front door has no mounted lock."""


_ORDER = {fact: number for number, fact in enumerate(Fact)}


class WhyNot(NamedTuple):
    """A fact, the ids of the rows it rests on, and `at`: when it came or will change.

    `at` is aware UTC: when a shift, visit, choice, decision or employment begins
    that has not begun, or ended that has. `provider_id` and `team_id` are whom the
    client has instead.
    """

    fact: Fact
    at: datetime | None = None
    withdrawal_id: str | None = None
    choice_id: str | None = None
    provider_id: str | None = None
    team_id: str | None = None
    decision_id: str | None = None
    alarm_id: str | None = None
    visit_id: str | None = None
    assignment_id: str | None = None
    shift_id: str | None = None

    @property
    def order(self) -> int:
        """Place in the list: the lowest is told first."""
        return _ORDER[self.fact]

    def as_data(self) -> dict[str, str]:
        """Plain data for showing: `fact`, `at` in ISO 8601, and the ids that are set."""
        ids = {name: value for name, value in self._asdict().items() if isinstance(value, str)}
        at = {} if self.at is None else {"at": self.at.isoformat()}
        return {"fact": self.fact.value, **at, **ids}


class Tense(NamedTuple):
    """The facts of a kind of row: there is none, its time will come, its time is over."""

    none: Fact
    not_yet: Fact
    ended: Fact
    id_name: str | None = None


def missing(
    tense: Tense, rows: Iterable[tuple[str | None, Window]], at: datetime
) -> Iterator[WhyNot]:
    """No fact where one of the rows (id, window) holds at `at`; else what the nearest says."""
    nearest = min(rows, key=lambda row: _distance(row[1], at), default=None)
    if nearest is None:
        yield WhyNot(tense.none)
        return
    row_id, window = nearest
    if window.holds(at):
        return
    ids: dict[str, Any] = {} if tense.id_name is None else {tense.id_name: row_id}
    begins = at < window.start
    fact, moment = (tense.not_yet, window.start) if begins else (tense.ended, window.end)
    yield WhyNot(fact, at=moment)._replace(**ids)


def _distance(window: Window, at: datetime) -> timedelta:
    """How far the moment is from the window; below zero inside it."""
    if window.holds(at):
        return -_INSTANT
    return max(window.start - at, at - window.end)
