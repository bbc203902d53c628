"""A visit that the office enters afterwards, and taking that back.

House rules: the look at the client is noted before they are shown; what is searched for is
posted, never in an address. A change is an action of `visits`.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db.models import Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from nyckelfri.care.times import ZONE, local_moment
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.audit import looks
from nyckelfri.server.console import asking, persons
from nyckelfri.server.console.page import PageRequest, done, page, show
from nyckelfri.server.console.performed.asked import CLIENT, DAY, EMPLOYEE, PLAN, day_of
from nyckelfri.server.console.performed.forms import EnterForm, ReasonForm, complain
from nyckelfri.server.console.performed.rows import services, span
from nyckelfri.server.console.performed.texts import text
from nyckelfri.server.console.performed.views_client import address, client_steps, the_client
from nyckelfri.server.console.shell import Step
from nyckelfri.server.homes.models import Client, PlannedVisit
from nyckelfri.server.people.models import Employee
from nyckelfri.server.visits import actions_office
from nyckelfri.server.visits.actions_office import Entered
from nyckelfri.server.visits.errors import VisitError
from nyckelfri.server.visits.models import OfficeEntry

MOST: Final = 20
"""People to choose among; more means that the words are too few."""
_LONGEST: Final = 64


@page(Permission.REVIEW_VISITS, "GET", "POST")
def enter(request: PageRequest) -> HttpResponse:
    """Find the client, then enter the visit."""
    number = request.GET.get(CLIENT, "")[:_LONGEST]
    return _enter(request, number) if number else _find(request)


def _find(request: PageRequest) -> HttpResponse:
    """Search for the client by number, name or address."""
    who, now = request.viewer, request.now
    words = request.POST.get("sok", "").replace("\x00", "").strip()[:_LONGEST]
    found = who.search(who.clients(now), words).order_by("external_id")[: MOST + 1] if words else ()
    people = [persons.shown(client, who) for client in found]
    if len(people) == 1:
        return HttpResponseRedirect(f"{request.path}?{CLIENT}={people[0].number}")
    if words:
        looks.at_list(request, "clients", len(people[:MOST]), "name")
        persons.note(request, people[:MOST], "visits")
    context = {"people": people[:MOST], "more": len(people) > MOST, "searched": bool(words)}
    return show(
        request,
        "console/performed/find.html",
        "visits",
        context,
        words=text,
        heading=text("enter_visit"),
        trail=[Step(reverse("visits"), text["visits"])],
        status=422 if words and not people else 200,
    )


def _enter(request: PageRequest, number: str) -> HttpResponse:
    who, now = request.viewer, request.now
    client = the_client(request, number)
    day = day_of(request.GET.get(DAY, "")) or now.astimezone(ZONE).date() - timedelta(days=1)
    plans = _plans(client, day)
    chosen = next((p for p in plans if p.external_id == request.GET.get(PLAN, "")), None)
    choices = [(plan.external_id, _called(plan)) for plan in plans]
    form = EnterForm(
        request.POST if request.method == "POST" else None,
        plans=choices,
        initial=_initial(chosen, request.GET.get(EMPLOYEE, "")[:_LONGEST], day),
    )
    if request.method == "POST" and form.is_valid():
        entered = _entered(request, client, plans, form)
        if entered is not None:
            done(request, text("entered"), undo=reverse("office_entry", args=[entered.pk]))
            return HttpResponseRedirect(address(client.external_id, day))
    context = {
        "client": persons.shown(client, who),
        "day": day,
        "form": form,
        "plans": plans,
        "back": address(client.external_id, day),
    }
    return show(
        request,
        "console/performed/enter.html",
        "visits",
        context,
        words=text,
        heading=text("enter_visit"),
        trail=client_steps(client.external_id, day),
        status=422 if form.errors else 200,
    )


def _plans(client: Client, day: date) -> list[PlannedVisit]:
    """The client's planned visits that begin on a local day."""
    midnight, next_one = (local_moment(each, time.min) for each in (day, day + timedelta(days=1)))
    rows = PlannedVisit.objects.filter(
        client=client, withdrawn_at=None, start__gte=midnight, start__lt=next_one
    )
    return list(rows.select_related("employee").order_by("start", "pk"))


