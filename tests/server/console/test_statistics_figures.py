"""Charts and tables of the statistics: what they show, in both languages, and to everybody."""

from __future__ import annotations

import csv
import io
import re
import string
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from django.template.loader import render_to_string
from django.utils.translation import override

from nyckelfri.care.performed import Grade
from nyckelfri.care.statistics.alarms import AlarmPolicy, AlarmToDoor
from nyckelfri.care.statistics.continuity import Continuity, ContinuityPolicy
from nyckelfri.care.statistics.evidence import Evidence
from nyckelfri.care.statistics.facts import Fewest
from nyckelfri.care.statistics.keytrips import KeyTripPolicy, KeyTrips
from nyckelfri.care.statistics.planned import Performance
from nyckelfri.care.statistics.punctuality import Punctuality, PunctualityPolicy
from nyckelfri.server.console import sheets
from nyckelfri.server.console.statistics import charts, figures
from nyckelfri.server.console.statistics.charts import Bar, Column, Mark, Point, Said
from nyckelfri.server.console.statistics.texts import TEXTS, text

if TYPE_CHECKING:
    from nyckelfri.server.console.statistics.figure import Figure

SAID = Said("some", "Some <title>", 'A "sentence" & more')
SMALL = Fewest()
NAMES = {"G1": "Hemtjänst Norr", "G2": "=1+1", "G3": "<b>Öst</b>"}
OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
MADE = Performance(1476, 45095, 1414, 39406, 18, 198, 35, 0, 4, 23, 0)
MET = Continuity(6, Decimal("6.5"), Decimal("5.5"), ((4, 3), (7, 2), (12, 1)))


def every() -> list[Figure]:
    """One of each, with a team that is not shown."""
    return [
        figures.continuity(MET, date(2026, 11, 2), ContinuityPolicy()),
        figures.continuity_teams({"G1": MET, "G2": None, "G3": MET}, NAMES, SMALL),
        figures.performed_weeks(
            {"2026-W45": MADE, "2026-W46": MADE._replace(performed=738)}, SMALL
        ),
        figures.performed_teams({"G1": MADE, "G2": None, "G3": MADE}, NAMES, SMALL),
        figures.punctuality(
            Punctuality(100, (1, 2, 3), 86, (4, 3, 1), Decimal("86.0")), PunctualityPolicy()
        ),
        figures.punctuality_teams(
            {
                "G1": Punctuality(9, (0, 0, 0), 9, (0, 0, 0), Decimal("100.0")),
                "G2": None,
                "G3": Punctuality(3, (0, 0, 0), 1, (2, 0, 0), Decimal("33.3")),
            },
            NAMES,
            SMALL,
        ),
        figures.evidence(Evidence(4, tuple((grade, 1, Decimal("25.0")) for grade in Grade)[:4])),
        figures.key_trips(
            {OCTOBER: None, NOVEMBER: KeyTrips(38, 256, Decimal("1323.0"))},
            NOVEMBER,
            KeyTripPolicy(),
            SMALL,
        ),
        figures.alarms(
            {OCTOBER: None, NOVEMBER: AlarmToDoor(58, 40, 1319, 1756, Decimal("95.0"))},
            NOVEMBER,
            AlarmPolicy(),
        ),
        figures.performed(MADE),
        figures.punctuality_weeks(
            {"2026-W45": None, "2026-W46": Punctuality(4, (), 1, (), Decimal("25.0"))}, SMALL
        ),
        figures.evidence_teams(
            {"G1": Evidence(4, ((Grade.DOOR_AND_LABEL, 1, Decimal("25.0")),)), "G2": None},
            NAMES,
            SMALL,
        ),
        figures.months(
            "continuity_months",
            {OCTOBER: (Decimal("7.4"), Decimal("7.0")), NOVEMBER: (Decimal("8.1"), None)},
            ("mean", "median"),
        ),
    ]


def empty() -> list[Figure]:
    """Of a municipality where nothing has happened yet."""
    return [
        figures.continuity(None, NOVEMBER, ContinuityPolicy()),
        figures.continuity_teams({"G1": None}, NAMES, SMALL),
        figures.performed(None),
        figures.performed_weeks({}, SMALL),
        figures.punctuality(None, PunctualityPolicy()),
        figures.evidence(None),
        figures.key_trips({}, NOVEMBER, KeyTripPolicy(), SMALL),
        figures.alarms({NOVEMBER: AlarmToDoor(3, 3, None, None, None)}, NOVEMBER, AlarmPolicy()),
    ]


