"""Whether the reading of a visit label fits what the doors tell.

House rules: to stand out is a question to ask, and proves nothing. The locks' own journals
are the stronger evidence, and come home late: what they have not told yet is waited for, so
a reading is judged when somebody asks and never when it comes.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from nyckelfri.care import visits
from nyckelfri.care.visits import LockEvent, Stay

NEAR: Final = timedelta(minutes=15)
"""How far from a door's use a reading of the label behind it may be."""
INSIDE: Final = timedelta(minutes=2)
"""How far within a stay somebody is certainly still there."""
OPEN_STAY: Final = timedelta(hours=4)
"""How long somebody may have stayed whose locking is not in the journal."""
SAME_TAP: Final = timedelta(minutes=10)
"""How far apart two phones' corrected clocks may be."""
PATIENCE: Final = timedelta(days=3)
"""A journal that has not come home by then is not waited for any longer."""


class Fit(enum.Enum):
    """How a reading lies to the evidence."""

    FITS = "fits"
    WAITING = "waiting"
    """The lock's journal has not come home that far."""
    NO_DOOR = "no_door"
    """The home has a lock, and nobody who was to be there used it."""
    ELSEWHERE = "elsewhere"
    """They were inside another home."""
    SAVED_UP = "saved_up"
    """A later tap of the label was there earlier: this one was kept for later use."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A label read by `employee_id` at `at`, in a home with `lock_ids` (none: no lock).

    `companions` were to be there too, and may have opened. `counter` is the chip's own, None
    where nothing was signed.
    """

    employee_id: str
    at: datetime
    lock_ids: frozenset[str]
    companions: frozenset[str] = frozenset()
    counter: int | None = None


def judge(
    reading: Reading,
    *,
    events: Iterable[LockEvent],
    taps: Iterable[tuple[int, datetime]] = (),
    home_until: datetime | None,
    now: datetime,
) -> Fit:
    """How a reading fits.

    `events` are movements around that time by the employee, anywhere, and by the companions.
    `taps` are counter and time of other readings that the same chip signed. `home_until` is
    the time up to which the journals of the home's locks have come, None for not at all.
    """
    if reading.counter is not None and any(
        counter > reading.counter and at < reading.at - SAME_TAP for counter, at in taps
    ):
        return Fit.SAVED_UP
    known = list(events)
    stays = visits.stays(known)
    if _is_near(reading, known, stays):
        return Fit.FITS
    if any(_is_inside(stay, reading.at) for stay in stays if _is_away(stay, reading)):
        return Fit.ELSEWHERE
    if not reading.lock_ids:
        return Fit.FITS
    told = home_until is not None and home_until > reading.at + NEAR
    return Fit.NO_DOOR if told or now > reading.at + PATIENCE else Fit.WAITING


def _is_near(reading: Reading, events: Sequence[LockEvent], stays: Sequence[Stay]) -> bool:
    there = {reading.employee_id, *reading.companions}
    at = reading.at
    return any(
        event.lock_id in reading.lock_ids
        and event.employee_id in there
        and abs(event.at - at) <= NEAR
        for event in events
    ) or any(
        stay.lock_id in reading.lock_ids
        and stay.employee_id in there
        and stay.entry <= at <= (stay.exit or stay.entry + OPEN_STAY)
        for stay in stays
    )


def _is_away(stay: Stay, reading: Reading) -> bool:
    return stay.employee_id == reading.employee_id and stay.lock_id not in reading.lock_ids


def _is_inside(stay: Stay, at: datetime) -> bool:
    return stay.exit is not None and stay.entry + INSIDE <= at <= stay.exit - INSIDE
