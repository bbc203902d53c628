"""Who may open which lock when, derived and never assigned.

House rules: one rule a function, and each only ever adds windows: a shift, a
decision or a choice that is taken away can only take access away. A change of
provider, the end of a decision or of an employment needs no step of its own.

By day the carers of the team that the client chose; by night the municipality's
night patrol; the alarm group at any hour; a substitute exactly the homes of the
visits assigned to them; licensed health staff by planned visit. All but the last
only while on shift, and always the entrance with the home behind it.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC
from typing import TYPE_CHECKING, NamedTuple

from nyckelfri.care.entitlements import Decided, by_team
from nyckelfri.care.grants import GrantBook, Reason, Rule
from nyckelfri.care.times import Window, daily, require_aware
from nyckelfri.care.world import HOME_CARE, Role, TeamKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, timedelta

    from nyckelfri.care.grants import AccessGrant
    from nyckelfri.care.policy import Policy
    from nyckelfri.care.world import Employee, PlannedVisit, Shift, World


class _Access(NamedTuple):
    """An employee is let in to a client's home in a window."""

    employee_id: str
    client_id: str
    window: Window
    reason: Reason


class _OnDuty(NamedTuple):
    """An employee on a shift; `window` is the shift with its margins, while employed."""

    employee: Employee
    shift: Shift
    window: Window


def derive(world: World, policy: Policy, now: datetime) -> list[AccessGrant]:
    """Every grant of shifts and health visits that run at `now` or start within the horizon.

    Windows keep their true start even when it has passed, so that a grant is the
    same value however late in the shift it is derived. Sorted by employee, lock
    and time; ValueError for a `now` without a zone.
    """
    require_aware("now", now)
    homes, entrances = _mounted(world)
    book = GrantBook()
    for employee_id, client_id, window, reason in _accesses(world, policy, now.astimezone(UTC)):
        if client_id in homes:
            book.add(employee_id, homes[client_id], window, reason)
        if client_id in entrances:
            entrance_id, lock_id = entrances[client_id]
            book.add(employee_id, lock_id, window, reason.at_entrance(entrance_id))
    return book.grants(policy.longest_grant, now)


def _mounted(world: World) -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    """By client id: the home's lock, and the entrance's id and lock, where mounted."""
    homes = {
        client.id: client.lock_id
        for client in world.clients
        if client.lock_id is not None and client.lock_id in world.mounted_locks
    }
    units = {
        entrance.id: entrance.lock_id
        for entrance in world.entrances
        if entrance.lock_id is not None and entrance.lock_id in world.mounted_locks
    }
    entrances = {
        client.id: (client.entrance_id, units[client.entrance_id])
        for client in world.clients
        if client.entrance_id in units
    }
    return homes, entrances


def _accesses(world: World, policy: Policy, now: datetime) -> Iterator[_Access]:
    decided = Decided(world)
    staff = {employee.id: employee for employee in world.employees}
    visits = _visits_by_employee(world, staff)
    on_duty = list(_on_duty(world, staff, policy, now))
    yield from _team_access(on_duty, world, policy, decided)
    yield from _substitute_access(on_duty, visits, policy, decided)
    yield from _health_access(staff, visits, policy, now)


def _team_access(
    on_duty: list[_OnDuty], world: World, policy: Policy, decided: Decided
) -> Iterator[_Access]:
    """Carers on shift: the doors that their team is entitled to, in the team's hours."""
    entitled = by_team(world, policy, decided)
    kinds = {team.id: team.kind for team in world.teams}
    for employee, shift, window in on_duty:
        team_id = employee.team_id
        if employee.role is not Role.CARER or team_id is None or team_id not in entitled:
            continue
        for part in _hours_of(kinds[team_id], shift, window, policy):
            for due in entitled[team_id]:
                held = part.overlap(due.window)
                if held is not None:
                    yield _Access(
                        employee.id,
                        due.client_id,
                        held,
                        Reason(
                            due.rule,
                            client_id=due.client_id,
                            team_id=team_id,
                            shift_id=shift.id,
                            decision_id=due.decision_id,
                            choice_id=due.choice_id,
                        ),
                    )


