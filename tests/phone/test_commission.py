"""An installer's phone and a real factory-new unit."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from doorworld import private_key
from lockworld import PipeEnd, pipe

from nyckelfri.door.clock import Mark
from nyckelfri.door.commissioning import InstallationRecord, Kind, Printed
from nyckelfri.lock import hardware, installing
from nyckelfri.lock import ports as lock_ports
from nyckelfri.lock.adapters.simulated import SimulatedButton
from nyckelfri.lock.config import Config, Simulated
from nyckelfri.lock.controller import Event
from nyckelfri.lock.program import Program
from nyckelfri.lock.store import Store as LockStore
from nyckelfri.phone.client import BlockedError
from nyckelfri.phone.commission import CommissioningError
from nyckelfri.phone.install import Installation, Installing
from nyckelfri.phone.steps import Progress
from phoneserver import SmallServer
from phoneworld import Heard, Phone


class UnitRadio:
    """The unit's radio and the phone's in one: what is advertised can be found and connected."""

    def __init__(self) -> None:
        self.payload: bytes | None = None
        self.on_air = asyncio.Event()
        self.handler: Callable[[lock_ports.Link], Awaitable[None]] | None = None
        self.tasks: list[asyncio.Future[None]] = []
        self._stopped = asyncio.Event()

    async def advertise(self, payload: bytes | None) -> None:
        self.payload = payload
        if payload is not None:
            self.on_air.set()

    async def serve(self, handler: Callable[[lock_ports.Link], Awaitable[None]]) -> None:
        self.handler = handler
        await self._stopped.wait()

    async def stop(self) -> None:
        self._stopped.set()

    async def find(self, payloads: Collection[bytes], timeout: float) -> bytes | None:  # noqa: ASYNC109 - the radio's contract
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self.on_air.wait()
        return self.payload if self.payload in payloads else None

    async def connect(self, _: Heard) -> PipeEnd:
        handler = self.handler
        assert handler is not None
        lock_end, phone_end = pipe()

        async def serve() -> None:
            await handler(lock_end)
            await lock_end.close()

        self.tasks.append(asyncio.ensure_future(serve()))
        return phone_end


class Unit:
    """A thumb-turn fresh from the factory, running its real program."""

    def __init__(self, path: Path) -> None:
        factory, self.printed = installing.make_factory(Kind.THUMB_TURN)
        self.store = LockStore.create(path, factory)
        self.radio = UnitRadio()
        self.events: list[Event] = []
        config = Config(
            store="",
            transport="",
            simulated=Simulated(travel=0.01, hardware_clock=False),
        )
        self.hardware = hardware.build(config, Kind.THUMB_TURN)
        self.program = Program(
            self.store,
            self.hardware,
            self.radio,
            ticks=lambda: 0,
            machine_seconds=time.monotonic,
            watch=self.events.append,
        )

    def press(self) -> None:
        assert isinstance(self.hardware.button, SimulatedButton)
        self.hardware.button.press()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Unit]:
        task = asyncio.ensure_future(self.program.run())
        await asyncio.sleep(0)
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.wait({task, *self.radio.tasks})
            self.store.close()


def installer(phone: Phone, unit: Unit) -> Installing:
    return Installing(
        phone.store,
        unit.radio,
        Progress(phone.steps.append, time.monotonic),
        client=phone.client,
        clock=lambda: phone.clock,
    )


async def install(phone: Phone, unit: Unit, printed: Printed | None = None) -> Installation | None:
    return await installer(phone, unit).run(printed or unit.printed, "LAS-0042", search=0.3)


async def test_a_unit_becomes_a_lock_that_the_server_knows_and_that_knows_the_time(
    phone: Phone, server: SmallServer, tmp_path: Path
) -> None:
    phone.sign_in()
    async with Unit(tmp_path / "unit.db").running() as unit:
        unit.press()
        done = await install(phone, unit)
        assert done is not None
        ((lock, record),) = server.installations
        assert lock == "LAS-0042"
        assert InstallationRecord.read(record) == done.record
        assert done.record.municipality == server.municipality.root.municipality
        assert "time" in done.errand.delivered
        await asyncio.wait(unit.radio.tasks)
        memory = unit.program._memory
        assert memory is not None
        assert memory.reading == type(memory.reading)(server.now, Mark.SET)
        assert memory.installation == done.record.installation
    assert phone.outbox.waiting().installations == 0


async def test_without_coverage_the_record_waits_on_the_phone_and_goes_with_the_next_sync(
    phone: Phone, server: SmallServer, tmp_path: Path
) -> None:
    phone.sign_in()
    server.lose = {"installations"}
    usual = server.handle
    server.handle = lambda name, *rest: (  # type: ignore[method-assign]
        (503, {}) if name == "installations" else usual(name, *rest)
    )
    async with Unit(tmp_path / "unit.db").running() as unit:
        unit.press()
        done = await install(phone, unit)
        assert done is not None
        assert phone.outbox.waiting().installations == 1
        assert "time" not in done.errand.delivered
    server.lose, server.handle = set(), usual  # type: ignore[method-assign]
    assert phone.sync().sent_installations == 1
    assert len(server.installations) == 1


async def test_outside_its_window_a_unit_is_not_found(phone: Phone, tmp_path: Path) -> None:
    phone.sign_in()
    async with Unit(tmp_path / "unit.db").running() as unit:
        assert await install(phone, unit) is None
        assert unit.store.state.identity is None


@pytest.mark.parametrize("wrong", ["secret", "key"])
async def test_a_code_that_is_not_this_units_commissions_nothing(
    phone: Phone, server: SmallServer, tmp_path: Path, wrong: str
) -> None:
    phone.sign_in()
    async with Unit(tmp_path / "unit.db").running() as unit:
        unit.press()
        real = unit.printed
        other = (
            Printed(real.kind, real.key, bytes(16))
            if wrong == "secret"
            else Printed(real.kind, x_of(private_key(888)), real.secret)
        )
        with pytest.raises(CommissioningError):
            await install(phone, unit, other)
        assert unit.store.state.identity is None
        assert server.installations == []
        assert phone.outbox.waiting().installations == 0


async def test_a_label_of_another_kind_is_noticed(
    phone: Phone, server: SmallServer, tmp_path: Path
) -> None:
    phone.sign_in()
    async with Unit(tmp_path / "unit.db").running() as unit:
        unit.press()
        real = unit.printed
        with pytest.raises(CommissioningError, match="not what its label says"):
            await install(phone, unit, Printed(Kind.ENTRANCE_UNIT, real.key, real.secret))
        assert server.installations == []


async def test_a_phone_that_has_never_synced_commissions_nothing(
    phone: Phone, tmp_path: Path
) -> None:
    async with Unit(tmp_path / "unit.db").running() as unit:
        unit.press()
        with pytest.raises(CommissioningError, match="sync first"):
            await install(phone, unit)
        assert unit.store.state.identity is None


async def test_an_installers_phone_that_is_blocked_destroys_itself(
    phone: Phone, server: SmallServer, tmp_path: Path
) -> None:
    phone.sign_in()
    async with Unit(tmp_path / "unit.db").running() as unit:
        unit.press()
        server.blocked = True
        with pytest.raises(BlockedError):
            await install(phone, unit)
        assert not phone.store.enrolled
        assert phone.outbox.waiting().installations == 1, "the lock exists, and must be known of"


def x_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_numbers().x.to_bytes(32, "big")
