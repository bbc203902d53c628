"""Teams: the week as a table, its gaps, and visits that nobody makes."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from nyckelfri.care.policy import Policy
from nyckelfri.care.times import ZONE
from nyckelfri.server.access.models import Absence
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.console.teams.week import (
    Away,
    Hours,
    Week,
    Work,
    monday_of,
    name_of,
    span,
    table,
)
from nyckelfri.server.homes.models import CareTeam, Shift
from nyckelfri.server.people.models import Role

HOUR = timedelta(hours=1)
MONDAY = date(2026, 11, 23)
KIND = CareTeam.Kind


def at(day: int, hour: float, monday: date = MONDAY) -> datetime:
    """A local time of a day of the week, Monday 0."""
    whole = monday + timedelta(days=day)
    minutes = round(hour * 60)
    moment = datetime(whole.year, whole.month, whole.day, tzinfo=ZONE)
    return moment.replace(hour=minutes // 60, minute=minutes % 60).astimezone(UTC)


def of(*work: Work, away: tuple[Away, ...] = (), kind: str = KIND.HOME_CARE) -> Week:
    return table(MONDAY, [1, 2], list(work), list(away), Hours(kind, Policy()))


def gaps(week: Week, day: int) -> list[tuple[str, str]]:
    return [
        (f"{gap.start.astimezone(ZONE):%H:%M}", f"{gap.end.astimezone(ZONE):%H:%M}")
        for gap in week.gaps[day]
    ]


# The table.


def test_shift_stands_under_the_day_it_begins_on_also_over_midnight() -> None:
    night = Work(1, "P1", at(0, 22), at(1, 7))
    week = of(night)
    assert [bool(cell.shifts) for cell in week.cells[1]] == [True] + [False] * 6
    assert week.cells[2] == tuple(week.cells[2][:1] * 7)


def test_gaps_are_the_team_s_own_hours_without_anybody() -> None:
    week = of(
        Work(1, "P1", at(0, 7), at(0, 12)),
        Work(2, "P2", at(0, 11), at(0, 16)),
        Work(2, "P3", at(0, 17), at(0, 23)),
    )
    assert gaps(week, 0) == [("16:00", "17:00")]
    assert gaps(week, 1) == [("07:00", "22:00")]


def test_night_patrol_s_gaps_lie_in_the_night_and_the_alarm_group_s_anywhere() -> None:
    night = Work(1, "P1", at(0, 22), at(1, 7))
    assert gaps(of(night, kind=KIND.NIGHT_PATROL), 0) == [("00:00", "07:00")]
    assert gaps(of(night, kind=KIND.NIGHT_PATROL), 1) == [("22:00", "00:00")]
    assert gaps(of(night, kind=KIND.ALARM_GROUP), 0) == [("00:00", "22:00")]


def test_whoever_is_away_is_not_there() -> None:
    whole = Work(1, "P1", at(0, 7), at(0, 22))
    week = of(whole, away=(Away(1, at(0, 12), at(0, 14)),))
    assert gaps(week, 0) == [("12:00", "14:00")]
    assert [cell.away for cell in week.cells[1]] == [True] + [False] * 6


@pytest.mark.threat(32)
@pytest.mark.parametrize(
    ("monday", "hours"), [(date(2026, 10, 19), 169), (date(2026, 3, 23), 167), (MONDAY, 168)]
)
def test_week_is_as_long_as_the_clocks_make_it(monday: date, hours: int) -> None:
    window = span(monday)
    assert window.end - window.start == hours * HOUR


@pytest.mark.parametrize(
    ("asked", "monday"),
    [
        ("2026-W48", MONDAY),
        ("2026-W1", date(2025, 12, 29)),
        ("2026-W53", date(2026, 12, 28)),
        ("2025-W53", MONDAY),
        ("", MONDAY),
        ("2026-W00", MONDAY),
        ("0000-W10", MONDAY),
        ("2026-W٤٨", MONDAY),
        ("nonsense", MONDAY),
    ],
)
def test_senseless_week_is_this_week(asked: str, monday: date) -> None:
    assert monday_of(asked, MONDAY + timedelta(days=3)) == monday


def test_week_has_one_name() -> None:
    assert name_of(MONDAY) == "2026-W48"
    assert monday_of(name_of(date(2027, 1, 1)), MONDAY) == date(2026, 12, 28)


# The pages.


def away(cast: Any, moment: datetime) -> Absence:
    return Absence.objects.create(
        employee=cast.alice,
        start=moment,
        end=moment + 24 * HOUR,
        reason="borta",
        recorded_at=moment,
    )


def test_list_counts_people_at_work_and_away(
    planner: Browser, read: Any, cast: Any, moment: datetime
) -> None:
    away(cast, moment)
    shown = read(planner, "/grupper/")
    rows = re.findall(r"<tr>(.*?)</tr>", shown)
    (first,) = [row for row in rows if ">G1<" in row]
    cells = re.findall(r'data-label="(?:Anställda|På plats|Borta)">(?:<span[^>]*>)?(\d+)', first)
    assert cells == ["2", "2", "1"]


def test_week_shows_who_works_when_who_is_away_and_what_was_added_by_hand(
    planner: Browser, read: Any, cast: Any, moment: datetime
) -> None:
    away(cast, moment)
    Shift.objects.create(
        external_id="AH-1",
        employee=cast.bob,
        start=moment + 10 * HOUR,
        end=moment + 12 * HOUR,
        ad_hoc=True,
        reason="Passet saknades",
    )
    shown = read(planner, "/grupper/G1/")
    assert "Vecka 2026-W48" in shown
    assert shown.count('scope="col"') >= 8
    assert '<th scope="row"><a href="/personal/10002/">Bob</a>' in shown
    assert "07–15" in shown
    assert "17–19" in shown
    assert "för hand: Passet saknades" in shown
    assert 'href="/planering/pass/AH-1/ta-bort/"' in shown
    assert "Ingen på plats" in shown
    assert "15–17" in shown, "a gap between Bob's two shifts"
    assert "i dag" in shown


def test_visits_of_the_absent_are_told_of_with_a_way_to_give_them_to_somebody(
    planner: Browser, read: Any, cast: Any, moment: datetime
) -> None:
    assert "Besök som ingen gör" not in read(planner, "/grupper/G1/")
    away(cast, moment)
    shown = read(planner, "/grupper/G1/")
    assert "Besök som ingen gör" in shown
    assert 'href="/planering/ersattare/10001/"' in shown
    assert "Test Person" in shown
    cast.client.protected_identity = True
    cast.client.save()
    hidden = read(planner, "/grupper/G1/")
    assert "Test Person" not in hidden
    assert "B0001" in hidden


def test_other_weeks_are_a_click_away_with_and_without_script(
    planner: Browser, read: Any, cast: Any
) -> None:
    shown = read(planner, "/grupper/G1/?vecka=2026-W49")
    assert 'href="?vecka=2026-W48"' in shown
    assert 'href="?vecka=2026-W50"' in shown
    assert "07–15" not in shown
    piece = planner.get("/grupper/G1/?vecka=2026-W48", headers={"HX-Request": "true"})
    assert "<html" not in piece.content.decode()
    assert "Vecka 2026-W48" in piece.content.decode()


@pytest.mark.threat(50)
def test_provider_s_planner_sees_their_own_teams_only(log_in: Any, read: Any, cast: Any) -> None:
    theirs = log_in(Role.PLANNER, cast.other_team)
    shown = read(theirs, "/grupper/")
    assert ">G2<" in shown
    assert ">G1<" not in shown
    read(theirs, "/grupper/G2/")
    read(theirs, "/grupper/G1/", 404)


def test_auditor_sees_the_week_and_changes_nothing(log_in: Any, read: Any, cast: Any) -> None:
    shown = read(log_in(Role.AUDITOR), "/grupper/G1/")
    assert "Välj en person" not in shown
    read(log_in(Role.CARE_ASSESSOR), "/grupper/G1/", 403)


def test_pages_ask_few_questions(planner: Browser, cast: Any, moment: datetime) -> None:
    away(cast, moment)
    for path in ("/grupper/", "/grupper/G1/"):
        with CaptureQueriesContext(connection) as asked:
            assert planner.get(path).status_code == 200
        reads = [each["sql"] for each in asked if each["sql"].startswith("SELECT")]
        assert len(reads) <= 12, "\n".join(reads)
    assert AuditEvent.objects.filter(object_id="list:team:G1").exists()


def test_in_english(planner: Browser, cast: Any) -> None:
    for path in ("/grupper/", "/grupper/G1/"):
        shown = planner.get(path, headers={"accept-language": "en"}).content.decode()
        assert "å" not in shown.replace("Kommunens hemtjänst", "")
