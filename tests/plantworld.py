"""Defects put into the product on purpose, and the hunt for them by the simulation, seed by seed.

Each plant is a context manager: while it lasts the real code has the defect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from unittest import mock

from besideworld import Beside
from mishapworld import BEGINS, ENDS, small_town

SEEDS: Final = range(1, 11)


@dataclass(frozen=True)
class Hunt:
    """`plant` names a function below; `mishaps`: kinds and how often a week (None: as usual)."""

    plant: str
    mishaps: dict[str, float] | None = None


@dataclass(frozen=True)
class Catch:
    """The first seed in which something did not hold, what, and what was told of it."""

    seed: int
    rule: str
    text: str


class Hunter(Beside):
    """The process in which ten seeds of one small town's morning are lived through."""

    def __init__(self, tables: Path) -> None:
        super().__init__(_begin, tables)

    def hunt(self, hunt: Hunt) -> Catch | None:
        """The first seed in which this defect is caught."""
        found: Catch | None = self.ask(hunt)
        return found


def _begin(folder: Path) -> Callable[[Hunt], Catch | None]:
    fresh = small_town(folder)

    def first(hunt: Hunt) -> Catch | None:
        caught = (_live(fresh(), seed, hunt) for seed in SEEDS)
        return next((found for found in caught if found is not None), None)

    return first


def _live(town: Any, seed: int, hunt: Hunt) -> Catch | None:
    from nyckelfri.simulate import mishap, plan
    from nyckelfri.simulate import town as towns
    from nyckelfri.simulate.mishaps import ALL, BY_NAME
    from nyckelfri.simulate.plan import Week
    from nyckelfri.simulate.world import World

    week = Week(seed, towns.moment(BEGINS), towns.moment(ENDS))
    kinds = ALL
    if hunt.mishaps is not None:
        kinds = tuple(replace(BY_NAME[name], a_week=n) for name, n in hunt.mishaps.items())
    items = [*plan.shifts(town.town, week), *mishap.planned(kinds, week)]
    with PLANTS[hunt.plant]():
        violation = World(town, week).run(items).violation
    return None if violation is None else Catch(seed, violation.rule, str(violation))


@contextmanager
def nothing() -> Iterator[None]:
    """No defect: what the hunt must not find."""
    yield


@contextmanager
def forgotten_revocation() -> Iterator[None]:
    """A phone is blocked, and nobody writes its key into the bulletin."""
    with mock.patch("nyckelfri.server.keys.actions_revoke.revoke_key"):
        yield


@contextmanager
def acknowledged_before_commit() -> Iterator[None]:
    """A sync is one transaction, and its answer is on its way before that is committed."""
    from django.db import transaction

    from nyckelfri.server.phoneapi import sync
    from nyckelfri.simulate.server import ServerKilled

    run = sync.run

    def eager(*arguments: Any, **more: Any) -> dict[str, Any]:
        answer = None
        try:
            with transaction.atomic():
                answer = run(*arguments, **more)
        except ServerKilled:
            if answer is None:
                raise
        return answer

    with mock.patch.object(sync, "run", eager):
        yield


@contextmanager
def clock_below_its_floor() -> Iterator[None]:
    """A lock that starts believes its clock chip, whatever it has heard before."""
    from nyckelfri.door import clock

    started = clock.started

    def credulous(**said: Any) -> clock.Clock:
        found = started(**said)
        hardware = said["hardware"]
        return found if hardware is None else replace(found, floor=0, base=hardware)

    with mock.patch.object(clock, "started", credulous):
        yield


PLANTS: Final = {
    each.__name__: each
    for each in (nothing, forgotten_revocation, acknowledged_before_commit, clock_below_its_floor)
}
