"""What ends a unit's program, and what must not: a radio that has failed, a full disk."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from doorworld import NOON, Door, Municipality, identifier, private_key
from lockworld import make_store

from nyckelfri.door.clock import Reading
from nyckelfri.lock.adapters.simulated import (
    SimulatedBattery,
    SimulatedButton,
    SimulatedHardwareClock,
    SimulatedMotor,
)
from nyckelfri.lock.hardware import Hardware
from nyckelfri.lock.ports import Link, LinkClosed, Worth
from nyckelfri.lock.program import CHECKPOINT_EVERY, Program
from nyckelfri.lock.store import Store
from nyckelfri.lock.store_file import StoreFullError

DOOR = Door(identifier("front door"), private_key(400), private_key(401))


class BurntRadio:
    """A radio whose driver has a fault that nobody foresaw."""

    async def serve(self, handler: Callable[[Link], Awaitable[None]]) -> None:
        raise ArithmeticError("burnt")

    async def advertise(self, payload: bytes | None) -> None:
        pass

    async def stop(self) -> None:
        pass


class GoneLink:
    """A phone that has left before it said anything."""

    worth = Worth.NOTHING

    async def receive(self, timeout: float, limit: int, pace: int | None = None) -> bytes:  # noqa: ASYNC109 -- the contract's
        raise LinkClosed("gone")

    async def send(self, message: bytes) -> None:
        raise LinkClosed("gone")

    async def strength(self) -> int | None:
        return None

    async def close(self) -> None:
        pass


class OnePhone(BurntRadio):
    """A radio that hears one phone, and then nobody."""

    def __init__(self) -> None:
        self.served = asyncio.Event()
        self.stopped = asyncio.Event()

    async def serve(self, handler: Callable[[Link], Awaitable[None]]) -> None:
        await handler(GoneLink())
        self.served.set()
        await self.stopped.wait()

    async def stop(self) -> None:
        self.stopped.set()


def hardware() -> Hardware:
    clock = SimulatedHardwareClock(lambda: NOON)
    return Hardware(SimulatedMotor(), SimulatedBattery(), clock, SimulatedButton())


async def test_an_unforeseen_fault_of_the_radio_ends_the_program_with_that_fault(
    tmp_path: Path,
) -> None:
    with make_store(tmp_path / "lock.db", Municipality.make(), DOOR) as store:
        radio = BurntRadio()
        program = Program(store, hardware(), radio, ticks=lambda: 0.0, machine_seconds=lambda: 0.0)
        with pytest.raises(ArithmeticError, match="burnt"):
            await program.run()


@pytest.mark.threat(43)
async def test_a_full_disk_ends_no_program_when_the_clock_cannot_be_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not after a phone that came when that was due, and not when it is told to stop."""
    ticks = itertools.count(0, CHECKPOINT_EVERY)
    tried = []

    def full(self: Store, now: Reading) -> None:
        tried.append(now)
        raise StoreFullError

    with make_store(tmp_path / "lock.db", Municipality.make(), DOOR) as store:
        monkeypatch.setattr(Store, "checkpoint", full)
        radio = OnePhone()
        program = Program(
            store, hardware(), radio, ticks=lambda: next(ticks), machine_seconds=lambda: 0.0
        )
        running = asyncio.ensure_future(program.run())
        await asyncio.wait_for(radio.served.wait(), timeout=10)
        assert tried
        tried.clear()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert tried
