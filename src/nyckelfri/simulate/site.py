"""A door of the town: the mechanics, the unit on it, its power, and what really happened there.

House rules: the unit is the lock's own program on its own store. Bolt, battery and quartz belong
to the door, not to the program: they outlive every power cut, and what they did is written down
here as it happens.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any, Final

from nyckelfri.door import delivery, keyset
from nyckelfri.door.clock import Reading
from nyckelfri.door.commissioning import Kind, Printed
from nyckelfri.door.journal import Detail
from nyckelfri.door.keyset import KeySet
from nyckelfri.door.trust import Taken
from nyckelfri.lock.adapters.simulated import (
    BOLT_OUT,
    HOLDING,
    SimulatedBattery,
    SimulatedButton,
    SimulatedHardwareClock,
    SimulatedMotor,
    SimulatedStrike,
)
from nyckelfri.lock.hardware import Hardware
from nyckelfri.lock.installing import make_factory
from nyckelfri.lock.ports import MotorCommand
from nyckelfri.lock.program import Program
from nyckelfri.lock.store import Piece, Store, Written
from nyckelfri.lock.store_file import StoreError
from nyckelfri.lock.store_state import private_key
from nyckelfri.simulate.air import Antenna
from nyckelfri.simulate.disk import Disk
from nyckelfri.simulate.disk_sqlite import Disks

_FILE: Final = "lock.db"
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
    disks: Disks
    now: Callable[[], float]
    on_move: Callable[[Move], None] = lambda _move: None
    on_end: Callable[[str, BaseException | None], None] = lambda _lock, _error: None
    """Hears that the program has ended though nobody told it to."""
    antenna: Antenna = field(default_factory=Antenna)
    battery: SimulatedBattery = field(default_factory=SimulatedBattery)
    button: SimulatedButton = field(default_factory=SimulatedButton)
    quartz: Quartz = field(init=False)
    chip: SimulatedHardwareClock = field(init=False)
    motor: SimulatedMotor | SimulatedStrike = field(init=False)
    store: Store | None = None
    bolt: str = ""
    jammed: bool = False
    without_force: bool = False
    """The battery can no longer turn the motor."""
    _running: asyncio.Task[None] | None = None
    _program: Program | None = None

    def __post_init__(self) -> None:
        self.quartz = Quartz(self.now, _since=self.now())
        start = self.now()
        self.chip = SimulatedHardwareClock(lambda: int(start + self.quartz.seconds()))
        self.bolt = HOLDING if self.kind is Kind.ENTRANCE_UNIT else BOLT_OUT

    @property
    def powered(self) -> bool:
        """Whether the unit runs."""
        return self._running is not None and not self._running.done() and not self.disk.off

    @property
    def disk(self) -> Disk:
        """Where the unit keeps what it remembers."""
        return self.disks.of(self.lock)

    @property
    def locked(self) -> bool:
        """Whether the door holds against the outside."""
        return self.bolt in {BOLT_OUT, HOLDING}

    @property
    def reading(self) -> Reading | None:
        """What its clock says now; None without power."""
        return self._program.reading if self._program is not None and self.powered else None

    @property
    def off_by(self) -> float:
        """Seconds by which its clock is ahead; nothing without power."""
        return 0.0 if self.reading is None else self.reading.time - self.now()

    @property
    def key_set(self) -> KeySet | None:
        """The key set that it keeps."""
        data = self.store.state.key_set if self.store is not None else None
        return None if data is None else keyset.from_payload(data)

    @property
    def epoch(self) -> int:
        """The epoch of that."""
        held = self.key_set
        return 0 if held is None else held.epoch

    def journal(self, first: int) -> list[bytes]:
        """Signed batches of all entries from number `first` on, as any phone may carry them."""
        batches: list[bytes] = []
        identity = self.store.state.identity if self.store is not None else None
        if self.store is None or identity is None:
            return batches
        while (piece := self.store.piece(first)) is not None:
            batches.append(
                delivery.sign_batch(
                    piece.segments,
                    installation=identity.installation,
                    first=piece.first,
                    previous=piece.previous,
                    key=private_key(identity.signing_key),
                )
            )
            first = delivery.claimed(batches[-1]).last + 1
        return batches

    def make(self) -> Printed:
        """A factory-new unit for this door; its label."""
        factory, printed = make_factory(self.kind)
        disk = self.disks.put(self.lock)
        Store.create(disk.path(_FILE), factory, disk=disk).close()
        return printed

    def power_on(self, chance: Random | None = None) -> None:
        """Start the unit's program on what its disk holds; after a cut chance says what that is.

        A unit that runs goes on: two that had cut its power both give it back.
        """
        if self.powered:
            return
        if self.disk.off and chance is not None:
            self.disks.after_cut(self.disk, chance)
        disk = self.disk
        self.store = _Powered.open(disk.path(_FILE), disk=disk)
        self.antenna = Antenna()
        self.motor = self._motor()
        self._program = Program(
            self.store,
            Hardware(self.motor, self.battery, self.chip, self.button),
            self.antenna,
            ticks=self.quartz.seconds,
            machine_seconds=asyncio.get_running_loop().time,
            tend_every=TEND_EVERY,
        )
        self._running = asyncio.ensure_future(self._program.run())
        self._running.add_done_callback(partial(self._ended, disk))

    def mend(self) -> None:
        """Whatever ails the door is over, and nothing more is going to."""
        self.jammed = self.without_force = False
        self.disk.room = None
        self.disk.cut_in(None)

    async def shut_down(self) -> None:
        """End the program in order, as a unit that is told to stop."""
        if self.powered and self._running is not None and self.store is not None:
            self.disk.cut_in(None)
            self._running.cancel()
            await asyncio.wait({self._running})
            self.store.close()
            self._running = None

    def cut_power(self) -> None:
        """Cut the power now: nothing that the program still tries has an effect."""
        self.disk.cut()
        self._dies()

    def cut_power_in(self, operations: int) -> None:
        """Cut it at the so manieth operation on the disk from now."""
        self.disk.cut_in(operations, self._dies)

    def _dies(self) -> None:
        self.antenna.silent = True
        for end in self.antenna.ends:
            end.lost("the power is gone")
        if self._running is not None:
            self._running.cancel()

    def _ended(self, disk: Disk, running: asyncio.Task[None]) -> None:
        """Say so if the program has ended by itself."""
        if not running.cancelled() and not disk.off:
            self.on_end(self.lock, running.exception())

    def turn_by_hand(self, *, lock: bool = False) -> None:
        """Turn the thumb-turn from the inside; it always goes."""
        if isinstance(self.motor, SimulatedMotor):
            self.motor.turn_by_hand(lock=lock)

    def _motor(self) -> SimulatedMotor | SimulatedStrike:
        """The same mechanics under a program that has just started."""

        def moved(position: str) -> None:
            if self.motor is motor and not disk.off:  # without power nothing moves
                self.bolt = position

        disk = self.disk
        motor: SimulatedMotor | SimulatedStrike
        motor = _Strike(self, moved) if self.kind is Kind.ENTRANCE_UNIT else _Turn(self, moved)
        motor.position.now = self.bolt
        return motor

    def begin(self, command: MotorCommand) -> None:
        """Note that the motor starts now."""
        assert self.store is not None  # noqa: S101 - no program, no motor
        tip = self.store.state.running.tip.number
        move = Move(self.now(), self.lock, command, tuple(self.antenna.phones), tip)
        self.on_move(move)


class _Powered(Store):
    """A store of which a program hears nothing more once the power is cut, whatever SQLite says."""

    def commit(self, details: Sequence[Detail] = (), **more: Any) -> list[Written]:
        """As `Store` does."""
        with self._power():
            return super().commit(details, **more)

    def acknowledge(self, number: int, head: bytes) -> Taken:
        """The same."""
        with self._power():
            return super().acknowledge(number, head)

    def piece(self, first: int = 0, **more: Any) -> Piece | None:
        """The same."""
        with self._power():
            return super().piece(first, **more)

    @contextmanager
    def _power(self) -> Iterator[None]:
        disk = self._disk
        assert isinstance(disk, Disk)  # noqa: S101 - a site's
        disk.check()
        try:
            yield
        except StoreError:
            disk.check()
            raise


class _Turn(SimulatedMotor):
    """The motor of a thumb-turn, at a door that notes when it starts."""

    def __init__(self, site: Site, moved: Callable[[str], None]) -> None:
        super().__init__(on_change=moved)
        self._site = site

    def ready(self) -> bool:
        """Tell whether there is power and nothing moves."""
        return not self._site.without_force and super().ready()

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
