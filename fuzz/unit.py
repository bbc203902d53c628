"""Target: a unit from the factory to a lock and back, with its own program and radio.

House rule: an installer makes it a lock only with the printed secret and what the root signed,
and only the root lets it go; and at the end of every story somebody honest can still use it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import Final

from doorworld import NOON
from lockworld import PipeEnd, pipe

from fuzz import honest, virtual
from fuzz.choices import Choices
from fuzz.honest import Visit
from fuzz.house import Attempt, Gate
from fuzz.installer import Installer
from fuzz.objects import by_the_root
from fuzz.scratch import copy_of, scratch
from fuzz.target import Seeds, Target, hold
from fuzz.town import HERE, Town
from fuzz.wire import Gone, Wire
from nyckelfri.door import advert, ownership
from nyckelfri.door import courier as records
from nyckelfri.door.commissioning import InstallationRecord, Kind, Printed
from nyckelfri.door.courier import CourierError
from nyckelfri.door.grants import Command
from nyckelfri.door.opening import DoorRecord, NotAcceptedError
from nyckelfri.door.reasons import Reason
from nyckelfri.lock import ports
from nyckelfri.lock.adapters.simulated import (
    SimulatedBattery,
    SimulatedButton,
    SimulatedHardwareClock,
    SimulatedMotor,
)
from nyckelfri.lock.hardware import Hardware
from nyckelfri.lock.installing import make_factory
from nyckelfri.lock.program import TEND_EVERY, Program
from nyckelfri.lock.store import Store
from nyckelfri.radio.link import LinkError

_STEPS: Final = 10
_LIFE: Final = 30.0
"""Seconds that a link lives at most (docs/protocol.md, 6)."""


class Air:
    """A radio with one phone in reach; `fault` is what a handler raised and should not have."""

    def __init__(self) -> None:
        self._links: asyncio.Queue[tuple[PipeEnd, asyncio.Event] | None] = asyncio.Queue()
        self.payload: bytes | None = None
        self.fault: Exception | None = None

    async def serve(self, handler: Callable[[ports.Link], Awaitable[None]]) -> None:
        """Give each link to `handler`, one after the other."""
        while (offered := await self._links.get()) is not None:
            link, done = offered
            timer = asyncio.get_running_loop().call_later(_LIFE, link.lost, "it lived long enough")
            try:
                await handler(link)
            except Exception as error:  # noqa: BLE001 -- kept, and raised where it is looked for
                self.fault = error
            finally:
                timer.cancel()
                await link.close()
                done.set()

    async def advertise(self, payload: bytes | None) -> None:
        """Remember what is said."""
        self.payload = payload

    async def stop(self) -> None:
        """Serve no more."""
        self._links.put_nowait(None)

    async def offer(self, link: PipeEnd) -> None:
        """Connect; returns when the unit is done with the link."""
        done = asyncio.Event()
        self._links.put_nowait((link, done))
        await done.wait()
        if self.fault is not None:
            raise self.fault


@cache
def _factory() -> tuple[Path, Printed]:
    factory, printed = make_factory(Kind.THUMB_TURN)
    path = scratch() / "factory.db"
    Store.create(path, factory).close()
    return path, printed


class Unit:
    """One unit, its power, what is printed on it, and what is known of the lock it is."""

    def __init__(self, path: Path, printed: Printed) -> None:
        self._loop = asyncio.get_running_loop()
        self._jumped = 0
        self._path = path
        self.labels = [printed]
        """Every label that a phone has stored, the newest last."""
        self.record: InstallationRecord | None = None
        self.attempt: Attempt | None = None
        self.power_on(NOON)

    @property
    def true_now(self) -> int:
        """Unix seconds."""
        return NOON + int(self._loop.time()) + self._jumped

    @property
    def controller(self) -> Unit:
        """What serves links: the unit does, through its radio."""
        return self

    @property
    def is_lock(self) -> bool:
        """What its memory says."""
        return self.store.state.identity is not None

    async def serve(self, link: PipeEnd) -> None:
        """One link."""
        await self.air.offer(link)

    def wait(self, seconds: int) -> None:
        """Let time pass at once."""
        self._jumped += seconds

    def power_on(self, hardware: int | None) -> None:
        """Start the program."""
        self.store = Store.open(self._path)
        self.air = Air()
        chip = SimulatedHardwareClock(lambda: self.true_now)
        chip.present = hardware is not None
        self._button = SimulatedButton()
        motor = Gate(SimulatedMotor(0.3), self._owed)
        program = Program(
            self.store,
            Hardware(motor, SimulatedBattery(), chip, self._button),
            self.air,
            ticks=lambda: self._loop.time() + self._jumped,
            machine_seconds=self._loop.time,
        )
        self._running = asyncio.ensure_future(program.run())

    async def power_off(self) -> None:
        """Stop where it is."""
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.store.close()

    async def press(self) -> None:
        """The button on the inside."""
        self._button.press()
        await asyncio.sleep(0.1)

    def check(self) -> None:
        """The program runs, and nothing was raised."""
        hold(not self._running.done(), "the program goes on")
        if self.air.fault is not None:
            raise self.air.fault
        held = self.store.state
        hold((held.factory.secret is None) == self.is_lock, "a lock has no printed secret left")

    def _owed(self) -> None:
        hold(self.attempt is not None and self.is_lock, "only a lock moves, and for somebody")
        if self.attempt is not None:
            hold(not self.attempt.started, "a grant moves the bolt once")
            self.attempt.started = True


class Story:
    """What happens to a unit."""

    def __init__(self, choices: Choices, unit: Unit) -> None:
        self.choices = choices
        self.unit = unit
        self.town = Town(lambda: self.unit.true_now)
        self.wire = Wire(self.unit, choices)
        self._installer = Installer(self.wire, self.town)

    async def run(self) -> None:
        """All of it, and then somebody honest."""
        for _ in range(_STEPS):
            if not self.choices:
                break
            await self._step()
            self._check()
        await self._usable()

    def _check(self) -> None:
        """Whatever the unit is, somebody knows it."""
        self.unit.check()
        identity = self.unit.store.state.identity
        if identity is not None:
            record = self._installer.kept.get(identity.installation)
            hold(record is not None, "a lock's record is on the phone")
            self.unit.record = record
            self.town.installation = identity.installation

    async def _step(self) -> None:
        match self.choices.below(6):
            case 0:
                await self.unit.press()
            case 1:
                await self._install()
            case 2:
                await self._visit()
            case 3:
                await self._power_cut()
            case 4:
                await asyncio.sleep(self.choices.byte())
            case _:
                self.unit.wait(self.choices.number(3))

    async def _power_cut(self) -> None:
        await self.unit.power_off()
        self.unit.wait(self.choices.number(2))
        self.unit.power_on(None if self.choices.byte() & 1 else self.unit.true_now)
        await asyncio.sleep(0.1)

    async def _install(self) -> None:
        before = self.unit.is_lock
        lock_end, link = pipe(-50)
        served = asyncio.ensure_future(self.unit.serve(lock_end))
        label = self.choices.one_of(self.unit.labels[::-1])
        try:
            await self._installer.run(link, label)
        except (LinkError, NotAcceptedError, CourierError, Gone):
            pass
        finally:
            await link.close()
            await asyncio.wait({served}, timeout=60)
        if self.unit.is_lock and not before:
            hold(self._installer.genuine, "only what the phone has stored becomes a lock")

    def _door(self, record: InstallationRecord) -> DoorRecord:
        return DoorRecord(record.installation, record.lock_key, record.radio_key)

    async def _visit(self) -> None:
        """Service at the lock that is known: a release, taken as far as the fuzzer likes."""
        record = self.unit.record
        if record is None:
            return
        visit = Visit(self.unit, self.town, self._door(record), Command.SERVICE)
        try:
            bulletin = self.town.bulletin()
            decision = await visit.decision(Command.SERVICE, bulletin=bulletin)
            await visit.next()
            if decision.reason is Reason.GRANTED:
                await self._release(visit, record)
        except (LinkError, NotAcceptedError, CourierError, Gone):
            pass
        finally:
            await visit.link.close()
            await asyncio.sleep(0.1)

    async def _release(self, visit: Visit, record: InstallationRecord) -> None:
        nonce = record.release_nonce if self.choices.byte() != 1 else bytes(16)
        honest_release = ownership.Release(HERE.root.municipality, record.installation, nonce)
        data, changed = self.wire.changed(
            by_the_root(ownership.RELEASE_TYP)(honest_release.payload)
        )
        await visit.next()  # the outcome of the service
        await self.wire.send(visit.link, visit.courier.seal(records.ReleaseRecord(data)))
        answer = await visit.next()
        if isinstance(answer, records.Released):
            hold(nonce == record.release_nonce and not changed, "only the root lets a lock go")
            label = ownership.Label.read(answer.data, key=record.signing_key)
            hold(self.unit.is_lock, "nothing changes before the label is stored")
            self.unit.labels.append(label.printed)
        confirmed = await visit.ask(records.Confirm())
        if isinstance(confirmed, records.Applied) and confirmed.result == 0:
            hold(isinstance(answer, records.Released), "a confirm alone does nothing")
            hold(not self.unit.is_lock, "a released unit is no lock")

    async def _usable(self) -> None:
        """Somebody honest installs it if it is no lock, and opens it."""
        unit = self.unit
        if not unit.is_lock:
            self.choices.rest()
            for label in reversed(unit.labels):
                await unit.press()
                lock_end, link = pipe(-50)
                served = asyncio.ensure_future(unit.serve(lock_end))
                try:
                    await self._installer.run(link, label)
                except (LinkError, NotAcceptedError, CourierError):
                    continue
                finally:
                    await link.close()
                    await asyncio.wait({served}, timeout=60)
                break
            hold(unit.is_lock, "a unit that is no lock can be made one with its newest label")
        await asyncio.sleep(2 * TEND_EVERY)
        self._check()
        hold(unit.air.payload not in {None, advert.FACTORY}, "a lock advertises as one")
        record = unit.record
        if record is not None:
            await honest.opens(unit, self.town, self._door(record))
        unit.check()


def unit(data: bytes) -> None:
    """One life of a unit."""
    virtual.run(_run(data))


async def _run(data: bytes) -> None:
    template, printed = _factory()
    with copy_of(template) as path:
        one = Unit(path, printed)
        try:
            await Story(Choices(data), one).run()
        finally:
            await one.power_off()


def _seeds() -> Seeds:
    said = b"\x00\x00"
    offer = b"\x01\x00" + said + said + b"\x00" + said
    install = offer + b"\x00" + said
    press, release, power = b"\x00", b"\x02\x00\x00" + said, b"\x03\x00\x10\x00"
    yield "nothing", b""
    yield "commissioned", press + install
    yield "silent-unit", install
    yield "restarted", press + install + power + release
    yield "released", press + install + release
    yield "moved", press + install + release + press + install + power
    yield "wrong-secret", press + b"\x01\x00" + said + said + b"\x01\x00" + said + install
    yield "another-root", press + b"\x01\x00" + said + said + b"\x02" + said
    yield "power-cut-at-the-offer", press + offer[:-1] + b"\x05\x09"
    yield "gone-before-the-confirmation", press + offer + b"\x01" + install
    yield "end-instead-of-the-confirmation", press + offer + b"\x02" + said + install
    yield "fetch-instead-of-the-confirmation", press + offer + b"\x03" + said
    yield "confirmation-flipped", press + offer + b"\x00" + b"\x06\x00\x05\x01\x00" + install
    yield "power-cut-at-the-confirmation", press + offer + b"\x00" + b"\x00\x05\x09" + release
    yield "confirmed-twice", press + offer + b"\x00" + b"\x00\x04" + release
    yield "wrong-nonce", press + install + b"\x02\x01\x00" + said
    yield "window-closes", press + b"\x04\xff\x04\xff" + install


TARGETS = (Target("unit", unit, _seeds, longest=200, share=3.0, tries=60, slow=20),)
