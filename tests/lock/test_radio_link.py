"""What a lock's radio does for a phone that behaves."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import pytest
from bumble.core import UUID
from bumble.hci import Address, HCI_ErrorCode, HCI_Read_RSSI_ReturnParameters, LeFeatureMask
from radioworld import LIMIT, PAYLOAD, SOON, dial, echo, find, lock_radio, phone_radio, works

from nyckelfri.demo.airwaves import AirController, Airwaves
from nyckelfri.door.framing import SERVICE_UUID
from nyckelfri.lock.adapters.radio_bumble import BumbleRadio, RadioSettings
from nyckelfri.phone.radio import PhoneRadio
from nyckelfri.radio.bluetooth import power_on
from nyckelfri.radio.link import LinkClosed, LinkTimeout

if TYPE_CHECKING:
    from bumble.device import Advertisement

    from nyckelfri.lock.ports import Link

OTHER = b"\x11\x12\x13\x14\x15\x16\x17\x18"


@pytest.fixture
async def air() -> Airwaves:
    return Airwaves()


async def advertised(phone: PhoneRadio) -> Advertisement:
    """The next advertisement of anybody, as the phone's controller reports it."""
    heard: asyncio.Future[Advertisement] = asyncio.get_running_loop().create_future()
    device = phone._device
    device.on("advertisement", lambda a: None if heard.done() else heard.set_result(a))
    await device.start_scanning(active=True)
    async with asyncio.timeout(SOON):
        advertisement = await heard
    await device.stop_scanning()
    return advertisement


@pytest.mark.sentence(92)
@pytest.mark.parametrize("mtu", [23, 24, 185, 247, 517])
async def test_messages_of_every_boundary_length_pass_both_ways(air: Airwaves, mtu: int) -> None:
    lengths = [1, 23, 24, 255, 256] + ([65_535] if mtu == 517 else [3000])
    async with lock_radio(air), phone_radio(air, mtu=mtu) as phone:
        link = await dial(phone)
        assert link.connection.att_mtu == mtu
        for length in lengths:
            message = bytes(index % 251 for index in range(length))
            await link.send(message)
            assert await link.receive(SOON, LIMIT) == message[::-1]


async def test_no_notification_is_longer_than_the_mtu_allows(air: Airwaves) -> None:
    async with lock_radio(air), phone_radio(air, mtu=23) as phone:
        link = await dial(phone)
        pieces: list[int] = []
        for listeners in link.connection.gatt_client.notification_subscribers.values():
            listeners.add(lambda piece: pieces.append(len(piece)))
        await link.send(bytes(100))
        assert len(await link.receive(SOON, LIMIT)) == 100
        assert pieces == [20, 20, 20, 20, 20, 2]


async def test_many_messages_may_be_under_way_at_once(air: Airwaves) -> None:
    async with lock_radio(air), phone_radio(air) as phone:
        link = await dial(phone)
        messages = [bytes([number]) * (number + 1) for number in range(100)]
        for message in messages:
            await link.send(message)
        assert [await link.receive(SOON, LIMIT) for _ in messages] == messages


@pytest.mark.threat(63)
async def test_the_advertisement_is_the_payload_and_nothing_else(air: Airwaves) -> None:
    async with lock_radio(air), phone_radio(air) as phone:
        advertisement = await advertised(phone)
        assert bytes(advertisement.data) == b"\x0b\xff\xff\xff" + PAYLOAD
        assert advertisement.address.is_resolvable
        assert advertisement.is_connectable


@pytest.mark.threat(63)
async def test_the_services_tell_nothing(air: Airwaves) -> None:
    async with lock_radio(air), phone_radio(air) as phone:
        link = await dial(phone)
        client = link.connection.gatt_client
        services = await client.discover_services()
        assert [service.uuid for service in services] == [UUID(0x1800, ""), UUID(SERVICE_UUID)]
        assert await client.read_characteristics_by_uuid(UUID(0x2A00, ""), None) == [b"-"]
        assert await client.read_characteristics_by_uuid(UUID(0x2A01, ""), None) == [b"\0\0"]


async def test_pairing_is_not_offered(air: Airwaves) -> None:
    async with lock_radio(air), phone_radio(air) as phone:
        link = await dial(phone)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(link.connection.pair(), 0.1)
        assert not link.connection.is_encrypted
        await link.send(b"still here")
        assert await link.receive(SOON, LIMIT)


