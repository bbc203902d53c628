"""Each measure as a figure; None is what there is nothing of, or too little to be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from django.utils.formats import date_format

from nyckelfri.care.performed import Grade
from nyckelfri.care.statistics.alarms import AlarmPolicy, AlarmToDoor
from nyckelfri.care.statistics.continuity import Continuity, ContinuityPolicy
from nyckelfri.care.statistics.evidence import Evidence
from nyckelfri.care.statistics.facts import Fewest, percent
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
    percent_of,
    said_of,
    share_of,
    shares,
    spread,
    written,
)
from nyckelfri.server.console.statistics.texts import text

_MINUTE: Final = 60
_HOUR: Final = timedelta(hours=1)
_PERFORMANCE: Final = (
    "planned_visits", "performed_visits", "planned_minutes", "performed_minutes",
    "unplanned_visits", "unplanned_minutes", "declined", "missed", "away", "not_made", "waiting",
)  # fmt: skip
_WHY_NOT: Final = ("declined", "missed", "away", "not_made", "waiting")
_NOBODY: Final = Continuity(0, None, None, ())


def continuity(made: Continuity | None, first: date, policy: ContinuityPolicy) -> Figure:
    """How many clients met how many different staff."""
    made = made or _NOBODY
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
        large=(written(made.mean), text("large_continuity")) if made.clients else ("", ""),
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


def performed(made: Performance | None) -> Figure:
    """What became of the planned visits."""
    planned = made.planned if made else 0
    share = percent(made.performed, planned) if made else None
    said = said_of(
        "performed",
        "performed_said",
        shown=planned,
        performed=made and made.performed,
        planned=planned,
        share=share,
    )
    names = ("performed_visits", *_WHY_NOT)
    counts = (made.performed, *made[6:]) if made else ()
    rows = [(text(name), count) for name, count in zip(names, counts, strict=False)]
    large = (percent_of(share), text("large_performed"))
    return shares(said, text("performed_lead"), "became", rows, large if planned else ("", ""))


def performed_weeks(weeks: Mapping[str, Performance | None], fewest: Fewest) -> Figure:
    """Planned and performed visits by week."""
    named = [(_week(week), made) for week, made in weeks.items()]
    return _performed("performed_weeks", text("week"), text("weeks_lead"), named, fewest)


def performed_teams(
    teams: Mapping[str, Performance | None], names: Mapping[str, str], fewest: Fewest
) -> Figure:
    """Planned and performed visits by team."""
    named = [(names[team], made) for team, made in teams.items()]
    return _performed("performed_teams", text("team"), text("teams_lead"), named, fewest)


def _performed(
    name: str,
    first: str,
    lead: str,
    groups: Sequence[tuple[str, Performance | None]],
    fewest: Fewest,
) -> Figure:
    shares_ = [
        (share_of(made.performed, made.planned), label)
        for label, made in groups
        if made is not None and made.planned
    ]
    said = spread(name, shares_, "performed_groups_said")
    return Figure(
        said=said,
        lead=lead,
        chart=charts.bars(
            said,
            [
                bar(label, made and [made.performed, made.planned])
                for label, made in groups
                if made is None or made.planned
            ],
            (text("performed_visits"), text("planned_visits")),
        ),
        heading=(first, *(text(column) for column in _PERFORMANCE)),
        rows=tuple(
            (label, *(_ordered(made) if made else (None,) * len(_PERFORMANCE)))
            for label, made in groups
        ),
        note=_note(groups, fewest),
    )


def _note(groups: Sequence[tuple[str, object]], fewest: Fewest) -> str:
    return note_of(fewest) if any(made is None for _, made in groups) else ""


def _ordered(made: Performance) -> tuple[int, ...]:
    """A row in the order of its heading: numbers of visits first, then minutes."""
    return (made.planned, made.performed, made.planned_minutes, made.performed_minutes, *made[4:])


def punctuality(made: Punctuality | None, policy: PunctualityPolicy) -> Figure:
    """How far from their plan visits began."""
    none = (0,) * len(policy.limits)
    made = made or Punctuality(0, none, 0, none, None)
    said = said_of(
        "punctuality", "punctuality_said", shown=made.visits, share=made.share, visits=made.visits
    )
    rows = [
        *((_off("early", at, policy), number) for at, number in reversed([*enumerate(made.early)])),
        (text("in_time"), made.in_time),
        *((_off("late", at, policy), number) for at, number in enumerate(made.late)),
    ]
    lead = text("punctuality_lead", limit=policy.limits[0])
    return shares(said, lead, "began", rows, (percent_of(made.share), text("large_punctuality")))


def _off(side: str, at: int, policy: PunctualityPolicy) -> str:
    low, *high = policy.limits[at : at + 2]
    if high:
        return text(f"off_{side}_between", low=low, high=high[0])
    return text(f"off_{side}_beyond", low=low)


def punctuality_weeks(weeks: Mapping[str, Punctuality | None], fewest: Fewest) -> Figure:
    """The share in time of each week."""
    return by_team(
        "punctuality_weeks",
        text("weeks_lead"),
        [(_week(week), made and (made.visits, made.share)) for week, made in weeks.items()],
        ("visits", "share"),
        fewest,
        first="week",
    )


def punctuality_teams(
    teams: Mapping[str, Punctuality | None], names: Mapping[str, str], fewest: Fewest
) -> Figure:
    """The share in time of each team."""
    return by_team(
        "punctuality_teams",
        text("teams_lead"),
        [(names[team], made and (made.visits, made.share)) for team, made in teams.items()],
        ("visits", "share"),
        fewest,
    )


def evidence(made: Evidence | None) -> Figure:
    """What shows that visits were made."""
    made = made or Evidence(0, tuple((grade, 0, None) for grade in Grade))
    share = made.grades[0][2]
    said = said_of("evidence", "evidence_said", shown=made.visits, share=share, visits=made.visits)
    rows = [(text(f"grade_{grade.value}"), number) for grade, number, _ in made.grades]
    large = (percent_of(share), text("large_evidence"))
    return shares(said, text("evidence_lead"), "shown_by", rows, large)


def evidence_teams(
    teams: Mapping[str, Evidence | None], names: Mapping[str, str], fewest: Fewest
) -> Figure:
    """The share that door and label show, of each team."""
    return by_team(
        "evidence_teams",
        text("evidence_teams_lead"),
        [(names[team], made and (made.visits, made.grades[0][2])) for team, made in teams.items()],
        ("visits", "share"),
        fewest,
    )


def key_trips(
    months: Mapping[date, KeyTrips | None], month: date, policy: KeyTripPolicy, fewest: Fewest
) -> Figure:
    """Trips for a key that were not needed, by month; the sentence is about one."""
    one = months.get(month)
    total = one.alarm + one.night if one else 0
    said = said_of(
        "key_trips",
        "key_trips_said",
        shown=total,
        month=_month(month),
        total=total,
        alarm=one and one.alarm,
        night=one and one.night,
    )
    with_kilometres = any(made and made.kilometres is not None for made in months.values())
    columns = ("month", "by_alarm", "by_night", "kilometres")[: 4 if with_kilometres else 3]
    none = (None,) * (len(columns) - 1)
    named = [(_month(first), made) for first, made in months.items()]
    return Figure(
        said=said,
        lead=text("key_trips_lead", hours=policy.kept // _HOUR),
        chart=charts.bars(
            said,
            [bar(label, made and [made.alarm, made.night]) for label, made in named],
            (text("by_alarm"), text("by_night")),
        ),
        heading=tuple(text(column) for column in columns),
        rows=tuple((label, *(made or none))[: len(columns)] for label, made in named),
        note=_note(named, fewest),
        large=(written(total), text("large_key_trips")) if total else ("", ""),
    )


def alarms(months: Mapping[date, AlarmToDoor | None], month: date, policy: AlarmPolicy) -> Figure:
    """Minutes from alarm to door, by month; the sentence is about one."""
    known = {first: made for first, made in months.items() if made is not None}
    one = known.get(month)
    said = said_of(
        "alarms",
        "alarms_said",
        shown=bool(one and one.median is not None),
        month=_month(month),
        median=_minutes(one.median) if one else None,
        ninetieth=_minutes(one.ninetieth) if one else None,
        alarms=one and one.alarms,
        reached=one and one.reached,
    )
    promised = policy.promised // timedelta(minutes=1)
    return Figure(
        said=said,
        lead=text("alarms_lead", fewest=policy.fewest, staff=policy.staff),
        chart=charts.lines(
            said,
            [
                Point(
                    date_format(first, "M"),
                    tuple(
                        None if took is None else Decimal(took) / _MINUTE
                        for took in (made.median, made.ninetieth)
                    ),
                )
                for first, made in known.items()
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
                _month(first),
                made.alarms,
                made.reached,
                _minutes(made.median),
                _minutes(made.ninetieth),
                made.in_time,
            )
            for first, made in known.items()
        ),
        large=(written(_minutes(one.median)), text("large_alarms"))
        if one and one.median is not None
        else ("", ""),
    )


def months(
    name: str, shares_: Mapping[date, tuple[Decimal | int | None, ...]], kinds: Sequence[str]
) -> Figure:
    """A measure month by month, one line for each kind."""
    known = [(values[0], _month(first)) for first, values in shares_.items()]
    said = spread(name, [(value, label) for value, label in known if value is not None])
    words = [text(kind) for kind in kinds]
    return Figure(
        said=said,
        lead=text("months_lead"),
        chart=charts.lines(
            said,
            [Point(date_format(first, "M"), values) for first, values in shares_.items()],
            words,
        ),
        heading=(text("month"), *words),
        rows=tuple((_month(first), *values) for first, values in shares_.items()),
    )


def _minutes(seconds: int | None) -> int | None:
    return None if seconds is None else (seconds + _MINUTE // 2) // _MINUTE


def _whole(value: Decimal | None) -> Decimal | int | None:
    """The number without a decimal that says nothing."""
    return int(value) if value is not None and value == int(value) else value


def _week(week: str) -> str:
    return text("week_of", week=int(week.partition("-W")[2]))


def _month(month: date) -> str:
    return date_format(month, "F Y")
