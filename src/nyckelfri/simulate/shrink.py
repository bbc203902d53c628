"""A stretch that failed, cut down to what it takes to fail.

House rules: a try is a whole run that begins anew; it counts only if the same invariant does not
hold. First goes what comes after the failure, then as much of the rest as can be left out: halves,
quarters and so on (delta debugging), kinds of happenings one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, TypeAlias, TypeVar

from nyckelfri.simulate.lived import Lived, Task
from nyckelfri.simulate.plan import Item

T = TypeVar("T")
Part: TypeAlias = frozenset[str]
"""Ids of items that are kept or left out together."""
_LATER: Final = 3600
"""Seconds after the failure in which a try may still fail: without some items it may come later."""
_TRIES: Final = 400
_SHORT: Final = 2 * 3600
"""A stretch is not halved below this."""


class LimitError(Exception):
    """No more tries, or no more time."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What is left: the run that failed last, and the number of tries; `whole` without a limit."""

    lived: Lived
    items: int
    """How many there were before."""
    tries: int
    whole: bool


def smallest(parts: Sequence[T], fails: Callable[[Sequence[T]], bool]) -> Sequence[T]:
    """Some of `parts`, which all together fail, of which none can be left out.

    The delta debugging of Zeller and Hildebrandt, by complements.
    """
    if fails(()):
        return ()
    pieces = 2
    while len(parts) > 1:
        size, more = divmod(len(parts), pieces)
        edges = [at * size + min(at, more) for at in range(pieces + 1)]
        for low, high in pairwise(edges):
            rest = [*parts[:low], *parts[high:]]
            if fails(rest):
                parts, pieces = rest, max(pieces - 1, 2)
                break
        else:
            if pieces == len(parts):
                break
            pieces = min(len(parts), 2 * pieces)
    return parts


def passes(items: Iterable[Item], carer_of: Callable[[str], str]) -> list[list[Part]]:
    """In what order which items are tried together: mishaps, carers, shifts, other, each."""
    by_kind: dict[str, list[Part]] = {"mishap": [], "shift": []}
    carers: dict[str, Part] = {}
    for item in items:
        by_kind.setdefault(item.kind, []).append(Part({item.id}))
        if item.kind == "shift":
            carer = carer_of(item.id)
            carers[carer] = carers.get(carer, Part()) | {item.id}
    mishaps, shifts, *others = by_kind.values()
    each = [part for parts in by_kind.values() for part in parts]
    return [mishaps, list(carers.values()), shifts, *others, each]


class Shrinker:
    """Tries to make a failed run smaller, at most so many `tries`.

    `again` lives through a task, or raises LimitError. `told` hears after each try how many
    there have been and how many items are left.
    """

    def __init__(
        self,
        failed: Lived,
        again: Callable[[Task], Lived],
        *,
        tries: int = _TRIES,
        told: Callable[[int, int], None] = lambda _tries, _items: None,
    ) -> None:
        self._best = failed
        self._rule = failed.broken.rule if failed.broken is not None else ""
        self._again = again
        self._most = tries
        self._told = told
        self._tries = 0
        self._known: dict[tuple[frozenset[str], int], bool] = {}

    def cut(self, order: Sequence[Sequence[Part]]) -> Cut:
        """The smallest that was found, trying to leave things out in this order."""
        before, whole = len(self._best.items), True
        try:
            self._cut_end()
            for parts in order:
                self._cut_parts(parts)
        except LimitError:
            whole = False
        return Cut(self._best, before, self._tries, whole)

    def _cut_end(self) -> None:
        """Leave out what comes after the failure, and halve a stretch that failed at its end."""
        begins = self._best.task.stretch.begins
        self._fails(self._kept(), self._late())
        while self._at_end() and self._late() - begins > _SHORT:
            middle = (begins + self._late()) // 2
            if not self._fails(self._kept(), middle):
                begins = middle

    def _cut_parts(self, parts: Sequence[Part]) -> None:
        tried = [part & self._kept() for part in parts if part & self._kept()]
        fixed = self._kept().difference(*tried)
        if tried:
            smallest(tried, lambda some: self._fails(fixed.union(*some), self._late()))

    def _kept(self) -> Part:
        return Part(item.id for item in self._best.items)

    def _late(self) -> int:
        """By when a smaller run should have failed, too."""
        broken, task = self._best.broken, self._best.task
        return task.ends if broken is None else min(task.ends, int(broken.at) + _LATER)

    def _at_end(self) -> bool:
        """Whether the best failed when it was over, so that a shorter one may do."""
        broken = self._best.broken
        return broken is not None and broken.at >= self._best.task.ends

    def _fails(self, keep: Part, until: int) -> bool:
        """Whether this much fails in the same way; then it is the best."""
        if (keep, until) not in self._known:
            if self._tries >= self._most:
                raise LimitError
            self._tries += 1
            lived = self._again(replace(self._best.task, keep=keep, until=until))
            failed = lived.broken is not None and lived.broken.rule == self._rule
            self._known[keep, until] = failed
            if failed:
                left = Part(item.id for item in lived.items)
                self._best = replace(lived, task=replace(lived.task, keep=left))
            self._told(self._tries, len(self._best.items))
        return self._known[keep, until]
