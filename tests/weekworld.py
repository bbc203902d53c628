"""A day of a village, lived once in a process of its own, from which visits follow again and again.

House rules: what is planted is a defect of the product, put in by hand between the evidence and
what the office sees of it; the world's own truth stays as it was.
"""

from __future__ import annotations

import logging
import multiprocessing
import sqlite3
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import ROUND_UP, Decimal
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final, Self
from unittest.mock import patch

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
_ROOT: Final = Path("/dev/shm") if Path("/dev/shm").is_dir() else None  # noqa: S108 - only speed


@dataclass(frozen=True)
class Looked:
    """What came of it: the first violation as text, what was looked at, and what had happened."""

    broken: str
    checked: dict[str, int]
    counts: Counter[str]


class Week:
    """The process in which the village has lived."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._here, there = context.Pipe()
        self._process = context.Process(target=_serve, args=(there,), daemon=True)
        self._process.start()
        there.close()

    def look(self, plant: str = "", rule: str = "") -> Looked:
        """Let visits and money follow from the evidence, with this defect; "": every rule."""
        self._here.send((plant, rule))
        found = self._here.recv()
        assert isinstance(found, Looked), found
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._here.close()
        self._process.join(20)


def _serve(pipe: Connection) -> None:
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory(dir=_ROOT, prefix="nyckelfri-week-") as folder:
        lived = None
        while True:
            try:
                asked = pipe.recv()
            except EOFError:
                return
            try:
                lived = lived or Lived(Path(folder))
                pipe.send(lived.look(*asked))
            except BaseException:  # noqa: BLE001 - it belongs to whoever asked
                pipe.send(traceback.format_exc())


class Lived:
    """The world at the end of the day, and its database before visits were looked at."""

    def __init__(self, folder: Path) -> None:
        from nyckelfri.simulate import plan
        from nyckelfri.simulate import town as towns
        from nyckelfri.simulate.founding import found
        from nyckelfri.simulate.plan import Item
        from nyckelfri.simulate.world import Rates, World

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
        with globals()[plant]() if plant else nullcontext():
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


# Defects between the evidence and the visits.


@contextmanager
def a_reading_is_lost() -> Iterator[None]:
    """One label reading in two is not read."""
    from nyckelfri.server.visits import queries_signs

    taps = queries_signs._taps
    with patch.object(queries_signs, "_taps", lambda *told: list(taps(*told))[::2]):
        yield


@contextmanager
def a_sign_is_told_twice() -> Iterator[None]:
    """Every visit holds the first sign of the one before it, too."""
    with _concluded(lambda visits: [
        replace(visit, refs=(*visit.refs, *before.refs[:1]))
        for before, visit in zip([visits[0], *visits], visits, strict=False)
    ]):  # fmt: skip
        yield


@contextmanager
def what_was_planned_counts_as_made() -> Iterator[None]:
    """A planned visit that nothing tells of is performed."""
    from nyckelfri.care.performed import Outcome

    def made(visit: Any) -> Any:
        if visit.outcome is not Outcome.NOT_MADE:
            return visit
        return replace(visit, outcome=Outcome.PERFORMED, flags=())

    with _each(made):
        yield


@contextmanager
def somebody_else_was_there() -> Iterator[None]:
    """Every visit is said to be made by whoever made the one before it."""
    with _concluded(lambda visits: [
        replace(visit, employee_id=before.employee_id)
        for before, visit in zip([visits[-1], *visits], visits, strict=False)
    ]):  # fmt: skip
        yield


@contextmanager
def visits_are_too_long() -> Iterator[None]:
    """Every visit ends five minutes after it did."""
    with _each(lambda visit: _moved(visit, later=timedelta(minutes=5))):
        yield


@contextmanager
def visits_begin_early() -> Iterator[None]:
    """Every visit begins three hours before it did, and nobody is asked."""
    with _each(lambda visit: replace(_moved(visit, earlier=timedelta(hours=3)), flags=())):
        yield


@contextmanager
def nobody_is_asked() -> Iterator[None]:
    """No visit has a flag."""
    with _each(lambda visit: replace(visit, flags=())):
        yield


@contextmanager
def nothing_is_waited_out() -> Iterator[None]:
    """What waits for a journal is never looked at again."""
    from nyckelfri.server.visits import actions_derive

    with patch.object(actions_derive, "_WAITS", timedelta(days=-1)):
        yield


@contextmanager
def a_copy_counts() -> Iterator[None]:
    """Every reading that was refused counts as signed, under a number of its own."""
    from nyckelfri.server.visits.models import PhoneEntry

    refused = PhoneEntry.objects.filter(verdict="replayed")
    for number, row in enumerate(refused, 1_000_000):
        PhoneEntry.objects.filter(pk=row.pk).update(verdict="signed", counter=number)
    yield


# Defects between the visits and the money.


@contextmanager
def review_is_not_waited_for() -> Iterator[None]:
    """Clients are billed for what has been approved so far."""
    from nyckelfri.server.money import making

    make = making.make

    def at_once(facts: Any, *more: Any) -> Any:
        facts.unreviewed = 0
        return make(facts, *more)

    with patch.object(making, "make", at_once):
        yield


@contextmanager
def the_wrong_client_pays() -> Iterator[None]:
    """The next client pays for everybody's visits."""
    from nyckelfri.server.money import queries_month

    facts = queries_month.facts
    everybody: dict[str, Any] = {}

    class Signs(dict[str, Any]):
        def __missing__(self, ref: str) -> Any:
            return everybody[ref]

    def shared(*told: Any) -> Any:
        found = facts(*told)
        visits = [one.month.visits for one in found]
        for one in found:
            everybody.update(one.signs)
        for one, other in zip(found, visits[-1:] + visits[:-1], strict=True):
            one.month, one.signs = replace(one.month, visits=other), Signs()
        return found

    with patch.object(queries_month, "facts", shared):
        yield


