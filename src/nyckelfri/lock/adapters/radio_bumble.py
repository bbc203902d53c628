"""The lock's radio over any Bumble transport: advertise, serve one link, go on.

House rules (protocol.md sections 6 and 11): one connection at a time, and no advertising while it
is served. A phone must subscribe within 5 s, a link lives at most 30 s. Whatever a phone or a
handler does, the radio goes on; whatever the controller does, it is opened again with growing
pauses. The address is new with each payload and cannot be resolved by anybody.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bumble import transport as bumble_transport
from bumble.core import AdvertisingData
from bumble.hci import Address, HCI_LE_Set_Random_Address_Command

from nyckelfri.door.advert import COMPANY_ID, PAYLOAD_BYTES
from nyckelfri.lock.adapters.gatt import LockLink, LockService
from nyckelfri.radio.bluetooth import (
    COMMAND_TIME,
    POWER_ON_TIME,
    RadioError,
    close_transport,
    power_off,
    power_on,
    settle,
)
from nyckelfri.radio.link import LinkError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from bumble.device import Connection, Device
    from bumble.transport.common import Transport

    from nyckelfri.lock.ports import Link

    Handler = Callable[[Link], Awaitable[None]]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RadioSettings:
    """How the radio behaves. Times in seconds, but for the interval in milliseconds."""

    transport: str
    advertising_interval: int = 100
    subscribe_within: float = 5.0
    lifetime: float = 30.0
    handler_grace: float = 10.0
    retry_first: float = 0.5
    retry_longest: float = 30.0

    def __post_init__(self) -> None:
        if not 20 <= self.advertising_interval <= 1000:
            raise ValueError("advertising_interval: give 20 to 1000 milliseconds")


@dataclass(slots=True)
class _Wish:
    """What the program wants, and the link that is served; `wake` tells of every change."""

    payload: bytes | None = None
    stop: bool = False
    link: LockLink | None = None
    wake: asyncio.Event = field(default_factory=asyncio.Event)


class BumbleRadio:
    """`ports.Radio` over a Bumble transport name such as `usb:0` or `tcp-client:host:port`."""

    def __init__(
        self,
        settings: RadioSettings,
        *,
        open_transport: Callable[
            [str], Coroutine[Any, Any, Transport]
        ] = bumble_transport.open_transport,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._settings = settings
        self._open_transport = open_transport
        self._random_bytes = random_bytes
        self._wish = _Wish()
        self._pause = settings.retry_first

    async def advertise(self, payload: bytes | None) -> None:
        """Advertise these 8 bytes from now on, whenever no link is served; None: be silent."""
        if payload is not None and len(payload) != PAYLOAD_BYTES:
            raise ValueError(f"an advertisement carries {PAYLOAD_BYTES} bytes")
        self._wish.payload = payload
        self._wish.wake.set()

    async def stop(self) -> None:
        """End the running link and `serve`."""
        self._wish.stop = True
        if self._wish.link is not None:
            self._wish.link.lost("the lock stops")
        self._wish.wake.set()

    async def serve(self, handler: Handler) -> None:
        """Serve links until `stop`, opening the controller again whenever it is lost."""
        while not self._wish.stop:
            try:
                await self._once(handler)
            except RadioError as error:
                log.warning("no radio (%s); next try in %.1f s", error, self._pause)
                await self._rest(self._pause)
                self._pause = min(2 * self._pause, self._settings.retry_longest)

    async def _once(self, handler: Handler) -> None:
        """Open the controller and serve until `stop` (returns) or until it is lost (raises)."""
        transport = await settle(
            self._open_transport(self._settings.transport), POWER_ON_TIME, "open the transport"
        )
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(close_transport, transport)
            device = await power_on(transport, self._new_address())
            stack.push_async_callback(power_off, device)
            station = _Station(device, self._settings, self._wish, self._new_address)
            self._pause = self._settings.retry_first
            transport.source.terminated.add_done_callback(station.on_lost)
            await station.run(handler)

    def _new_address(self) -> Address:
        """Make a resolvable address under a key that is thrown away: nobody can resolve it."""
        return Address.generate_private_address(self._random_bytes(16))

    async def _rest(self, seconds: float) -> None:
        """Sleep, but not through `stop`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not self._wish.stop:
                    self._wish.wake.clear()
                    await self._wish.wake.wait()


