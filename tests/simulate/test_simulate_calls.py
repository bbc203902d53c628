"""Calls of `nyckelfri simulate` that are refused before anything runs, and the list."""

from __future__ import annotations

from pathlib import Path

import pytest

from nyckelfri import cli
from nyckelfri.simulate.invariants import ALL as RULES
from nyckelfri.simulate.mishaps import ALL as MISHAPS


def test_the_list_names_every_mishap_and_every_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["simulate", "--list"]) == 0
    words = capsys.readouterr().out.split()
    assert [each.name for each in MISHAPS if each.name not in words] == []
    assert [rule.name for rule in RULES if rule.name not in words] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--days", "0"], "days from 0.25"),
        (["--days", "nan"], "days from 0.25"),
        (["--days", "1e9"], "days from 0.25 to 366"),
        (["--days", "-7"], "days from 0.25"),
        (["--seed", "-1"], "a whole number from 0"),
        (["--seed", "one"], "a whole number"),
        (["--seed", "9" * 5000], "a whole number"),
        (["--seeds", "5"], "the first and the last"),
        (["--seeds", "9-5"], "the first and the last"),
        (["--seeds", "1-999999999"], "at most 100000"),
        (["--seed", "1", "--seeds", "1-2"], "not allowed with"),
        (["--from", "2026-11-24"], "is a Tuesday"),
        (["--from", "monday"], "a date such as"),
        (["--only", "jam,flood"], "no mishap is called 'flood'; --list"),
        (["--without", ""], "no mishap is called ''"),
        (["--only", "jam", "--without", "jam"], "not allowed with"),
        (["--until", "noon"], "a local time such as"),
        (["--seed", "0" * 5000], "a whole number"),
        (["--jobs", "0"], "processes from 1"),
        (["--jobs", "100000"], "processes from 1 to 256"),
        (["--shrink-minutes", "0"], "minutes from 0.01"),
        (["--json", "no/such/folder/told.json"], "a folder that exists"),
        (["--report", "."], "a folder that exists"),
    ],
)
def test_a_wrong_call_is_told_with_status_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["simulate", *arguments])
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["{folder}"], "cannot be read as a municipality"),
        (["{folder}/none"], "cannot be read as a municipality"),
        (["--days", "300"], "300 whole days"),
        (["--from", "2027-01-04"], "Mondays that do"),
        (["--until", "2030-01-01 12:00"], "not within the days of seed 0"),
    ],
)
def test_files_and_days_that_do_not_fit_are_told_with_status_2(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [word.format(folder=tmp_path) for word in arguments]
    assert cli.main(["simulate", *words]) == 2
    assert said in capsys.readouterr().err
