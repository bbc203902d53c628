"""After links that came to nothing a lock advertises less, never not at all."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from doorworld import HOUR, Door, Municipality, private_key
from lockworld import Lock, make_store, pipe, visit
from radioworld import (
    LIMIT,
    PAYLOAD,
    SOON,
    connect_only,
    dial,
    ended,
    find,
    lock_radio,
    phone_radio,
)

from nyckelfri.demo.airwaves import Airwaves
from nyckelfri.door.grants import Command
from nyckelfri.door.opening import MAX_MESSAGE_3, PhoneOpening
from nyckelfri.lock.adapters.pace import Pace
from nyckelfri.lock.ports import Worth
from nyckelfri.radio.link import LinkError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bumble import ll
    from cryptography.hazmat.primitives.asymmetric import ec

    from nyckelfri.door.grants import Grant
    from nyckelfri.lock.ports import Link
    from nyckelfri.phone.radio import PhoneRadio

USUAL, SLOWEST, QUIET = 250, 1000, 60.0


def intervals(*ends: tuple[float, Worth], at: float) -> int:
    pace = Pace(USUAL, SLOWEST, QUIET)
    for when, worth in ends:
        pace.ended(worth, when)
    return pace.interval(at)


NOTHING = [(float(second), Worth.NOTHING) for second in range(10)]


@pytest.mark.threat(16)
def test_the_interval_doubles_with_each_link_that_came_to_nothing_up_to_a_second() -> None:
    assert [intervals(*NOTHING[:n], at=9.0) for n in range(6)] == [250, 500, 1000, 1000, 1000, 1000]


@pytest.mark.threat(16)
def test_a_granted_opening_brings_the_usual_interval_back() -> None:
    assert intervals(*NOTHING, (10.0, Worth.GRANTED), at=10.0) == USUAL


@pytest.mark.threat(16)
def test_a_proven_phone_that_was_refused_changes_nothing() -> None:
    assert intervals(*NOTHING[:1], (1.0, Worth.PROVEN), at=2.0) == 2 * USUAL


@pytest.mark.threat(16)
def test_a_quiet_minute_brings_the_usual_interval_back() -> None:
    assert intervals(*NOTHING, at=9.0 + QUIET - 0.1) == SLOWEST
    assert intervals(*NOTHING, at=9.0 + QUIET) == USUAL
    assert intervals(*NOTHING, (100.0, Worth.NOTHING), at=101.0) == 2 * USUAL


def test_a_pace_says_when_it_changes_by_itself() -> None:
    pace = Pace(USUAL, SLOWEST, QUIET)
    assert pace.changes_in(0.0) is None
    pace.ended(Worth.NOTHING, 5.0)
    assert pace.changes_in(10.0) == 55.0
    assert pace.changes_in(65.0) is None


def test_only_a_slowed_lock_waits_after_a_connection() -> None:
    pace = Pace(USUAL, SLOWEST, QUIET)
    assert pace.delay(0.0) == 0.0
    pace.ended(Worth.NOTHING, 0.0)
    assert pace.delay(1.0) == 0.5


def test_a_unit_that_is_slower_anyway_stays_as_it_is() -> None:
    pace = Pace(2000, SLOWEST, QUIET)
    pace.ended(Worth.NOTHING, 0.0)
    assert pace.interval(1.0) == 2000


# The same on the air.


class Rhythm:
    """Milliseconds between the lock's advertisements."""

    def __init__(self, air: Airwaves) -> None:
        self._heard: list[float] = []
        self._enough = asyncio.Event()
        air.overhear = self._note

    def _note(self, sender: str, _packet: ll.AdvertisingPdu) -> None:
        if sender == "lock":
            self._heard.append(asyncio.get_running_loop().time())
            if len(self._heard) == 5:
                self._enough.set()

    async def gap(self) -> float:
        """The second shortest of the next few gaps.

        A busy machine makes them longer, and the one after a stall shorter.
        """
        self._heard.clear()
        self._enough.clear()
        async with asyncio.timeout(SOON):
            await self._enough.wait()
        gaps = [later - sooner for sooner, later in zip(self._heard, self._heard[1:], strict=False)]
        return 1000 * sorted(gaps)[1]


@pytest.fixture
async def air() -> Airwaves:
    return Airwaves()


SETTINGS: dict[str, Any] = {
    "advertising_interval": 20,
    "slowest_interval": 160,
    "subscribe_within": 0.05,
}


QUICK = 100.0
"""Milliseconds between two of the usual pace on a busy machine, and never at the slowest."""


async def come_to_nothing(phone: PhoneRadio, times: int) -> None:
    for _ in range(times):
        await ended(await connect_only(phone))


@pytest.mark.threat(16)
async def test_a_lock_under_attack_goes_on_advertising_more_slowly(air: Airwaves) -> None:
    rhythm = Rhythm(air)
    async with lock_radio(air, **SETTINGS), phone_radio(air) as attacker:
        assert await rhythm.gap() < QUICK
        await come_to_nothing(attacker, 1)
        assert 35 < await rhythm.gap() < 120
        await come_to_nothing(attacker, 6)
        assert 150 < await rhythm.gap() < 300


