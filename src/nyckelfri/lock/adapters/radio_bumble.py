"""The lock's radio over any Bumble transport: open the controller, serve, open it again.

House rules: whatever the controller does, it is opened again with growing pauses. What goes on
while it is open is the station's (`station.py`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from typing import TYPE_CHECKING, Any

from bumble import transport as bumble_transport
from bumble.hci import Address

from nyckelfri.door.advert import PAYLOAD_BYTES
from nyckelfri.lock.adapters.pace import Pace
from nyckelfri.lock.adapters.station import RadioSettings, Station, Wish
from nyckelfri.radio.bluetooth import (
    POWER_ON_TIME,
    RadioError,
    close_transport,
    power_off,
    power_on,
    settle,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from bumble.transport.common import Transport

    from nyckelfri.lock.adapters.station import Handler

__all__ = ["BumbleRadio", "RadioSettings"]

log = logging.getLogger(__name__)


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
        self._wish = Wish()
        self._pause = settings.retry_first
        self._pace = Pace(settings.advertising_interval, settings.slowest_interval, settings.quiet)

    async def advertise(self, payload: bytes | None) -> None:
        """Advertise these 8 bytes from now on, whenever a phone may connect; None: be silent."""
        if payload is not None and len(payload) != PAYLOAD_BYTES:
            raise ValueError(f"an advertisement carries {PAYLOAD_BYTES} bytes")
        self._wish.payload = payload
        self._wish.wake.set()

    async def stop(self) -> None:
        """End all links and `serve`."""
        self._wish.stop = True
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
            station = Station(device, self._settings, self._wish, self._pace, self._new_address)
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
