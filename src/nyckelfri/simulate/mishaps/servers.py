"""What happens to the server: away, killed, full, restored from yesterday."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Final

from nyckelfri.simulate.mishap import Mishap
from nyckelfri.simulate.world import World

_HOUR: Final = 3600


async def away(world: World, chance: Random) -> None:
    """The server does not answer for minutes, or for a day."""
    hours = chance.choice((0.1, 0.5, 2, 24))
    world.tell("server", "away", f"{hours} h")
    world.server.up = False
    await asyncio.sleep(hours * _HOUR)
    world.server.up = True
    world.tell("server", "back")


async def killed(world: World, chance: Random) -> None:
    """SIGKILL at some step of the next call's work, or behind its end."""
    world.server.kill_at = chance.randrange(1, 120)
    await asyncio.sleep(0)


ALL: Final = (
    Mishap("server_away", (48,), "the server is away for a while", 1, away),
    Mishap("server_killed", (42, 45), "the server is killed at a step of a call", 40, killed),
)
