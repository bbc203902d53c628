"""The chooser in which a browser shows the locks near by, and the person before it.

House rules: the air is listened to while a chooser is open, as a phone does. A chooser is answered
once: a second answer ends the browser. A lock that was heard in an earlier chooser may have another
address by now, so only what is heard in this one is chosen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from nyckelfri.demo.devtools import DevTools
from nyckelfri.phone.radio import Found, PhoneRadio

Tell = Callable[[dict[str, Any]], None]


def address_of(found: Found) -> str:
    """How Chromium writes it."""
    return found.address.to_string(with_type_qualifier=False)


class Chooser:
    """The choosers of a browser's pages, of which one is open at a time.

    `show` lets the browser hear a lock; `chosen` is told of page and address before the browser is.
    """

    def __init__(
        self,
        tools: DevTools,
        radio: PhoneRadio,
        *,
        show: Callable[[Found], Awaitable[None]],
        chosen: Callable[[str, str], Awaitable[None]],
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        tell: Tell,
    ) -> None:
        self._tools = tools
        self._radio = radio
        self._show = show
        self._chosen = chosen
        self._spawn = spawn
        self._tell = tell
        self.answer = "first"
        """`first` lock, `nobody`, or `nothing`."""
        self._open: tuple[str, str] | None = None
        """Page and number."""
        self._answered: set[str] = set()
        self._listed: list[str] = []
        self._heard: dict[str, Found] = {}
        self._air: asyncio.Queue[Found | None] = asyncio.Queue()

    def prompted(self, session: str, event: dict[str, Any]) -> None:
        """Chromium opens a chooser, or shows something else in it."""
        if event["id"] in self._answered:
            return
        if self._open != (session, event["id"]):
            self._close()
            self._open = (session, event["id"])
            self._heard, self._air = {}, asyncio.Queue()
            self._spawn(self._listen(self._air))
        self._listed = [device["id"] for device in event["devices"]]
        self._tell({"what": "chooser", "locks": self._listed})
        self._decide()

    def left(self, session: str) -> None:
        """A page has gone, and its chooser."""
        if self._open is not None and self._open[0] == session:
            self._close()

    async def choose(self, address: str) -> None:
        """Take one lock of the open chooser."""
        if (closed := self._close()) is not None:
            session, number = closed
            await self._chosen(session, address)
            select = "DeviceAccess.selectPrompt"
            await self._tools.send(select, session, id=number, deviceId=address)
            self._tell({"what": "chosen", "lock": address})

    async def cancel(self) -> None:
        """Close the open chooser."""
        if (closed := self._close()) is not None:
            await self._tools.send("DeviceAccess.cancelPrompt", closed[0], id=closed[1])
            self._tell({"what": "cancelled"})

    async def _listen(self, air: asyncio.Queue[Found | None]) -> None:
        async with self._radio.listening(air.put_nowait):
            while (found := await air.get()) is not None:
                address = address_of(found)
                known = self._heard.get(address)
                if known is None or known.payload != found.payload:
                    await self._show(found)
                    self._heard[address] = found
                    self._tell({"what": "heard", "lock": address})
                    self._decide()

    def _decide(self) -> None:
        here = [address for address in self._listed if address in self._heard]
        if self.answer == "nobody":
            self._spawn(self.cancel())
        elif self.answer == "first" and here:
            self._spawn(self.choose(here[0]))

    def _close(self) -> tuple[str, str] | None:
        closed, self._open = self._open, None
        self._listed = []
        self._air.put_nowait(None)
        if closed is not None:
            self._answered.add(closed[1])
        return closed