@pytest.mark.threat(16)
async def test_whoever_connects_and_leaves_in_a_storm_gets_one_connection_an_interval(
    air: Airwaves,
) -> None:
    """Each connection restarts the advertising, whose first packet does not wait an interval."""
    connections = 0
    async with lock_radio(air, **SETTINGS), phone_radio(air) as attacker:
        await come_to_nothing(attacker, 4)
        address = (await find(attacker)).address
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1.6):
                while True:
                    await attacker._device.connect_le(address)
                    connections += 1
                    air.drop("phone")
    assert 3 <= connections <= 11


@pytest.mark.threat(16)
async def test_after_a_granted_opening_a_lock_is_as_quick_as_before(air: Airwaves) -> None:
    async def grant(link: Link) -> None:
        link.worth = Worth.GRANTED

    rhythm = Rhythm(air)
    async with lock_radio(air, grant, **SETTINGS), phone_radio(air) as phone:
        await come_to_nothing(phone, 4)
        assert await rhythm.gap() > 150
        await ended((await dial(phone)).connection)
        assert await rhythm.gap() < QUICK


@pytest.mark.threat(16)
async def test_after_a_while_without_trouble_a_lock_is_as_quick_as_before(air: Airwaves) -> None:
    rhythm = Rhythm(air)
    async with lock_radio(air, quiet=1.0, **SETTINGS), phone_radio(air) as phone:
        await come_to_nothing(phone, 4)
        assert await rhythm.gap() > 150
        await asyncio.sleep(1.0)
        assert await rhythm.gap() < QUICK


@pytest.mark.threat(16)
async def test_the_pace_outlasts_a_controller_that_is_pulled_out(air: Airwaves) -> None:
    rhythm = Rhythm(air)
    async with lock_radio(air, retry_first=0.02, **SETTINGS), phone_radio(air) as phone:
        await come_to_nothing(phone, 4)
        air.radios()["lock"].unplug()
        assert await phone.find([PAYLOAD], SOON) is not None
        assert await rhythm.gap() > 150


# What a link is worth, by the lock itself.


@pytest.fixture
async def lock(tmp_path: Path, municipality: Municipality, door: Door) -> AsyncIterator[Lock]:
    with make_store(tmp_path / "lock.db", municipality, door) as store:
        yield Lock(store)


@pytest.mark.threat(16)
@pytest.mark.parametrize(
    ("moved", "worth"), [(0, Worth.GRANTED), (24 * HOUR, Worth.PROVEN), (-24 * HOUR, Worth.PROVEN)]
)
async def test_a_proven_phone_is_worth_more_whatever_the_answer(
    lock: Lock,
    municipality: Municipality,
    door: Door,
    phone_key: ec.EllipticCurvePrivateKey,
    grant: Grant,
    moved: int,
    worth: Worth,
) -> None:
    shifted = replace(
        grant,
        not_before=grant.not_before + moved,
        not_after=grant.not_after + moved,
        issued=grant.issued + moved,
    )
    phone = await visit(lock, door, phone_key, municipality.mint(shifted))
    assert phone.lock_link.worth is worth


@pytest.mark.threat(16)
async def test_a_grant_without_its_key_is_worth_nothing(
    lock: Lock, municipality: Municipality, door: Door, grant: Grant
) -> None:
    ours, theirs = pipe()
    serving = asyncio.create_task(lock.controller.serve(ours))
    copied = PhoneOpening(door.record, private_key(9), municipality.mint(grant))
    message_1, waiting = copied.message_1()
    await theirs.send(message_1)
    message_3, _ = waiting.message_2(await theirs.receive(SOON, LIMIT)).message_3(Command.UNLOCK)
    await theirs.send(message_3)
    await serving
    assert ours.worth is Worth.NOTHING


@pytest.mark.threat(16)
@pytest.mark.parametrize("said", [b"", b"nonsense", bytes(37)])
async def test_a_stranger_is_worth_nothing(lock: Lock, said: bytes) -> None:
    ours, theirs = pipe()
    if said:
        await theirs.send(said)
    else:
        theirs.lost("gone")
        await theirs.close()
    await lock.controller.serve(ours)
    assert ours.worth is Worth.NOTHING


@pytest.mark.threat(16)
async def test_a_long_message_that_only_drips_gets_no_more_time_than_a_short_one() -> None:
    """Only bytes that have come buy time: 10 more here, at 100 a second."""
    ours, theirs = pipe()

    async def drip() -> None:
        theirs.other = ours
        await theirs._send_piece(MAX_MESSAGE_3.to_bytes(2))
        for _ in range(100):
            await theirs._send_piece(b"x")
            await asyncio.sleep(0.05)

    dripping = asyncio.create_task(drip())
    began = asyncio.get_running_loop().time()
    with pytest.raises(LinkError):
        await ours.receive(0.2, MAX_MESSAGE_3, 100)
    assert asyncio.get_running_loop().time() - began < 0.6
    dripping.cancel()


async def test_a_long_message_that_keeps_the_pace_may_take_longer() -> None:
    ours, theirs = pipe()
    message = bytes(400)

    async def stream() -> None:
        for start in range(0, 402, 40):
            await theirs._send_piece((len(message).to_bytes(2) + message)[start : start + 40])
            await asyncio.sleep(0.04)

    sending = asyncio.create_task(stream())
    assert await ours.receive(0.2, MAX_MESSAGE_3, 500) == message
    await sending
