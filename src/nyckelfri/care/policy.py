"""What a municipality may set about access, as one dated value.

House rules: every setting has the default of the reference municipality and is
checked when the value is made. A change is a new policy with a later date; an old
one is never edited, so that yesterday's access can still be explained.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_ZERO = timedelta(0)
_LONGEST_MARGIN = timedelta(hours=4)
_LONGEST_ALARM = timedelta(hours=24)
_MARGINS = (
    "before_shift",
    "after_shift",
    "before_visit",
    "after_visit",
    "before_health_visit",
    "after_health_visit",
    "after_alarm",
)


class Scope(enum.Enum):
    """Whose carers a client's choice of provider lets in by day."""

    TEAM = "team"
    """Only the team that the choice points to."""
    VISITS = "visits"
    """Only those of that team who have a planned visit, around its time; substitutes too."""
    AREA = "area"
    """Also the provider's other teams in the client's area."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A municipality's rules for access from `valid_from` on; ValueError if impossible."""

    valid_from: date = date.min
    scope: Scope = Scope.TEAM
    night_starts: time = time(22)
    """Local time when the night patrol takes over from the chosen providers."""
    night_ends: time = time(7)
    horizon: timedelta = timedelta(hours=36)
    """How far ahead of its start a shift's access is derived."""
    before_shift: timedelta = timedelta(minutes=15)
    after_shift: timedelta = timedelta(minutes=30)
    before_visit: timedelta = timedelta(minutes=15)
    """Margins around a planned visit, where it alone opens: `scope` VISITS, or by hand."""
    after_visit: timedelta = timedelta(minutes=30)
    before_health_visit: timedelta = timedelta(minutes=30)
    after_health_visit: timedelta = timedelta(minutes=60)
    longest_grant: timedelta = timedelta(hours=16)
    alarm_group_standing: bool = True
    """The alarm group holds alarm clients' doors for whole shifts, not per alarm."""
    alarm_access: timedelta = timedelta(hours=2)
    """Where it does not: how long from the start of an alarm that nobody ends."""
    after_alarm: timedelta = timedelta(minutes=30)
    """How long after its end, so that whoever came can lock behind them."""

    def __post_init__(self) -> None:
        if self.night_starts <= self.night_ends:
            raise ValueError("the night must cross midnight: night_starts after night_ends")
        if self.horizon <= _ZERO or self.longest_grant <= _ZERO:
            raise ValueError("horizon and longest_grant must be longer than nothing")
        if not _ZERO < self.alarm_access <= _LONGEST_ALARM:
            raise ValueError("alarm_access must lie between 0 and 24 hours, and be more than 0")
        for name in _MARGINS:
            margin = getattr(self, name)
            if not _ZERO <= margin <= _LONGEST_MARGIN:
                raise ValueError(f"{name} must lie between 0 and 4 hours")
            if name.startswith("before_") and margin > self.horizon:
                raise ValueError(f"horizon must be at least as long as {name}")


def policy_on(day: date, policies: Iterable[Policy]) -> Policy:
    """Find the policy in force on a local date; LookupError if none has begun."""
    begun = [policy for policy in policies if policy.valid_from <= day]
    if not begun:
        raise LookupError(f"no policy is in force on {day}; record one that begins earlier")
    return max(begun, key=lambda policy: policy.valid_from)
