"""Rules for pay by date, new ones after a look at what they change, and the prices as they are."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from nyckelfri.care.pay import PayPolicy, pay_policy_on
from nyckelfri.care.times import ZONE, month_after
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.console import shell
from nyckelfri.server.console.page import PageRequest, done, page, show
from nyckelfri.server.console.pay import rules
from nyckelfri.server.console.pay.rules import RulesForm
from nyckelfri.server.console.pay.texts import text
from nyckelfri.server.money import actions_rules, pay
from nyckelfri.server.money.errors import MoneyError
from nyckelfri.server.money.models import MoneyRules, PayPrice

_KIND: Final = MoneyRules.Kind.PAY
_MOST: Final = 500
"""Prices that a page shows."""


@page(Permission.SET_MONEY_RULES)
def show_rules(request: PageRequest) -> HttpResponse:
    """What holds now, what will, what held, and the prices."""
    today = request.now.astimezone(ZONE).date()
    recorded = list(MoneyRules.objects.filter(kind=_KIND).order_by("valid_from"))
    begun = [row for row in recorded if row.valid_from <= today]
    now = pay.read(begun[-1].valid_from, begun[-1].settings) if begun else PayPolicy()
    context = {
        "settings": rules.settings(now),
        "since": begun[-1].valid_from if begun else None,
        "reason": begun[-1].reason if begun else "",
        "coming": [_dated(row, now) for row in recorded if row.valid_from > today],
        "earlier": [_dated(row, now) for row in reversed(begun[:-1])],
        "prices": [rules.price_line(row) for row in PayPrice.objects.all()[:_MOST]],
    }
    return show(request, "console/pay/rules.html", "pay_rules", context, words=text)


def _dated(row: MoneyRules, now: PayPolicy) -> dict[str, Any]:
    differs = rules.differences(now, pay.read(row.valid_from, row.settings))
    return {"first": row.valid_from, "reason": row.reason, "differs": differs}


@page(Permission.SET_MONEY_RULES, "GET", "POST")
def change(request: PageRequest) -> HttpResponse:
    """Type new rules, see what they change, and decide."""
    today = request.now.astimezone(ZONE).date()
    known = pay.policies()
    form = RulesForm(request.POST or None, pay_policy_on(today, known), month_after(today))
    would = None
    if form.is_valid():
        try:
            policy = form.policy()
            if request.POST.get("do") == "record":
                return _record(request, form, policy)
            would = rules.differences(_before(policy.valid_from, known), policy)
        except ValueError as error:
            form.add_error(None, text("wrong_rules", why=error))
        except MoneyError as error:
            form.add_error("valid_from", text(f"snag_{error.snag.value}"))
    context = {"form": form, "would": would, "back": reverse("pay_rules")}
    return show(
        request,
        "console/pay/rules_change.html",
        "pay_rules",
        context,
        words=text,
        heading=text["change_rules"],
        trail=[shell.Step(reverse("pay_rules"), text["pay_rules"])],
        status=422 if form.errors else 200,
    )


def _before(day: date, known: tuple[PayPolicy, ...]) -> PayPolicy:
    """The rules that those of a day take the place of."""
    return pay_policy_on(day, [each for each in known if each.valid_from < day])


def _record(request: PageRequest, form: RulesForm, policy: PayPolicy) -> HttpResponse:
    reason = form.cleaned_data["reason"]
    actions_rules.record_rules(request.viewer, _KIND, policy, reason=reason, now=request.now)
    done(request, text("rules_recorded", day=policy.valid_from))
    return redirect("pay_rules")
