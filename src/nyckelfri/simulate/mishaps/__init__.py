"""Everything that may go wrong, each kind in the room of what it happens to."""

from __future__ import annotations

from typing import Final

from nyckelfri.simulate.mishap import Mishap
from nyckelfri.simulate.mishaps import doors, keys, phones, servers, staff, transit

ALL: Final[tuple[Mishap, ...]] = (
    *doors.ALL,
    *phones.ALL,
    *servers.ALL,
    *transit.ALL,
    *keys.ALL,
    *staff.ALL,
)
BY_NAME: Final = {mishap.name: mishap for mishap in ALL}
if len(BY_NAME) < len(ALL):
    raise ValueError("two kinds of mishap have one name")
