"""Statements of pay, as pages and files ask for them.

House rules: reads only; a fixed number of questions however many statements there are. What a
statement says is large, and is read only where it is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet

from nyckelfri.care.billing import NOTHING
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.money.models import LeftOut, MonthRun, ReceivedInvoice, Statement
from nyckelfri.server.visits import months
from nyckelfri.server.visits.models import Month, Visit

_KIND = MonthRun.Kind.STATEMENTS


@dataclass(frozen=True, slots=True)
class Standing:
    """A month: how many providers have a statement and its sum, how many were left out."""

    month: Month
    statements: int
    total: Decimal
    left_out: int
    run: MonthRun | None
    """The newest run, if any."""


def mine(viewer: Viewer) -> QuerySet[Statement]:
    """Statements that a viewer may see: all, or their own provider's.

    Whoever is employed for certain clients sees none, since each is about many.
    """
    rows = Statement.objects.all()
    if viewer.only is not None:
        return rows.none()
    return rows if viewer.provider is None else rows.filter(provider_id=viewer.provider)


def received(viewer: Viewer) -> QuerySet[ReceivedInvoice]:
    """Invoices of providers that a viewer may see, by the same rule."""
    return ReceivedInvoice.objects.filter(statement__in=mine(viewer).values("pk"))


def newest(rows: QuerySet[Statement]) -> QuerySet[Statement]:
    """The last version of each provider and month."""
    later = Statement.objects.filter(
        provider=OuterRef("provider"), month=OuterRef("month"), version__gt=OuterRef("version")
    )
    return rows.filter(~Exists(later))


def standings(viewer: Viewer, most: int) -> list[Standing]:
    """Months that are closed or have statements, the newest first and so many at most."""
    having = mine(viewer).values("month")
    of_mine = Q(pk__in=having)
    closed = of_mine | Q(closed_at__isnull=False) if viewer.whole_municipality else of_mine
    return _standings(viewer, list(Month.objects.filter(closed).order_by("-first")[:most]))


def standing(viewer: Viewer, month: Month) -> Standing:
    """One month."""
    return _standings(viewer, [month])[0]


def _standings(viewer: Viewer, rows: list[Month]) -> list[Standing]:
    keys = [row.pk for row in rows if row.pk]
    sums: dict[int, list[Decimal]] = {}
    for month, total in newest(mine(viewer).filter(month__in=keys)).values_list("month", "total"):
        sums.setdefault(month, []).append(total)
    left: dict[int, int] = {}
    runs: dict[int, MonthRun] = {}
    if viewer.whole_municipality:
        of_months = LeftOut.objects.filter(run__month__in=keys, run__kind=_KIND).order_by()
        for (month,) in of_months.values_list("run__month"):
            left[month] = left.get(month, 0) + 1
        found = MonthRun.objects.filter(month__in=keys, kind=_KIND).order_by("pk")
        runs = {run.month_id: run for run in found.select_related("begun_by")}
    return [
        Standing(
            row,
            len(sums.get(row.pk, ())),
            sum(sums.get(row.pk, ()), NOTHING),
            left.get(row.pk, 0),
            runs.get(row.pk),
        )
        for row in rows
    ]


def of_month(viewer: Viewer, month: Month) -> list[Statement]:
    """The statements that count, in order of the providers' names."""
    rows = newest(mine(viewer).filter(month=month)).select_related("provider").defer("content")
    return list(rows.order_by("provider__name", "pk"))


def left_out(month: Month) -> list[LeftOut]:
    """Providers of the month who have no statement of it as it stands now, and why."""
    rows = LeftOut.objects.filter(run__month=month, run__kind=_KIND)
    return list(rows.select_related("provider").order_by("provider__name", "pk"))


def of_nobody(month: Month) -> int:
    """How many visits of a month nobody is paid for, since it is not known whose they are."""
    days = (month.first, months.last_of(month.first))
    return Visit.objects.filter(day__range=days, provider=None).count()


def received_of(viewer: Viewer, month: Month) -> list[ReceivedInvoice]:
    """Invoices that came for a month, the newest first."""
    rows = received(viewer).filter(statement__month=month)
    read = rows.select_related("provider", "statement").defer(
        "data", "findings", "statement__content"
    )
    return list(read.order_by("-pk"))


def versions(row: Statement) -> list[Statement]:
    """Every version of a provider's month, the newest first."""
    rows = Statement.objects.filter(provider=row.provider_id, month=row.month_id)
    return list(rows.defer("content").order_by("-version"))
