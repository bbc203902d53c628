"""When somebody is on duty, and which hours of it are whose.

House rules: a shift counts with its margins and while its employee is employed. By
day the doors are the chosen team's and by night the patrol's; margins only stretch
an hour that the shift itself reaches. Everything is in UTC once it is a window.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, NamedTuple

from nyckelfri.care.policy import Scope
from nyckelfri.care.times import Window, daily
from nyckelfri.care.world import TeamKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime, timedelta

    from nyckelfri.care.policy import Policy
    from nyckelfri.care.world import Alarm, Employee, PlannedVisit, Shift, World


class Duty(NamedTuple):
    """An employee on a shift: its own `hours`, and `window` with margins, while employed."""

    employee: Employee
    shift: Shift
    hours: Window
    window: Window


def on_duty(
    world: World, staff: Mapping[str, Employee], policy: Policy, now: datetime
) -> Iterator[Duty]:
    """Every shift that is not over or due later than the horizon; `now` in UTC."""
    for shift in world.shifts:
        employee = staff.get(shift.employee_id)
        if employee is None:
            continue
        hours = shift.hours
        window = shift_window(hours, policy)
        if is_near(hours, window, policy, now):
            held = window.overlap(employee.employed.window())
            if held is not None:
                yield Duty(employee, shift, hours, held)


def shift_window(hours: Window, policy: Policy) -> Window:
    """A shift's hours with their margins."""
    return _wider(hours, policy.before_shift, policy.after_shift)


def visit_window(visit: PlannedVisit, policy: Policy) -> Window:
    """A planned visit with its margins, where it is the visit that opens the door."""
    return _wider(visit.hours, policy.before_visit, policy.after_visit)


def health_window(visit: PlannedVisit, policy: Policy) -> Window:
    """A visit of licensed health staff with its margins."""
    return _wider(visit.hours, policy.before_health_visit, policy.after_health_visit)


def alarm_window(alarm: Alarm, policy: Policy) -> Window:
    """How long an alarm opens the door to a group that it does not stand open to."""
    start = alarm.start.astimezone(UTC)
    longest = start + policy.alarm_access
    if alarm.end is None:
        return Window(start, longest)
    return Window(start, min(longest, alarm.end.astimezone(UTC) + policy.after_alarm))


def is_near(hours: Window, window: Window, policy: Policy, now: datetime) -> bool:
    """Whether planned work has not ended and is due within the horizon.

    What has just ended stays in while a following shift may be merged with it,
    or the grant of a split shift would change at its seam.
    """
    return hours.start <= now + policy.horizon and window.end + policy.longest_grant > now


def hours_of(kind: TeamKind, duty: Duty, policy: Policy) -> list[Window]:
    """Cut out the parts of a duty in which a team of this kind lets its carers in.

    Margins only stretch an hour that the shift itself reaches: a day shift from 7
    gives the night patrol nothing before it.
    """
    return [part for part in open_hours(kind, duty.window, policy) if _touch(part, duty.hours)]


def either_hours(duty: Duty, policy: Policy) -> list[Window]:
    """Cut out a substitute's day and night: each is an hour of whom they stand in for."""
    kinds = TeamKind.HOME_CARE, TeamKind.NIGHT_PATROL
    return [part for kind in kinds for part in hours_of(kind, duty, policy)]


def open_hours(kind: TeamKind, window: Window, policy: Policy) -> list[Window]:
    """Parts of a window in which a team of this kind lets its carers in."""
    if kind is TeamKind.ALARM_GROUP:
        return [window]
    if kind is TeamKind.NIGHT_PATROL:
        return list(daily(window, policy.night_starts, policy.night_ends))
    return list(daily(window, policy.night_ends, policy.night_starts))


def visit_part(visit: PlannedVisit, duty: Duty, part: Window, policy: Policy) -> Window | None:
    """What a visit opens of a part of a duty: all of it, or the visit's own time by policy.

    None for a visit that reaches neither the shift itself nor that part of it.
    """
    if policy.scope is Scope.VISITS:
        return visit_time(visit, duty, part, policy)
    return part if _reaches(visit, duty, part) else None


def visit_time(visit: PlannedVisit, duty: Duty, part: Window, policy: Policy) -> Window | None:
    """A visit's own time with its margins, in a part of a duty.

    None for a visit that reaches neither the shift itself nor that part of it.
    """
    return part.overlap(visit_window(visit, policy)) if _reaches(visit, duty, part) else None


def _reaches(visit: PlannedVisit, duty: Duty, part: Window) -> bool:
    return _touch(visit.hours, duty.hours) and _touch(visit.hours, part)


def _touch(one: Window, other: Window) -> bool:
    return one.start < other.end and other.start < one.end


def _wider(hours: Window, before: timedelta, after: timedelta) -> Window:
    return Window(hours.start - before, hours.end + after)
