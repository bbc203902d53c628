"""What providers are paid with, and for: prices, rules, and a month's visits as values.

House rules: reads only; `care.statements` decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import Q

from nyckelfri.care.pay import Ground, Kind, PayPolicy, PayVisit, Per, PriceRow
from nyckelfri.care.payprices import Prices
from nyckelfri.care.performed import Away, Grade, Outcome
from nyckelfri.server import dated_settings
from nyckelfri.server.homes.models import ClientAbsence
from nyckelfri.server.money.models import MoneyRules, PayPrice
from nyckelfri.server.visits import months
from nyckelfri.server.visits.models import Visit

_MINUTE: Final = timedelta(minutes=1)
_PAID_DAYS: Final = timedelta(days=5)
"""How long an absence is paid: one that ended longer ago counts for nothing any more."""
_CARE: Final = ("care",)
"""What a visit at an alarm is, of which nobody says what was done."""


def prices() -> Prices:
    """Every price that providers are paid by."""
    return Prices(
        PriceRow(
            service=row.service,
            area=row.area,
            price=row.price,
            per=Per(row.unit),
            ground=Ground(row.ground),
            first=row.valid_from,
            last=row.valid_till,
        )
        for row in PayPrice.objects.order_by()
    )


def policies() -> tuple[PayPolicy, ...]:
    """Every rule for pay, oldest first, after the defaults."""
    rows = MoneyRules.objects.filter(kind=MoneyRules.Kind.PAY).order_by("valid_from")
    return (PayPolicy(), *(read(row.valid_from, row.settings) for row in rows))


def read(valid_from: date, settings: dict[str, Any]) -> PayPolicy:
    """The rules of a row."""
    told = dict(settings)
    kinds = tuple(Kind(*kind) for kind in told.pop("kinds", ()))
    missed = told.pop("missed_as", Ground.DECLINED.value)
    own: dict[str, Any] = dated_settings.values(PayPolicy, told)
    return PayPolicy(
        valid_from=valid_from,
        kinds=kinds,
        missed_as=None if missed is None else Ground(missed),
        **own,
    )


def visits(first: date, provider: int) -> Iterator[PayVisit]:
    """A provider's approved visits of a month."""
    rows = Visit.objects.filter(
        provider=provider,
        day__range=(first, months.last_of(first)),
        approved_at__isnull=False,
    ).order_by()
    values = rows.values_list(
        "pk", "client_id", "client__area", "day", "planned_id", "planned__start", "planned__end",
        "grade", "flags", "outcome", "entry", "exit", "services",
        "correction__outcome", "correction__entry", "correction__exit", "correction__services",
    )  # fmt: skip
    for pk, client, area, day, planned, start, end, grade, flags, *said in values:
        outcome, entry, until, services = said[4:] if said[4] is not None else said[:4]
        yield PayVisit(
            ref=str(pk),
            client_id=str(client),
            provider_id=str(provider),
            area=area,
            day=day,
            services=tuple(services) or (_CARE if planned is None else ()),
            begin=entry,
            end=until,
            planned_minutes=None if start is None else (end - start) // _MINUTE,
            outcome=Outcome(outcome),
            grade=Grade(grade),
            flagged=bool(flags),
            planned_id="" if planned is None else str(planned),
        )


def unreviewed(first: date, provider: int) -> int:
    """How many of a provider's visits of a month nobody has approved."""
    return Visit.objects.filter(
        provider=provider, day__range=(first, months.last_of(first)), approved_at=None
    ).count()


def absences(first: date) -> list[Away]:
    """Absences that touch a month, whole, and those that one of them may go on from."""
    rows = ClientAbsence.objects.filter(
        Q(valid_till=None) | Q(valid_till__gte=first - _PAID_DAYS),
        valid_from__lte=months.last_of(first),
    ).order_by()
    return [
        Away(str(client), begins, ends, why)
        for client, begins, ends, why in rows.values_list(
            "client_id", "valid_from", "valid_till", "why"
        )
    ]
