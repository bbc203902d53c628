"""Simulated hardware for tests and the demo: a bolt, a strike, and what surrounds them.

House rules: it fails on demand, and it keeps what real mechanics keep. The bolt stays where it is
when the program dies (`state`), and from the inside the door opens by hand in every state
(sentence 16). Times are in seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from nyckelfri import clock
from nyckelfri.lock.adapters.movement import MovingMotor, PulsedMotor
from nyckelfri.lock.ports import MotorCommand, MotorResult

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BOLT_OUT, BOLT_IN = "bolt out", "bolt in"
RELEASED, HOLDING = "released", "holding"


class Position:
    """Where a piece of mechanics stands: others may watch it, and it outlives the program.

    `state` is a file that keeps it, `on_change` hears of each new one.
    """

    def __init__(
        self, first: str, on_change: Callable[[str], None] | None, state: Path | None
    ) -> None:
        self._on_change = on_change
        self._state = state
        kept = state is not None and state.exists()
        self.now = state.read_text("utf-8").strip() if state is not None and kept else first

    def move_to(self, position: str) -> None:
        """Stand there from now on."""
        self.now = position
        if self._state is not None:
            fresh = self._state.with_name(self._state.name + ".new")
            fresh.write_text(position + "\n", "utf-8")
            fresh.replace(self._state)
        if self._on_change is not None:
            self._on_change(position)


class SimulatedMotor(MovingMotor):
    """The motor of a thumb-turn, `travel` seconds from end to end.

    `jammed`: the bolt meets the frame, the movement ends early and nothing has moved.
    `stalled`: the motor runs into nothing and is given up after `stall_after`.
    `powered` False: the battery is too weak to start.
    """

    def __init__(
        self,
        travel: float = 0.3,
        *,
        stall_after: float = 3.0,
        on_change: Callable[[str], None] | None = None,
        state: Path | None = None,
    ) -> None:
        super().__init__()
        self.position = Position(BOLT_OUT, on_change, state)
        self.travel = travel
        self.stall_after = stall_after
        self.jammed = False
        self.stalled = False
        self.powered = True
        self.started = 0
        self._hand = asyncio.Event()

    @property
    def locked(self) -> bool:
        """Whether the bolt is out."""
        return self.position.now == BOLT_OUT

    def ready(self) -> bool:
        """Tell whether there is power and nothing moves."""
        return self.powered and super().ready()

    def turn_by_hand(self, *, lock: bool = False) -> None:
        """Turn the thumb-turn on the inside: no power needed, and a running motor gives way."""
        self._hand.set()
        self.position.move_to(BOLT_OUT if lock else BOLT_IN)

    def _begin(self, _command: MotorCommand) -> None:
        self.started += 1
        self._hand.clear()

    async def _run(self, command: MotorCommand) -> MotorResult:
        time = self.stall_after if self.stalled else self.travel / (2 if self.jammed else 1)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._hand.wait(), time)
        if self.stalled or self.jammed or self._hand.is_set():
            return MotorResult.JAMMED
        self.position.move_to(BOLT_OUT if command is MotorCommand.LOCK else BOLT_IN)
        return MotorResult.DONE

    def _halt(self) -> None:
        """Nothing to release: a simulated motor draws no current."""


class SimulatedStrike(PulsedMotor):
    """The electric strike of an entrance unit."""

    def __init__(
        self,
        pulse: float = 5.0,
        *,
        on_change: Callable[[str], None] | None = None,
        state: Path | None = None,
    ) -> None:
        super().__init__(pulse)
        self.position = Position(HOLDING, on_change, state)
        self.powered = True
        self.started = 0

    @property
    def locked(self) -> bool:
        """Whether the strike holds the door against the street."""
        return self.position.now == HOLDING

    def ready(self) -> bool:
        """Tell whether there is power."""
        return self.powered and super().ready()

    def leave(self) -> bool:
        """Walk out: the handle draws the latch, whatever the strike does. True: one is out."""
        return True

    def _begin(self, command: MotorCommand) -> None:
        super()._begin(command)
        self.started += 1

    def _release(self, *, on: bool) -> None:
        position = RELEASED if on else HOLDING
        if position != self.position.now:
            self.position.move_to(position)


class SimulatedBattery:
    """A battery of any charge; None is mains power."""

    def __init__(self, charge: int | None = 100) -> None:
        self.charge = charge

    def percent(self) -> int | None:
        """Say 0 to 100, or None."""
        return self.charge


class SimulatedDoor:
    """A door leaf that stands where one puts it; None is a door without a sensor."""

    def __init__(self, *, shut: bool | None = True) -> None:
        self.shut = shut

    def closed(self) -> bool | None:
        """Say whether it is shut, None without a sensor."""
        return self.shut


class SimulatedButton:
    """The button on the inside, pressed by the test or the demo."""

    def __init__(self) -> None:
        self._pressed = asyncio.Event()

    def press(self) -> None:
        """Press it now."""
        self._pressed.set()

    async def pressed(self) -> None:
        """Return at the next press."""
        await self._pressed.wait()
        self._pressed.clear()


class SimulatedHardwareClock:
    """A clock chip that follows this process's clock; its cell can be taken out and put back."""

    def __init__(self, source: Callable[[], int] = clock.now_seconds) -> None:
        self._source = source
        self.offset = 0
        self.present = True

    def read(self) -> int | None:
        """Return Unix seconds, None while the cell is out."""
        return self._source() + self.offset if self.present else None

    def set(self, seconds: int) -> None:
        """Set it to Unix seconds."""
        if self.present:
            self.offset = seconds - self._source()
