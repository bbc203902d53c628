"""Who may open which lock when, derived and never assigned.

House rules: one rule a function, and each only ever adds windows: a shift, a
decision or a choice that is taken away can only take access away. A change of
provider, the end of a decision or of an employment needs no step of its own. What
limits a person (a withdrawal, a blocked phone, clients of their own only) comes
last and takes away from whatever any rule gave.

By day the carers of the team that the client chose, or where the municipality asks
for it only those with a visit to make; by night the municipality's night patrol,
whose rounds nobody plans; the alarm group at any hour or at an alarm only; a
colleague from another team of the chosen provider exactly the visits that a planner
gave them by hand; a substitute exactly the homes of the visits assigned to them;
licensed health staff by planned visit or to their assigned clients. All but the
visits of health staff only while on shift, and always the entrance with the home
behind it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from nyckelfri.care.duty import (
    either_hours,
    health_window,
    hours_of,
    is_near,
    visit_part,
    visit_time,
)
from nyckelfri.care.grants import GrantBook, Reason, Rule
from nyckelfri.care.scene import Scene
from nyckelfri.care.times import require_aware
from nyckelfri.care.world import HOME_CARE, Role

if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from datetime import datetime

    from nyckelfri.care.duty import Duty
    from nyckelfri.care.entitlements import Entitlement
    from nyckelfri.care.grants import AccessGrant
    from nyckelfri.care.policy import Policy
    from nyckelfri.care.times import Window
    from nyckelfri.care.world import World


class _Access(NamedTuple):
    """An employee is let in to a client's home in a window."""

    employee_id: str
    client_id: str
    window: Window
    reason: Reason


def derive(world: World, policy: Policy, now: datetime) -> list[AccessGrant]:
    """Every grant of shifts and health visits that run at `now` or start within the horizon.

    Windows keep their true start even when it has passed, so that a grant is the
    same value however late in the shift it is derived. Sorted by employee, lock
    and time; ValueError for a `now` without a zone.
    """
    require_aware("now", now)
    return book(world, policy, now).grants(policy.longest_grant, now)


def book(
    world: World, policy: Policy, now: datetime, locks: Container[str | None] | None = None
) -> GrantBook:
    """Everything that the rules give around `now`, of these locks, before it is cut into grants."""
    homes, entrances = _mounted(world, world.mounted_locks if locks is None else locks)
    found = GrantBook()
    for employee_id, client_id, window, reason in _accesses(Scene(world, policy, now)):
        if client_id in homes:
            found.add(employee_id, homes[client_id], window, reason)
        if client_id in entrances:
            entrance_id, lock_id = entrances[client_id]
            found.add(employee_id, lock_id, window, reason.at_entrance(entrance_id))
    return found


def _mounted(
    world: World, locks: Container[str | None]
) -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    """By client id: the home's lock, and the entrance's id and lock, where mounted."""
    mounted = {lock for lock in world.mounted_locks if lock in locks}
    homes = {
        client.id: client.lock_id
        for client in world.clients
        if client.lock_id is not None and client.lock_id in mounted
    }
    units = {
        entrance.id: entrance.lock_id
        for entrance in world.entrances
        if entrance.lock_id is not None and entrance.lock_id in mounted
    }
    entrances = {
        client.id: (client.entrance_id, units[client.entrance_id])
        for client in world.clients
        if client.entrance_id in units
    }
    return homes, entrances


def _accesses(scene: Scene) -> Iterator[_Access]:
    limits = scene.limits
    limited = limits.employees
    for rule in _RULES:
        for access in rule(scene):
            if access.employee_id not in limited:
                yield access
                continue
            if access.employee_id in limits.blocked:
                continue
            for window in limits.left(access.employee_id, access.client_id, access.window):
                yield access._replace(window=window)


def _team_access(scene: Scene) -> Iterator[_Access]:
    """Carers on shift: the doors that their team is entitled to, in the team's hours."""
    for duty in scene.duties:
        team = scene.team_of(duty.employee)
        if team is None:
            continue
        dues = scene.dues_of(duty.employee, team)
        for part in hours_of(team.kind, duty, scene.policy):
            for due in dues:
                for window, reason in _occasions(scene, duty, part, due):
                    held = window.overlap(due.window)
                    if held is not None:
                        yield _Access(duty.employee.id, due.client_id, held, reason)


