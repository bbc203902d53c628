"""The controller goes away, stays silent or was never there: the lock's radio comes back."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import pytest
from radioworld import LIMIT, PAYLOAD, SOON, dial, echo, find, lock_radio, phone_radio, works

from nyckelfri.demo.airwaves import Airwaves
from nyckelfri.lock.adapters.radio_bumble import BumbleRadio, RadioSettings
from nyckelfri.phone import radio as phone_module
from nyckelfri.phone.radio import PhoneRadio
from nyckelfri.radio import bluetooth
from nyckelfri.radio.bluetooth import RadioError
from nyckelfri.radio.link import LinkClosed

if TYPE_CHECKING:
    from bumble.hci import HCI_Packet
    from bumble.transport.common import Transport

    from nyckelfri.lock.ports import Link


class Deaf:
    """The side of a controller that hears its host, and does not."""

    def on_packet(self, packet: bytes) -> None:
        """Do nothing."""


@pytest.fixture
async def air() -> Airwaves:
    return Airwaves()


async def test_a_controller_pulled_out_while_advertising_is_opened_again(
    air: Airwaves, caplog: pytest.LogCaptureFixture
) -> None:
    async with lock_radio(air, retry_first=0.05), phone_radio(air) as phone:
        await find(phone)
        air.radios()["lock"].unplug()
        await works(air)
    assert "next try in 0.1 s" in caplog.text


async def test_a_controller_pulled_out_during_a_link_ends_it_and_is_opened_again(
    air: Airwaves,
) -> None:
    ended: list[str] = []

    async def note(link: Link) -> None:
        try:
            await echo(link)
        except LinkClosed as error:
            ended.append(str(error))

    async with lock_radio(air, note, retry_first=0.05), phone_radio(air) as phone:
        link = await dial(phone)
        air.radios()["lock"].unplug()
        with pytest.raises(LinkClosed):
            await link.receive(SOON, LIMIT)
        await works(air)
    assert ended[0] == "the radio is gone"


async def test_a_controller_that_is_missing_is_tried_again_with_growing_pauses(
    air: Airwaves, caplog: pytest.LogCaptureFixture
) -> None:
    tries: list[str] = []

    async def plug_in_late(name: str) -> Transport:
        tries.append(name)
        if len(tries) < 4:
            raise FileNotFoundError(name)
        return await air.open(name)

    settings = RadioSettings("usb:0", retry_first=0.02, retry_longest=0.04, advertising_interval=20)
    radio = BumbleRadio(settings, open_transport=plug_in_late)
    await radio.advertise(PAYLOAD)
    serving = asyncio.create_task(radio.serve(echo))
    await works(air)
    await radio.stop()
    await serving
    pauses = [record.args[1] for record in caplog.records if isinstance(record.args, tuple)]
    assert pauses == [0.02, 0.04, 0.04]
    assert "open the transport: FileNotFoundError" in caplog.text


async def test_a_silent_controller_is_given_up_and_tried_again(
    air: Airwaves, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bluetooth, "POWER_ON_TIME", 0.05)
    tries: list[str] = []

    async def deaf_first(name: str) -> Transport:
        tries.append(name)
        transport = await air.open(name)
        if len(tries) == 1:
            transport.sink = Deaf()
        return transport

    radio = BumbleRadio(
        RadioSettings("lock", retry_first=0.02, advertising_interval=20), open_transport=deaf_first
    )
    await radio.advertise(PAYLOAD)
    serving = asyncio.create_task(radio.serve(echo))
    await works(air)
    await radio.stop()
    await serving
    assert "start the controller: no answer" in caplog.text
    assert len(tries) == 2


async def test_stop_does_not_wait_for_a_pause(air: Airwaves) -> None:
    async def never(name: str) -> Transport:
        raise FileNotFoundError(name)

    radio = BumbleRadio(RadioSettings("usb:0", retry_first=60.0), open_transport=never)
    serving = asyncio.create_task(radio.serve(echo))
    await asyncio.sleep(0.02)
    await radio.stop()
    await asyncio.wait_for(serving, SOON)


async def test_a_transport_name_that_nobody_knows_is_a_clear_error() -> None:
    with pytest.raises(RadioError, match="open the transport: TransportSpecError"):
        async with PhoneRadio("carrier-pigeon:1"):
            pass


async def test_a_phone_is_told_when_the_lock_is_gone_before_it_connects(
    air: Airwaves, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phone_module, "CONNECT_TIME", bluetooth.COMMAND_TIME + 0.1)
    async with phone_radio(air) as phone:
        async with lock_radio(air):
            found = await find(phone)
        with pytest.raises(LinkClosed, match="connect"):
            await phone.connect(found)
        async with lock_radio(air):
            link = await dial(phone)
            await link.send(b"x")
            assert await link.receive(SOON, LIMIT) == b"x"


async def test_a_phone_whose_controller_is_pulled_out_is_told_at_once(air: Airwaves) -> None:
    async with phone_radio(air) as phone:
        looking = asyncio.create_task(phone.find([PAYLOAD], 60.0))
        await asyncio.sleep(0.02)
        air.radios()["phone"].unplug()
        with pytest.raises(RadioError, match="went away"):
            await asyncio.wait_for(looking, SOON)


async def test_cancelling_serve_leaves_nothing_behind(
    air: Airwaves, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    radio = BumbleRadio(RadioSettings("lock", advertising_interval=20), open_transport=air.open)
    await radio.advertise(PAYLOAD)
    serving = asyncio.create_task(radio.serve(echo))
    async with phone_radio(air) as phone:
        await dial(phone)
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving
        assert "lock" not in air.radios()
    await asyncio.sleep(0.05)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_question_that_is_given_up_does_not_spoil_the_next_one(air: Airwaves) -> None:
    """Bumble gives an answer to whoever waits: it must never be somebody else's."""
    async with lock_radio(air), phone_radio(air) as phone:
        link = await dial(phone)
        controller = air.radios()["phone"]
        prompt = controller.send_hci_packet

        def slow(packet: HCI_Packet) -> None:
            asyncio.get_running_loop().call_later(0.01, prompt, packet)

        controller.send_hci_packet = slow  # type: ignore[method-assign]
        asking = asyncio.create_task(link.strength())
        await asyncio.sleep(0.005)
        asking.cancel()
        assert await phone.find([b"nobody's"], 0) is None
        assert await link.strength() == -50
