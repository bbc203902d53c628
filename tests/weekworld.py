"""A day of a village, lived once in a process of its own, from which visits follow again and again.

House rules: what is planted is a defect of the product, put in by hand between the evidence and
what the office sees of it; the world's own truth stays as it was.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import weekplants
from besideworld import Beside
from villageworld import village

FILES: Final = Path(__file__).parent.parent / "src/nyckelfri/demo/data/bjorkvik"
CLIENTS: Final = 14
BEGINS: Final = "2026-11-23 06:00"
ENDS: Final = "2026-11-23 17:30"
MISHAPS: Final = (
    ("wrong_door", "09:10"),
    ("wrong_door", "10:40"),
    ("wrong_door", "14:40"),
    ("wrong_door", "15:30"),
    ("late_entry", "08:00"),
    ("label_copied", "11:30"),
    ("label_copied", "15:00"),
)


@dataclass(frozen=True)
class Looked:
    """What came of it: the first violation as text, what was looked at, and what had happened."""

    broken: str
    checked: dict[str, int]
    counts: Counter[str]


class Week(Beside):
    """The process in which the village has lived."""

    def __init__(self, tables: Path) -> None:
        super().__init__(_begin, tables)

    def look(self, plant: str = "", rule: str = "") -> Looked:
        """Let visits and money follow from the evidence, with this defect; "": every rule."""
        found = self.ask((plant, rule))
        assert isinstance(found, Looked), found
        return found


def _begin(folder: Path) -> Callable[[tuple[str, str]], Looked]:
    lived = Lived(folder)
    return lambda asked: lived.look(*asked)


class Lived:
    """The world at the end of the day, and its database before visits were looked at."""

    def __init__(self, folder: Path) -> None:
        from nyckelfri.simulate import plan
        from nyckelfri.simulate import town as towns
        from nyckelfri.simulate.founding import found
        from nyckelfri.simulate.ground import Rates
        from nyckelfri.simulate.plan import Item
        from nyckelfri.simulate.world import World

        at = towns.moment
        files = village(FILES, folder / "files", clients=CLIENTS)
        for name in ("planerade_besok", "arbetspass"):
            _only_near_the_day(files / f"{name}.csv")
        founded = found(files, folder / "town", begins=at(BEGINS))
        self._database = founded.folder / "data" / "nyckelfri.sqlite3"
        self._kept = folder / "kept.sqlite3"
        outer = self

        class Kept(World):
            async def _hours(self) -> None:
                self.go(_alarm(self))
                await super()._hours()

            async def _come_home(self) -> None:
                await super()._come_home()
                outer._copy(outer._database, outer._kept)

        week = plan.Week(1, at(BEGINS), at(ENDS))
        items = list(plan.shifts(founded.town, week))
        for turn, (name, when) in enumerate(MISHAPS):
            items.append(Item(f"{name}:{turn}", "mishap", at(f"2026-11-23 {when}")))
        rates = Rates(too_far=0, no_coverage=0.1, forgotten=0.1, declined=0.05)
        self.world = Kept(founded, week, rates=rates)
        outcome = self.world.run(items)
        assert outcome.violation is None, outcome.violation

    def look(self, plant: str, name: str) -> Looked:
        """Let everything follow anew from the evidence, with this defect."""
        from nyckelfri.simulate.history import ViolationError
        from nyckelfri.simulate.invariants import money, visits

        self.world.server.restart()
        self._copy(self._kept, self._database)
        every = [rule(self.world) for rule in (*visits.ALL, *money.ALL)]
        rules = [rule for rule in every if name in {"", rule.name}]
        broken = ""
        with getattr(weekplants, plant)() if plant else nullcontext():
            _derive_anew()
            for rule in rules:
                try:
                    rule.ended()
                except ViolationError as error:
                    broken = broken or str(error)
        checked = {rule.name: rule.checked for rule in rules}
        return Looked(broken, checked, self.world.history.counts)

    def _copy(self, source: Path, target: Path) -> None:
        for suffix in ("-wal", "-shm"):
            target.with_name(target.name + suffix).unlink(missing_ok=True)
        with sqlite3.connect(source) as old, sqlite3.connect(target) as new:
            old.backup(new)
        old.close()
        new.close()


def _only_near_the_day(path: Path) -> None:
    """Leave out the rest of the month: a village in which nobody works has nothing to tell."""
    head, *rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [row for row in rows if any(f"2026-11-{day}" in row for day in (22, 23, 24))]
    path.write_text("".join([head, *kept]), encoding="utf-8")


async def _alarm(world: Any) -> None:
    """At noon a client presses the alarm, and whoever is on duty goes there."""
    from nyckelfri.simulate.changes import Alarm
    from nyckelfri.simulate.town import moment

    noon = moment("2026-11-23 12:00")
    town = world.founded.town
    teams = {team.id for team in town.teams if team.kind == "larmgrupp"}
    group = {carer.number for carer in town.carers if carer.team in teams}
    on_duty = [each for each in town.shifts if each.carer in group and each.start < noon < each.end]
    client = next(home.client for home in town.homes if home.lock is not None)
    await world.until(noon)
    world.change(Alarm(noon, "RX1", client, on_duty[0].carer, noon + 60, noon + 900, noon + 2400))


def _derive_anew() -> None:
    from nyckelfri.server.visits.models import LooseSign, TouchedDay, Visit, VisitDay

    Visit.objects.all().delete()
    LooseSign.objects.all().delete()
    days = list(VisitDay.objects.values_list("day", flat=True))
    VisitDay.objects.all().delete()
    TouchedDay.objects.bulk_create(TouchedDay(day=day) for day in days)