def _substitute_access(
    on_duty: list[_OnDuty],
    visits: dict[str, list[PlannedVisit]],
    policy: Policy,
    decided: Decided,
) -> Iterator[_Access]:
    """Substitutes on shift: the homes of their visits, for the hours of whom they stand in for."""
    for employee, shift, window in on_duty:
        if employee.role is not Role.SUBSTITUTE:
            continue
        parts = [
            part
            for kind in (TeamKind.HOME_CARE, TeamKind.NIGHT_PATROL)
            for part in _hours_of(kind, shift, window, policy)
        ]
        for visit in visits.get(employee.id, ()):
            if not shift.start <= visit.start < shift.end:
                continue
            part = next((part for part in parts if part.start <= visit.start < part.end), None)
            if part is None:
                continue
            for decision_id, decision in decided.of(visit.client_id, visit.services & HOME_CARE):
                held = part.overlap(decision)
                if held is not None:
                    yield _Access(
                        employee.id,
                        visit.client_id,
                        held,
                        Reason(
                            Rule.ASSIGNED_VISIT,
                            client_id=visit.client_id,
                            shift_id=shift.id,
                            visit_id=visit.id,
                            decision_id=decision_id,
                        ),
                    )


def _health_access(
    staff: dict[str, Employee],
    visits: dict[str, list[PlannedVisit]],
    policy: Policy,
    now: datetime,
) -> Iterator[_Access]:
    """Licensed health staff: the home of each planned visit, at its time with margins.

    No care decision is asked for: health care at home does not rest on one.
    """
    for employee_id, planned in visits.items():
        employee = staff[employee_id]
        if employee.role is not Role.HEALTH:
            continue
        employed = employee.employed.window()
        for visit in planned:
            window = _near(
                visit, policy.before_health_visit, policy.after_health_visit, policy, now
            )
            held = window and window.overlap(employed)
            if held is not None:
                yield _Access(
                    employee_id,
                    visit.client_id,
                    held,
                    Reason(Rule.HEALTH_VISIT, client_id=visit.client_id, visit_id=visit.id),
                )


def _on_duty(
    world: World, staff: dict[str, Employee], policy: Policy, now: datetime
) -> Iterator[_OnDuty]:
    for shift in world.shifts:
        employee = staff.get(shift.employee_id)
        if employee is None:
            continue
        window = _near(shift, policy.before_shift, policy.after_shift, policy, now)
        held = window and window.overlap(employee.employed.window())
        if held is not None:
            yield _OnDuty(employee, shift, held)


def _near(
    planned: Shift | PlannedVisit,
    before: timedelta,
    after: timedelta,
    policy: Policy,
    now: datetime,
) -> Window | None:
    """`planned` with its margins, or None where it has ended or is not due yet.

    What has just ended stays in while a following shift may be merged with it,
    or the grant of a split shift would change at its seam.
    """
    if planned.start > now + policy.horizon or planned.end + after + policy.longest_grant <= now:
        return None
    return Window(planned.start.astimezone(UTC) - before, planned.end.astimezone(UTC) + after)


def _hours_of(kind: TeamKind, shift: Shift, window: Window, policy: Policy) -> list[Window]:
    """Cut out the parts of `window` in which a team of this kind lets its carers in.

    Margins only stretch an hour that the shift itself reaches: a day shift from 7
    gives the night patrol nothing before it.
    """
    if kind is TeamKind.ALARM_GROUP:
        return [window]
    if kind is TeamKind.NIGHT_PATROL:
        opens, closes = policy.night_starts, policy.night_ends
    else:
        opens, closes = policy.night_ends, policy.night_starts
    return [
        part
        for part in daily(window, opens, closes)
        if part.start < shift.end and shift.start < part.end
    ]


def _visits_by_employee(world: World, staff: dict[str, Employee]) -> dict[str, list[PlannedVisit]]:
    """Find the visits of those who come by a door through visits."""
    by_visit = {
        employee.id
        for employee in staff.values()
        if employee.role in {Role.SUBSTITUTE, Role.HEALTH}
    }
    found: defaultdict[str, list[PlannedVisit]] = defaultdict(list)
    for visit in world.visits:
        for employee_id in dict.fromkeys(visit.employee_ids):
            if employee_id in by_visit:
                found[employee_id].append(visit)
    return dict(found)
