"""A virtual Bluetooth world: named radios, the strength between them, and mishaps on demand.

House rules: real Bumble stacks talk through it, so only the controller and the ether are pretended.
Where Bumble's virtual controller is kinder or poorer than a real one, it is made real here: Read
RSSI, packets of 251 bytes, a connection that fails when the other side did not take it, a
connection attempt that can be given up.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bumble import hci, ll
from bumble.controller import Controller
from bumble.core import InvalidArgumentError, PhysicalTransport
from bumble.link import LocalLink
from bumble.transport.common import AsyncPipeSink, Transport

if TYPE_CHECKING:
    from collections.abc import Callable

    from bumble.controller import Connection
    from bumble.transport.common import TransportSink, TransportSource

USUAL_STRENGTH = -50
OUT_OF_RANGE = -100


class Airwaves(LocalLink):
    """The ether. Strengths are in dBm between two names; at -100 and below nothing is heard.

    Of radios that answer the same advertisement chance, by `seed`, lets one be first. `overhear`
    gets whatever is advertised, with its sender's name.
    """

    def __init__(self, seed: int | None = None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._strength: dict[frozenset[str], int] = {}
        self._jammed: set[str] = set()
        self._fuse: dict[str, int] = {}
        self._chance = random.Random(seed)  # noqa: S311 - luck of the air, no secret
        self.overhear: Callable[[str, ll.AdvertisingPdu], None] = lambda _sender, _packet: None

    async def open(self, name: str) -> Transport:
        """Plug in a radio of this name in this process; for Bumble an open transport."""
        controller = AirController(name, self, None, None)
        return _Plug(controller)

    def radios(self) -> dict[str, AirController]:
        """Return the radios that are switched on, by name."""
        return {c.name: c for c in self.controllers if isinstance(c, AirController)}

    def strength(self, one: str, other: str) -> int:
        """Tell how loud, in dBm, these two hear each other."""
        return self._strength.get(frozenset((one, other)), USUAL_STRENGTH)

    def set_strength(self, one: str, other: str, dbm: int) -> None:
        """Move two radios: from now on they hear each other like this."""
        if not -127 <= dbm <= 20:
            raise ValueError("a signal strength lies between -127 and 20 dBm")
        self._strength[frozenset((one, other))] = dbm
        if dbm <= OUT_OF_RANGE:
            self._part(one, other)

    def jam(self, name: str, *, on: bool) -> None:
        """Cut one radio off from all others, links included, or let it be heard again."""
        if on:
            self._jammed.add(name)
            self.drop(name)
        else:
            self._jammed.discard(name)

    def drop(self, name: str, after: int = 0) -> None:
        """End every link of one radio, at once or after so many more data packets of it."""
        if after > 0:
            self._fuse[name] = after
            return
        self._fuse.pop(name, None)
        radio = self.radios().get(name)
        if radio is not None:
            for connection in list(radio.le_connections.values()):
                radio.lose(connection)

    def _part(self, one: str, other: str) -> None:
        radio = self.radios().get(one)
        for connection in list(radio.le_connections.values()) if radio else []:
            peer = self.find_le_controller(connection.peer_address)
            if radio is not None and peer is not None and peer.name == other:
                radio.lose(connection)

    def _audible(self, one: str, other: str) -> bool:
        return not self._jammed & {one, other} and self.strength(one, other) > OUT_OF_RANGE

    def send_advertising_pdu(
        self, sender_controller: Controller, packet: ll.AdvertisingPdu
    ) -> None:
        """Let every radio that can, hear an advertisement or a connection request."""
        self.overhear(sender_controller.name, packet)
        loop = asyncio.get_running_loop()
        radios = sorted(self.radios().items())
        self._chance.shuffle(radios)
        for name, radio in radios:
            if radio is not sender_controller and self._audible(name, sender_controller.name):
                loop.call_soon(radio.hear, sender_controller.name, packet)

    def send_acl_data(
        self,
        sender_controller: Controller,
        destination_address: hci.Address,
        transport: PhysicalTransport,
        data: bytes,
    ) -> None:
        """Carry a data packet, unless one of the two has just burnt its fuse."""
        peer = self.find_le_controller(destination_address)
        for name in (sender_controller.name, peer.name if peer else ""):
            if name in self._fuse:
                self._fuse[name] -= 1
                if self._fuse[name] <= 0:
                    self.drop(name)
                    return
        link = sender_controller.le_connections.get(destination_address)
        if peer is not None and link is not None:
            # From the link's own address: the sender may go by another one by now.
            source, hear = link.self_address, peer.on_link_acl_data
            asyncio.get_running_loop().call_soon(hear, source, transport, data)

    def send_ll_control_pdu(
        self,
        sender_address: hci.Address,
        receiver_address: hci.Address,
        packet: ll.ControlPdu,
    ) -> None:
        """Carry a control packet; one to a radio that is gone is lost, as in life."""
        with contextlib.suppress(InvalidArgumentError):
            super().send_ll_control_pdu(sender_address, receiver_address, packet)


class AirController(Controller):
    """One radio. It dies with `unplug`; its host then needs a new one, like a pulled USB stick."""

    le_acl_data_packet_length = 251

    def __init__(
        self, name: str, air: Airwaves, source: TransportSource | None, sink: TransportSink | None
    ) -> None:
        super().__init__(name, host_source=source, host_sink=sink, link=air)
        self._air = air
        self._hearing = USUAL_STRENGTH

    def unplug(self) -> None:
        """Leave the air: the other side of each link notices, the host does not."""
        self.host = None
        if not self.terminated.done():
            self.terminated.set_result(None)
        for connection in list(self.le_connections.values()):
            self.lose(connection)
        self.le_legacy_advertiser.stop()
        for advertising in self.advertising_sets.values():
            advertising.stop()
        self._air.controllers.discard(self)

    def lose(self, connection: Connection) -> None:
        """End a link as if nothing was heard any more, on both sides."""
        reason = hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR
        connection.send_ll_control_pdu(ll.TerminateInd(reason))
        self.on_le_disconnected(connection, reason)

    def hear(self, sender: str, packet: ll.AdvertisingPdu) -> None:
        """Receive an advertisement or connection request of the named radio."""
        self._hearing = self._air.strength(self.name, sender)
        self.on_ll_advertising_pdu(packet)

    def send_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """Report to the host; advertisements with the strength they really have."""
        match packet:
            case hci.HCI_LE_Extended_Advertising_Report_Event(reports=reports):
                packet = hci.HCI_LE_Extended_Advertising_Report_Event(
                    [replace(report, rssi=self._hearing) for report in reports]
                )
            case hci.HCI_LE_Advertising_Report_Event(reports=older):
                packet = hci.HCI_LE_Advertising_Report_Event(
                    [replace(report, rssi=self._hearing) for report in older]
                )
        super().send_hci_packet(packet)

    def create_le_connection(self, peer_address: hci.Address) -> None:
        """Connect; if the other side was taken meanwhile, fail as a real controller does."""
        super().create_le_connection(peer_address)
        connection = self.le_connections.get(peer_address)
        if connection is not None:
            asyncio.get_running_loop().call_soon(self._confirm, connection)

    def _confirm(self, connection: Connection) -> None:
        taken = any(
            link.self_address == connection.peer_address
            and link.peer_address == connection.self_address
            for radio in self._air.radios().values()
            for link in radio.le_connections.values()
        )
        if not taken and self.le_connections.get(connection.peer_address) is connection:
            self.on_le_disconnected(
                connection, hci.HCI_ErrorCode.CONNECTION_FAILED_TO_BE_ESTABLISHED_ERROR
            )

    def on_ll_control_pdu(self, sender_address: hci.Address, packet: ll.ControlPdu) -> None:
        """Ignore what belongs to a link that both sides ended at the same time."""
        if sender_address in self.le_connections:
            super().on_ll_control_pdu(sender_address, packet)

    def on_hci_disconnect_command(self, command: hci.HCI_Disconnect_Command) -> None:
        """Disconnect (volume 4, part E, 7.1.6); a link that is gone already is an error."""
        if self.find_connection_by_handle(command.connection_handle) is not None:
            super().on_hci_disconnect_command(command)
            return
        self._send_hci_command_status(
            hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR, command.op_code
        )

    def on_hci_le_create_connection_cancel_command(
        self, _command: hci.HCI_LE_Create_Connection_Cancel_Command
    ) -> hci.HCI_StatusReturnParameters:
        """Give up connecting (volume 4, part E, 7.8.13): the attempt ends with an event."""
        pending = self.pending_le_connection
        if pending is None:
            return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.COMMAND_DISALLOWED_ERROR)
        self.pending_le_connection = None
        asyncio.get_running_loop().call_soon(
            self.send_hci_packet,
            hci.HCI_LE_Connection_Complete_Event(
                status=hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
                connection_handle=0,
                role=hci.Role.CENTRAL,
                peer_address_type=pending.peer_address.address_type,
                peer_address=pending.peer_address,
                connection_interval=0,
                peripheral_latency=0,
                supervision_timeout=0,
                central_clock_accuracy=0,
            ),
        )
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)

    def on_hci_read_rssi_command(self, command: hci.HCI_Read_RSSI_Command) -> Any:
        """Answer Read RSSI (volume 4, part E, 7.5.4) for one link."""
        connection = self.find_le_connection_by_handle(command.handle)
        peer = self._air.find_le_controller(connection.peer_address) if connection else None
        known = connection is not None and peer is not None
        return hci.HCI_Read_RSSI_ReturnParameters(
            status=hci.HCI_ErrorCode.SUCCESS
            if known
            else hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
            handle=command.handle,
            rssi=self._air.strength(self.name, peer.name) if peer else 127,
        )


class _Plug(Transport):
    def __init__(self, controller: AirController) -> None:
        super().__init__(controller, AsyncPipeSink(controller))
        self.controller = controller

    async def close(self) -> None:
        """Pull the radio out."""
        self.controller.unplug()
