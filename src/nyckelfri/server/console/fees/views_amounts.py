"""The law's amounts by year, with where they come from; and the tariff as it was imported."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect

from nyckelfri.care.statutory import CAP_FACTOR, StatutoryRow
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.console.fees.texts import text
from nyckelfri.server.console.fees.views import step
from nyckelfri.server.console.invoices.common import kronor
from nyckelfri.server.console.page import PageRequest, done, page, show
from nyckelfri.server.money import actions_rules, known
from nyckelfri.server.money.errors import MoneyError, Snag
from nyckelfri.server.money.models import LegalAmounts, TariffPrice

_AMOUNTS: Final = ("price_base_amount", "single", "cohabiting")


class AmountsForm(forms.Form):
    """What the law sets from a day on."""

    valid_from = forms.DateField(widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    price_base_amount = forms.DecimalField(min_value=1, max_digits=9, decimal_places=2)
    single = forms.DecimalField(min_value=1, max_digits=9, decimal_places=2)
    cohabiting = forms.DecimalField(min_value=1, max_digits=9, decimal_places=2)
    cap_factor = forms.DecimalField(
        min_value=Decimal("0.0001"), max_value=2, decimal_places=4, initial=CAP_FACTOR
    )
    source = forms.CharField(max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label, field.help_text = text(f"field_{name}"), text(f"hint_{name}")

    def amounts(self) -> StatutoryRow:
        """What was typed; ValueError if it cannot be so."""
        return StatutoryRow(**self.cleaned_data)


@dataclass(frozen=True, slots=True)
class Year:
    """The amounts from a day on, in words."""

    first: date
    base: str
    single: str
    cohabiting: str
    cap: str
    source: str
    recorded: bool


@page(Permission.SET_MONEY_RULES, "GET", "POST")
def show_amounts(request: PageRequest) -> HttpResponse:
    """Every year's amounts; what is typed is shown with its cap, then recorded."""
    form = AmountsForm(request.POST or None)
    cap = ""
    if request.method == "POST" and form.is_valid():
        try:
            amounts = form.amounts()
        except ValueError:
            form.add_error(None, text["wrong_amounts"])
        else:
            if request.POST.get("do") == "record" and _recorded(request, form, amounts):
                return redirect("fee_amounts")
            cap = kronor(amounts.cap) if not form.errors else ""
    here = set(LegalAmounts.objects.values_list("valid_from", flat=True))
    context = {
        "years": [_year(row, recorded=row.valid_from in here) for row in reversed(known.amounts())],
        "form": form,
        "asked": text("amounts_would", cap=cap) if cap else "",
    }
    return show(
        request,
        "console/fees/amounts.html",
        "fee_rules",
        context,
        words=text,
        heading=text["amounts"],
        trail=[step()],
        status=422 if form.errors else 200,
    )


def _recorded(request: PageRequest, form: AmountsForm, amounts: StatutoryRow) -> bool:
    try:
        actions_rules.record_amounts(request.viewer, amounts, now=request.now)
    except MoneyError as error:
        about_day = error.snag is Snag.PAST_DAY
        form.add_error("valid_from" if about_day else None, text(f"snag_{error.snag.value}"))
        return False
    done(request, text("is_recorded", day=amounts.valid_from))
    return True


def _year(row: StatutoryRow, *, recorded: bool) -> Year:
    base, single, cohabiting = (kronor(getattr(row, name)) for name in _AMOUNTS)
    return Year(row.valid_from, base, single, cohabiting, kronor(row.cap), row.source, recorded)


@dataclass(frozen=True, slots=True)
class PriceLine:
    """A price of the tariff, in words."""

    article: str
    name: str
    price: str
    first: date
    last: date | None


@page(Permission.SET_MONEY_RULES)
def show_tariff(request: PageRequest) -> HttpResponse:
    """The tariff as its file has it, the newest price of each article first."""
    rows = TariffPrice.objects.order_by("article", "-valid_from")
    context = {
        "prices": [
            PriceLine(
                article=text(f"article_{row.article}").capitalize(),
                name=row.name,
                price=text(f"price_{row.unit}", price=kronor(row.price)),
                first=row.valid_from,
                last=row.valid_till,
            )
            for row in rows
        ]
    }
    return show(
        request,
        "console/fees/tariff.html",
        "fee_rules",
        context,
        words=text,
        heading=text["tariff"],
        trail=[step()],
    )
