"""The Bumble stack under both ends of a link: opening it, sending on it, surviving it.

House rules: a Bumble call can fail, never answer, or cancel itself when a link or the radio goes
away, so each one runs through `settle` with a time limit. Bumble's own log shows packets with
their contents; it is switched off, and what matters is logged here without a byte of payload.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Any, TypeVar

from bumble import hci, smp
from bumble.device import Device, DeviceConfiguration
from bumble.host import Host

from nyckelfri.door.framing import piece_size
from nyckelfri.radio.link import FramedLink, LinkClosed, LinkError

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from bumble.device import Connection
    from bumble.transport.common import Transport

T = TypeVar("T")

COMMAND_TIME = 2.0
POWER_ON_TIME = 10.0
# A link lives 30 s; a queue that moves nothing for so long never will.
DRAIN_TIME = 30.0
# Packets in the controller before a sender waits; a short message never waits.
BACKLOG = 32
# What Read RSSI answers when it cannot tell (Core specification, volume 4, part E, 7.5.4).
RSSI_UNKNOWN = 127


class RadioError(Exception):
    """The Bluetooth controller is missing, silent or refuses; the text says which step."""


async def settle(
    call: Coroutine[Any, Any, T], within: float, step: str, unless: asyncio.Event | None = None
) -> T:
    """Run one Bumble call in a task of its own; each of its failures is a `RadioError`.

    The own task matters: when a radio goes away Bumble cancels what waits for it, and that must
    not look as if this program were told to end. `within` is in seconds; `unless` gives up early.
    """
    task = asyncio.create_task(call)
    # One that is given up may fail later, when nobody asks any more.
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    waiting: set[asyncio.Task[Any]] = {task}
    if unless is not None:
        waiting.add(asyncio.create_task(unless.wait()))
    try:
        await asyncio.wait(waiting, timeout=within, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for other in waiting:
            other.cancel()
    if not task.done():
        reason = (
            "the other side went away" if unless is not None and unless.is_set() else "no answer"
        )
        raise RadioError(f"{step}: {reason}")
    if task.cancelled():
        raise RadioError(f"{step}: the radio went away")
    error = task.exception()
    if isinstance(error, LinkError):
        raise error
    if isinstance(error, Exception):
        raise RadioError(f"{step}: {type(error).__name__}") from None
    return task.result()


class OrderlyHost(Host):
    """Bumble's host, in which a command that is on its way is never taken back.

    Bumble gives each answer of the controller to whoever waits at that moment. If a waiting
    caller is cancelled, the answer would go to the next command, which then fails.
    """

    async def _send_command(self, *command: Any, **more: Any) -> Any:
        return await asyncio.shield(super()._send_command(*command, **more))


async def power_on(transport: Transport, address: hci.Address) -> Device:
    """Start a Bluetooth LE device on an open transport, without pairing and without classic.

    It has the name `-` and no service but Generic Access. Raises `RadioError`.
    """
    logging.getLogger("bumble").setLevel(logging.CRITICAL)
    device = Device(
        config=DeviceConfiguration(
            name="-", address=address, gatt_service_enabled=False, classic_smp_enabled=False
        ),
        host=OrderlyHost(transport.source, transport.sink),
    )
    channels = device.l2cap_channel_manager
    channels.deregister_fixed_channel(smp.SMP_CID)
    channels.servers.clear()
    gone = asyncio.Event()
    transport.source.terminated.add_done_callback(lambda _: gone.set())
    await settle(device.power_on(), POWER_ON_TIME, "start the controller", unless=gone)
    return device


async def power_off(device: Device) -> None:
    """Stop what the device does; never raises."""
    with contextlib.suppress(RadioError):
        await settle(device.power_off(), COMMAND_TIME, "stop the controller")


async def close_transport(transport: Transport) -> None:
    """Let go of the controller; never raises."""
    with contextlib.suppress(RadioError):
        await settle(transport.close(), COMMAND_TIME, "close the transport")


class BumbleLink(FramedLink):
    """One end of a Bluetooth LE connection; a subclass says how a piece is written."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self.connection = connection
        self._gone = asyncio.Event()
        connection.on(connection.EVENT_DISCONNECTION, self._on_disconnection)
        if connection.device.connections.get(connection.handle) is not connection:
            self._on_disconnection(0)  # it broke before anybody could listen

    def _on_disconnection(self, reason: int) -> None:
        self._gone.set()
        self.lost(f"disconnected (reason {reason})")

    def radio_gone(self) -> None:
        """Mark the link as ended because the controller is: there is nobody to disconnect."""
        self._gone.set()
        self.lost("the radio is gone")

    def _piece_size(self) -> int:
        return piece_size(self.connection.att_mtu)

    async def _send_piece(self, piece: bytes) -> None:
        await self.write(piece)
        queue = self.connection.data_packet_queue
        if queue is not None and queue.pending > BACKLOG:
            with contextlib.suppress(RadioError):
                await settle(self.connection.drain(), DRAIN_TIME, "drain", unless=self._ended)
        if self._gone.is_set():
            raise LinkClosed(self.why)

    async def write(self, piece: bytes) -> None:
        """Hand one piece to the stack, as it is."""
        raise NotImplementedError

    def unsent(self) -> int:
        """Packets that wait for this other side to take them, in the host and in the controller."""
        queue, handle = self.connection.data_packet_queue, self.connection.handle
        if queue is None:
            return 0
        # Bumble counts over all links together; who hogs the queue shows in its own parts only.
        state = queue._connection_state.get(handle)  # noqa: SLF001 - see above
        waiting = sum(owner == handle for _, owner in queue._packets)  # noqa: SLF001 - see above
        return waiting + (state.in_flight if state is not None else 0)

    async def _hang_up(self) -> None:
        ending = (
            ("flush", self.connection.drain, COMMAND_TIME / 2),
            ("disconnect", self.connection.disconnect, COMMAND_TIME),
        )
        for step, call, within in ending:
            if not self._gone.is_set():
                with contextlib.suppress(RadioError):
                    await settle(call(), within, step, unless=self._gone)
        self._gone.set()

    async def strength(self) -> int | None:
        """Read RSSI of this connection (volume 4, part E, 7.5.4) in dBm, or None."""
        if self._gone.is_set():
            return None
        command = hci.HCI_Read_RSSI_Command(handle=self.connection.handle)
        asking = self.connection.device.send_sync_command(command)
        try:
            answer = await settle(asking, COMMAND_TIME, "read the RSSI")
        except RadioError:
            return None
        return None if answer.rssi == RSSI_UNKNOWN else answer.rssi
