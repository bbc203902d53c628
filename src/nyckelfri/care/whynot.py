"""Why somebody cannot open a client's front door at a moment.

House rules: the facts are read from the same scene and by the same rules that
access is derived from, and a property test holds the two together: no fact is left
exactly when the door is held. Each is such that the door stays shut until it
changes. Nothing here guesses which of them a person ought to change.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from nyckelfri.care.duty import (
    Duty,
    either_hours,
    health_window,
    hours_of,
    open_hours,
    shift_window,
    visit_part,
    visit_time,
    visit_window,
)
from nyckelfri.care.entitlements import rule_of, services_of
from nyckelfri.care.facts import Fact, Tense, WhyNot, missing
from nyckelfri.care.grants import Rule
from nyckelfri.care.policy import Scope
from nyckelfri.care.scene import Scene, focused, sharing_lock
from nyckelfri.care.times import FOREVER, Window, require_aware
from nyckelfri.care.world import HOME_CARE, PhoneStanding, Role, TeamKind

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator

    from nyckelfri.care.policy import Policy
    from nyckelfri.care.world import (
        CareTeam,
        Client,
        Employee,
        PlannedVisit,
        ProviderChoice,
        Service,
        World,
    )

_INSTANT = timedelta(microseconds=1)


class _Question(NamedTuple):
    """Why not this employee, here and now? `world` and `scene` hold their rows only."""

    world: World
    scene: Scene
    employee: Employee
    client: Client
    at: datetime


class _OnPart(NamedTuple):
    """A duty, and the part of it whose hours are the employee's."""

    duty: Duty
    part: Window


class _Visits(NamedTuple):
    """An employee's visits to the client, and those of them that open the door now.

    `timed`: they open it around their own time only, whatever the policy says.
    """

    own: list[PlannedVisit]
    due: list[PlannedVisit]
    timed: bool = False


_CHOICE = Tense(Fact.NO_CHOICE, Fact.CHOICE_NOT_YET, Fact.CHOICE_ENDED, "choice_id")
_DECISION = Tense(Fact.NO_DECISION, Fact.DECISION_NOT_YET, Fact.DECISION_ENDED, "decision_id")
_ALARM = Tense(Fact.NO_ALARM, Fact.NO_ALARM, Fact.ALARM_ENDED, "alarm_id")
_VISIT = Tense(Fact.NO_VISIT, Fact.VISIT_NOT_NOW, Fact.VISIT_NOT_NOW, "visit_id")
_ASSIGNMENT = Tense(
    Fact.NO_ASSIGNMENT, Fact.ASSIGNMENT_NOT_YET, Fact.ASSIGNMENT_ENDED, "assignment_id"
)
_SHIFT = Tense(Fact.NO_SHIFT, Fact.SHIFT_NOT_YET, Fact.SHIFT_ENDED, "shift_id")
_EMPLOYMENT = Tense(Fact.NOT_EMPLOYED_YET, Fact.NOT_EMPLOYED_YET, Fact.NO_LONGER_EMPLOYED)


def why_not(
    world: World, policy: Policy, employee_id: str, client_id: str, moment: datetime
) -> tuple[WhyNot, ...]:
    """Every fact that keeps the employee from the client's front door; none if they can open it.

    In the order of `Fact`. Who can open it for somebody else who lives behind it
    can open it. ValueError for a moment without a zone.
    """
    require_aware("moment", moment)
    if all(row.id != client_id for row in world.clients):
        return (WhyNot(Fact.NO_SUCH_CLIENT),)
    together = sharing_lock(world, [client_id])
    near = focused(world, together, {employee_id})
    scene = Scene(near, policy, moment)
    employee = scene.staff.get(employee_id)
    if employee is None:
        return (WhyNot(Fact.NO_SUCH_EMPLOYEE),)
    asked = {
        one: _Question(near, scene, employee, scene.clients[one], moment.astimezone(UTC))
        for one in together
    }
    between = {one: _between(ask) for one, ask in asked.items()}
    own = _own_facts(asked[client_id])
    found = [*between[client_id], *own] if all(between.values()) else own
    return tuple(sorted(found, key=lambda row: row.order))


def _between(ask: _Question) -> list[WhyNot]:
    """What is between this employee and this client."""
    return [*_limit_facts(ask), *_WAYS[ask.employee.role](ask)]


def _limit_facts(ask: _Question) -> Iterator[WhyNot]:
    """What takes away whatever gives: withdrawals, and clients of their own only."""
    limits, who, client_id = ask.scene.limits, ask.employee.id, ask.client.id
    for row in limits.withdrawals(who, client_id):
        if row.window.holds(ask.at):
            end = None if row.window.end == FOREVER else row.window.end
            yield WhyNot(Fact.WITHDRAWN, at=end, withdrawal_id=row.id)
    if limits.of_another(who, client_id):
        yield WhyNot(Fact.NOT_THEIR_CLIENT)


