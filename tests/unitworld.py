"""A unit from the factory on, its radio in the hands of a test, and the installer before it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from doorworld import NOON, Municipality
from lockworld import PipeEnd, pipe

from nyckelfri.door import advert, commissioning
from nyckelfri.door import courier as records
from nyckelfri.door.commissioning import InstallationRecord, Installer, Kind, Printed
from nyckelfri.door.courier import Courier
from nyckelfri.door.trust import Taken
from nyckelfri.lock.adapters.simulated import (
    SimulatedBattery,
    SimulatedButton,
    SimulatedHardwareClock,
    SimulatedMotor,
)
from nyckelfri.lock.controller import Event
from nyckelfri.lock.hardware import Hardware
from nyckelfri.lock.installing import make_factory
from nyckelfri.lock.ports import Link
from nyckelfri.lock.program import Program
from nyckelfri.lock.store import Store
from nyckelfri.radio.link import FramedLink


class HandRadio:
    """`ports.Radio` in the hands of a test: it shows what is advertised and connects pipes."""

    def __init__(self) -> None:
        self.payload: bytes | None = None
        self.changed = asyncio.Event()
        self._links: asyncio.Queue[PipeEnd | None] = asyncio.Queue()
        self._served: PipeEnd | None = None

    async def serve(self, handler: Callable[[Link], Awaitable[None]]) -> None:
        while (link := await self._links.get()) is not None:
            self._served = link
            await handler(link)
            await link.close()
            self._links.task_done()

    async def advertise(self, payload: bytes | None) -> None:
        self.payload = payload
        self.changed.set()

    async def stop(self) -> None:
        await self._links.put(None)
        if self._served is not None:
            self._served.lost("the unit stops")

    async def idle(self) -> None:
        await self._links.join()

    async def until(self, wanted: Callable[[bytes | None], bool]) -> None:
        async with asyncio.timeout(5):
            while not wanted(self.payload):
                self.changed.clear()
                await self.changed.wait()

    def connect(self, phone: PipeEnd | None = None) -> PipeEnd:
        """The phone's end: `phone` if it is to be a particular one."""
        lock, usual = pipe(-48)
        if phone is not None:
            lock.other, phone.other = phone, lock
        self._links.put_nowait(lock)
        return phone or usual


class Unit:
    """A unit under test, from the factory on."""

    def __init__(self, path: Path, kind: Kind = Kind.THUMB_TURN) -> None:
        factory, self.printed = make_factory(kind)
        self.store = Store.create(path, factory)
        self._start()

    def _start(self) -> None:
        self.radio = HandRadio()
        self.clock = SimulatedHardwareClock(lambda: NOON)
        self.button = SimulatedButton()
        self.events: list[Event] = []
        hardware = Hardware(SimulatedMotor(0.01), SimulatedBattery(), self.clock, self.button)
        self.program = Program(
            self.store,
            hardware,
            self.radio,
            ticks=lambda: 0.0,
            machine_seconds=asyncio.get_running_loop().time,
            watch=self.events.append,
        )
        self.running = asyncio.ensure_future(self.program.run())

    async def stop(self) -> None:
        self.running.cancel()
        await asyncio.wait({self.running})
        self.store.close()

    async def restart(self, path: Path) -> None:
        """The power goes and comes back."""
        await self.stop()
        self.store = Store.open(path)
        self._start()

    async def idle(self) -> None:
        """Until every link so far has been served to its end."""
        async with asyncio.timeout(5):
            await self.radio.idle()

    async def open_window(self) -> None:
        self.button.press()
        await self.radio.until(lambda seen: seen == advert.FACTORY)

    async def commission(
        self, municipality: Municipality, printed: Printed | None = None
    ) -> InstallationRecord:
        """Button, label, and no more: the unit is a lock, its clock set."""
        await self.open_window()
        link = self.radio.connect()
        record, courier = await become(printed or self.printed, link, municipality)
        await link.send(courier.seal(records.End()))
        await self.radio.until(lambda seen: seen not in {None, advert.FACTORY})
        return record


async def shake(unit: Printed, link: FramedLink) -> Courier:
    """Messages 1 to 4 before a factory-new unit."""
    message_1, awaiting = Installer(unit, ec.generate_private_key(ec.SECP256R1())).message_1()
    await link.send(message_1)
    message_3, welcome = awaiting.message_2(await link.receive(2, 1000))
    await link.send(message_3)
    return welcome.message_4(await link.receive(2, 1000))


def offer(secret: bytes, courier: Courier, municipality: Municipality) -> records.Commission:
    return records.Commission(
        proof=commissioning.proof(secret, courier.exporter),
        root=municipality.root.encoded,
        key_set=municipality.signed_key_set,
        bulletin=municipality.bulletin(NOON - 600),
    )


async def prepare(
    unit: Printed, link: FramedLink, municipality: Municipality
) -> tuple[InstallationRecord, Courier]:
    """As far as the record of the lock that the unit will be."""
    courier = await shake(unit, link)
    await link.send(courier.seal(offer(unit.secret, courier, municipality)))
    answer = courier.open(await link.receive(5, 65_535))
    assert isinstance(answer, records.Commissioned)
    return InstallationRecord.read(answer.data), courier


async def become(
    unit: Printed, link: FramedLink, municipality: Municipality
) -> tuple[InstallationRecord, Courier]:
    """The whole of it: the unit has said that it is a lock."""
    record, courier = await prepare(unit, link, municipality)
    await link.send(courier.seal(records.Confirm()))
    assert courier.open(await link.receive(5, 65_535)) == records.Applied(10, Taken.TAKEN)
    return record, courier
