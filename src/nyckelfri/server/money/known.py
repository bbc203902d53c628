"""What fees are reckoned with: tariff, the law's amounts, incomes, and a month's rules.

House rules: reads only; rows become the values that `care` reckons with, and one that cannot is
an error of that row and never a guess.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from nyckelfri.care.billing import Article, Unit
from nyckelfri.care.feepolicy import FeePolicy
from nyckelfri.care.statutory import Limits, StatutoryRow, known_with, limits_of
from nyckelfri.care.tariff import Price, Tariff
from nyckelfri.server import dated_settings
from nyckelfri.server.dated_settings import Dated
from nyckelfri.server.money.models import LegalAmounts, MoneyRules, TariffPrice

Rules = TypeVar("Rules", bound=Dated)


@dataclass(frozen=True, slots=True)
class Reckoning:
    """All that a month is reckoned with, beside the clients."""

    tariff: Tariff
    policy: FeePolicy
    limits: Limits


def reckoning(first: date) -> Reckoning:
    """What the month that begins on this day is reckoned with; BillingError without amounts."""
    return Reckoning(
        tariff=tariff(),
        policy=rules(MoneyRules.Kind.FEES, FeePolicy, first),
        limits=limits_of(first, amounts()),
    )


def tariff() -> Tariff:
    """Every price there is."""
    return Tariff(
        Price(
            article=Article(row.article),
            text=row.name,
            unit=Unit(row.unit),
            price=row.price,
            first=row.valid_from,
            last=row.valid_till,
        )
        for row in TariffPrice.objects.order_by()
    )


def amounts() -> tuple[StatutoryRow, ...]:
    """The law's amounts: those that this program knows, and those that are recorded."""
    return known_with(
        StatutoryRow(
            valid_from=row.valid_from,
            price_base_amount=row.price_base_amount,
            single=row.single,
            cohabiting=row.cohabiting,
            cap_factor=row.cap_factor,
            source=row.source,
        )
        for row in LegalAmounts.objects.order_by()
    )


def rules(kind: MoneyRules.Kind, values: type[Rules], day: date) -> Rules:
    """The rules of a kind in force on a day; the defaults before any is recorded."""
    begun = MoneyRules.objects.filter(kind=kind, valid_from__lte=day)
    return read(values, begun.order_by("-valid_from").first())


def read(values: type[Rules], row: MoneyRules | None) -> Rules:
    """The rules of a row; the defaults of none."""
    if row is None:
        return values(valid_from=date.min)
    return dated_settings.read(values, row.valid_from, row.settings)


def every(kind: MoneyRules.Kind, values: type[Rules]) -> tuple[Rules, ...]:
    """Every rule of a kind, oldest first, after the defaults."""
    rows = MoneyRules.objects.filter(kind=kind).order_by("valid_from")
    found: Iterable[Rules] = (
        dated_settings.read(values, row.valid_from, row.settings) for row in rows
    )
    return (values(valid_from=date.min), *found)
