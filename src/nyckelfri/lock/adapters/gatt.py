"""The lock's one GATT service and its end of a link (protocol.md section 11).

House rules: nothing can be read or written but what the protocol names. Bumble does not look at
the plain permissions, so everything else asks for an authorisation that nobody has.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from bumble.core import UUID
from bumble.gatt import (
    GATT_CLIENT_CHARACTERISTIC_CONFIGURATION_DESCRIPTOR,
    Characteristic,
    CharacteristicValue,
    Service,
)

from nyckelfri.door.framing import HEADER, SERVICE_UUID, TO_LOCK_UUID, TO_PHONE_UUID
from nyckelfri.radio.bluetooth import BumbleLink
from nyckelfri.radio.link import INBOX_LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable

    from bumble.device import Connection, Device

log = logging.getLogger(__name__)


# A waiting phone sends message 1 at most: its length and 64 bytes (section 6).
WAITING_INBOX = HEADER + 64
# What the lock itself sends stays below; more is answers that the other side asked for but does
# not take.
OUTBOX_LIMIT = 128


class LockLink(BumbleLink):
    """The lock's end: pieces come as writes and go as notifications.

    It waits its turn until `serve`; `on_subscribed` is called with it once, when the phone listens.
    """

    def __init__(
        self,
        connection: Connection,
        to_phone: Characteristic[bytes],
        on_subscribed: Callable[[LockLink], None],
    ) -> None:
        super().__init__(connection)
        self._server = connection.device.gatt_server
        self._to_phone = to_phone
        self._on_subscribed = on_subscribed
        self.inbox_limit = WAITING_INBOX
        self.subscribed = asyncio.Event()
        self.turn = asyncio.Event()

    def serve(self) -> None:
        """Let the phone send whatever the protocol allows: it is its turn."""
        self.inbox_limit = INBOX_LIMIT
        self.turn.set()

    def on_subscription(self, *, wanted: bool) -> None:
        """Note that the phone listens; one that stops listening has hung up."""
        if wanted:
            if not self.subscribed.is_set():
                self.subscribed.set()
                self._on_subscribed(self)
        elif self.subscribed.is_set():
            self.lost("the phone unsubscribed")

    async def write(self, piece: bytes) -> None:
        """Hand one piece to the stack, as it is."""
        # force: that the phone listens was seen at its subscription, not again for each piece.
        await self._server.notify_subscriber(self.connection, self._to_phone, piece, force=True)


class LockService:
    """Puts the service on a device and routes what is written to the links that it knows.

    `on_write` takes the place of the link, to measure the bare service.
    """

    def __init__(
        self, device: Device, on_write: Callable[[Connection, bytes], Any] | None = None
    ) -> None:
        self._device = device
        self.links: list[LockLink] = []
        to_lock: Characteristic[bytes] = Characteristic(
            UUID(TO_LOCK_UUID),
            Characteristic.Properties.WRITE | Characteristic.Properties.WRITE_WITHOUT_RESPONSE,
            Characteristic.WRITEABLE | Characteristic.READ_REQUIRES_AUTHORIZATION,
            CharacteristicValue(write=on_write or self._to_link),
        )
        self.to_phone: Characteristic[bytes] = Characteristic(
            UUID(TO_PHONE_UUID),
            Characteristic.Properties.NOTIFY,
            Characteristic.READ_REQUIRES_AUTHORIZATION,
            b"",
        )
        self.to_phone.on(Characteristic.EVENT_SUBSCRIPTION, self._on_subscription)
        device.add_service(Service(UUID(SERVICE_UUID), [to_lock, self.to_phone]))
        for attribute in device.gatt_server.attributes:
            if (
                attribute is not to_lock
                and attribute.type != GATT_CLIENT_CHARACTERISTIC_CONFIGURATION_DESCRIPTOR
            ):
                attribute.permissions |= attribute.WRITE_REQUIRES_AUTHORIZATION

    def _to_link(self, connection: Connection, piece: bytes) -> None:
        link = self.find(connection)
        if link is not None:
            link.push(piece)

    def _on_subscription(self, connection: Connection, notify: bool, _indicate: bool) -> None:  # noqa: FBT001 - Bumble's event
        link = self.find(connection)
        if link is not None:
            link.on_subscription(wanted=notify)

    def find(self, connection: Connection) -> LockLink | None:
        """Return the link of a connection, None for one that has no place."""
        return next((link for link in self.links if link.connection is connection), None)

    def guard(self) -> None:
        """Let only packets of links that have a place, and that behave, come to the stack.

        Answers that nobody takes would fill memory, and the controller that other links need.
        A packet that the stack cannot read ends here, whatever the transport below.
        """
        channels = self._device.l2cap_channel_manager
        read = channels.on_pdu

        def on_pdu(connection: Connection, channel: int, pdu: bytes) -> None:
            link = self.find(connection)
            if link is None or link.closed:
                return
            if link.unsent() > OUTBOX_LIMIT:
                link.lost("the other side asks more than it listens")
                return
            try:
                read(connection, channel, pdu)
            except Exception as error:  # noqa: BLE001 - the next packet must find a radio
                log.info("a malformed packet: %s", type(error).__name__)

        channels.on_pdu = on_pdu  # type: ignore[assignment, method-assign]
