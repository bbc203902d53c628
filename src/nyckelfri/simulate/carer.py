"""A carer's shift: sign in, go from home to home, open, help, lock, carry the log home.

House rules: a carer does what people do, also when something fails: tries again, walks closer,
waits, gives up. What came of each try at a door is told to the world, with what the carer knew.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final

from nyckelfri.door.grants import Command
from nyckelfri.door.reasons import Reason
from nyckelfri.phone.account import SignInError
from nyckelfri.phone.client import BlockedError, ServerError
from nyckelfri.phone.luggage import NoGrantError
from nyckelfri.phone.visit import Visit as Asked
from nyckelfri.simulate.air import FAR, NEAR, PhoneDied
from nyckelfri.simulate.changes import Alarm
from nyckelfri.simulate.founding import PASSWORD
from nyckelfri.simulate.handset import Handset
from nyckelfri.simulate.pen import Errand, Pen
from nyckelfri.simulate.presence import Passage
from nyckelfri.simulate.town import Home, Shift, Visit

if TYPE_CHECKING:
    from nyckelfri.simulate.world import World

_SEARCH: Final = 6.0
_TRIES: Final = 3
_PAUSE: Final = 20.0
_ENDING: Final = 900
"""Seconds before the end of a shift in which nobody is at an alarm any more."""
_AT_ALARMS: Final = ("omvardnad",)
_DECLINED: Final = 180
"""Seconds with a client who does not want the visit."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at one door, as it ended: `reason` None when no lock answered."""

    at: float
    carer: str
    phone: str
    lock: str
    command: Command
    reason: Reason | None
    trouble: str
    far: bool = False


