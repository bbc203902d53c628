"""What the pages of this area share: whom they are about, and what stands in the way.

House rules: reads only. Who is not among the viewer's own people does not exist (404).
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from nyckelfri.server.access.plans import PlanError, Problem
from nyckelfri.server.console import asking
from nyckelfri.server.console.page import PageRequest
from nyckelfri.server.console.plan.texts import text
from nyckelfri.server.people.models import Employee

_FIELD_OF = {
    Problem.NO_REASON: "reason",
    Problem.LONG_REASON: "reason",
    Problem.WRONG_ORDER: "end",
    Problem.TOO_LONG: "end",
    Problem.OVER: "end",
    Problem.TOO_EARLY: "start",
    Problem.TOO_FAR_AHEAD: "start",
    Problem.NO_SERVICE: "services",
    Problem.NOT_YOURS: "client",
    Problem.SAME_PERSON: "second",
}


def employee_of(request: PageRequest, number: str) -> Employee:
    """The employee with this number, if they are the viewer's own; Http404."""
    rows = request.viewer.staff().select_related("care_team")
    return get_object_or_404(rows, number=number)


def say(form: forms.Form, error: PlanError) -> None:
    """Put what is wrong beside the field it is about, or over the form."""
    name = _FIELD_OF.get(error.problem, "")
    form.add_error(name if name in form.fields else None, words_of(error))


def words_of(error: PlanError) -> str:
    """What is wrong, and what to do, in the language of the request."""
    return text(f"problem_{error.problem.value}")


def back_to(employee: Employee) -> str:
    """Where a page about somebody's plan leads back to."""
    return reverse("employee", args=[employee.number])


def ask(
    request: PageRequest,
    employee: Employee,
    what: str,
    form: forms.Form,
    more: dict[str, Any] | None = None,
    *,
    template: str = "console/plan/form.html",
    harm: str = "primary",
) -> HttpResponse:
    """A page with a form about somebody's plan."""
    more = {"employee": employee, **(more or {})}
    record = asking.of_employee(employee)
    return asking.ask(request, record, what, form, more, words=text, template=template, harm=harm)
