"""The rules that a simulated week is held to, each in the room of what it is about."""

from __future__ import annotations

from typing import Final

from nyckelfri.simulate.invariant import Invariant
from nyckelfri.simulate.invariants import doors, keys, log, money, visits

ALL: Final[tuple[type[Invariant], ...]] = (
    *doors.ALL,
    *keys.ALL,
    *log.ALL,
    *visits.ALL,
    *money.ALL,
)
