"""Motor, strike, door sensor and button on GPIO lines.

House rules: no output stays active beyond its movement: not after an error, not after a
cancellation, not at exit. Both directions of a motor are never active at once. A line may still
keep its level when the program is killed: put a one-shot or a watchdog behind a relay that must not
stay released. Times are in seconds.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nyckelfri.lock.adapters.movement import MovingMotor, PulsedMotor
from nyckelfri.lock.ports import MotorCommand, MotorResult

if TYPE_CHECKING:
    from nyckelfri.lock.adapters.lines import Lines

log = logging.getLogger(__name__)

POLL = 0.005
BUTTON_POLL = 0.05


@dataclass(frozen=True, slots=True)
class MotorPins:
    """Lines of a motor bridge, and how long it may run.

    `at_unlocked` and `at_locked` are end switches, `stall` the bridge's over-current output; a
    motor without switches runs for `travel`. The stall line is not read during `inrush`, when
    every motor draws as much as a stalled one.
    """

    unlock: int
    lock: int
    at_unlocked: int | None = None
    at_locked: int | None = None
    stall: int | None = None
    travel: float = 1.5
    longest: float = 4.0
    inrush: float = 0.1


class GpioMotor(MovingMotor):
    """The motor of a thumb-turn on two direction lines."""

    def __init__(self, lines: Lines, pins: MotorPins) -> None:
        super().__init__()
        self._lines = lines
        self._pins = pins
        self._halt()

    def _halt(self) -> None:
        """Make both directions inactive, the second also when the first fails."""
        try:
            self._lines.set(self._pins.unlock, on=False)
        finally:
            self._lines.set(self._pins.lock, on=False)

    def _begin(self, command: MotorCommand) -> None:
        self._halt()
        unlocking = command is MotorCommand.UNLOCK
        self._lines.set(self._pins.unlock if unlocking else self._pins.lock, on=True)

    async def _run(self, command: MotorCommand) -> MotorResult:
        pins = self._pins
        end = pins.at_unlocked if command is MotorCommand.UNLOCK else pins.at_locked
        now = asyncio.get_running_loop().time
        began = now()
        while (run := now() - began) < pins.longest:
            if self._lines.get(end) if end is not None else run >= pins.travel:
                return MotorResult.DONE
            if pins.stall is not None and run >= pins.inrush and self._lines.get(pins.stall):
                return MotorResult.JAMMED
            await asyncio.sleep(POLL)
        return MotorResult.JAMMED


class GpioStrike(PulsedMotor):
    """The relay of an entrance unit, wired in parallel to the door's existing buttons."""

    def __init__(self, lines: Lines, relay: int, pulse: float = 5.0) -> None:
        super().__init__(pulse)
        self._lines = lines
        self._relay = relay
        self._release(on=False)

    def _release(self, *, on: bool) -> None:
        self._lines.set(self._relay, on=on)


class GpioDoorSensor:
    """A reed contact: active while the door leaf is shut."""

    def __init__(self, lines: Lines, line: int) -> None:
        self._lines = lines
        self._line = line

    def closed(self) -> bool | None:
        """Say whether the door is shut, None when the line cannot be read."""
        try:
            return self._lines.get(self._line)
        except OSError:
            return None


class GpioButton:
    """The button on the inside; a press counts when two looks in a row agree."""

    def __init__(self, lines: Lines, line: int, poll: float = BUTTON_POLL) -> None:
        self._lines = lines
        self._line = line
        self._poll = poll

    async def pressed(self) -> None:
        """Return at the next press: a button that hangs is not pressed again and again."""
        up, down = False, 0
        while down < 2:
            await asyncio.sleep(self._poll)
            pressed = self._down()
            up = up or not pressed
            down = down + 1 if up and pressed else 0

    def _down(self) -> bool:
        try:
            return self._lines.get(self._line)
        except OSError:
            return False
