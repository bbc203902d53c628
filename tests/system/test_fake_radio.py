"""What the bridge keeps of a lock in Chromium's emulated Bluetooth, command by command."""

from __future__ import annotations

import asyncio
import base64
from typing import Any, cast

from nyckelfri.demo.devtools import DevTools
from nyckelfri.demo.fakeradio import FakeLock


class Browser:
    """What a lock tells the browser; every command is well."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    async def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Keep the pieces that answer a read."""
        if parameters.get("type") == "read" and "data" in parameters:
            self.pieces.append(base64.b64decode(parameters["data"]))
        return {"serviceId": "service", "characteristicId": f"characteristic {id(parameters)}"}


async def connected(lock: FakeLock) -> None:
    await lock.answer("connection")
    await lock.build()
    await lock.answer_value(lock.to_phone, "subscribe-to-notifications")


async def said(lock: FakeLock, *pieces: bytes) -> None:
    for piece in pieces:
        lock.says(piece)
        await lock.pump()


def test_a_read_that_is_told_of_when_its_link_has_ended_takes_no_piece_of_the_next() -> None:
    browser = Browser()
    lock = FakeLock(cast("DevTools", browser), "lock")

    async def play() -> None:
        await connected(lock)
        await lock.end(heard=True)
        lock.reads()
        await connected(lock)
        lock.reads()
        await said(lock, b"message 4", b"status")

    asyncio.run(play())
    assert browser.pieces == [b"message 4"]


def test_a_piece_that_comes_after_the_end_is_not_heard_in_the_next_link() -> None:
    browser = Browser()
    lock = FakeLock(cast("DevTools", browser), "lock")

    async def play() -> None:
        await connected(lock)
        await lock.end(heard=True)
        await said(lock, b"late")
        await connected(lock)
        lock.reads()
        await said(lock, b"message 2")

    asyncio.run(play())
    assert browser.pieces == [b"message 2"]