def drawn(markup: str) -> ET.Element:
    return ET.fromstring(markup)  # noqa: S314 -- ours


def places(chart: ET.Element, tag: str, name: str) -> list[float]:
    return [float(found.get(name, "").rstrip("%")) for found in chart.iter(tag)]


def words(chart: ET.Element) -> list[str]:
    return [found.text or "" for found in chart.iter("text")]


def test_bars_are_as_long_as_their_numbers_and_carry_them() -> None:
    rows = [
        Bar("a", ((50, "50 st"),)),
        Bar("b", ((100, "100 st"),)),
        Bar("c", ()),
        Bar("d", ((0, "0"),)),
    ]
    chart = drawn(charts.bars(SAID, rows))
    assert places(chart, "rect", "width") == [38.0, 76.0, 0.0]
    assert words(chart) == ["a", "50 st", "b", "100 st", "c", "d", "0"]


def test_two_kinds_differ_in_form_and_are_named() -> None:
    chart = drawn(charts.bars(SAID, [Bar("a", ((1, "1"), (2, "2")))], ("made", "planned")))
    assert [found.get("class") for found in chart.iter("rect")] == ["one", "two", "one", "two"]
    assert words(chart)[:2] == ["made", "planned"]


def test_columns_stand_on_the_ground_and_none_is_drawn_for_nothing() -> None:
    rows = [Column("4", 10), Column("5", 0), Column("6", 5)]
    chart = drawn(charts.columns(SAID, rows, "staff", "clients"))
    tall, short = places(chart, "rect", "height")
    assert tall == 2 * short
    tops = places(chart, "rect", "y")
    assert tops[0] + tall == tops[1] + short
    assert {"4", "5", "6", "10", "staff", "clients"} == set(words(chart))


def test_a_line_has_a_gap_where_nothing_is_known() -> None:
    values = [(1, 2), (2, 3), (None, None), (3, None), (4, 9)]
    points = [Point(str(at), both) for at, both in enumerate(values)]
    chart = drawn(charts.lines(SAID, points, ("half", "most"), Mark(5, "promised")))
    strokes = [found.get("class") for found in chart.iter("line")]
    assert strokes.count("one") == 2
    assert strokes.count("two") == 1
    assert strokes.count("mark") == 1
    assert len(list(chart.iter("circle"))) == 4
    heights = places(chart, "circle", "cy")
    assert heights == sorted(heights, reverse=True)
    across = places(chart, "circle", "cx")
    assert across == sorted(across)
    assert all(13 <= place <= 97 for place in across)


@pytest.mark.parametrize("most", [Decimal("0.4"), 1, 5, 6, 11, Decimal("52.5"), 99, 100, 1001])
def test_a_scale_begins_at_zero_and_holds_the_highest(most: Decimal | int) -> None:
    steps = charts._steps(most)
    assert steps[0] == 0
    assert steps[-1] >= most
    assert 2 <= len(steps) <= 6
    assert len({high - low for low, high in pairwise(steps)}) == 1


def test_many_labels_leave_room_for_each_other() -> None:
    rows = [Column(str(number), 1) for number in range(100, 160)]
    chart = drawn(charts.columns(SAID, rows, "", ""))
    labels = [word for word in words(chart) if word.startswith("1") and len(word) == 3]
    assert labels[0] == "100"
    assert len(labels) <= 9


@pytest.mark.parametrize("rows", [[], [Point("a", (None, None))]])
def test_nothing_to_draw_is_no_error(rows: list[Point]) -> None:
    drawn(charts.lines(SAID, rows, ("a", "b")))
    drawn(charts.bars(SAID, []))
    drawn(charts.columns(SAID, [], "", ""))


