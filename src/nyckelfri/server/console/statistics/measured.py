"""Which month somebody asks for, and what was measured of it and of those before.

House rules: reads only; whoever works for a provider gets that provider's figures and no other's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.utils.formats import date_format

from nyckelfri.care.statistics.month import Measures
from nyckelfri.care.times import ZONE
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.console.statistics.texts import text
from nyckelfri.server.homes.models import CareTeam
from nyckelfri.server.visits import kept_measures
from nyckelfri.server.visits.models import MeasuredMonth, Month

MONTH: Final = "manad"
"""Its name in the address."""
MONTHS: Final = 12
"""How many are shown beside each other, this one the last."""
_WRITTEN: Final = re.compile(r"20\d\d-(?:0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Measured:
    """A month's figures, and those of months before it that have some, in order of time."""

    month: date
    months: Mapping[date, Measures]
    names: Mapping[str, str]
    """Teams, by primary key as text."""
    at: datetime | None
    closed: bool
    choices: list[tuple[str, str]]
    """Months to choose among: how each is written in an address, and in words."""

    @property
    def own(self) -> Measures | None:
        """The month's own; None where it has not been measured."""
        return self.months.get(self.month)

    @property
    def key(self) -> str:
        """The month as an address has it."""
        return f"{self.month:%Y-%m}"

    @property
    def word(self) -> str:
        """The month in words."""
        return date_format(self.month, "F Y")


def measured(who: Viewer, said: str, now: datetime) -> Measured:
    """What this viewer may see of the month in an address; empty is the latest whole one."""
    rows = MeasuredMonth.objects.filter(provider=who.provider).exclude(measures__performed=None)
    known = list(rows.order_by("-month").values_list("month", flat=True))
    month = date.fromisoformat(f"{said}-01") if _WRITTEN.fullmatch(said) else _usual(known, now)
    some = [each for each in known if each <= month][:MONTHS]
    found = rows.filter(month__in=some).order_by("month")
    months, at = {}, None
    for first, measures, when in found.values_list("month", "measures", "measured_at"):
        months[first] = kept_measures.read(measures)
        at = when if first == month else at
    teams = CareTeam.objects.values_list("pk", "name")
    return Measured(
        month=month,
        months=months,
        names={"": text("no_team"), **{str(pk): name for pk, name in teams}},
        at=at,
        closed=Month.objects.filter(first=month, closed_at__isnull=False).exists(),
        choices=[
            (f"{first:%Y-%m}", date_format(first, "F Y")) for first in sorted({*known, month})[::-1]
        ],
    )


def _usual(known: list[date], now: datetime) -> date:
    """The latest month that is over and measured, else the latest, else the last one."""
    this = now.astimezone(ZONE).date().replace(day=1)
    over = [month for month in known if month < this]
    return (over or known or [(this - timedelta(days=1)).replace(day=1)])[0]
