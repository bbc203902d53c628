"""A world made ready for the rules: every row under the key it is looked up by.

House rules: nothing is decided here. One pass over each kind of row, and the rules
that give access and those that tell why there is none look at the same scene.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING

from nyckelfri.care.duty import alarm_window, on_duty
from nyckelfri.care.entitlements import Decided, HomeCareTeams, OtherTeams, by_team, rule_of
from nyckelfri.care.grants import Rule
from nyckelfri.care.world import PhoneStanding, Role, TeamKind

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping
    from datetime import datetime

    from nyckelfri.care.entitlements import Entitlement
    from nyckelfri.care.policy import Policy
    from nyckelfri.care.times import Window
    from nyckelfri.care.world import (
        Alarm,
        Assignment,
        CareTeam,
        Client,
        Employee,
        PlannedVisit,
        Withdrawal,
        World,
    )


class Scene:
    """A world under a policy, around `now`."""

    def __init__(self, world: World, policy: Policy, now: datetime) -> None:
        self.policy = policy
        self.now = now.astimezone(UTC)
        self.staff = {employee.id: employee for employee in world.employees}
        self.clients = {client.id: client for client in world.clients}
        self.home_care = HomeCareTeams(world.teams, policy.scope)
        self.decided = Decided(world)
        self.dues = by_team(world, policy, self.decided, self.home_care)
        self.other_teams = OtherTeams(world, self.decided, self.home_care)
        self.duties = list(on_duty(world, self.staff, policy, self.now))
        self.limits = Limits(world)
        self._teams = {team.id: team for team in world.teams}
        self._by_visit: dict[str, dict[str, list[Entitlement]]] = {}
        if rule_of(TeamKind.HOME_CARE, policy) is Rule.PLANNED_VISIT:
            self._by_visit = {
                team.id: _by_client(self.dues.get(team.id, ()))
                for team in world.teams
                if team.kind is TeamKind.HOME_CARE
            }
        self._visits = _visits(world)
        self._by_hand: defaultdict[str, list[PlannedVisit]] = defaultdict(list)
        for visit in world.visits:
            for employee_id in dict.fromkeys(visit.employee_ids) if visit.ad_hoc else ():
                self._by_hand[employee_id].append(visit)
        self._alarms = _alarms(world, policy)
        self._assignments: defaultdict[str, list[Assignment]] = defaultdict(list)
        for assignment in world.assignments:
            self._assignments[assignment.employee_id].append(assignment)

    def team_of(self, employee: Employee) -> CareTeam | None:
        """The team whose doors the employee comes by: a carer's own."""
        if employee.role is not Role.CARER or employee.team_id is None:
            return None
        return self._teams.get(employee.team_id)

    def dues_of(self, employee: Employee, team: CareTeam) -> Iterable[Entitlement]:
        """What the team is entitled to, without clients that the employee would need a visit to."""
        there = self._by_visit.get(team.id)
        if there is None:
            return self.dues.get(team.id, ())
        return [due for client in self.visits_of(employee.id) for due in there.get(client, ())]

    def visits_of(self, employee_id: str) -> Mapping[str, list[PlannedVisit]]:
        """The employee's visits, in either seat, by client id."""
        return self._visits.get(employee_id, {})

    def by_hand_of(self, employee_id: str) -> Iterable[PlannedVisit]:
        """The employee's visits that a planner added by hand."""
        return self._by_hand.get(employee_id, ())

    def alarms_of(self, client_id: str) -> Iterable[tuple[Alarm, Window]]:
        """The client's alarms, and when each opens the door."""
        return self._alarms.get(client_id, ())

    def assignments_of(self, employee_id: str) -> Iterable[Assignment]:
        """The clients that the employee is assigned to."""
        return self._assignments.get(employee_id, ())