@pytest.mark.threat(53)
def test_a_chart_is_one_picture_with_a_name_and_nothing_that_the_policy_refuses() -> None:
    for figure in every():
        chart = drawn(figure.chart)
        assert chart.get("role") == "img"
        named = [
            chart.find(f".//*[@id='{name}']") for name in chart.get("aria-labelledby", "").split()
        ]
        assert [found.text for found in named if found is not None] == [
            figure.said.title,
            figure.said.sentence,
        ]
        assert {found.tag for found in chart.iter()} <= {
            "svg", "title", "desc", "rect", "text", "line", "circle",
        }  # fmt: skip
        assert not re.search(r"style=|\son\w+=|https?:|href|url\(", figure.chart)


@pytest.mark.threat(53)
def test_words_are_text_and_never_markup() -> None:
    chart = charts.bars(SAID, [Bar("<script>", ((1, "&"),))])
    assert drawn(chart).findtext("text") == "<script>"
    assert "<script>" not in chart
    title = drawn(chart).find("title")
    assert title is not None
    assert title.text == SAID.title


def test_names_on_a_page_are_each_their_own() -> None:
    names = [figure.said.name for figure in every()]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z-]+", name) for name in names)


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_figure_reads_in_both_languages(language: str) -> None:
    with override(language):
        for figure in [*every(), *empty()]:
            page = render_to_string(
                "console/statistics/_figure.html", {"figure": figure, "words": text.spoken()}
            )
            assert figure.said.title in page
            assert "{" not in page
            assert "None" not in page
            assert all(len(row) == len(figure.heading) for row in figure.rows)


def test_words_have_the_same_blanks_in_both_languages() -> None:
    for key, both in TEXTS.items():
        blanks = [{name for _, name, _, _ in string.Formatter().parse(words)} for words in both]
        assert blanks[0] == blanks[1], key


def test_sentences_say_what_the_charts_show() -> None:
    with override("sv"):
        said = [figure.said.sentence for figure in every()]
    assert said[0] == "6 kunder mötte i medeltal 6,5 olika personer. Hälften mötte högst 5,5."
    assert said[2] == ("Från 50,0 procent utförda (vecka\xa046) till 95,8 procent (vecka\xa045).")
    assert said[7] == (
        "I november 2026 behövdes inte 294 resor efter en nyckel: 38 vid larm och 256 på natten."
    )
    assert said[5] == "Från 33,3 (<b>Öst</b>) till 100,0 (Hemtjänst Norr)."
    assert said[8] == (
        "I november 2026 kom 58 larm, och till 40 kom någon: till hälften inom 22 minuter, och "
        "till nio av tio inom 29."
    )
    assert said[9] == "1\xa0414 av 1\xa0476 planerade besök utfördes, 95,8 procent."
    assert said[10] == "vecka\xa046: 25,0."
    with override("en"):
        assert every()[0].said.sentence.startswith("6 clients met 6.5 different staff")


def test_nothing_to_show_is_said_and_draws_no_table() -> None:
    with override("sv"):
        for figure in empty():
            assert figure.said.sentence == TEXTS["no_figures"][0]


def test_a_small_team_is_named_and_has_no_figure() -> None:
    with override("sv"):
        small = [every()[at] for at in (1, 3, 5)]
    for figure in small:
        assert "=1+1 – för få för att visas" in words(drawn(figure.chart))
        row = next(row for row in figure.rows if row[0] == "=1+1")
        assert set(row[1:]) == {None}
        assert "färre än 5 kunder eller 3 i personalen" in figure.note


@pytest.mark.threat(53)
def test_a_file_has_decimals_for_excel_and_no_formula() -> None:
    with override("sv"):
        figure = every()[1]
    page = "".join(sheets.as_csv(figure.file())).lstrip("\ufeff")
    lines = list(csv.reader(io.StringIO(page), delimiter=";"))
    assert lines == [
        ["Grupp", "Antal kunder", "Medelvärde", "Median"],
        ["Hemtjänst Norr", "6", "6,5", "5,5"],
        ["'=1+1", "", "", ""],
        ["<b>Öst</b>", "6", "6,5", "5,5"],
    ]


def test_a_table_puts_each_number_under_its_heading() -> None:
    with override("en"):
        row = dict(every()[2].shown()[0])
    assert row["Week"] == "week\xa045"
    assert row["Planned"] == "1,476"
    assert row["Performed"] == "1,414"
    assert row["Planned minutes"] == "45,095"
    assert row["Performed minutes"] == "39,406"
    assert row["Not made"] == "23"
