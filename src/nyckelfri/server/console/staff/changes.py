"""Pages that record what only this system knows of an employee.

House rules: the change itself is an action of `access`; a page writes nothing.
"""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from nyckelfri.server.access import actions_staff
from nyckelfri.server.access.errors import MAX_REASON
from nyckelfri.server.access.models import OwnClient
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.plans import PlanError, Problem
from nyckelfri.server.console.asking import ask, of_employee
from nyckelfri.server.console.page import PageRequest, done, page
from nyckelfri.server.console.plan.common import words_of
from nyckelfri.server.console.staff.texts import text
from nyckelfri.server.people.models import Employee
from nyckelfri.server.stale import StaleError

MAX_LIST: Final = 1000


class CardForm(forms.Form):
    """Number and end of a service identification; `seen` is what the form showed."""

    number = forms.CharField(max_length=32, required=False)
    till = forms.DateField(
        required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    seen = forms.CharField(widget=forms.HiddenInput, max_length=32)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["number"].label = text("card_number")
        self.fields["number"].help_text = text("card_number_hint")
        self.fields["till"].label = text("card_till")
        self.fields["till"].error_messages["invalid"] = text("bad_date")


class OwnClientsForm(forms.Form):
    """The numbers of somebody's own clients, one a line; empty for no limit."""

    clients = forms.CharField(widget=forms.Textarea, required=False, max_length=MAX_LIST)
    reason = forms.CharField(max_length=MAX_REASON)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["clients"].label = text("own_numbers")
        self.fields["clients"].help_text = text("own_numbers_hint")
        self.fields["reason"].label = text("reason")
        self.fields["reason"].help_text = text("reason_hint")
        self.fields["reason"].error_messages["required"] = text("missing")


@page(Permission.MANAGE_STAFF, "GET", "POST")
def identification(request: PageRequest, number: str) -> HttpResponse:
    """Record the service identification that somebody carries."""
    employee = get_object_or_404(request.viewer.staff(), number=number)
    first = {
        "number": employee.identification,
        "till": employee.identification_till,
        "seen": actions_staff.version(employee),
    }
    form = CardForm(request.POST if request.method == "POST" else None, initial=first)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            actions_staff.record_identification(
                request.viewer,
                employee,
                number=said["number"],
                till=said["till"],
                seen=said["seen"],
                now=request.now,
            )
        except PlanError as error:
            form.add_error("number", words_of(error))
        except StaleError:
            form.add_error(None, text("stale"))
        else:
            done(request, text("card_recorded"))
            return redirect("employee", number=number)
    return _ask(request, employee, "card", form)


@page(Permission.MANAGE_STAFF, "GET", "POST")
def own_clients(request: PageRequest, number: str) -> HttpResponse:
    """Employ somebody for certain clients only, such as a relative."""
    employee = get_object_or_404(request.viewer.staff(), number=number)
    held = OwnClient.objects.filter(employee=employee, ended_at=None).order_by("pk")
    numbers = held.values_list("client__external_id", flat=True)
    form = OwnClientsForm(
        request.POST if request.method == "POST" else None, initial={"clients": "\n".join(numbers)}
    )
    if request.method == "POST" and form.is_valid():
        try:
            _limit(request, employee, form.cleaned_data)
        except PlanError as error:
            form.add_error("clients", words_of(error))
        else:
            done(request, text("own_recorded", name=employee.name))
            return redirect("employee", number=number)
    return _ask(request, employee, "own", form)


def _limit(request: PageRequest, employee: Employee, said: dict[str, Any]) -> None:
    wanted = set(said["clients"].replace(",", " ").split())
    clients = list(request.viewer.clients(request.now).filter(external_id__in=wanted))
    if len(clients) != len(wanted):
        raise PlanError(Problem.NOT_YOURS)
    actions_staff.limit_to_clients(
        request.viewer, employee, clients, reason=said["reason"], now=request.now
    )


def _ask(request: PageRequest, employee: Employee, what: str, form: forms.Form) -> HttpResponse:
    return ask(request, of_employee(employee), what, form, words=text, harm="primary")
