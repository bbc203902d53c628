"""What the pages of staff show, as plain values.

House rules: reads only, of the viewer's own people; a client stands here as the viewer may
see them. Reasons of absence are for the planner who wrote them, not for lists.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from nyckelfri.care.times import ZONE
from nyckelfri.server.access.models import Absence, OwnClient, Takeover, Withdrawal
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.console import links
from nyckelfri.server.console.persons import ShownClient, shown
from nyckelfri.server.console.staff.texts import text
from nyckelfri.server.homes.models import PlannedVisit, Shift
from nyckelfri.server.people.models import Employee, Phone, PhoneState
from nyckelfri.server.phones.models import PersonalSession

SOON: Final = timedelta(days=60)
"""A card that runs out so soon is to be renewed."""
CARD_STATES: Final = ("missing", "over", "soon", "good")
_LOOKS: Final = {"missing": "calm", "over": "bad", "soon": "warn", "good": "good"}
_VISITS: Final = 40


@dataclass(frozen=True, slots=True)
class Card:
    """Whether somebody carries a service identification, and how long it is valid."""

    state: str
    look: str
    number: str
    till: date | None


@dataclass(frozen=True, slots=True)
class Line:
    """One employee in a list."""

    number: str
    name: str
    role: str
    team: str
    team_name: str
    card: Card
    has_phone: bool
    away: bool
    left: bool


@dataclass(frozen=True, slots=True)
class ShiftLine:
    """A shift of the week; `cancel` where it was added by hand and can be taken back."""

    start: datetime
    end: datetime
    ad_hoc: bool
    reason: str
    cancel: str


@dataclass(frozen=True, slots=True)
class VisitLine:
    """A visit of today; `taken` where it was another's, `nobody` while they are away."""

    start: datetime
    end: datetime
    client: ShownClient
    ad_hoc: bool
    taken: bool
    nobody: bool
    cancel: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Access that is taken away: at one client, or everywhere; `lift` where that can be undone."""

    client: ShownClient | None
    end: datetime | None
    reason: str
    lift: str


def withdrawn(viewer: Viewer, row: Withdrawal) -> Withdrawn:
    """Put a withdrawal into words."""
    client = shown(row.client, viewer) if row.client else None
    lift = ""
    if not viewer.may(Permission.WITHDRAW):
        pass
    elif client is None:
        lift = links.href("employee_give_back", row.employee.number, str(row.pk))
    elif client.href:
        lift = links.href("client_give_back", client.number, str(row.pk))
    return Withdrawn(client, row.end, row.reason, lift)


def found(viewer: Viewer, asked: dict[str, str], words: str, today: date) -> QuerySet[Any]:
    """Employees of this team, role and kind of card; with `words`, of this number or name."""
    rows = viewer.staff().select_related("care_team").order_by("number")
    if asked["grupp"]:
        rows = rows.filter(care_team__external_id=asked["grupp"])
    if asked["roll"]:
        rows = rows.filter(role=asked["roll"])
    if asked["leg"] in CARD_STATES:
        rows = rows.filter(_with_card(asked["leg"], today))
    if asked["alla"] != "ja":
        rows = rows.filter(Q(employed_till=None) | Q(employed_till__gte=today))
    if words:
        rows = rows.filter(Q(number__iexact=words) | Q(name__icontains=words))
    return rows


def with_standing(rows: QuerySet[Any], now: datetime) -> QuerySet[Any]:
    """Say of each employee whether they are away and have a phone in use."""
    away = Absence.objects.filter(
        employee=OuterRef("pk"), ended_at=None, start__lte=now, end__gt=now
    )
    held = Phone.objects.filter(holder=OuterRef("pk"), state=PhoneState.ENROLLED)
    signed_in = PersonalSession.objects.filter(
        employee=OuterRef("pk"), closed_at=None, until__gt=now
    )
    found: QuerySet[Any] = rows.annotate(
        is_away=Exists(away), has_phone=Exists(held) | Exists(signed_in)
    )
    return found


def line(row: Any, today: date) -> Line:
    """Put one employee into words."""
    team = row.care_team
    return Line(
        number=row.number,
        name=row.name,
        role=text(f"role_{row.role}"),
        team=team.external_id if team else "",
        team_name=team.name if team else "",
        card=card(row, today),
        has_phone=row.has_phone,
        away=row.is_away,
        left=row.employed_till is not None and row.employed_till < today,
    )


def card(row: Employee, today: date) -> Card:
    """What is recorded of an employee's service identification."""
    till = row.identification_till
    if not row.identification or till is None:
        state = "missing"
    elif till < today:
        state = "over"
    else:
        state = "soon" if till < today + SOON else "good"
    return Card(state, _LOOKS[state], row.identification, till)


