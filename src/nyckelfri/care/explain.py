"""Who can open a client's doors at a moment, and who may whenever they are on shift.

House rules: nothing is judged here a second time; the answers are read off the very
rules that access is derived by. A home's reasons name the client, an entrance's
never do: those who open it for a neighbour are told by team and shift only.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, NamedTuple

from nyckelfri.care.access import book
from nyckelfri.care.duty import shift_window, visit_window
from nyckelfri.care.grants import Reason, Rule
from nyckelfri.care.scene import Scene, find_client, focused, sharing_lock
from nyckelfri.care.times import DateRange, require_aware
from nyckelfri.care.world import HOME_CARE, PhoneStanding, Role

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from nyckelfri.care.grants import GrantBook
    from nyckelfri.care.policy import Policy
    from nyckelfri.care.times import Window
    from nyckelfri.care.world import CareTeam, Employee, World


_RULES = tuple(Rule)


class Opener(NamedTuple):
    """Somebody who can open a door now, `since` and `until` when if nothing changes."""

    employee_id: str
    since: datetime
    until: datetime
    reasons: tuple[Reason, ...]


class DoorOpeners(NamedTuple):
    """A mounted lock and everybody who can open it, sorted by employee."""

    lock_id: str
    openers: tuple[Opener, ...]


class Explanation(NamedTuple):
    """Who can open a client's doors at a moment; None for a door without a mounted lock."""

    client_id: str
    moment: datetime
    home: DoorOpeners | None
    entrance: DoorOpeners | None


class Entitled(NamedTuple):
    """Somebody who may open a client's door on a day, by `rule` and the rows of `reason`.

    Whenever they are on shift in the hours of the rule; PLANNED_VISIT asks for a
    visit too, ALARM for an alarm, and HEALTH_VISIT for no shift. A visit that a
    reason names is the only one that it speaks of.
    """

    employee_id: str
    client_id: str
    rule: Rule
    reason: Reason


def explain(world: World, policy: Policy, client_id: str, moment: datetime) -> Explanation:
    """Who can open the client's home and entrance at `moment`, until when and why.

    Only those with a phone in use. LookupError for an unknown client, ValueError
    for a moment without a zone.
    """
    require_aware("moment", moment)
    client = find_client(world, client_id)
    neighbours = {
        row.id
        for row in world.clients
        if client.entrance_id is not None and row.entrance_id == client.entrance_id
    }
    near = sharing_lock(world, {client_id, *neighbours})
    units = {row.id: row.lock_id for row in world.entrances}
    locks = client.lock_id, client.entrance_id and units.get(client.entrance_id)
    held = book(focused(world, near, _there(world, policy, moment)), policy, moment, locks)
    openers = _openers(world, held, moment)
    home, entrance = (_door(world, lock, openers) for lock in locks)
    return Explanation(client_id, moment, home, entrance)


def _there(world: World, policy: Policy, moment: datetime) -> set[str]:
    """Whom a rule could let in at the moment, so that it need not be asked of the others.

    Whoever is on shift, and health staff, who come by a visit without one.
    """
    on_shift = {
        shift.employee_id
        for shift in world.shifts
        if shift_window(shift.hours, policy).holds(moment)
    }
    return on_shift | {row.id for row in world.employees if row.role is Role.HEALTH}


def _openers(world: World, held: GrantBook, moment: datetime) -> dict[str, list[Opener]]:
    in_use = {row.id for row in world.employees if row.phone is PhoneStanding.IN_USE}
    found: dict[str, list[Opener]] = {}
    for employee_id, lock_id, window, reasons in held.at(moment.astimezone(UTC)):
        if employee_id in in_use:
            found.setdefault(lock_id, []).append(Opener(employee_id, *window, reasons))
    return found


def _door(
    world: World, lock_id: str | None, openers: dict[str, list[Opener]]
) -> DoorOpeners | None:
    if lock_id is None or lock_id not in world.mounted_locks:
        return None
    return DoorOpeners(lock_id, tuple(openers.get(lock_id, ())))


def entitled(world: World, policy: Policy, client_id: str, day: date) -> tuple[Entitled, ...]:
    """Everybody who may open the client's door on a local day, whatever the rota says.

    What a change of provider changes weeks ahead, before any shift is planned.
    Sorted by rule and employee, each rule once an employee; phones do not matter
    yet. LookupError for an unknown client.
    """
    find_client(world, client_id)
    today = DateRange(day, day).window()
    scene = Scene(focused(world, {client_id}), policy, today.start)
    found: dict[tuple[int, str], Entitled] = {}
    for employee in scene.staff.values():
        working = today.overlap(employee.employed.window())
        if working is None:
            continue
        for window, reason in _entitlements(scene, employee, client_id):
            held = window.overlap(working)
            if held is not None and scene.limits.left(employee.id, client_id, held):
                key = _RULES.index(reason.rule), employee.id
                found.setdefault(key, Entitled(employee.id, client_id, reason.rule, reason))
    return tuple(found[key] for key in sorted(found))


def _entitlements(
    scene: Scene, employee: Employee, client_id: str
) -> Iterator[tuple[Window, Reason]]:
    """When the client's door is due to an employee who is on shift, and why."""
    team = scene.team_of(employee)
    if team is not None:
        for due in scene.dues.get(team.id, ()):
            yield due.window, due.reason(team.id)
        yield from _lent(scene, employee, team, client_id)
    visits = scene.visits_of(employee.id).get(client_id, ())
    if employee.role is Role.SUBSTITUTE:
        for visit in visits:
            hours = visit.hours
            for _, decision_id, decision in scene.decided.of(client_id, visit.services & HOME_CARE):
                held = hours.overlap(decision)
                if held is not None:
                    yield (
                        held,
                        Reason(
                            Rule.ASSIGNED_VISIT,
                            client_id=client_id,
                            visit_id=visit.id,
                            decision_id=decision_id,
                            ad_hoc=visit.ad_hoc,
                        ),
                    )
    if employee.role is Role.HEALTH:
        for visit in visits:
            yield (
                visit.hours,
                Reason(
                    Rule.HEALTH_VISIT,
                    client_id=client_id,
                    visit_id=visit.id,
                    ad_hoc=visit.ad_hoc,
                ),
            )
        for assignment in scene.assignments_of(employee.id):
            yield (
                assignment.dates.window(),
                Reason(Rule.ASSIGNED_CLIENT, client_id=client_id, assignment_id=assignment.id),
            )


def _lent(
    scene: Scene, employee: Employee, team: CareTeam, client_id: str
) -> Iterator[tuple[Window, Reason]]:
    """When a visit by hand lends the door to a carer of another of the provider's teams."""
    for visit in scene.visits_of(employee.id).get(client_id, ()):
        for due in scene.other_teams.dues(team, client_id) if visit.ad_hoc else ():
            held = visit_window(visit, scene.policy).overlap(due.window)
            if held is not None and due.service in visit.services:
                yield held, due.reason(team.id, ad_hoc=True)._replace(visit_id=visit.id)
