"""A unit from power-on to power-off: silent, in its window, a lock, and silent again.

House rules: one radio, one store, no network; the unit serves as what it is at the moment a
phone connects. Whatever fails in tending is logged and tried again; the door goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Final

from nyckelfri.door import advert
from nyckelfri.door.clock import Mark, Reading
from nyckelfri.door.commissioning import WINDOW
from nyckelfri.door.courier import Courier, CourierError
from nyckelfri.lock import ports
from nyckelfri.lock.controller import Controller, Event
from nyckelfri.lock.deliveries import Deliveries
from nyckelfri.lock.hardware import Hardware
from nyckelfri.lock.installing import Installing
from nyckelfri.lock.memory import Memory
from nyckelfri.lock.store import Store
from nyckelfri.lock.store_file import StoreFullError

log = logging.getLogger(__name__)

TEND_EVERY: Final = 10.0
"""Machine seconds between two looks at clock, battery and pseudonym."""
CHECKPOINT_EVERY: Final = 3600
"""Lock seconds between two saved estimates of the clock."""


def payload(radio_key: bytes, now: Reading) -> bytes:
    """What a lock with this clock advertises."""
    hour = None if now.mark is Mark.LOST else now.time // advert.HOUR
    return advert.pseudonym(radio_key, hour)


class Program:
    """One unit. `ticks` are lock seconds that never jump, `machine_seconds` real ones.

    `tend_every` machine seconds it looks after itself.
    """

    def __init__(
        self,
        store: Store,
        hardware: Hardware,
        radio: ports.Radio,
        *,
        ticks: Callable[[], float],
        machine_seconds: Callable[[], float],
        watch: Callable[[Event], None] = lambda _event: None,
        tend_every: float = TEND_EVERY,
    ) -> None:
        self._store = store
        self._hardware = hardware
        self._radio = radio
        self._tend_every = tend_every
        self._ticks = ticks
        self._machine_seconds = machine_seconds
        self._watch = watch
        self._memory: Memory | None = None
        self._controller: Controller | None = None
        self._is_lock = asyncio.Event()
        self._window = False
        self._checkpointed = ticks()

    @property
    def reading(self) -> Reading | None:
        """What the clock says now; None for a unit that is no lock."""
        return None if self._memory is None else self._memory.reading

    async def run(self) -> None:
        """Until cancelled; the motor's last outcome is written before this returns."""
        if self._store.state.identity is not None:
            self._settle(self._begin())
        tasks = [
            asyncio.ensure_future(self._radio.serve(self._serve)),
            asyncio.ensure_future(self._tend()),
            asyncio.ensure_future(self._listen()),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await self._radio.stop()
            for task in tasks[1:]:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if self._controller is not None:
                await self._controller.finish()
            if self._memory is not None and not self._released:
                self._save_clock(self._memory)
        for task in tasks:
            if not task.cancelled():
                task.result()  # a part that failed ends the program, and says why

    def _settle(self, memory: Memory) -> None:
        """Tell of what the last power cut interrupted; on a full disk the next start does."""
        try:
            memory.settle()
        except StoreFullError as error:
            log.error("what the last run left is not noted: %s", error)  # noqa: TRY400

    def _begin(self) -> Memory:
        """Be a lock from now on."""
        self._memory = Memory(
            self._store,
            ticks=self._ticks,
            hardware=self._hardware.clock.read(),
            set_hardware=self._hardware.clock.set,
        )
        self._controller = Controller(
            self._memory,
            self._hardware.motor,
            self._hardware.battery,
            machine_seconds=self._machine_seconds,
            watch=self._watch,
        )
        self._is_lock.set()
        return self._memory

    @property
    def _released(self) -> bool:
        """Whether the unit has ceased to be a lock, and nobody has acted on it yet."""
        return self._memory is not None and self._store.state.identity is None

    async def _end(self) -> None:
        """Be factory-new, and silent until the button is pressed."""
        self._memory = self._controller = None
        self._is_lock.clear()
        await self._radio.advertise(None)
        self._watch(Event("released"))

    async def _serve(self, link: ports.Link) -> None:
        if self._controller is not None:
            await self._controller.serve(link)
            if self._released:
                await self._end()
            await self._refresh()
            return
        if not self._window:
            return  # it connected to the lock that this unit was
        await self._install(link)
        await self._refresh()

    async def _install(self, link: ports.Link) -> None:
        """One installer's link, in which the unit may become a lock."""
        courier: Courier | None = None
        try:
            courier = await Installing(self._store, ticks=self._ticks).serve(link)
        finally:
            # Whatever has ended it: a unit that has committed is a lock.
            if self._store.state.identity is not None:
                link.worth = ports.Worth.GRANTED
                self._watch(Event("commissioned", number=self._begin().tip.number))
        if courier is not None and self._memory is not None:
            await self._deliver(self._memory, link, courier)

    async def _deliver(self, memory: Memory, link: ports.Link, courier: Courier) -> None:
        """Go on with the installer's session, so that the clock is set at once."""
        deliveries = Deliveries(
            memory, link, courier, battery=self._hardware.battery.percent(), may_fetch=False
        )
        try:
            await deliveries.run(None)
        except (ports.LinkError, CourierError) as error:
            log.info("link ended after commissioning: %s", error)

    async def _listen(self) -> None:
        """The inside button opens the window of a factory-new unit; later it does nothing."""
        while True:
            await self._hardware.button.pressed()
            if self._memory is not None:
                continue
            self._window = True
            self._watch(Event("window", note=f"open for {WINDOW} s"))
            await self._radio.advertise(advert.FACTORY)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(WINDOW):
                    await self._is_lock.wait()
            self._window = False
            if self._memory is None:
                await self._radio.advertise(None)
                self._watch(Event("window", note="closed"))

    async def _tend(self) -> None:
        while True:
            try:
                await self._refresh()
            except Exception:
                log.exception("tending failed; trying again")
            await asyncio.sleep(self._tend_every)

    async def _refresh(self) -> None:
        """Advertise this hour's pseudonym, note the battery, save the clock."""
        if self._memory is None or self._released:
            return
        with contextlib.suppress(StoreFullError):
            self._memory.note_battery(self._hardware.battery.percent())
        if self._ticks() - self._checkpointed >= CHECKPOINT_EVERY:
            self._save_clock(self._memory)
        await self._radio.advertise(payload(self._memory.radio_key, self._memory.reading))

    def _save_clock(self, memory: Memory) -> None:
        """On a full disk that is tried again soon; until then a start begins at the last one."""
        with contextlib.suppress(StoreFullError):
            memory.checkpoint()
            self._checkpointed = self._ticks()