@contextmanager
def ten_minutes_are_added() -> Iterator[None]:
    """Every visit is charged for ten minutes more than it was."""
    from nyckelfri.server.money import queries_month

    row = queries_month.VisitRow

    def longer(**told: Any) -> Any:
        end = told["end"]
        return row(**{**told, "end": end and end + timedelta(minutes=10)})

    with patch.object(queries_month, "VisitRow", longer):
        yield


@contextmanager
def both_of_two_are_charged() -> Iterator[None]:
    """A visit by two is charged twice."""
    from nyckelfri.care import charges

    with patch.object(charges, "_counted", lambda visits, _policy: list(visits)):
        yield


@contextmanager
def amounts_are_rounded_up() -> Iterator[None]:
    """A line is rounded up to the next whole krona."""
    from nyckelfri.care import charges

    with patch.object(
        charges,
        "kronor",
        lambda amount: amount.quantize(Decimal(1), ROUND_UP).quantize(Decimal("0.01")),
    ):
        yield


@contextmanager
def a_number_is_passed_over() -> Iterator[None]:
    """Every other number of an invoice is given to nobody."""
    from nyckelfri.server.money import numbers

    take = numbers.take
    with patch.object(numbers, "take", lambda name, count: take(name, 2 * count)[::2]):
        yield


@contextmanager
def a_visit_is_not_paid() -> Iterator[None]:
    """A provider's statement forgets a visit."""
    from nyckelfri.server.money import pay

    visits = pay.visits
    with patch.object(pay, "visits", lambda *told: list(visits(*told))[1:]):
        yield


def _moved(
    visit: Any, *, earlier: timedelta = timedelta(0), later: timedelta = timedelta(0)
) -> Any:
    if visit.entry is None or visit.exit is None:
        return visit
    return replace(visit, entry=visit.entry - earlier, exit=visit.exit + later)


def _each(change: Any) -> Any:
    return _concluded(lambda visits: list(map(change, visits)))


@contextmanager
def _concluded(change: Any) -> Iterator[None]:
    """Change what is concluded of the visits."""
    from nyckelfri.care import derive

    concluded = derive.derive

    def changed(*told: Any) -> Any:
        found = concluded(*told)
        return replace(found, visits=tuple(change(found.visits)) if found.visits else ())

    with patch.object(derive, "derive", changed):
        yield
