"""Storms: many connections, many packets, packets of every wrong shape; memory stays bounded."""

from __future__ import annotations

import asyncio
import contextlib
import random
import struct
from typing import TYPE_CHECKING, Any

import pytest
from bumble.core import PhysicalTransport
from radioworld import LIMIT, SOON, Counting, connect_only, dial, lock_radio, phone_radio, works

from nyckelfri.demo.airwaves import Airwaves
from nyckelfri.lock.adapters import radio_bumble, station
from nyckelfri.lock.adapters.gatt import WAITING_INBOX
from nyckelfri.radio.link import INBOX_LIMIT, LinkClosed

if TYPE_CHECKING:
    from bumble.device import Device

    from nyckelfri.phone.radio import PhoneLink

ATT, SIGNALLING, SMP = 4, 5, 6


@pytest.fixture
async def air() -> Airwaves:
    return Airwaves(seed=1)


@pytest.fixture
def stations(monkeypatch: pytest.MonkeyPatch) -> list[station.Station]:
    """The stations that the lock's radio opens, to look at what they hold."""
    made: list[station.Station] = []

    class Seen(station.Station):
        def __init__(self, *words: Any) -> None:
            super().__init__(*words)
            made.append(self)

    monkeypatch.setattr(radio_bumble, "Station", Seen)
    return made


def held(one: station.Station) -> dict[str, int]:
    """How much of everything a station and its stack hold."""
    device: Device = one._device
    channels = device.l2cap_channel_manager
    queue = device.host.le_acl_packet_queue
    assert queue is not None
    return {
        "links": len(one._service.links),
        "queue": len(one._queue),
        "tasks": len(one._tasks),
        "connections": len(device.connections),
        "host connections": len(device.host.connections),
        "subscribers": len(device.gatt_server.subscribers),
        "prepared": len(device.gatt_server.prepared_writes),
        "semaphores": len(device.gatt_server.indication_semaphores),
        "channels": sum(map(len, channels.channels.values())),
        "credit channels": sum(map(len, channels.le_coc_channels.values())),
        "packets": queue.pending,
        "sets": len(device.extended_advertising_sets),
    }


@pytest.mark.threat(16)
async def test_a_storm_of_connections_leaves_nothing_behind(
    air: Airwaves, stations: list[station.Station]
) -> None:
    """Connecting and vanishing, at every stage, two hundred times from four radios."""
    most: dict[str, int] = {}

    async def storm(name: str, rounds: int) -> None:
        chance = random.Random(name)  # noqa: S311 - repeatable, no secret
        async with phone_radio(air, name) as phone:
            for _ in range(rounds):
                with contextlib.suppress(LinkClosed, AssertionError):
                    link = await dial(phone)
                    if chance.random() < 0.5:
                        await link.send(b"hello")
                    for what, size in held(stations[0]).items():
                        most[what] = max(most.get(what, 0), size)
                    air.drop(name)

    async with lock_radio(air, Counting()), asyncio.timeout(30):
        async with asyncio.TaskGroup() as group:
            for number in range(4):
                group.create_task(storm(f"storm {number}", 50))
        await works(air)
        await asyncio.sleep(0.1)
        after = held(stations[0])
    # Two places, and now and then one that is just being closed.
    assert most["links"] <= station.PLACES
    assert most["tasks"] <= station.PLACES + 1
    assert most["sets"] <= 1
    assert {what: size for what, size in after.items() if size} == {"sets": 1}


@pytest.mark.threat(16)
async def test_no_link_ever_keeps_more_than_its_inbox(
    air: Airwaves, stations: list[station.Station]
) -> None:
    async def busy(_link: object) -> None:
        await asyncio.Event().wait()

    async def pour(link: PhoneLink) -> None:
        with contextlib.suppress(LinkClosed):
            for _ in range(1000):
                await link._send_piece(bytes(500))

    async with (
        lock_radio(air, busy, handler_grace=0.05),
        phone_radio(air, "first") as first,
        phone_radio(air, "second") as second,
    ):
        links = [await dial(first), await dial(second)]
        ours = list(stations[0]._service.links)
        assert [link.inbox_limit for link in ours] == [INBOX_LIMIT, WAITING_INBOX]
        await asyncio.gather(*map(pour, links))
        assert [len(link._assembler) <= link.inbox_limit for link in ours] == [True, True]
        assert [link.why for link in ours] == ["the other side sends more than anybody reads"] * 2


def l2cap(code: int, *fields: int, length: int | None = None) -> bytes:
    """A signalling packet; `length` lies about its size."""
    body = struct.pack(f"<{len(fields)}H", *fields)
    return struct.pack("<BBH", code, 1, len(body) if length is None else length) + body


