"""The report of `make bench`: its rows, the targets it must show, and the README's copy of it."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
REPORT = json.loads((ROOT / "bench/report.json").read_text("utf-8"))
CHEAP = ("opening", "grants", "radio", "weight")


@pytest.fixture
def report(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module `bench.report`, which no room may import."""
    monkeypatch.syspath_prepend(str(ROOT))
    return importlib.import_module("bench.report")


def row(name: str, rows: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    (found,) = (row for row in rows if row["name"] == name)
    return found


def test_every_row_of_the_report_is_complete_and_says_truly_whether_its_target_is_met(
    report: Any,
) -> None:
    names = [row["name"] for row in REPORT["rows"]]
    assert len(names) == len(set(names))
    for one in REPORT["rows"]:
        assert list(one) == list(report.COLUMNS)
        assert isinstance(one["unit"], str)
        assert all(isinstance(one[key], int | float) for key in ("ours", "reference", "ratio"))
        assert one["met"] == report.met(one["ratio"], one["target"])
    assert {"measured", "cpu", "cores", "python", "libraries"} <= REPORT["machine"].keys()


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("first byte to motor start, p95", "≤ 2"),
        ("bytes of all four messages, full offline grant", "≤ 1"),
        ("round trips from message 1 to the decision", "≤ 1"),
        ("resident memory of a lock process", "≤ 1"),
        ("mint a grant / bare ES256 signature", "≥ 0.6"),
        ("mint a grant / python-cwt, same claims", "≥ 1.3"),
        ("verify a grant / bare ES256 verification", "≥ 0.8"),
    ],
)
def test_what_must_be_reached_stands_in_the_report_with_its_target(name: str, target: str) -> None:
    assert row(name, REPORT["rows"])["target"] == target


def test_the_readme_shows_the_figures_of_the_report(report: Any) -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert report.fill(text, REPORT) == text, "run `python -m bench --readme`"


@pytest.mark.parametrize(
    ("ratio", "target", "met"),
    [(2.0, "≤ 2", True), (2.01, "≤ 2", False), (0.6, "≥ 0.6", True), (0.59, "≥ 0.6", False)],
)
def test_a_target_is_met_up_to_its_limit(report: Any, ratio: float, target: str, met: bool) -> None:
    assert report.met(ratio, target) is met


def test_a_row_without_a_ratio_is_refused(report: Any) -> None:
    with pytest.raises(report.RowError, match=r"missing \{'ratio'\}"):
        report.complete({"name": "n", "ours": 1, "reference": 1, "unit": "s"})


def test_rows_of_other_modules_stay_when_one_is_measured_again(report: Any, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    report.write([{"name": "a", "ours": 1}, {"name": "b", "ours": 1}], path)
    report.write([{"name": "b", "ours": 2}], path, keep=True)
    assert report.read(path)["rows"] == [{"name": "a", "ours": 1}, {"name": "b", "ours": 2}]


def test_a_quick_run_measures_real_openings_in_two_round_trips_and_344_bytes(
    tmp_path: Path,
) -> None:
    path = tmp_path / "report.json"
    only = [word for name in CHEAP for word in ("--only", name)]
    subprocess.run(
        [sys.executable, "-m", "bench", "--quick", "--to", str(path), *only],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=120,
    )
    rows = json.loads(path.read_text("utf-8"))["rows"]
    assert {one["name"] for one in rows} <= {one["name"] for one in REPORT["rows"]}
    assert row("bytes of all four messages, full offline grant", rows)["ours"] <= 344
    assert row("round trips from message 1 to the decision", rows)["ours"] == 2
    assert row("resident memory of a lock process", rows)["ours"] <= 80
    assert row("distributions that a lock process loads", rows)["met"] is True


def test_a_browser_opens_with_exactly_the_calls_that_it_is_compared_with(tmp_path: Path) -> None:
    """The page refuses to measure when ours makes another number of calls than the reference."""
    path = tmp_path / "report.json"
    subprocess.run(
        [sys.executable, "-m", "bench", "--quick", "--only", "handshake", "--to", str(path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=120,
    )
    (one,) = json.loads(path.read_text("utf-8"))["rows"]
    assert one["name"] == "EDHOC handshake in Chromium / its bare WebCrypto operations"
    assert one["target"] == "≤ 3"


def test_the_staff_app_is_no_heavier_than_it_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    app = importlib.import_module("bench.app")
    assert app.weight() <= app.KILOBYTES * 1000
