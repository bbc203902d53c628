"""What anybody can hear or read of a lock: eight bytes that change; all else is alike."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest
from bumble.hci import Address, LeFeatureMask
from radioworld import LIMIT, PAYLOAD, SOON, connect_only, dial, find, lock_radio, phone_radio

from nyckelfri.demo.airwaves import AirController, Airwaves
from nyckelfri.door import advert
from nyckelfri.door.clock import Mark, Reading
from nyckelfri.lock import program
from nyckelfri.lock.adapters.radio_bumble import BumbleRadio, RadioSettings
from nyckelfri.phone import airtime

if TYPE_CHECKING:
    from bumble import ll

    from nyckelfri.lock.ports import Link

KEYS = [bytes([number]) * 16 for number in (1, 2)]
ATT = 4
SIGNALLING = 5


@pytest.fixture
async def air() -> Airwaves:
    return Airwaves()


# Advertisements: one address a payload.


class Log:
    """Which addresses a payload was said under, and which payloads an address said."""

    def __init__(self, air: Airwaves) -> None:
        self.addresses: dict[bytes, set[str]] = defaultdict(set)
        self.payloads: dict[str, set[bytes]] = defaultdict(set)
        air.overhear = self._note

    def _note(self, sender: str, packet: ll.AdvertisingPdu) -> None:
        if sender == "lock":
            data, address = bytes(packet.data), str(packet.advertiser_address)  # type: ignore[attr-defined]
            self.addresses[data].add(address)
            self.payloads[address].add(data)


@pytest.mark.threat(63)
@pytest.mark.parametrize("extended", [True, False])
async def test_no_packet_ever_joins_an_hours_payload_to_another_hours_address(
    air: Airwaves, monkeypatch: pytest.MonkeyPatch, extended: bool
) -> None:
    """Seven hours go by, one of them during a link and one while a second phone may connect."""
    if not extended:
        older = AirController.le_features & ~LeFeatureMask.LE_EXTENDED_ADVERTISING
        monkeypatch.setattr(AirController, "le_features", older)
    log = Log(air)
    hours = [PAYLOAD, *(bytes([hour]) * 8 for hour in range(1, 7))]
    async with lock_radio(air) as radio, phone_radio(air) as phone, phone_radio(air, "2") as other:
        for number, payload in enumerate(hours):
            await radio.advertise(payload)
            await find(phone, payload)
            if number in (2, 4):
                link = await dial(phone, payload)
                await radio.advertise(hours[number + 1])
                if number == 4:
                    await find(other, hours[number + 1])
                await link.send(b"ab")
                assert await link.receive(SOON, LIMIT) == b"ba"
                await link.close()
    assert len(log.addresses) == len(hours)
    assert {len(seen) for seen in log.addresses.values()} == {1}
    assert {len(seen) for seen in log.payloads.values()} == {1}
    assert all(Address(address).is_random for address in log.payloads)


@pytest.mark.threat(63)
async def test_a_link_during_an_hour_does_not_change_its_address(air: Airwaves) -> None:
    """A second address under one payload would tell which connection was before which."""
    log = Log(air)
    async with lock_radio(air), phone_radio(air) as phone:
        for _ in range(3):
            await (await dial(phone)).close()
        await find(phone)
    assert [len(seen) for seen in log.addresses.values()] == [1]


@pytest.mark.threat(63)
async def test_addresses_come_from_keys_that_are_thrown_away(air: Airwaves) -> None:
    keys: list[bytes] = []

    def note(size: int) -> bytes:
        keys.append(bytes([len(keys)]) * size)
        return keys[-1]

    radio = BumbleRadio(
        RadioSettings("lock", advertising_interval=20), open_transport=air.open, random_bytes=note
    )
    serving = asyncio.create_task(radio.serve(_idle))
    async with phone_radio(air) as phone:
        for hour in range(3):
            await radio.advertise(bytes([hour]) * 8)
            await find(phone, bytes([hour]) * 8)
    await radio.stop()
    await serving
    assert len(keys) == len(set(keys)) == 4


async def _idle(link: Link) -> None:
    """Leave at once."""


# Two units side by side.

QUESTIONS = [
    *(
        (ATT, pdu)
        for pdu in (
            b"\x02\x05\x02",  # MTU
            b"\x10\x01\x00\xff\xff\x00\x28",  # primary services
            b"\x10\x01\x00\xff\xff\x01\x28",  # secondary services
            b"\x08\x01\x00\xff\xff\x03\x28",  # characteristics
            b"\x08\x01\x00\xff\xff\x02\x28",  # included services
            b"\x08\x01\x00\xff\xff\x00\x2a",  # device name
            b"\x08\x01\x00\xff\xff\x01\x2a",  # appearance
            b"\x08\x01\x00\xff\xff\x23\x2a",  # system id
            b"\x08\x01\x00\xff\xff\x25\x2a",  # serial number
            b"\x08\x01\x00\xff\xff\x2a\x2b",  # database hash
            b"\x0e\x01\x00\x02\x00",  # several at once
        )
    ),
    *((ATT, b"\x04" + bytes([handle, 0]) * 2) for handle in range(1, 16)),  # what is at a handle
    *((ATT, b"\x0a" + bytes([handle, 0])) for handle in range(1, 16)),  # read it
    *((ATT, b"\x0c" + bytes([handle, 0, 0, 0])) for handle in range(1, 16)),  # read it on
    (SIGNALLING, b"\x0a\x01\x02\x00\x02\x00"),  # L2CAP information
    (SIGNALLING, b"\x14\x01\x0a\x00\x27\x00\x40\x00\x40\x00\x40\x00\x01\x00"),  # a channel
]


async def everything(air: Airwaves, name: str, payload: bytes) -> list[tuple[int, bytes]]:
    """Every byte that a lock answers to every question that a stranger may think of."""
    answers: list[tuple[int, bytes]] = []
    async with phone_radio(air, name) as phone:
        connection = await connect_only(phone, payload)
        heard: asyncio.Queue[tuple[int, bytes]] = asyncio.Queue()
        channels = phone._device.l2cap_channel_manager
        channels.on_pdu = lambda _connection, channel, pdu: heard.put_nowait((channel, pdu))  # type: ignore[assignment, method-assign]
        for channel, pdu in QUESTIONS:
            connection.send_l2cap_pdu(channel, pdu)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.1):
                    answers.append(await heard.get())
    return answers


@pytest.mark.threat(63)
async def test_two_units_differ_in_nothing_that_a_stranger_can_read(air: Airwaves) -> None:
    said: list[list[tuple[int, bytes]]] = []
    packets: list[bytes] = []
    for key in KEYS:
        payload = advert.pseudonym(key, 500_000)

        def note(sender: str, packet: ll.AdvertisingPdu) -> None:
            if sender == "lock":
                packets.append(bytes(packet.data))  # type: ignore[attr-defined]

        async with lock_radio(air) as radio:
            await radio.advertise(payload)
            async with phone_radio(air) as phone:
                air.overhear = note
                await find(phone, payload)
                air.overhear = lambda *_: None
            (advertising,) = air.radios()["lock"].advertising_sets.values()
            assert bytes(advertising.scan_response_data) == b""
            said.append(await everything(air, "stranger", payload))
        assert packets[-1] == b"\x0b\xff\xff\xff" + payload
    assert said[0] == said[1]
    assert len(said[0]) == len(QUESTIONS), "a question went unanswered: nothing was compared"
    whole = b"".join(pdu for _, pdu in said[0])
    assert not any(advert.pseudonym(key, 500_000) in whole for key in KEYS)


@pytest.mark.threat(63)
async def test_a_stranger_who_connects_learns_no_more_when_the_unit_is_served_again(
    air: Airwaves,
) -> None:
    """Neither a phone that was there nor what it wrote leaves a trace in what can be read."""
    async with lock_radio(air), phone_radio(air) as phone:
        before = await everything(air, "stranger", PAYLOAD)
        link = await dial(phone)
        await link.send(b"here lives")
        await link.receive(SOON, LIMIT)
        during = await everything(air, "stranger", PAYLOAD)
        await link.close()
        after = await everything(air, "stranger", PAYLOAD)
    assert before == during == after


# Which payload when, and who knows it.


@pytest.mark.threat(63)
def test_the_payload_changes_with_the_hour_and_is_another_one_for_each_lock() -> None:
    said = [
        program.payload(key, Reading(time, Mark.SET)) for key in KEYS for time in (0, 3599, 3600)
    ]
    assert said[0] == said[1]
    assert len(set(said)) == 4


@pytest.mark.threat(63)
def test_a_lost_clock_says_so_to_those_who_hold_the_radio_key_and_to_nobody_else() -> None:
    lost = [program.payload(key, Reading(7200, Mark.LOST)) for key in KEYS]
    assert lost[0] != lost[1]
    found = airtime.pseudonyms([(b"door", KEYS[0])], 10**9)
    assert found[lost[0]] == airtime.Pseudonym(b"door", lost=True)
    assert lost[1] not in found


@pytest.mark.parametrize(
    ("hours", "heard"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_phone_knows_a_lock_whose_clock_is_an_hour_off_and_no_more(
    hours: int, heard: bool
) -> None:
    now = 10**9
    there = program.payload(KEYS[0], Reading(now + hours * advert.HOUR, Mark.SET))
    assert (there in airtime.pseudonyms([(b"door", KEYS[0])], now)) is heard
