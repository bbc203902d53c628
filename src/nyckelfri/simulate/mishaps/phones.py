"""What happens to work phones: lost, stolen, empty, copied, lent."""

from __future__ import annotations

from random import Random
from typing import Final

from nyckelfri.simulate.mishap import Mishap
from nyckelfri.simulate.world import World


async def link_lost(world: World, chance: Random) -> None:
    """The next link of one phone breaks off after some message."""
    phone = world.any_phone(chance)
    phone.ear.weather.cut_after = chance.randrange(12)


ALL: Final = (Mishap("link_lost", (19,), "a link breaks off", 60, link_lost),)
