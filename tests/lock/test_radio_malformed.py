"""Malformed framing and malformed PDUs: they cost the sender its link at most."""

from __future__ import annotations

import asyncio
import contextlib
import random
from typing import TYPE_CHECKING

import pytest
from bumble import att
from radioworld import LIMIT, SOON, closes, dial, lock_radio, phone_radio, raw, works

from nyckelfri.demo.airwaves import Airwaves

if TYPE_CHECKING:
    from bumble.gatt_client import Client

    from nyckelfri.lock.ports import Link


@pytest.fixture
async def air() -> Airwaves:
    return Airwaves()


async def readable(client: Client, attributes: int) -> list[bytes]:
    values = []
    for handle in range(1, attributes + 1):
        with contextlib.suppress(att.ATT_Error):
            values.append(await client.read_value(handle))
    return values


@pytest.mark.threat(13)
@pytest.mark.threat(18)
@pytest.mark.parametrize(
    "stream",
    [b"\x00\x00", b"\x00\x41", b"\xff\xff", b"\x00\x02ok\x00\x00", b"\x00\x02ok" + b"\xff" * 600],
    ids=["length 0", "one over the limit", "longest", "length 0 later", "garbage later"],
)
async def test_malformed_framing_closes_the_link_and_the_radio_goes_on(
    air: Airwaves, stream: bytes
) -> None:
    async def strict(link: Link) -> None:
        while True:
            await link.send(await link.receive(SOON, 64))

    async with lock_radio(air, strict), phone_radio(air) as attacker:
        link = await dial(attacker)
        await raw(link, stream)
        if b"ok" in stream:
            assert await link.receive(SOON, LIMIT) == b"ok"
        await closes(link)
        link = await dial(attacker)
        await link.send(b"again")
        assert await link.receive(SOON, LIMIT) == b"again"


MALFORMED = {
    "no opcode": b"",
    "unknown opcode": b"\x3f\x01\x02",
    "unknown command": b"\x7f",
    "opcode of a response": b"\x1b\x05\x00x",
    "truncated write": b"\x12\x01",
    "truncated MTU": b"\x02\x17",
    "MTU 0": b"\x02\x00\x00",
    "write to handle 0": b"\x12\x00\x00xyz",
    "write to a handle that is not there": b"\x12\xff\xffxyz",
    "command to a handle that is not there": b"\x52\xff\xffxyz",
    "read of everything": b"\x08\x01\x00\xff\xff\x00\x28",
    "handles the wrong way round": b"\x04\xff\xff\x01\x00",
    "signed write": b"\xd2\x05\x00" + bytes(13),
    "execute without prepare": b"\x18\x01",
    "confirmation nobody asked for": b"\x1e",
}


@pytest.mark.threat(18)
@pytest.mark.parametrize("pdu", MALFORMED.values(), ids=MALFORMED.keys())
async def test_a_malformed_attribute_pdu_changes_nothing(air: Airwaves, pdu: bytes) -> None:
    async with lock_radio(air), phone_radio(air) as attacker:
        link = await dial(attacker)
        link.connection.send_l2cap_pdu(att.ATT_CID, pdu)
        await link.send(b"still here")
        assert await link.receive(SOON, LIMIT) == b"ereh llits"


@pytest.mark.threat(18)
@pytest.mark.parametrize("seed", range(4))
async def test_a_storm_of_random_pdus_on_every_channel_does_not_stop_the_radio(
    air: Airwaves, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - repeatable noise, no secret
    async with lock_radio(air), phone_radio(air) as attacker:
        link = await dial(attacker)
        for _ in range(200):
            channel = chance.choice([1, 4, 4, 4, 5, 6, 7, 0x40, 0xFFFF])
            link.connection.send_l2cap_pdu(channel, chance.randbytes(chance.randrange(60)))
        await asyncio.sleep(0.1)
        await link.close()
        await works(air)


@pytest.mark.threat(18)
@pytest.mark.parametrize("handle", range(1, 12))
async def test_a_stranger_can_rewrite_neither_name_nor_services(air: Airwaves, handle: int) -> None:
    async with lock_radio(air), phone_radio(air) as attacker:
        link = await dial(attacker)
        client = link.connection.gatt_client
        before = await client.discover_attributes()
        for request in (
            att.ATT_Write_Request(attribute_handle=handle, attribute_value=b"here lives"),
            att.ATT_Prepare_Write_Request(
                attribute_handle=handle, value_offset=0, part_attribute_value=b"here lives"
            ),
            att.ATT_Execute_Write_Request(flags=1),
        ):
            await client.send_request(request)
        await client.send_command(
            att.ATT_Write_Command(attribute_handle=handle, attribute_value=b"here lives")
        )
        await link.close()
        link = await dial(attacker)
        client = link.connection.gatt_client
        assert [str(a) for a in await client.discover_attributes()] == [str(a) for a in before]
        assert b"here lives" not in await readable(client, len(before))
        await link.send(b"x")
        assert await link.receive(SOON, LIMIT) == b"x"


@pytest.mark.threat(18)
async def test_a_message_written_as_long_and_prepared_writes_is_one_message(air: Airwaves) -> None:
    async with lock_radio(air), phone_radio(air, mtu=23) as phone:
        link = await dial(phone)
        await link.connection.gatt_client.write_value(
            link._to_lock, b"\x00\x30" + bytes(48), with_response=True
        )
        assert await link.receive(SOON, LIMIT) == bytes(48)
