"""One opened Bluetooth controller of a lock: who may connect, whose turn it is, what is on the air.

House rules (protocol.md sections 6 and 11): one link is served and one more may wait; with both
places taken there is no advertising. A phone must subscribe within 5 s of connecting; who has
subscribed first is served first, for at most 30 s. Whatever a phone or a handler does, the
station goes on. The address is new with each payload and cannot be resolved by anybody.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bumble.core import AdvertisingData
from bumble.hci import HCI_LE_Set_Random_Address_Command

from nyckelfri.door.advert import COMPANY_ID
from nyckelfri.lock.adapters.gatt import LockLink, LockService
from nyckelfri.radio.bluetooth import COMMAND_TIME, RadioError, settle
from nyckelfri.radio.link import LinkError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bumble.device import Connection, Device
    from bumble.hci import Address

    from nyckelfri.lock.adapters.pace import Pace
    from nyckelfri.lock.ports import Link

    Handler = Callable[[Link], Awaitable[None]]

log = logging.getLogger(__name__)

# One that is served and one that waits.
PLACES = 2
# Seconds after which a waiting phone that takes none of its answers is sent away.
STUCK = 1.0


@dataclass(frozen=True, slots=True)
class RadioSettings:
    """How the radio behaves. Times in seconds, but for the intervals in milliseconds."""

    transport: str
    advertising_interval: int = 100
    slowest_interval: int = 1000
    quiet: float = 60.0
    subscribe_within: float = 5.0
    lifetime: float = 30.0
    handler_grace: float = 10.0
    retry_first: float = 0.5
    retry_longest: float = 30.0

    def __post_init__(self) -> None:
        if not 20 <= self.advertising_interval <= 1000:
            raise ValueError("advertising_interval: give 20 to 1000 milliseconds")


@dataclass(slots=True)
class Wish:
    """What the program wants; `wake` tells of every change, also of the station's own."""

    payload: bytes | None = None
    stop: bool = False
    wake: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True)
class _Advertisement:
    payload: bytes
    interval: int


