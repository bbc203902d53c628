"""Pages that add a visit or a shift by hand, and take it back.

House rules: the change itself is an action of `access`; a page writes nothing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from nyckelfri.server.access import actions_plan
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.plans import PlanError, Problem
from nyckelfri.server.console import links
from nyckelfri.server.console.page import PageRequest, done, page
from nyckelfri.server.console.plan.common import ask, back_to, employee_of, say
from nyckelfri.server.console.plan.forms import ReasonForm, ShiftForm, VisitForm
from nyckelfri.server.console.plan.texts import text
from nyckelfri.server.homes.models import Client, PlannedVisit, Shift
from nyckelfri.server.people.models import Employee

_A_SHIFT: Final = timedelta(hours=8)
_A_VISIT: Final = timedelta(minutes=30)


@page(Permission.PLAN, "GET", "POST")
def add_shift(request: PageRequest, number: str) -> HttpResponse:
    """Somebody works though the rota does not say so."""
    employee = employee_of(request, number)
    form = _form(ShiftForm, request, _A_SHIFT)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            row = actions_plan.add_shift(
                request.viewer,
                employee,
                start=said["start"],
                end=said["end"],
                reason=said["reason"],
                busy_too=said["busy_too"],
                now=request.now,
            )
        except PlanError as error:
            say(form, error)
        else:
            undo = links.href("cancel_shift", row.external_id)
            done(request, text("shift_added", name=employee.name), undo=undo)
            return redirect(back_to(employee))
    return _asked(request, employee, "add_shift", form)


@page(Permission.PLAN, "GET", "POST")
def add_visit(request: PageRequest, number: str) -> HttpResponse:
    """A visit that the rota lacks; the client can be given as `?kund=`."""
    employee = employee_of(request, number)
    form = _form(VisitForm, request, _A_VISIT, client=request.GET.get("kund", "")[:32])
    if request.method == "POST" and form.is_valid():
        try:
            row = _add_visit(request, employee, form.cleaned_data)
        except PlanError as error:
            say(form, error)
        else:
            undo = links.href("cancel_visit", row.external_id)
            done(request, text("visit_added", name=employee.name), undo=undo)
            return redirect(back_to(employee))
    return _asked(request, employee, "add_visit", form)


@page(Permission.PLAN, "GET", "POST")
def cancel_shift(request: PageRequest, key: str) -> HttpResponse:
    """Take back a shift that was added by hand."""
    rows = Shift.objects.filter(employee__in=request.viewer.staff(), ad_hoc=True)
    row = get_object_or_404(rows.select_related("employee"), external_id=key)
    return _cancel(request, row, "cancel_shift")


@page(Permission.PLAN, "GET", "POST")
def cancel_visit(request: PageRequest, key: str) -> HttpResponse:
    """Take back a visit that was added by hand."""
    rows = PlannedVisit.objects.filter(employee__in=request.viewer.staff(), ad_hoc=True)
    row = get_object_or_404(rows.select_related("employee"), external_id=key)
    return _cancel(request, row, "cancel_visit")


def _cancel(request: PageRequest, row: Any, what: str) -> HttpResponse:
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions_plan.cancel_ad_hoc(
                request.viewer, row, reason=form.cleaned_data["reason"], now=request.now
            )
        except PlanError as error:
            say(form, error)
        else:
            done(request, text(f"after_{what}"))
            return redirect(back_to(row.employee))
    more = {"start": row.start, "end": row.end, "why": row.reason}
    return ask(request, row.employee, what, form, more, harm="danger")


def _add_visit(request: PageRequest, employee: Employee, said: dict[str, Any]) -> PlannedVisit:
    """Add the visit; PlanError also for a client or colleague who is not the viewer's."""
    client = _named(request.viewer.clients(request.now), external_id=said["client"].strip())
    second = None
    if colleague := said["second"].strip():
        second = _named(request.viewer.staff(), number=colleague)
    return actions_plan.add_visit(
        request.viewer,
        client,
        employee,
        start=said["start"],
        end=said["end"],
        services=said["services"],
        reason=said["reason"],
        second=second,
        busy_too=said["busy_too"],
        now=request.now,
    )


def _named(rows: Any, **key: str) -> Any:
    """The one row; PlanError where there is none that the viewer may see."""
    row: Client | Employee | None = rows.filter(**key).first()
    if row is None:
        raise PlanError(Problem.NOT_YOURS)
    return row


def _form(kind: Any, request: PageRequest, length: timedelta, **initial: str) -> Any:
    if request.method == "POST":
        return kind(request.POST)
    start = request.now.replace(second=0, microsecond=0)
    form = kind.starting(start, start + length)
    form.initial.update(initial)
    return form


def _asked(request: PageRequest, employee: Employee, what: str, form: forms.Form) -> HttpResponse:
    """The form; `busy_too` is there only once somebody was found to be busy."""
    if not form.errors and "busy_too" in form.fields:
        del form.fields["busy_too"]
    return ask(request, employee, what, form)