class Limits:
    """What may take access away from somebody whatever gives it.

    A withdrawal from one client is from their front door: whoever else lives behind
    the same lock is withdrawn with them, or the door would open all the same.
    """

    def __init__(self, world: World) -> None:
        self._only: dict[str, frozenset[str]] = {}
        for employee in world.employees:
            if employee.only_clients is not None:
                self._only[employee.id] = employee.only_clients
        self.blocked = frozenset(
            employee.id for employee in world.employees if employee.phone is PhoneStanding.BLOCKED
        )
        """Whose phones are all blocked: nothing is given until they have another."""
        behind = _behind(world) if world.withdrawals else {}
        self._withdrawn: defaultdict[tuple[str, str | None], list[Withdrawal]]
        self._withdrawn = defaultdict(list)
        for row in world.withdrawals:
            for client_id in behind.get(row.client_id, (row.client_id,)):
                self._withdrawn[row.employee_id, client_id].append(row)
        withdrawn = {row.employee_id for row in world.withdrawals}
        self.employees = self.blocked | self._only.keys() | withdrawn
        """Whom there is any limit for."""

    def of_another(self, employee_id: str, client_id: str) -> bool:
        """Whether the employee works for certain clients only, and not for this one."""
        only = self._only.get(employee_id)
        return only is not None and client_id not in only

    def withdrawals(self, employee_id: str, client_id: str) -> list[Withdrawal]:
        """What keeps the employee from this client's door."""
        every = self._withdrawn.get((employee_id, None), [])
        return [*every, *self._withdrawn.get((employee_id, client_id), [])]

    def left(self, employee_id: str, client_id: str, window: Window) -> list[Window]:
        """What is left of a window, whatever phone the employee has."""
        if self.of_another(employee_id, client_id):
            return []
        parts = [window]
        for row in self.withdrawals(employee_id, client_id):
            parts = [rest for part in parts for rest in part.without(row.window)]
        return parts


def focused(
    world: World, client_ids: Container[str], employee_ids: Container[str] | None = None
) -> World:
    """The world without other clients' rows, and other employees' where these are given."""
    kept = replace(
        world,
        clients=tuple(row for row in world.clients if row.id in client_ids),
        decisions=tuple(row for row in world.decisions if row.client_id in client_ids),
        choices=tuple(row for row in world.choices if row.client_id in client_ids),
        visits=tuple(row for row in world.visits if row.client_id in client_ids),
        assignments=tuple(row for row in world.assignments if row.client_id in client_ids),
        alarms=tuple(row for row in world.alarms if row.client_id in client_ids),
    )
    if employee_ids is None:
        return kept
    return replace(
        kept,
        employees=tuple(row for row in world.employees if row.id in employee_ids),
        shifts=tuple(row for row in world.shifts if row.employee_id in employee_ids),
    )


def find_client(world: World, client_id: str) -> Client:
    """Find the client's row; LookupError for an unknown id."""
    for client in world.clients:
        if client.id == client_id:
            return client
    raise LookupError(f"no client {client_id} in this world; check the id")


def sharing_lock(world: World, client_ids: Iterable[str]) -> frozenset[str]:
    """Ids of these clients and of whoever lives behind the same front door locks."""
    behind = _behind(world)
    return frozenset(one for each in client_ids for one in behind.get(each, (each,)))


def _behind(world: World) -> dict[str | None, list[str]]:
    """By client id: everybody who lives behind the same lock."""
    by_lock: defaultdict[str, list[str]] = defaultdict(list)
    for client in world.clients:
        if client.lock_id is not None:
            by_lock[client.lock_id].append(client.id)
    return {client_id: together for together in by_lock.values() for client_id in together}


def _by_client(dues: Iterable[Entitlement]) -> dict[str, list[Entitlement]]:
    found: dict[str, list[Entitlement]] = {}
    for due in dues:
        found.setdefault(due.client_id, []).append(due)
    return found


def _visits(world: World) -> dict[str, dict[str, list[PlannedVisit]]]:
    found: dict[str, dict[str, list[PlannedVisit]]] = {}
    for visit in world.visits:
        for employee_id in dict.fromkeys(visit.employee_ids):
            found.setdefault(employee_id, {}).setdefault(visit.client_id, []).append(visit)
    return found


def _alarms(world: World, policy: Policy) -> dict[str, list[tuple[Alarm, Window]]]:
    found: dict[str, list[tuple[Alarm, Window]]] = {}
    for alarm in world.alarms:
        found.setdefault(alarm.client_id, []).append((alarm, alarm_window(alarm, policy)))
    return found