class Station:
    """Advertises while there is a place, and hands one link at a time to the handler."""

    def __init__(
        self,
        device: Device,
        settings: RadioSettings,
        wish: Wish,
        pace: Pace,
        new_address: Callable[[], Address],
    ) -> None:
        self._device = device
        self._settings = settings
        self._wish = wish
        self._pace = pace
        self._new_address = new_address
        self._service = LockService(device)
        self._service.guard()
        self._queue: list[LockLink] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._on_air: _Advertisement | None = None
        self._address_for: bytes | None = None
        self._silent_until = 0.0
        self._lost = False

    def on_lost(self, _: object = None) -> None:
        """Note that the transport is gone."""
        self._lost = True
        for link in self._service.links:
            link.radio_gone()
        self._wish.wake.set()

    async def run(self, handler: Handler) -> None:
        """Serve until `stop`. Raises `RadioError` when the controller is gone."""
        device, wish = self._device, self._wish

        def on_connection(connection: Connection) -> None:
            self._on_connection(connection, handler)

        device.on(device.EVENT_CONNECTION, on_connection)
        try:
            while not wish.stop:
                wish.wake.clear()
                if self._lost:
                    raise RadioError("the transport ended")
                if self._wanted() != self._on_air:
                    await self._advertise()
                    continue
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._changes_in()):
                        await wish.wake.wait()
        except asyncio.CancelledError:
            for task in self._tasks:
                task.cancel()
            raise
        finally:
            device.remove_listener(device.EVENT_CONNECTION, on_connection)
            for link in self._service.links:
                link.lost("the lock stops")
            if self._tasks:
                await asyncio.wait(self._tasks)

    # Links.

    def _on_connection(self, connection: Connection, handler: Handler) -> None:
        self._on_air = None  # a controller ends its advertising with a connection
        # It would begin again with one at once, whatever the interval: a flood must wait like
        # everybody.
        self._silent_until = _now() + self._pace.delay(_now())
        link = LockLink(connection, self._service.to_phone, self._on_subscribed)
        if len(self._service.links) < PLACES:
            self._service.links.append(link)
            coming = self._attend(link, handler)
        else:
            coming = link.close()
        task = asyncio.create_task(coming)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._wish.wake.set()

    def _on_subscribed(self, link: LockLink) -> None:
        self._queue.append(link)
        self._queue[0].serve()

    async def _attend(self, link: LockLink, handler: Handler) -> None:
        """See one link through, and that it gives its turn and its place back in every case."""
        try:
            if await self._has_its_turn(link):
                await self._serve(link, handler)
        finally:
            if link in self._queue:
                self._queue.remove(link)
            if self._queue:
                self._queue[0].serve()
            await link.close()
            self._service.links.remove(link)
            if not self._lost:
                self._pace.ended(link.worth, _now())
            self._wish.wake.set()

    async def _has_its_turn(self, link: LockLink) -> bool:
        """Wait until the phone listens, and then until all before it have been served."""
        ended = asyncio.create_task(link.ended())
        listens = asyncio.create_task(link.subscribed.wait())
        turn = asyncio.create_task(link.turn.wait())
        try:
            await _first(self._settings.subscribe_within, listens, ended)
            if not link.subscribed.is_set():
                log.info("a link ended without subscribing")
                return False
            while not link.turn.is_set() and not link.closed:
                before = link.unsent()
                await _first(STUCK, turn, ended)
                if before and link.unsent() >= before:
                    log.info("a waiting phone takes no answers")
                    return False
            return link.turn.is_set() and not link.closed
        finally:
            for task in (ended, listens, turn):
                task.cancel()

    async def _serve(self, link: LockLink, handler: Handler) -> None:
        """Give one link to the handler, and see that both end in time."""
        ended = asyncio.create_task(link.ended())
        work = asyncio.create_task(_call(handler, link))
        try:
            await _first(self._settings.lifetime, work, ended)
            if not work.done():
                await link.close()
                await _first(self._settings.handler_grace, work)
            if not work.done():
                log.error("a handler did not end with its link; it is cancelled")
        finally:
            ended.cancel()
            work.cancel()
            await asyncio.wait({ended, work}, timeout=COMMAND_TIME)

    # Advertising.

    def _wanted(self) -> _Advertisement | None:
        full = len(self._service.links) >= PLACES
        if self._wish.payload is None or full or _now() < self._silent_until:
            return None
        return _Advertisement(self._wish.payload, self._pace.interval(_now()))

    def _changes_in(self) -> float | None:
        """Seconds until something else is wanted even if nothing happens."""
        if _now() < self._silent_until:
            return self._silent_until - _now()
        return self._pace.changes_in(_now())

    async def _advertise(self) -> None:
        """Put on the air what is wanted now."""
        device = self._device
        await settle(device.stop_advertising(), COMMAND_TIME, "stop advertising")
        self._on_air = None
        wanted = self._wanted()  # a phone may have come in just before the stop
        if wanted is None:
            return
        if wanted.payload != self._address_for:
            device.random_address = self._new_address()
            command = HCI_LE_Set_Random_Address_Command(random_address=device.random_address)
            await settle(device.send_sync_command(command), COMMAND_TIME, "set the address")
            self._address_for = wanted.payload
        said = COMPANY_ID.to_bytes(2, "little") + wanted.payload
        self._on_air = wanted  # before it is: a phone may connect at once
        await settle(
            device.start_advertising(
                advertising_data=bytes(
                    AdvertisingData([(AdvertisingData.MANUFACTURER_SPECIFIC_DATA, said)])
                ),
                scan_response_data=b"",
                advertising_interval_min=wanted.interval,
                advertising_interval_max=wanted.interval,
            ),
            COMMAND_TIME,
            "start advertising",
        )


def _now() -> float:
    return asyncio.get_running_loop().time()


async def _first(within: float, *tasks: asyncio.Task[Any]) -> None:
    await asyncio.wait(tasks, timeout=within, return_when=asyncio.FIRST_COMPLETED)


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
