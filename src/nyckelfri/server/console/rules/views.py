"""The municipality's rules for access, by date; new ones after a look at what they will do.

House rules: nothing is recorded before its effect has been shown.
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
from nyckelfri.server.access import actions_policy, asif, versions
from nyckelfri.server.access import policy as policies
from nyckelfri.server.access.asif import PersonDiffers
from nyckelfri.server.access.checks import coming_day
from nyckelfri.server.access.errors import MAX_REASON, AccessError
from nyckelfri.server.access.models import AccessPolicy
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.console import shell
from nyckelfri.server.console.page import PageRequest, done, not_done, page, show
from nyckelfri.server.console.rules import rows
from nyckelfri.server.console.rules.rows import RulesForm
from nyckelfri.server.console.rules.texts import text
from nyckelfri.server.stale import StaleError

_SHOWN = 50


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
def change(request: PageRequest) -> HttpResponse:
    """Type new rules, see what they will do, confirm."""
    if request.method != "POST":
        tomorrow = request.now.astimezone(ZONE).date() + timedelta(days=1)
        begin = rows.initial(policies.in_force(request.now))
        return _form(request, RulesForm(initial={**begin, "valid_from": tomorrow}))
    form = RulesForm(request.POST)
    if not form.is_valid() or "edit" in request.POST:
        return _form(request, form)
    try:
        policy = form.policy()
        coming_day(policy.valid_from, request.now)
        if "confirm" in request.POST:
            return _recorded(request, policy, form)
    except ValueError as error:
        form.add_error(None, text("wrong_rules", why=error))
    except AccessError as error:
        form.refuse(error)
    except StaleError:
        not_done(request, text("stale"))
        return redirect("rules")
    else:
        return _preview(request, policy, form)
    return _form(request, form)


def _recorded(request: PageRequest, policy: Policy, form: RulesForm) -> HttpResponse:
    said = form.cleaned_data
    row = actions_policy.record_policy(
        request.viewer, policy, reason=said["reason"], seen=said["seen"], now=request.now
    )
    today = request.now.astimezone(ZONE).date()
    undo = reverse("rules_cancel", args=[row.pk]) if row.valid_from > today else ""
    done(request, text("recorded", day=row.valid_from), undo=undo)
    return redirect("rules")


@dataclass(frozen=True, slots=True)
class Affected:
    """Somebody, and what they lose and gain."""

    name: str
    number: str
    loses: str
    gains: str


def _preview(request: PageRequest, policy: Policy, form: RulesForm) -> HttpResponse:
    found = asif.policy_change(policy, now=request.now)
    typed = {name: request.POST.get(name, "") for name in form.fields if name != "seen"}
    context = {
        "differs": rows.differences(policies.on(policy.valid_from), policy),
        "found": found,
        "count": len(found.people),
        "people": [_affected(row) for row in found.people[:_SHOWN]],
        "most": _SHOWN,
        "typed": {
            **{name: value for name, value in typed.items() if value},
            "seen": versions.of_policies(),
        },
        "reason": form.cleaned_data["reason"],
    }
    return show(
        request,
        "console/rules/preview.html",
        "rules",
        context,
        words=text,
        heading=text("preview_heading", day=policy.valid_from),
        trail=[shell.Step(reverse("rules"), text("rules"))],
    )


def _affected(row: PersonDiffers) -> Affected:
    return Affected(
        row.person.name,
        row.person.number,
        _doors(row.doors_lost, row.time_lost),
        _doors(row.doors_gained, row.time_gained),
    )


def _doors(count: int, time: timedelta) -> str:
    if not count:
        return ""
    return text("doors_and_time", doors=count, hours=round(time / timedelta(hours=1)))


@page(Permission.SET_POLICY, "GET", "POST")
def cancel(request: PageRequest, pk: int) -> HttpResponse:
    """Take back rules that have not begun."""
    row = get_object_or_404(AccessPolicy.objects.filter(cancelled_at=None), pk=pk)
    form = CancelForm(request.POST or None, initial={"seen": versions.of_policies()})
    if form.is_valid():
        said = form.cleaned_data
        try:
            actions_policy.cancel_policy(
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
    context = {"form": form, "confirm": text("cancel_rules"), "back": reverse("rules")}
    return show(
        request,
        "console/rules/cancel.html",
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
