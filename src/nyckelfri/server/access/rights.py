"""Who may open what, as the rules derive it from what is stored.

House rules: reads only. Every moment is judged by the policy of its local day, also ahead
of time: a grant that reaches past midnight, when a new policy begins, already ends or goes
on as the new one says, so that nothing needs to be done at midnight. The same holds for
decisions, choices, withdrawals and absences: what is recorded counts from its own date
without anybody's further step.

The world is read in three shapes, which give the same rights: for everybody, for one
employee (the homes that a rule could lead them to) and for one client (those who could
come by that client's doors). Leaving out a row can only take access away.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from nyckelfri.care import access
from nyckelfri.care.grants import AccessGrant, GrantBook
from nyckelfri.care.policy import Policy
from nyckelfri.care.times import Window
from nyckelfri.care.world import Role as CareRole
from nyckelfri.care.world import World
from nyckelfri.server.access import policy as policies
from nyckelfri.server.access import worlds
from nyckelfri.server.access.models import HealthAssignment, Takeover, Withdrawal
from nyckelfri.server.access.values import ROLES, together
from nyckelfri.server.access.worlds import When, build
from nyckelfri.server.homes.models import CareTeam, Client, PlannedVisit, ProviderChoice
from nyckelfri.server.locks.models import Installation
from nyckelfri.server.people.models import Employee, Role
from nyckelfri.server.questions import Among, Blank, Question, Row, Values, ask

_SLACK = timedelta(hours=6)
"""More than any margin around a shift or a visit."""

Rules = Sequence[Policy]
"""The policies that are in force somewhere near now, oldest first."""


def of_employee(employee: Employee, now: datetime) -> list[AccessGrant]:
    """Derive what one employee may open, from `now` to the horizon."""
    return of_staff([employee], now)


def of_staff(staff: Sequence[Employee], now: datetime) -> list[AccessGrant]:
    """Derive what some employees may open: those of one team, or those who need none."""
    rules = policies.near(now)
    numbers = {employee.number for employee in staff}
    found = derive(world_of_staff(staff, rules, now), rules, now)
    return [right for right in found if right.employee_id in numbers]


def alike(staff: Iterable[Employee]) -> list[list[Employee]]:
    """Sort employees into lists that `of_staff` takes: the same team, the same way to a door."""
    found: defaultdict[tuple[str, int | None], list[Employee]] = defaultdict(list)
    for employee in staff:
        found[_way_of(employee).value, employee.care_team_id].append(employee)
    return list(found.values())


def of_all(now: datetime) -> list[AccessGrant]:
    """Derive what everybody may open, from `now` to the horizon."""
    rules = policies.near(now)
    return derive(world_of_all(rules, now), rules, now)


def of_client(client: Client, now: datetime) -> list[AccessGrant]:
    """Derive what anybody may open of one client's home and entrance, to the horizon."""
    rules = policies.near(now)
    world = world_of_client(client, rules, now)
    locks = locks_of(world, client.external_id)
    return [right for right in derive(world, rules, now) if right.lock_id in locks]


def derive(world: World, rules: Rules, now: datetime) -> list[AccessGrant]:
    """Every grant at `now` or within the horizon, each moment by the policy of its day.

    Sorted by employee, lock and time.
    """
    if len(rules) == 1:
        return access.derive(world, rules[0], now)
    book = GrantBook()
    for policy, period in policies.periods(rules):
        # Of a policy that is over, what it gave when it ended: a shift's grant that goes
        # on under the next one keeps its true start.
        then = min(now, period.end - timedelta(seconds=1))
        for right in access.derive(world, policy, then):
            held = Window(right.not_before, right.not_after).overlap(period)
            for reason in right.reasons if held is not None else ():
                book.add(right.employee_id, right.lock_id, held or period, reason)
    return book.grants(min(policy.longest_grant for policy in rules), now)


def locks_of(world: World, client_id: str) -> frozenset[str]:
    """Ids of the locks of a client's home and entrance, where there are any."""
    units = {entrance.id: entrance.lock_id for entrance in world.entrances}
    return frozenset(
        lock
        for client in world.clients
        if client.id == client_id
        for lock in (client.lock_id, units.get(client.entrance_id or ""))
        if lock is not None
    )


def current_installations(locks: Iterable[str]) -> dict[str, Installation]:
    """By lock id, of these locks: the installation that grants are for."""
    rows = worlds.in_service().filter(lock_unit__external_id__in=set(locks))
    return {row.lock_unit.external_id: row for row in rows.select_related("lock_unit", "door")}


def world_of_all(rules: Rules, now: datetime) -> World:
    """Everybody's world, for what holds at `now` and until the horizon."""
    staff = Employee.objects.order_by().values_list("pk", flat=True)
    when = When(span(rules, now), now)
    return build(list(staff), Client.objects.all(), PlannedVisit.objects.all(), when)


def world_of_employee(employee: Employee, rules: Rules, now: datetime) -> World:
    """The world of one employee and of every home that a rule could lead them to."""
    return world_of_staff([employee], rules, now)


