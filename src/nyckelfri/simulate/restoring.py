"""How a lost database comes back: the newest backup, a new epoch, everybody anew.

House rules: the steps are those of docs/subsystems/keys.md, in their order, and take their time.
Until the holders of the root have signed, phones hear that the server is not ready.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Final

from nyckelfri import clock
from nyckelfri.door import grants, signed
from nyckelfri.simulate.changes import (
    Alarm,
    Change,
    NewerFiles,
    PhoneBlock,
    PhoneHandOver,
    PhoneUnblock,
    ProviderChange,
    ShiftByHand,
    TakeOver,
    VisitByHand,
)
from nyckelfri.simulate.handset import Handset
from nyckelfri.simulate.history import ViolationError

if TYPE_CHECKING:
    from nyckelfri.simulate.town import Visit
    from nyckelfri.simulate.world import World

_HOUR: Final = 3600
_BACK: Final = _HOUR - 60
"""Seconds: no longer ago than an hour may something by hand have begun."""
_PHONES: Final = (PhoneBlock, PhoneUnblock, PhoneHandOver)


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
        await world.becomes(lambda: world.server.up)
        begin_anew(world)


def _decide_again(world: World, *, of_phones: bool) -> None:
    """What the office has decided since the backup is done once more, from the copies of the log.

    What the care system said comes with its files, whatever else has been in them since.
    """
    lost = world.incidents.forgotten[-1]
    for change in world.decided:
        by_hand = not isinstance(change, Alarm) and isinstance(change, _PHONES) == of_phones
        if not (by_hand and lost.since <= change.at < lost.until):
            continue
        again = what_is_left(change, world.rights.known(world.now()).visits, world.now())
        said = world.office.carry_out(again, world.now())
        world.tell("office", "again" if said.done else "not again", type(change).__name__)
        if isinstance(change, ProviderChange) and not said.done:
            # It was to begin today, and can only be decided for a day to come.
            home = world.home(change.client)
            world.incidents.undecided.update(filter(None, (home.lock, home.entrance)))


def what_is_left(change: Change, visits: Mapping[str, Visit], now: float) -> Change:
    """What of a decision can still be decided: what is over, or began too long ago, cannot."""
    match change:
        case NewerFiles():
            return replace(change, edits=())
        case TakeOver(visits=taken):
            return replace(change, visits=tuple(id_ for id_ in taken if visits[id_].end > now))
        case ShiftByHand(start=start) | VisitByHand(start=start):
            return replace(change, start=max(start, int(now) - _BACK))
        case _:
            return change


def begin_anew(world: World) -> None:
    """A new epoch; what the last bulletin named is blocked by that alone, the rest by hand."""
    _decide_again(world, of_phones=False)
    named = world.upkeep.named_by_the_last_bulletin()
    world.upkeep.begin_anew(world.founded.holders, clock.now())
    if opened := world.upkeep.open_again(named):
        raise ViolationError("a_block_survives_everything", f"{', '.join(opened)} came to life")
    _decide_again(world, of_phones=True)
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
        phone.covered = True
        phone.store.destroy(outbox=False)
        phone.enrol(code)
        world.ledger.shown.pop(phone.label, None)  # with its old key went what it held
        world.tell(number, "enrolled again", phone.label)


def _is_known(world: World, phone: Handset) -> bool:
    key = (phone.secrets or phone.unlock()).key.public_key()
    known: bool = world.upkeep.knows(phone.label, grants.thumbprint(signed.coordinate(key)))
    return known
