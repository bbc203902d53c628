"""Local Swedish times to UTC, through both changes of the clock.

House rules: a time that the clocks skip in spring does not exist and has no reading;
a time that they show twice in autumn has two. A period is read so that it starts as
early as it can and ends at the first reading after its start. So a night shift
22:00-02:30 ends at the first 02:30, a visit 02:45-02:15 ends at the second 02:15, and
02:30-06:00 is the longer of the two shifts it could mean: access is there when the
carer is, whichever was meant.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")


@lru_cache(maxsize=8192)
def readings(local: datetime) -> tuple[datetime, ...]:
    """Give the UTC moments, earliest first, at which Swedish clocks show naive `local`."""
    found: list[datetime] = []
    for fold in (0, 1):
        moment = local.replace(tzinfo=STOCKHOLM, fold=fold).astimezone(UTC)
        if moment.astimezone(STOCKHOLM).replace(tzinfo=None) == local and moment not in found:
            found.append(moment)
    return tuple(found)


def period(start: datetime, end: datetime) -> tuple[datetime, datetime] | None:
    """Read two existing naive local times as a UTC period; None when it cannot be one."""
    first = readings(start)[0]
    return next(((first, last) for last in readings(end) if last > first), None)
