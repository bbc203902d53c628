"""A whole lock under siege, at the protocol's own times: how long a carer is kept out."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import pytest
from doorworld import private_key
from lockworld import Lock, make_store
from radioworld import LIMIT, PAYLOAD, SOON, ended, phone_radio

from nyckelfri.demo.airwaves import Airwaves
from nyckelfri.door.grants import Command
from nyckelfri.door.opening import MAX_MESSAGE_3, REFUSAL, Decision, PhoneOpening
from nyckelfri.door.reasons import Reason
from nyckelfri.lock.adapters.radio_bumble import BumbleRadio, RadioSettings
from nyckelfri.lock.controller import MESSAGE_1_WITHIN, MESSAGE_3_WITHIN
from nyckelfri.radio.link import LinkClosed, LinkError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric import ec
    from doorworld import Door, Municipality

    from nyckelfri.door.grants import Grant
    from nyckelfri.phone.radio import PhoneLink, PhoneRadio

    Holding = Callable[[PhoneLink, bytes], Awaitable[None]]

UNPROVEN = MESSAGE_1_WITHIN + MESSAGE_3_WITHIN
"""Seconds of a served link whose phone proves nothing."""
SLACK = 1.5
"""For a busy machine, and for finding the lock."""


@pytest.fixture
async def air(tmp_path: Path, municipality: Municipality, door: Door) -> AsyncIterator[Airwaves]:
    """An air with a real lock on it: store, controller, motor in software, real time limits."""
    air = Airwaves(seed=1)
    with make_store(tmp_path / "lock.db", municipality, door) as store:
        lock = Lock(store)
        radio = BumbleRadio(RadioSettings("lock"), open_transport=air.open)
        await radio.advertise(PAYLOAD)
        serving = asyncio.create_task(radio.serve(lock.controller.serve))
        yield air
        await radio.stop()
        await serving
        await lock.controller.finish()


async def say_nothing(link: PhoneLink, _: bytes) -> None:
    await ended(link.connection)


async def stop_after_message_1(link: PhoneLink, message_1: bytes) -> None:
    """A fresh key is all that message 1 needs: any stranger can make one."""
    await link.send(message_1)
    await link.receive(SOON, LIMIT)
    await ended(link.connection)


async def drip_message_3(link: PhoneLink, message_1: bytes) -> None:
    await link.send(message_1)
    await link.receive(SOON, LIMIT)
    await link._send_piece(MAX_MESSAGE_3.to_bytes(2))
    while not link.closed:
        await link._send_piece(b"x")
        await asyncio.sleep(0.05)


@pytest.mark.threat(17)
async def test_whoever_guesses_gets_one_guess_a_link(
    air: Airwaves, municipality: Municipality, door: Door, grant: Grant
) -> None:
    """After the one answer to everything wrong the link is closed, and the next may be far off."""
    async with phone_radio(air, "guesser") as phone:
        found = await phone.find([PAYLOAD], SOON)
        assert found is not None
        link = await phone.connect(found)
        opening = PhoneOpening(door.record, private_key(9), municipality.mint(grant))
        message_1, waiting = opening.message_1()
        await link.send(message_1)
        proven = waiting.message_2(await link.receive(SOON, LIMIT))
        guess, _ = proven.message_3(Command.UNLOCK)
        for message in (guess, guess, message_1):
            await link.send(message)
        assert await link.receive(SOON, LIMIT) == REFUSAL
        with pytest.raises(LinkClosed):
            await link.receive(SOON, LIMIT)


async def besiege(phone: PhoneRadio, hold: Holding, message_1: bytes, came: asyncio.Event) -> None:
    while True:
        with contextlib.suppress(LinkError):
            found = await phone.find([PAYLOAD], SOON)
            if found is not None:
                link = await phone.connect(found)
                came.set()
                await hold(link, message_1)


async def carer_opens(
    phone: PhoneRadio, door: Door, key: ec.EllipticCurvePrivateKey, grant: bytes
) -> Decision:
    """One tap: a carer's phone that asks until it is answered."""
    while True:
        with contextlib.suppress(LinkError):
            found = await phone.find([PAYLOAD], SOON)
            if found is None:
                continue
            link = await phone.connect(found)
            message_1, waiting = PhoneOpening(door.record, key, grant).message_1()
            await link.send(message_1)
            proven = waiting.message_2(await link.receive(2 * UNPROVEN, LIMIT))
            message_3, last = proven.message_3(Command.UNLOCK)
            await link.send(message_3)
            decision, _ = last.message_4(await link.receive(SOON, LIMIT))
            await link.close()
            return decision


@pytest.mark.threat(16)
@pytest.mark.parametrize("hold", [say_nothing, stop_after_message_1, drip_message_3])
async def test_a_radio_that_connects_again_and_again_costs_a_carer_three_seconds_at_most(
    air: Airwaves,
    municipality: Municipality,
    door: Door,
    phone_key: ec.EllipticCurvePrivateKey,
    grant: Grant,
    hold: Holding,
) -> None:
    came = asyncio.Event()
    message_1, _ = PhoneOpening(door.record, private_key(9), municipality.mint(grant)).message_1()
    async with phone_radio(air, "attacker") as attacker, phone_radio(air, "carer") as carer:
        siege = asyncio.create_task(besiege(attacker, hold, message_1, came))
        await came.wait()
        async with asyncio.timeout(UNPROVEN + SLACK):
            decision = await carer_opens(carer, door, phone_key, municipality.mint(grant))
        siege.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await siege
    assert decision.reason is Reason.GRANTED
