"""A plain Bumble peripheral that answers each write with a notification of a fixed size.

python -m bench.peer TRANSPORT      says {"ready": true} when it advertises
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Final

from bumble.core import UUID
from bumble.device import Connection
from bumble.gatt import Characteristic, CharacteristicValue, Service
from bumble.hci import Address
from bumble.transport import open_transport

from nyckelfri.radio.bluetooth import power_on

ADDRESS: Final = "F0:F1:F2:F3:F4:F5"
CENTRAL: Final = "F0:F1:F2:F3:F4:F6"
UUIDS: Final = tuple(UUID(f"4f1b7a60-52c5-4d0e-9a3c-7be2d8f6d10{n}") for n in (2, 3))
ANSWERS: Final = {37: 53, 214: 38}
"""Bytes of message 1 and 2, and of message 3 and 4 at their longest."""


async def serve(transport: str) -> None:
    """Answer until the radio goes away."""
    async with await open_transport(transport) as radio:
        device = await power_on(radio, Address(ADDRESS))
        notify: Characteristic[bytes] = Characteristic(
            UUIDS[1], Characteristic.Properties.NOTIFY, Characteristic.READABLE, b""
        )

        async def answer(connection: Connection, value: bytes) -> None:
            await device.notify_subscriber(connection, notify, bytes(ANSWERS[len(value)]))

        write: Characteristic[bytes] = Characteristic(
            UUIDS[0],
            Characteristic.Properties.WRITE_WITHOUT_RESPONSE,
            Characteristic.WRITEABLE,
            CharacteristicValue(write=answer),
        )
        device.add_service(Service(UUID("4f1b7a60-52c5-4d0e-9a3c-7be2d8f6d101"), [write, notify]))
        await device.start_advertising(auto_restart=True)
        sys.stdout.write(json.dumps({"ready": True}) + "\n")
        sys.stdout.flush()
        await radio.source.terminated


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