def _called(plan: PlannedVisit) -> str:
    return ", ".join((span(plan.start, plan.end), plan.employee.name, services(plan.services)))


def _initial(plan: PlannedVisit | None, employee: str, day: date) -> dict[str, Any]:
    """What the form begins with: as planned, or the morning of the day."""
    found: dict[str, Any] = {"kind": OfficeEntry.Kind.VISIT.value, "employee": employee}
    if plan is None:
        morning = datetime.combine(day, time(8))
        return {**found, "planned": "", "entry": morning, "exit": None}
    return {
        **found,
        "planned": plan.external_id,
        "employee": employee or plan.employee.number,
        "entry": plan.start.astimezone(ZONE),
        "exit": plan.end.astimezone(ZONE),
        "services": plan.services,
    }


def _entered(
    request: PageRequest, client: Client, plans: list[PlannedVisit], form: EnterForm
) -> OfficeEntry | None:
    """The entry as it was stored; None where the form says what stands in the way."""
    said = form.cleaned_data
    employee = _employee(request, form, said["employee"])
    if employee is None:
        return None
    kind = OfficeEntry.Kind(said["kind"])
    what = Entered(
        client=client,
        employee=employee,
        planned=next((plan for plan in plans if plan.external_id == said["planned"]), None),
        kind=kind,
        entry=said["entry"],
        exit=said["exit"],
        services=tuple(said["services"]) if kind is OfficeEntry.Kind.VISIT else (),
    )
    try:
        return actions_office.enter(request.viewer, what, reason=said["reason"], now=request.now)
    except VisitError as error:
        complain(form, error)
        return None


def _employee(request: PageRequest, form: EnterForm, words: str) -> Employee | None:
    """The one employee of the viewer's whom a number or a name means."""
    fits = Q(number__iexact=words) | Q(name__icontains=words)
    found = list(request.viewer.staff().filter(fits).order_by("number")[: MOST + 1])
    exact = [each for each in found if each.number.casefold() == words.casefold()]
    if len(exact or found) == 1:
        return (exact or found)[0]
    if not found:
        form.add_error("employee", text("no_such_employee"))
    elif len(found) > MOST:
        form.add_error("employee", text("too_many_employees"))
    else:
        names = ", ".join(f"{each.name} {each.number}" for each in found)
        form.add_error("employee", text("which_employee", names=names))
    return None


@page(Permission.REVIEW_VISITS, "GET", "POST")
def take_back(request: PageRequest, number: int) -> HttpResponse:
    """A visit that the office entered, and the way to take it back."""
    who, now = request.viewer, request.now
    mine = OfficeEntry.objects.filter(client__in=who.clients(now), employee__in=who.staff())
    entry = get_object_or_404(mine.select_related("client", "employee", "entered_by"), pk=number)
    day = entry.entry.astimezone(ZONE).date()
    form = ReasonForm(request.POST or None, hint="hint_why")
    if request.method == "POST" and form.is_valid():
        try:
            actions_office.take_back(who, entry, reason=form.cleaned_data["reason"], now=now)
        except VisitError as error:
            complain(form, error)
        else:
            done(request, text("taken_back"))
            return HttpResponseRedirect(address(entry.client.external_id, day))
    client = persons.shown(entry.client, who)
    persons.note(request, [client], "visits")
    record = asking.Record(f"client:{client.number}", "visits", client_steps(client.number, day))
    more = {
        "entry": entry,
        "client": client,
        "kind": text(f"office_{entry.kind}"),
        "services": services(entry.services),
    }
    return asking.ask(
        request,
        record,
        "take_back",
        form,
        more,
        words=text,
        template="console/performed/office_entry.html",
    )
