"""What happens to the server: away, killed, full, split, restored, held to ransom.

House rules: nothing here loosens an invariant but what `incidents` says. While a restored database
waits for its new epoch, nothing at all is signed.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random
from typing import Final

from nyckelfri import clock
from nyckelfri.simulate.history import ViolationError
from nyckelfri.simulate.mishap import Mishap
from nyckelfri.simulate.plan import DAY
from nyckelfri.simulate.restoring import lose_database, restore
from nyckelfri.simulate.server import Kill
from nyckelfri.simulate.world import World

_HOUR: Final = 3600
_CALLS: Final = ("sync", "sync", "sync", "sign-in", "sign-out", "time", "rounds", "office")


async def away(world: World, chance: Random) -> None:
    """The server does not answer for minutes, or for hours."""
    await _away(world, chance.choice((0.1, 0.5, 2, 6)) * _HOUR)


async def away_a_day(world: World, _chance: Random) -> None:
    """The server does not answer for a day and a night."""
    await _away(world, DAY)


async def _away(world: World, seconds: float) -> None:
    world.tell("server", "away", f"{seconds / _HOUR:.1f} h")
    with world.server.away():
        await asyncio.sleep(seconds)
    world.tell("server", "back")


async def killed(world: World, chance: Random) -> None:
    """SIGKILL before some statement or commit of the next such call, or behind its last."""
    _kill(world, Kill(chance.choice(_CALLS), chance.random()))


async def primary_lost(world: World, chance: Random) -> None:
    """The primary is gone between two commits; the standby has what was committed, and goes on."""
    _kill(world, Kill(chance.choice(_CALLS), chance.random(), commits=True))


def _kill(world: World, kill: Kill) -> None:
    world.server.kills[kill.name] = kill


async def disk_full(world: World, chance: Random) -> None:
    """For hours the database cannot grow: phones keep what they have, nothing is half stored."""
    world.tell("server", "disk full")
    world.server.full = True
    await asyncio.sleep(chance.uniform(0.5, 6) * _HOUR)
    world.server.full = False
    world.tell("server", "room again")


async def split_brain(world: World, chance: Random) -> None:
    """Some phones are led to a primary of before, which is alone and can commit nothing."""
    labels = [label for label in world.phones if chance.random() < 0.5]
    world.tell("server", "split", f"{len(labels)} phones astray")
    await world.becomes(lambda: not world.server.astray)
    with world.server.split(labels):
        await asyncio.sleep(chance.uniform(300, 2 * _HOUR))
    world.tell("server", "one again")


async def restored(world: World, chance: Random) -> None:
    """The database is lost, and the newest backup put in its place."""
    await world.becomes(lambda: world.incidents.backed_up is not None)
    if world.incidents.restored:
        return
    with world.server.away():
        lose_database(world)
        await asyncio.sleep(chance.uniform(600, _HOUR))
    await restore(world, chance)


async def ransom(world: World, chance: Random) -> None:
    """An intruder spoils the database; the copies say what lacks, before and after the restore."""
    await world.becomes(lambda: world.incidents.backed_up is not None)
    if world.incidents.restored:
        return
    copies = world.upkeep.copies()
    with world.server.away():
        world.upkeep.spoil()
        highest = world.upkeep.copied(copies)
        _hold_against(world, copies, "spoiled", highest.keys() & {"audit", "entry"})
        lacks = {"audit"} if highest.get("audit", 0) > world.incidents.logged else set[str]()
        lose_database(world)
        await asyncio.sleep(chance.uniform(600, _HOUR))
    await restore(world, chance)
    _hold_against(world, copies, "restored", lacks)


def _hold_against(world: World, copies: Path, when: str, least: set[str]) -> None:
    """The copies name at least these kinds as changed or missing in the database."""
    found = world.upkeep.differences(copies, clock.now())
    world.tell("copies", "say", f"{when}: {', '.join(sorted(found))}")
    if not least <= found.keys():
        raise ViolationError("copies_name_what_lacks", f"{when}: they name {sorted(found)}")


ALL: Final = (
    Mishap("server_away", (48,), "the server is away for a while", 2, away),
    Mishap("server_away_a_day", (48,), "the server is away for a day and a night", 0.3, away_a_day),
    Mishap("server_killed", (42,), "the server is killed at a step of its work", 40, killed),
    Mishap("primary_lost", (45,), "the primary is lost, the standby goes on", 10, primary_lost),
    Mishap("disk_full", (43,), "the server's disk is full for hours", 1, disk_full),
    Mishap("split_brain", (46,), "some phones are led to an old primary", 2, split_brain),
    Mishap("restored", (44,), "yesterday's backup is put in place", 0.5, restored),
    Mishap("ransom", (49,), "an intruder spoils the database", 0.2, ransom),
)
