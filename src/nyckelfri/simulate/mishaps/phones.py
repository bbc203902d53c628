"""What happens to work phones: lost, stolen, empty, copied, lent, drowned.

House rules: a thief has the phone's own code and whatever it holds, and takes every chance. What
the office was shown when it blocked the phone is all that may still open.
"""

from __future__ import annotations

import asyncio
from random import Random
from typing import Final

from nyckelfri.door.grants import Command
from nyckelfri.phone.client import ServerError
from nyckelfri.phone.luggage import NoGrantError
from nyckelfri.phone.store import StoreError
from nyckelfri.simulate.air import PhoneDied
from nyckelfri.simulate.handset import Handset
from nyckelfri.simulate.mishap import Mishap
from nyckelfri.simulate.world import World

_HOUR: Final = 3600
_SOON: Final = 3.0
"""Seconds for which a thief looks for a door."""


async def link_lost(world: World, chance: Random) -> None:
    """The next link of one phone breaks off after some message."""
    phone = world.any_phone(chance)
    phone.ear.weather.cut_after = chance.randrange(12)
    phone.ear.weather.deadly = False
    world.tell(phone.label, "breaks off soon")


async def dies_opening(world: World, chance: Random) -> None:
    """One phone dies after some message of its next opening."""
    phone = world.any_phone(chance)
    phone.ear.weather.cut_after = chance.randrange(12)
    phone.ear.weather.deadly = True
    world.tell(phone.label, "dies soon")


async def stolen(world: World, chance: Random) -> None:
    """A phone is taken while it is unlocked; it has coverage, and so hears of its block."""
    await _robbed(world, chance, offline=False)


async def stolen_offline(world: World, chance: Random) -> None:
    """The same, but it is kept from every network: only the doors can be told."""
    await _robbed(world, chance, offline=True)


async def _robbed(world: World, chance: Random, *, offline: bool) -> None:
    phone = world.any_phone(chance)
    number = world.lose(phone)
    if number is None:
        return
    world.tell(phone.label, "stolen", "offline" if offline else "")
    phone.covered = not offline
    reported = world.now() + chance.uniform(300, 3 * _HOUR)
    with world.hampered("stolen", phones=[phone.label]):
        world.go(_steals(world, phone, chance, world.now() + 30 * _HOUR))
        await world.until(reported)
        await world.becomes(lambda: world.server.up)
        world.block(phone)
        await world.new_phone(number)
        await world.until(reported + 30 * _HOUR)


async def _steals(world: World, phone: Handset, chance: Random, until: float) -> None:
    """Try door after door with what a phone holds."""
    while world.now() < until and phone.store.enrolled:
        try:
            doors = sorted(
                phone.doors().values(), key=lambda door: world.lock_of(door.installation)
            )
            if not doors:
                return
            door = chance.choice(doors)
            lock = world.lock_of(door.installation)
            phone.ear.near = world.antennas_at(lock)
            asked = await phone.ask(door, Command.UNLOCK, search=_SOON)
        except (NoGrantError, StoreError, ServerError):
            asked = None
        except PhoneDied:
            await world.died(phone)
            asked = None
        if asked is not None:
            said = asked.reason.name.lower() if asked.reason is not None else asked.trouble
            world.tell(phone.label, "thief", f"{lock}: {said}")
        await asyncio.sleep(chance.uniform(600, 3 * _HOUR))
        if phone.covered and phone.store.enrolled and chance.random() < 0.3:
            try:
                phone.sync()
            except ServerError as error:
                world.tell(phone.label, "thief", type(error).__name__)


async def cloned(world: World, chance: Random) -> None:
    """Somebody who has seen the PIN copies what a phone keeps, and uses the copy."""
    phone = world.any_phone(chance)
    clone = phone.copy(f"{phone.label}'")
    world.phones[clone.label] = clone
    world.ledger.same_key(clone.label, phone.label)
    world.tell(phone.label, "cloned")
    noticed = world.now() + chance.uniform(_HOUR, 12 * _HOUR)
    with world.hampered("cloned", phones=[phone.label, clone.label]):
        world.go(_steals(world, clone, chance, world.now() + 30 * _HOUR))
        await world.until(noticed)
        await world.becomes(lambda: world.server.up)
        number = world.lose(phone)
        world.block(phone)
        world.ledger.blocked[clone.label] = world.now()
        world.exposed[clone.label] = world.exposed[phone.label]
        if number is not None:
            await world.new_phone(number)
        await world.until(noticed + 30 * _HOUR)


async def drowned(world: World, chance: Random) -> None:
    """A phone never comes back; what it carried comes home with others."""
    phone = world.any_phone(chance)
    number = world.lose(phone)
    if number is None:
        return
    world.tell(phone.label, "drowned")
    world.phones.pop(phone.label)
    await asyncio.sleep(chance.uniform(300, 2 * _HOUR))
    await world.becomes(lambda: world.server.up)
    world.block(phone)
    await world.new_phone(number)


async def reinstalled(world: World, chance: Random) -> None:
    """The app is installed anew in the middle of a shift; what had not been sent stays in locks."""
    phone = world.any_phone(chance)
    number = world.lose(phone)
    if number is None:
        return
    world.tell(phone.label, "installed anew")
    phone.store.destroy(outbox=True)
    await asyncio.sleep(chance.uniform(300, _HOUR))
    await world.becomes(lambda: world.server.up)
    world.block(phone)
    await world.new_phone(number)


async def lent(world: World, chance: Random) -> None:
    """A carer whose phone is empty takes a colleague's whose shift is over, and signs in on it."""
    phone = world.any_phone(chance)
    idle = [each for each in world.phones.values() if world.is_idle(each)]
    number = world.lose(phone)
    if number is None or not idle:
        return
    other = chance.choice(sorted(idle, key=lambda each: each.label))
    world.tell(number, "borrows", other.label)
    with world.hampered("lent", phones=[phone.label, other.label]):
        world.borrow(number, other)
        await asyncio.sleep(chance.uniform(2, 6) * _HOUR)
        world.give_back(number, other, phone)
    world.tell(number, "gives back", other.label)


async def wrong_clock(world: World, chance: Random) -> None:
    """A phone's own clock goes a day wrong."""
    phone = world.any_phone(chance)
    phone.off_by += chance.choice((-86_400, 86_400, -3600, 3600))
    world.tell(phone.label, "clock wrong", f"{phone.off_by} s")


ALL: Final = (
    Mishap("link_lost", (19, 55), "a link breaks off", 60, link_lost),
    Mishap("dies_opening", (38,), "a phone dies in the middle of an opening", 20, dies_opening),
    Mishap("stolen", (35,), "a phone is stolen, unlocked", 2, stolen),
    Mishap("stolen_offline", (36,), "a phone is stolen and kept offline", 2, stolen_offline),
    Mishap("cloned", (37,), "a phone's storage is copied, its PIN known", 1, cloned),
    Mishap("drowned", (39,), "a phone never comes back", 1, drowned),
    Mishap("reinstalled", (40,), "the app is installed anew mid-shift", 2, reinstalled),
    Mishap("lent", (41,), "a colleague's phone is used", 2, lent),
    Mishap("wrong_clock", (34,), "a phone's own clock is wrong", 3, wrong_clock),
)
