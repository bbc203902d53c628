"""What the pages of teams read.

House rules: reads only, of the viewer's own teams, with as many questions for a large team
as for a small one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from nyckelfri.care.times import ZONE
from nyckelfri.server.access import policy as policies
from nyckelfri.server.access.models import Absence
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.console.teams.week import DAYS, Away, Hours, Week, Work, span, table
from nyckelfri.server.homes.models import CareTeam, Shift
from nyckelfri.server.people.models import Employee


def mine(viewer: Viewer) -> QuerySet[CareTeam]:
    """The teams that somebody may see: all, or their own provider's."""
    rows = CareTeam.objects.all()
    return rows if viewer.provider is None else rows.filter(provider_id=viewer.provider)


def teams(viewer: Viewer, now: datetime) -> QuerySet[Any]:
    """Teams with `people`, `at_work` and `away`, by name."""
    today = now.astimezone(ZONE).date()
    employed = Q(employees__employed_from__lte=today) & (
        Q(employees__employed_till=None) | Q(employees__employed_till__gte=today)
    )
    # Not team by team: who is at work now is found once, and then counted.
    at_work = Shift.objects.filter(withdrawn_at=None, start__lte=now, end__gt=now)
    away = Absence.objects.filter(ended_at=None, start__lte=now, end__gt=now)
    return (
        mine(viewer)
        .select_related("provider")
        .annotate(
            people=Count("employees", filter=employed),
            at_work=Count("employees", filter=_are_in(at_work)),
            away=Count("employees", filter=_are_in(away)),
        )
        .order_by("name", "pk")
    )


def _are_in(rows: QuerySet[Any]) -> Q:
    return Q(employees__in=rows.order_by().values("employee_id"))


def staff_of(team: CareTeam) -> QuerySet[Employee]:
    """Everybody who is or was in a team."""
    return Employee.objects.filter(care_team=team)


def members(team: CareTeam, monday: date) -> list[Employee]:
    """Those of a team who are employed on some day of the week, by name."""
    last = monday + timedelta(days=DAYS - 1)
    rows = staff_of(team).filter(
        Q(employed_till=None) | Q(employed_till__gte=monday), employed_from__lte=last
    )
    return list(rows.order_by("name", "number"))


def week(team: CareTeam, people: Sequence[Employee], monday: date) -> Week:
    """Who works when in the week that begins on a Monday."""
    keys = [person.pk for person in people]
    when = span(monday)
    shifts = Shift.objects.filter(
        employee_id__in=keys, withdrawn_at=None, start__lt=when.end, end__gt=when.start
    )
    away = Absence.objects.filter(
        employee_id__in=keys, ended_at=None, start__lt=when.end, end__gt=when.start
    )
    work = [
        Work(*row)
        for row in shifts.order_by("start", "pk").values_list(
            "employee_id", "external_id", "start", "end", "ad_hoc", "reason"
        )
    ]
    absences = [Away(*row) for row in away.values_list("employee_id", "start", "end")]
    midday = datetime.combine(monday, time(12), ZONE)
    policy = policies.in_force(midday)
    return table(monday, keys, work, absences, Hours(team.kind, policy))
