"""What happens on the way from locks to the server: doubled, reordered, cut, forged, set back.

House rules: each entry is still stored once, what does not fit is kept and shown, and nothing that
is carried hinders anything else.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Final

from nyckelfri import clock
from nyckelfri.door import delivery
from nyckelfri.door.clock import Mark
from nyckelfri.lock.store_state import private_key
from nyckelfri.phone import wire
from nyckelfri.phone.client import Address, ServerError
from nyckelfri.phone.store import StoreError
from nyckelfri.phone.sync import MAX_BATCH_BYTES, MAX_BATCHES
from nyckelfri.simulate.handset import Handset
from nyckelfri.simulate.incidents import Due, SetBack
from nyckelfri.simulate.mishap import Mishap
from nyckelfri.simulate.server import URL
from nyckelfri.simulate.site import Site
from nyckelfri.simulate.world import World

_HOUR: Final = 3600
_LOOK: Final = 120
"""Seconds between two looks whether a phone carries something."""
_TURNS: Final = 10


async def carried_twice(world: World, chance: Random) -> None:
    """Another phone has what one carries, and both bring it once more after that."""
    phone = await _carrier(world, chance)
    other = chance.choice([each for each in world.phones.values() if each is not phone])
    batches = _waiting(phone)
    world.tell(phone.label, "doubled", f"{len(batches)} batches, also by {other.label}")
    _give(other, batches)
    await asyncio.sleep(chance.uniform(600, 4 * _HOUR))
    for each in (phone, other):
        _give(each, batches)


async def reordered(world: World, chance: Random) -> None:
    """One phone's batches go in any order, some of them alone and without an answer."""
    phone = await _carrier(world, chance)
    batches = _waiting(phone)
    chance.shuffle(batches)
    alone = batches[: chance.randrange(len(batches) + 1)]
    world.tell(phone.label, "reordered", f"{len(batches)} batches, {len(alone)} alone")
    rows = phone.outbox.batches(most=MAX_BATCHES, most_bytes=MAX_BATCH_BYTES)
    phone.outbox.tick_off(batches=[parcel.row for parcel in rows])
    _give(phone, batches)
    for each in alone:
        world.server.deaf.add(phone.label)
        _bring(phone, [each])


async def answer_lost(world: World, chance: Random) -> None:
    """The server has done what one phone asked, and the phone does not hear of it."""
    phone = world.any_phone(chance)
    world.server.deaf.add(phone.label)
    world.tell(phone.label, "hears no answer")


async def forged_lock(world: World, chance: Random) -> None:
    """Whoever has one unit's keys signs its journal as another's, and as a lock's of nowhere."""
    site, victim = world.any_site(chance), world.any_site(chance)
    batches = [_signed_as(site, world.founded.installations[victim.lock])]
    due = [Due(0.0, "bad_signature", victim.lock)]
    if victim is site:
        due = []
    batches.append(_signed_as(site, chance.randbytes(8)))
    due.append(Due(0.0, "unknown_lock", None))
    phone = world.any_phone(chance)
    await world.becomes(lambda: _bring(phone, batches), every=600)
    world.incidents.due += [replace(each, at=world.now()) for each in due]
    world.tell(phone.label, "forged", f"entries of {site.lock} as of {victim.lock}")


async def set_back(world: World, chance: Random) -> None:
    """A unit is set back to an image of its own disk: its numbers come a second time.

    Clock, bulletin and key set are then as old as the image, until somebody brings newer ones.
    """
    site = world.any_site(chance)
    if site.store is None or site.lock in world.incidents.set_back:
        return
    image, tip = site.disk.files, site.store.state.running.tip.number
    taken = world.now()
    world.tell(site.lock, "image taken", f"entry {tip}")
    await asyncio.sleep(chance.uniform(0.5, 5) ** 2 * _HOUR)
    await world.becomes(lambda: site.powered)
    with world.hampered("set back", locks=[site.lock]):
        site.cut_power()
        await asyncio.sleep(60)
        world.disks.put(site.lock, image)
        world.incidents.set_back[site.lock] = SetBack(tip, taken, world.now())
        world.floors.pop(site.lock, None)
        world.power_on(site)
        world.tell(site.lock, "set back", f"entry {tip}")
        await world.becomes(lambda: site.reading is None or site.reading.mark is not Mark.LOST)


async def rush(world: World, chance: Random) -> None:
    """After hours away everybody comes at once, ten times, with more than their own to bring."""
    hours = chance.uniform(2, 6)
    world.tell("server", "away", f"{hours:.1f} h")
    with world.server.away():
        await asyncio.sleep(hours * _HOUR)
    phones = [phone for phone in world.phones.values() if phone.store.enrolled]
    for giver, taker in zip(phones, [*phones[1:], *phones[:1]], strict=True):
        _give(taker, _waiting(giver))
    world.tell("server", "all at once", f"{len(phones)} phones, {_TURNS} times")
    for _ in range(_TURNS):
        for phone in phones:
            with contextlib.suppress(ServerError, StoreError):
                phone.sync()
        with contextlib.suppress(ServerError):
            world.server.work("rounds", lambda: world.registry.rounds(clock.now()))
        await asyncio.sleep(1)


async def _carrier(world: World, chance: Random) -> Handset:
    """Some phone that carries something now, as soon as there is one."""
    while True:
        found = [phone for phone in world.phones.values() if phone.outbox.waiting().batches]
        if found:
            return chance.choice(found)
        await asyncio.sleep(_LOOK)


def _waiting(phone: Handset) -> list[bytes]:
    found = phone.outbox.batches(most=MAX_BATCHES, most_bytes=MAX_BATCH_BYTES)
    return [parcel.data for parcel in found]


def _give(phone: Handset, batches: Sequence[bytes]) -> None:
    for each in batches:
        phone.outbox.keep_batch(each)


def _bring(phone: Handset, batches: Sequence[bytes]) -> bool:
    """Deliver these for the phone, with nobody signed in; whether an answer came."""
    if not phone.store.enrolled:
        return False
    secrets = phone.secrets or phone.unlock()
    client = replace(phone.reach(Address.read(URL)), token=secrets.token)
    try:
        client.call("sync", wire.sync_request(list(batches), []))
    except ServerError:
        return False
    return True


def _signed_as(site: Site, installation: bytes) -> bytes:
    """The beginning of a unit's journal under another's name, with its own signature."""
    assert site.store is not None  # noqa: S101 - it has power
    identity, piece = site.store.state.identity, site.store.piece(1)
    assert identity is not None and piece is not None  # noqa: S101, PT018 - it is in service
    return delivery.sign_batch(
        piece.segments,
        installation=installation,
        first=piece.first,
        previous=piece.previous,
        key=private_key(identity.signing_key),
    )


ALL: Final = (
    Mishap("carried_twice", (54,), "two phones bring the same journal, twice", 10, carried_twice),
    Mishap("reordered", (55,), "batches come in any order, and in parts", 10, reordered),
    Mishap("answer_lost", (55,), "the server's answer does not come through", 20, answer_lost),
    Mishap("set_back", (56,), "a unit is set back to an image of its disk", 0.7, set_back),
    Mishap("forged_lock", (57,), "a journal comes under another lock's name", 3, forged_lock),
    Mishap("rush", (58,), "after an outage everybody comes at once", 0.5, rush),
)
