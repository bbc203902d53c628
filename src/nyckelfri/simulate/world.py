"""The simulated town while it lives: doors, phones, server, people, and all that happens.

House rules: the world knows the truth and tells nobody but the history and the invariants. An item
of the plan is a task; the first invariant that does not hold ends the week.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import traceback
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nyckelfri import clock
from nyckelfri.phone.client import ServerError
from nyckelfri.phone.store import StoreError
from nyckelfri.simulate import restoring
from nyckelfri.simulate.air import PhoneDied
from nyckelfri.simulate.carer import Attempt, Carer
from nyckelfri.simulate.changes import Alarm, Change, PhoneBlock, PhoneHandOver, PhoneUnblock
from nyckelfri.simulate.disk import PowerCutError
from nyckelfri.simulate.disk_sqlite import Disks
from nyckelfri.simulate.founding import KINDS, Founded
from nyckelfri.simulate.ground import Rates
from nyckelfri.simulate.hands import Hands
from nyckelfri.simulate.handset import Handset
from nyckelfri.simulate.history import History, ViolationError
from nyckelfri.simulate.incidents import Incidents
from nyckelfri.simulate.invariant import Invariant
from nyckelfri.simulate.known import Stretch
from nyckelfri.simulate.ledger import Exposure
from nyckelfri.simulate.loop import StuckError
from nyckelfri.simulate.plan import Item, Week, by_id, changes
from nyckelfri.simulate.server import Kill, Server, ServerKilled
from nyckelfri.simulate.site import Move, Site
from nyckelfri.simulate.town import SWEDEN, Shift

if TYPE_CHECKING:
    from nyckelfri.simulate.office import Answer

ENDS: Final = (PowerCutError, PhoneDied, ServerKilled)
"""How programs die here on purpose."""
_NIGHT: Final = 2
"""The hour of the backup."""


@dataclass(slots=True)
class Outcome:
    """How a week ended: the history, what did not hold (None: all did), and what was looked at."""

    history: History
    violation: ViolationError | None
    checked: dict[str, int]


class World(Hands):
    """One week of one town."""

    def __init__(
        self,
        founded: Founded,
        week: Week,
        *,
        rates: Rates | None = None,
        until: int | None = None,
        tick: Callable[[float], None] = lambda _now: None,
    ) -> None:
        from nyckelfri.simulate import registry, upkeep  # noqa: PLC0415 - they need Django set up
        from nyckelfri.simulate.invariants import ALL  # noqa: PLC0415 - they know the world

        super().__init__(founded, week, rates)
        self.registry = registry
        self.upkeep = upkeep
        upkeep.copy_to(founded.folder / "copies")
        self.server = Server(
            founded.folder / "data", on_answer=self._on_answer, on_kill=self._on_kill
        )
        self.incidents = Incidents()
        self.disks = Disks()
        self.moves: list[Move] = []
        self.floors: dict[str, tuple[int, int]] = {}
        """Epoch and floor of each lock's clock, the highest that were seen."""
        self.ends = week.ends if until is None else until
        """When it is over, in Unix seconds; the week is planned to its own end all the same."""
        self.begun: list[str] = []
        """Ids of the mishaps and changes that came."""
        self.exposed: dict[str, Exposure] = {}
        """What the office was shown when it blocked a phone, by label."""
        self._tick = tick
        self._shifts = by_id(founded.town)
        self._changes = changes(founded.town, week, founded.phones)
        self.decided: list[Change] = []
        """What the office has decided, as the server took it."""
        self.office = self.registry.office(founded.folder / "files")
        self._fetched: Counter[str] = Counter()
        self._extra: list[asyncio.Task[None]] = []
        self._invariants = [rule(self) for rule in ALL]
        self._stopped: asyncio.Future[None] = self.loop.create_future()

    @property
    def checked(self) -> dict[str, int]:
        """How often each invariant was looked at."""
        return {rule.name: rule.checked for rule in self._invariants}

    def run(self, items: Iterable[Item]) -> Outcome:
        """Live through the week, until its end or the first invariant that does not hold."""
        clock.follow(self.now)
        logging.disable(logging.CRITICAL)  # what programs say of themselves is not what is held
        self.loop.set_exception_handler(self._on_unheard)
        violation = None
        try:
            self.loop.run_until_complete(self._live(list(items)))
        except Exception as error:  # noqa: BLE001 - whatever ends a week early is told
            violation = _lost(error)
            self.fail(violation)
        finally:
            clock.follow(None)
            self._end_all()
            logging.disable(logging.NOTSET)
            self.loop.close()
            self.disks.close()
            self.server.restart()
        return Outcome(self.history, violation, self.checked)

    def _end_all(self) -> None:
        """End whatever still runs, so that nothing of it wakes up in a later week."""
        left = [*asyncio.all_tasks(self.loop)]
        with contextlib.suppress(StuckError):
            self.loop.run_until_complete(_cancelled(left))

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
                for task in done:
                    if task.exception() is not None and task is not self._stopped:
                        self.fail(_lost(task.exception()))
                if self._stopped.done():
                    self._stopped.result()
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
            self._night_and_rounds()
            self._each(lambda rule: rule.hourly())
            await asyncio.sleep(3600)

    def _night_and_rounds(self) -> None:
        if not self.server.reached:
            return
        if datetime.fromtimestamp(self.now(), SWEDEN).hour == _NIGHT:
            self.server.back_up()
            self.incidents.backed_up, self.incidents.logged = self.now(), self.upkeep.logged()
        try:
            self.server.work("rounds", lambda: self.registry.rounds(clock.now()))
        except ServerError as error:
            self.tell("server", "rounds not done", type(error).__name__)

    async def _come_home(self) -> None:
        """All works again: every phone syncs, every journal is fetched to its end."""
        self.server.mend()
        if self.incidents.restored:
            restoring.begin_anew(self)
        for site in self.sites.values():
            site.mend()
            if not site.powered:
                self.power_on(site)
        await asyncio.sleep(60)
        for phone in self.phones.values():
            phone.covered = True
            with contextlib.suppress(ServerError, StoreError):
                phone.sync()
        stored = self.registry.newest_entries()
        for site in self.sites.values():
            first = stored.get(site.lock, 0) + 1
            first = min(first, self.incidents.first_in_doubt(site.lock))
            self.registry.bring_home(site.journal(first), clock.now())
        self.registry.rounds(clock.now())

    # What the office does.

    def power_on(self, site: Site) -> None:
        """Start the unit of a door."""
        site.power_on(self.week.chance(f"what is left of {site.lock} at {self.now()}"))
        self._each(lambda rule: rule.powered(site.lock))

    def block(self, phone: Handset) -> None:
        """The office blocks a phone, and is shown what it may still open."""
        self.exposed[phone.label] = self.registry.exposure(phone.label, clock.now())
        if self.change(PhoneBlock(self.now(), phone.label)):
            self.ledger.blocked[phone.label] = self.now()

    async def new_phone(self, number: str) -> None:
        """A carer fetches another phone at the office: register, invite, enrol, until it goes."""
        while True:
            await self.becomes(lambda: self.server.up)
            label = f"P{number}.{self._fetched[number]}"
            self._fetched[number] += 1
            code = self.registry.new_phone(label, number, clock.now())
            if code is None:
                return
            phone = Handset(label, self.founded.folder / "phones" / label, self.server, self.now)
            try:
                phone.enrol(code)
            except ServerError as error:  # it may have taken the code: another phone, then
                self.tell(number, "not enrolled", type(error).__name__)
                await asyncio.sleep(300)
                continue
            self.phones[label] = phone
            self._holders[number] = label
            self.rights.apply(PhoneHandOver(self.now(), label, number))
            self.tell(number, "new phone", label)
            return

    def change(self, change: Change) -> bool:
        """Let the office decide something now; whether the server has done it."""
        name = type(change).__name__
        if isinstance(change, PhoneUnblock) and change.phone in self.ledger.blocked:
            self.tell("office", "not decided", f"{name}: that phone is not coming back")
            return False
        said = self._decided(change)
        if not said.done:
            self.tell("office", "not decided", f"{name}: {said.said}")
            return False
        self.tell("office", "decided", name)
        self.decided.append(said.change)
        if isinstance(change, PhoneBlock):
            self.ledger.ended[change.phone] = self.now()
        before = self.rights.known(self.now()).at_work
        self.rights.apply(said.change)
        self._call_to_work(before)
        if isinstance(change, Alarm) and (carer := self.carers.get(change.carer)) is not None:
            self.go(carer.answer(change))
        return True

    def _decided(self, change: Change) -> Answer:
        """Carry it out; whoever sees the server die in it looks what became of it."""
        now = self.now()
        try:
            return self.server.work("office", lambda: self.office.carry_out(change, now))
        except ServerError:
            if not self.server.committed:
                return self.office.carry_out(change, now)
        return self.upkeep.made_up_for(change, now)

    def _call_to_work(self, before: Mapping[str, list[Stretch]]) -> None:
        """Let those come who have a shift that they had not."""
        for number, stretches in self.rights.known(self.now()).at_work.items():
            for start, end in sorted(set(stretches) - set(before.get(number, ()))):
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
            self.fail(_lost(error))

    def attempted(self, attempt: Attempt) -> None:
        """Hear of a try at a door."""
        what = attempt.reason.name.lower() if attempt.reason is not None else attempt.trouble
        self.tell(attempt.carer, "tried", f"{attempt.command.name.lower()} {attempt.lock}: {what}")
        self._each(lambda rule: rule.attempted(attempt))

    # What doors and the server tell the world.

    def _on_move(self, move: Move) -> None:
        self.moves.append(move)
        self.doubt(self.sites[move.lock], move.phones)
        self.tell(move.lock, "moves", f"{move.command.value} for {', '.join(move.phones)}")
        self._each(lambda rule: rule.moved(move))

    def _on_unheard(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """An error that no task has waited for: what died on purpose, or a defect."""
        error = context.get("exception")
        if error is not None and not isinstance(error, ENDS):
            self.fail(_lost(error))

    def _on_end(self, lock: str, error: BaseException | None) -> None:
        self.fail(ViolationError("no_program_ends_by_itself", f"the unit of {lock}: {error!r}"))

    def _on_kill(self, kill: Kill, step: int) -> None:
        what = "primary lost" if kill.commits else "killed"
        self.tell("server", what, f"{kill.name} at step {step}")

    def _on_answer(self, phone: str, call: str, answer: dict[str, Any]) -> None:
        if call == "sync":
            for each in self.ledger.read(phone, self.signed_in(phone), answer, self.now()):
                self._each(lambda rule, handed=each: rule.handed(handed))  # type: ignore[misc]
        self._each(lambda rule: rule.answered(phone, call, answer))

    def _each(self, look: Callable[[Invariant], None]) -> None:
        """Ask every invariant; the first that does not hold stops the week."""
        try:
            for rule in self._invariants:
                look(rule)
        except ViolationError as found:
            # Whoever noticed may be a program that survives any error.
            self.fail(found)
        except Exception as error:  # noqa: BLE001 - the same, and it is ours
            self.fail(_lost(error))

    def fail(self, found: ViolationError) -> None:
        """End the week for this."""
        if not self._stopped.done():
            self.tell("world", "violation", str(found))
            self._stopped.set_exception(found)


def _lost(error: BaseException | None) -> ViolationError:
    """What an error that nobody has expected is as a violation, and where it came from."""
    if isinstance(error, ViolationError):
        return error
    frames = traceback.extract_tb(error.__traceback__) if error is not None else []
    where = " < ".join(
        f"{Path(each.filename).name}:{each.lineno}" for each in reversed(frames[-6:])
    )
    found = ViolationError("no_error_is_lost", f"{error!r} at {where}")
    found.__cause__ = error
    return found


async def _cancelled(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