@pytest.mark.threat(63)
async def test_payload_and_address_change_together_while_advertising(air: Airwaves) -> None:
    async with lock_radio(air) as radio, phone_radio(air) as phone:
        before = await find(phone)
        await radio.advertise(OTHER)
        after = await find(phone, OTHER)
        assert await phone.find([PAYLOAD], 0.1) is None
        assert after.address != before.address
        link = await phone.connect(after)
        await link.send(b"x")
        assert await link.receive(SOON, LIMIT) == b"x"


async def test_a_payload_that_changes_during_a_link_is_on_air_after_it(air: Airwaves) -> None:
    async with lock_radio(air) as radio, phone_radio(air) as phone:
        link = await dial(phone)
        await radio.advertise(OTHER)
        await link.send(b"undisturbed")
        assert await link.receive(SOON, LIMIT)
        await link.close()
        await find(phone, OTHER)
        assert await phone.find([PAYLOAD], 0.1) is None


async def test_nothing_is_advertised_before_there_is_a_payload(air: Airwaves) -> None:
    radio = BumbleRadio(RadioSettings("lock", advertising_interval=20), open_transport=air.open)
    serving = asyncio.create_task(radio.serve(echo))
    async with phone_radio(air) as phone:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(advertised(phone), 0.1)
        await phone._device.stop_scanning()
        await radio.advertise(PAYLOAD)
        await find(phone)
    await radio.stop()
    await serving


async def test_a_payload_of_another_length_is_refused(air: Airwaves) -> None:
    async with lock_radio(air) as radio:
        with pytest.raises(ValueError, match="8 bytes"):
            await radio.advertise(b"short")


async def test_a_phone_finds_only_what_it_looks_for(air: Airwaves) -> None:
    async with lock_radio(air), phone_radio(air) as phone:
        assert await phone.find([OTHER], 0.1) is None
        assert await phone.find([], 0.05) is None
        assert (await find(phone)).payload == PAYLOAD


@pytest.mark.parametrize("interval", [19, 1001])
def test_an_advertising_interval_out_of_range_is_refused(interval: int) -> None:
    with pytest.raises(ValueError, match="20 to 1000"):
        RadioSettings("lock", advertising_interval=interval)


@pytest.mark.sentence(7)
async def test_the_lock_reads_the_strength_of_the_link_it_serves(air: Airwaves) -> None:
    heard: list[int | None] = []

    async def listen(link: Link) -> None:
        while True:
            await link.receive(SOON, LIMIT)
            heard.append(await link.strength())
            await link.send(b"noted")

    async with lock_radio(air, listen), phone_radio(air) as phone:
        for dbm in (-40, -75, -92):
            air.set_strength("lock", "phone", dbm)
            found = await find(phone)
            assert found.strength == dbm
            link = await phone.connect(found)
            await link.send(b"listen")
            await link.receive(SOON, LIMIT)
            assert await link.strength() == dbm
            await link.close()
    assert heard == [-40, -75, -92]


@pytest.mark.parametrize(
    ("status", "dbm"), [(HCI_ErrorCode.UNKNOWN_HCI_COMMAND_ERROR, 0), (HCI_ErrorCode.SUCCESS, 127)]
)
async def test_a_strength_that_the_controller_does_not_know_is_none(
    air: Airwaves, status: HCI_ErrorCode, dbm: int
) -> None:
    heard: list[int | None] = []

    async def listen(link: Link) -> None:
        heard.append(await link.strength())
        await link.close()
        heard.append(await link.strength())

    async with lock_radio(air, listen), phone_radio(air) as phone:
        found = await find(phone)
        air.radios()["lock"].on_hci_read_rssi_command = (  # type: ignore[method-assign]
            lambda command: HCI_Read_RSSI_ReturnParameters(status, command.handle, dbm)
        )
        link = await phone.connect(found)
        with pytest.raises(LinkClosed):
            await link.receive(SOON, LIMIT)
    assert heard == [None, None]


