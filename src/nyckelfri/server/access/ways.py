"""The homes that a rule could lead some employees to, and what they are to do there.

House rules: reads only, the same few queries however many employees. One question for each
way to a door, so that each finds by an index; what a question finds beyond the rules harms
nobody, since the rules decide. A home that none finds is one that nobody gets in to.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Q, QuerySet

from nyckelfri.care.entitlements import rule_of
from nyckelfri.care.grants import Rule
from nyckelfri.care.policy import Policy
from nyckelfri.care.world import Role as CareRole
from nyckelfri.care.world import TeamKind
from nyckelfri.server.access import worlds
from nyckelfri.server.access.models import HealthAssignment, Takeover, Withdrawal
from nyckelfri.server.access.values import ROLES, People, Plans
from nyckelfri.server.access.worlds import When
from nyckelfri.server.homes.models import CareTeam, Client, PlannedVisit, ProviderChoice
from nyckelfri.server.people.models import Employee, Role
from nyckelfri.server.questions import Among, Question, Values, ask


def read(staff: Sequence[Employee], rules: Iterable[Policy], when: When) -> tuple[Plans, People]:
    """What there is of these employees and of every home that a rule could lead them to.

    They may be of any teams and roles; their `care_team` is at hand.
    """
    keys = [employee.pk for employee in staff]
    asked_for = any(rule_of(TeamKind.HOME_CARE, each) is Rule.PLANNED_VISIT for each in rules)
    teams = {team for employee in staff if (team := _team_of(employee)) is not None}
    by_day = [team for team in teams if team.kind == CareTeam.Kind.HOME_CARE]
    by_area = teams.difference(by_day)
    first, second, instead, *homes = ask(
        _first,
        _second,
        _instead,
        _assigned,
        _withdrawn,
        _of_team,
        _of_provider_here,
        _of_provider,
        _of_area,
        *([_anywhere] if any(not team.area for team in by_area) else []),
        staff=keys,
        by_visit=[one.pk for one in staff if asked_for or _team_of(one) is None],
        teams=[team.pk for team in by_day],
        providers=[team.provider_id for team in by_day if team.area],
        areas=[team.area for team in by_day if team.area],
        everywhere=[team.provider_id for team in by_day if not team.area],
        districts=[team.area for team in by_area],
        **when.blanks(),
    )
    visits = list({row[0]: row for row in (*first, *second, *instead)}.values())
    found = {pk for rows in homes for (pk,) in rows} | {home for _, _, home, *_ in visits}
    (rows,) = ask(_homes, homes=found)
    plans = worlds.plans_for(
        rows,
        _teams,
        _takeovers,
        visits,
        when,
        planned=[pk for pk, *_ in visits],
        areas={area for _, _, area, *_ in rows},
        providers={team.provider_id for team in by_day},
    )
    return plans, worlds.people(when, keys)


def comes_by_area(employee: Employee) -> bool:
    """Whether the employee's team comes by every door of an area, whoever chose it."""
    team = _team_of(employee)
    return team is not None and team.kind != CareTeam.Kind.HOME_CARE


def _team_of(employee: Employee) -> CareTeam | None:
    """The team whose doors the employee comes by: a carer's own."""
    return employee.care_team if ROLES.get(Role(employee.role)) is CareRole.CARER else None


@Question
def _first() -> Values:
    return worlds.planned(PlannedVisit.objects.filter(_matters("employee_id")))


@Question
def _second() -> Values:
    return worlds.planned(PlannedVisit.objects.filter(_matters("second_employee_id")))


def _matters(seat: str) -> Q:
    """A visit opens a door to those who come by visit, and by hand to anybody."""
    return Among(seat, "by_visit") | Q(Among(seat, "staff"), ad_hoc=True)


@Question
def _instead() -> Values:
    """Visits that they have taken over."""
    taken = Takeover.objects.filter(Among("employee_id", "staff"), ended_at=None).order_by()
    return worlds.planned(PlannedVisit.objects.filter(pk__in=taken.values("visit_id")))


@Question
def _takeovers() -> Values:
    """Who makes the visits that are `planned` instead of whom the plan names."""
    return worlds.taken_over(Takeover.objects.filter(Among("visit_id", "planned")))


@Question
def _assigned() -> Values:
    given = HealthAssignment.objects.filter(Among("employee_id", "staff"), ended_at=None)
    return given.order_by().values_list("client_id")


@Question
def _withdrawn() -> Values:
    """Homes that somebody is kept from: whoever shares them is kept from by that too."""
    named = Withdrawal.objects.filter(Among("employee_id", "staff"), client__isnull=False)
    return named.order_by().values_list("client_id")


def _choices() -> QuerySet[ProviderChoice]:
    return ProviderChoice.objects.filter(withdrawn_at=None).order_by()


@Question
def _of_team() -> Values:
    """Those who chose one of the teams by its name."""
    return _choices().filter(Among("care_team_id", "teams")).values_list("client_id").distinct()


@Question
def _of_provider_here() -> Values:
    """Those in the teams' areas who chose one of their providers."""
    theirs = _choices().filter(Among("provider_id", "providers"), Among("client__area", "areas"))
    return theirs.values_list("client_id").distinct()


@Question
def _of_provider() -> Values:
    """Those who chose a provider whose team is for the whole municipality."""
    return _choices().filter(Among("provider_id", "everywhere")).values_list("client_id").distinct()


@Question
def _of_area() -> Values:
    return Client.objects.filter(Among("area", "districts")).order_by().values_list("pk")


@Question
def _anywhere() -> Values:
    return Client.objects.order_by().values_list("pk")


@Question
def _homes() -> Values:
    return worlds.homes_of(Client.objects.filter(Among("pk", "homes")))


@Question
def _teams() -> Values:
    """The day teams of the staff's providers that a choice for the `homes` could point to.

    All of them: one that were left out would let in the provider's team for the whole
    municipality, which stands in where the area has none.
    """
    here = Among("area", "areas") | Q(area="")
    theirs = Q(Among("provider_id", "providers"), kind=CareTeam.Kind.HOME_CARE)
    named = Q(pk__in=worlds.chosen().values("care_team_id"))
    return worlds.teams_of(CareTeam.objects.filter((here & theirs) | named))
