"""What happens to doors: power, mechanics, clocks."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Final

from nyckelfri.door.clock import Mark
from nyckelfri.lock.store_file import StoreDamagedError
from nyckelfri.simulate.mishap import Mishap
from nyckelfri.simulate.site import Site
from nyckelfri.simulate.world import World

_HOUR: Final = 3600
_DAY: Final = 86_400
_FAR_OFF: Final = 120
"""Seconds that a clock may be off for a door to go on as it should."""


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
        if not site.chip.present:
            _loses_time(world, site)
        await asyncio.sleep(chance.uniform(1, 4 * _HOUR))
        world.power_on(site)
        world.tell(site.lock, "power back", "" if site.chip.present else "clock lost")
        await world.becomes(lambda: site.reading is not None and site.reading.mark is not Mark.LOST)


def _loses_time(world: World, site: Site) -> None:
    """The lock's clock fails it from now on."""
    if site.store is not None:
        world.incidents.without_time[site.lock] = site.store.state.running.tip.number


async def jam(world: World, chance: Random) -> None:
    """A bolt meets the frame until somebody has mended the door."""
    site = world.any_site(chance)
    world.tell(site.lock, "jams")
    with world.hampered("jammed", locks=[site.lock]):
        site.jammed = True
        await asyncio.sleep(chance.uniform(1, 6) * _HOUR)
        site.jammed = False
        world.tell(site.lock, "mended")


async def chip_wrong(world: World, chance: Random) -> None:
    """Power is cut, and a clock chip shows another time than it should when it comes back."""
    site = world.any_site(chance)
    off_by = chance.choice((-400 * _DAY, -3 * _DAY, -_HOUR, _HOUR, 3 * _DAY, 400 * _DAY))
    world.tell(site.lock, "power cut", f"and the chip {off_by / _HOUR:+.0f} h")
    with world.hampered("wrong chip", locks=[site.lock]):
        site.cut_power()
        site.chip.offset += off_by
        _loses_time(world, site)
        await asyncio.sleep(chance.uniform(1, _HOUR))
        world.power_on(site)
        # An hour ahead is believed until the server is heard; further off it is not.
        await world.becomes(lambda: site.reading is not None and abs(site.off_by) < _FAR_OFF)


async def drifts(world: World, chance: Random) -> None:
    """A quartz goes wrong by up to some minutes a month from now on."""
    site = world.any_site(chance)
    rate = 1 + chance.uniform(-1, 1) * 1e-4
    site.quartz.drift(rate)
    world.tell(site.lock, "drifts", f"{(rate - 1) * 30 * _DAY:+.0f} s a month")


async def battery_low(world: World, chance: Random) -> None:
    """A battery runs down to nothing, unless somebody changes it."""
    site = world.any_site(chance)
    world.tell(site.lock, "battery low")
    with world.hampered("battery", locks=[site.lock]):
        for charge in (20, 10, 4, 0):
            site.battery.charge = charge
            await asyncio.sleep(chance.uniform(1, 3) * _HOUR)
        site.without_force = True
        world.tell(site.lock, "battery empty")
        await asyncio.sleep(chance.uniform(1, 4) * _HOUR)
        site.without_force = False
        site.battery.charge = 100
        world.tell(site.lock, "battery new")


async def bit_flips(world: World, chance: Random) -> None:
    """One bit on a lock's disk has changed when it starts again.

    It is harmless, or repaired. Where too much hangs on it the store refuses to open, as it shall:
    that unit would be set up anew, which no week here does, and so the bit is put right again.
    """
    site = world.any_site(chance)
    with world.hampered("bit flip", locks=[site.lock]):
        await site.shut_down()
        before = site.disk.files
        name, offset = site.disk.flip(chance)
        world.tell(site.lock, "bit flips", f"{name} at {offset}")
        try:
            world.power_on(site)
        except StoreDamagedError:
            world.tell(site.lock, "refuses to start", "its store is too damaged")
            site.disks.put(site.lock, before)
            world.power_on(site)
        await world.becomes(lambda: site.reading is not None and site.reading.mark is not Mark.LOST)


async def disk_full(world: World, chance: Random) -> None:
    """Something else fills a lock's disk."""
    site = world.any_site(chance)
    world.tell(site.lock, "disk full")
    with world.hampered("disk full", locks=[site.lock]):
        site.disk.room = chance.choice((0, 4096, 65_536))
        await asyncio.sleep(chance.uniform(1, 12) * _HOUR)
        site.disk.room = None
        world.tell(site.lock, "disk has room")


ALL: Final = (
    Mishap("power_cut", (20, 29), "power is cut at a door", 20, power_cut),
    Mishap("chip_wrong", (29, 31), "a clock chip shows another time after a cut", 4, chip_wrong),
    Mishap("drifts", (30,), "a lock's quartz drifts", 10, drifts),
    Mishap("jam", (26,), "a bolt jams", 4, jam),
    Mishap("battery_low", (27,), "a lock's battery runs down", 2, battery_low),
    Mishap("bit_flips", (21,), "a bit of a lock's disk changes", 2, bit_flips),
    Mishap("lock_disk_full", (43,), "a lock's disk is full", 2, disk_full),
)
