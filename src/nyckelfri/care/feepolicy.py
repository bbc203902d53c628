"""What a municipality may set about fees, as one dated value.

House rules: as in `care/policy.py`. A month has one policy, so a policy begins with a month.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date
from typing import Final

from nyckelfri.care.billing import Article
from nyckelfri.care.performed import Outcome

IN_VAIN: Final = frozenset({Outcome.DECLINED, Outcome.MISSED})
"""Somebody came, and the visit was not made."""


class Charged(enum.Enum):
    """Which time is charged."""

    PERFORMED = "performed"
    GRANTED = "granted"
    """What the decisions grant, whether it was performed or not."""
    SMALLER = "smaller"
    """What was performed, never more in a month than the decisions grant."""


class Doubled(enum.Enum):
    """How a visit by two is charged."""

    ONCE = "once"
    """The longer of the two."""
    EACH = "each"


class Split(enum.Enum):
    """Whose time a visit with several services is."""

    EQUALLY = "equally"
    """As many seconds each, those left over the first's."""
    FIRST = "first"
    """The first service's."""


class Monthly(enum.Enum):
    """What a monthly article costs when it runs for a part of the month."""

    BY_DAYS = "by_days"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeePolicy:
    """A municipality's rules for fees from `valid_from` on; ValueError if impossible."""

    valid_from: date = date.min
    outside_cap: frozenset[Article] = frozenset({Article.MEALS})
    """What neither the cap nor the headroom limits."""
    charged: Charged = Charged.PERFORMED
    doubled: Doubled = Doubled.ONCE
    split: Split = Split.EQUALLY
    in_vain: frozenset[Outcome] = frozenset()
    """What becomes a piece of the article `missed_visit`: declined and missed visits."""
    alarm_visits: bool = False
    """Whether the time of a visit at an alarm is charged, as care."""
    monthly: Monthly = Monthly.BY_DAYS
    away_is_free: bool = False
    """Whether what runs by days (monthly articles, granted time) rests on whole days away."""
    whole_kronor: bool = False
    """Whether the öre of a month's fee are left off."""

    def __post_init__(self) -> None:
        if self.valid_from.day != 1:
            raise ValueError("a fee policy begins on the first day of a month")
        if not self.in_vain <= IN_VAIN:
            raise ValueError("only declined and missed visits can be charged as in vain")
