"""Months and their invoices, as pages and files ask for them.

House rules: reads only; a fixed number of questions however many invoices there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Min, QuerySet, Sum

from nyckelfri.care.billing import NOTHING
from nyckelfri.care.times import month_after
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.money.models import STANDS, Dispute, Invoice, LeftOut, MonthRun
from nyckelfri.server.visits import months
from nyckelfri.server.visits.models import Month, Visit


@dataclass(frozen=True, slots=True)
class Standing:
    """A month: how many invoices stand and their sum, how many clients were left out."""

    month: Month
    invoices: int
    total: Decimal
    left_out: int
    run: MonthRun | None
    """The newest run, if any."""


def mine(viewer: Viewer) -> QuerySet[Invoice]:
    """Invoices that a viewer may see."""
    rows = Invoice.objects.all()
    return rows if viewer.only is None else rows.filter(client__in=viewer.only)


def disputes(viewer: Viewer) -> QuerySet[Dispute]:
    """What clients question on them."""
    rows = Dispute.objects.all()
    return rows if viewer.only is None else rows.filter(invoice__in=mine(viewer).values("pk"))


def standings(most: int) -> list[Standing]:
    """The months of which there is anything, the newest first and so many at most."""
    days = Visit.objects.order_by().aggregate(first=Min("day"), last=Max("day"))
    stored = {row.first: row for row in Month.objects.order_by("-first")[:most]}
    found = [*stored, *(months.first_of(day) for day in days.values() if day)]
    if not found:
        return []
    firsts, first = [], min(found)
    while first <= max(found):
        firsts.append(first)
        first = month_after(first)
    return _standings(
        [
            stored.get(each) or Month(first=each, lock_date=months.lock_date(each))
            for each in reversed(firsts[-most:])
        ]
    )


def standing(month: Month) -> Standing:
    """One month."""
    return _standings([month])[0]


def _standings(rows: list[Month]) -> list[Standing]:
    keys = [row.pk for row in rows if row.pk]
    counted = Invoice.objects.filter(STANDS, month__in=keys).order_by().values_list("month")
    invoices = {
        month: (count, total or NOTHING)
        for month, count, total in counted.annotate(count=Count("pk"), sum=Sum("total"))
    }
    lacking = LeftOut.objects.filter(
        run__month__in=keys, run__kind=MonthRun.Kind.INVOICES
    ).order_by()
    left = dict(lacking.values_list("run__month").annotate(count=Count("pk")))
    newest = runs_of(keys).order_by("pk")
    runs = {run.month_id: run for run in newest}
    return [
        Standing(row, *invoices.get(row.pk, (0, NOTHING)), left.get(row.pk, 0), runs.get(row.pk))
        for row in rows
    ]


def runs_of(keys: list[int]) -> QuerySet[MonthRun]:
    """Runs of invoices of these months."""
    return MonthRun.objects.filter(month__in=keys, kind=MonthRun.Kind.INVOICES)


def left_out(month: Month) -> QuerySet[LeftOut]:
    """Clients of the month who have no invoice, and why."""
    rows = LeftOut.objects.filter(run__month__first=month.first, run__kind=MonthRun.Kind.INVOICES)
    return rows.select_related("client").order_by("client__external_id", "pk")


@dataclass(frozen=True, slots=True)
class MadeByRun:
    """What a run issued: how many, the first and last number, and the sum."""

    count: int
    first: int | None
    last: int | None
    total: Decimal


def issued_by(run: MonthRun) -> MadeByRun:
    """What came of a run."""
    said = run.invoices.order_by().aggregate(
        count=Count("pk"), first=Min("number"), last=Max("number"), total=Sum("total")
    )
    return MadeByRun(said["count"], said["first"], said["last"], said["total"] or NOTHING)


def to_make(month: Month, clients: list[int]) -> int:
    """How many of these clients have no invoice of the month that stands."""
    having: Any = (
        Invoice.objects.filter(STANDS, month__first=month.first).order_by().values_list("client")
    )
    return len(set(clients) - {client for (client,) in having})
