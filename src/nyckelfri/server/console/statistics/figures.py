"""Each measure as a figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from django.utils.formats import date_format

from nyckelfri.care.statistics.alarms import AlarmPolicy, AlarmToDoor
from nyckelfri.care.statistics.continuity import Continuity, ContinuityPolicy
from nyckelfri.care.statistics.evidence import Evidence
from nyckelfri.care.statistics.facts import Fewest
from nyckelfri.care.statistics.keytrips import KeyTripPolicy, KeyTrips
from nyckelfri.care.statistics.planned import Performance
from nyckelfri.care.statistics.punctuality import Punctuality, PunctualityPolicy
from nyckelfri.server.console.statistics import charts
from nyckelfri.server.console.statistics.charts import Column, Mark, Point
from nyckelfri.server.console.statistics.figure import (
    Figure,
    bar,
    by_team,
    note_of,
    said_of,
    share_of,
    shares,
)
from nyckelfri.server.console.statistics.texts import text

_MINUTE: Final = 60
_HOUR: Final = timedelta(hours=1)
_PERFORMANCE: Final = (
    "planned_visits", "performed_visits", "planned_minutes", "performed_minutes",
    "unplanned_visits", "unplanned_minutes", "declined", "missed", "away", "not_made", "waiting",
)  # fmt: skip


def continuity(made: Continuity, first: date, policy: ContinuityPolicy) -> Figure:
    """How many clients met how many different staff."""
    found = dict(made.distribution)
    numbers = range(min(found), max(found) + 1) if found else ()
    said = said_of(
        "continuity",
        "continuity_said",
        shown=made.clients,
        clients=made.clients,
        mean=made.mean,
        median=_whole(made.median),
    )
    return Figure(
        said=said,
        lead=text(
            "continuity_lead",
            age=policy.age,
            visits=policy.visits_a_day,
            days=policy.days,
            first=date_format(first, "j F Y"),
            opens=f"{policy.opens:%H}",
            closes=f"{policy.closes:%H}",
        ),
        chart=charts.columns(
            said,
            [Column(str(number), found.get(number, 0)) for number in numbers],
            text("staff_met"),
            text("clients_count"),
        ),
        heading=(text("staff_met"), text("clients_count")),
        rows=made.distribution,
    )


def continuity_teams(
    teams: Mapping[str, Continuity | None], names: Mapping[str, str], fewest: Fewest
) -> Figure:
    """The mean of each team; `names` are the teams'."""
    return by_team(
        "continuity_teams",
        text("continuity_teams_lead"),
        [(names[team], made and made[:3]) for team, made in teams.items()],
        ("clients_count", "mean", "median"),
        fewest,
    )


def performed_weeks(weeks: Mapping[str, Performance]) -> Figure:
    """Planned and performed visits by week."""
    named = [(_week(week), made) for week, made in weeks.items()]
    return _performed("performed_weeks", text("week"), named)


def performed_teams(
    teams: Mapping[str, Performance | None], names: Mapping[str, str], fewest: Fewest
) -> Figure:
    """Planned and performed visits by team."""
    named = [(names[team], made) for team, made in teams.items()]
    return _performed("performed_teams", text("team"), named, note_of(fewest))


def _performed(
    name: str, first: str, groups: Sequence[tuple[str, Performance | None]], note: str = ""
) -> Figure:
    known = [made for _, made in groups if made is not None]
    planned, done = sum(made.planned for made in known), sum(made.performed for made in known)
    said = said_of(
        name,
        "performed_said",
        shown=planned,
        performed=done,
        planned=planned,
        share=share_of(done, planned),
    )
    return Figure(
        said=said,
        lead=text("performed_lead"),
        chart=charts.bars(
            said,
            [bar(label, made and [made.performed, made.planned]) for label, made in groups],
            (text("performed_visits"), text("planned_visits")),
        ),
        heading=(first, *(text(column) for column in _PERFORMANCE)),
        rows=tuple(
            (label, *(_ordered(made) if made else (None,) * len(_PERFORMANCE)))
            for label, made in groups
        ),
        note=note,
    )


def _ordered(made: Performance) -> tuple[int, ...]:
    """A row in the order of its heading: numbers of visits first, then minutes."""
    return (made.planned, made.performed, made.planned_minutes, made.performed_minutes, *made[4:])


