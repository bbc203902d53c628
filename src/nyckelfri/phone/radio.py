"""The reference phone's radio: find a door by its advertisement, connect, exchange messages.

House rules: a door is found by payloads that its radio key gives, never by a name. Only our own
service is looked up, with as few questions as the attribute protocol allows: each one costs a
connection interval on a real radio, and the carer waits for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from bumble import att
from bumble import transport as bumble_transport
from bumble.core import UUID, AdvertisingData
from bumble.device import ConnectionParametersPreferences
from bumble.gatt import (
    GATT_CHARACTERISTIC_ATTRIBUTE_TYPE,
    GATT_CLIENT_CHARACTERISTIC_CONFIGURATION_DESCRIPTOR,
    GATT_PRIMARY_SERVICE_ATTRIBUTE_TYPE,
)
from bumble.hci import HCI_LE_1M_PHY, Address, Phy

from nyckelfri.door.advert import COMPANY_ID
from nyckelfri.door.framing import SERVICE_UUID, TO_LOCK_UUID, TO_PHONE_UUID
from nyckelfri.radio.bluetooth import (
    COMMAND_TIME,
    POWER_ON_TIME,
    BumbleLink,
    RadioError,
    close_transport,
    power_off,
    power_on,
    settle,
)
from nyckelfri.radio.link import LinkClosed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Coroutine

    from bumble.device import Advertisement, Connection, Device
    from bumble.transport.common import Transport

MTU = 517
CONNECT_TIME = 5.0
# The shortest interval a phone may ask for: a link lives seconds, its battery cost is small.
HASTE = {Phy.LE_1M: ConnectionParametersPreferences(7.5, 15)}


@dataclass(frozen=True, slots=True)
class Found:
    """A door on the air: its address of the hour, what it said, and how loud (dBm)."""

    address: Address
    payload: bytes
    strength: int


class PhoneLink(BumbleLink):
    """The phone's end: pieces go as writes and come as notifications."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._to_lock = 0

    async def write(self, piece: bytes) -> None:
        """Hand one piece to the stack, as it is."""
        command = att.ATT_Write_Command(attribute_handle=self._to_lock, attribute_value=piece)
        await self.connection.gatt_client.send_command(command)

    async def prepare(self, mtu: int) -> None:
        """Agree on the MTU, find the two characteristics, subscribe. Raises `LinkClosed`."""
        try:
            await settle(self._prepare(mtu), CONNECT_TIME, "subscribe", unless=self._ended)
        except RadioError as error:
            raise LinkClosed(str(error)) from None

    async def _prepare(self, mtu: int) -> None:
        client = self.connection.gatt_client
        if mtu > att.ATT_DEFAULT_MTU:
            await client.request_mtu(mtu)
        first, last = await self._find_service()
        handles = await self._find_characteristics(first, last)
        self._to_lock, to_phone = handles[TO_LOCK_UUID], handles[TO_PHONE_UUID]
        switch = await self._find_switch(to_phone + 1, last)
        client.notification_subscribers[to_phone] = {self.push}
        await client.write_value(switch, b"\x01\x00", with_response=True)

    async def _ask(self, request: att.ATT_PDU) -> Any:
        answer = await self.connection.gatt_client.send_request(request)
        if answer.op_code == att.Opcode.ATT_ERROR_RESPONSE:
            raise LinkClosed("this device does not have our service: it is no lock of ours")
        return answer

    async def _find_service(self) -> tuple[int, int]:
        answer = await self._ask(
            att.ATT_Find_By_Type_Value_Request(
                starting_handle=1,
                ending_handle=0xFFFF,
                attribute_type=GATT_PRIMARY_SERVICE_ATTRIBUTE_TYPE,
                attribute_value=UUID(SERVICE_UUID).to_pdu_bytes(),
            )
        )
        first, last = struct.unpack_from("<HH", answer.handles_information_list)
        return first, last

    async def _find_characteristics(self, first: int, last: int) -> dict[str, int]:
        """Map UUID to value handle; one question where the MTU holds both answers, else two."""
        handles: dict[str, int] = {}
        while len(handles) < 2 and first <= last:
            answer = await self._ask(
                att.ATT_Read_By_Type_Request(
                    starting_handle=first,
                    ending_handle=last,
                    attribute_type=GATT_CHARACTERISTIC_ATTRIBUTE_TYPE,
                )
            )
            for handle, value in answer.attributes:
                # Declaration: properties (1), value handle (2), UUID.
                uuid = UUID.from_bytes(value[3:]).to_hex_str("-").lower()
                handles[uuid] = int.from_bytes(value[1:3], "little")
                first = handle + 1
        return handles

    async def _find_switch(self, first: int, last: int) -> int:
        """Find the descriptor that turns notifications on, behind its characteristic."""
        answer = await self._ask(
            att.ATT_Find_Information_Request(starting_handle=first, ending_handle=last)
        )
        for handle, uuid in answer.information:
            if UUID.from_bytes(uuid) == GATT_CLIENT_CHARACTERISTIC_CONFIGURATION_DESCRIPTOR:
                return int(handle)
        raise LinkClosed("this device cannot notify: it is no lock of ours")