def _own_facts(ask: _Question) -> Iterator[WhyNot]:
    """What concerns the employee alone, or the door alone."""
    yield from missing(_EMPLOYMENT, [(None, ask.employee.employed.window())], ask.at)
    if ask.employee.phone is PhoneStanding.NONE:
        yield WhyNot(Fact.NO_PHONE)
    if ask.employee.id in ask.scene.limits.blocked:
        yield WhyNot(Fact.PHONE_BLOCKED)
    if ask.client.lock_id not in ask.world.mounted_locks:
        yield WhyNot(Fact.NO_LOCK)


def _team_facts(ask: _Question) -> Iterator[WhyNot]:
    scene, policy = ask.scene, ask.scene.policy
    team = scene.team_of(ask.employee)
    if team is None:
        yield WhyNot(Fact.NO_TEAM)
        return
    parts = [
        _OnPart(duty, part) for duty in scene.duties for part in hours_of(team.kind, duty, policy)
    ]
    now = [each for each in parts if each.part.holds(ask.at)]
    if not now:
        yield from _duty_facts(ask, team.kind)
    by_team = list(_by_team_facts(ask, team, now))
    lent = _lent_facts(ask, team, now)
    if by_team:
        yield from by_team if lent is None else lent


def _by_team_facts(ask: _Question, team: CareTeam, now: list[_OnPart]) -> Iterator[WhyNot]:
    """Why the door is none of the team's now."""
    scene, policy = ask.scene, ask.scene.policy
    services = {
        due.service
        for due in scene.dues.get(team.id, ())
        if due.client_id == ask.client.id and due.window.holds(ask.at)
    }
    if not services:
        yield from _due_facts(ask, team)
    rule = rule_of(team.kind, policy)
    if rule is Rule.PLANNED_VISIT:
        due = _due_visits(ask, now)
        yield from _visit_facts(ask, _Visits(_own_visits(ask), due), now, services or HOME_CARE)
    elif rule is Rule.ALARM:
        alarms = ((alarm.id, window) for alarm, window in scene.alarms_of(ask.client.id))
        yield from missing(_ALARM, alarms, ask.at)


def _lent_facts(ask: _Question, team: CareTeam, now: list[_OnPart]) -> list[WhyNot] | None:
    """Why no visit by hand lends them the door of another team, or [] where one does.

    None where none was meant to: they have no such visit, or the client has not chosen
    their provider. Else a planner has let them in beside their team, and it is this
    that is lacking.
    """
    scene = ask.scene
    own = [visit for visit in _own_visits(ask) if visit.ad_hoc]
    chosen = {
        choice.service
        for choice in scene.other_teams.choices(team, ask.client.id)
        if choice.dates.window().holds(ask.at)
    }
    if not own or not chosen:
        return None
    services = {
        due.service
        for due in scene.other_teams.dues(team, ask.client.id)
        if due.window.holds(ask.at)
    }
    due = [
        visit
        for visit in own
        if any(
            (held := visit_time(visit, duty, part, scene.policy)) and held.holds(ask.at)
            for duty, part in now
        )
    ]
    return [
        *_decision_facts(ask, chosen),
        *_visit_facts(ask, _Visits(own, due, timed=True), now, services or chosen),
    ]


def _substitute_facts(ask: _Question) -> Iterator[WhyNot]:
    now = [
        _OnPart(duty, part)
        for duty in ask.scene.duties
        for part in either_hours(duty, ask.scene.policy)
        if part.holds(ask.at)
    ]
    if not now:
        yield from _duty_facts(ask)
    visits = _Visits(_own_visits(ask), _due_visits(ask, now))
    yield from _visit_facts(ask, visits, now, HOME_CARE)
    asked = visits.due or visits.own
    services = {service for visit in asked for service in visit.services & HOME_CARE}
    yield from _decision_facts(ask, services or HOME_CARE)


def _health_facts(ask: _Question) -> Iterator[WhyNot]:
    """Two ways in, a visit and an assignment: what both lack, unless one is open."""
    visits = [(visit.id, health_window(visit, ask.scene.policy)) for visit in _own_visits(ask)]
    no_visit = list(missing(_VISIT, visits, ask.at))
    assignments = [
        (row.id, row.dates.window())
        for row in ask.scene.assignments_of(ask.employee.id)
        if row.client_id == ask.client.id
    ]
    no_assignment = list(missing(_ASSIGNMENT, assignments, ask.at)) or list(_shift_facts(ask))
    if no_visit and no_assignment:
        yield from (*no_visit, *no_assignment)


