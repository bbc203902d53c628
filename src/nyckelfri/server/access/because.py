"""What reasons rest on, with names and times: staff, teams, shifts, visits, decisions.

House rules: reads only, each kind of row with one question. No client's name or address
is here, and an entrance's reasons name no client at all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from nyckelfri.care.grants import Reason, Rule
from nyckelfri.care.world import World
from nyckelfri.server.homes.models import CareTeam, PlannedVisit, Provider, Shift
from nyckelfri.server.people.models import Employee


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff; `provider` is a primary key, None without a team."""

    number: str
    name: str
    role: str
    team: str = ""
    team_name: str = ""
    provider: int | None = None
    provider_name: str = ""


@dataclass(frozen=True, slots=True)
class Times:
    """A planned shift or visit; `reason` where a planner added it by hand."""

    id: str
    start: datetime
    end: datetime
    ad_hoc: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Dates:
    """A decision, a choice or an assignment: local dates, both included."""

    id: str
    first: date
    last: date | None
    service: str = ""


@dataclass(frozen=True, slots=True)
class Because:
    """One reason: its rule, and the rows it rests on that there are."""

    rule: Rule
    team: str = ""
    team_name: str = ""
    provider_name: str = ""
    shift: Times | None = None
    visit: Times | None = None
    decision: Dates | None = None
    choice: Dates | None = None
    assignment: Dates | None = None
    alarm: str = ""
    ad_hoc: bool = False


class Names:
    """A world's rows by their ids, with what the rules do not read: names and reasons."""

    def __init__(self, world: World, staff: Collection[str]) -> None:
        self.people = people(staff)
        self.teams = _teams(row.id for row in world.teams)
        self.providers = _providers(row.provider_id for row in world.choices)
        self.choice_provider = {row.id: row.provider_id for row in world.choices}
        self._reasons = _reasons(world)
        self.shifts = {
            row.id: Times(row.id, row.start, row.end, row.ad_hoc, self._reasons.get(row.id, ""))
            for row in world.shifts
        }
        self.visits = {
            row.id: Times(row.id, row.start, row.end, row.ad_hoc, self._reasons.get(row.id, ""))
            for row in world.visits
        }
        self.decisions = {
            row.id: Dates(row.id, row.dates.first, row.dates.last, row.service.value)
            for row in world.decisions
        }
        self.choices = {
            row.id: Dates(row.id, row.dates.first, row.dates.last, row.service.value)
            for row in world.choices
        }
        self.assignments = {
            row.id: Dates(row.id, row.dates.first, row.dates.last) for row in world.assignments
        }

    def because(self, reason: Reason) -> Because:
        """Tell one reason."""
        team = self.teams.get(reason.team_id or "", ("", ""))
        return Because(
            rule=reason.rule,
            team=reason.team_id or "",
            team_name=team[0],
            provider_name=team[1],
            shift=self.shifts.get(reason.shift_id or ""),
            visit=self.visits.get(reason.visit_id or ""),
            decision=self.decisions.get(reason.decision_id or ""),
            choice=self.choices.get(reason.choice_id or ""),
            assignment=self.assignments.get(reason.assignment_id or ""),
            alarm=reason.alarm_id or "",
            ad_hoc=reason.ad_hoc,
        )


def people(numbers: Collection[str]) -> dict[str, Person]:
    """These employees, by number."""
    rows = (
        Employee.objects.filter(number__in=numbers)
        .order_by()
        .values_list(
            "number",
            "name",
            "role",
            "care_team__external_id",
            "care_team__name",
            "care_team__provider_id",
            "care_team__provider__name",
        )
    )
    return {
        number: Person(number, name, role, team or "", team_name or "", provider, of or "")
        for number, name, role, team, team_name, provider, of in rows
    }


def _teams(ids: Iterable[str]) -> dict[str, tuple[str, str]]:
    """By id: the team's name and its provider's."""
    rows = CareTeam.objects.filter(external_id__in=set(ids)).order_by()
    return {
        key: (name, of)
        for key, name, of in rows.values_list("external_id", "name", "provider__name")
    }


def _providers(numbers: Iterable[str]) -> dict[str, str]:
    rows = Provider.objects.filter(org_number__in=set(numbers)).order_by()
    return dict(rows.values_list("org_number", "name"))


def _reasons(world: World) -> dict[str, str]:
    """Why planners added shifts and visits by hand, by id."""
    shifts = [row.id for row in world.shifts if row.ad_hoc]
    visits = [row.id for row in world.visits if row.ad_hoc]
    found: dict[str, str] = {}
    if shifts:
        rows = Shift.objects.filter(external_id__in=shifts).order_by()
        found.update(rows.values_list("external_id", "reason"))
    if visits:
        planned = PlannedVisit.objects.filter(external_id__in=visits).order_by()
        found.update(planned.values_list("external_id", "reason"))
    return found
