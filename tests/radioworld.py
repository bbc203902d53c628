"""A lock's and a phone's real radio stacks on one virtual air, for the tests of every room."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from nyckelfri.demo.airwaves import Airwaves
from nyckelfri.lock.adapters.radio_bumble import BumbleRadio, RadioSettings
from nyckelfri.phone.radio import Found, PhoneLink, PhoneRadio
from nyckelfri.radio.link import LinkClosed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from bumble.device import Connection

    from nyckelfri.lock.ports import Link

PAYLOAD = b"\x01\x02\x03\x04\x05\x06\x07\x08"
LIMIT = 65_535
SOON = 3.0


async def echo(link: Link) -> None:
    """Answer each message with itself, turned round, until the phone goes."""
    while True:
        await link.send((await link.receive(SOON, LIMIT))[::-1])


class Counting:
    """A handler that shows how many links were served, and how many at once."""

    def __init__(self) -> None:
        self.served = self.now = self.most = 0

    async def __call__(self, link: Link) -> None:
        self.served += 1
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await echo(link)
        finally:
            self.now -= 1


@asynccontextmanager
async def lock_radio(
    air: Airwaves, handler: Callable[[Link], Awaitable[None]] = echo, **settings: Any
) -> AsyncIterator[BumbleRadio]:
    """A lock's radio that advertises `PAYLOAD` and serves `handler`."""
    chosen = RadioSettings(
        "lock", **({"advertising_interval": 20, "slowest_interval": 20} | settings)
    )
    radio = BumbleRadio(chosen, open_transport=air.open)
    await radio.advertise(PAYLOAD)
    serving = asyncio.create_task(radio.serve(handler))
    try:
        yield radio
    finally:
        await radio.stop()
        async with asyncio.timeout(SOON):
            await serving


def phone_radio(air: Airwaves, name: str = "phone", **more: Any) -> PhoneRadio:
    return PhoneRadio(name, open_transport=air.open, **more)


async def find(phone: PhoneRadio, payload: bytes = PAYLOAD) -> Found:
    found = await phone.find([payload], SOON)
    assert found is not None, "nothing advertises this payload"
    return found


async def dial(phone: PhoneRadio, payload: bytes = PAYLOAD) -> PhoneLink:
    return await phone.connect(await find(phone, payload))


async def works(air: Airwaves, name: str = "another phone") -> None:
    """Show that the lock's radio still serves: a fresh phone comes and is answered."""
    async with phone_radio(air, name) as phone:
        link = await dial(phone)
        await link.send(b"hello")
        assert await link.receive(SOON, LIMIT) == b"olleh"
        await link.close()


async def raw(link: PhoneLink, data: bytes) -> None:
    """Write bytes that no framing has seen."""
    for start in range(0, len(data), 500):
        await link._send_piece(data[start : start + 500])


async def closes(link: PhoneLink) -> None:
    with pytest.raises(LinkClosed):
        await link.receive(SOON, LIMIT)


async def connect_only(phone: PhoneRadio, payload: bytes = PAYLOAD) -> Connection:
    """Connect as an attacker does: no MTU, no service, no subscription."""
    return await phone._device.connect_le((await find(phone, payload)).address)


async def ended(connection: Connection) -> None:
    gone = asyncio.Event()
    connection.on("disconnection", lambda _: gone.set())
    async with asyncio.timeout(SOON):
        await gone.wait()
