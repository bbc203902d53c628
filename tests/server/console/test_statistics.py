"""Pages of statistics on real rows: every figure is worked out by hand beside them."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.console.statistics.pages import PAGES
from nyckelfri.server.people.models import Role
from nyckelfri.server.visits.models import MeasuredMonth, Month
from statisticsworld import NOVEMBER, NOW, Figures, Group

SLUGS = [page.slug for page in PAGES]


@pytest.fixture
def made() -> Figures:
    return Figures()


@pytest.fixture
def north(cast: Any, made: Figures) -> Group:
    return made.group(1, cast.municipality, "Hemtjänst Norr")


@pytest.fixture
def south(cast: Any, made: Figures) -> Group:
    return made.group(2, cast.municipality, "Hemtjänst Söder")


@pytest.fixture
def firm(cast: Any, made: Figures) -> Group:
    return made.group(3, cast.company, "Omtanke Öst")


@pytest.fixture
def accountant(log_in: Any) -> Browser:
    browser: Browser = log_in(Role.ACCOUNTANT)
    return browser


def shown(page: str) -> str:
    """What stands in `main`, as text, with plain spaces."""
    inside = page.partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", inside)).replace("\xa0", " ")


def table(page: str, name: str) -> list[list[str]]:
    """The rows of a figure's table."""
    section = page.partition(f'id="{name}"')[2].partition("</section>")[0]
    body = section.partition("<tbody>")[2].partition("</tbody>")[0]
    return [
        [
            re.sub(r"<[^>]+>", "", cell).strip().replace("\xa0", " ")
            for cell in re.findall(r"<t[hd].*?</t[hd]>", row)
        ]
        for row in re.findall(r"<tr>.*?</tr>", body)
    ]


def rows(browser: Browser, path: str) -> list[list[str]]:
    """A file's rows."""
    answer: Any = browser.get(path)
    assert answer.status_code == 200
    content = b"".join(answer.streaming_content).decode().removeprefix("\ufeff")
    return list(csv.reader(io.StringIO(content), delimiter=";"))


@pytest.mark.sentence(70)
def test_planned_against_performed_by_month_week_and_team(
    made: Figures, north: Group, south: Group, accountant: Browser, read: Any
) -> None:
    for at in range(6):
        made.visit(north, at)  # 6 planned and performed, week 45
    made.visit(north, 0, hour=12, late=None)  # not made
    made.visit(north, 1, hour=12, late=None, outcome="declined")
    made.visit(north, 2, hour=13, planned=False)  # without a plan
    for at in range(5):
        made.visit(south, at, day=10)  # 5, week 46
    made.visit(south, 0, day=10, hour=12, late=None, outcome="away")
    made.measure()
    page = read(accountant, "/statistik/utfort/?manad=2026-11")
    # 6 + 5 of 8 + 6 planned: 11/14 = 78.6 per cent.
    assert "11 av 14 planerade besök utfördes, 78,6 procent." in shown(page)
    assert table(page, "performed") == [
        ["Utförda", "11", "78,6"],
        ["Avböjda", "1", "7,1"],
        ["Ingen hemma", "0", "0,0"],
        ["Frånvaro", "1", "7,1"],
        ["Uteblivna", "1", "7,1"],
        ["Väntar på besked", "0", "0,0"],
    ]
    # Planned, performed, minutes of 30 and 20, without a plan, declined, missed, away, not made.
    assert table(page, "performed-weeks") == [
        ["vecka 45", "8", "6", "240", "120", "1", "20", "1", "0", "0", "1", "0"],
        ["vecka 46", "6", "5", "180", "100", "0", "0", "0", "0", "1", "0", "0"],
    ]
    assert table(page, "performed-teams") == [
        ["Hemtjänst Norr", "8", "6", "240", "120", "1", "20", "1", "0", "0", "1", "0"],
        ["Hemtjänst Söder", "6", "5", "180", "100", "0", "0", "0", "0", "1", "0", "0"],
    ]
    assert "Från 75,0 procent utförda (Hemtjänst Norr) till 83,3 procent" in shown(page)


