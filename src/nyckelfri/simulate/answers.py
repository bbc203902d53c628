"""What a process of the simulation is asked: live through a task, and cut a failed one down."""

from __future__ import annotations

import time
from datetime import datetime

from nyckelfri.simulate import plan, shrink
from nyckelfri.simulate.lived import Lived, Sample, Task
from nyckelfri.simulate.progress import Step
from nyckelfri.simulate.runner import Stage
from nyckelfri.simulate.shrink import Cut, LimitError, Shrinker
from nyckelfri.simulate.town import SWEDEN
from nyckelfri.simulate.workers import Tell

_HOUR = 3600


def live(stage: Stage, tell: Tell, task: Task) -> Lived:
    """Live through a task, telling of every hour."""
    begins = task.stretch.begins

    def watch(sample: Sample) -> None:
        done = (sample.at - begins) / (task.ends - begins)
        hours = (sample.at - begins) / _HOUR / max(sample.spent, 0.001)
        local = datetime.fromtimestamp(sample.at, SWEDEN)
        told = f"{local:%a %d %b %H:%M}, {sample.openings} motor starts, {hours:.1f} h a second"
        tell(Step(task.seed, told, done, f"{local:%d}"))

    def founding(what: str) -> None:
        tell(Step(task.seed, f"founding the town: {what}", 0, "founding"))

    return stage.live(task, watch=watch, tell=founding)


def cut_down(stage: Stage, tell: Tell, failed: Lived, minutes: float) -> Cut:
    """Make a failed run smaller, for at most so long."""
    end = time.monotonic() + 60 * minutes
    whole = len(failed.items)

    def in_time(_sample: Sample | None = None) -> None:
        if time.monotonic() > end:
            raise LimitError

    def again(task: Task) -> Lived:
        lived = stage.live(task, watch=in_time)
        in_time()  # a run that was broken off tells nothing
        return lived

    def told(tries: int, items: int) -> None:
        left = (end - time.monotonic()) / (60 * minutes)
        text = f"cutting down: {items} of {whole} happenings left, {tries} tries"
        tell(Step(failed.task.seed, text, 1 - max(0.0, left), "cutting"))

    told(0, whole)
    shifts = plan.by_id(stage.founded(failed.task.stretch).town)
    order = shrink.passes(failed.items, lambda id_: shifts[id_].carer)
    return Shrinker(failed, again, told=told).cut(order)
