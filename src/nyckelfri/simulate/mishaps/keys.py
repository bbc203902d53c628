"""What happens to the server's keys: one is stolen and used, all are changed as routine.

House rules: whoever stole the grant key can open any door until that door has heard of the next
key set, and no door after that; each time it opens is told. Nothing else is loosened.
"""

from __future__ import annotations

import asyncio
from random import Random
from typing import Final

from nyckelfri import clock
from nyckelfri.door.keyset import Purpose
from nyckelfri.simulate.mishap import Mishap
from nyckelfri.simulate.thief import Thief
from nyckelfri.simulate.world import World

_HOUR: Final = 3600
_OURS: Final = (Purpose.GRANT, Purpose.BULLETIN, Purpose.RECEIPT, Purpose.SEALING)
_OVERLAP: Final = 52 * _HOUR
"""Seconds for which the old key stays: 36 hours ahead and the longest grant."""
_AFTER: Final = 20 * _HOUR
"""Seconds for which the thief goes on when the key is worth nothing at the server any more."""


async def grant_key_stolen(world: World, chance: Random) -> None:
    """Somebody has read a file of `keys/`, and mints grants until the operator has noticed."""
    kid = _newest(world, Purpose.GRANT)
    thief = Thief.with_key_of(world, kid)
    world.tell("thief", "has a grant key")
    noticed = world.now() + chance.uniform(1, 10) * _HOUR
    ends = noticed + _AFTER
    while world.now() < ends:
        await thief.try_a_door(chance)
        await asyncio.sleep(chance.uniform(120, 900))
        if world.now() >= noticed and world.server.up:
            await _replace(world, kid, Purpose.GRANT)


async def rotated(world: World, chance: Random) -> None:
    """A key of one purpose is followed by a new one, and dropped when nobody needs it any more."""
    purpose = chance.choice(_OURS)
    old = _newest(world, purpose)
    await world.becomes(lambda: world.server.up)
    async with world.incidents.keys:
        world.upkeep.rotate(world.founded.holders, [purpose], [], clock.now())
        world.tell("server", "new key", purpose.name.lower())
    await asyncio.sleep(_OVERLAP)
    await world.becomes(lambda: world.server.up)
    async with world.incidents.keys:
        if old in _kids(world, purpose) and len(_kids(world, purpose)) > 1:
            world.upkeep.rotate(world.founded.holders, [], [old], clock.now())
            world.tell("server", "old key dropped", purpose.name.lower())


async def _replace(world: World, kid: bytes, purpose: Purpose) -> None:
    """Drop a stolen key, if nobody has done so yet."""
    async with world.incidents.keys:
        if kid in _kids(world, purpose):
            world.upkeep.rotate(world.founded.holders, [purpose], [kid], clock.now())
            world.tell("server", "stolen key dropped", purpose.name.lower())


def _kids(world: World, purpose: Purpose) -> list[bytes]:
    return [key.kid for key in world.upkeep.in_force().keys if key.purpose is purpose]


def _newest(world: World, purpose: Purpose) -> bytes:
    return _kids(world, purpose)[-1]


ALL: Final = (
    Mishap("grant_key_stolen", (47,), "the grant key is stolen and used", 0.5, grant_key_stolen),
    Mishap("rotated", (47,), "a key of the server is changed as routine", 2, rotated),
)
