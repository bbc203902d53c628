"""`nyckelfri simulate` from outside: a village lives, and a rule is made to break in it."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

import plantedrule
from nyckelfri.simulate import answers
from nyckelfri.simulate.cli import EXAMPLE
from nyckelfri.simulate.invariants import ALL as RULES
from nyckelfri.simulate.lived import Lived, Task
from nyckelfri.simulate.mishaps import BY_NAME
from nyckelfri.simulate.stretches import known
from nyckelfri.simulate.town import read
from nyckelfri.simulate.workers import Workers
from villageworld import village

MEMORY = Path("/dev/shm")  # noqa: S108 - only looked at
PLANTED = Path(plantedrule.__file__)
SOME = ("bit_flips", "drifts", "jam", "link_lost", "power_cut")
HALF_A_DAY = ("--days", "0.5", "--only", ",".join(SOME))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return village(EXAMPLE, tmp_path_factory.mktemp("village") / "files", clients=3)


@pytest.fixture(scope="module")
def ran(files: Path, tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """Three seeds from beginning to end; in the second a rule breaks, in the third an error."""
    folder = tmp_path_factory.mktemp("ran")
    return _run(
        files, *HALF_A_DAY, "--seeds", "1-3", "--jobs", "1", "--json", "told.json",
        "--report", "told.html", folder=folder, environment={"PYTHONHASHSEED": "1"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def told(ran: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(ran.args[0], "told.json").read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def workers(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    """A process that has founded the village, under another hash seed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONHASHSEED", "2")
        with Workers(files, tmp_path_factory.mktemp("workers"), 1) as found:
            yield found


def _run(
    files: Path, *arguments: str, folder: Path, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, str(PLANTED), "simulate", str(files), *arguments]
    done = subprocess.run(
        call,
        cwd=folder,
        env={**os.environ, "TMPDIR": str(folder), **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    done.args = [str(folder), *call]
    return done


def _task(files: Path, mishaps: Iterable[str] = SOME) -> Task:
    """What seed 1 is asked from outside."""
    chosen = tuple(name for name in BY_NAME if name in mishaps)
    return Task(1, known(read(files), 0.5)[0], chosen)


def test_a_broken_rule_ends_with_status_1_and_stands_first(
    ran: subprocess.CompletedProcess[str], told: dict[str, Any]
) -> None:
    assert ran.returncode == 1, ran.stderr
    assert not told["held"]
    held, broke, _ = told["seeds"]
    assert held["held"]
    assert broke["violation"]["rule"] == "never_both"
    assert "never_both" in ran.stdout
    page = Path(ran.args[0], "told.html").read_text("utf-8")
    assert "<h1>2 of 3 seeds broke 2 rules</h1>" in page


def test_it_is_cut_down_to_the_two_mishaps_to_blame(told: dict[str, Any]) -> None:
    cut = told["seeds"][1]["cut_down"]
    assert set(cut["items"]) == plantedrule.BOTH
    assert cut["to_the_end"]
    assert cut["of"] > 10
    assert cut["history"][-1]["what"] == "violation"


def test_an_error_that_nobody_expects_breaks_a_seed_and_the_others_go_on(
    told: dict[str, Any],
) -> None:
    seed = told["seeds"][2]
    assert seed["violation"]["rule"] == "no_error_is_lost"
    assert "RuntimeError('nobody expects this') at plantedrule.py" in seed["violation"]["text"]
    assert seed["history"][-1]["what"] == "violation"
    assert seed["cut_down"]["items"] == []


def test_what_is_printed_lives_through_it_again(
    files: Path, told: dict[str, Any], tmp_path: Path
) -> None:
    replay = told["seeds"][1]["cut_down"]["replay"]
    command, *words = shlex.split(replay)[1:]
    assert command == "simulate"
    assert words[0] == str(files)
    again = _run(files, *words[1:], "--no-shrink", "--json", "again.json", folder=tmp_path)
    assert again.returncode == 1, again.stderr
    seed = json.loads((tmp_path / "again.json").read_text("utf-8"))["seeds"][0]
    assert seed["violation"]["rule"] == "never_both"
    assert seed["history"] == told["seeds"][1]["cut_down"]["history"]


def test_something_was_lived_through(told: dict[str, Any]) -> None:
    seed = told["seeds"][0]
    assert seed["counts"]["moves"] > 0
    assert seed["counts"]["synced"] > 0
    assert len(seed["mishaps"]) > 10
    assert {rule.name for rule in RULES} <= set(seed["checked"])
    assert [hour["at"] for hour in seed["hours"]] == list(range(seed["begins"], seed["ends"], 3600))
    assert seed["hours"][-1]["openings"] <= seed["counts"]["moves"]


def test_one_seed_gives_one_history_in_any_process(
    files: Path, told: dict[str, Any], workers: Workers
) -> None:
    lived = workers.answer(answers.live, _task(files))
    assert isinstance(lived, Lived)
    assert lived.counts == told["seeds"][0]["counts"]
    assert lived.digest == told["seeds"][0]["digest"]


def test_one_seed_gives_one_history_in_one_process(files: Path, workers: Workers) -> None:
    task = _task(files, BY_NAME)
    once, twice = (workers.answer(answers.live, task) for _ in range(2))
    assert len(once.happened) > 5
    assert once.counts == twice.counts
    assert once.digest == twice.digest


def test_another_seed_gives_another_history(files: Path, told: dict[str, Any]) -> None:
    first, second, _ = told["seeds"]
    assert first["digest"] != second["digest"]


def test_progress_is_a_line_for_each_day_where_there_is_no_terminal(
    ran: subprocess.CompletedProcess[str],
) -> None:
    lines = [line for line in ran.stderr.splitlines() if line.startswith("seed 1")]
    assert "founding the town" in lines[0]
    assert "Sun 22 Nov 21:00" in lines[1]
    assert "Mon 23 Nov" in lines[2]
    assert lines[3:] == ["seed 1: held (1 of 3)"]


def test_files_that_do_not_import_are_told_with_status_2(tmp_path: Path, files: Path) -> None:
    bad = tmp_path / "files"
    bad.mkdir()
    for path in files.glob("*.csv"):
        (bad / path.name).write_bytes(path.read_bytes())
    homes = (bad / "brukare.csv").read_text("utf-8").splitlines(keepends=True)
    (bad / "brukare.csv").write_text("".join([*homes, homes[-1]]), "utf-8")
    done = _run(bad, *HALF_A_DAY, folder=tmp_path)
    assert done.returncode == 2, done.stderr
    assert "brukare.csv" in done.stderr
    assert "Traceback" not in done.stderr


def test_whoever_stops_it_finds_its_folder_gone(files: Path, tmp_path: Path) -> None:
    call = [sys.executable, "-m", "nyckelfri.cli", "simulate", str(files), "--seeds", "1-9"]
    before = {*_folders(tmp_path)}
    process = subprocess.Popen(
        call, cwd=tmp_path, env={**os.environ, "TMPDIR": str(tmp_path)}, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    try:
        process.stderr.readline()
        assert {*_folders(tmp_path)} - before
        process.send_signal(signal.SIGTERM)  # a background job may be deaf to SIGINT
        process.communicate(timeout=300)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 130
    for _ in range(50):
        if not {*_folders(tmp_path)} - before:
            return
        time.sleep(0.1)
    raise AssertionError({*_folders(tmp_path)} - before)


def _folders(temporary: Path) -> list[Path]:
    return [
        path
        for root in (temporary, MEMORY)
        if root.is_dir()
        for path in root.glob("nyckelfri-simulate-*")
    ]