class _Station:
    """One opened controller: advertises, and hands one link at a time to the handler."""

    def __init__(
        self,
        device: Device,
        settings: RadioSettings,
        wish: _Wish,
        new_address: Callable[[], Address],
    ) -> None:
        self._device = device
        self._settings = settings
        self._wish = wish
        self._new_address = new_address
        self._service = LockService(device)
        self._on_air: bytes | None = None
        self._address_for: bytes | None = None
        self._lost = False
        self._strays: set[asyncio.Task[None]] = set()
        device.on(device.EVENT_CONNECTION, self._on_connection)

    def on_lost(self, _: object = None) -> None:
        """Note that the transport is gone."""
        self._lost = True
        if self._wish.link is not None:
            self._wish.link.radio_gone()
        self._wish.wake.set()

    def _on_connection(self, connection: Connection) -> None:
        link = LockLink(connection, self._device, self._service.to_phone)
        if self._wish.link is None:
            self._wish.link = self._service.link = link
            self._wish.wake.set()
        else:
            stray = asyncio.create_task(link.close())
            self._strays.add(stray)
            stray.add_done_callback(self._strays.discard)

    async def run(self, handler: Handler) -> None:
        """Serve until `stop`. Raises `RadioError` when the controller is gone."""
        wish = self._wish
        while not wish.stop:
            wish.wake.clear()
            if self._lost:
                raise RadioError("the transport ended")
            if wish.link is not None:
                try:
                    await self._serve(wish.link, handler)
                finally:
                    wish.link = self._service.link = self._on_air = None
            elif wish.payload != self._on_air:
                await self._advertise(wish.payload)
            else:
                await wish.wake.wait()

    async def _advertise(self, payload: bytes | None) -> None:
        device = self._device
        await settle(device.stop_advertising(), COMMAND_TIME, "stop advertising")
        if self._wish.link is not None:  # it came in just before the stop
            return
        self._on_air = None
        if payload is None:
            return
        if payload != self._address_for:
            device.random_address = self._new_address()
            command = HCI_LE_Set_Random_Address_Command(random_address=device.random_address)
            await settle(device.send_sync_command(command), COMMAND_TIME, "set the address")
            self._address_for = payload
        data = AdvertisingData(
            [
                (
                    AdvertisingData.MANUFACTURER_SPECIFIC_DATA,
                    COMPANY_ID.to_bytes(2, "little") + payload,
                )
            ]
        )
        interval = self._settings.advertising_interval
        await settle(
            device.start_advertising(
                advertising_data=bytes(data),
                advertising_interval_min=interval,
                advertising_interval_max=interval,
            ),
            COMMAND_TIME,
            "start advertising",
        )
        self._on_air = payload

    async def _serve(self, link: LockLink, handler: Handler) -> None:
        """Give one link to the handler, and see that it ends in every case."""
        settings = self._settings
        now = asyncio.get_running_loop().time
        end = now() + settings.lifetime
        ended = asyncio.create_task(link.ended())
        listening = asyncio.create_task(link.subscribed.wait())
        tasks = [ended, listening]
        try:
            await _first(settings.subscribe_within, listening, ended)
            if not listening.done():
                log.info("a link ended without subscribing")
                return
            work = asyncio.create_task(_call(handler, link))
            tasks.append(work)
            await _first(end - now(), work, ended)
            await link.close()
            await _first(settings.handler_grace, work)
            if not work.done():
                log.error("a handler did not end with its link; it is cancelled")
        finally:
            await link.close()
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=COMMAND_TIME)


async def _first(within: float, *tasks: asyncio.Task[Any]) -> None:
    await asyncio.wait(tasks, timeout=max(within, 0), return_when=asyncio.FIRST_COMPLETED)


async def _call(handler: Handler, link: LockLink) -> None:
    """Run the handler; whatever it raises ends here, in the log, without its text."""
    try:
        await handler(link)
    except LinkError as error:
        log.info("a link ended: %s", error)
    except Exception as error:  # noqa: BLE001 - the door must open for the next phone
        frames = traceback.extract_tb(error.__traceback__)
        place = ", ".join(f"{frame.filename}:{frame.lineno}" for frame in frames[-3:])
        log.error("a handler failed with %s at %s", type(error).__name__, place)  # noqa: TRY400 - the text of an error may hold what a phone sent
