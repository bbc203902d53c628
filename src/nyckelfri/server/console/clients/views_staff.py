"""Staff and one client: named, assigned, withdrawn, and the end of each.

House rules: nobody is given a door here: to be named shows, an assignment is read by the
rules, a withdrawal only takes away.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from nyckelfri.care.times import ZONE
from nyckelfri.server.access import actions_named, actions_withdraw
from nyckelfri.server.access.errors import AccessError
from nyckelfri.server.access.models import HealthAssignment, NamedStaff, Withdrawal
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.console.clients.forms import AssignForm, Reasoned, StaffForm, WithdrawForm
from nyckelfri.server.console.clients.texts import text
from nyckelfri.server.console.clients.views import address, show_form, the_client
from nyckelfri.server.console.page import PageRequest, done, page
from nyckelfri.server.homes.models import Client
from nyckelfri.server.people.models import LICENSED

_SUGGESTED = 200
"""So many numbers are suggested while somebody types one."""


@page(Permission.NAME_STAFF, "GET", "POST")
def name(request: PageRequest, number: str) -> HttpResponse:
    """Name who may see a protected client's name and address."""
    client = the_client(request, number)
    form = StaffForm(request.POST or None, viewer=request.viewer)

    def act(said: dict[str, Any]) -> str:
        employee = said["employee"]
        actions_named.name(request.viewer, client, employee, reason=said["reason"], now=request.now)
        return text("named_done", name=employee.name)

    return _form(request, client, form, act, "name_staff")


@page(Permission.NAME_STAFF, "GET", "POST")
def unname(request: PageRequest, number: str, pk: int) -> HttpResponse:
    """Let somebody no longer see a protected client's name and address."""
    client = the_client(request, number)
    rows = NamedStaff.objects.filter(client=client, ended_at=None)
    row = get_object_or_404(rows.select_related("employee", "client"), pk=pk)

    def act(reason: str) -> str:
        actions_named.unname(request.viewer, row, reason=reason, now=request.now)
        return text("unnamed_done", name=row.employee.name)

    return _confirm(request, client, act, "unname", row.employee.name)


@page(Permission.ASSIGN_HEALTH, "GET", "POST")
def assign(request: PageRequest, number: str) -> HttpResponse:
    """Assign the client to licensed staff."""
    client = the_client(request, number)
    today = request.now.astimezone(ZONE).date()
    form = AssignForm(request.POST or None, viewer=request.viewer, initial={"first_day": today})

    def act(said: dict[str, Any]) -> str:
        employee = said["employee"]
        actions_named.assign(
            request.viewer,
            client,
            employee,
            first_day=said["first_day"],
            last_day=said["last_day"],
            reason=said["reason"],
            now=request.now,
        )
        return text("assigned_done", name=employee.name)

    return _form(request, client, form, act, "assign", licensed=True)


@page(Permission.ASSIGN_HEALTH, "GET", "POST")
def unassign(request: PageRequest, number: str, pk: int) -> HttpResponse:
    """End an assignment."""
    client = the_client(request, number)
    rows = HealthAssignment.objects.filter(client=client, ended_at=None)
    row = get_object_or_404(rows.select_related("employee", "client"), pk=pk)

    def act(reason: str) -> str:
        actions_named.unassign(request.viewer, row, reason=reason, now=request.now)
        return text("unassigned_done", name=row.employee.name)

    return _confirm(request, client, act, "unassign", row.employee.name)


@page(Permission.WITHDRAW, "GET", "POST")
def withdraw(request: PageRequest, number: str) -> HttpResponse:
    """Withdraw somebody's access to the client's door, or to every door."""
    client = the_client(request, number)
    asked = {"employee": request.GET.get("anst", "")[:32], "wide": "client"}
    form = WithdrawForm(request.POST or None, viewer=request.viewer, initial=asked)

    def act(said: dict[str, Any]) -> str:
        employee = said["employee"]
        actions_withdraw.withdraw(
            request.viewer,
            employee,
            None if said["wide"] == "all" else client,
            end=said["end"],
            reason=said["reason"],
            now=request.now,
        )
        return text("withdrawn_done", name=employee.name)

    return _form(request, client, form, act, "withdraw", button="withdraw_confirm")


@page(Permission.WITHDRAW, "GET", "POST")
def give_back(request: PageRequest, number: str, pk: int) -> HttpResponse:
    """Lift a withdrawal from the client's door."""
    client = the_client(request, number)
    rows = Withdrawal.objects.filter(
        client=client, ended_at=None, employee__in=request.viewer.staff()
    )
    row = get_object_or_404(rows.select_related("employee", "client"), pk=pk)

    def act(reason: str) -> str:
        actions_withdraw.give_back(request.viewer, row, reason=reason, now=request.now)
        return text("lifted_done", name=row.employee.name)

    return _confirm(request, client, act, "lift", row.employee.name, harm="primary")


def _form(
    request: PageRequest,
    client: Client,
    form: StaffForm,
    act: Callable[[dict[str, Any]], str],
    heading: str,
    *,
    licensed: bool = False,
    button: str = "",
) -> HttpResponse:
    if form.is_valid():
        try:
            words = act(form.cleaned_data)
        except AccessError as error:
            form.refuse(error)
        else:
            done(request, words)
            return redirect(address(client.external_id))
    context = {
        "form": form,
        "lead": text(f"lead_{heading}"),
        "button": text(button or heading),
        "danger": bool(button),
        "suggested": _suggested(request, licensed=licensed),
    }
    return show_form(request, client, "console/clients/form.html", text(heading), context)


def _confirm(
    request: PageRequest,
    client: Client,
    act: Callable[[str], str],
    step: str,
    who: str,
    *,
    harm: str = "danger",
) -> HttpResponse:
    form = Reasoned(request.POST or None)
    if form.is_valid():
        try:
            words = act(form.cleaned_data["reason"])
        except AccessError as error:
            form.refuse(error)
        else:
            done(request, words)
            return redirect(address(client.external_id))
    context = {
        "form": form,
        "effect": text(f"effect_{step}", name=who),
        "confirm": text("give_back") if step == "lift" else text("unname"),
        "harm": harm,
    }
    heading = text(f"heading_{step}", name=who)
    return show_form(request, client, "console/confirm.html", heading, context)


def _suggested(request: PageRequest, *, licensed: bool) -> list[tuple[str, str]]:
    """Numbers and names of staff who could be meant."""
    today = request.now.astimezone(ZONE).date()
    rows = request.viewer.staff().exclude(employed_till__lt=today)
    if licensed:
        rows = rows.filter(role__in=LICENSED)
    found = rows.order_by("number").values_list("number", "name")[: _SUGGESTED + 1]
    return list(found) if len(found) <= _SUGGESTED else []
