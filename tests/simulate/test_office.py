"""An office's days on the real server; after each change both say the same of the doors."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path
from random import Random
from typing import Final, get_args

import pytest

import rightsworld as world
from nyckelfri.simulate import changes
from nyckelfri.simulate.caresystem import CareSystem
from nyckelfri.simulate.changes import Change
from nyckelfri.simulate.office import Office
from nyckelfri.simulate.planning import plan
from nyckelfri.simulate.rights import Rights
from nyckelfri.simulate.town import Town

DAY: Final = timedelta(days=1)
SEEDS: Final = {-5: 1, 17: 3}
"""By weeks: the days of these two hold every kind of change."""
KINDS: Final = {*get_args(Change), *get_args(changes.Edit)} - {changes.SignIn, changes.SignOut}


def chance(name: str) -> Random:
    return Random(name)  # noqa: S311 -- to repeat, not to hide


def three_days(town: Town, weeks: int) -> list[Change]:
    """Friday until the Sunday on which the clocks change."""
    sunday = world.SUNDAYS[weeks]
    first, last = world.moment(sunday - 2 * DAY, time(0)), world.moment(sunday + DAY, time(0))
    phones = world.labels(town)
    return plan(town, lambda name: chance(f"{SEEDS[weeks]}/{name}"), first, last, phones)


@pytest.mark.sentence(14)
@pytest.mark.sentence(46)
@pytest.mark.sentence(47)
@pytest.mark.parametrize("weeks", world.SUNDAYS)
def test_after_every_change_of_some_days_both_say_the_same(
    db: None, tmp_path: Path, weeks: int
) -> None:
    """Of every door whose answer the change has moved, of its people, and of some others."""
    town = world.moved(tmp_path, weeks)
    days = three_days(town, weeks)
    world.bring_in(tmp_path, days[0].at - 86_400)
    world.give_phones(town)
    opinion, office = Rights(town, phones=world.phones(town)), Office(tmp_path)
    every, some = world.pairs_of(town), chance(f"{weeks}")
    at, before = days[0].at, world.of_server(days[0].at)
    for change in days:
        answer = office.carry_out(change, change.at)
        assert answer.done, answer
        opinion.apply(answer.change)
        derived = world.of_server(change.at)
        was, now = (world.within(each, change.at, at + world.AHEAD) for each in (before, derived))
        moved = {pair for pair in was | now if was.get(pair) != now.get(pair)}
        theirs = {(carer, lock) for carer, lock in every if f"'{carer}'" in str(change)}
        pairs = sorted(moved | theirs | set(some.sample(every, 100)))
        found = world.differences(opinion, pairs, change.at, derived)
        assert not found, "\n".join(map(str, [change, *found]))
        at, before = change.at, derived
    found = world.differences(opinion, every, days[-1].at)
    assert not found, "\n".join(map(str, found))


def test_those_days_hold_every_kind_of_change(tmp_path: Path) -> None:
    found: set[type] = set()
    for weeks in SEEDS:
        for change in three_days(world.moved(tmp_path / str(weeks), weeks), weeks):
            edits = change.edits if isinstance(change, changes.NewerFiles) else ()
            found |= {type(change), *map(type, edits)}
    assert found == KINDS, "choose other seeds"


def test_what_the_server_refuses_is_told_and_changes_nothing(db: None, tmp_path: Path) -> None:
    town = world.moved(tmp_path, -5)
    at = world.moment(world.SUNDAYS[-5], time(12))
    world.bring_in(tmp_path, at - 86_400)
    office, before = Office(tmp_path), world.of_server(at)
    today, first, gone = world.SUNDAYS[-5], town.choices[0], changes.ShiftGone("no such shift")
    for change in (
        changes.AbsenceEnd(at, "10001"),
        changes.ByHandCancelled(at, "never added"),
        changes.TakeOver(at, (town.visits[0].id,), "10091", town.visits[0].carer),
        changes.PhoneBlock(at, "no such phone"),
        changes.ProviderChange(at, first.client, first.service, first.provider, None, today),
        changes.NewerFiles(at, (gone,)),
    ):
        answer = office.carry_out(change, at)
        assert not answer.done, answer
        assert answer.said
    assert world.of_server(at) == before


def test_an_alarm_that_is_told_twice_stands_in_the_files_once(tmp_path: Path) -> None:
    alarm = changes.Alarm(1_795_422_600, "A1", "B0001", "10001", 1, 2, 3)
    care_system = CareSystem(tmp_path)
    for _ in range(2):
        care_system.note(alarm)
    assert len((tmp_path / "larm.csv").read_text().splitlines()) == 2  # the columns, and it


def test_a_week_is_the_same_for_the_same_seed_and_another_for_another(tmp_path: Path) -> None:
    town = world.moved(tmp_path, -5)
    sunday = world.SUNDAYS[-5]
    first, last = world.moment(sunday - 6 * DAY, time(0)), world.moment(sunday + DAY, time(0))

    def week(seed: int) -> list[Change]:
        return plan(town, lambda name: chance(f"{seed}/{name}"), first, last, world.labels(town))

    assert week(1) == week(1) != week(2)
    assert all(first <= change.at < last for change in week(1))
    assert len(week(1)) > 40
