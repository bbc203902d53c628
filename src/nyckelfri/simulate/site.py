"""A door of the town: the mechanics, the unit on it, its power, and what really happened there.

House rules: the unit is the lock's own program on its own store. Bolt, battery and quartz belong
to the door, not to the program: they outlive every power cut, and what they did is written down
here as it happens.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from nyckelfri.door.commissioning import Kind, Printed
from nyckelfri.lock.adapters.simulated import (
    BOLT_OUT,
    HOLDING,
    SimulatedBattery,
    SimulatedButton,
    SimulatedHardwareClock,
    SimulatedMotor,
    SimulatedStrike,
)
from nyckelfri.lock.controller import Event
from nyckelfri.lock.hardware import Hardware
from nyckelfri.lock.installing import make_factory
from nyckelfri.lock.ports import MotorCommand
from nyckelfri.lock.program import Program
from nyckelfri.lock.store import Store
from nyckelfri.simulate.air import Antenna

TEND_EVERY: Final = 300.0
"""Seconds between two looks of a unit at itself; a real one looks thirty times as often."""


@dataclass(frozen=True, slots=True)
class Move:
    """A motor was started: what it was told, and the phones that had a link open just then."""

    at: float
    lock: str
    command: MotorCommand
    phones: tuple[str, ...]
    intent: int
    """The newest entry that was committed when it began."""


@dataclass(slots=True)
class Quartz:
    """What counts a unit's seconds: `rate` of 1.0001 gains 8.6 s a day."""

    now: Callable[[], float]
    rate: float = 1.0
    _since: float = 0.0
    _shown: float = 0.0

    def seconds(self) -> float:
        """Seconds on this quartz since it began."""
        return self._shown + (self.now() - self._since) * self.rate

    def drift(self, rate: float) -> None:
        """Go at another rate from now on."""
        self._shown, self._since, self.rate = self.seconds(), self.now(), rate


@dataclass(slots=True)
class Site:
    """One door with its unit. `now` gives the true Unix seconds."""

    lock: str
    kind: Kind
    path: Path
    now: Callable[[], float]
    on_move: Callable[[Move], None] = lambda _move: None
    on_event: Callable[[str, Event], None] = lambda _lock, _event: None
    moves: list[Move] = field(default_factory=list)
    antenna: Antenna = field(default_factory=Antenna)
    battery: SimulatedBattery = field(default_factory=SimulatedBattery)
    button: SimulatedButton = field(default_factory=SimulatedButton)
    quartz: Quartz = field(init=False)
    chip: SimulatedHardwareClock = field(init=False)
    motor: SimulatedMotor | SimulatedStrike = field(init=False)
    store: Store | None = None
    bolt: str = ""
    jammed: bool = False
    installation: bytes = b""
    _running: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        self.quartz = Quartz(self.now, _since=self.now())
        start = self.now()
        self.chip = SimulatedHardwareClock(lambda: int(start + self.quartz.seconds()))
        self.bolt = HOLDING if self.kind is Kind.ENTRANCE_UNIT else BOLT_OUT

    @property
    def powered(self) -> bool:
        """Whether the unit runs."""
        return self._running is not None and not self._running.done()

    @property
    def locked(self) -> bool:
        """Whether the door holds against the outside."""
        return self.bolt in {BOLT_OUT, HOLDING}

    def make(self) -> Printed:
        """A factory-new unit for this door; its label."""
        factory, printed = make_factory(self.kind)
        Store.create(self.path, factory).close()
        return printed

    def power_on(self) -> None:
        """Start the unit's program on what its store holds."""
        self.store = Store.open(self.path)
        self.antenna = Antenna()
        self.motor = self._motor()
        program = Program(
            self.store,
            Hardware(self.motor, self.battery, self.chip, self.button),
            self.antenna,
            ticks=self.quartz.seconds,
            machine_seconds=asyncio.get_running_loop().time,
            watch=lambda event: self.on_event(self.lock, event),
            tend_every=TEND_EVERY,
        )
        self._running = asyncio.ensure_future(program.run())

    async def shut_down(self) -> None:
        """End the program in order, as a unit that is told to stop."""
        if self._running is not None and self.store is not None:
            self._running.cancel()
            await asyncio.wait({self._running})
            self.store.close()
            self._running = None

    async def power_off(self) -> None:
        """Cut the power: what the program still tries has no effect."""
        running, self._running = self._running, None
        if running is None or self.store is None:
            return
        self.store.close()
        self.antenna.silent = True
        running.cancel()
        with contextlib.suppress(Exception, asyncio.CancelledError):
            await running

    def turn_by_hand(self, *, lock: bool = False) -> None:
        """Turn the thumb-turn from the inside; it always goes."""
        if isinstance(self.motor, SimulatedMotor):
            self.motor.turn_by_hand(lock=lock)

    def _motor(self) -> SimulatedMotor | SimulatedStrike:
        """The same mechanics under a program that has just started."""

        def moved(position: str) -> None:
            if self.motor is motor:  # a program whose power was cut moves nothing
                self.bolt = position

        motor: SimulatedMotor | SimulatedStrike
        motor = _Strike(self, moved) if self.kind is Kind.ENTRANCE_UNIT else _Turn(self, moved)
        motor.position.now = self.bolt
        return motor

    def begin(self, command: MotorCommand) -> None:
        """Note that the motor starts now."""
        assert self.store is not None  # noqa: S101 - no program, no motor
        tip = self.store.state.running.tip.number
        move = Move(self.now(), self.lock, command, tuple(self.antenna.phones), tip)
        self.moves.append(move)
        self.on_move(move)


class _Turn(SimulatedMotor):
    """The motor of a thumb-turn, at a door that notes when it starts."""

    def __init__(self, site: Site, moved: Callable[[str], None]) -> None:
        super().__init__(on_change=moved)
        self._site = site

    def _begin(self, command: MotorCommand) -> None:
        self.jammed = self._site.jammed
        super()._begin(command)
        self._site.begin(command)


class _Strike(SimulatedStrike):
    """The strike of an entrance, the same."""

    def __init__(self, site: Site, moved: Callable[[str], None]) -> None:
        super().__init__(on_change=moved)
        self._site = site

    def _begin(self, command: MotorCommand) -> None:
        super()._begin(command)
        self._site.begin(command)
