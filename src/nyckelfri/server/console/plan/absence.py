"""Pages of absence: report it, see what it takes, and give the visits to others.

House rules: the change itself is an action of `access`; a page writes nothing. What a step
takes and gives is worked out by the rules and shown before it is done.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from nyckelfri.care.asif import Held
from nyckelfri.server.access import actions_absence, asif_staff, plans, seats
from nyckelfri.server.access.actions_absence import Share
from nyckelfri.server.access.actions_plan import visits_of
from nyckelfri.server.access.models import Absence, Takeover
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.plans import PlanError
from nyckelfri.server.access.seats import Seat
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.console import doors
from nyckelfri.server.console.page import PageRequest, done, page
from nyckelfri.server.console.plan import choices
from nyckelfri.server.console.plan.common import ask, back_to, employee_of, say
from nyckelfri.server.console.plan.forms import AbsenceForm, CoverForm, ReasonForm
from nyckelfri.server.console.plan.texts import text
from nyckelfri.server.homes.models import PlannedVisit, Shift
from nyckelfri.server.people.models import Employee

AHEAD: Final = timedelta(days=7)
"""How far ahead visits can be given to others at once."""
_A_DAY: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class DoorLine:
    """A door that somebody can open, or no longer could, from when till when."""

    name: str
    start: datetime
    end: datetime


@page(Permission.PLAN, "GET", "POST")
def report(request: PageRequest, number: str) -> HttpResponse:
    """Report somebody absent: first what it would do, then do it."""
    employee = employee_of(request, number)
    form = AbsenceForm(request.POST) if request.method == "POST" else _blank(request.now)
    more: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            if "sure" in request.POST:
                actions_absence.report_absence(
                    request.viewer,
                    employee,
                    start=said["start"],
                    end=said["end"],
                    reason=said["reason"],
                    now=request.now,
                )
                done(request, text("absence_reported", name=employee.name))
                return redirect("cover", number=number)
            plans.reason_of(said["reason"])
            plans.require_absence(said["start"], said["end"], request.now)
        except PlanError as error:
            say(form, error)
        else:
            more = _would_take(request, employee, said["start"], said["end"])
    return ask(request, employee, "absence", form, more, template="console/plan/absence.html")


@page(Permission.PLAN, "GET", "POST")
def end(request: PageRequest, number: str, row: int) -> HttpResponse:
    """Somebody is back."""
    employee = employee_of(request, number)
    absence = get_object_or_404(Absence.objects.filter(employee=employee), pk=row)
    form = forms.Form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions_absence.end_absence(request.viewer, absence, now=request.now)
        except PlanError as error:
            say(form, error)
        else:
            done(request, text("absence_ended", name=employee.name))
            return redirect(back_to(employee))
    more = {"start": absence.start, "end": absence.end, "why": absence.reason}
    return ask(request, employee, "end_absence", form, more)


@page(Permission.PLAN, "GET", "POST")
def cover(request: PageRequest, number: str) -> HttpResponse:
    """The visits of somebody who is away, and who makes them: some at a time, or all at once."""
    employee = employee_of(request, number)
    own = request.viewer.staff().filter(pk=employee.pk)
    found = seats.of_the_absent(own, request.now, request.now + AHEAD)
    left = [seat for seat in found if seat.takeover is None]
    substitutes = choices.substitutes(request.viewer, employee, left, request.now) if left else []
    form = CoverForm(
        request.POST or None,
        visits=[(str(seat.visit.pk), choices.visit(seat, request.viewer)) for seat in left],
        substitutes=[(each.number, each.words) for each in substitutes],
    )
    more: dict[str, Any] = {
        "taken": [_taken(seat, request.viewer) for seat in found if seat.takeover is not None],
        "left": len(left),
        "all": len(found),
    }
    if request.method == "POST" and form.is_valid():
        asked = _asked(request, left, form.cleaned_data)
        try:
            if "sure" in request.POST:
                _take_over(request, employee, asked, form.cleaned_data)
                done(request, text("taken_over", count=len(asked), name=asked[0].substitute.name))
                return redirect("cover", number=number)
        except PlanError as error:
            say(form, error)
        else:
            more |= _would_give(request, employee, asked, form.cleaned_data)
    if not form.is_bound:
        del form.fields["busy_too"]
    return ask(request, employee, "cover", form, more, template="console/plan/cover.html")


@page(Permission.PLAN, "GET", "POST")
def give_back(request: PageRequest, row: int) -> HttpResponse:
    """Give a visit back to whom the plan names."""
    rows = Takeover.objects.filter(instead_of__in=request.viewer.staff(), ended_at=None)
    takeover = get_object_or_404(rows.select_related("employee", "instead_of", "visit"), pk=row)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions_absence.end_takeover(
                request.viewer, takeover, reason=form.cleaned_data["reason"], now=request.now
            )
        except PlanError as error:
            say(form, error)
        else:
            done(request, text("given_back"))
            return redirect("cover", number=takeover.instead_of.number)
    visit = takeover.visit
    more = {
        "start": visit.start,
        "end": visit.end,
        "why": takeover.reason,
        "back": reverse("cover", args=[takeover.instead_of.number]),
    }
    return ask(request, takeover.employee, "give_back", form, more, harm="danger")


def _blank(now: datetime) -> Any:
    start = now.replace(second=0, microsecond=0)
    return AbsenceForm.starting(start, start + _A_DAY)


def _would_take(
    request: PageRequest, employee: Employee, start: datetime, end: datetime
) -> dict[str, Any]:
    """What the absence would do, for the page that asks whether it is meant."""
    lost = asif_staff.absence(employee, start, end, now=request.now)
    visits = visits_of(employee, max(start, request.now), end)
    return {
        "sure": True,
        "lost": _lines(request.viewer, lost, request.now),
        "visits": visits.filter(start__gte=start).count(),
    }


def _would_give(
    request: PageRequest, employee: Employee, asked: Sequence[Share], said: dict[str, Any]
) -> dict[str, Any]:
    """What the takeover would do, for the page that asks whether it is meant."""
    substitute = asked[0].substitute
    visits = [share.visit for share in asked]
    working = Shift.objects.filter(
        employee=substitute,
        withdrawn_at=None,
        start__lte=min(visit.start for visit in visits),
        end__gte=max(visit.start for visit in visits),
    ).exists()
    gained = asif_staff.takeover(
        visits,
        employee,
        substitute,
        with_shift=bool(said["with_shifts"]) and not working,
        now=request.now,
    )
    return {
        "sure": True,
        "substitute": substitute,
        "gained": _lines(request.viewer, gained, request.now),
        "count": len(visits),
        "new_shift": bool(said["with_shifts"]) and not working,
        "no_shift": not said["with_shifts"] and not working,
    }


def _asked(request: PageRequest, left: Iterable[Seat], said: dict[str, Any]) -> list[Share]:
    """What the form asks for; the choices were checked by it."""
    substitute = employee_of(request, said["substitute"])
    by_key: dict[str, PlannedVisit] = {str(seat.visit.pk): seat.visit for seat in left}
    return [Share(by_key[key], substitute) for key in said["visits"]]


def _take_over(
    request: PageRequest, employee: Employee, asked: Sequence[Share], said: dict[str, Any]
) -> None:
    actions_absence.take_over(
        request.viewer,
        asked,
        instead_of=employee,
        reason=said["reason"],
        now=request.now,
        with_shifts=said["with_shifts"],
        busy_too=said["busy_too"],
    )


def _taken(seat: Seat, viewer: Viewer) -> dict[str, Any]:
    takeover = seat.takeover
    return {
        "visit": choices.visit(seat, viewer),
        "who": takeover.employee if takeover else None,
        "href": reverse("end_takeover", args=[takeover.pk]) if takeover else "",
    }


def _lines(viewer: Viewer, held: Sequence[Held], now: datetime) -> list[DoorLine]:
    called = doors.names_of_locks(viewer, [row.lock_id for row in held], now)
    return [
        DoorLine(called.get(row.lock_id, row.lock_id), max(row.window.start, now), row.window.end)
        for row in held
    ]
