"""One end of a link that carries whole messages, whatever radio is below.

House rules: an end is used by one task. Everything that ends a link is a `LinkError`, so that the
user of a link has one thing to catch. No byte of a message ever reaches a log or an error text.
What arrives while nobody reads is bounded: the sender of too much loses the link.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from enum import Enum

from nyckelfri.door.framing import HEADER, MAX_MESSAGE, Assembler, FramingError, cut


class Worth(Enum):
    """What came of a link, as far as its user knows; a radio learns from it whom it serves."""

    NOTHING = "nothing"
    PROVEN = "proven"
    GRANTED = "granted"


# One longest message that is being read, and one behind it.
INBOX_LIMIT = 2 * (HEADER + MAX_MESSAGE)


class LinkError(Exception):
    """This link is of no more use."""


class LinkClosed(LinkError):  # noqa: N818 - the protocol's own word; the base class says Error
    """The link is closed: by either side, by a limit, or because the radio is gone."""


class LinkTimeout(LinkError):  # noqa: N818 - the protocol's own word; the base class says Error
    """Nothing whole arrived in time."""


class FramedLink(ABC):
    """A link over any way of sending pieces. A radio subclasses it, feeds `push` and `lost`."""

    def __init__(self) -> None:
        self._assembler = Assembler()
        self._news = asyncio.Event()
        self._ended = asyncio.Event()
        self._why = "closed"
        self.inbox_limit = INBOX_LIMIT
        self.worth = Worth.NOTHING

    @property
    def closed(self) -> bool:
        """True once no message can be sent any more."""
        return self._ended.is_set()

    @property
    def why(self) -> str:
        """Why the link is closed, for the log."""
        return self._why

    def push(self, piece: bytes) -> None:
        """Take a piece from the radio; one too many ends the link."""
        if self.closed:
            return
        if len(self._assembler) + len(piece) > self.inbox_limit:
            self.lost("the other side sends more than anybody reads")
            return
        self._assembler.push(piece)
        self._news.set()

    def lost(self, why: str) -> None:
        """Mark the link as ended; the first reason stays. Whole messages may still be read."""
        if not self.closed:
            self._why = why
            self._ended.set()
            self._news.set()

    async def ended(self) -> None:
        """Wait until the link is closed."""
        await self._ended.wait()

    async def receive(self, timeout: float, limit: int, pace: int | None = None) -> bytes:  # noqa: ASYNC109 - the port's contract
        """Return the next message of at most `limit` bytes, complete within `timeout` seconds.

        With a pace, in bytes a second, what has come of the message buys it that much more time.
        Raises `LinkTimeout`, or `LinkClosed` when the link is gone or its framing is broken.
        """
        self._assembler.limit = limit
        began = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(timeout) as deadline:
                while (message := self._assembler.take()) is None:
                    if self.closed:
                        raise LinkClosed(self._why)
                    if pace is not None:
                        deadline.reschedule(began + timeout + len(self._assembler) / pace)
                    self._news.clear()
                    await self._news.wait()
                return message
        except TimeoutError:
            raise LinkTimeout(f"no whole message within {timeout:g} s") from None
        except FramingError as error:
            self.lost(f"framing: {error}")
            raise LinkClosed(self._why) from None

    async def send(self, message: bytes) -> None:
        """Send one message. Raises `LinkClosed`; returning does not prove that it arrived."""
        for piece in cut(message, self._piece_size()):
            if self.closed:
                raise LinkClosed(self._why)
            await self._send_piece(piece)

    async def close(self) -> None:
        """Let what was sent go out, then end the link. Safe to call again, never raises."""
        self.lost("closed by this side")
        await self._hang_up()

    @abstractmethod
    def _piece_size(self) -> int:
        """Longest piece, in bytes, that the radio carries now."""

    @abstractmethod
    async def _send_piece(self, piece: bytes) -> None:
        """Send one piece, wait while too much is under way. Raises `LinkClosed`."""

    @abstractmethod
    async def _hang_up(self) -> None:
        """Flush briefly and disconnect, where that has not happened. Never raises."""

    @abstractmethod
    async def strength(self) -> int | None:
        """Received signal strength of this link in dBm, None where it cannot be measured."""
