"""What clients got, were granted and have shown in a month, as the values that fees follow from.

House rules: reads only, a fixed number of questions for as many clients as are asked for
together; rows come as values, since a month of a large municipality has a million visits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from nyckelfri.care.charges import ClientMonth, Decision, Delivery, Extent, VisitRow
from nyckelfri.care.performed import ALARM, Outcome
from nyckelfri.care.times import DateRange
from nyckelfri.server.homes.models import CareDecision, Client, ClientAbsence
from nyckelfri.server.money.models import Delivery as DeliveryRow
from nyckelfri.server.money.models import FeeBasis
from nyckelfri.server.visits import months
from nyckelfri.server.visits.evidence import Kept
from nyckelfri.server.visits.models import Visit


@dataclass(slots=True)
class Facts:
    """A client's month: what is charged, what is shown of income, and signs of each visit."""

    client: int
    month: ClientMonth
    bases: list[FeeBasis]
    cohabiting: bool
    unreviewed: int
    signs: dict[str, list[Kept]]
    decisions: dict[str, str]
    """The decision's own number, by service."""


@dataclass(slots=True)
class _Gathered:
    visits: list[VisitRow] = field(default_factory=list)
    signs: dict[str, list[Kept]] = field(default_factory=dict)
    unreviewed: int = 0
    deliveries: list[Delivery] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    away: list[DateRange] = field(default_factory=list)
    bases: list[FeeBasis] = field(default_factory=list)


def with_something(first: date) -> list[int]:
    """Clients for whom the month may have something to pay for, in order of their numbers."""
    last = months.last_of(first)
    in_force = Q(valid_till=None) | Q(valid_till__gte=first)
    visits = Visit.objects.filter(day__range=(first, last))
    meals = DeliveryRow.objects.filter(day__range=(first, last))
    decided = CareDecision.objects.filter(in_force, valid_from__lte=last, withdrawn_at=None)
    # Asked for one by one: a database that shall look a client up in all three at once does so
    # in every visit of the month.
    found: set[int] = set()
    for rows in (visits, meals, decided):
        found.update(rows.order_by().values_list("client", flat=True).distinct())
    clients = Client.objects.order_by("external_id").values_list("pk", flat=True)
    return [client for client in clients if client in found]


def facts(first: date, clients: Sequence[int]) -> list[Facts]:
    """The month of each of these clients, in their order."""
    found: defaultdict[int, _Gathered] = defaultdict(_Gathered)
    _visits(first, clients, found)
    _given(first, clients, found)
    cohabits = _cohabiting(clients)
    return [
        Facts(
            client=client,
            month=ClientMonth(
                month=first,
                visits=mine.visits,
                deliveries=mine.deliveries,
                decisions=mine.decisions,
                away=mine.away,
            ),
            bases=mine.bases,
            cohabiting=cohabits[client],
            unreviewed=mine.unreviewed,
            signs=mine.signs,
            decisions={row.service: row.ref for row in mine.decisions},
        )
        for client in clients
        for mine in (found[client],)
    ]


def _visits(first: date, clients: Sequence[int], found: dict[int, _Gathered]) -> None:
    rows = Visit.objects.filter(
        client__in=clients, day__range=(first, months.last_of(first))
    ).order_by()
    values: Any = rows.values_list(
        "client_id", "pk", "day", "planned_id", "grade", "signs", "reason", "approved_at",
        "outcome", "entry", "exit", "services", "correction_id",
        "correction__outcome", "correction__entry", "correction__exit", "correction__services",
    )  # fmt: skip
    for client, pk, day, planned, grade, signs, reason, approved, *said in values:
        mine = found[client]
        if approved is None:
            mine.unreviewed += 1
            continue
        outcome, entry, until, services = said[:4] if said[4] is None else said[5:]
        ref = str(pk)
        mine.visits.append(
            VisitRow(
                ref=ref,
                day=day,
                outcome=Outcome(outcome),
                services=tuple(services),
                begin=entry,
                end=until,
                grade=grade,
                planned_id=None if planned is None else str(planned),
                is_alarm=planned is None and reason == ALARM,
            )
        )
        mine.signs[ref] = signs


def _given(first: date, clients: Sequence[int], found: dict[int, _Gathered]) -> None:
    last = months.last_of(first)
    in_month = Q(valid_from__lte=last) & (Q(valid_till=None) | Q(valid_till__gte=first))
    for row in DeliveryRow.objects.filter(client__in=clients, day__range=(first, last)):
        found[row.client_id].deliveries.append(Delivery(str(row.pk), row.day, row.count))
    for decision in CareDecision.objects.filter(
        in_month, client__in=clients, withdrawn_at=None
    ).order_by("valid_from", "pk"):
        found[decision.client_id].decisions.append(
            Decision(
                ref=decision.external_id,
                service=decision.service,
                extent=decision.amount,
                unit=Extent(decision.unit),
                dates=DateRange(decision.valid_from, decision.valid_till),
            )
        )
    for away in ClientAbsence.objects.filter(in_month, client__in=clients):
        found[away.client_id].away.append(DateRange(away.valid_from, away.valid_till))
    for basis in bases(first, clients):
        found[basis.client_id].bases.append(basis)


def bases(first: date, clients: Sequence[int]) -> QuerySet[FeeBasis]:
    """What these clients have shown of income until the end of the month, the oldest first."""
    begun = FeeBasis.objects.filter(client__in=clients, valid_from__lte=months.last_of(first))
    return begun.order_by("valid_from")


def _cohabiting(clients: Iterable[int]) -> dict[int, bool]:
    rows = Client.objects.filter(pk__in=clients).values_list("pk", "civil_status")
    return {pk: status == Client.CivilStatus.COHABITING for pk, status in rows}