SHAPES = {
    "no packet": (SIGNALLING, b""),
    "half a header": (SIGNALLING, b"\x01\x01"),
    "length too long": (SIGNALLING, l2cap(0x12, 6, 6, 0, 10, length=500)),
    "length too short": (SIGNALLING, l2cap(0x12, 6, 6, 0, 10, length=1)),
    "unknown code": (SIGNALLING, l2cap(0x7F)),
    "reject": (SIGNALLING, l2cap(0x01, 0)),
    "connection to GATT": (SIGNALLING, l2cap(0x02, 0x1F, 0x40)),
    "connection to SDP": (SIGNALLING, l2cap(0x02, 0x01, 0x40)),
    "configuration of no channel": (SIGNALLING, l2cap(0x04, 0x40, 0)),
    "answer to no question": (SIGNALLING, l2cap(0x03, 0x40, 0x40, 0, 0)),
    "disconnection of no channel": (SIGNALLING, l2cap(0x06, 0x40, 0x40)),
    "connection parameters": (SIGNALLING, l2cap(0x12, 1, 9, 600, 1)),
    "connection parameters, answered": (SIGNALLING, l2cap(0x13, 0)),
    "credit channel to EATT": (SIGNALLING, l2cap(0x14, 0x27, 0x40, 64, 64, 1)),
    "credit channel to nobody": (SIGNALLING, l2cap(0x14, 0x81, 0, 0, 0, 0)),
    "credit channel, answered": (SIGNALLING, l2cap(0x15, 0x40, 64, 64, 1, 0)),
    "credits for no channel": (SIGNALLING, l2cap(0x16, 0x40, 0xFFFF)),
    "enhanced credit channels": (SIGNALLING, l2cap(0x17, 0x27, 64, 64, 1, *range(0x40, 0x45))),
    "enhanced, answered": (SIGNALLING, l2cap(0x18, 64, 64, 1, 0, 0x40)),
    "reconfigure": (SIGNALLING, l2cap(0x19, 64, 64, 0x40)),
    "classic signalling": (1, l2cap(0x02, 0x01, 0x40)),
    "echo of much": (SIGNALLING, b"\x08\x01\xe8\x03" + bytes(1000)),
    "pairing": (SMP, b"\x01\x03\x00\x01\x10\x07\x07"),
    "security request": (SMP, b"\x0b\x01"),
    "no fixed channel": (0x3F, b"hello"),
    "channel 0": (0, b"hello"),
    "MTU 1": (ATT, b"\x02\x01\x00"),
    "MTU 65535": (ATT, b"\x02\xff\xff"),
    "MTU answered": (ATT, b"\x03\xff\xff"),
    "write of nothing": (ATT, b"\x12\x08\x00"),
    "subscription of one byte": (ATT, b"\x12\x0b\x00\x01"),
    "subscription of many bytes": (ATT, b"\x12\x0b\x00" + b"\x01" * 512),
    "prepared beyond the end": (ATT, b"\x16\x07\x00\xff\xff" + bytes(18)),
    "notification": (ATT, b"\x1b\x07\x00hello"),
    "indication": (ATT, b"\x1d\x07\x00hello"),
    "many handles": (ATT, b"\x20" + b"\x03\x00" * 200),
}


@pytest.mark.threat(18)
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
@pytest.mark.parametrize("waits", [False, True], ids=["served", "waiting"])
async def test_a_packet_of_a_wrong_shape_harms_neither_its_own_link_nor_the_other(
    air: Airwaves, shape: tuple[int, bytes], waits: bool
) -> None:
    """Nor does it raise anything in the transport below, which a real one might not survive."""
    raised: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, what: raised.append(what))
    async with (
        lock_radio(air),
        phone_radio(air, "first") as first,
        phone_radio(air, "second") as second,
    ):
        serving, waiting = await dial(first), await dial(second)
        sender = waiting if waits else serving
        sender.connection.send_l2cap_pdu(*shape)
        for link in (serving, waiting):
            await link.send(b"still here")
            assert await link.receive(SOON, LIMIT) == b"ereh llits"
            await link.close()
    assert not raised


@pytest.mark.threat(18)
async def test_the_mtu_may_be_agreed_on_again_and_again(air: Airwaves) -> None:
    async with lock_radio(air), phone_radio(air) as attacker:
        link = await dial(attacker)
        for mtu in [0, 1, 22, 23, 24, 100, 517, 518, 65_535, 23] * 3:
            link.connection.send_l2cap_pdu(ATT, b"\x02" + mtu.to_bytes(2, "little"))
        await link.send(bytes(300))
        assert await link.receive(SOON, LIMIT) == bytes(300)


@pytest.mark.threat(18)
@pytest.mark.parametrize("size", [513, 1000, 60_000])
@pytest.mark.parametrize("opcode", [b"\x52", b"\x12"], ids=["command", "request"])
async def test_a_write_longer_than_an_attribute_is_not_taken(
    air: Airwaves, opcode: bytes, size: int
) -> None:
    async with lock_radio(air), phone_radio(air) as attacker:
        link = await dial(attacker)
        handle = link._to_lock.to_bytes(2, "little")
        link.connection.send_l2cap_pdu(ATT, opcode + handle + bytes(size))
        await link.send(b"still here")
        assert await link.receive(SOON, LIMIT) == b"ereh llits"


@pytest.mark.threat(18)
async def test_prepared_writes_are_counted_and_gone_with_their_link(
    air: Airwaves, stations: list[station.Station]
) -> None:
    async with lock_radio(air), phone_radio(air) as attacker:
        link = await dial(attacker)
        for _ in range(500):
            piece = b"\x16" + bytes([link._to_lock, 0, 0, 0]) + bytes(500)
            link.connection.send_l2cap_pdu(ATT, piece)
        await asyncio.sleep(0.1)
        prepared = stations[0]._device.gatt_server.prepared_writes
        assert sum(len(writes) for writes in prepared.values()) <= 64
        await link.close()
        await works(air)
        assert not prepared


@pytest.mark.threat(18)
@pytest.mark.parametrize(
    "start", [b"\xff\xff\x04\x00", b"\x00", b"\x05\x00\x04\x00" + bytes(99), b""], ids=repr
)
async def test_a_packet_whose_end_never_comes_costs_its_sender_its_link_at_most(
    air: Airwaves, start: bytes
) -> None:
    """Its length says more, less or nothing at all."""
    async with lock_radio(air, lifetime=0.5, subscribe_within=0.3), phone_radio(air) as attacker:
        await connect_only(attacker)
        radio = air.radios()["phone"]
        for link in list(radio.le_connections.values()):
            for _ in range(3):
                air.send_acl_data(radio, link.peer_address, PhysicalTransport.LE, start)
        await works(air)
