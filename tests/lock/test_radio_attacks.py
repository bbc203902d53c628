"""What a lock's radio survives: held links and vanishing phones."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from radioworld import (
    LIMIT,
    SOON,
    Counting,
    closes,
    connect_only,
    dial,
    echo,
    ended,
    find,
    lock_radio,
    phone_radio,
    raw,
    works,
)

from nyckelfri.demo.airwaves import Airwaves
from nyckelfri.radio.link import INBOX_LIMIT, LinkClosed, LinkError, LinkTimeout

if TYPE_CHECKING:
    from nyckelfri.lock.ports import Link
    from nyckelfri.phone.radio import PhoneLink


@pytest.fixture
async def air() -> Airwaves:
    return Airwaves()


async def chatter(link: PhoneLink) -> None:
    while True:
        await link.send(b"x")
        await link.receive(SOON, LIMIT)


async def drip(link: PhoneLink, data: bytes) -> None:
    for byte in data:
        await raw(link, bytes([byte]))
        await asyncio.sleep(0.02)


# Threat 16: connections that are held open


@pytest.mark.threat(16)
async def test_a_connection_that_never_subscribes_is_cut_and_the_next_phone_is_served(
    air: Airwaves,
) -> None:
    handler = Counting()
    async with lock_radio(air, handler, subscribe_within=0.1), phone_radio(air) as attacker:
        await ended(await connect_only(attacker))
        assert handler.served == 0
        await works(air)


@pytest.mark.threat(16)
async def test_a_link_is_cut_at_the_end_of_its_lifetime_however_busy_it_is(air: Airwaves) -> None:
    async with lock_radio(air, lifetime=0.3), phone_radio(air) as attacker:
        link = await dial(attacker)
        began = asyncio.get_running_loop().time()
        with pytest.raises(LinkClosed):
            await chatter(link)
        assert asyncio.get_running_loop().time() - began < 1
        await works(air)


@pytest.mark.threat(16)
async def test_one_byte_at_a_time_does_not_stretch_the_time_for_a_message(air: Airwaves) -> None:
    why: list[LinkError] = []

    async def impatient(link: Link) -> None:
        try:
            await link.receive(0.2, 64)
        except LinkError as error:
            why.append(error)
            raise
        await echo(link)

    async with lock_radio(air, impatient), phone_radio(air) as attacker:
        link = await dial(attacker)
        with pytest.raises(LinkClosed):
            await drip(link, b"\x00\x30" + bytes(48))
        assert isinstance(why[0], LinkTimeout)


@pytest.mark.threat(16)
async def test_a_handler_that_outlives_its_link_is_cancelled_and_the_next_phone_is_served(
    air: Airwaves,
) -> None:
    cancelled: list[bool] = []

    async def hang(link: Link) -> None:
        if cancelled:
            return await echo(link)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    async with (
        lock_radio(air, hang, lifetime=0.1, handler_grace=0.1),
        phone_radio(air) as attacker,
    ):
        link = await dial(attacker)
        await closes(link)
        await works(air)
    assert cancelled == [True]


@pytest.mark.threat(16)
async def test_a_handler_may_finish_its_work_after_the_phone_left(air: Airwaves) -> None:
    done: list[bool] = []

    async def motor(link: Link) -> None:
        await link.receive(SOON, LIMIT)
        await asyncio.sleep(0.2)
        done.append(True)

    async with lock_radio(air, motor), phone_radio(air) as phone:
        link = await dial(phone)
        await link.send(b"open")
        await link.close()
        await find(phone)
    assert done == [True]


@pytest.mark.threat(16)
async def test_a_phone_that_sends_more_than_anybody_reads_loses_its_link(air: Airwaves) -> None:
    async def busy(link: Link) -> None:
        await asyncio.sleep(0.5)
        await echo(link)

    async with lock_radio(air, busy), phone_radio(air) as attacker:
        link = await dial(attacker)
        with pytest.raises(LinkClosed):
            await raw(link, bytes(2 * INBOX_LIMIT))
        assert link.closed


# Threat 19: disconnect at every step, wrong order


@pytest.mark.threat(19)
async def test_a_phone_may_vanish_after_any_packet(air: Airwaves) -> None:
    """The link dies after 1, 2, 3 … packets, until a whole exchange has passed unharmed."""
    handler = Counting()
    async with lock_radio(air, handler, advertising_interval=20):
        steps = 0
        while True:
            steps += 1
            async with phone_radio(air, mtu=64) as phone:
                found = await find(phone)
                air.drop("phone", after=steps)
                try:
                    link = await phone.connect(found)
                    await link.send(bytes(200))
                    assert await link.receive(SOON, LIMIT) == bytes(200)
                    await link.close()
                except LinkClosed:
                    continue
                else:
                    break
        air.drop("phone")
        assert steps > 12
        assert handler.now == 0
        await works(air)


@pytest.mark.threat(19)
async def test_a_phone_that_vanishes_in_the_middle_of_an_answer_stops_the_sending(
    air: Airwaves,
) -> None:
    sent: list[int] = []

    async def flood(link: Link) -> None:
        if sent:
            return await echo(link)
        while True:
            await link.send(bytes(5000))
            sent.append(1)

    async with lock_radio(air, flood), phone_radio(air) as phone:
        await dial(phone)
        await asyncio.sleep(0.05)
        air.jam("phone", on=True)
        await works(air)
        assert sent


@pytest.mark.threat(19)
async def test_a_message_before_the_subscription_waits_for_it(air: Airwaves) -> None:
    async with lock_radio(air), phone_radio(air) as phone:
        connection = await connect_only(phone)
        client = connection.gatt_client
        services = await client.discover_services()
        to_lock, to_phone = await client.discover_characteristics((), services[-1])
        await client.write_value(to_lock, b"\x00\x02hi", with_response=True)
        heard: asyncio.Queue[bytes] = asyncio.Queue()
        await to_phone.subscribe(heard.put_nowait)
        async with asyncio.timeout(SOON):
            assert await heard.get() == b"\x00\x02ih"


@pytest.mark.threat(19)
async def test_a_phone_that_stops_listening_has_hung_up(air: Airwaves) -> None:
    async with lock_radio(air), phone_radio(air) as phone:
        link = await dial(phone)
        client = link.connection.gatt_client
        (to_phone,) = client.notification_subscribers
        await client.write_value(to_phone + 1, b"\x00\x00", with_response=True)
        await closes(link)
        await works(air)


@pytest.mark.threat(19)
async def test_a_handler_that_raises_costs_only_its_own_link(air: Airwaves) -> None:
    calls: list[int] = []

    async def fail_once(link: Link) -> None:
        calls.append(1)
        if len(calls) == 1:
            raise ZeroDivisionError
        await echo(link)

    async with lock_radio(air, fail_once), phone_radio(air) as phone:
        await closes(await dial(phone))
        await works(air)


@pytest.mark.threat(19)
async def test_both_sides_may_hang_up_at_the_same_moment(air: Airwaves) -> None:
    async def leave(link: Link) -> None:
        await link.receive(SOON, LIMIT)

    async with lock_radio(air, leave), phone_radio(air) as phone:
        for _ in range(3):
            link = await dial(phone)
            await link.send(b"bye")
            await link.close()
            await link.close()
    await asyncio.sleep(0.05)
    assert asyncio.all_tasks() == {asyncio.current_task()}
