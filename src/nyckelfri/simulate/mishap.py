"""What may go wrong in a simulated week: each kind a name, its threats, how often, and the deed.

House rules: a mishap of one kind can be left out without changing any other. While it hampers
somebody, it says so to the world beforehand and takes that back when it is over: an invariant
forgives what was said, and nothing else.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from nyckelfri.simulate.plan import DAY, Item, Week

if TYPE_CHECKING:
    from nyckelfri.simulate.world import World


@dataclass(frozen=True, slots=True)
class Mishap:
    """One kind: `threats` are numbers of docs/threat-model.md, `a_week` the mean number of them.

    `happen` is a task of its own that begins at the moment of its item.
    """

    name: str
    threats: tuple[int, ...]
    text: str
    a_week: float
    happen: Callable[[World, Random], Awaitable[None]]


def planned(mishaps: Iterable[Mishap], week: Week) -> Iterable[Item]:
    """One item for each time that something goes wrong in the week."""
    days = (week.ends - week.begins) / DAY
    for mishap in mishaps:
        chance = week.chance(f"how often {mishap.name}")
        mean = mishap.a_week * days / 7
        times = int(mean) + (chance.random() < mean % 1)
        for turn in range(times):
            id_ = f"{mishap.name}:{turn}"
            when = week.chance(f"when {id_}").uniform(week.begins, week.ends - DAY / 24)
            yield Item(id_, "mishap", int(when))
