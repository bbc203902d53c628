"""Who may open what, as the rules derive it from what is stored.

House rules: reads only. Every moment is judged by the policy of its local day, also ahead
of time: a grant that reaches past midnight, when a new policy begins, already ends or goes
on as the new one says, so that nothing needs to be done at midnight. The same holds for
decisions, choices, withdrawals and absences: what is recorded counts from its own date
without anybody's further step.

The world is read in three shapes, which give the same rights: for everybody, for some
employees (the homes that a rule could lead them to) and for one client (those who could
come by that client's doors). Leaving out a row can only take access away.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from django.db.models import Q

from nyckelfri.care import access
from nyckelfri.care.grants import AccessGrant, GrantBook
from nyckelfri.care.policy import Policy
from nyckelfri.care.times import Window
from nyckelfri.care.world import World
from nyckelfri.server.access import policy as policies
from nyckelfri.server.access import ways, worlds
from nyckelfri.server.access.values import InService, together
from nyckelfri.server.access.worlds import When, build
from nyckelfri.server.homes.models import CareTeam, Client, PlannedVisit
from nyckelfri.server.people.models import Employee
from nyckelfri.server.questions import Among, Blank, Question, Row, Values, ask

_SLACK = timedelta(hours=6)
"""More than any margin around a shift or a visit."""
_AT_ONCE: Final = 256
"""Employees of one list."""

Rules = Sequence[Policy]
"""The policies that are in force somewhere near now, oldest first."""


def of_employee(employee: Employee, now: datetime) -> list[AccessGrant]:
    """Derive what one employee may open, from `now` to the horizon."""
    return of_staff([employee], now)


def of_staff(staff: Sequence[Employee], now: datetime) -> list[AccessGrant]:
    """Derive what some employees may open, of whatever teams; their `care_team` is at hand."""
    return [right for right, _ in placed(staff, now)]


def placed(staff: Sequence[Employee], now: datetime) -> list[tuple[AccessGrant, InService]]:
    """Derive the same, each right with the installation that a grant is for."""
    rules = policies.near(now)
    plans, people = ways.read(staff, rules, When(span(rules, now), now))
    doors = plans.in_service()
    found = derive(together(plans, people), rules, now)
    return [(right, doors[right.lock_id]) for right in found]


def in_turn(staff: Iterable[Employee]) -> list[list[Employee]]:
    """Sort employees into lists for `of_staff`, colleagues together: they share what is read.

    So many that a query serves hundreds of grants, and so few that a transaction about them is
    short. A team that comes by every door of an area is a list of its own.
    """
    found: list[list[Employee]] = []
    for _, some in groupby(sorted(staff, key=_neighbours), key=lambda one: _neighbours(one)[0]):
        each = list(some)
        found += [each[at : at + _AT_ONCE] for at in range(0, len(each), _AT_ONCE)]
    return found


def _neighbours(employee: Employee) -> tuple[int, int, int]:
    team = employee.care_team_id or 0
    return team if ways.comes_by_area(employee) else 0, team, employee.pk


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


def current_installations(locks: Iterable[str]) -> dict[str, InService]:
    """By lock id, of those of these locks that are in service: what grants are for."""
    (found,) = ask(_in_service, locks=set(locks))
    return {lock: InService(pk, identifier) for lock, pk, identifier in found}


@Question
def _in_service() -> Values:
    rows = worlds.in_service().filter(Among("lock_unit__external_id", "locks"))
    return rows.values_list("lock_unit__external_id", "pk", "identifier")


def world_of_all(rules: Rules, now: datetime) -> World:
    """Everybody's world, for what holds at `now` and until the horizon."""
    staff = Employee.objects.order_by().values_list("pk", flat=True)
    when = When(span(rules, now), now)
    return build(list(staff), Client.objects.all(), PlannedVisit.objects.all(), when)


def world_of_employee(employee: Employee, rules: Rules, now: datetime) -> World:
    """The world of one employee and of every home that a rule could lead them to."""
    return together(*ways.read([employee], rules, When(span(rules, now), now)))


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
        worlds.takeovers,
        worlds.visits,
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