@pytest.mark.sentence(70)
def test_what_counts_is_the_correction_in_force(
    made: Figures, north: Group, accountant: Browser, read: Any
) -> None:
    visits = [made.visit(north, at, late=None) for at in range(6)]
    came = visits[0].planned.start + timedelta(minutes=40)  # type: ignore[union-attr]
    made.correct(visits[0], north.staff[0], entry=came, exit=came + timedelta(minutes=25))
    made.correct(visits[1], north.staff[0], outcome="missed", entry=None, exit=None)
    undone = made.correct(visits[2], north.staff[0], entry=came, exit=came + timedelta(minutes=9))
    visits[2].correction = None
    visits[2].save()
    assert undone.visit_id == visits[2].pk
    made.measure()
    page = read(accountant, "/statistik/utfort/?manad=2026-11")
    assert "1 av 6 planerade besök utfördes" in shown(page)
    assert table(page, "performed-weeks")[0][1:5] == ["6", "1", "180", "25"]
    assert table(page, "performed")[2][1] == "1"  # nobody at home
    # One visit by one of the staff is nobody's business.
    assert "enskilda personer" in shown(read(accountant, "/statistik/punktlighet/?manad=2026-11"))


@pytest.mark.sentence(70)
def test_punctuality_by_month_week_and_team(
    made: Figures, north: Group, south: Group, accountant: Browser, read: Any
) -> None:
    for at, late in enumerate((0, 15, -15, 16, -31, 61)):
        made.visit(north, at, late=late)
    for at in range(5):
        made.visit(south, at, late=45 if at == 4 else 5)
    made.measure()
    page = read(accountant, "/statistik/punktlighet/?manad=2026-11")
    # In time: three of six, and four of five: 7/11 = 63.6 per cent.
    assert "63,6 procent av 11 besök började i tid." in shown(page)
    assert [row[1] for row in table(page, "punctuality")] == ["0", "1", "0", "7", "1", "1", "1"]
    assert table(page, "punctuality-weeks") == [["vecka 45", "11", "63,6"]]
    assert table(page, "punctuality-teams") == [
        ["Hemtjänst Norr", "6", "50,0"],
        ["Hemtjänst Söder", "5", "80,0"],
    ]


def test_what_shows_the_visits(
    made: Figures, north: Group, south: Group, accountant: Browser, read: Any
) -> None:
    grades = ["door_and_label", "door_and_label", "door", "label", "by_hand", "by_hand"]
    for at, grade in enumerate(grades):
        made.visit(north, at, grade=grade)
    for at in range(5):
        made.visit(south, at)
    # Nothing told of it until somebody did: their word is what shows it.
    forgotten = made.visit(north, 0, hour=12, late=None)
    came = forgotten.planned.start  # type: ignore[union-attr]
    made.correct(forgotten, south.staff[0], entry=came, exit=came + timedelta(minutes=20))
    made.measure()
    page = read(accountant, "/statistik/bevis/?manad=2026-11")
    # 2 + 5 of 12 by both: 58.3.
    assert "58,3 procent av 12 besök visas av både dörr och etikett." in shown(page)
    assert [row[1] for row in table(page, "evidence")] == ["7", "1", "1", "3", "0"]
    assert [row[2] for row in table(page, "evidence-teams")] == ["28,6", "100,0"]


def test_continuity_of_the_months_first_fortnight(
    made: Figures, north: Group, accountant: Browser, read: Any
) -> None:
    for client in range(5):
        for day in range(1, 15):
            for hour in (8, 19):
                # Client 0 meets one of the staff, 1 and 2 meet two, 3 and 4 meet three.
                by = (0, day % 2, day % 2, day % 3, day % 3)[client]
                made.visit(north, client, day, hour, by=by)
    made.measure()
    page = read(accountant, "/statistik/kontinuitet/?manad=2026-11")
    # (1 + 2 + 2 + 3 + 3) / 5 = 2.2; the middle one is 2.
    assert "5 kunder mötte i medeltal 2,2 olika personer. Hälften mötte högst 2." in shown(page)
    assert table(page, "continuity") == [["1", "1"], ["2", "2"], ["3", "2"]]
    assert table(page, "continuity-teams") == [["Hemtjänst Norr", "5", "2,2", "2,0"]]
    assert "från 1 november 2026" in shown(page)


