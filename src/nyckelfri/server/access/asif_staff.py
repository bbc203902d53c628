"""What an absence takes and a takeover gives, before anybody records it.

House rules: reads only, and the same rules as ever on a changed world. The answer reaches
as far ahead as grants are issued: later than that nobody holds anything yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from nyckelfri.care import asif
from nyckelfri.care.asif import Changes, Held
from nyckelfri.care.times import stretch
from nyckelfri.care.world import Shift, World
from nyckelfri.server.access import policy as policies
from nyckelfri.server.access import rights, worlds
from nyckelfri.server.access.worlds import When
from nyckelfri.server.homes.models import Client, PlannedVisit
from nyckelfri.server.people.models import Employee


def absence(
    employee: Employee, start: datetime, end: datetime, *, now: datetime
) -> tuple[Held, ...]:
    """What an employee can open, and no longer could if they were away from `start` to `end`."""
    rules = policies.near(now)
    was = rights.world_of_employee(employee, rules, now)
    will = asif.without_employee(was, employee.number, stretch(start, end))
    return _ahead(_changes(was, will, rules, now).lost, now)


def takeover(
    visits: Sequence[PlannedVisit],
    former: Employee,
    substitute: Employee,
    *,
    with_shift: bool,
    now: datetime,
) -> tuple[Held, ...]:
    """What a substitute could open who made these visits of `former`, and cannot open now.

    `with_shift`: they would also get a shift by hand for those visits.
    """
    rules = policies.near(now)
    keys = [visit.pk for visit in visits]
    was = worlds.build(
        (former.pk, substitute.pk),
        Client.objects.filter(planned_visits__in=keys).distinct(),
        PlannedVisit.objects.filter(pk__in=keys),
        When(rights.span(rules, now), now),
    )
    will = _instead(was, former.number, substitute.number)
    if with_shift and visits:
        start = max(now, min(visit.start for visit in visits))
        end = max(visit.end for visit in visits)
        will = asif.with_shift(will, Shift("as if", substitute.number, start, end, ad_hoc=True))
    gained = _changes(was, will, rules, now).gained
    return _ahead((row for row in gained if row.employee_id == substitute.number), now)


def _instead(world: World, former: str, substitute: str) -> World:
    """Every visit here is made by `substitute`; whoever is away is no longer named by it."""
    for visit in world.visits:
        others = tuple(who for who in visit.employee_ids if who != former)
        world = asif.with_visit(world, replace(visit, employee_ids=(*others, substitute)))
    return world


def _changes(was: World, will: World, rules: rights.Rules, now: datetime) -> Changes:
    return asif.compare(*(rights.derive(world, rules, now) for world in (was, will)))


def _ahead(rows: Iterable[Held], now: datetime) -> tuple[Held, ...]:
    return tuple(row for row in rows if row.window.end > now)
