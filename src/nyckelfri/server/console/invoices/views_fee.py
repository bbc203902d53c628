"""What a client's fee rests on: what is shown of income, the month's arithmetic, their invoices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from nyckelfri.care import fees
from nyckelfri.care.billing import BillingError
from nyckelfri.care.statutory import Limits, limits_of
from nyckelfri.care.times import ZONE, month_after
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.console import keyset, persons, shell
from nyckelfri.server.console.invoices import asked as asking
from nyckelfri.server.console.invoices import common, rows
from nyckelfri.server.console.invoices.asked import Asked
from nyckelfri.server.console.invoices.texts import text
from nyckelfri.server.console.links import href
from nyckelfri.server.console.page import PageRequest, page, show
from nyckelfri.server.homes.models import Client
from nyckelfri.server.money import known, making, queries_month
from nyckelfri.server.money.models import FeeBasis
from nyckelfri.server.money.papers.words import OF
from nyckelfri.server.visits import months


@dataclass(frozen=True, slots=True)
class Basis:
    """What was shown from a day on, in words."""

    first: date
    income: str
    partner: str
    supplement: str
    cost: str
    holds: bool


@page(Permission.SEE_INVOICES)
def show_client(request: PageRequest, number: str) -> HttpResponse:
    """One client: the headroom of a month and how it comes about, and every invoice."""
    client = get_object_or_404(request.viewer.clients(request.now), external_id=number)
    common.look_at(request, client, "fee")
    who = persons.shown(client, request.viewer)
    first = _asked_month(request)
    part = keyset.part(asking.found(request.viewer, Asked(client=number)), keyset.asked(request))
    context = {
        "who": who,
        "month": common.month_word(first),
        "key": common.month_key(first),
        "earlier": common.month_key(months.first_of(first - timedelta(days=1))),
        "later": common.month_key(month_after(first)),
        "part": part,
        "lines": [rows.invoice_line(each, request.viewer) for each in part.rows],
        **_reckoned(client, first),
    }
    heading = number if who.protected else f"{number} {who.name}"
    return show(
        request,
        "console/invoices/client.html",
        "invoices",
        context,
        words=text,
        heading=text("fee_of", client=heading),
        trail=[common.months_step(), *_client_step(request, number)],
    )


def _client_step(request: PageRequest, number: str) -> list[shell.Step]:
    seen = request.viewer.may(Permission.SEE_CLIENTS)
    return [shell.Step(href("client", number), number)] if seen else []


def _asked_month(request: PageRequest) -> date:
    """The month asked for, else the last whole one."""
    try:
        return common.read_month(request.GET.get("manad", ""))
    except ValueError:
        today = request.now.astimezone(ZONE).date()
        return months.first_of(months.first_of(today) - timedelta(days=1))


def _reckoned(client: Client, first: date) -> dict[str, Any]:
    """What is shown of income, and the headroom's arithmetic in the words of the invoice."""
    shown = list(queries_month.bases(first, [client.pk]))
    cohabiting = client.civil_status == Client.CivilStatus.COHABITING
    told: dict[str, Any] = {"problem": "", "terms": [], "headroom": "", "cap": ""}
    holds = None
    try:
        limits = limits_of(first, known.amounts())
        told["cap"] = common.kronor(limits.cap)
        incomes = [making.income(each, cohabiting=cohabiting) for each in shown]
        deciding = fees.deciding(first, incomes, limits)
        if deciding is not None:
            holds = deciding.valid_from
            told |= _terms(first, incomes, limits)
    except BillingError as error:
        told["problem"] = text(f"fee_{error.why.value}")
    told["bases"] = [_basis(each, holds=each.valid_from == holds) for each in shown]
    return told


def _terms(first: date, incomes: list[fees.Income], limits: Limits) -> dict[str, Any]:
    words = OF[common.paper_language()]
    room = fees.headroom_of(first, incomes, limits)
    terms = making.terms(first, incomes, limits)
    return {
        "terms": [(text(f"term_{each.what.value}"), words.figure(each.amount)) for each in terms],
        "headroom": words.figure(room),
    }


def _basis(row: FeeBasis, *, holds: bool) -> Basis:
    return Basis(
        first=row.valid_from,
        income=common.kronor(row.net_income),
        partner=_perhaps(row.partner_net_income),
        supplement=common.kronor(row.housing_supplement),
        cost=common.kronor(row.housing_cost),
        holds=holds,
    )


def _perhaps(amount: Decimal | None) -> str:
    return "" if amount is None else common.kronor(amount)