def _duty_facts(ask: _Question, kind: TeamKind | None = None) -> Iterator[WhyNot]:
    """Why it is no hour of theirs: the hour is another's, or their shift does not reach it."""
    instant = Window(ask.at, ask.at + _INSTANT)
    if kind is not None and not open_hours(kind, instant, ask.scene.policy):
        by_day = kind is TeamKind.NIGHT_PATROL
        yield WhyNot(Fact.DAY_IS_NOT_THE_PATROLS if by_day else Fact.NIGHT_IS_THE_PATROLS)
        yield from _shift_facts(ask)
        return
    reached = [
        (duty.shift.id, duty.hours) for duty in ask.scene.duties if duty.window.holds(ask.at)
    ]
    yield from missing(_SHIFT, reached, ask.at) if reached else _shift_facts(ask)


def _shift_facts(ask: _Question) -> Iterator[WhyNot]:
    shifts = ((row.id, shift_window(row.hours, ask.scene.policy)) for row in ask.world.shifts)
    return missing(_SHIFT, shifts, ask.at)


def _due_facts(ask: _Question, team: CareTeam) -> Iterator[WhyNot]:
    """Why the team is not entitled to this door now."""
    if team.kind is not TeamKind.HOME_CARE:
        if team.area not in {None, ask.client.area}:
            yield WhyNot(Fact.OTHER_AREA, team_id=team.id)
        yield from _decision_facts(ask, services_of(team.kind))
        return
    choices = [
        row
        for row in ask.world.choices
        if row.client_id == ask.client.id and row.service in HOME_CARE
    ]
    theirs = [row for row in choices if team.id in ask.scene.home_care.chosen(row, ask.client)]
    running = {row.service for row in theirs if row.dates.window().holds(ask.at)}
    if not running:
        others = [row for row in choices if row not in theirs and row.dates.window().holds(ask.at)]
        yield from (_other(row, team) for row in others)
        if theirs or not others:
            rows = ((row.id, row.dates.window()) for row in theirs)
            yield from missing(_CHOICE, rows, ask.at)
    yield from _decision_facts(ask, running or HOME_CARE)


def _other(choice: ProviderChoice, team: CareTeam) -> WhyNot:
    """Whom the client has chosen instead of the team."""
    if choice.provider_id != team.provider_id:
        return WhyNot(
            Fact.OTHER_PROVIDER_CHOSEN, choice_id=choice.id, provider_id=choice.provider_id
        )
    if choice.team_id is not None:
        return WhyNot(Fact.OTHER_TEAM, choice_id=choice.id, team_id=choice.team_id)
    return WhyNot(Fact.OTHER_AREA, choice_id=choice.id)


def _decision_facts(ask: _Question, services: Container[Service]) -> Iterator[WhyNot]:
    decisions = (
        (decision_id, window)
        for _, decision_id, window in ask.scene.decided.of(ask.client.id, services)
    )
    return missing(_DECISION, decisions, ask.at)


def _visit_facts(
    ask: _Question, visits: _Visits, now: list[_OnPart], services: Container[Service]
) -> Iterator[WhyNot]:
    """Why no visit of theirs opens the door now, for one of these services."""
    own, due, timed = visits
    if not own:
        yield WhyNot(Fact.NO_VISIT)
        return
    by_visit = timed or ask.scene.policy.scope is Scope.VISITS
    if not due and (now or by_visit):
        hours = [
            (
                visit.id,
                visit_window(visit, ask.scene.policy) if by_visit else visit.hours,
            )
            for visit in own
        ]
        not_now = list(missing(_VISIT, hours, ask.at))
        yield from not_now
        if now and not not_now:
            outside = next(visit_id for visit_id, window in hours if window.holds(ask.at))
            yield WhyNot(Fact.VISIT_OUTSIDE_SHIFT, visit_id=outside)
    asked = due or own
    if not any(service in services for visit in asked for service in visit.services):
        yield WhyNot(Fact.VISIT_FOR_OTHER_SERVICE, visit_id=asked[0].id)


def _own_visits(ask: _Question) -> list[PlannedVisit]:
    return ask.scene.visits_of(ask.employee.id).get(ask.client.id, [])


def _due_visits(ask: _Question, now: list[_OnPart]) -> list[PlannedVisit]:
    """The visits that the employee is on duty for, and that it is time for."""
    return [
        visit
        for visit in _own_visits(ask)
        if any(
            (held := visit_part(visit, duty, part, ask.scene.policy)) and held.holds(ask.at)
            for duty, part in now
        )
    ]


_WAYS: dict[Role, Callable[[_Question], Iterable[WhyNot]]] = {
    Role.CARER: _team_facts,
    Role.SUBSTITUTE: _substitute_facts,
    Role.HEALTH: _health_facts,
    Role.OTHER: lambda _: (WhyNot(Fact.ROLE_OPENS_NOTHING),),
}
"""How each role comes by a door, and what keeps it from one."""
