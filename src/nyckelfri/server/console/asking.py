"""A page that asks before an act on a person's or a thing's record: one frame for all of them.

House rules: whoever is asked has opened the record, so it is logged as a look. What the act
does, asks and is called is said by the area's own words: `effect_…`, `ask_…` and `do_…`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import reverse

from nyckelfri.server.audit import looks
from nyckelfri.server.console.page import PageRequest, show
from nyckelfri.server.console.shell import Step
from nyckelfri.server.console.texts import Words, text
from nyckelfri.server.people.models import Employee


@dataclass(frozen=True, slots=True)
class Record:
    """What an act is about: its id in the log, its entry of the menu, and its page last."""

    about: str
    at: str
    trail: Sequence[Step]


def of_employee(employee: Employee) -> Record:
    """The record of a member of staff."""
    own = reverse("employee", args=[employee.number])
    trail = [Step(reverse("staff"), text["staff"]), Step(own, employee.name)]
    return Record(f"employee:{employee.number}", "staff", trail)


def ask(
    request: PageRequest,
    record: Record,
    what: str,
    form: forms.Form,
    more: dict[str, Any] | None = None,
    *,
    words: Words,
    template: str = "console/confirm.html",
    harm: str = "danger",
) -> HttpResponse:
    """Ask for `what`, with the fields of the form; 422 while something is wrong with it."""
    looks.at(request, record.about, why=what)
    own = record.trail[-1]
    context = {
        "form": form,
        "effect": words(f"effect_{what}"),
        "confirm": words(f"do_{what}"),
        "back": own.href,
        "harm": harm,
        **(more or {}),
    }
    return show(
        request,
        template,
        record.at,
        context,
        words=words,
        heading=words(f"ask_{what}", name=own.word),
        trail=record.trail,
        status=422 if form.errors else 200,
    )