def world_of_staff(staff: Sequence[Employee], rules: Rules, now: datetime) -> World:
    """The world of employees who are `alike`, and of every home that a rule leads them to."""
    keys = [employee.pk for employee in staff]
    rows, visits = Employee.objects.filter(pk__in=keys), _visits_of(keys)
    homes = _homes_for(staff[0], rows, visits)
    return build(keys, homes, visits, When(span(rules, now), now))


def world_of_client(
    client: Client,
    rules: Rules,
    moment: datetime,
    *,
    as_of: datetime | None = None,
    homes: Sequence[Row] | None = None,
    with_staff: Collection[int] = (),
    with_providers: Collection[int] = (),
) -> World:
    """The world of one client's doors around `moment`: everybody who could come by them.

    Those who live behind the same doors are in it, and whole teams, on shift or not. What
    was ended after `as_of` (the moment) still counts. `homes` are those `behind` the doors,
    where they have been asked for already. `with_staff` and `with_providers` (primary keys)
    are there too, whether or not a rule leads them here.
    """
    if homes is None:
        (homes,) = ask(behind, **doors_of(client))
    when = When(span(rules, moment), moment if as_of is None else as_of)
    plans = worlds.plans_for(
        homes,
        _teams,
        worlds.visits,
        worlds.takeovers,
        when,
        areas={area for _, _, area, *_ in homes},
        providers=with_providers,
    )
    teams = [pk for pk, *_ in plans.teams]
    return together(plans, worlds.people(when, plans.guests().union(with_staff), teams))


@Question
def _teams() -> Values:
    """The teams that a rule could lead to the `homes`, and those of the `providers`."""
    chosen = worlds.chosen()
    here = Among("area", "areas") | Q(area="")
    theirs = Q(provider_id__in=chosen.values("provider_id")) | Among("provider_id", "providers")
    day = Q(kind=CareTeam.Kind.HOME_CARE)
    named = Q(pk__in=chosen.values("care_team_id"))
    return worlds.teams_of(CareTeam.objects.filter((here & (theirs | ~day)) | named))


@Question
def behind() -> Values:
    """Those behind the client's entrance, and their households; its blanks are `doors_of`."""
    neighbours = (
        Q(pk=Blank("client"))
        | Q(entrance_id=Blank("entrance"))
        | Q(front_door_id=Blank("front_door"))
    )
    near = Client.objects.filter(neighbours).order_by()
    households = Client.objects.filter(front_door_id__in=near.values("front_door_id"))
    # Not as one condition with OR, which would keep the database from its indexes.
    return worlds.homes_of(near).union(worlds.homes_of(households))


def doors_of(client: Client) -> dict[str, int | None]:
    """The client and their doors, as `behind` names them."""
    return {
        "client": client.pk,
        "entrance": client.entrance_id,
        "front_door": client.front_door_id,
    }


def span(rules: Rules, now: datetime) -> Window:
    """The shifts and visits that `derive` looks at around `now`, and some more."""
    ahead = max(policy.horizon for policy in rules)
    back = max(policy.longest_grant for policy in rules)
    return Window(now - back - _SLACK, now + ahead + _SLACK)


def _visits_of(staff: Collection[int]) -> QuerySet[PlannedVisit]:
    """Visits that a plan or a takeover gives to one of `staff`, or gave before a takeover."""
    # By number and not by a question within the question, which would keep the database
    # from its indexes.
    taken = Takeover.objects.filter(employee_id__in=staff, ended_at=None).order_by()
    return PlannedVisit.objects.filter(
        Q(employee_id__in=staff)
        | Q(second_employee_id__in=staff)
        | Q(pk__in=list(taken.values_list("visit_id", flat=True)))
    )


def _way_of(employee: Employee) -> CareRole:
    return ROLES.get(Role(employee.role), CareRole.OTHER)


def _homes_for(
    one: Employee, staff: QuerySet[Employee], visits: QuerySet[PlannedVisit]
) -> QuerySet[Client]:
    """Every home that a rule could lead `staff` to, all like `one`, and those withdrawn."""
    named = Withdrawal.objects.filter(employee__in=staff, client__isnull=False).order_by()
    homes = Q(pk__in=named.values("client_id"))
    team = one.care_team
    by_hand = visits.filter(ad_hoc=True).order_by().values("client_id")
    match _way_of(one):
        case CareRole.CARER if team is not None and team.kind == CareTeam.Kind.HOME_CARE:
            chosen = ProviderChoice.objects.filter(
                provider_id=team.provider_id, withdrawn_at=None
            ).order_by()
            # A choice points to a team by its name, or to the one of the client's area.
            if team.area:
                chosen = chosen.filter(Q(care_team=team) | Q(client__area=team.area))
            homes |= Q(pk__in=chosen.values("client_id")) | Q(pk__in=by_hand)
        case CareRole.CARER if team is not None:
            homes |= Q(area=team.area) if team.area else Q(pk__isnull=False)
            homes |= Q(pk__in=by_hand)
        case CareRole.SUBSTITUTE:
            homes |= Q(pk__in=visits.order_by().values("client_id"))
        case CareRole.HEALTH:
            given = HealthAssignment.objects.filter(employee__in=staff, ended_at=None).order_by()
            homes |= Q(pk__in=visits.order_by().values("client_id"))
            homes |= Q(pk__in=given.values("client_id"))
    return Client.objects.filter(homes)
