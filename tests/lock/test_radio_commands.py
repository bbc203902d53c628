"""Commands to the Bluetooth controller that nobody waits for any more."""

from __future__ import annotations

import asyncio

from bumble.hci import Address, HCI_Disconnect_Command, HCI_Read_BD_ADDR_Command
from bumble.transport.common import TransportSink

from nyckelfri.demo.airwaves import Airwaves
from nyckelfri.radio.bluetooth import power_off, power_on


class Slow:
    """A controller's ear that takes its time."""

    def __init__(self, sink: TransportSink) -> None:
        self._sink = sink

    def on_packet(self, packet: bytes) -> None:
        asyncio.get_running_loop().call_later(0.02, self._sink.on_packet, packet)


async def test_a_command_given_up_half_way_does_not_spoil_the_next_one() -> None:
    transport = await Airwaves().open("lock")
    device = await power_on(transport, Address("F0:F1:F2:F3:F4:F5"))
    device.host.set_packet_sink(Slow(transport.sink))
    no_link = HCI_Disconnect_Command(connection_handle=0x42, reason=0x13)
    given_up = asyncio.create_task(device.send_async_command(no_link))
    await asyncio.sleep(0.01)
    given_up.cancel()
    answer = await device.send_sync_command(HCI_Read_BD_ADDR_Command())
    assert isinstance(answer.bd_addr, Address)
    await power_off(device)
    await transport.close()
