"""The drill on paper, and what counts as good."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.console import Console

from nyckelfri.drill import record
from nyckelfri.drill.proofs import Finding
from nyckelfri.drill.report import Language, Proof, Report, Step

AT = 1_795_431_600.0


def held(language: Language, finding: Finding, came_back: str = "granted") -> Report:
    """A drill of one scene."""
    report = Report(Console(record=True, width=160), language)
    with report.scene("server", ("Servern <nere>", "The server <down>"), AT) as scene:
        report.step(scene, Step("told", ("Så här", "Like this"), AT))
        report.step(scene, Step("broken", ("dödad", "killed"), AT))
        report.step(scene, Step("done", ("öppnar", "opens"), AT, "granted", came_back))
        report.step(scene, Step("command", ("nyckelfri x", "nyckelfri x"), AT))
        report.proof(scene, Proof(("Allt finns", "All is there"), finding))
        scene.silence = {"L1": 91_500}
        scene.lessons.append(("Lär", "Learn"))
    report.summary()
    return report


def test_a_page_says_what_was_proven_in_either_language(tmp_path: Path) -> None:
    record.write(held("sv", Finding(7)), tmp_path / "drill.html")
    page = (tmp_path / "drill.html").read_text("utf-8")
    for words in ('lang="sv"', "Servern &lt;nere&gt;", "Allt finns", ">7<", "25 h 25 min", "Lär"):
        assert words in page
    assert "class=bad" not in page
    assert "http" not in page
    record.write(held("en", Finding(7)), tmp_path / "drill.html")
    page = (tmp_path / "drill.html").read_text("utf-8")
    assert "The server &lt;down&gt;" in page
    assert "mån" not in page


def test_json_holds_both_languages_and_every_step(tmp_path: Path) -> None:
    record.write(held("en", Finding(7)), tmp_path / "drill.json")
    said = json.loads((tmp_path / "drill.json").read_text("utf-8"))
    (scene,) = said["played"]
    assert (said["good"], scene["good"], len(scene["steps"])) == (True, True, 4)
    assert scene["title"] == ["Servern <nere>", "The server <down>"]
    assert scene["proofs"] == [
        {"claim": ["Allt finns", "All is there"], "held": True, "count": 7, "faults": []}
    ]


@pytest.mark.parametrize(
    ("finding", "came_back", "fault"),
    [
        (Finding(7, ("L1 3: missing",)), "granted", "All is there: L1 3: missing"),
        (Finding(0), "granted", "All is there: 0"),
        (Finding(7), "expired", "opens: expired ≠ granted"),
    ],
)
def test_a_fault_is_told_on_terminal_and_paper(
    finding: Finding, came_back: str, fault: str, tmp_path: Path
) -> None:
    report = held("en", finding, came_back)
    assert not report.good
    assert fault in report.console.export_text()
    record.write(report, tmp_path / "drill.html")
    page = (tmp_path / "drill.html").read_text("utf-8")
    assert "Not all of it could be proven" in page
    assert fault in page


def test_a_drill_that_broke_off_or_never_began_is_not_good() -> None:
    report = held("en", Finding(7))
    report.scenes[0].broken = "nobody is at the keyboard"
    assert not report.good
    nothing = Report(Console(record=True), "en")
    nothing.broken = "the server does not answer"
    nothing.summary()
    assert not nothing.good
    assert "does not answer" in nothing.console.export_text()
    assert not Report(Console(), "en").good
