"""All that came of one call: what each seed lived through, and what failures were cut down to.

House rules: values only; terminal, data and page are written from them.
"""

from __future__ import annotations

import json
import shlex
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from nyckelfri.simulate.history import Happening
from nyckelfri.simulate.lived import Lived, Task
from nyckelfri.simulate.mishaps import BY_NAME
from nyckelfri.simulate.plan import Item
from nyckelfri.simulate.shrink import Cut
from nyckelfri.simulate.town import SWEDEN

FORMAT: Final = 1


@dataclass(slots=True)
class Weeks:
    """What came of `tasks`, on these `files`; `first` is the Monday if one was asked for."""

    files: Path
    first: date | None
    tasks: Sequence[Task]
    lived: dict[int, Lived] = field(default_factory=dict)
    """By seed, as they ended."""
    cuts: dict[int, Cut] = field(default_factory=dict)
    """By seed."""
    stopped: str = ""
    """Why not all were lived through to their end."""

    def add(self, lived: Lived) -> bool:
        """Take one down; whether it is the first to fail in its way."""
        rules = {each.broken.rule for each in self.lived.values() if each.broken is not None}
        self.lived[lived.task.seed] = lived
        return lived.broken is not None and lived.broken.rule not in rules

    def add_cut(self, cut: Cut) -> None:
        """Take down what a failure was cut down to."""
        self.cuts[cut.lived.task.seed] = cut

    @property
    def ordered(self) -> list[Lived]:
        """By seed."""
        return [lived for _, lived in sorted(self.lived.items())]

    @property
    def failed(self) -> list[Lived]:
        """Those in which something did not hold, by seed."""
        return [lived for lived in self.ordered if lived.broken is not None]

    @property
    def good(self) -> bool:
        """Whether all that was asked was lived through, and everything held."""
        return not self.stopped and not self.failed and len(self.lived) == len(self.tasks)

    @property
    def verdict(self) -> str:
        """How it all came out, in a line."""
        if self.failed:
            rules = {each.broken.rule for each in self.failed if each.broken is not None}
            many = f"{len(self.failed)} of {counted(len(self.lived), 'seed')}"
            return f"{many} broke {counted(len(rules), 'rule')}"
        return "Everything held" if self.good else "Not lived to the end"

    @property
    def checked(self) -> Counter[str]:
        """How often each invariant was looked at, over all seeds."""
        return sum((Counter(lived.checked) for lived in self.lived.values()), Counter())

    @property
    def mishaps(self) -> Counter[str]:
        """How often each kind of mishap came, over all seeds."""
        return sum((lived.by_kind for lived in self.lived.values()), Counter())

    def replay(self, task: Task) -> str:
        """The command that lives through a task again."""
        words = ["nyckelfri", "simulate", str(self.files), "--seed", str(task.seed)]
        words += ["--days", f"{task.stretch.days:g}"]
        if self.first is not None:
            words += ["--from", str(self.first)]
        if set(task.mishaps) != set(BY_NAME):
            words += ["--only", ",".join(task.mishaps)] if task.mishaps else ["--without", "all"]
        if task.until is not None:
            words += ["--until", datetime.fromtimestamp(task.until, SWEDEN).isoformat()]
        if task.keep is not None:
            words += ["--keep", ",".join(sorted(task.keep))]
        return shlex.join(words)

    def as_json(self) -> str:
        """All of it as data, in the shape of docs/subsystems/simulation.md."""
        told = {
            "format": FORMAT,
            "held": self.good,
            "stopped": self.stopped or None,
            "files": str(self.files),
            "mishaps": dict(sorted(self.mishaps.items())),
            "checked": dict(self.checked),
            "seeds": [self._as_data(lived) for lived in self.ordered],
        }
        return json.dumps(told, ensure_ascii=False, indent=1) + "\n"

    def _as_data(self, lived: Lived) -> dict[str, Any]:
        task, broken = lived.task, lived.broken
        found: dict[str, Any] = {
            "seed": task.seed,
            "first": str(task.stretch.first),
            "days": task.stretch.days,
            "weeks_moved": task.stretch.weeks,
            "begins": task.stretch.begins,
            "ends": task.ends,
            "doors": lived.doors,
            "phones": lived.phones,
            "held": broken is None,
            "counts": lived.counts,
            "mishaps": _items(lived.happened),
            "decisions": _items(lived.decided),
            "checked": lived.checked,
            "digest": lived.digest,
            "seconds": round(lived.spent, 1),
            "hours": [
                {
                    "at": sample.at,
                    "openings": sample.openings,
                    "syncs": sample.syncs,
                    "waiting": sample.waiting,
                    "clock_worst": sample.clock_worst,
                    "clock_median": sample.clock_median,
                    "seconds": round(sample.spent, 2),
                }
                for sample in lived.samples
            ],
            "replay": self.replay(task),
        }
        if broken is not None:
            found["violation"] = {"rule": broken.rule, "text": broken.text, "at": broken.at}
            found["history"] = _lines(lived.lines)
        if task.seed in self.cuts:
            cut = self.cuts[task.seed]
            found["cut_down"] = {
                "replay": self.replay(cut.lived.task),
                "items": [item.id for item in cut.lived.items],
                "of": cut.items,
                "tries": cut.tries,
                "to_the_end": cut.whole,
                "history": _lines(cut.lived.lines),
            }
        return found


def counted(number: float, one: str, many: str = "") -> str:
    """`1 seed`, `2 seeds`."""
    return f"{number:g} {one}" if number == 1 else f"{number:g} {many or one + 's'}"


def _items(items: Sequence[Item]) -> list[dict[str, Any]]:
    return [{"id": item.id, "at": item.at} for item in items]


def _lines(lines: Sequence[Happening]) -> list[dict[str, Any]]:
    return [{"at": x.at / 1000, "who": x.who, "what": x.what, "more": x.more} for x in lines]
