"""How long it took from an alarm until somebody was at the door."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import ceil
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from nyckelfri.care.statistics.facts import month_of, percent, seconds_between
from nyckelfri.care.visits import Movement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nyckelfri.care.performed import AlarmSign, DoorSign


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmPolicy:
    """How alarms are measured; ValueError if impossible."""

    promised: timedelta = timedelta(minutes=30)
    """When somebody shall be there."""
    longest: timedelta = timedelta(hours=4)
    """A door opened later than this is of another visit."""
    fewest: int = 5
    staff: int = 3
    """Of fewer arrivals a month, or by fewer, there is no median: it would be one person's."""

    def __post_init__(self) -> None:
        if not timedelta(0) < self.promised <= self.longest:
            raise ValueError("promised is more than nothing, and at most longest")
        if min(self.fewest, self.staff) < 2:
            raise ValueError("fewest and staff are at least two")


class AlarmToDoor(NamedTuple):
    """A month's alarms.

    `reached` are those where somebody is known to have come; `in_time` is their share within
    what is promised, in percent. Median and 90th percentile are whole seconds; all three are None
    of few.
    """

    alarms: int
    reached: int
    median: int | None
    ninetieth: int | None
    in_time: Decimal | None


def alarm_to_door(
    alarms: Iterable[AlarmSign],
    doors: Iterable[DoorSign],
    home_of: Mapping[str, str],
    policy: AlarmPolicy,
) -> dict[date, AlarmToDoor]:
    """Measure by month (its first day); `home_of` says where a client lives.

    Somebody came when whoever took the alarm first opened the home's door after it, as its lock
    recorded; without that, when they said that they were there.
    """
    opened: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for door in sorted(doors, key=lambda door: door.at):
        if door.movement is Movement.UNLOCKED:
            opened[door.home_id, door.employee_id].append(door.at)
    months: dict[date, list[tuple[int | None, str | None]]] = defaultdict(list)
    for alarm in {alarm.ref: alarm for alarm in alarms}.values():
        came = _arrival(alarm, opened, home_of.get(alarm.client_id, ""), policy.longest)
        took = None if came is None else seconds_between(alarm.at, came)
        months[month_of(alarm.at)].append((took, alarm.employee_id))
    return {month: _measured(months[month], policy) for month in sorted(months)}


def _arrival(
    alarm: AlarmSign,
    opened: Mapping[tuple[str, str], list[datetime]],
    home_id: str,
    longest: timedelta,
) -> datetime | None:
    if alarm.employee_id is not None:
        times = opened.get((home_id, alarm.employee_id), [])
        at = bisect_left(times, alarm.at)
        if at < len(times) and times[at] - alarm.at <= longest:
            return times[at]
    said = alarm.on_site
    return said if said is not None and alarm.at <= said <= alarm.at + longest else None


def _measured(took: list[tuple[int | None, str | None]], policy: AlarmPolicy) -> AlarmToDoor:
    known = sorted(seconds for seconds, _ in took if seconds is not None)
    staff = {employee for seconds, employee in took if seconds is not None}
    if len(known) < policy.fewest or len(staff) < policy.staff:
        return AlarmToDoor(len(took), len(known), None, None, None)
    promised = policy.promised.total_seconds()
    return AlarmToDoor(
        len(took),
        len(known),
        int(median(known)),
        known[ceil(len(known) * 9 / 10) - 1],
        percent(sum(seconds <= promised for seconds in known), len(known)),
    )
