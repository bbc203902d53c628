"""Access grants that explain themselves.

House rules: a grant is an employee, a lock, a window and the reasons for it; the
reasons are a closed enum with ids. A home's reasons name the client, an
entrance's name the building's door only: that grant serves many clients, and who
they are is nobody's business at the entrance. Overlapping or touching windows of
one employee at one lock are one grant with all their reasons.
"""

from __future__ import annotations

import enum
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from nyckelfri.care.times import Window

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, timedelta


class Rule(enum.Enum):
    """Why a door opens for somebody."""

    CHOSEN_TEAM = "chosen_team"
    """By day: of the team that the client's choice points to."""
    PLANNED_VISIT = "planned_visit"
    """With a visit to make: of that team, where the municipality asks for visits; or of
    another of the same provider's teams, where a planner added the visit by hand."""
    NIGHT_PATROL = "night_patrol"
    ALARM_GROUP = "alarm_group"
    """The alarm group, for whole shifts."""
    ALARM = "alarm"
    """The alarm group, where the municipality lets it in at an alarm only."""
    ASSIGNED_VISIT = "assigned_visit"
    """A substitute with a visit to make."""
    HEALTH_VISIT = "health_visit"
    """Licensed health staff with a visit to make."""
    ASSIGNED_CLIENT = "assigned_client"
    """Licensed health staff, on shift, to a client assigned to them."""


class Reason(NamedTuple):
    """The rule that opens a door and the ids of the rows that it rests on.

    Either `client_id` (a home) or `entrance_id` is set. An entrance's reasons
    leave out the ids that would lead to one client: visit, decision, choice, alarm
    and assignment. `ad_hoc`: a planner added the shift or the visit by hand.
    """

    rule: Rule
    client_id: str | None = None
    entrance_id: str | None = None
    team_id: str | None = None
    shift_id: str | None = None
    visit_id: str | None = None
    decision_id: str | None = None
    choice_id: str | None = None
    alarm_id: str | None = None
    assignment_id: str | None = None
    ad_hoc: bool = False

    def at_entrance(self, entrance_id: str) -> Reason:
        """Say the same of the entrance that the client's home lies behind."""
        return Reason(self.rule, None, entrance_id, self.team_id, self.shift_id, ad_hoc=self.ad_hoc)

    def as_data(self) -> dict[str, str]:
        """Plain data for storing and showing: `rule`, the ids that are set, `ad_hoc` if so."""
        ids = {name: value for name, value in self._asdict().items() if isinstance(value, str)}
        return {"rule": self.rule.value, **ids, **({"ad_hoc": "yes"} if self.ad_hoc else {})}


class AccessGrant(NamedTuple):
    """`employee_id` may open `lock_id` from `not_before` until `not_after`, aware UTC."""

    employee_id: str
    lock_id: str
    not_before: datetime
    not_after: datetime
    reasons: tuple[Reason, ...]


_Piece: TypeAlias = tuple[Window, Reason]


class GrantBook:
    """Collects windows with their reasons, and makes grants of them."""

    def __init__(self) -> None:
        self._pieces: defaultdict[tuple[str, str], list[_Piece]] = defaultdict(list)

    def add(self, employee_id: str, lock_id: str, window: Window, reason: Reason) -> None:
        """Let the employee open the lock in `window`, for `reason`."""
        pieces = self._pieces[employee_id, lock_id]
        # An entrance is given once for each home behind it, and for the same reason.
        if not pieces or pieces[-1] != (window, reason):
            pieces.append((window, reason))

    def grants(self, longest: timedelta, now: datetime) -> list[AccessGrant]:
        """All that was added, merged, cut at `longest`, without what has ended by `now`.

        Sorted by employee, lock and time; reasons by their time, then by what they say.
        """
        return [
            AccessGrant(employee_id, lock_id, part.start, part.end, reasons)
            for (employee_id, lock_id), pieces in sorted(self._pieces.items())
            for window, reasons in _merged(pieces)
            for part in _cut(window, longest)
            if part.end > now
        ]

    def at(self, moment: datetime) -> Iterator[tuple[str, str, Window, tuple[Reason, ...]]]:
        """Employee, lock, uncut window and reasons of the moment, of all who hold it then."""
        for (employee_id, lock_id), pieces in sorted(self._pieces.items()):
            now = sorted((piece for piece in pieces if piece[0].holds(moment)), key=_order)
            if now:
                (window,) = (window for window, _ in _merged(pieces) if window.holds(moment))
                yield employee_id, lock_id, window, tuple(dict.fromkeys(each for _, each in now))


def _merged(pieces: list[_Piece]) -> list[tuple[Window, tuple[Reason, ...]]]:
    if len(pieces) == 1:  # nearly every lock, so worth its two lines
        ((window, reason),) = pieces
        return [(window, (reason,))]
    found = []
    by_time = sorted(set(pieces), key=_order)
    (start, end), _ = by_time[0]
    reasons: dict[Reason, None] = {}
    for window, reason in by_time:
        if window.start > end:
            found.append((Window(start, end), tuple(reasons)))
            start, end = window
            reasons = {}
        end = max(end, window.end)
        reasons[reason] = None
    found.append((Window(start, end), tuple(reasons)))
    return found


def _order(piece: tuple[Window, Reason]) -> tuple[Window, list[str]]:
    """By time, then by what it says: not by the order in which rows were read."""
    window, (rule, *ids) = piece
    return window, [rule.value, *(str(value or "") for value in ids)]


def _cut(window: Window, longest: timedelta) -> list[Window]:
    start, end = window
    if end - start <= longest:
        return [window]
    parts = []
    while end - start > longest:
        parts.append(Window(start, start + longest))
        start += longest
    return [*parts, Window(start, end)]
