"""The simulated town while it lives: doors, phones, server, people, and all that happens.

House rules: the world knows the truth and tells nobody but the history and the invariants. An item
of the plan is a task; the first invariant that does not hold ends the week.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any, Final

from nyckelfri import clock
from nyckelfri.door.commissioning import Kind
from nyckelfri.door.grants import Command
from nyckelfri.phone.client import ServerError
from nyckelfri.phone.store import StoreError
from nyckelfri.simulate.air import Antenna, PhoneDied
from nyckelfri.simulate.carer import Attempt, Carer
from nyckelfri.simulate.changes import Change, PhoneBlock, PhoneHandOver
from nyckelfri.simulate.disk import PowerCutError
from nyckelfri.simulate.disk_sqlite import Disks
from nyckelfri.simulate.founding import KINDS, PASSWORD, Founded
from nyckelfri.simulate.handset import Handset
from nyckelfri.simulate.history import History, ViolationError
from nyckelfri.simulate.invariant import Invariant
from nyckelfri.simulate.known import Stretch
from nyckelfri.simulate.ledger import Exposed, Handed, Ledger
from nyckelfri.simulate.loop import VirtualLoop
from nyckelfri.simulate.plan import Item, Week, by_id, changes
from nyckelfri.simulate.rights import Rights
from nyckelfri.simulate.server import Server, ServerKilled
from nyckelfri.simulate.site import Move, Site
from nyckelfri.simulate.town import Home, Shift, Visit

ENDS: Final = (PowerCutError, PhoneDied, ServerKilled)
"""How programs die here on purpose."""


@dataclass(frozen=True, slots=True)
class Rates:
    """How often small things go wrong by themselves, as shares of all times."""

    too_far: float = 0.02
    no_coverage: float = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Hamper:
    """Something that may keep phones from opening, or doors from being opened."""

    because: str
    phones: frozenset[str]
    locks: frozenset[str]


@dataclass(slots=True)
class Outcome:
    """How a week ended: the history, what did not hold (None: all did), and what was looked at."""

    history: History
    violation: ViolationError | None
    checked: dict[str, int]


class World:
    """One week of one town."""

    def __init__(
        self,
        founded: Founded,
        week: Week,
        *,
        rates: Rates | None = None,
        rules: Iterable[type[Invariant]] = (),
        until: int | None = None,
        tick: Callable[[float], None] = lambda _now: None,
    ) -> None:
        from nyckelfri.simulate import registry  # noqa: PLC0415 - needs Django set up
        from nyckelfri.simulate.invariants import ALL  # noqa: PLC0415 - they know the world

        self.registry = registry
        self.founded = founded
        self.week = week
        self.rates = rates or Rates()
        self.loop = VirtualLoop()
        self.history = History(self.now)
        self.server = Server(founded.folder / "data", on_answer=self._on_answer)
        self.ledger = Ledger({value: key for key, value in founded.installations.items()})
        self.disks = Disks()
        self.sites: dict[str, Site] = {}
        self.phones: dict[str, Handset] = {}
        self.moves: list[Move] = []
        self.floors: dict[str, tuple[int, int]] = {}
        """Epoch and floor of each lock's clock, the highest that were seen."""
        self.ends = week.ends if until is None else until
        """When it is over, in Unix seconds; the week is planned to its own end all the same."""
        self.begun: list[str] = []
        """Ids of the mishaps and changes that came."""
        self.exposed: dict[str, dict[str, Exposed]] = {}
        """What the office was shown when it blocked a phone: by label and lock."""
        self._tick = tick
        self._holders = dict(founded.phones)
        self._homes = {home.client: home for home in founded.town.homes}
        self._inside: dict[str, list[str]] = {}
        self._work: dict[str, list[tuple[float, str]]] = {}
        self._hampers: list[Hamper] = []
        self._shifts = by_id(founded.town)
        self._changes = changes(founded.town, week, founded.phones)
        self.rights = Rights(
            founded.town, phones={label: number for number, label in founded.phones.items()}
        )
        self.office = self.registry.office(founded.folder / "files")
        self._extra: list[asyncio.Task[None]] = []
        self._invariants = [rule(self) for rule in (*ALL, *rules)]
        self._stopped: asyncio.Future[None] = self.loop.create_future()

    def now(self) -> float:
        """True Unix seconds."""
        return self.week.begins + self.loop.time()

    def run(self, items: Iterable[Item]) -> Outcome:
        """Live through the week, until its end or the first invariant that does not hold."""
        clock.follow(self.now)
        self.loop.set_exception_handler(self._on_unheard)
        violation = None
        try:
            self.loop.run_until_complete(self._live(list(items)))
        except ViolationError as found:
            violation = found
        finally:
            clock.follow(None)
            self.loop.close()
            self.disks.close()
            self.server.restart()
        checked = {rule.name: rule.checked for rule in self._invariants}
        return Outcome(self.history, violation, checked)

    async def _live(self, items: list[Item]) -> None:
        for lock, kind in self.founded.town.locks:
            self.disks.put(lock, self.founded.disks[lock])
            site = Site(
                lock,
                KINDS[kind],
                self.disks,
                self.now,
                on_move=self._on_move,
                on_end=self._on_end,
            )
            self.sites[lock] = site
            self.power_on(site)
        for label in self.founded.phones.values():
            folder = self.founded.folder / "phones" / label
            self.phones[label] = Handset(label, folder, self.server, self.now)
        going = [self._begin(item) for item in items]
        going.append(asyncio.ensure_future(self._hours()))
        try:
            await self._until_stopped(going)
            await _cancelled([*going, *self._extra])
            await self._come_home()
            self._each(lambda rule: rule.ended())
            if self._stopped.done():
                self._stopped.result()
        finally:
            await _cancelled([*going, *self._extra])
            for site in self.sites.values():
                await site.shut_down()

    async def _until_stopped(self, going: list[asyncio.Task[None]]) -> None:
        """Until the week is over, or something has failed."""
        end = asyncio.ensure_future(self.until(self.ends))
        waiting: set[asyncio.Future[None]] = {*going, end, self._stopped}
        try:
            while not end.done():
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for task in sorted(done, key=lambda task: task is self._stopped, reverse=True):
                    task.result()
        finally:
            end.cancel()

    def _begin(self, item: Item) -> asyncio.Task[None]:
        return asyncio.ensure_future(self._perform(item))

    async def _perform(self, item: Item) -> None:
        from nyckelfri.simulate.mishaps import BY_NAME  # noqa: PLC0415 - they know the world

        chance = self.week.chance(item.id)
        match item.kind:
            case "shift":
                await Carer(self, self._shifts[item.id], chance).live()
            case "change":
                await self.until(item.at)
                await self.becomes(lambda: self.server.up)
                self.begun.append(item.id)
                self.change(self._changes[item.id])
            case "mishap":
                await self.until(item.at)
                self.begun.append(item.id)
                await BY_NAME[item.id.partition(":")[0]].happen(self, chance)

    async def _hours(self) -> None:
        """What comes round by itself."""
        while True:
            self._tick(self.now())
            if self.server.up:
                self.registry.rounds(clock.now())
            self._each(lambda rule: rule.hourly())
            await asyncio.sleep(3600)

    async def _come_home(self) -> None:
        """All works again: every phone syncs, every journal is fetched to its end."""
        self.server.up, self.server.kill_at = True, None
        for site in self.sites.values():
            if not site.powered:
                self.power_on(site)
        await asyncio.sleep(60)
        for phone in self.phones.values():
            phone.covered = True
            with contextlib.suppress(ServerError, StoreError):
                phone.sync()
        for site in self.sites.values():
            first = self.registry.newest_entries().get(site.lock, 0) + 1
            self.registry.bring_home(site.journal(first), clock.now())
        self.registry.rounds(clock.now())

    # What people ask of the world.

    async def until(self, moment: float) -> None:
        """Wait for a moment."""
        await asyncio.sleep(max(0.0, moment - self.now()))

    async def becomes(self, true: Callable[[], bool], every: float = 60) -> None:
        """Wait until something is so, looking `every` seconds."""
        while not true():  # noqa: ASYNC110 - nobody tells when what is only watched changes
            await asyncio.sleep(every)

    def tell(self, who: str, what: str, more: str = "") -> None:
        """Write a line of the history."""
        self.history.tell(who, what, more)

    def any_site(self, chance: Random) -> Site:
        """Some door that has power."""
        return self.sites[chance.choice([s.lock for s in self.sites.values() if s.powered])]

    def any_phone(self, chance: Random) -> Handset:
        """Some phone on which somebody works."""
        at_work = [label for label in self.phones if self.at_work(label, self.now()) is not None]
        return self.phones[chance.choice(at_work or list(self.phones))]

    def power_on(self, site: Site) -> None:
        """Start the unit of a door."""
        site.power_on(self.week.chance(f"what is left of {site.lock} at {self.now()}"))
        self._each(lambda rule: rule.powered(site.lock))

    @contextlib.contextmanager
    def hampered(
        self, because: str, *, phones: Iterable[str] = (), locks: Iterable[str] = ()
    ) -> Iterator[None]:
        """While this lasts, tries with these phones or at these doors may come to nothing."""
        hamper = Hamper(because, frozenset(phones), frozenset(locks))
        self._hampers.append(hamper)
        try:
            yield
        finally:
            self._hampers.remove(hamper)

    def excuses(self, phone: str, lock: str) -> list[str]:
        """Why a try with this phone at this door may come to nothing now."""
        return [
            hamper.because
            for hamper in self._hampers
            if phone in hamper.phones or lock in hamper.locks
        ]

    # Phones in people's hands.

    def lose(self, phone: Handset) -> str | None:
        """Its carer has it no longer; the carer's number."""
        number = next((each for each, label in self._holders.items() if label == phone.label), None)
        if number is not None:
            del self._holders[number]
        return number

    def block(self, phone: Handset) -> None:
        """The office blocks a phone, and is shown what it may still open."""
        self.exposed[phone.label] = self.registry.exposure(phone.label, clock.now())
        if self.change(PhoneBlock(self.now(), phone.label)):
            self.ledger.blocked[phone.label] = self.now()

    async def new_phone(self, number: str) -> None:
        """A carer fetches another phone at the office: register, invite, enrol."""
        await self.becomes(lambda: self.server.up)
        label = f"P{number}.{sum(each.startswith(f'P{number}') for each in self.phones)}"
        code = self.registry.new_phone(label, number, clock.now())
        if code is None:
            return
        phone = Handset(label, self.founded.folder / "phones" / label, self.server, self.now)
        phone.enrol(code)
        self.phones[label] = phone
        self._holders[number] = label
        self.rights.apply(PhoneHandOver(self.now(), label, number))
        self.tell(number, "new phone", label)

    def is_idle(self, phone: Handset) -> bool:
        """Whether nobody works on this phone, and somebody has it at hand."""
        held = phone.label in self._holders.values()
        return held and self.at_work(phone.label, self.now()) is None

    def borrow(self, number: str, phone: Handset) -> None:
        """A carer signs in on a colleague's phone, and has no other."""
        if phone.sign_in(number, PASSWORD):
            self._holders[number] = phone.label
            self.works_on(phone.label, number)
            phone.sync()

    def give_back(self, number: str, phone: Handset, own: Handset) -> None:
        """And has their own again."""
        if self.at_work(phone.label, self.now()) == number:
            phone.sign_out()
            self.works_on(phone.label, None)
        self._holders[number] = own.label

    async def died(self, phone: Handset) -> None:
        """A phone has died in somebody's hand: it is charged, and the app begins anew."""
        self.tell(phone.label, "died")
        await asyncio.sleep(180)
        phone.restart()
        self.tell(phone.label, "is on again")

    def phone_of(self, number: str) -> Handset | None:
        """The phone that this carer has at hand now."""
        label = self._holders.get(number)
        return self.phones.get(label) if label is not None else None

    def works_on(self, phone: str, number: str | None) -> None:
        """From now on this person works on this phone; None: nobody."""
        self._work.setdefault(phone, []).append((self.now(), number or ""))

    def at_work(self, phone: str, at: float) -> str | None:
        """Who worked on a phone at that moment."""
        number = ""
        for since, who in self._work.get(phone, ()):
            if since <= at:
                number = who
        return number or None

    def change(self, change: Change) -> bool:
        """Let the office decide something now; whether the server has done it."""
        said = self.office.carry_out(change, self.now())
        name = type(change).__name__
        if not said.done:
            self.tell("office", "not decided", f"{name}: {said.said}")
            return False
        self.tell("office", "decided", name)
        before = self.rights.known(self.now()).at_work
        self.rights.apply(said.change)
        self._call_to_work(before)
        return True

    def _call_to_work(self, before: Mapping[str, list[Stretch]]) -> None:
        """Let those come who have a shift that they had not."""
        for number, stretches in self.rights.known(self.now()).at_work.items():
            for start, end in set(stretches) - set(before.get(number, ())):
                if start > self.now():
                    shift = Shift(f"{number}@{start:.0f}", number, int(start), int(end))
                    chance = self.week.chance(f"shift {shift.id}")
                    self.go(Carer(self, shift, chance).live())

    def go(self, coming: Coroutine[Any, Any, None]) -> None:
        """Let something happen beside everything else, until the end of the week."""
        task = asyncio.ensure_future(coming)
        task.add_done_callback(self._heard)
        self._extra.append(task)

    def _heard(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self.fail(ViolationError("no_error_is_lost", f"beside the plan: {error!r}"))

    def on_duty(self, shift: Shift) -> bool:
        """Whether this shift is still this carer's, as is known now."""
        return (shift.start, shift.end) in self.rights.known(self.now()).at_work.get(
            shift.carer, ()
        )

    def planned(self, number: str, visit: str) -> Visit | None:
        """A carer's planned visit as is known now."""
        mine = self.rights.known(self.now()).to_make.get(number, ())
        return next((each for each in mine if each.id == visit), None)

    def home(self, client: str) -> Home:
        """Where a client lives."""
        return self._homes[client]

    def visits_of(self, number: str, shift: Shift) -> list[Visit]:
        """This carer's planned visits in a shift, in order."""
        mine = self.rights.known(self.now()).to_make.get(number, ())
        return sorted(
            (visit for visit in mine if shift.start <= visit.start < shift.end),
            key=lambda visit: (visit.start, visit.id),
        )

    def covered_at(self, home: Home, chance: Random) -> bool:
        """Whether phones have coverage in this home at this visit."""
        del home
        return chance.random() >= self.rates.no_coverage

    def lock_of(self, installation: bytes) -> str:
        """The lock with this installation id."""
        return self.ledger.locks[installation]

    def antennas_at(self, lock: str) -> list[Antenna]:
        """What a phone hears that stands before this door."""
        return [self.sites[lock].antenna]

    def go_in(self, home: Home, number: str) -> None:
        """Somebody is in a home from now on."""
        self._inside.setdefault(home.lock or home.client, []).append(number)

    def go_out(self, home: Home, number: str) -> None:
        """And out of it again."""
        self._inside[home.lock or home.client].remove(number)

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
        what = attempt.reason.name.lower() if attempt.reason is not None else attempt.trouble
        self.tell(attempt.carer, "tried", f"{attempt.command.name.lower()} {attempt.lock}: {what}")
        self._each(lambda rule: rule.attempted(attempt))

    # What doors and the server tell the world.

    def _on_move(self, move: Move) -> None:
        self.moves.append(move)
        self.tell(move.lock, "moves", f"{move.command.value} for {', '.join(move.phones)}")
        self._each(lambda rule: rule.moved(move))

    def _on_unheard(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """An error that no task has waited for: what died on purpose, or a defect."""
        error = context.get("exception")
        if error is not None and not isinstance(error, ENDS):
            self.fail(ViolationError("no_error_is_lost", f"{context['message']}: {error!r}"))

    def _on_end(self, lock: str, error: BaseException | None) -> None:
        self.fail(ViolationError("no_program_ends_by_itself", f"the unit of {lock}: {error!r}"))

    def _on_answer(self, phone: str, call: str, answer: dict[str, Any]) -> None:
        if call == "sync":
            carer = self.at_work(phone, self.now()) or ""
            new = self.ledger.read(phone, carer, answer, self.now())
            for each in new:
                self._each(partial(_tell_handed, each))
        self._each(lambda rule: rule.answered(phone, call, answer))

    def _each(self, look: Callable[[Invariant], None]) -> None:
        """Ask every invariant; the first that does not hold stops the week."""
        try:
            for rule in self._invariants:
                look(rule)
        except ViolationError as found:
            # Whoever noticed may be a program that survives any error.
            self.fail(found)

    def fail(self, found: ViolationError) -> None:
        """End the week for this."""
        if not self._stopped.done():
            self.tell("world", "violation", str(found))
            self._stopped.set_exception(found)


def _tell_handed(handed: Handed, rule: Invariant) -> None:
    rule.handed(handed)


async def _cancelled(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
