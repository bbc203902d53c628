"""The air of a simulated town: who hears whom, how well, and where a link breaks.

House rules: a phone hears only the units at the place where it is. Messages go in pieces as on
Bluetooth, each taking its time. A link serves one phone while one more may wait, as the station
of a real lock has it (docs/protocol.md, sections 6 and 11).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from typing import Final

from nyckelfri.lock.ports import Link
from nyckelfri.radio.link import FramedLink, LinkClosed

PIECE: Final = 244
PIECE_TIME: Final = 0.015
"""Seconds that one piece takes: a connection interval."""
CONNECT_TIME: Final = 0.4
"""Seconds of setting up a link (published median on Android: 0.39)."""
LIFETIME: Final = 30.0
PLACES: Final = 2
LISTEN: Final = 0.25
"""Seconds between two advertisements that a searching phone would hear."""
NEAR: Final = -55
FAR: Final = -85
"""dBm before the door, and from the stairs."""


class PhoneDied(BaseException):
    """The phone is out of power, or its app was killed: nothing after this line runs."""


@dataclass(slots=True)
class Weather:
    """What the next link of one phone will meet.

    `phone` is its label, `dbm` what the lock hears of it; after `cut_after` messages both ways the
    link is lost, or the phone dies if it is `deadly`. None: nothing happens.
    """

    phone: str = ""
    dbm: int = NEAR
    cut_after: int | None = None
    deadly: bool = False


class End(FramedLink):
    """One end of a link."""

    def __init__(self, weather: Weather) -> None:
        super().__init__()
        self.other: End | None = None
        self.weather = weather

    async def strength(self) -> int | None:
        """What the lock hears."""
        return self.weather.dbm

    def _piece_size(self) -> int:
        return PIECE

    async def _send_piece(self, piece: bytes) -> None:
        await asyncio.sleep(PIECE_TIME)
        if self.other is not None:
            self.other.push(piece)

    async def _hang_up(self) -> None:
        if self.other is not None:
            self.other.lost("closed by the other side")


class PhoneEnd(End):
    """The phone's end, which may be cut, or die."""

    async def send(self, message: bytes) -> None:
        """Send one message, if the link still holds."""
        self._count()
        await super().send(message)

    async def receive(self, timeout: float, limit: int, pace: int | None = None) -> bytes:  # noqa: ASYNC109 - the link's contract
        """The next message, if the link still holds when it has come."""
        message = await super().receive(timeout, limit, pace)
        self._count()
        return message

    def _count(self) -> None:
        weather = self.weather
        if weather.cut_after is None:
            return
        weather.cut_after -= 1
        if weather.cut_after < 0:
            self.lost("out of reach")
            if self.other is not None:
                self.other.lost("the phone is out of reach")
            if weather.deadly:
                raise PhoneDied
            raise LinkClosed("out of reach")


class Antenna:
    """A unit's radio: `ports.Radio`. `payload` is what it advertises now."""

    def __init__(self) -> None:
        self.payload: bytes | None = None
        self.silent = False
        """Jammed, or without power: nobody hears it."""
        self._links: asyncio.Queue[End | None] = asyncio.Queue()
        self._open: list[End] = []

    async def advertise(self, payload: bytes | None) -> None:
        """Say this from now on."""
        self.payload = payload

    async def serve(self, handler: Callable[[Link], Awaitable[None]]) -> None:
        """One link after the other, each for at most its lifetime."""
        while (link := await self._links.get()) is not None:
            try:
                async with asyncio.timeout(LIFETIME):
                    if not link.closed:
                        await handler(link)
            except TimeoutError:
                link.lost("its time is over")
            finally:
                if link in self._open:
                    self._open.remove(link)
                await link.close()

    async def stop(self) -> None:
        """End all links and `serve`."""
        for link in list(self._open):
            link.lost("the unit stops")
        self._open.clear()
        self._links.put_nowait(None)

    @property
    def heard(self) -> bytes | None:
        """What a phone that stands here hears now."""
        return None if self.silent or len(self._open) >= PLACES else self.payload

    @property
    def ends(self) -> list[End]:
        """The unit's ends of all links, in the order in which they came."""
        return list(self._open)

    @property
    def phones(self) -> list[str]:
        """Labels of the phones that have a link open, in the order in which they came."""
        return [end.weather.phone for end in self._open]

    def connect(self, weather: Weather) -> PhoneEnd:
        """The phone's end of a new link. Raises LinkClosed when both places are taken."""
        if self.silent or len(self._open) >= PLACES:
            raise LinkClosed("the lock does not answer")
        lock, phone = End(weather), PhoneEnd(weather)
        lock.other, phone.other = phone, lock
        self._open.append(lock)
        self._links.put_nowait(lock)
        return phone


@dataclass(frozen=True, slots=True)
class Heard:
    """An advertisement, and whose it is."""

    payload: bytes
    antenna: Antenna


@dataclass(slots=True)
class Ear:
    """One phone's radio: `phone.visit.Radio`. It hears the antennas `near`."""

    near: list[Antenna] = field(default_factory=list)
    weather: Weather = field(default_factory=Weather)
    """Of the next link; a cut is used up by it."""

    async def find(self, payloads: Collection[bytes], timeout: float) -> Heard | None:  # noqa: ASYNC109 - the radio's contract
        """Listen for one of these until somebody says it."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while True:
                    for antenna in self.near:
                        if antenna.heard in payloads:
                            return Heard(antenna.heard or b"", antenna)
                    await asyncio.sleep(LISTEN)
        return None

    async def connect(self, found: Heard) -> PhoneEnd:
        """A link to whoever was heard. Raises LinkClosed."""
        await asyncio.sleep(CONNECT_TIME)
        weather = self.weather
        self.weather = Weather(weather.phone, weather.dbm)
        return found.antenna.connect(weather)
