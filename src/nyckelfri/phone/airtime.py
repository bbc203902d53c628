"""Which advertisements are doors of ours (docs/protocol.md, 11).

House rules: pure. First the three hours that the protocol names; a phone whose clock has been set
wrong since its last sync may then listen for a day and a half around it, because hearing costs
nothing and a carer before a closed door cannot fix a clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from nyckelfri.door.advert import HOUR, pseudonym

NEAR: Final = 1
"""Hours before and after the present one."""
WIDE: Final = 36


@dataclass(frozen=True, slots=True)
class Pseudonym:
    """Which door an advertisement is, and whether its lock says that it has lost the time."""

    installation: bytes
    lost: bool


def pseudonyms(
    doors: Iterable[tuple[bytes, bytes]], now: int, reach: int = NEAR
) -> dict[bytes, Pseudonym]:
    """Payload to door, for (installation, radio key) pairs and `reach` hours around `now`."""
    found: dict[bytes, Pseudonym] = {}
    this = now // HOUR
    hours = range(max(0, this - reach), min(this + reach, 0xFFFFFFFF) + 1)
    for installation, radio_key in doors:
        found[pseudonym(radio_key, None)] = Pseudonym(installation, lost=True)
        for hour in hours:
            found[pseudonym(radio_key, hour)] = Pseudonym(installation, lost=False)
    return found
