"""What providers are paid with, and for: prices, rules, a month's visits, and statements as values.

House rules: reads only; `care.statements` decides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q
from pydantic import TypeAdapter

from nyckelfri.care import pay as rules
from nyckelfri.care.pay import Ground, Kind, NewClient, PayPolicy, PayVisit, Per, PriceRow
from nyckelfri.care.payprices import Prices
from nyckelfri.care.performed import Away, Grade, Outcome
from nyckelfri.server import dated_settings
from nyckelfri.server.homes.models import ClientAbsence, ProviderChoice
from nyckelfri.server.money.models import MoneyRules, PayPrice, Statement
from nyckelfri.server.visits import months
from nyckelfri.server.visits.models import Visit

_MINUTE: Final = timedelta(minutes=1)
_NOTHING: Final = Decimal("0.00")
_STATEMENT: Final = TypeAdapter(rules.Statement)
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
            flagged=bool(flags) and said[4] is None,
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


def new_clients(first: date, provider: int) -> list[NewClient]:
    """Clients who begin with a provider in a month, by their first choice of it."""
    chosen = ProviderChoice.objects.filter(provider=provider, withdrawn_at=None)
    earlier = chosen.filter(client=OuterRef("client"), valid_from__lt=OuterRef("valid_from"))
    rows = chosen.filter(~Exists(earlier), valid_from__range=(first, months.last_of(first)))
    values = rows.order_by("client_id", "service").values_list(
        "pk", "client_id", "client__area", "valid_from", "service"
    )
    found = {
        client: NewClient(f"choice:{pk}", str(client), str(provider), area, day, service)
        # The first by name is kept: care before household services.
        for pk, client, area, day, service in reversed(values)
    }
    return list(found.values())


def stored(made: rules.Statement) -> dict[str, Any]:
    """A statement as its row keeps it."""
    data: dict[str, Any] = _STATEMENT.dump_python(made, mode="json")
    return data


def content(row: Statement) -> rules.Statement:
    """What a statement says."""
    return _STATEMENT.validate_python(row.content)


def amounts(row: Statement) -> dict[str, Decimal]:
    """What a statement books, by service: beyond what the version before it booked already.

    A service that comes to the same is left out.
    """
    found: defaultdict[str, Decimal] = defaultdict(lambda: _NOTHING)
    for line in content(row).lines:
        found[line.service] += line.amount
    before = earlier(row)
    for line in content(before).lines if before else ():
        found[line.service] -= line.amount
    return {service: amount for service, amount in found.items() if amount}


def earlier(row: Statement) -> Statement | None:
    """The version that a statement replaces, if any."""
    of_month = Statement.objects.filter(provider=row.provider_id, month=row.month_id)
    return of_month.filter(version__lt=row.version).order_by("version").last()