class Carer:
    """One shift of one carer."""

    def __init__(self, world: World, shift: Shift, chance: Random) -> None:
        self._world = world
        self._shift = shift
        self._chance = chance
        self.number = shift.carer
        self._pen = Pen(world, shift.carer, world.week.chance(f"entered in shift {shift.id}"))
        self._busy = asyncio.Lock()
        """Nobody is at two doors."""

    @property
    def _phone(self) -> Handset | None:
        return self._world.phone_of(self.number)

    async def live(self) -> None:
        """From a few minutes before the shift to a few after it."""
        world = self._world
        await world.until(self._shift.start - self._chance.uniform(60, 900))
        if not world.on_duty(self._shift):
            world.tell(self.number, "not on duty")
            return
        async with world.turns[self.number]:
            if world.now() < self._shift.end:
                await self._work()

    async def _work(self) -> None:
        """Make what visits of the shift nobody has made in another one."""
        world, chance = self._world, self._chance
        await self._begin()
        world.carers[self.number] = self
        while (visit := self._next()) is not None:
            await world.until(visit.start + _lateness(chance))
            world.visited.add((self.number, visit.id))
            if world.now() >= self._shift.end + 1200:
                break
            async with self._busy:
                if visit == world.planned(self.number, visit.id):
                    await self._visit(visit)
        await world.until(self._shift.end - chance.uniform(0, 600))
        async with self._busy:
            self._goes_home()

    def _goes_home(self) -> None:
        world = self._world
        if world.carers.get(self.number) is self:
            del world.carers[self.number]
        self._pen.make_up_for()
        self._sync()
        phone = self._phone
        if phone is not None and world.at_work(phone.label, world.now()) == self.number:
            phone.sign_out()
            world.works_on(phone.label, None)
        world.tell(self.number, "went home")

    def _next(self) -> Visit | None:
        """The next visit of the shift, as it is planned now."""
        return next(
            (
                visit
                for visit in self._world.visits_of(self.number, self._shift)
                if (self.number, visit.id) not in self._world.visited
            ),
            None,
        )

    async def _begin(self) -> None:
        """Sign in, if that can be done."""
        for _ in range(_TRIES):
            phone = self._phone
            if phone is None or not phone.store.enrolled:
                self._world.tell(self.number, "no phone")
                await asyncio.sleep(900)
                continue
            try:
                by_server = phone.sign_in(self.number, PASSWORD)
                self._world.works_on(phone.label, self.number)
            except (SignInError, ServerError) as error:
                self._world.tell(self.number, "not signed in", type(error).__name__)
                await asyncio.sleep(300)
                continue
            self._world.tell(self.number, "signed in", "" if by_server else "without server")
            self._sync()
            return

    async def _visit(self, visit: Visit) -> None:
        """One client's home: in, help, out."""
        world, chance = self._world, self._chance
        home = world.home(visit.client)
        phone = self._phone
        if phone is not None and world.at_work(phone.label, world.now()) != self.number:
            await self._begin()  # it is another one than this morning's
            phone = self._phone
        if phone is None:
            world.tell(self.number, "did not get in", f"{visit.client}: no phone")
            return
        phone.covered = world.covered_at(home, chance)
        errand = Errand.of(visit, by_hand=visit.id in world.rights.known(world.now()).by_hand)
        seconds = (visit.end - visit.start) * chance.uniform(0.8, 1.15)
        if not await self._help(home, errand, seconds):
            self._pen.missed(errand)
        if self._phone is not None:
            self._phone.covered = True
        self._sync()

    async def answer(self, alarm: Alarm) -> None:
        """Go to a client who has pressed the alarm."""
        world = self._world
        await world.until(alarm.on_site)
        async with self._busy:
            seconds = min(alarm.ended, self._shift.end - _ENDING) - world.now()
            if seconds > 0 and world.carers.get(self.number) is self and self._phone is not None:
                world.tell(self.number, "answers alarm", alarm.client)
                errand = Errand(alarm.client, _AT_ALARMS, alarm=True)
                await self._help(world.home(alarm.client), errand, seconds)
                self._sync()

    async def mistake(self, home: Home, seconds: float) -> bool:
        """Open a door where nothing is planned, and close it again; whether it opened."""
        async with self._busy:
            if home.lock is None or not self._world.sites[home.lock].locked:
                return False
            passage = await self._enter(home)
            if passage is not Passage.NOT:
                await asyncio.sleep(seconds)
                await self._leave(home)
            self._sync()
            return passage is Passage.AT_ONCE

    def reads_copy(self, client: str, copy: dict[str, str]) -> str | None:
        """Read a copied label, wherever they are; the entry's id."""
        return self._pen.reads_copy(client, copy)

    async def _help(self, home: Home, errand: Errand, seconds: float) -> bool:
        """In, help for so long, out; whether they got in."""
        world = self._world
        came = await self._enter(home)
        if came is Passage.NOT:
            world.tell(self.number, "did not get in", home.client)
            return False
        stay = world.go_in(home, self.number, came)
        world.tell(self.number, "in", home.client)
        wanted = self._pen.came(errand, stay)
        await asyncio.sleep(seconds if wanted else min(seconds, _DECLINED))
        if wanted:
            self._pen.goes(errand)
        world.go_out(stay)
        stay.went = await self._leave(home)
        world.tell(self.number, "out", home.client)
        return True

    async def _enter(self, home: Home) -> Passage:
        """Through the entrance and the door."""
        if home.entrance is not None:
            entrance = await self._open(home.entrance, Command.UNLOCK)
            if entrance is Passage.NOT:
                return entrance
        if home.lock is None:
            return Passage.OPEN  # the client, or a key of old, opens
        await asyncio.sleep(self._chance.uniform(15, 60))
        site = self._world.sites[home.lock]
        if not site.locked:
            return Passage.OPEN  # a colleague is inside
        return await self._open(home.lock, Command.UNLOCK)

    async def _leave(self, home: Home) -> Passage:
        """Lock behind oneself, unless a colleague stays."""
        if home.lock is None or self._world.others_inside(home, self.number):
            return Passage.OPEN
        return await self._open(home.lock, Command.LOCK)

    async def _open(self, lock: str, command: Command) -> Passage:
        """Try a door as a person does, until it moves."""
        for turn in range(_TRIES):
            if turn:
                await asyncio.sleep(_PAUSE)
            asked = await self._try(lock, command)
            if asked is not None and asked.reason is Reason.GRANTED:
                if not self._world.moved(lock, command):
                    break
                return Passage.AT_LAST if turn else Passage.AT_ONCE
        return Passage.NOT

    async def _try(self, lock: str, command: Command) -> Asked | None:
        world, phone = self._world, self._phone
        if phone is None or not phone.store.enrolled:
            return None
        far = self._chance.random() < world.rates.too_far
        phone.ear.near = world.antennas_at(lock)
        phone.ear.weather.dbm = FAR if far else NEAR
        door = phone.doors().get(world.founded.installations[lock])
        asked = None
        trouble = "unknown door"
        if door is not None:
            try:
                asked = await phone.ask(door, command, search=_SEARCH)
            except NoGrantError:
                trouble = "no grant"
            except BlockedError:
                trouble = "blocked"
            except PhoneDied:
                await world.died(phone)
                return None
        reason = asked.reason if asked is not None else None
        trouble = asked.trouble if asked is not None else trouble
        world.attempted(
            Attempt(world.now(), self.number, phone.label, lock, command, reason, trouble, far=far)
        )
        if asked is None:
            self._sync()
        return asked

    def _sync(self) -> None:
        world, phone = self._world, self._phone
        if phone is None or not phone.store.enrolled:
            return
        try:
            report = phone.sync()
            if not report.signed_in and world.at_work(phone.label, world.now()) == self.number:
                phone.sign_in(self.number, PASSWORD)
                report = phone.sync()
        except (ServerError, SignInError) as error:
            self._world.tell(self.number, "not synced", type(error).__name__)
        else:
            self._world.tell(
                self.number, "synced", f"{report.sent_batches} batches, {report.grants} grants"
            )


def _lateness(chance: Random) -> float:
    """Seconds after the planned start: mostly a few minutes, now and then half an hour."""
    if chance.random() < 0.05:
        return chance.uniform(900, 2400)
    return chance.uniform(-240, 600)
