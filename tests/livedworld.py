"""Stretches that nobody lived through, as values: to tell of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random

from nyckelfri.simulate.history import Happening
from nyckelfri.simulate.lived import Broken, Lived, Sample, Task
from nyckelfri.simulate.mishaps import BY_NAME
from nyckelfri.simulate.plan import Item
from nyckelfri.simulate.shrink import Cut
from nyckelfri.simulate.stretches import Stretch
from nyckelfri.simulate.weeks import Weeks

MONDAY = date(2026, 11, 23)
_HOUR = 3600


def lived(seed: int, *, days: float = 7, weeks: int = 0, broken: Broken | None = None) -> Lived:
    """A stretch with mishaps of every kind, a decision, and a history if it broke."""
    task = Task(seed, Stretch(MONDAY, days, weeks), tuple(BY_NAME))
    chance = Random(seed)  # noqa: S311 - to repeat, not to hide
    begins, ends = task.stretch.begins, task.ends
    items = [
        Item(f"{name}:{turn}", "mishap", int(chance.uniform(begins, ends)))
        for name in BY_NAME
        for turn in range(chance.randrange(1, 12))
    ]
    items += [Item("TakeOver:0", "change", begins + 9 * _HOUR)]
    items += [Item(f"shift:P{n:05}", "shift", begins + n * _HOUR) for n in range(12)]
    items.sort(key=lambda item: item.at)
    stops = ends if broken is None else broken.at
    samples, openings, syncs, spent = [], 0, 0, 0.0
    for at in range(begins, int(stops), _HOUR):
        busy = 1 if 7 <= (at // _HOUR + 1) % 24 < 22 else 0.1
        samples.append(
            Sample(at, openings, syncs, int(70 * busy), chance.randrange(-30, 31), 4, spent)
        )
        openings += int(chance.uniform(10, 40) * busy)
        syncs += int(chance.uniform(8, 20) * busy)
        spent += chance.uniform(1, 2) * busy
    lines = [
        Happening(1000 * (begins + 60 * n), "L0040", "moves", f"unlock for P{n}")
        for n in range(200)
    ]
    if broken is not None:
        lines.append(Happening(round(1000 * stops), "world", "violation", broken.text))
    return Lived(
        task,
        tuple(items),
        frozenset(item.id for item in items if item.at < stops),
        121,
        80,
        {"moves": openings, "synced": syncs, "in": openings // 2},
        {"nobody_without_a_right_opens": openings, "whoever_has_a_right_opens": openings + 9},
        tuple(samples),
        tuple(lines) if broken is not None else (),
        f"{seed:064x}",
        broken,
        spent,
    )


def weeks(*all_lived: Lived, files: str = "bjorkvik") -> Weeks:
    """These, with what each that broke was cut down to."""
    found = Weeks(Path(files), None, [each.task for each in all_lived])
    for each in all_lived:
        if found.add(each) and each.broken is not None:
            few = tuple(item for item in each.items if item.kind != "shift")[:2]
            task = Task(
                each.task.seed,
                each.task.stretch,
                each.task.mishaps,
                frozenset(item.id for item in few),
                int(each.broken.at) + 60,
            )
            small = Lived(
                task, few, each.begun, 121, 80, {}, {}, (), each.lines[-20:], "", each.broken, 1.0
            )
            found.add_cut(Cut(small, len(each.items), 17, whole=True))
    return found