class PhoneRadio:
    """A phone's Bluetooth over any Bumble transport name; an async context manager.

    Entering raises `RadioError` when there is no controller behind the name.
    """

    def __init__(
        self,
        transport: str,
        *,
        open_transport: Callable[
            [str], Coroutine[Any, Any, Transport]
        ] = bumble_transport.open_transport,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
        mtu: int = MTU,
    ) -> None:
        self._name = transport
        self._open_transport = open_transport
        self._random_bytes = random_bytes
        self._mtu = mtu
        self._stack = contextlib.AsyncExitStack()
        self._device: Device
        self._terminated: asyncio.Future[None]

    async def __aenter__(self) -> Self:
        async with contextlib.AsyncExitStack() as stack:
            transport = await settle(
                self._open_transport(self._name), POWER_ON_TIME, "open the transport"
            )
            stack.push_async_callback(close_transport, transport)
            self._terminated = transport.source.terminated
            address = Address.generate_private_address(self._random_bytes(16))
            self._device = await power_on(transport, address)
            stack.push_async_callback(power_off, self._device)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self._stack.aclose()

    async def find(self, payloads: Collection[bytes], timeout: float) -> Found | None:  # noqa: ASYNC109 - "nobody there" is an answer, not an error
        """Return the first device heard with one of these payloads, None after `timeout` s.

        Raises `RadioError` when the controller fails.
        """
        wanted = frozenset(payloads)
        first: asyncio.Future[Found] = asyncio.get_running_loop().create_future()

        def listen(found: Found) -> None:
            if found.payload in wanted and not first.done():
                first.set_result(found)

        async with self.listening(listen):
            ends: set[asyncio.Future[Any]] = {first, self._terminated}
            await asyncio.wait(ends, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
            if self._terminated.done():
                raise RadioError("look for a door: the radio went away")
        return first.result() if first.done() else None

    @contextlib.asynccontextmanager
    async def listening(self, heard: Callable[[Found], None]) -> AsyncIterator[None]:
        """Hand every advertisement of a lock to `heard` within the block. Raises `RadioError`."""

        def listen(advertisement: Advertisement) -> None:
            found = _lock(advertisement)
            if found is not None:
                heard(found)

        device = self._device
        device.on(device.EVENT_ADVERTISEMENT, listen)
        try:
            scan = device.start_scanning(active=False, scanning_phys=[HCI_LE_1M_PHY])
            await settle(scan, COMMAND_TIME, "start scanning")
            yield
            await settle(device.stop_scanning(), COMMAND_TIME, "stop scanning")
        finally:
            device.remove_listener(device.EVENT_ADVERTISEMENT, listen)

    async def connect(self, found: Found) -> PhoneLink:
        """Connect and subscribe, within 5 s each. Raises `LinkClosed`."""
        link = PhoneLink(await self.reach(found.address))
        try:
            await link.prepare(self._mtu)
        except LinkClosed:
            await link.close()
            raise
        return link

    async def reach(self, address: Address) -> Connection:
        """Connect and no more, within 5 s. Raises `LinkClosed`."""
        try:
            return await settle(
                self._device.connect_le(address, HASTE, timeout=CONNECT_TIME - COMMAND_TIME),
                CONNECT_TIME,
                "connect",
            )
        except RadioError as error:
            raise LinkClosed(str(error)) from None

    async def give_up(self) -> None:
        """Let a `reach` that goes on end at once, with its LinkClosed; never raises."""
        with contextlib.suppress(RadioError):
            stopping = self._device.cancel_connection()  # type: ignore[no-untyped-call]
            await settle(stopping, COMMAND_TIME, "stop connecting")


def _lock(advertisement: Advertisement) -> Found | None:
    for company, payload in advertisement.data.get_all(AdvertisingData.MANUFACTURER_SPECIFIC_DATA):
        if company == COMPANY_ID:
            return Found(advertisement.address, bytes(payload), advertisement.rssi)
    return None
