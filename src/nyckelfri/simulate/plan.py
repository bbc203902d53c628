"""What is going to happen in a simulated week, as a list from which things can be left out.

House rules: an item draws its chances from a stream of its own, named by seed and id, so that all
others stay as they were without it. That is what lets a failing week be cut down.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

from nyckelfri.simulate import planning
from nyckelfri.simulate.changes import Change
from nyckelfri.simulate.town import Shift, Town

DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Item:
    """Something that begins at `at` (Unix seconds): `kind` and `id` say what."""

    id: str
    kind: str
    at: int


@dataclass(frozen=True, slots=True)
class Week:
    """`seed` and the moments, [begins, ends) in Unix seconds, of one simulated stretch."""

    seed: int
    begins: int
    ends: int

    def chance(self, name: str) -> Random:
        """The stream of chances of this name."""
        return Random(f"{self.seed}/{name}")  # noqa: S311 - to repeat, not to hide


def shifts(town: Town, week: Week) -> Iterable[Item]:
    """One item a shift that lies whole in the week."""
    for shift in town.shifts:
        if week.begins <= shift.start and shift.end <= week.ends:
            yield Item(f"shift:{shift.id}", "shift", shift.start)


def decisions(town: Town, week: Week, phones: Mapping[str, str]) -> Iterable[Item]:
    """One item for each thing that the office decides; `phones`: labels by carer."""
    for id_, change in changes(town, week, phones).items():
        yield Item(id_, "change", int(change.at))


def changes(town: Town, week: Week, phones: Mapping[str, str]) -> dict[str, Change]:
    """What the office decides, by the id of its item."""
    found = planning.plan(town, week.chance, week.begins, week.ends, phones)
    return {f"{type(each).__name__}:{n}": each for n, each in enumerate(found)}


def by_id(town: Town) -> dict[str, Shift]:
    """The shifts, by the id of their item."""
    return {f"shift:{shift.id}": shift for shift in town.shifts}