@pytest.mark.sentence(91)
def test_trips_for_a_key_that_were_not_needed_month_by_month(
    made: Figures, north: Group, accountant: Browser, read: Any
) -> None:
    for month in (10, 11):
        for at in range(5):
            made.visit(north, at, 3, 23, month=month)
    made.visit(north, 0, 4, 5)  # the key from the evening before would have served
    made.visit(north, 0, 4, 12, planned=False, reason="alarm")
    made.visit(north, 1, 4, 13)  # by day, planned: no trip
    made.visit(north, 1, 5, 23, grade="label")  # the lock does not know
    made.measure(date(2026, 10, 1))
    made.measure()
    page = read(accountant, "/statistik/nyckelresor/?manad=2026-11")
    said = "I november 2026 behövdes inte 6 resor efter en nyckel: 1 vid larm och 5 på natten."
    assert said in shown(page)
    assert table(page, "key-trips") == [["oktober 2026", "0", "5"], ["november 2026", "1", "5"]]


@pytest.mark.sentence(87)
def test_time_from_alarm_to_door(
    made: Figures, north: Group, accountant: Browser, read: Any
) -> None:
    for at in range(5):
        made.visit(north, at)
    # The door opened after 10, 12, 20 and 40 minutes; once only their word, 25; once nobody came.
    for at, minutes in enumerate((10, 12, 20, 40)):
        made.alarm(north, at, minutes, said=minutes + 3)
    made.alarm(north, 4, None, said=25)
    made.alarm(north, 5, None)
    made.measure()
    page = read(accountant, "/statistik/larm/?manad=2026-11")
    # Of 10, 12, 20, 25, 40: the median is 20, nine in ten within 40, four of five within 30.
    assert table(page, "alarms") == [["november 2026", "6", "5", "20", "40", "80,0"]]
    said = "I november 2026 kom 6 larm, och till 5 kom någon: till hälften inom 20 minuter"
    assert said in shown(page)


def test_the_first_page_says_each_measure_in_a_number_and_a_sentence(
    made: Figures, north: Group, accountant: Browser, read: Any
) -> None:
    for at in range(6):
        made.visit(north, at, late=0 if at else 20)
    made.measure()
    page = read(accountant, "/statistik/")
    text = shown(page)
    assert "100,0 % av de planerade besöken utfördes" in text
    assert "83,3 % av besöken började i tid" in text  # 5 of 6
    assert "6 av 6 planerade besök utfördes" in text
    assert "Räknat 1 december 2026 07:00" in text
    assert "inte stängd" in text
    assert 'href="/statistik/punktlighet/?manad=2026-11"' in page
    Month.objects.create(
        first=NOVEMBER, lock_date=date(2026, 12, 5), closed_at=NOW, closed_by=north.staff[0]
    )
    assert "Månaden är stängd." in shown(read(accountant, "/statistik/"))
    assert "charts.css" in page


@pytest.mark.threat(65)
def test_a_small_team_is_in_no_page_and_no_file(
    cast: Any, made: Figures, north: Group, accountant: Browser, read: Any
) -> None:
    """The team of two is left out, and so is the next smallest: else subtraction would tell."""
    south = made.group(7, cast.municipality, "Hemtjänst Söder", clients=6)
    small = made.group(9, cast.municipality, "Liten grupp", staff=2, clients=2)
    large = made.group(8, cast.municipality, "Stor grupp", clients=7)
    for group, count in ((north, 11), (south, 12), (small, 13), (large, 14)):
        for at in range(count):
            made.visit(group, at, day=3 + at)
    made.measure()
    for slug, name in (
        ("utfort", "performed"),
        ("punktlighet", "punctuality"),
        ("bevis", "evidence"),
    ):
        page = read(accountant, f"/statistik/{slug}/?manad=2026-11")
        teams = {row[0]: row[1] for row in table(page, f"{name}-teams")}
        assert teams == {
            "Hemtjänst Norr": "–", "Hemtjänst Söder": "12", "Liten grupp": "–", "Stor grupp": "14",
        }, slug  # fmt: skip
        assert "färre än 5 kunder eller 3 i personalen" in shown(page)
        found = rows(accountant, f"/statistik/{slug}/{name}-teams.csv?manad=2026-11")
        assert {row[0]: row[1] for row in found[1:]} == {
            "Hemtjänst Norr": "", "Hemtjänst Söder": "12", "Liten grupp": "", "Stor grupp": "14",
        }, slug  # fmt: skip
    assert "50 av 50 planerade besök" in shown(read(accountant, "/statistik/utfort/"))


