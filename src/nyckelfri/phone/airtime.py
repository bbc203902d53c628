"""Which advertisements are doors of ours (docs/protocol.md, 11).

House rules: pure. First the three hours that the protocol names; then a week and a half around
them, because hearing costs nothing and a carer before a closed door cannot fix a clock. The phone's
own may have been set a day and a half wrong since its last sync, and a lock believes a clock chip
that stands up to a week ahead (docs/protocol.md, 5) until somebody who finds it brings the time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from nyckelfri.door.advert import HOUR, pseudonym

NEAR: Final = 1
"""Hours before and after the present one."""
_WEEK: Final = 7 * 24
WIDE: Final = _WEEK + 36
_YEAR: Final = 366 * 24


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


def of_new_lock(radio_key: bytes, since: int, now: int) -> set[bytes]:
    """All that a lock may say which nobody has told the time since its bulletin of `since`.

    Its clock began there, and over a start it may have moved a week ahead (docs/protocol.md, 5).
    """
    first = max(0, since // HOUR - NEAR)
    last = min(max(since, now) // HOUR + _WEEK, first + _YEAR, 0xFFFFFFFF)
    hours = range(first, last + 1)
    return {pseudonym(radio_key, None), *(pseudonym(radio_key, hour) for hour in hours)}
