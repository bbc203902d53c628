"""Which visits somebody asks for: a day, a team, a standing, as an address says it.

House rules: what cannot be read is left out and said; every row comes from the viewer's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse

from nyckelfri.care.times import ZONE
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.visits import actions_review
from nyckelfri.server.visits.models import Visit
from nyckelfri.server.visits.queries_review import OF, Standing

DAY, TEAM, SHOWN, MONTH, CLIENT, EMPLOYEE, PLAN = (
    "dag", "grupp", "visa", "manad", "kund", "personal", "planerat",
)  # fmt: skip
"""Names in the address."""
SHOWS: Final[dict[str, Standing | None]] = {
    "se-over": Standing.LOOK,
    "vantar": Standing.WAITING,
    "stammer": Standing.FITS,
    "godkanda": Standing.APPROVED,
    "alla": None,
}
"""By its word in the address: what is shown, None for all."""
_FIRST_YEAR, _LAST_YEAR = 2000, 2999
_LONGEST: Final = 64


@dataclass(frozen=True, slots=True)
class Asked:
    """A day, a team's number (empty: all) and a word of `SHOWS`; `wrong_day` where it was none."""

    day: date
    team: str = ""
    shown: str = "se-over"
    wrong_day: bool = False

    @classmethod
    def read(cls, given: Mapping[str, str], now: datetime) -> Asked:
        """What an address asks for; yesterday where it names no day, since that is over."""
        said = str(given.get(DAY, ""))
        day, shown = day_of(said), str(given.get(SHOWN, ""))
        return cls(
            day=day or now.astimezone(ZONE).date() - timedelta(days=1),
            team=str(given.get(TEAM, "")).replace("\x00", "")[:_LONGEST],
            shown=shown if shown in SHOWS else "se-over",
            wrong_day=bool(said) and day is None,
        )

    def query(self) -> str:
        """What stands in the address of exactly this."""
        said = {DAY: self.day.isoformat(), TEAM: self.team, SHOWN: self.shown}
        return urlencode({name: value for name, value in said.items() if value})

    def href(self, **others: object) -> str:
        """The address of this page, or of one that differs in these."""
        asked = replace(self, **others) if others else self  # type: ignore[arg-type]
        return f"{reverse('visits')}?{asked.query()}"

    def visits(self, viewer: Viewer) -> QuerySet[Visit]:
        """Those of the day and the team, whatever their standing."""
        rows = actions_review.mine(viewer).filter(day=self.day)
        return rows.filter(care_team__external_id=self.team) if self.team else rows

    def only_shown(self, rows: QuerySet[Visit]) -> QuerySet[Visit]:
        """Of these, those of the standing asked for."""
        standing = SHOWS[self.shown]
        return rows if standing is None else rows.filter(OF[standing])


def day_of(text: str) -> date | None:
    """A date of our time, written as ISO does; None for anything else."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if _FIRST_YEAR <= day.year <= _LAST_YEAR else None


def month_of(text: str) -> date | None:
    """The first day of a month written as `2026-11`; None for anything else."""
    return day_of(f"{text}-01") if len(text) == len("2026-11") else None
