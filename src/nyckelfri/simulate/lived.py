"""What came of a simulated stretch, as values that travel between processes.

House rules: everything here but `spent` is the same in every run of one task.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from nyckelfri.simulate.history import Happening
from nyckelfri.simulate.plan import Item
from nyckelfri.simulate.stretches import Stretch


@dataclass(frozen=True, slots=True)
class Task:
    """One stretch to live through by one seed.

    `mishaps` names the kinds that may happen; of all that is planned only the items in `keep`
    do (None: all), and nothing after `until` (Unix seconds; None: to the end).
    """

    seed: int
    stretch: Stretch
    mishaps: tuple[str, ...]
    keep: frozenset[str] | None = None
    until: int | None = None

    @property
    def ends(self) -> int:
        """When it is over at the latest."""
        ends = self.stretch.ends
        return ends if self.until is None else min(self.until, ends)


@dataclass(frozen=True, slots=True)
class Sample:
    """How the town stood at `at` (Unix seconds): sums until then, and what was so just then."""

    at: int
    openings: int
    syncs: int
    waiting: int
    """Journal entries at the locks that the server does not hold."""
    clock_worst: int
    """The largest error of a lock's clock that is set, in seconds."""
    clock_median: int
    spent: float
    """Real seconds since the beginning."""


@dataclass(frozen=True, slots=True)
class Broken:
    """An invariant that did not hold, at `at` (Unix seconds)."""

    rule: str
    text: str
    at: float


@dataclass(frozen=True, slots=True)
class Lived:
    """All that is told of one stretch."""

    task: Task
    items: tuple[Item, ...]
    """What was planned and not left out, in order of time."""
    begun: frozenset[str]
    """Ids of the mishaps and changes that came."""
    doors: int
    phones: int
    counts: dict[str, int]
    """Lines of the history by what they tell."""
    checked: dict[str, int]
    """How often each invariant was looked at."""
    samples: tuple[Sample, ...]
    lines: tuple[Happening, ...]
    """The whole history where an invariant did not hold, nothing where all did."""
    digest: str
    broken: Broken | None
    spent: float
    """Real seconds."""

    @property
    def openings(self) -> int:
        """How often a motor started to unlock or lock."""
        return self.counts.get("moves", 0)

    @property
    def happened(self) -> list[Item]:
        """The mishaps that came, in order of time."""
        return self._came("mishap")

    @property
    def decided(self) -> list[Item]:
        """The office's changes that came, in order of time."""
        return self._came("change")

    @property
    def by_kind(self) -> Counter[str]:
        """How many mishaps of each kind came."""
        return Counter(kind(item.id) for item in self.happened)

    def _came(self, kind: str) -> list[Item]:
        return [item for item in self.items if item.kind == kind and item.id in self.begun]


def kind(id_: str) -> str:
    """What an item is one of: `power_cut:3` is a power_cut."""
    return id_.partition(":")[0]