def _with_card(state: str, today: date) -> Q:
    has = ~Q(identification="") & Q(identification_till__isnull=False)
    return {
        "missing": ~has,
        "over": has & Q(identification_till__lt=today),
        "soon": has & Q(identification_till__gte=today, identification_till__lt=today + SOON),
        "good": has & Q(identification_till__gte=today + SOON),
    }[state]


def employee_of(viewer: Viewer, number: str, now: datetime) -> Any:
    """The employee with all that their page shows of own clients, absences and withdrawals."""
    own = OwnClient.objects.filter(ended_at=None).select_related("client").order_by("pk")
    away = Absence.objects.filter(ended_at=None, end__gt=now).order_by("start", "pk")
    taken = Withdrawal.objects.filter(Q(end=None) | Q(end__gt=now), ended_at=None)
    rows = viewer.staff().select_related("care_team__provider", "user")
    return (
        rows.filter(number=number)
        .prefetch_related(
            Prefetch("own_clients", own, to_attr="own"),
            Prefetch("absences", away, to_attr="away"),
            Prefetch("withdrawals", taken.select_related("client"), to_attr="taken"),
        )
        .first()
    )


def phones(employee: Employee, now: datetime) -> list[Any]:
    """The phones somebody holds, and the one that they are signed in on (`signed_in`)."""
    sessions = PersonalSession.objects.filter(
        phone=OuterRef("pk"), employee=employee, closed_at=None, until__gt=now
    )
    rows = Phone.objects.annotate(signed_in=Exists(sessions))
    return list(rows.filter(Q(holder=employee) | Q(signed_in=True)).order_by("label", "pk"))


def week_of(day: date) -> tuple[datetime, datetime]:
    """Monday and the Monday after, local midnights, of the week with this day."""
    monday = day - timedelta(days=day.weekday())
    first = datetime.combine(monday, time.min, ZONE)
    return first, datetime.combine(monday + timedelta(days=7), time.min, ZONE)


def shifts(viewer: Viewer, employee: Employee, now: datetime) -> list[ShiftLine]:
    """Their shifts of this week, soonest first."""
    first, last = week_of(now.astimezone(ZONE).date())
    rows = Shift.objects.filter(
        employee=employee, withdrawn_at=None, start__lt=last, end__gt=first
    ).order_by("start", "external_id")
    plans = viewer.may(Permission.PLAN)
    return [
        ShiftLine(
            row.start,
            row.end,
            row.ad_hoc,
            row.reason,
            links.href("cancel_shift", row.external_id)
            if plans and row.ad_hoc and row.end > now
            else "",
        )
        for row in rows
    ]


def visits(
    viewer: Viewer, employee: Employee, away: Iterable[Absence], now: datetime
) -> list[VisitLine]:
    """Their visits of today, as planned, by hand and taken over; what others took is gone."""
    away = list(away)
    today = now.astimezone(ZONE).date()
    first = datetime.combine(today, time.min, ZONE)
    last = datetime.combine(today + timedelta(days=1), time.min, ZONE)
    mine = Takeover.objects.filter(visit=OuterRef("pk"), ended_at=None)
    over = Takeover.objects.filter(employee=employee, ended_at=None).order_by()
    day = PlannedVisit.objects.filter(withdrawn_at=None, start__lt=last, end__gt=first)
    planned = day.order_by().values("pk")
    rows = (
        # One way after the other: a condition with "or" would read everybody's visits.
        day.filter(
            pk__in=planned.filter(employee=employee).union(
                planned.filter(second_employee=employee),
                planned.filter(pk__in=over.values("visit_id")),
            )
        )
        .annotate(
            given=Exists(mine.filter(instead_of=employee)),
            taken=Exists(mine.filter(employee=employee)),
        )
        .filter(
            (Q(employee=employee) | Q(second_employee=employee)) & Q(given=False) | Q(taken=True)
        )
        .select_related("client")
        .order_by("start", "external_id")[:_VISITS]
    )
    plans = viewer.may(Permission.PLAN)
    return [
        VisitLine(
            start=row.start,
            end=row.end,
            client=shown(row.client, viewer),
            ad_hoc=row.ad_hoc,
            taken=row.taken,
            nobody=any(each.start <= row.start < each.end for each in away),
            cancel=links.href("cancel_visit", row.external_id)
            if plans and row.ad_hoc and row.end > now and row.employee_id == employee.pk
            else "",
        )
        for row in rows
    ]
