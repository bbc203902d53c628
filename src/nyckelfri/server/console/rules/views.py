"""The municipality's rules for access, by date; new ones after a look at what they will do.

House rules: nothing is recorded before its effect has been shown, which is worked out beside
the pages (`access.actions_draft`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from nyckelfri.care.policy import Policy
from nyckelfri.care.times import ZONE
from nyckelfri.server.access import actions_draft, versions
from nyckelfri.server.access import policy as policies
from nyckelfri.server.access.errors import MAX_REASON, AccessError
from nyckelfri.server.access.models import AccessPolicy, PolicyDraft
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.beside import MovedOnError
from nyckelfri.server.console import shell
from nyckelfri.server.console.page import PageRequest, done, not_done, page, show
from nyckelfri.server.console.rules import rows
from nyckelfri.server.console.rules.rows import RulesForm
from nyckelfri.server.console.rules.texts import text
from nyckelfri.server.stale import StaleError

_SHOWN = 50
_State = PolicyDraft.State


@dataclass(frozen=True, slots=True)
class Dated:
    """Rules from a day on; `differs` from those in force now."""

    pk: int
    first: date
    reason: str
    differs: list[tuple[str, str, str]]


@page(Permission.SET_POLICY)
def show_rules(request: PageRequest) -> HttpResponse:
    """What holds now, what will, and what held."""
    today = request.now.astimezone(ZONE).date()
    recorded = list(AccessPolicy.objects.filter(cancelled_at=None).order_by("valid_from"))
    begun = [row for row in recorded if row.valid_from <= today]
    now = policies.read(begun[-1]) if begun else policies.DEFAULT
    context = {
        "settings": rows.settings(now),
        "since": begun[-1].valid_from if begun else None,
        "reason": begun[-1].reason if begun else "",
        "coming": [_dated(row, now) for row in recorded if row.valid_from > today],
        "earlier": [_dated(row, now) for row in reversed(begun[:-1])],
    }
    return show(request, "console/rules/list.html", "rules", context, words=text)


def _dated(row: AccessPolicy, now: Policy) -> Dated:
    return Dated(row.pk, row.valid_from, row.reason, rows.differences(now, policies.read(row)))


@page(Permission.SET_POLICY, "GET", "POST")
def change(request: PageRequest, pk: int | None = None) -> HttpResponse:
    """Type new rules, from those of a draft where one is named; have their effect worked out."""
    if request.method != "POST":
        return _form(request, RulesForm(initial=_initial(request, pk)))
    form = RulesForm(request.POST)
    if not form.is_valid():
        return _form(request, form)
    try:
        draft = actions_draft.propose(
            request.viewer, form.policy(), reason=form.cleaned_data["reason"], now=request.now
        )
    except ValueError as error:
        form.add_error(None, text("wrong_rules", why=error))
    except AccessError as error:
        form.refuse(error)
    else:
        return redirect("rules_draft", pk=draft.pk)
    return _form(request, form)


def _initial(request: PageRequest, pk: int | None) -> dict[str, Any]:
    if pk is None:
        tomorrow = request.now.astimezone(ZONE).date() + timedelta(days=1)
        return {**rows.initial(policies.in_force(request.now)), "valid_from": tomorrow}
    draft = get_object_or_404(PolicyDraft, pk=pk)
    typed = rows.initial(policies.read(draft))
    return {**typed, "valid_from": draft.valid_from, "reason": draft.reason}


@page(Permission.SET_POLICY, "GET", "POST")
def show_draft(request: PageRequest, pk: int) -> HttpResponse:
    """Proposed rules: how far the work has come, what they will do, and the decision."""
    draft = get_object_or_404(PolicyDraft.objects.select_related("policy"), pk=pk)
    if request.method == "POST":
        _decide(request, draft)
        return redirect("rules_draft", pk=pk)
    return show(
        request,
        "console/rules/draft.html",
        "rules",
        _shown(request, draft),
        words=text,
        heading=text("preview_heading", day=draft.valid_from),
        trail=[shell.Step(reverse("rules"), text("rules"))],
        piece="console/rules/_draft.html",
    )


def _decide(request: PageRequest, draft: PolicyDraft) -> None:
    """Do what was asked, or say why not."""
    try:
        if request.POST.get("do") == "again":
            actions_draft.again(request.viewer, draft, now=request.now)
        elif request.POST.get("do") == "confirm":
            row = actions_draft.confirm(request.viewer, draft, now=request.now)
            coming = row.valid_from > request.now.astimezone(ZONE).date()
            undo = reverse("rules_cancel", args=[row.pk]) if coming else ""
            done(request, text("recorded", day=row.valid_from), undo=undo)
    except StaleError:
        not_done(request, text("stale"))
    except MovedOnError:
        not_done(request, text("moved_on"))
    except AccessError as error:
        not_done(request, text(f"refused_{error.refusal.value}"))


def _shown(request: PageRequest, draft: PolicyDraft) -> dict[str, Any]:
    state = _State(draft.state)
    if state == _State.READY and draft.seen != versions.of_policies():
        state = _State.STALE
    working = state in {_State.WORKING, _State.WITHDRAWING}
    shown = state in {_State.READY, _State.WITHDRAWING, _State.RECORDED}
    before = policies.on(draft.valid_from)
    return {
        "draft": draft,
        "state": state.value,
        "said": text(f"state_{state.value}"),
        "tone": rows.TONES.get(state, "calm"),
        "lead": text(f"lead_{'late' if draft.result.get('late') else state.value}"),
        "work": rows.work(draft, request.now) if working else None,
        "found": draft.result if shown else None,
        "people": rows.people(draft, request.viewer, _SHOWN) if shown else [],
        "most": _SHOWN,
        "proposed": not draft.policy,
        "differs": rows.differences(before, policies.read(draft)),
        "can_decide": state == _State.READY,
        "can_again": state in {_State.STALE, _State.FAILED},
    }


@page(Permission.SET_POLICY, "GET", "POST")
def cancel(request: PageRequest, pk: int) -> HttpResponse:
    """Take back rules that have not begun."""
    row = get_object_or_404(AccessPolicy.objects.filter(cancelled_at=None), pk=pk)
    form = CancelForm(request.POST or None, initial={"seen": versions.of_policies()})
    if form.is_valid():
        said = form.cleaned_data
        try:
            actions_draft.take_back(
                request.viewer, row, reason=said["reason"], seen=said["seen"], now=request.now
            )
        except AccessError as error:
            form.add_error(None, text(f"refused_{error.refusal.value}"))
        except StaleError:
            not_done(request, text("stale"))
            return redirect("rules")
        else:
            done(request, text("cancelled", day=row.valid_from))
            return redirect("rules")
    context = {
        "form": form,
        "effect": text("cancel_effect"),
        "confirm": text("cancel_rules"),
        "back": reverse("rules"),
    }
    return show(
        request,
        "console/confirm.html",
        "rules",
        context,
        words=text,
        heading=text("cancel_heading", day=row.valid_from),
        trail=[shell.Step(reverse("rules"), text("rules"))],
        status=422 if form.errors else 200,
    )


class CancelForm(forms.Form):
    """Why, and the version that was shown."""

    reason = forms.CharField(max_length=MAX_REASON)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = text("field_reason")


def _form(request: PageRequest, form: RulesForm) -> HttpResponse:
    return show(
        request,
        "console/rules/form.html",
        "rules",
        {"form": form, "back": reverse("rules")},
        words=text,
        heading=text("change"),
        trail=[shell.Step(reverse("rules"), text("rules"))],
        status=422 if form.errors else 200,
    )
