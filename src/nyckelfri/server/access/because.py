"""What reasons rest on, with names and times: staff, teams, shifts, visits, decisions.

House rules: reads only. No client's name or address is here, and an entrance's reasons name
no client at all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from nyckelfri.care import world
from nyckelfri.care.grants import Reason, Rule
from nyckelfri.care.world import World
from nyckelfri.server.homes.models import CareTeam, PlannedVisit, Provider, Shift
from nyckelfri.server.people.models import Employee
from nyckelfri.server.questions import Among, Question, Row, Values, ask


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
    """A world's rows by their ids, with what the rules do not read: names and reasons.

    Asked for when they are needed, and then of all at once.
    """

    def __init__(self, world: World, staff: Collection[str]) -> None:
        self._world = world
        self._staff = staff

    @cached_property
    def _asked(self) -> list[list[Row]]:
        """The staff, and why shifts and visits were added by hand."""
        return ask(
            _people,
            _shifts,
            _visits,
            staff=self._staff,
            shifts=[row.id for row in self._world.shifts if row.ad_hoc],
            visits=[row.id for row in self._world.visits if row.ad_hoc],
        )

    @cached_property
    def people(self) -> dict[str, Person]:
        """The staff, by number."""
        return _read(self._asked[0])

    @cached_property
    def _asked_of_teams(self) -> list[list[Row]]:
        """The teams, and the providers that are chosen."""
        return ask(
            _teams,
            _providers,
            teams={row.id for row in self._world.teams},
            providers={row.provider_id for row in self._world.choices},
        )

    @cached_property
    def teams(self) -> dict[str, tuple[str, str]]:
        """By id: each team's name and its provider's."""
        return {key: (name, provider) for key, name, provider in self._asked_of_teams[0]}

    @cached_property
    def providers(self) -> dict[str, str]:
        """Names of the providers that are chosen, by number."""
        return dict(self._asked_of_teams[1])

    def team(self, team_id: str | None) -> tuple[str, str]:
        """Name of a team and of its provider: nearly always of somebody who is told of."""
        for row in self.people.values():
            if row.team == team_id:
                return row.team_name, row.provider_name
        return self.teams.get(team_id or "", ("", "")) if team_id else ("", "")

    @cached_property
    def choice_provider(self) -> dict[str, str]:
        """By choice: the number of its provider."""
        return {row.id: row.provider_id for row in self._world.choices}

    @cached_property
    def shifts(self) -> dict[str, Times]:
        """The shifts, by id."""
        return _times(self._world.shifts, dict(self._asked[1]))

    @cached_property
    def visits(self) -> dict[str, Times]:
        """The planned visits, by id."""
        return _times(self._world.visits, dict(self._asked[2]))

    @cached_property
    def decisions(self) -> dict[str, Dates]:
        """The care decisions, by id."""
        return {
            row.id: Dates(row.id, row.dates.first, row.dates.last, row.service.value)
            for row in self._world.decisions
        }

    @cached_property
    def choices(self) -> dict[str, Dates]:
        """The choices of provider, by id."""
        return {
            row.id: Dates(row.id, row.dates.first, row.dates.last, row.service.value)
            for row in self._world.choices
        }

    @cached_property
    def assignments(self) -> dict[str, Dates]:
        """The assignments of licensed staff, by id."""
        return {
            row.id: Dates(row.id, row.dates.first, row.dates.last)
            for row in self._world.assignments
        }

    def because(self, reason: Reason) -> Because:
        """Tell one reason."""
        team = self.team(reason.team_id)
        return Because(
            rule=reason.rule,
            team=reason.team_id or "",
            team_name=team[0],
            provider_name=team[1],
            shift=self.shifts.get(reason.shift_id) if reason.shift_id else None,
            visit=self.visits.get(reason.visit_id) if reason.visit_id else None,
            decision=self.decisions.get(reason.decision_id or ""),
            choice=self.choices.get(reason.choice_id or ""),
            assignment=self.assignments.get(reason.assignment_id or ""),
            alarm=reason.alarm_id or "",
            ad_hoc=reason.ad_hoc,
        )


def people(numbers: Collection[str]) -> dict[str, Person]:
    """These employees, by number."""
    return _read(*ask(_people, staff=numbers))


@Question
def _people() -> Values:
    return (
        Employee.objects.filter(Among("number", "staff"))
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


@Question
def _shifts() -> Values:
    rows = Shift.objects.filter(Among("external_id", "shifts")).order_by()
    return rows.values_list("external_id", "reason")


@Question
def _visits() -> Values:
    rows = PlannedVisit.objects.filter(Among("external_id", "visits")).order_by()
    return rows.values_list("external_id", "reason")


@Question
def _teams() -> Values:
    rows = CareTeam.objects.filter(Among("external_id", "teams")).order_by()
    return rows.values_list("external_id", "name", "provider__name")


@Question
def _providers() -> Values:
    rows = Provider.objects.filter(Among("org_number", "providers")).order_by()
    return rows.values_list("org_number", "name")


def _read(rows: Iterable[Row]) -> dict[str, Person]:
    return {
        number: Person(number, name, role, team or "", team_name or "", provider, of or "")
        for number, name, role, team, team_name, provider, of in rows
    }


def _times(
    rows: Sequence[world.Shift | world.PlannedVisit], reasons: Mapping[str, str]
) -> dict[str, Times]:
    """Shifts or visits by id; of those that were added by hand, why."""
    return {
        row.id: Times(row.id, row.start, row.end, row.ad_hoc, reasons.get(row.id, ""))
        for row in rows
    }
