"""The simulated town while it lives: doors, phones, server, people, and all that happens.

House rules: the world knows the truth and tells nobody but the history and the invariants. An item
of the plan is a task; the first invariant that does not hold ends the week.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from nyckelfri import clock
from nyckelfri.door.commissioning import Kind
from nyckelfri.door.grants import Command
from nyckelfri.lock.controller import Event
from nyckelfri.simulate.air import Antenna
from nyckelfri.simulate.carer import Attempt, Carer
from nyckelfri.simulate.founding import KINDS, Founded
from nyckelfri.simulate.handset import Handset
from nyckelfri.simulate.history import History, ViolationError
from nyckelfri.simulate.loop import VirtualLoop
from nyckelfri.simulate.plan import Item, Week, by_id
from nyckelfri.simulate.server import Server
from nyckelfri.simulate.site import Move, Site
from nyckelfri.simulate.town import Home, Shift, Visit


@dataclass(frozen=True, slots=True)
class Rates:
    """How often small things go wrong by themselves, as shares of all times."""

    too_far: float = 0.02
    no_coverage: float = 0.1


@dataclass(slots=True)
class Outcome:
    """How a week ended: the history, and what did not hold (None: all did)."""

    history: History
    violation: ViolationError | None = None


class World:
    """One week of one town."""

    def __init__(self, founded: Founded, week: Week, rates: Rates | None = None) -> None:
        self.founded = founded
        self.week = week
        self.rates = rates or Rates()
        self.loop = VirtualLoop()
        self.history = History(self.now)
        self.server = Server(founded.folder / "data")
        self.sites: dict[str, Site] = {}
        self.phones: dict[str, Handset] = {}
        self.attempts: list[Attempt] = []
        self._holders = dict(founded.phones)
        self._homes = {home.client: home for home in founded.town.homes}
        self._inside: dict[str, list[str]] = {}
        self._shifts = by_id(founded.town)
        self._failed: asyncio.Future[None] = self.loop.create_future()

    def now(self) -> float:
        """True Unix seconds."""
        return self.week.begins + self.loop.time()

    def run(self, items: Iterable[Item]) -> Outcome:
        """Live through the week."""
        clock.follow(self.now)
        violation = None
        try:
            self.loop.run_until_complete(self._live(list(items)))
        except ViolationError as found:
            violation = found
        finally:
            clock.follow(None)
            self.loop.close()
            self.server.restart()
        return Outcome(self.history, violation)

    async def _live(self, items: list[Item]) -> None:
        for lock, kind in self.founded.town.locks:
            path = self.founded.folder / "locks" / lock
            self.sites[lock] = Site(
                lock, KINDS[kind], path, self.now, on_move=self._on_move, on_event=self._on_event
            )
            self.sites[lock].power_on()
        for label in self.founded.phones.values():
            folder = self.founded.folder / "phones" / label
            self.phones[label] = Handset(label, folder, self.server, self.now)
        tasks = [self._begin(item) for item in items]
        tasks.append(asyncio.ensure_future(self._end()))
        done, rest = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        for site in self.sites.values():
            await site.shut_down()
        for task in done:
            task.result()

    def _begin(self, item: Item) -> asyncio.Task[None]:
        chance = self.week.chance(item.id)
        return asyncio.ensure_future(Carer(self, self._shifts[item.id], chance).live())

    async def _end(self) -> None:
        await self.until(self.week.ends)

    # What people ask of the world.

    async def until(self, moment: float) -> None:
        """Wait for a moment."""
        await asyncio.sleep(max(0.0, moment - self.now()))

    def tell(self, who: str, what: str, more: str = "") -> None:
        """Write a line of the history."""
        self.history.tell(who, what, more)

    def phone_of(self, number: str) -> Handset | None:
        """The phone that this carer has at hand now."""
        label = self._holders.get(number)
        return self.phones.get(label) if label is not None else None

    def home(self, client: str) -> Home:
        """Where a client lives."""
        return self._homes[client]

    def visits_of(self, number: str, shift: Shift) -> list[Visit]:
        """This carer's planned visits in a shift, in order."""
        return sorted(
            (
                visit
                for visit in self.founded.town.visits
                if number in {visit.carer, visit.second} and shift.start <= visit.start < shift.end
            ),
            key=lambda visit: visit.start,
        )

    def covered_at(self, home: Home, chance: Random) -> bool:
        """Whether phones have coverage in this home at this visit."""
        del home
        return chance.random() >= self.rates.no_coverage

    def antennas_at(self, lock: str) -> list[Antenna]:
        """What a phone hears that stands before this door."""
        return [self.sites[lock].antenna]

    def others_inside(self, home: Home, number: str) -> bool:
        """Whether a colleague is still in this home."""
        return any(other != number for other in self._inside.get(home.lock or home.client, []))

    def moved(self, lock: str, command: Command) -> bool:
        """Whether a granted command has done what it should."""
        site = self.sites[lock]
        if site.kind is Kind.ENTRANCE_UNIT:
            return True  # the strike held again long before the carer was told
        return site.locked is (command is Command.LOCK)

    def attempted(self, attempt: Attempt) -> None:
        """Hear of a try at a door."""
        self.attempts.append(attempt)
        what = attempt.reason.name.lower() if attempt.reason is not None else attempt.trouble
        self.tell(attempt.carer, "tried", f"{attempt.command.name.lower()} {attempt.lock}: {what}")

    # What doors tell the world.

    def _on_move(self, move: Move) -> None:
        self.tell(move.lock, "moves", f"{move.command.value} for {', '.join(move.phones)}")

    def _on_event(self, lock: str, event: Event) -> None:
        del lock, event


def copy(founded: Founded, folder: Path) -> Founded:
    """The same town in another folder... used to begin a week anew."""
    shutil.copytree(founded.folder, folder)
    return founded