@pytest.mark.threat(65)
def test_a_provider_of_two_has_no_figures_at_all(
    cast: Any, made: Figures, north: Group, log_in: Any, read: Any
) -> None:
    pair = made.group(4, cast.company, "Tvåmansbolaget", staff=2, clients=9)
    for at in range(20):
        made.visit(pair, at, day=3 + at)
        made.visit(north, at, day=3 + at)
    made.measure()
    manager = log_in(Role.PROVIDER_MANAGER, pair.team)
    for slug in SLUGS:
        text = shown(read(manager, f"/statistik/{slug}/?manad=2026-11"))
        assert "Det finns inga siffror för november 2026" in text
        assert "20" not in text.replace("2026", "")


@pytest.mark.threat(50)
def test_a_provider_sees_its_own_and_nothing_of_others(
    cast: Any, made: Figures, north: Group, firm: Group, log_in: Any, read: Any
) -> None:
    for at in range(6):
        made.visit(firm, at)
    for at in range(11):
        made.visit(north, at, day=3 + at, late=20)
    for at in range(6):
        made.alarm(north, at, 10)
    made.measure()
    planner = log_in(Role.PLANNER, firm.team)
    page = read(planner, "/statistik/utfort/?manad=2026-11")
    assert "6 av 6 planerade besök" in shown(page)
    assert [row[0] for row in table(page, "performed-teams")] == ["Omtanke Öst"]
    assert "Siffrorna gäller Omtanke AB." in shown(page)
    for slug in SLUGS:
        page = shown(read(planner, f"/statistik/{slug}/?manad=2026-11"))
        assert "Hemtjänst Norr" not in page
        assert "17" not in page
    assert "enskilda personer" in shown(read(planner, "/statistik/larm/?manad=2026-11"))
    found = rows(planner, "/statistik/punktlighet/punctuality-teams.csv?manad=2026-11")
    assert found == [["Grupp", "Besök", "Andel, %"], ["Omtanke Öst", "6", "100,0"]]


@pytest.mark.threat(65)
def test_nobody_who_works_there_or_lives_there_is_in_what_is_stored_shown_or_taken_out(
    made: Figures, north: Group, south: Group, accountant: Browser
) -> None:
    for group in (north, south):
        for client in range(5):
            for day in range(1, 15):
                for hour in (8, 19, 23):
                    made.visit(group, client, day, hour, by=day)
        for at in range(6):
            made.alarm(group, at, 10 + at)
    made.measure()
    persons = [
        word
        for group in (north, south)
        for word in (
            *(word for one in group.staff for word in (one.name, one.number)),
            *(word for one in group.clients for word in (one.name, one.external_id)),
        )
    ]
    assert len(persons) == 2 * (3 * 2 + 5 * 2)
    stored = json.dumps([row.measures for row in MeasuredMonth.objects.all()])
    told = [stored]
    for page in PAGES:
        answer = accountant.get(f"/statistik/{page.slug}/?manad=2026-11")
        content = answer.content.decode()
        told.append(content.partition("<main")[2])
        files = re.findall(r'href="(/statistik/[^"]+\.(?:csv|xlsx)[^"]*)"', content)
        assert files, page.slug
        for address in files:
            taken: Any = accountant.get(address)
            whole = b"".join(taken.streaming_content)
            if ".xlsx" in address:
                book = zipfile.ZipFile(io.BytesIO(whole))
                whole = b"".join(book.read(name) for name in book.namelist())
            told.append(whole.decode())
    assert len(told) > 20
    assert not [word for word in persons for each in told if word in each]


