"""The lock's one GATT service and its end of a link (protocol.md section 11).

House rules: nothing can be read or written but what the protocol names. Bumble does not look at
the plain permissions, so everything else asks for an authorisation that nobody has.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from bumble.core import UUID
from bumble.gatt import (
    GATT_CLIENT_CHARACTERISTIC_CONFIGURATION_DESCRIPTOR,
    Characteristic,
    CharacteristicValue,
    Service,
)

from nyckelfri.door.framing import SERVICE_UUID, TO_LOCK_UUID, TO_PHONE_UUID
from nyckelfri.radio.bluetooth import BumbleLink

if TYPE_CHECKING:
    from collections.abc import Callable

    from bumble.device import Connection, Device


class LockLink(BumbleLink):
    """The lock's end: pieces come as writes and go as notifications."""

    def __init__(
        self, connection: Connection, device: Device, to_phone: Characteristic[bytes]
    ) -> None:
        super().__init__(connection)
        self._server = device.gatt_server
        self._to_phone = to_phone
        self.subscribed = asyncio.Event()

    def on_subscription(self, *, wanted: bool) -> None:
        """Note that the phone listens; one that stops listening has hung up."""
        if wanted:
            self.subscribed.set()
        elif self.subscribed.is_set():
            self.lost("the phone unsubscribed")

    async def write(self, piece: bytes) -> None:
        """Hand one piece to the stack, as it is."""
        # force: that the phone listens was seen at its subscription, not again for each piece.
        await self._server.notify_subscriber(self.connection, self._to_phone, piece, force=True)


class LockService:
    """Puts the service on a device and routes what is written to the link that is served.

    `on_write` takes the place of the link, to measure the bare service.
    """

    def __init__(
        self, device: Device, on_write: Callable[[Connection, bytes], Any] | None = None
    ) -> None:
        self.link: LockLink | None = None
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
        if self.link is not None and self.link.connection is connection:
            self.link.push(piece)

    def _on_subscription(self, connection: Connection, notify: bool, _indicate: bool) -> None:  # noqa: FBT001 - Bumble's event
        if self.link is not None and self.link.connection is connection:
            self.link.on_subscription(wanted=notify)
