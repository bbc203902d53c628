"""What is stored, for the rules of care to read.

House rules: reads only, and only what the rules read: no name, no address, no mark of
protected identity. Rows are read for a number of homes and employees, in three queries: the
homes, what there is for them, the staff. Leaving out a home can only take access away, so a
mistake in what is asked for locks out and never lets in; what takes away is asked for by
whom it is taken from.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast

from nyckelfri.care.times import Window
from nyckelfri.care.world import World
from nyckelfri.server.access.models import (
    Absence,
    HealthAssignment,
    OwnClient,
    Takeover,
    Withdrawal,
)
from nyckelfri.server.access.values import People, Plans, together
from nyckelfri.server.homes.models import (
    CareDecision,
    CareTeam,
    Client,
    PlannedVisit,
    ProviderChoice,
    Shift,
)
from nyckelfri.server.locks.models import Installation, LockUnit
from nyckelfri.server.people.models import Employee, Phone, PhoneState
from nyckelfri.server.phones.models import PersonalSession
from nyckelfri.server.questions import Among, Blank, Question, Row, Values, ask

_TEAM = ("external_id", "kind", "provider__org_number", "area")
_AS_OF = Blank("as_of")


class When(NamedTuple):
    """The shifts and visits in `span`; what was ended or withdrawn after `as_of` still counts."""

    span: Window
    as_of: datetime

    def blanks(self) -> dict[str, datetime]:
        """As the questions name them."""
        return {"start": self.span.start, "end": self.span.end, "as_of": self.as_of}


def build(
    staff: Collection[int], clients: QuerySet[Client], visits: QuerySet[PlannedVisit], when: When
) -> World:
    """Everything that the rules read, of these employees (keys), homes and visits."""
    (homes,) = ask(homes_of(clients))
    plans = plans_for(homes, every_team, taken_over(_of(visits)), planned(visits), when)
    return together(plans, people(when, staff))


def plans_for(
    homes: Sequence[Row],
    teams: Question,
    takeovers: Question | Values,
    visits: Question | Values | list[Row],
    when: When,
    **blanks: Any,
) -> Plans:
    """What there is for these homes (`homes_of`); `visits` may have been asked for already."""
    doors = {door for *_, front, _, entrance in homes for door in (front, entrance) if door}
    found = ask(
        _units,
        _decisions,
        _choices,
        teams,
        takeovers,
        _assignments,
        *([] if isinstance(visits, list) else [visits]),
        homes=[pk for pk, *_ in homes],
        doors=doors,
        **when.blanks(),
        **blanks,
    )
    return Plans(homes, *found, *([visits] if isinstance(visits, list) else []))


def people(when: When, staff: Collection[int], teams: Collection[int] = ()) -> People:
    """What there is of these employees and of everybody in these teams (keys)."""
    found = ask(
        _staff,
        _own_clients,
        _absences,
        _shifts,
        _withdrawals,
        staff=staff,
        teams=teams,
        **when.blanks(),
    )
    return People(*found)


def not_ended(field: str, as_of: datetime | Blank) -> Q:
    """Rows that `field` had not ended at a moment."""
    return Q(**{field: None}) | Q(**{f"{field}__gt": as_of})


def in_span(start: datetime | Blank, end: datetime | Blank) -> Q:
    """Shifts and visits that reach into a span."""
    return Q(start__lt=end, end__gt=start)


def in_service() -> QuerySet[Installation]:
    """Installations that grants are for: the one of each mounted unit that is not retired."""
    return Installation.objects.filter(
        retired_at=None, lock_unit__status=LockUnit.Status.MOUNTED
    ).order_by()


def homes_of(clients: QuerySet[Client]) -> Values:
    """The question for homes: key, id, area, front door, entrance and its door."""
    return clients.order_by().values_list(
        "pk", "external_id", "area", "front_door_id", "entrance__external_id", "entrance__door__pk"
    )


def planned(visits: QuerySet[PlannedVisit]) -> Values:
    """The question for visits, of these."""
    return _not_withdrawn(visits).values_list(
        "pk",
        "external_id",
        "client_id",
        "employee_id",
        "second_employee_id",
        "start",
        "end",
        Cast("services", TextField()),
        "ad_hoc",
    )


def taken_over(takeovers: QuerySet[Takeover]) -> Values:
    """The question for who makes visits instead of whom the plan names, of these."""
    rows = takeovers.filter(not_ended("ended_at", _AS_OF)).order_by()
    return rows.values_list("pk", "visit_id", "instead_of_id", "employee_id")


def _of(visits: QuerySet[PlannedVisit]) -> QuerySet[Takeover]:
    return Takeover.objects.filter(visit__in=_not_withdrawn(visits))


def _not_withdrawn(plans: QuerySet[Any]) -> QuerySet[Any]:
    near = in_span(Blank("start"), Blank("end"))
    return plans.filter(not_ended("withdrawn_at", _AS_OF), near).order_by()


def chosen() -> QuerySet[ProviderChoice]:
    """Choices of provider for the `homes`."""
    theirs = ProviderChoice.objects.filter(Among("client_id", "homes"))
    return theirs.filter(not_ended("withdrawn_at", _AS_OF)).order_by()


@Question
def every_team() -> Values:
    """Every team of the municipality."""
    return teams_of(CareTeam.objects.all())


def teams_of(teams: QuerySet[CareTeam]) -> Values:
    """The question for teams, of these."""
    return teams.order_by().values_list("pk", *_TEAM)


@Question
def _units() -> Values:
    rows = in_service().filter(Among("door_id", "doors"))
    return rows.values_list("door_id", "lock_unit__external_id", "pk", "identifier")


@Question
def _decisions() -> Values:
    theirs = CareDecision.objects.filter(Among("client_id", "homes"))
    rows = theirs.filter(not_ended("withdrawn_at", _AS_OF)).order_by()
    return rows.values_list("external_id", "client_id", "service", "valid_from", "valid_till")


@Question
def _choices() -> Values:
    return chosen().values_list(
        "client_id",
        "service",
        "provider__org_number",
        "valid_from",
        "valid_till",
        "care_team_id",
    )


@Question
def visits() -> Values:
    """What is planned for the `homes`."""
    return planned(PlannedVisit.objects.filter(Among("client_id", "homes")))


@Question
def takeovers() -> Values:
    """Who makes visits to the `homes` instead of whom the plan names."""
    return taken_over(_of(PlannedVisit.objects.filter(Among("client_id", "homes"))))


@Question
def _assignments() -> Values:
    theirs = HealthAssignment.objects.filter(Among("client_id", "homes"))
    rows = theirs.filter(not_ended("ended_at", _AS_OF)).order_by()
    return rows.values_list("pk", "employee_id", "client_id", "valid_from", "valid_till")


def _some_staff() -> QuerySet[Employee]:
    return Employee.objects.filter(Among("pk", "staff") | Among("care_team_id", "teams")).order_by()


@Question
def _staff() -> Values:
    """Say of each employee which phones there are too: in use, to be enrolled, blocked."""
    held = Phone.objects.filter(holder=OuterRef("pk")).order_by()
    signed_in = PersonalSession.objects.filter(
        employee=OuterRef("pk"), closed_at=None, until__gt=_AS_OF, phone__state=PhoneState.ENROLLED
    ).order_by()
    return (
        _some_staff()
        .annotate(
            in_use=Exists(held.filter(state=PhoneState.ENROLLED)) | Exists(signed_in),
            waiting=Exists(held.filter(state=PhoneState.REGISTERED)),
            blocked=Exists(held.filter(state=PhoneState.BLOCKED)),
        )
        .values_list(
            "pk",
            "number",
            "role",
            "employed_from",
            "employed_till",
            "in_use",
            "waiting",
            "blocked",
            "care_team_id",
            *(f"care_team__{name}" for name in _TEAM),
        )
    )


@Question
def _own_clients() -> Values:
    theirs = OwnClient.objects.filter(employee__in=_some_staff())
    rows = theirs.filter(not_ended("ended_at", _AS_OF)).order_by()
    return rows.values_list("employee_id", "client__external_id")


@Question
def _absences() -> Values:
    theirs = Absence.objects.filter(employee__in=_some_staff())
    rows = theirs.filter(in_span(Blank("start"), Blank("end"))).order_by()
    return rows.values_list("employee_id", "start", "end", "ended_at")


@Question
def _shifts() -> Values:
    theirs = Shift.objects.filter(employee__in=_some_staff())
    return _not_withdrawn(theirs).values_list(
        "external_id", "employee_id", "start", "end", "ad_hoc"
    )


@Question
def _withdrawals() -> Values:
    """Those that have ended too, as a past shift does."""
    near = Q(not_ended("end", Blank("start")), not_ended("ended_at", Blank("start")))
    theirs = Withdrawal.objects.filter(near, employee__in=_some_staff(), start__lt=Blank("end"))
    return theirs.order_by().values_list(
        "pk", "employee_id", "client__external_id", "start", "end", "ended_at"
    )
