"""How a lost database comes back: the newest backup, a new epoch, everybody anew.

House rules: the steps are those of docs/subsystems/keys.md, in their order, and take their time.
Until the holders of the root have signed, phones hear that the server is not ready.
"""

from __future__ import annotations

import asyncio
from random import Random
from typing import TYPE_CHECKING, Final

from nyckelfri import clock
from nyckelfri.door import grants, signed
from nyckelfri.simulate.handset import Handset
from nyckelfri.simulate.history import ViolationError

if TYPE_CHECKING:
    from nyckelfri.simulate.world import World

_HOUR: Final = 3600


def lose_database(world: World) -> None:
    """From now on the server has nothing but its key files, and a backup elsewhere."""
    world.server.restart()
    world.tell("server", "database lost")


async def restore(world: World, chance: Random) -> None:
    """Put the newest backup in place; later the holders of the root have signed."""
    incidents = world.incidents
    async with incidents.keys:
        world.server.restore()
        incidents.forget(world.now())
        incidents.behind = world.upkeep.is_behind()
        # What was acknowledged since the backup comes home again from the locks.
        world.ledger.receipts.clear()
        world.tell("server", "restored")
        await asyncio.sleep(chance.uniform(600, _HOUR))
        begin_anew(world)


def begin_anew(world: World) -> None:
    """A new epoch; what the last bulletin named is blocked by that alone, the rest by hand."""
    named = world.upkeep.named_by_the_last_bulletin()
    world.upkeep.begin_anew(world.founded.holders, clock.now())
    if opened := world.upkeep.open_again(named):
        raise ViolationError("a_block_survives_everything", f"{', '.join(opened)} came to life")
    for label in world.ledger.blocked:
        if not world.upkeep.is_blocked(label):
            world.upkeep.block_again(label, clock.now())
            world.tell(label, "blocked again")
    _enrol_again(world)
    copies = world.founded.folder / f"copies-{len(world.incidents.forgotten)}"
    world.upkeep.copy_to(copies)
    world.incidents.restored = world.incidents.behind = False
    world.tell("server", "new epoch")


def _enrol_again(world: World) -> None:
    """Whoever has a phone that the database has forgotten fetches a code at the office."""
    for number in world.founded.phones:
        phone = world.phone_of(number)
        if phone is None or not phone.store.enrolled or _is_known(world, phone):
            continue
        code = world.upkeep.invite_again(phone.label, number, clock.now())
        phone.store.destroy(outbox=False)
        phone.enrol(code)
        world.tell(number, "enrolled again", phone.label)


def _is_known(world: World, phone: Handset) -> bool:
    key = (phone.secrets or phone.unlock()).key.public_key()
    known: bool = world.upkeep.knows(phone.label, grants.thumbprint(signed.coordinate(key)))
    return known
