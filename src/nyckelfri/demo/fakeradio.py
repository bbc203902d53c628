"""Chromium's emulated Bluetooth: locks that a page finds, connects to and talks with.

House rule: the traps of the emulation are met here, and nobody else knows them. It has no
notifications but answers to a read; an answer that no read waits for is lost without a word; a
read that still waits when a link ends breaks the page's Bluetooth; services are gone after each
link, and a page's last read may be told of when they are.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections import deque
from typing import Any, Final

from nyckelfri.demo.devtools import DevTools
from nyckelfri.door.advert import COMPANY_ID
from nyckelfri.door.framing import SERVICE_UUID, TO_LOCK_UUID, TO_PHONE_UUID

_SWITCH_UUID: Final = "00002902-0000-1000-8000-00805f9b34fb"
REFUSED: Final = 14
"""An ATT error; a page sees every one as the same."""
CONNECTION_TIMEOUT: Final = 8
_ENDING: Final = 3.0
"""Seconds for what a lock said last to reach the page, and for the page's next read."""


class FakeLock:
    """One lock as the page sees it."""

    def __init__(self, tools: DevTools, address: str) -> None:
        self._tools = tools
        self.address = address
        self.to_lock = self.to_phone = ""
        self.connected = False
        self._listens = False
        self._reads = 0
        self._pieces: deque[str] = deque()
        self._moved = asyncio.Event()

    async def show(self, payload: bytes, strength: int) -> None:
        """Let it be heard."""
        said = [{"key": COMPANY_ID, "data": base64.b64encode(payload).decode()}]
        # Without appearance and power the emulation never answers.
        record = {"name": self.address, "manufacturerData": said, "appearance": 0, "txPower": 0}
        entry = {"deviceAddress": self.address, "rssi": strength, "scanRecord": record}
        await self._send("simulateAdvertisement", entry=entry)

    async def answer(self, operation: str, code: int = 0) -> None:
        """Let an operation of the connection end."""
        if operation == "connection" and code == 0:
            self._begin()
        await self._send(
            "simulateGATTOperationResponse", address=self.address, type=operation, code=code
        )

    def _begin(self) -> None:
        """Be connected, with nothing of the last link: a read of it would swallow a piece."""
        self.connected = True
        self.to_lock = self.to_phone = ""
        self._listens = False
        self._reads = 0
        self._pieces.clear()

    async def build(self) -> None:
        """The service of a lock, which is gone after each link."""
        service = (await self._send("addService", address=self.address, serviceUuid=SERVICE_UUID))[
            "serviceId"
        ]
        self.to_lock = await self._add(service, TO_LOCK_UUID, write=True, writeWithoutResponse=True)
        self.to_phone = await self._add(service, TO_PHONE_UUID, notify=True, read=True)
        await self._send(
            "addDescriptor", characteristicId=self.to_phone, descriptorUuid=_SWITCH_UUID
        )

    @staticmethod
    def written(event: dict[str, Any]) -> bytes:
        """The piece of a write."""
        return base64.b64decode(event["data"])

    async def answer_value(self, characteristic: str, operation: str, code: int = 0) -> None:
        """Let a write or a subscription end."""
        if operation == "subscribe-to-notifications" and code == 0:
            self._listens = True
        await self._respond(characteristic, operation, code)

    def reads(self) -> None:
        """The page waits for a piece; `pump` then."""
        self._reads += 1
        self._moved.set()

    def says(self, piece: bytes) -> None:
        """The lock sends a piece; `pump` then."""
        self._pieces.append(base64.b64encode(piece).decode())

    async def pump(self) -> None:
        """Hand over what can be, in order."""
        while self._reads and self._pieces:
            self._reads -= 1
            await self._respond(self.to_phone, "read", 0, data=self._pieces.popleft())
        self._moved.set()

    async def end(self, *, heard: bool) -> None:
        """End the link. Unless the page has `heard` of it, what the lock said last arrives first.

        A read that comes between the last look and the end would break the page's Bluetooth, so
        its next one is waited for. Safe to call again.
        """
        if not self.connected:
            return
        if heard:
            self._pieces.clear()
            await self._tools.send("Browser.getVersion")  # a read that is under way is here now
        else:
            with contextlib.suppress(TimeoutError):  # a page that does not read has left
                async with asyncio.timeout(_ENDING):
                    while self._listens and (self._pieces or not self._reads):
                        self._moved.clear()
                        await self._moved.wait()
        self._listens = False
        while self._reads:
            self._reads -= 1
            await self._respond(self.to_phone, "read", REFUSED)
        self.connected = False
        await self._send("simulateGATTDisconnection", address=self.address)

    async def _add(self, service: str, uuid: str, **properties: bool) -> str:
        made = await self._send(
            "addCharacteristic", serviceId=service, characteristicUuid=uuid, properties=properties
        )
        return str(made["characteristicId"])

    async def _respond(self, characteristic: str, operation: str, code: int, **more: str) -> None:
        await self._send(
            "simulateCharacteristicOperationResponse",
            characteristicId=characteristic,
            type=operation,
            code=code,
            **more,
        )

    async def _send(self, method: str, **parameters: Any) -> dict[str, Any]:
        return await self._tools.send(f"BluetoothEmulation.{method}", **parameters)