async def test_what_was_sent_last_arrives_before_the_link_ends(
    air: Airwaves, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also with a controller so small that most of the answer still waits in the host."""
    monkeypatch.setattr(AirController, "total_num_le_acl_data_packets", 2)

    async def answer_and_leave(link: Link) -> None:
        await link.send(await link.receive(SOON, LIMIT))

    async with lock_radio(air, answer_and_leave), phone_radio(air, mtu=23) as phone:
        for _ in range(3):
            link = await dial(phone)
            await link.send(bytes(400))
            assert await link.receive(SOON, LIMIT) == bytes(400)
            with pytest.raises(LinkClosed):
                await link.receive(SOON, LIMIT)
            with pytest.raises(LinkClosed):
                await link.send(b"too late")


async def test_a_message_that_came_whole_can_be_read_after_the_phone_left(air: Airwaves) -> None:
    got: list[bytes] = []

    async def slow(link: Link) -> None:
        await asyncio.sleep(0.1)
        got.append(await link.receive(SOON, LIMIT))

    async with lock_radio(air, slow), phone_radio(air) as phone:
        link = await dial(phone)
        await link.send(b"last word")
        await link.close()
        await asyncio.sleep(0.15)
    assert got == [b"last word"]


async def test_receiving_times_out_and_the_link_lives_on(air: Airwaves) -> None:
    async with lock_radio(air), phone_radio(air) as phone:
        link = await dial(phone)
        with pytest.raises(LinkTimeout, match="no whole message"):
            await link.receive(0.05, LIMIT)
        await link.send(b"ab")
        assert await link.receive(SOON, LIMIT) == b"ba"


async def test_stop_ends_link_and_serve_and_a_new_radio_can_start(air: Airwaves) -> None:
    async with phone_radio(air) as phone:
        async with lock_radio(air) as radio:
            link = await dial(phone)
            await radio.stop()
            with pytest.raises(LinkClosed):
                await link.receive(SOON, LIMIT)
        assert "lock" not in air.radios()
    async with lock_radio(air):
        await works(air)


async def test_a_device_without_our_service_is_no_lock(air: Airwaves) -> None:
    stranger = await power_on(await air.open("stranger"), Address.generate_static_address())
    await stranger.start_advertising(
        advertising_data=b"\x0b\xff\xff\xff" + PAYLOAD, advertising_interval_min=20
    )
    async with phone_radio(air) as phone:
        with pytest.raises(LinkClosed, match="no lock of ours"):
            await dial(phone)
    await stranger.stop_advertising()


async def test_logs_hold_no_byte_of_what_was_said(
    air: Airwaves, caplog: pytest.LogCaptureFixture
) -> None:
    secret = b"5ecret-grant"

    async def fail(link: Link) -> None:
        message = await link.receive(SOON, LIMIT)
        raise ValueError(message.decode(), message.hex())

    caplog.set_level(logging.DEBUG)
    async with lock_radio(air, fail), phone_radio(air) as phone:
        link = await dial(phone)
        await link.send(secret)
        with pytest.raises(LinkClosed):
            await link.receive(SOON, LIMIT)
        await find(phone)
    assert "a handler failed with ValueError at" in caplog.text
    assert "test_radio_link.py" in caplog.text
    assert secret.decode() not in caplog.text
    assert secret.hex() not in caplog.text
    assert str(link.connection.peer_address) not in caplog.text


async def test_one_phone_after_the_other_is_served(air: Airwaves) -> None:
    async with lock_radio(air, echo):
        for number in range(5):
            await works(air, f"phone {number}")


@pytest.mark.parametrize("side", ["lock", "phone"])
async def test_a_controller_without_extended_advertising_will_do(
    air: Airwaves, monkeypatch: pytest.MonkeyPatch, side: str
) -> None:
    """Bluetooth 4 sticks have only the older commands."""
    older = AirController.le_features & ~LeFeatureMask.LE_EXTENDED_ADVERTISING
    if side == "lock":
        monkeypatch.setattr(AirController, "le_features", older)
    air.set_strength("lock", "phone", -66)
    async with lock_radio(air) as radio:
        await works(air, "first")
        monkeypatch.undo()
        if side == "phone":
            monkeypatch.setattr(AirController, "le_features", older)
        await radio.advertise(OTHER)
        async with phone_radio(air) as phone:
            found = await find(phone, OTHER)
            assert found.strength == -66
            link = await phone.connect(found)
            await link.send(b"x")
            assert await link.receive(SOON, LIMIT) == b"x"
