"""Care decisions: a new one, and the end of one, with what the end takes away.

House rules: the action decides; what it refuses stands beside the field.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from nyckelfri.care.times import ZONE
from nyckelfri.server.access import actions_decisions, asif, versions
from nyckelfri.server.access.checks import coming_day
from nyckelfri.server.access.errors import AccessError
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.console.clients import records
from nyckelfri.server.console.clients.forms import DecisionForm, EndForm
from nyckelfri.server.console.clients.preview import shown as preview
from nyckelfri.server.console.clients.texts import text
from nyckelfri.server.console.clients.views import address, show_form, the_client
from nyckelfri.server.console.page import PageRequest, done, not_done, page
from nyckelfri.server.homes.models import CareDecision
from nyckelfri.server.stale import StaleError


@page(Permission.DECIDE, "GET", "POST")
def decide(request: PageRequest, number: str) -> HttpResponse:
    """Record a care decision."""
    client = the_client(request, number)
    today = request.now.astimezone(ZONE).date()
    form = DecisionForm(request.POST or None, initial={"first_day": today})
    if form.is_valid():
        try:
            actions_decisions.record_decision(
                request.viewer,
                client,
                form.decided(),
                reason=form.cleaned_data["reason"],
                now=request.now,
            )
        except AccessError as error:
            form.refuse(error)
        else:
            done(request, text("decided"))
            return redirect(address(number))
    context = {"form": form, "lead": text("decide_lead"), "button": text("decide")}
    return show_form(request, client, "console/clients/form.html", text("decide"), context)


@page(Permission.DECIDE, "GET", "POST")
def end(request: PageRequest, number: str, decision: str) -> HttpResponse:
    """End a care decision, once what that takes away has been shown."""
    client = the_client(request, number)
    rows = CareDecision.objects.filter(client=client, withdrawn_at=None)
    row = get_object_or_404(rows.select_related("client"), external_id=decision)
    last = _last_day(request)
    form = EndForm(
        request.POST or None, initial={"last_day": last, "seen": versions.of_decision(row)}
    )
    if form.is_valid():
        last = form.cleaned_data["last_day"]
        try:
            if "confirm" in request.POST:
                return _ended(request, row, form)
            coming_day(last + timedelta(days=1), request.now)
        except AccessError as error:
            form.refuse(error)
        except StaleError:
            not_done(request, text("stale"))
            return redirect(address(number))
    context: dict[str, Any] = {
        "form": form,
        "lead": text(
            "end_decision_lead",
            service=text(f"service_{row.service}"),
            extent=records.extent(row.amount, row.unit),
        ),
        "button": text("end_decision"),
    }
    if not form.errors or form.is_valid():
        found = asif.decision_ended(row, last, now=request.now)
        context["preview"] = preview(found, request.viewer)
        context["last"] = last
    return show_form(
        request, client, "console/clients/end_decision.html", text("end_decision"), context
    )


def _last_day(request: PageRequest) -> date:
    """The day that the address asks about, today where it names none."""
    try:
        return date.fromisoformat(request.GET.get("sista", ""))
    except ValueError:
        return request.now.astimezone(ZONE).date()


def _ended(request: PageRequest, row: CareDecision, form: EndForm) -> HttpResponse:
    said = form.cleaned_data
    actions_decisions.end_decision(
        request.viewer,
        row,
        last_day=said["last_day"],
        reason=said["reason"],
        seen=said["seen"],
        now=request.now,
    )
    done(request, text("ended", day=said["last_day"]))
    return redirect(address(row.client.external_id))
