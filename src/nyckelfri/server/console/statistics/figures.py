"""Each measure as a figure: a chart, what it shows in a sentence, a table, and rows for a file.

House rules: values in, words in the reader's language out; nothing is asked here. What is not
shown of a small team is empty in the table and in the file, and said in a note.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from django.utils.formats import date_format, number_format
from django.utils.safestring import SafeString

from nyckelfri.care.statistics.alarms import AlarmPolicy, AlarmToDoor
from nyckelfri.care.statistics.continuity import Continuity, ContinuityPolicy
from nyckelfri.care.statistics.evidence import Evidence
from nyckelfri.care.statistics.facts import Fewest
from nyckelfri.care.statistics.keytrips import KeyTripPolicy, KeyTrips
from nyckelfri.care.statistics.planned import Performance
from nyckelfri.care.statistics.punctuality import Punctuality, PunctualityPolicy
from nyckelfri.server.console.sheets import Cell
from nyckelfri.server.console.statistics import charts
from nyckelfri.server.console.statistics.charts import Bar, Column, Mark, Point, Said
from nyckelfri.server.console.statistics.texts import text

Value = str | int | Decimal | None
_MINUTE: Final = 60
_HOUR: Final = timedelta(hours=1)
_PERFORMANCE: Final = (
    "planned_visits", "performed_visits", "planned_minutes", "performed_minutes",
    "unplanned_visits", "unplanned_minutes", "declined", "missed", "away", "not_made", "waiting",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A chart and the table beside it; `name` is its own on a page. `note` explains the table."""

    said: Said
    lead: str
    chart: SafeString
    heading: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    note: str = ""

    def shown(self) -> list[list[tuple[str, str]]]:
        """Rows as the page shows them: each cell with the heading it stands under."""
        return [
            [(over, _shown(value)) for over, value in zip(self.heading, row, strict=True)]
            for row in self.rows
        ]

    def file(self) -> list[list[Cell]]:
        """Heading and rows for `sheets.answer`: decimals with a comma, as a Swedish Excel reads."""
        return [list(self.heading), *([_cell(value) for value in row] for row in self.rows)]


def continuity(made: Continuity, first: date, policy: ContinuityPolicy) -> Figure:
    """How many clients met how many different staff."""
    found = dict(made.distribution)
    numbers = range(min(found), max(found) + 1) if found else ()
    said = _said(
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
    return _teams(
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
    return _performed("performed_teams", text("team"), named, _note(fewest))


def _performed(
    name: str, first: str, groups: Sequence[tuple[str, Performance | None]], note: str = ""
) -> Figure:
    known = [made for _, made in groups if made is not None]
    planned, done = sum(made.planned for made in known), sum(made.performed for made in known)
    said = _said(
        name,
        "performed_said",
        shown=planned,
        performed=done,
        planned=planned,
        share=_share(done, planned),
    )
    return Figure(
        said=said,
        lead=text("performed_lead"),
        chart=charts.bars(
            said,
            [_bar(label, made and [made.performed, made.planned]) for label, made in groups],
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
    said = _said(
        "punctuality", "punctuality_said", shown=made.visits, share=made.share, visits=made.visits
    )
    rows = [
        *((_off("early", at, policy), number) for at, number in reversed([*enumerate(made.early)])),
        (text("in_time"), made.in_time),
        *((_off("late", at, policy), number) for at, number in enumerate(made.late)),
    ]
    return _shares(said, text("punctuality_lead", limit=policy.limits[0]), "began", rows)


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
    return _teams(
        "punctuality_teams",
        text("punctuality_lead", limit=policy.limits[0]),
        [(names[team], made and (made.visits, made.share)) for team, made in teams.items()],
        ("visits", "share"),
        fewest,
    )


def evidence(made: Evidence) -> Figure:
    """What shows that visits were made."""
    said = _said(
        "evidence",
        "evidence_said",
        shown=made.visits,
        share=made.grades[0][2],
        visits=made.visits,
    )
    rows = [(text(f"grade_{grade.value}"), number) for grade, number, _ in made.grades]
    return _shares(said, text("evidence_lead"), "shown_by", rows)


def key_trips(months: Mapping[date, KeyTrips], policy: KeyTripPolicy) -> Figure:
    """Trips for a key that were not needed, by month."""
    said = _said(
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
            [_bar(_month(month), [made.alarm, made.night]) for month, made in months.items()],
            (text("by_alarm"), text("by_night")),
        ),
        heading=tuple(text(column) for column in columns),
        rows=tuple((_month(month), *made)[: len(columns)] for month, made in months.items()),
    )


def alarms(months: Mapping[date, AlarmToDoor], policy: AlarmPolicy) -> Figure:
    """Minutes from alarm to door, by month."""
    timed = [(month, made) for month, made in months.items() if made.median is not None]
    month, last = timed[-1] if timed else (None, None)
    said = _said(
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


def _teams(
    name: str,
    lead: str,
    rows: Sequence[tuple[str, tuple[Value, ...] | None]],
    columns: tuple[str, ...],
    fewest: Fewest,
) -> Figure:
    """A bar a team, of the second number of its row."""
    values = [row[1] if row else None for _, row in rows]
    bars = [value if isinstance(value, Decimal) else None for value in values]
    known = sorted(
        (value, team) for (team, _), value in zip(rows, bars, strict=True) if value is not None
    )
    (least, least_team), (most, most_team) = (known[0], known[-1]) if known else ((None, ""),) * 2
    said = _said(
        name,
        "teams_said",
        shown=len(known),
        least=least,
        least_team=least_team,
        most=most,
        most_team=most_team,
    )
    return Figure(
        said=said,
        lead=lead,
        chart=charts.bars(
            said,
            [
                _bar(team, None if value is None else [value])
                for (team, _), value in zip(rows, bars, strict=True)
            ],
        ),
        heading=(text("team"), *(text(column) for column in columns)),
        rows=tuple((team, *(row or (None,) * len(columns))) for team, row in rows),
        note=_note(fewest),
    )


def _shares(said: Said, lead: str, first: str, rows: Sequence[tuple[str, int]]) -> Figure:
    """Parts of a whole, each as a bar with its share."""
    whole = sum(number for _, number in rows)
    return Figure(
        said=said,
        lead=lead,
        chart=charts.bars(
            said,
            [
                Bar(label, ((number, text("percent_of", share=_shown(_share(number, whole)))),))
                for label, number in rows
            ],
        ),
        heading=(text(first), text("visits"), text("share")),
        rows=tuple((label, number, _share(number, whole)) for label, number in rows),
    )


def _said(name: str, key: str, *, shown: int, **values: Value) -> Said:
    """Title and sentence of a figure; another sentence where there is nothing to show."""
    sentence = (
        text(key, **{word: _shown(value) for word, value in values.items()})
        if shown
        else text("no_figures")
    )
    return Said(name.replace("_", "-"), text(name), sentence)


def _bar(label: str, values: Sequence[charts.Number] | None) -> Bar:
    if values is None:
        return Bar(f"{label} – {text('too_few')}", ())
    return Bar(label, tuple((value, _shown(value)) for value in values))


def _note(fewest: Fewest) -> str:
    return text("too_few_note", clients=fewest.clients, staff=fewest.staff)


def _share(part: int, whole: int) -> Decimal:
    if not whole:
        return Decimal("0.0")
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)


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


def _shown(value: Value) -> str:
    if value is None:
        return "–"
    return value if isinstance(value, str) else number_format(value, force_grouping=True)


def _cell(value: Value) -> Cell:
    if isinstance(value, Decimal):
        return f"{value}".replace(".", ",")
    return "" if value is None else value
