"""A unit whose radio fails for good says so, instead of standing there deaf."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from doorworld import NOON, Door, Municipality, identifier, private_key
from lockworld import make_store

from nyckelfri.lock.adapters.simulated import (
    SimulatedBattery,
    SimulatedButton,
    SimulatedHardwareClock,
    SimulatedMotor,
)
from nyckelfri.lock.hardware import Hardware
from nyckelfri.lock.ports import Link
from nyckelfri.lock.program import Program


class BurntRadio:
    """A radio whose driver has a fault that nobody foresaw."""

    async def serve(self, handler: Callable[[Link], Awaitable[None]]) -> None:
        raise ArithmeticError("burnt")

    async def advertise(self, payload: bytes | None) -> None:
        pass

    async def stop(self) -> None:
        pass


async def test_an_unforeseen_fault_of_the_radio_ends_the_program_with_that_fault(
    tmp_path: Path,
) -> None:
    door = Door(identifier("front door"), private_key(400), private_key(401))
    clock = SimulatedHardwareClock(lambda: NOON)
    unit = Hardware(SimulatedMotor(), SimulatedBattery(), clock, SimulatedButton())
    with make_store(tmp_path / "lock.db", Municipality.make(), door) as store:
        program = Program(store, unit, BurntRadio(), ticks=lambda: 0.0, machine_seconds=lambda: 0.0)
        with pytest.raises(ArithmeticError, match="burnt"):
            await program.run()
