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


class Scope(enum.Enum):
    """Whose carers a client's choice of provider lets in by day."""

    TEAM = "team"
    """Only the team that the choice points to."""
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
    before_health_visit: timedelta = timedelta(minutes=30)
    after_health_visit: timedelta = timedelta(minutes=60)
    longest_grant: timedelta = timedelta(hours=16)
    alarm_group_standing: bool = True
    """The alarm group holds alarm clients' doors for whole shifts, not per alarm."""

    def __post_init__(self) -> None:
        if self.night_starts <= self.night_ends:
            raise ValueError("the night must cross midnight: night_starts after night_ends")
        if self.horizon <= _ZERO or self.longest_grant <= _ZERO:
            raise ValueError("horizon and longest_grant must be longer than nothing")
        for name in ("before_shift", "after_shift", "before_health_visit", "after_health_visit"):
            if not _ZERO <= getattr(self, name) <= _LONGEST_MARGIN:
                raise ValueError(f"{name} must lie between 0 and 4 hours")


def policy_on(day: date, policies: Iterable[Policy]) -> Policy:
    """Find the policy in force on a local date; LookupError if none has begun."""
    begun = [policy for policy in policies if policy.valid_from <= day]
    if not begun:
        raise LookupError(f"no policy is in force on {day}; record one that begins earlier")
    return max(begun, key=lambda policy: policy.valid_from)