def _occasions(
    scene: Scene, duty: Duty, part: Window, due: Entitlement
) -> Iterator[tuple[Window, Reason]]:
    """When an entitlement opens the door in a part of a duty, and why.

    Always, unless the municipality asks for a planned visit or an alarm. The night
    patrol is never asked for a visit: nobody plans its rounds.
    """
    shift = duty.shift
    reason = due.reason(duty.employee.team_id, shift.id, ad_hoc=shift.ad_hoc)
    if due.rule is Rule.PLANNED_VISIT:
        for visit in scene.visits_of(duty.employee.id).get(due.client_id, ()):
            held = visit_part(visit, duty, part, scene.policy)
            if held is not None and due.service in visit.services:
                ad_hoc = shift.ad_hoc or visit.ad_hoc
                yield held, reason._replace(visit_id=visit.id, ad_hoc=ad_hoc)
    elif due.rule is Rule.ALARM:
        for alarm, window in scene.alarms_of(due.client_id):
            held = part.overlap(window)
            if held is not None:
                yield held, reason._replace(alarm_id=alarm.id)
    else:
        yield part, reason


def _lent_access(scene: Scene) -> Iterator[_Access]:
    """Carers on shift, of another team than the chosen provider's own for the client.

    Their visits by hand and nothing else, each at its time with margins whatever the
    policy's scope, in the hours of the team that they come from.
    """
    for duty in scene.duties:
        employee, shift, _, _ = duty
        team = scene.team_of(employee)
        if team is None:
            continue
        for visit in scene.by_hand_of(employee.id):
            for due in scene.other_teams.dues(team, visit.client_id):
                if due.service not in visit.services:
                    continue
                reason = due.reason(team.id, shift.id, ad_hoc=True)._replace(visit_id=visit.id)
                for part in hours_of(team.kind, duty, scene.policy):
                    open_part = visit_time(visit, duty, part, scene.policy)
                    held = open_part and open_part.overlap(due.window)
                    if held is not None:
                        yield _Access(employee.id, visit.client_id, held, reason)


def _substitute_access(scene: Scene) -> Iterator[_Access]:
    """Substitutes on shift: the homes of their visits, for the hours of whom they stand in for."""
    for duty in scene.duties:
        employee, shift, _, _ = duty
        if employee.role is not Role.SUBSTITUTE:
            continue
        parts = either_hours(duty, scene.policy)
        for client_id, visits in scene.visits_of(employee.id).items():
            for visit in visits:
                for _, decision_id, decision in scene.decided.of(
                    client_id, visit.services & HOME_CARE
                ):
                    reason = Reason(
                        Rule.ASSIGNED_VISIT,
                        client_id=client_id,
                        shift_id=shift.id,
                        visit_id=visit.id,
                        decision_id=decision_id,
                        ad_hoc=shift.ad_hoc or visit.ad_hoc,
                    )
                    for part in parts:
                        open_part = visit_part(visit, duty, part, scene.policy)
                        held = open_part and open_part.overlap(decision)
                        if held is not None:
                            yield _Access(employee.id, client_id, held, reason)


def _visiting_access(scene: Scene) -> Iterator[_Access]:
    """Licensed health staff: the home of each planned visit, at its time with margins.

    No care decision is asked for: health care at home does not rest on one.
    """
    for employee in scene.staff.values():
        if employee.role is not Role.HEALTH:
            continue
        employed = employee.employed.window()
        for client_id, visits in scene.visits_of(employee.id).items():
            for visit in visits:
                window = health_window(visit, scene.policy)
                held = window.overlap(employed)
                if held is not None and is_near(visit.hours, window, scene.policy, scene.now):
                    reason = Reason(
                        Rule.HEALTH_VISIT,
                        client_id=client_id,
                        visit_id=visit.id,
                        ad_hoc=visit.ad_hoc,
                    )
                    yield _Access(employee.id, client_id, held, reason)


def _assigned_access(scene: Scene) -> Iterator[_Access]:
    """Licensed health staff: the homes of clients assigned to them, while on shift.

    Without a shift they come by planned visit only: an assignment lasts for months,
    and a door should stand open to nobody for months.
    """
    for employee, shift, _, window in scene.duties:
        if employee.role is not Role.HEALTH:
            continue
        for assignment in scene.assignments_of(employee.id):
            held = window.overlap(assignment.dates.window())
            if held is not None:
                reason = Reason(
                    Rule.ASSIGNED_CLIENT,
                    client_id=assignment.client_id,
                    shift_id=shift.id,
                    assignment_id=assignment.id,
                    ad_hoc=shift.ad_hoc,
                )
                yield _Access(employee.id, assignment.client_id, held, reason)


_RULES = _team_access, _lent_access, _substitute_access, _visiting_access, _assigned_access
"""Each adds to what the others give."""
