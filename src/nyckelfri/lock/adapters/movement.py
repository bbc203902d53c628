"""What all motors share: one movement at a time, started now, awaited later.

House rules: a movement runs in a task of its own, so that it ends properly whatever becomes of the
phone that asked for it; the hardware is halted when that task ends, in whatever way, even if it was
cancelled before its first step. A line that fails under way counts as a jam: the log may say that
the end was not reached, and must not say that it was.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from abc import ABC, abstractmethod

from nyckelfri.lock.ports import MotorCommand, MotorFault, MotorResult

log = logging.getLogger(__name__)

LONGEST_PULSE = 30.0


class MovingMotor(ABC):
    """`ports.Motor` over three hooks: `_begin` the movement, `_run` until its end, `_halt`."""

    def __init__(self) -> None:
        self._movement: asyncio.Task[MotorResult] | None = None

    def ready(self) -> bool:
        """Tell whether a movement could start now."""
        return not self.moving

    @property
    def moving(self) -> bool:
        """Whether a movement is under way."""
        return self._movement is not None and not self._movement.done()

    async def start(self, command: MotorCommand) -> None:
        """Start a movement and return as soon as it runs. Raises `MotorFault`."""
        if not self.ready():
            raise MotorFault("the motor has no power, or moves already: try again in a moment")
        try:
            self._begin(command)
        except OSError as error:
            with contextlib.suppress(OSError):
                self._halt()
            raise MotorFault(f"the motor line fails ({type(error).__name__}): check it") from None
        if not self.moving:
            self._movement = asyncio.create_task(self._follow(command))
            self._movement.add_done_callback(self._at_end)

    async def finished(self) -> MotorResult:
        """Wait until the movement that was started last has ended, and say how."""
        if self._movement is None:
            raise MotorFault("nothing was started yet: call start first")
        return await asyncio.shield(self._movement)

    async def unlock(self) -> MotorResult:
        """Start unlocking and wait for the end. Raises `MotorFault`."""
        await self.start(MotorCommand.UNLOCK)
        return await self.finished()

    async def lock(self) -> MotorResult:
        """Start locking and wait for the end. Raises `MotorFault`."""
        await self.start(MotorCommand.LOCK)
        return await self.finished()

    async def _follow(self, command: MotorCommand) -> MotorResult:
        try:
            return await self._run(command)
        except OSError as error:
            log.error("the motor line failed under way (%s)", type(error).__name__)  # noqa: TRY400 - one line says it all
            return MotorResult.JAMMED

    def _at_end(self, movement: asyncio.Task[MotorResult]) -> None:
        if movement is not self._movement:
            return  # the next movement has begun already; halting now would stop that one
        try:
            self._halt()
        except OSError as error:
            log.error("the motor line cannot be released (%s)", type(error).__name__)  # noqa: TRY400 - one line says it all

    @abstractmethod
    def _begin(self, command: MotorCommand) -> None:
        """Start the hardware; OSError when it cannot."""

    @abstractmethod
    async def _run(self, command: MotorCommand) -> MotorResult:
        """Wait for the end of the movement."""

    @abstractmethod
    def _halt(self) -> None:
        """Make the hardware inactive; called at every end. OSError when it cannot."""


class PulsedMotor(MovingMotor):
    """An electric strike: released for `pulse` seconds after each unlocking, then it holds again.

    Unlocking during a pulse starts the pulse anew, so a second carer gets its whole length;
    locking ends it. A strike holds the door against the street only: the way out is the door's
    own handle, which no command here can touch.
    """

    def __init__(self, pulse: float) -> None:
        super().__init__()
        if not 0 < pulse <= LONGEST_PULSE:
            raise ValueError(f"a strike is released for at most {LONGEST_PULSE:g} s")
        self._pulse = pulse
        self._until = 0.0
        self._changed = asyncio.Event()

    def ready(self) -> bool:
        """Tell whether the strike can be released; a running pulse is no hindrance."""
        return True

    def _begin(self, command: MotorCommand) -> None:
        unlocking = command is MotorCommand.UNLOCK
        if unlocking:
            self._release(on=True)
        self._until = asyncio.get_running_loop().time() + (self._pulse if unlocking else 0)
        self._changed.set()

    async def _run(self, _command: MotorCommand) -> MotorResult:
        now = asyncio.get_running_loop().time
        while (left := self._until - now()) > 0:
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), left)
        self._halt()
        return MotorResult.DONE

    def _halt(self) -> None:
        self._release(on=False)

    @abstractmethod
    def _release(self, *, on: bool) -> None:
        """Energise the relay, or let it fall; OSError when it cannot."""