@pytest.mark.threat(53)
def test_a_team_whose_name_is_a_formula_is_a_name_in_the_file(
    cast: Any, made: Figures, accountant: Browser, read: Any
) -> None:
    group = made.group(5, cast.municipality, '=HYPERLINK("http://x";"y")')
    for at in range(6):
        made.visit(group, at)
    made.measure()
    found = rows(accountant, "/statistik/utfort/performed-teams.csv?manad=2026-11")
    assert found[1][0] == '\'=HYPERLINK("http://x";"y")'
    answer: Any = accountant.get("/statistik/utfort/performed-teams.xlsx?manad=2026-11")
    book = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet.lower().replace("=hyperlink(", "")
    page = read(accountant, "/statistik/utfort/?manad=2026-11")
    assert "<script" not in page.partition("<main")[2]


def test_a_file_that_leaves_is_noted(made: Figures, north: Group, accountant: Browser) -> None:
    for at in range(6):
        made.visit(north, at)
    made.measure()
    rows(accountant, "/statistik/utfort/performed-weeks.csv?manad=2026-11")
    event = AuditEvent.objects.latest("pk")
    assert (event.object_id, event.details["month"]) == ("list:statistics", "2026-11")
    assert event.details["figure"] == "performed-weeks"


@pytest.mark.parametrize("asked", ["2026-13", "x", "19350101-1000", "2026-11-01", ""])
def test_what_is_no_month_is_the_latest_that_is_over(
    made: Figures, north: Group, accountant: Browser, read: Any, asked: str
) -> None:
    for month in (9, 10, 11):
        for at in range(6):
            made.visit(north, at, month=month)
        made.measure(date(2026, month, 1))
    # The clock says 23 November: October is the latest that is over.
    page = read(accountant, f"/statistik/utfort/?manad={asked}")
    assert '<option value="2026-10" selected>oktober 2026</option>' in page
    choices = re.findall(r'<option value="([\d-]+)"', page)
    assert choices == ["2026-11", "2026-10", "2026-09"]


def test_a_month_without_figures_says_so_and_when_they_come(
    made: Figures, north: Group, accountant: Browser, read: Any
) -> None:
    for path in ("/statistik/", *(f"/statistik/{slug}/" for slug in SLUGS)):
        text = shown(read(accountant, f"{path}?manad=2026-02"))
        assert "Det finns inga siffror för februari 2026" in text
        assert "räknas av sig själv" in text
    assert accountant.get("/statistik/utfort/performed-weeks.csv?manad=2026-02").status_code == 404
    assert accountant.get("/statistik/lust/").status_code == 404
    assert accountant.get("/statistik/utfort/evidence.csv").status_code == 404


def test_months_stand_beside_each_other_where_there_are_more_than_one(
    made: Figures, north: Group, accountant: Browser, read: Any
) -> None:
    for month, late in ((9, 20), (11, 0)):
        for at in range(6):
            made.visit(north, at, month=month, late=late if at else 0)
        made.measure(date(2026, month, 1))
    page = read(accountant, "/statistik/punktlighet/?manad=2026-11")
    assert table(page, "punctuality-months") == [
        ["september 2026", "16,7"],  # 1 of 6
        ["november 2026", "100,0"],
    ]
    assert "punctuality-months" not in read(accountant, "/statistik/punktlighet/?manad=2026-09")


def test_pages_are_in_english_too(
    made: Figures, north: Group, accountant: Browser, read: Any
) -> None:
    for at in range(6):
        made.visit(north, at)
    made.measure()
    accountant.cookies["django_language"] = "en"
    text = shown(read(accountant, "/statistik/utfort/?manad=2026-11"))
    assert "6 of 6 planned visits were performed, 100.0 per cent." in text
    assert "The figures are those of the whole municipality" in text


def test_a_page_asks_as_much_however_many_months_and_visits(
    made: Figures, north: Group, accountant: Browser, django_assert_max_num_queries: Any
) -> None:
    for month in (9, 10, 11):
        for at in range(6):
            made.visit(north, at, month=month)
        made.measure(date(2026, month, 1))
    accountant.get("/statistik/")
    for path in ("/statistik/", *(f"/statistik/{slug}/" for slug in SLUGS)):
        with django_assert_max_num_queries(12):
            accountant.get(f"{path}?manad=2026-11")