def punctuality(made: Punctuality, policy: PunctualityPolicy) -> Figure:
    """How far from their plan visits began."""
    said = said_of(
        "punctuality", "punctuality_said", shown=made.visits, share=made.share, visits=made.visits
    )
    rows = [
        *((_off("early", at, policy), number) for at, number in reversed([*enumerate(made.early)])),
        (text("in_time"), made.in_time),
        *((_off("late", at, policy), number) for at, number in enumerate(made.late)),
    ]
    return shares(said, text("punctuality_lead", limit=policy.limits[0]), "began", rows)


def _off(side: str, at: int, policy: PunctualityPolicy) -> str:
    low, *high = policy.limits[at : at + 2]
    if high:
        return text(f"off_{side}_between", low=low, high=high[0])
    return text(f"off_{side}_beyond", low=low)


def punctuality_teams(
    teams: Mapping[str, Punctuality | None],
    names: Mapping[str, str],
    policy: PunctualityPolicy,
    fewest: Fewest,
) -> Figure:
    """The share in time of each team."""
    return by_team(
        "punctuality_teams",
        text("punctuality_lead", limit=policy.limits[0]),
        [(names[team], made and (made.visits, made.share)) for team, made in teams.items()],
        ("visits", "share"),
        fewest,
    )


def evidence(made: Evidence) -> Figure:
    """What shows that visits were made."""
    said = said_of(
        "evidence",
        "evidence_said",
        shown=made.visits,
        share=made.grades[0][2],
        visits=made.visits,
    )
    rows = [(text(f"grade_{grade.value}"), number) for grade, number, _ in made.grades]
    return shares(said, text("evidence_lead"), "shown_by", rows)


def key_trips(months: Mapping[date, KeyTrips], policy: KeyTripPolicy) -> Figure:
    """Trips for a key that were not needed, by month."""
    said = said_of(
        "key_trips",
        "key_trips_said",
        shown=len(months),
        alarm=sum(made.alarm for made in months.values()),
        night=sum(made.night for made in months.values()),
    )
    with_kilometres = any(made.kilometres is not None for made in months.values())
    columns = ("month", "by_alarm", "by_night", "kilometres")[: 4 if with_kilometres else 3]
    return Figure(
        said=said,
        lead=text("key_trips_lead", hours=policy.kept // _HOUR),
        chart=charts.bars(
            said,
            [bar(_month(month), [made.alarm, made.night]) for month, made in months.items()],
            (text("by_alarm"), text("by_night")),
        ),
        heading=tuple(text(column) for column in columns),
        rows=tuple((_month(month), *made)[: len(columns)] for month, made in months.items()),
    )


def alarms(months: Mapping[date, AlarmToDoor], policy: AlarmPolicy) -> Figure:
    """Minutes from alarm to door, by month."""
    timed = [(month, made) for month, made in months.items() if made.median is not None]
    month, last = timed[-1] if timed else (None, None)
    said = said_of(
        "alarms",
        "alarms_said",
        shown=len(timed),
        month=_month(month) if month else "",
        median=_minutes(last.median) if last else None,
        ninetieth=_minutes(last.ninetieth) if last else None,
    )
    promised = policy.promised // timedelta(minutes=1)
    return Figure(
        said=said,
        lead=text("alarms_lead", fewest=policy.fewest),
        chart=charts.lines(
            said,
            [
                Point(
                    date_format(month, "M"),
                    tuple(
                        None if took is None else Decimal(took) / _MINUTE
                        for took in (made.median, made.ninetieth)
                    ),
                )
                for month, made in months.items()
            ],
            (text("half_within"), text("nine_within")),
            Mark(promised, text("promised", minutes=promised)),
        ),
        heading=tuple(
            text(column)
            for column in (
                "month",
                "alarms_count",
                "reached_count",
                "half_within",
                "nine_within",
                "in_time_share",
            )
        ),
        rows=tuple(
            (
                _month(month),
                made.alarms,
                made.reached,
                _minutes(made.median),
                _minutes(made.ninetieth),
                made.in_time,
            )
            for month, made in months.items()
        ),
    )


def _minutes(seconds: int | None) -> int | None:
    return None if seconds is None else (seconds + _MINUTE // 2) // _MINUTE


def _whole(value: Decimal | None) -> Decimal | int | None:
    """The number without a decimal that says nothing."""
    return int(value) if value is not None and value == int(value) else value


def _week(week: str) -> str:
    year, number = week.split("-W")
    return text("week_of", week=int(number), year=year)


def _month(month: date) -> str:
    return date_format(month, "F Y")
