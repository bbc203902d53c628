"""One visit: what it was and what shows it, and what somebody decides about it.

House rules: the look at the client and the employee is noted before they are shown; a change is
an action of `visits`, of what the form showed (`seen`). What is wrong is said beside the form,
and what was written stays there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from nyckelfri.care.performed import Outcome
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.audit import looks
from nyckelfri.server.console import persons
from nyckelfri.server.console.clients.openers import named
from nyckelfri.server.console.page import PageRequest, done, page, show
from nyckelfri.server.console.performed import rows, story
from nyckelfri.server.console.performed.asked import CLIENT, DAY, EMPLOYEE, PLAN, Asked
from nyckelfri.server.console.performed.forms import CorrectForm, SeenForm, complain
from nyckelfri.server.console.performed.texts import text
from nyckelfri.server.console.performed.views import steps
from nyckelfri.server.console.shell import Step
from nyckelfri.server.stale import StaleError
from nyckelfri.server.visits import actions_review, newer, queries_review
from nyckelfri.server.visits.errors import VisitError
from nyckelfri.server.visits.models import Visit
from nyckelfri.server.visits.queries_review import Standing


@dataclass(frozen=True, slots=True)
class Act:
    """Something to decide about a visit: its word, the action, how the button looks."""

    name: str
    do: Callable[..., Any]
    look: str = ""
    reason: bool = True


APPROVE: Final = "godkann"
ACTS: Final = {
    APPROVE: Act("approve", actions_review.approve, reason=False),
    "ta-tillbaka": Act("reopen", actions_review.reopen, "secondary"),
    "angra-rattning": Act("undo", actions_review.undo, "secondary"),
    "ta-nyare": Act("take", actions_review.take_newer),
    "behall": Act("keep", actions_review.keep, "secondary"),
}
"""By its word in the address."""


def the_visit(request: PageRequest, number: int) -> Any:
    """The visit of an address, if the viewer may see it; the look at it is logged."""
    mine = queries_review.standing(actions_review.mine(request.viewer))
    found = mine.select_related(*rows.RELATED, "approved_by")
    visit: Any = get_object_or_404(found, pk=number)
    client, employee = visit.client, visit.employee
    looks.at(request, f"client:{client.external_id}", f"employee:{employee.number}", why="visits")
    persons.note(request, [persons.shown(client, request.viewer)], "visits")
    return visit


@page(Permission.SEE_VISITS)
def show_visit(request: PageRequest, number: int) -> HttpResponse:
    """One visit."""
    return _shown(request, the_visit(request, number))


@page(Permission.REVIEW_VISITS, "GET", "POST")
def act(request: PageRequest, number: int, act: str) -> HttpResponse:
    """Decide something about a visit; without a decision the visit is shown."""
    if act not in ACTS:
        raise Http404
    visit = the_visit(request, number)
    if request.method != "POST":
        return _shown(request, visit)
    form = SeenForm(request.POST, hint="hint_why", needed=ACTS[act].reason)
    if form.is_valid() and _done(request, act, visit, form):
        asked = _asked(request, visit)
        here = _address(visit, asked)
        approved = act == APPROVE
        done(request, text(f"did_{ACTS[act].name}"), undo=here if approved else "")
        return HttpResponseRedirect(asked.href() if approved else here)
    _now_seen(form, visit)
    return _shown(request, visit, form)


def _done(request: PageRequest, act: str, visit: Visit, form: forms.Form) -> bool:
    """Whether it was done; what stands in the way is said in the form."""
    said = form.cleaned_data
    try:
        ACTS[act].do(
            request.viewer, visit, reason=said["reason"], seen=said["seen"], now=request.now
        )
    except (VisitError, StaleError) as error:
        complain(form, error)
        return False
    return True


def _now_seen(form: Any, visit: Visit) -> None:
    """Let a form that is shown again carry what it is shown with: whoever sees it may decide."""
    form.data = form.data.copy()
    form.data["seen"] = actions_review.version(visit)


def _form(acts: list[str], visit: Visit) -> SeenForm:
    """One reason, whatever is decided."""
    needed = bool(acts) and all(_needs_reason(act, visit) for act in acts)
    hint = "hint_why"
    if APPROVE in acts:
        hint = "hint_approve" if _needs_reason(APPROVE, visit) else "hint_may_say"
    seen = actions_review.version(visit)
    return SeenForm(hint=hint, needed=needed, initial={"seen": seen})


def _needs_reason(act: str, visit: Visit) -> bool:
    return ACTS[act].reason or (bool(visit.flags) and visit.correction is None)


def _open_acts(visit: Visit) -> list[str]:
    """What can be decided about a visit as it stands, the likeliest first."""
    found = []
    if visit.newer is not None:
        found += ["ta-nyare"] if newer.is_kept(visit.newer) else ["ta-nyare", "behall"]
    if visit.approved_at is not None:
        return [*found, "ta-tillbaka"]
    contested = visit.newer is not None and not newer.is_kept(visit.newer)
    if visit.counted.outcome != Outcome.WAITING.value and not contested:
        found.insert(0, APPROVE)
    return [*found, "angra-rattning"] if visit.correction else found


def _asked(request: PageRequest, visit: Visit) -> Asked:
    """The list that somebody came from."""
    return replace(Asked.read(request.GET, request.now), day=visit.day)


def _address(visit: Visit, asked: Asked, name: str = "visit", *more: str) -> str:
    return f"{reverse(name, args=[visit.pk, *more])}?{asked.query()}"


def _shown(request: PageRequest, visit: Any, form: SeenForm | None = None) -> HttpResponse:
    """The visit, and what can be decided about it; `form` is one with something wrong."""
    who, asked = request.viewer, _asked(request, visit)
    may = who.may(Permission.REVIEW_VISITS)
    obstacle = actions_review.stands(who, visit, request.now) if may else None
    may = may and obstacle is None
    acts = _open_acts(visit) if may else []
    correct = may and visit.approved_at is None
    context = {
        **about(request, visit),
        "story": story.of(who, visit),
        "form": form or _form(acts, visit),
        "acts": [_act(key, visit, asked) for key in acts],
        "correct": _address(visit, asked, "visit_correct") if correct else "",
        "enter": _enter(visit) if correct and not visit.signs else "",
        "obstacle": text(f"obstacle_{obstacle}") if obstacle else "",
    }
    return show(
        request,
        "console/performed/visit.html",
        "visits",
        context,
        words=text,
        heading=text("one_visit", number=visit.pk),
        trail=steps(asked),
        status=200 if form is None else 422,
    )


def _enter(visit: Visit) -> str:
    """Where a visit that nothing shows is entered, as it was planned."""
    if visit.planned is None:
        return ""
    said = {
        CLIENT: visit.client.external_id,
        DAY: visit.day,
        PLAN: visit.planned.external_id,
        EMPLOYEE: visit.employee.number,
    }
    return f"{reverse('visit_enter')}?{urlencode(said)}"


def _act(key: str, visit: Visit, asked: Asked) -> dict[str, str]:
    act = ACTS[key]
    return {
        "path": _address(visit, asked, "visit_act", key),
        "word": text(f"act_{act.name}"),
        "effect": text(f"effect_{act.name}"),
        "look": act.look,
    }


def about(request: PageRequest, visit: Any) -> dict[str, Any]:
    """Who and when a visit was, as every page about it shows it."""
    plan, standing = visit.planned, Standing(visit.standing)
    return {
        "visit": visit,
        "client": persons.shown(visit.client, request.viewer),
        "staff": named(visit.employee.number, visit.employee.name, request.viewer),
        "standing": text(f"standing_{standing}"),
        "state": rows.STATES[standing],
        "planned_span": rows.span(plan.start, plan.end) if plan else "",
        "planned_length": (
            text("minutes", count=rows.minutes(plan.end - plan.start)) if plan else ""
        ),
        "planned_services": rows.services(plan.services) if plan else "",
        "planned_for": (
            [each.name for each in (plan.employee, plan.second_employee) if each] if plan else []
        ),
    }


@page(Permission.REVIEW_VISITS, "GET", "POST")
def correct(request: PageRequest, number: int) -> HttpResponse:
    """Say what a visit was instead of what the evidence says."""
    visit = the_visit(request, number)
    asked, seen = _asked(request, visit), actions_review.version(visit)
    back = _address(visit, asked)
    form: Any = CorrectForm(request.POST) if request.method == "POST" else None
    if form is not None and form.is_valid():
        said = form.cleaned_data
        try:
            actions_review.correct(
                request.viewer,
                visit,
                form.corrected(),
                reason=said["reason"],
                seen=said["seen"],
                now=request.now,
            )
        except (VisitError, StaleError) as error:
            complain(form, error)
        else:
            done(request, text("did_correct"), undo=back)
            return HttpResponseRedirect(back)
    if form is None:
        form = CorrectForm.of(visit, seen)
    else:
        _now_seen(form, visit)
    context = {
        **about(request, visit),
        "story": story.of(request.viewer, visit),
        "form": form,
        "back": back,
    }
    return show(
        request,
        "console/performed/correct.html",
        "visits",
        context,
        words=text,
        heading=text("correct_visit", number=visit.pk),
        trail=[*steps(asked), Step(back, text("one_visit", number=visit.pk))],
        status=422 if form.errors else 200,
    )
