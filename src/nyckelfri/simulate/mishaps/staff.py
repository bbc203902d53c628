"""What staff do wrong: the wrong door, a visit entered much later, a visit that was never made.

House rules: what is not the truth is written down as such before a program hears of it.
"""

from __future__ import annotations

import asyncio
from random import Random
from typing import Final

from nyckelfri.simulate.carer import Carer
from nyckelfri.simulate.mishap import Mishap
from nyckelfri.simulate.town import Home
from nyckelfri.simulate.world import World

_HOUR: Final = 3600
_NOTHING_PLANNED: Final = 2.5 * _HOUR
"""So far from every planned visit a door is nobody's errand."""


async def wrong_door(world: World, chance: Random) -> None:
    """A carer opens another client's door than they should, and closes it within a minute."""
    carer = _somebody(world, chance)
    phone = world.phone_of(carer.number) if carer is not None else None
    if carer is None or phone is None or not phone.store.enrolled:
        return
    locks = {world.lock_of(installation) for installation in phone.doors()}
    homes = [home for home in world.founded.town.homes if _is_nobodys(world, home, locks)]
    if not homes:
        return
    home = chance.choice(homes)
    world.tell(carer.number, "wrong door", home.client)
    at = world.now()
    if await carer.mistake(home, chance.uniform(5, 50)) and home.lock is not None:
        world.presence.mistakes.append((carer.number, home.lock, at))


async def late_entry(world: World, chance: Random) -> None:
    """A carer forgets the phone in a pocket at the next visit, and enters it hours later."""
    carer = _somebody(world, chance)
    if carer is not None:
        world.tell(carer.number, "will enter late")
        world.forgetful.add(carer.number)


async def label_copied(world: World, chance: Random) -> None:
    """Somebody reads what they once copied of a client's label, wherever they are."""
    carer = _somebody(world, chance)
    copied = [client for client, label in world.labels.items() if label.last]
    if carer is None or not copied:
        return
    client = chance.choice(copied)
    label = world.labels[client]
    world.tell(carer.number, "reads a copy", label.id)
    world.presence.doubted.add(carer.number)
    id_ = carer.reads_copy(client, label.last)
    if id_ is not None and label.original is not None and label.written is not None:
        world.presence.copied.append((id_, label.original, label.id))
    await asyncio.sleep(0)


def _somebody(world: World, chance: Random) -> Carer | None:
    numbers = sorted(world.carers)
    return world.carers[chance.choice(numbers)] if numbers else None


def _is_nobodys(world: World, home: Home, locks: set[str]) -> bool:
    """Whether a home of these locks is one person's, and no visit there is near."""
    if home.lock not in locks or home.partner is not None:
        return False
    now = world.now()
    return not any(
        visit.client == home.client
        and visit.start - _NOTHING_PLANNED < now < visit.end + _NOTHING_PLANNED
        for visit in world.rights.known(now).visits.values()
    )


ALL: Final = (
    Mishap("wrong_door", (59,), "a carer opens the wrong door", 5, wrong_door),
    Mishap("late_entry", (55,), "a visit is entered hours later", 5, late_entry),
    Mishap("label_copied", (60,), "a copy of a label is read somewhere else", 5, label_copied),
)
