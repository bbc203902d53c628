"""What the lock program needs of the world, and all it knows of it.

House rules: only Protocols and plain values. Adapters behind them may fail, be slow or be absent;
the controller is written for that. Nothing here knows Bluetooth, pins or files.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Protocol

from nyckelfri.radio.link import LinkClosed, LinkError, LinkTimeout, Worth

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = [
    "Battery",
    "Button",
    "DoorSensor",
    "HardwareClock",
    "Link",
    "LinkClosed",
    "LinkError",
    "LinkTimeout",
    "Motor",
    "MotorCommand",
    "MotorFault",
    "MotorResult",
    "Radio",
    "Worth",
]


class MotorCommand(Enum):
    """What a motor can be told. An electric strike knows only `UNLOCK`."""

    UNLOCK = "unlock"
    LOCK = "lock"


class MotorResult(Enum):
    """How a movement ended."""

    DONE = "done"
    JAMMED = "jammed"


class MotorFault(Exception):  # noqa: N818 - "fault" is the journal's own word
    """The motor could not be started at all; nothing has moved."""


class Motor(Protocol):
    """The bolt, or the electric strike of an entrance unit. One movement at a time."""

    def ready(self) -> bool:
        """Tell whether a movement could start now (power there, none running)."""
        ...

    async def start(self, command: MotorCommand) -> None:
        """Start a movement and return as soon as it runs. Raises `MotorFault`."""
        ...

    async def finished(self) -> MotorResult:
        """Wait until the movement that was started last has ended, and say how."""
        ...

    async def unlock(self) -> MotorResult:
        """Start unlocking and wait for the end. Raises `MotorFault`."""
        ...

    async def lock(self) -> MotorResult:
        """Start locking and wait for the end. Raises `MotorFault`."""
        ...


class DoorSensor(Protocol):
    """Whether the door leaf is shut."""

    def closed(self) -> bool | None:
        """Say True or False, or None where there is no sensor or it fails."""
        ...


class Battery(Protocol):
    """The charge that is left."""

    def percent(self) -> int | None:
        """Say 0 to 100, or None with mains power or where it cannot be read."""
        ...


class HardwareClock(Protocol):
    """A clock that may run while the program does not."""

    def read(self) -> int | None:
        """Return Unix seconds, or None where there is no such clock or it fails."""
        ...

    def set(self, seconds: int) -> None:
        """Set it to Unix seconds; without a clock this does nothing."""
        ...


class Button(Protocol):
    """The button on the inside, which opens the commissioning window."""

    async def pressed(self) -> None:
        """Return at the next press."""
        ...


class Link(Protocol):
    """One phone, for at most 30 s. Used by one task.

    `worth` is for the handler to set: after links that come to nothing a radio advertises less.
    """

    worth: Worth

    async def receive(self, timeout: float, limit: int, pace: int | None = None) -> bytes:  # noqa: ASYNC109 - part of the contract
        """Return the next message of 1 to `limit` bytes, complete within `timeout` seconds.

        With a pace, in bytes a second, what has come of the message buys it that much more time.
        Raises `LinkTimeout`, or `LinkClosed` when the link is gone or its framing is broken.
        """
        ...

    async def send(self, message: bytes) -> None:
        """Send one message of 1 to 65 535 bytes. Raises `LinkClosed`."""
        ...

    async def strength(self) -> int | None:
        """Signal strength of this link in dBm as the lock hears it now, None if unknown."""
        ...

    async def close(self) -> None:
        """Let what was sent go out, then end the link. Safe to call again; never raises."""
        ...


class Radio(Protocol):
    """Advertises, and serves one link at a time while one more may wait."""

    async def serve(self, handler: Callable[[Link], Awaitable[None]]) -> None:
        """Call `handler` for each phone that has subscribed, one after the other, until `stop`.

        The link is closed when the handler returns or raises; the radio goes on either way.
        """
        ...

    async def advertise(self, payload: bytes | None) -> None:
        """Advertise these 8 bytes from now on, whenever a phone may connect; None: be silent."""
        ...

    async def stop(self) -> None:
        """End all links and `serve`."""
        ...
