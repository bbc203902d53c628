"""What happens to doors: power, mechanics, clocks."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Final

from nyckelfri.door.clock import Mark
from nyckelfri.simulate.mishap import Mishap
from nyckelfri.simulate.world import World

_HOUR: Final = 3600


async def power_cut(world: World, chance: Random) -> None:
    """The unit at one door is without power for a while; with luck its clock chip ran on."""
    site = world.any_site(chance)
    world.tell(site.lock, "power cut")
    with world.hampered("power cut", locks=[site.lock]):
        if chance.random() < 0.5:
            site.cut_power_in(chance.randrange(1, 60))  # in the middle of what it writes next
            await world.becomes(lambda: not site.powered)
        else:
            site.cut_power()
        site.chip.present = chance.random() < 0.7
        await asyncio.sleep(chance.uniform(1, 4 * _HOUR))
        world.power_on(site)
        world.tell(site.lock, "power back", "" if site.chip.present else "clock lost")
        await world.becomes(lambda: site.reading is None or site.reading.mark is not Mark.LOST)


async def jam(world: World, chance: Random) -> None:
    """A bolt meets the frame until somebody has mended the door."""
    site = world.any_site(chance)
    world.tell(site.lock, "jams")
    with world.hampered("jammed", locks=[site.lock]):
        site.jammed = True
        await asyncio.sleep(chance.uniform(1, 6) * _HOUR)
        site.jammed = False
        world.tell(site.lock, "mended")


ALL: Final = (
    Mishap("power_cut", (20, 29), "power is cut at a door", 20, power_cut),
    Mishap("jam", (26,), "a bolt jams", 4, jam),
)
