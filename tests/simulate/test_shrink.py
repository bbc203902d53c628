"""Cutting down: delta debugging of anything, and of a run with two mishaps to blame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

import livedworld
from nyckelfri.simulate import shrink
from nyckelfri.simulate.lived import Broken, Lived, Task
from nyckelfri.simulate.plan import Item
from nyckelfri.simulate.shrink import Cut, LimitError, Part, Shrinker

HOUR = 3600


@pytest.mark.parametrize(
    "guilty", [set(), {0}, {39}, {3, 4}, {0, 39}, {5, 17, 18, 33}, set(range(40))]
)
def test_what_is_left_is_exactly_what_it_takes(guilty: set[int]) -> None:
    tries = 0

    def fails(some: Sequence[int]) -> bool:
        nonlocal tries
        tries += 1
        assert list(some) == sorted(some)
        return guilty <= set(some)

    assert set(shrink.smallest(range(40), fails)) == guilty
    assert tries < 200


def test_none_that_is_left_can_be_left_out() -> None:
    def fails(some: Sequence[int]) -> bool:
        return len(some) >= 3 and some[-1] - some[0] > 6

    left = shrink.smallest(range(30), fails)
    assert fails(left)
    assert not any(fails([*left[:at], *left[at + 1 :]]) for at in range(len(left)))


class Runs:
    """Runs that break at the moment of the last of these items, or when they are over."""

    def __init__(self, *needed: str, at_end: bool = False, rule: str = "a_rule") -> None:
        whole = livedworld.lived(1)
        self.items = {item.id: item for item in whole.items}
        self._whole = whole
        self._needed = needed
        self._at_end = at_end
        self._rule = rule
        self.tasks: list[Task] = []

    def live(self, task: Task) -> Lived:
        self.tasks.append(task)
        kept = [
            item
            for item in self.items.values()
            if item.at < task.ends and (task.keep is None or item.id in task.keep)
        ]
        broken = None
        if {item.id for item in kept} >= set(self._needed):
            last = max((self.items[id_].at for id_ in self._needed), default=0)
            broken = Broken(self._rule, "so it was", task.ends + 60 if self._at_end else last)
        return replace(self._whole, task=task, items=tuple(kept), broken=broken)

    def cut(self, tries: int = 400) -> Cut:
        failed = self.live(self._whole.task)
        self.tasks.clear()
        order = shrink.passes(failed.items, lambda id_: id_[-1])
        return Shrinker(failed, self.live, tries=tries).cut(order)


def test_a_run_is_cut_down_to_the_items_to_blame() -> None:
    runs = Runs("jam:0", "TakeOver:0", "shift:P00004", "shift:P00007")
    cut = runs.cut()
    assert {item.id for item in cut.lived.items} == {
        "jam:0",
        "TakeOver:0",
        "shift:P00004",
        "shift:P00007",
    }
    assert cut.lived.task.keep == frozenset(item.id for item in cut.lived.items)
    assert cut.whole
    assert cut.items == len(runs.items)
    assert cut.tries == len(runs.tasks)


def test_nothing_after_the_failure_is_lived_through_again() -> None:
    runs = Runs("jam:0", "TakeOver:0")
    runs.cut()
    last = max(runs.items["jam:0"].at, runs.items["TakeOver:0"].at)
    assert all(task.ends <= last + HOUR for task in runs.tasks)


def test_a_run_that_fails_when_it_is_over_is_made_shorter() -> None:
    runs = Runs("TakeOver:0", at_end=True)
    cut = runs.cut()
    assert {item.id for item in cut.lived.items} == {"TakeOver:0"}
    assert cut.lived.task.ends - runs.items["TakeOver:0"].at < 8 * HOUR


def test_another_failure_is_not_taken_for_this_one() -> None:
    runs = Runs("jam:0", "TakeOver:0")
    other = Runs("jam:0", rule="another_rule")
    failed = runs.live(livedworld.lived(1).task)

    def live(task: Task) -> Lived:
        lived = runs.live(task)
        return lived if lived.broken is not None else other.live(task)

    cut = Shrinker(failed, live).cut(shrink.passes(failed.items, lambda id_: id_))
    assert {item.id for item in cut.lived.items} == {"jam:0", "TakeOver:0"}


def test_the_best_so_far_stands_when_there_are_no_more_tries() -> None:
    runs = Runs("jam:0", "shift:P00004")
    cut = runs.cut(tries=5)
    assert not cut.whole
    assert cut.tries == 5
    left = frozenset(item.id for item in cut.lived.items)
    assert {"jam:0", "shift:P00004"} <= left
    assert cut.lived.task.keep == left
    assert len(cut.lived.items) < cut.items


def test_the_best_so_far_stands_when_the_time_is_over_in_a_run() -> None:
    runs = Runs("jam:0")
    failed = runs.live(livedworld.lived(1).task)

    def again(task: Task) -> Lived:
        if len(runs.tasks) > 4:
            raise LimitError
        return runs.live(task)

    cut = Shrinker(failed, again).cut(shrink.passes(failed.items, lambda id_: id_))
    assert not cut.whole
    assert cut.lived.broken is not None


def test_mishaps_go_first_then_carers_then_shifts_then_the_rest_then_each() -> None:
    items = [
        Item("shift:a1", "shift", 1),
        Item("Absence:0", "change", 2),
        Item("jam:0", "mishap", 3),
        Item("shift:a2", "shift", 4),
        Item("shift:b1", "shift", 5),
    ]
    each = [Part({"jam:0"}), Part({"shift:a1"}), Part({"shift:a2"}), Part({"shift:b1"})]
    assert shrink.passes(items, lambda id_: id_[6]) == [
        [Part({"jam:0"})],
        [Part({"shift:a1", "shift:a2"}), Part({"shift:b1"})],
        each[1:],
        [Part({"Absence:0"})],
        [*each, Part({"Absence:0"})],
    ]
