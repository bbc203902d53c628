"""Which days are simulated: ordinary ones, and those in which the clocks are changed."""

from __future__ import annotations

import argparse
import shlex
from datetime import date, datetime, timedelta

import pytest

from nyckelfri.simulate import cli, mishap, plan, stretches
from nyckelfri.simulate import town as towns
from nyckelfri.simulate.cli import EXAMPLE
from nyckelfri.simulate.lived import Task
from nyckelfri.simulate.mishaps import ALL as MISHAPS
from nyckelfri.simulate.stretches import Stretch
from nyckelfri.simulate.town import SWEDEN, Town, TownError
from nyckelfri.simulate.weeks import Weeks


@pytest.fixture(scope="module")
def town() -> Town:
    return towns.read(EXAMPLE)


def test_a_seed_chooses_an_ordinary_week_or_one_with_a_change_of_the_clocks(town: Town) -> None:
    known = stretches.known(town, 7)
    assert [(each.first, each.weeks) for each in known] == [
        (date(2026, 11, 23), 0),
        (date(2026, 10, 19), -5),
        (date(2027, 3, 22), 17),
    ]
    assert {stretches.chosen(known, seed).first for seed in range(30)} == {
        each.first for each in known
    }
    assert [stretches.chosen(known, 7) for _ in range(3)] == [stretches.chosen(known, 7)] * 3


@pytest.mark.parametrize(
    ("first", "hours"), [((2026, 11, 23), 0), ((2026, 10, 19), 1), ((2027, 3, 22), -1)]
)
def test_a_stretch_goes_from_evening_to_morning_on_the_clock_of_the_wall(
    first: tuple[int, int, int], hours: int
) -> None:
    stretch = Stretch(date(*first), 7)
    begins, ends = (datetime.fromtimestamp(at, SWEDEN) for at in (stretch.begins, stretch.ends))
    assert (begins.date(), f"{begins:%H:%M}") == (stretch.first - timedelta(days=1), "21:00")
    assert (ends.date(), f"{ends:%H:%M}") == (stretch.first + timedelta(days=7), "07:30")
    assert (stretch.ends - stretch.begins) / 3600 == 7 * 24 + 10.5 + hours


def test_every_shift_of_its_days_lies_in_a_stretch(town: Town) -> None:
    stretch = Stretch(date(2026, 11, 23), 7)
    planned = {item.id for item in plan.shifts(town, stretch.week(1))}
    of_its_days = {
        f"shift:{shift.id}"
        for shift in town.shifts
        if stretch.first <= towns.local_day(shift.start) < stretch.first + timedelta(days=7)
    }
    assert of_its_days
    assert of_its_days <= planned


def test_short_stretches_meet_no_change(town: Town) -> None:
    assert stretches.known(town, 0.5) == [Stretch(date(2026, 11, 23), 0.5)]


def test_two_weeks_begin_where_two_weeks_are_left(town: Town) -> None:
    assert stretches.known(town, 14)[0].first == date(2026, 11, 16)


def test_more_days_than_the_rota_has_are_refused(town: Town) -> None:
    with pytest.raises(TownError, match="40 whole days"):
        stretches.known(town, 40)


def test_a_monday_of_the_files_can_be_asked_for(town: Town) -> None:
    assert stretches.starting(town, date(2026, 11, 9), 7) == Stretch(date(2026, 11, 9), 7)


def test_another_day_is_refused_with_those_that_can(town: Town) -> None:
    with pytest.raises(TownError, match="2026-11-02, 2026-11-09, 2026-11-16, 2026-11-23"):
        stretches.starting(town, date(2027, 1, 4), 7)


def test_leaving_one_kind_of_mishap_out_leaves_the_others_as_they_were() -> None:
    week = Stretch(date(2026, 11, 23), 7).week(1)
    whole = [*mishap.planned(MISHAPS, week)]
    part = [*mishap.planned([each for each in MISHAPS if each.name != "link_lost"], week)]
    assert whole != part
    assert part == [item for item in whole if not item.id.startswith("link_lost:")]


def test_a_call_can_be_repeated_in_the_hour_that_comes_twice() -> None:
    stretch = Stretch(date(2026, 10, 19), 7, -5)
    for hour in range(4):
        until = towns.moment("2026-10-25 01:30") + 3600 * hour
        task = Task(3, stretch, ("jam",), frozenset({"shift:P1", "jam:0"}), until)
        words = shlex.split(Weeks(EXAMPLE, None, [task]).replay(task))[2:]
        parser = argparse.ArgumentParser()
        cli.add_arguments(parser)
        args = parser.parse_args(words)
        assert (args.seed, args.days, args.until) == (3, 7, until)
        assert (args.only, args.keep) == (frozenset(task.mishaps), task.keep)
        assert args.files == EXAMPLE
