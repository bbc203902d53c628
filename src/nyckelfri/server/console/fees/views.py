"""Sender, accounts and fee rules: what holds, and new ones after a look at what differs.

House rules: nothing is recorded before what it changes has been shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from nyckelfri.care.times import ZONE, month_after
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.console import shell
from nyckelfri.server.console.fees import forms
from nyckelfri.server.console.fees.forms import AccountsForm, DatedForm, PolicyForm, SenderForm
from nyckelfri.server.console.fees.texts import text
from nyckelfri.server.console.page import PageRequest, done, page, show
from nyckelfri.server.money import actions_rules, known
from nyckelfri.server.money.errors import MoneyError, Snag
from nyckelfri.server.money.models import MoneyRules

_Kind = MoneyRules.Kind
_FORMS: Final[dict[MoneyRules.Kind, type[DatedForm]]] = {
    _Kind.SENDER: SenderForm,
    _Kind.FEES: PolicyForm,
    _Kind.ACCOUNTS: AccountsForm,
}
_PAGES: Final = {
    _Kind.SENDER: "fee_sender",
    _Kind.FEES: "fee_policy",
    _Kind.ACCOUNTS: "fee_accounts",
}


@dataclass(frozen=True, slots=True)
class Held:
    """Rules of a kind as they hold: every setting in words, and those to come."""

    name: str
    heading: str
    href: str
    since: date | None
    settings: list[tuple[str, str]]
    coming: list[date]


@page(Permission.SET_MONEY_RULES)
def show_rules(request: PageRequest) -> HttpResponse:
    """All that fees are reckoned with, as it holds today."""
    today = request.now.astimezone(ZONE).date()
    stored = list(MoneyRules.objects.filter(kind__in=_FORMS).order_by("valid_from"))
    context = {"held": [_held(kind, stored, today) for kind in _FORMS]}
    return show(request, "console/fees/rules.html", "fee_rules", context, words=text)


def _held(kind: MoneyRules.Kind, stored: list[MoneyRules], today: date) -> Held:
    form = _FORMS[kind]
    mine = [row for row in stored if row.kind == kind]
    begun = [row for row in mine if row.valid_from <= today]
    return Held(
        name=kind.value,
        heading=text(f"kind_{kind.value}"),
        href=reverse(_PAGES[kind]),
        since=begun[-1].valid_from if begun else None,
        settings=forms.said(form, known.read(form.kind, begun[-1] if begun else None)),
        coming=[row.valid_from for row in mine if row.valid_from > today],
    )


@page(Permission.SET_MONEY_RULES, "GET", "POST")
def change_sender(request: PageRequest) -> HttpResponse:
    """Who sends invoices."""
    return _change(request, _Kind.SENDER)


@page(Permission.SET_MONEY_RULES, "GET", "POST")
def change_accounts(request: PageRequest) -> HttpResponse:
    """On which accounts invoices are booked."""
    return _change(request, _Kind.ACCOUNTS)


@page(Permission.SET_MONEY_RULES, "GET", "POST")
def change_policy(request: PageRequest) -> HttpResponse:
    """What counts where, in a client's fee."""
    return _change(request, _Kind.FEES)


def _change(request: PageRequest, kind: MoneyRules.Kind) -> HttpResponse:
    """Type rules, see what differs from those that hold that day, record them."""
    today = request.now.astimezone(ZONE).date()
    now = known.rules(kind, _FORMS[kind].kind, today)
    if request.method != "POST":
        ahead = month_after(today) if kind is _Kind.FEES else today + timedelta(days=1)
        return _form(request, kind, _FORMS[kind].of(now, ahead))
    form = _FORMS[kind](request.POST)
    if isinstance(form, AccountsForm):
        form.purchase = dict(now.purchase)
    if not form.is_valid():
        return _form(request, kind, form)
    try:
        rules = form.rules()
    except ValueError:
        form.add_error(None, text["wrong_rules"])
        return _form(request, kind, form)
    if request.POST.get("do") == "record":
        try:
            actions_rules.record_rules(
                request.viewer, kind, rules, reason=form.cleaned_data["reason"], now=request.now
            )
        except MoneyError as error:
            about_day = error.snag is Snag.PAST_DAY
            form.add_error("valid_from" if about_day else None, text(f"snag_{error.snag.value}"))
            return _form(request, kind, form)
        done(request, text("is_recorded", day=rules.valid_from))
        return redirect("fee_rules")
    before = known.rules(kind, _FORMS[kind].kind, rules.valid_from)
    differs = forms.differences(_FORMS[kind], before, rules)
    return _form(request, kind, form, {"asked": True, "differs": differs})


def _form(
    request: PageRequest,
    kind: MoneyRules.Kind,
    form: DatedForm,
    more: dict[str, Any] | None = None,
) -> HttpResponse:
    context = {
        "form": form,
        "lead": text(f"lead_{kind.value}"),
        "back": reverse("fee_rules"),
        **(more or {}),
    }
    return show(
        request,
        "console/fees/form.html",
        "fee_rules",
        context,
        words=text,
        heading=text(f"change_{kind.value}"),
        trail=[step()],
        status=422 if form.errors else 200,
    )


def step() -> shell.Step:
    """What fees are reckoned with, above each of its pages."""
    return shell.Step(reverse("fee_rules"), text["fee_rules"])
