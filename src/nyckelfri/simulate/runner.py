"""Stretch after stretch in one process: towns are founded once, each run begins from a copy.

House rules: a process has one folder in which the town lives, because the server's settings name
it; founded towns lie beside it at rest. Nothing of one run reaches the next.
"""

from __future__ import annotations

import shutil
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from nyckelfri.door.clock import Mark
from nyckelfri.simulate import mishap, plan
from nyckelfri.simulate.founding import Founded, found
from nyckelfri.simulate.lived import Broken, Lived, Sample, Task
from nyckelfri.simulate.mishaps import BY_NAME
from nyckelfri.simulate.plan import Item
from nyckelfri.simulate.stretches import Stretch
from nyckelfri.simulate.world import World

Watch = Callable[[Sample], None]


class Stage:
    """Where a municipality's files come to life, in a `folder` of this stage's own."""

    def __init__(self, files: Path, folder: Path) -> None:
        self._files = files
        self._live = folder / "town"
        self._rest = folder / "founded"
        self._founded: dict[tuple[int, int], tuple[Founded, Path]] = {}

    def founded(
        self, stretch: Stretch, tell: Callable[[str], None] = lambda _what: None
    ) -> Founded:
        """The town on the eve of a stretch, just founded or just copied. Raises TownError."""
        key = stretch.weeks, stretch.begins
        shutil.rmtree(self._live, ignore_errors=True)
        if key not in self._founded:
            town = found(
                self._files,
                self._live,
                begins=stretch.begins,
                weeks=stretch.weeks,
                progress=tell,
            )
            rest = self._rest / str(len(self._founded))
            shutil.copytree(self._live, rest)
            self._founded[key] = town, rest
        else:
            shutil.copytree(self._founded[key][1], self._live)
        return self._founded[key][0]

    def live(
        self,
        task: Task,
        *,
        watch: Watch = lambda _sample: None,
        tell: Callable[[str], None] = lambda _what: None,
    ) -> Lived:
        """Live through a task; `watch` sees each hour. Raises TownError."""
        founded = self.founded(task.stretch, tell)
        items = planned(founded, task)
        samples: list[Sample] = []
        began = time.perf_counter()

        def look(_now: float) -> None:
            samples.append(_sample(world, time.perf_counter() - began))
            watch(samples[-1])

        week = task.stretch.week(task.seed)
        world = World(founded, week, until=task.ends, tick=look)
        outcome = world.run(items)
        found, broken = outcome.violation, None
        if found is not None:
            text = str(found).removeprefix(f"{found.rule}: ")
            broken = Broken(found.rule, text, world.now())
        return Lived(
            task,
            tuple(sorted(items, key=lambda item: (item.at, item.id))),
            frozenset(world.begun),
            len(world.sites),
            len(world.phones),
            dict(sorted(outcome.history.counts.items())),
            outcome.checked,
            tuple(samples),
            tuple(outcome.history.lines) if broken is not None else (),
            outcome.history.digest,
            broken,
            time.perf_counter() - began,
        )


def planned(founded: Founded, task: Task) -> list[Item]:
    """Everything that happens in a task."""
    week = task.stretch.week(task.seed)
    kinds = [BY_NAME[name] for name in task.mishaps]
    items = [
        *plan.shifts(founded.town, week),
        *plan.decisions(founded.town, week, founded.phones),
        *mishap.planned(kinds, week),
    ]
    return [
        item
        for item in items
        if item.at < task.ends and (task.keep is None or item.id in task.keep)
    ]


def _sample(world: World, spent: float) -> Sample:
    """How the world stands now."""
    now = world.now()
    stored = world.registry.newest_entries()
    waiting = 0
    errors = []
    for lock, site in world.sites.items():
        if site.store is not None:
            waiting += max(0, site.store.state.running.tip.number - stored.get(lock, 0))
        reading = site.reading
        if reading is not None and reading.mark is Mark.SET:
            errors.append(round(reading.time - now))
    counts = world.history.counts
    return Sample(
        round(now),
        counts["moves"],
        counts["synced"],
        waiting,
        max(errors, key=abs, default=0),
        round(statistics.median(map(abs, errors))) if errors else 0,
        spent,
    )
