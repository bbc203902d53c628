"""The measures, each a page of figures; the first figure stands for the page among the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from nyckelfri.care.statistics.facts import percent
from nyckelfri.care.statistics.month import Measures
from nyckelfri.server.console.statistics import figures
from nyckelfri.server.console.statistics.charts import Number
from nyckelfri.server.console.statistics.figure import Figure
from nyckelfri.server.console.statistics.measured import Measured
from nyckelfri.server.visits.actions_statistics import POLICY

_FEWEST: Final = POLICY.fewest


@dataclass(frozen=True, slots=True)
class Page:
    """A measure: its name, how an address says it, its first figure and the others."""

    name: str
    slug: str
    first: Callable[[Measured, Measures], Figure]
    others: Callable[[Measured, Measures], Sequence[Figure]] = lambda *_: ()

    def figures(self, found: Measured) -> list[Figure]:
        """All of a month that has been measured; of the others those that show something."""
        if found.own is None:
            return []
        return [
            self.first(found, found.own),
            *(figure for figure in self.others(found, found.own) if figure.rows),
        ]


def _by_month(
    name: str,
    found: Measured,
    values: Callable[[Measures], tuple[Number | None, ...]],
    *kinds: str,
) -> list[Figure]:
    """A measure month by month, where it has been measured in more than one."""
    rows = {month: values(each) for month, each in found.months.items()}
    known = [row for row in rows.values() if row[0] is not None]
    return [figures.months(name, rows, kinds)] if len(known) > 1 else []


def _continuity(found: Measured, own: Measures) -> list[Figure]:
    return [
        figures.continuity_teams(own.continuity_teams, found.names, _FEWEST),
        *_by_month(
            "continuity_months",
            found,
            lambda each: each.continuity[1:3] if each.continuity else (None, None),
            "mean",
            "median",
        ),
    ]


def _performed(found: Measured, own: Measures) -> list[Figure]:
    return [
        figures.performed_weeks(own.performed_weeks, _FEWEST),
        figures.performed_teams(own.performed_teams, found.names, _FEWEST),
        *_by_month(
            "performed_months",
            found,
            lambda each: (
                each.performed and percent(each.performed.performed, each.performed.planned),
            ),
            "share",
        ),
    ]


def _punctuality(found: Measured, own: Measures) -> list[Figure]:
    return [
        figures.punctuality_weeks(own.punctuality_weeks, _FEWEST),
        figures.punctuality_teams(own.punctuality_teams, found.names, _FEWEST),
        *_by_month(
            "punctuality_months",
            found,
            lambda each: (each.punctuality and each.punctuality.share,),
            "share",
        ),
    ]


def _evidence(found: Measured, own: Measures) -> list[Figure]:
    return [
        figures.evidence_teams(own.evidence_teams, found.names, _FEWEST),
        *_by_month(
            "evidence_months",
            found,
            lambda each: (each.evidence and each.evidence.grades[0][2],),
            "share",
        ),
    ]


PAGES: Final = (
    Page(
        "continuity",
        "kontinuitet",
        lambda found, own: figures.continuity(own.continuity, found.month, POLICY.continuity),
        _continuity,
    ),
    Page("performed", "utfort", lambda _, own: figures.performed(own.performed), _performed),
    Page(
        "punctuality",
        "punktlighet",
        lambda _, own: figures.punctuality(own.punctuality, POLICY.punctuality),
        _punctuality,
    ),
    Page("evidence", "bevis", lambda _, own: figures.evidence(own.evidence), _evidence),
    Page(
        "key_trips",
        "nyckelresor",
        lambda found, _: figures.key_trips(
            {month: each.key_trips for month, each in found.months.items()},
            found.month,
            POLICY.key_trips,
            _FEWEST,
        ),
    ),
    Page(
        "alarms",
        "larm",
        lambda found, _: figures.alarms(
            {month: each.alarms for month, each in found.months.items()},
            found.month,
            POLICY.alarms,
        ),
    ),
)
OF_SLUG: Final = {page.slug: page for page in PAGES}
