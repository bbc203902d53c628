"""A month's invoices are made: begun by somebody, done beside the pages, and gone on with.

House rules: check → change → audit row, in one transaction for some clients at a time. Whoever
has an invoice of the month is passed over, so a run that was cut, however it was, is begun again
and makes nothing twice; numbers have no gap. What hinders one client is noted, and the others
go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Count
from django_tasks import task

from nyckelfri.care.billing import BillingError
from nyckelfri.server import beside, bulk, turns
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.homes.models import Client
from nyckelfri.server.money import known, making, numbers, queries_month, runs
from nyckelfri.server.money.errors import MoneyError, Snag
from nyckelfri.server.money.known import Reckoning
from nyckelfri.server.money.making import Frame, Hindrance, Made
from nyckelfri.server.money.models import (
    STANDS,
    Invoice,
    InvoicedVisit,
    LeftOut,
    MoneyRules,
    MonthRun,
)
from nyckelfri.server.money.papers import stored
from nyckelfri.server.money.papers.accounts import Accounts
from nyckelfri.server.money.sender import Sender
from nyckelfri.server.turns import Turn
from nyckelfri.server.visits import months
from nyckelfri.server.visits.models import Month, Visit

CHUNK: Final = 100
"""Clients whose invoices are issued in one transaction."""


def begin(viewer: Viewer, month: Month, *, issued: date, due: date, now: datetime) -> MonthRun:
    """Have the invoices of a closed month made; MoneyError where that cannot be."""
    with transaction.atomic():
        run = begin_alone(viewer, month, issued=issued, due=due, now=now)
        transaction.on_commit(lambda: carry_on.enqueue(run.pk))
    return run


def begin_alone(
    viewer: Viewer, month: Month, *, issued: date, due: date, now: datetime
) -> MonthRun:
    """Begin a run, and leave its work to the caller."""
    if not viewer.may(Permission.ISSUE_INVOICES):
        raise MoneyError(Snag.NOT_ALLOWED)
    if due <= issued:
        raise MoneyError(Snag.WRONG_DAYS)

    def check(held: Month) -> None:
        frame_of(held.first, issued, due)
        try:
            known.reckoning(held.first)
        except BillingError as error:
            raise MoneyError(Snag.NO_AMOUNTS, str(error)) from error

    kind = MonthRun.Kind.INVOICES
    return runs.begin(viewer, month, kind, issued=issued, due=due, now=now, check=check)


def go_on(viewer: Viewer, run: MonthRun, *, now: datetime) -> None:
    """Go on with a run that stands still or was stopped; MovedOnError if it has ended."""
    if not viewer.may(Permission.ISSUE_INVOICES):
        raise MoneyError(Snag.NOT_ALLOWED)
    runs.go_on(viewer, run, carry_on.enqueue, now)


@task()
def carry_on(pk: int) -> None:
    """Make what is left of a run."""
    runs.carry(pk, work)


def work(
    run: MonthRun,
    now: Callable[[], datetime],
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> None:
    """Issue an invoice to every client of the month who has none, some at a time."""
    first = run.month.first
    frame, reckoning = frame_of(first, run.issued, run.due), known.reckoning(first)
    clients = queries_month.with_something(first)
    chunks = [clients[at : at + CHUNK] for at in range(0, len(clients), CHUNK)]
    for done, chunk in enumerate(chunks):
        beside.tell(run, done * CHUNK, len(clients))
        progress(done * CHUNK, len(clients))
        with bulk.unsearched():
            issue(run, chunk, frame, reckoning, now())
    end(run, now())
    progress(len(clients), len(clients))


@transaction.atomic
def issue(
    run: MonthRun, clients: Sequence[int], frame: Frame, reckoning: Reckoning, now: datetime
) -> list[int]:
    """Issue invoices to those of these clients who have none that stands; their numbers."""
    turns.alone(Turn.NUMBERS)
    runs.must_go_on(run)
    rows = _without_invoice(run.month, clients)
    versions = _versions(run.month, rows)
    _hold_visits(run.month.first, versions)
    made: list[tuple[Client, Made]] = []
    left: list[LeftOut] = []
    for facts in queries_month.facts(run.month.first, list(rows)):
        try:
            one = making.make(facts, reckoning, frame.accounts)
        except Hindrance as hindrance:
            left.append(
                LeftOut(run=run, client_id=facts.client, why=hindrance.why, detail=hindrance.detail)
            )
            continue
        if one is not None:
            made.append((rows[facts.client], one))
    known_before = LeftOut.objects.filter(run__month=run.month, run__kind=run.kind)
    known_before.filter(client__in=clients).delete()
    LeftOut.objects.bulk_create(left, batch_size=bulk.BATCH)
    given = numbers.take(numbers.Name.INVOICE, len(made))
    issued = [
        _row(run, client, one, number, frame, versions.get(client.pk, 0) + 1, now)
        for (client, one), number in zip(made, given, strict=True)
    ]
    _store(issued, {client.pk: one for client, one in made})
    if issued:
        details = {"first": given[0], "last": given[-1], "count": len(issued)}
        deed = audit.Deed(Verb.INVOICE_ISSUE, runs.about(run), details=details)
        audit.record([deed], actor=runs.SYSTEM, now=now)
    return list(given)


def frame_of(first: date, issued: date, due: date) -> Frame:
    """What all invoices of a run share; MoneyError until the sender is filled in."""
    kinds = MoneyRules.Kind
    sender = known.rules(kinds.SENDER, Sender, issued)
    if not sender.whole:
        raise MoneyError(Snag.NO_SENDER)
    return Frame(first, issued, due, sender, known.rules(kinds.ACCOUNTS, Accounts, issued))


def _without_invoice(month: Month, clients: Sequence[int]) -> dict[int, Client]:
    standing = Invoice.objects.filter(STANDS, month=month, client__in=clients)
    rows = Client.objects.filter(pk__in=clients).exclude(pk__in=standing.values("client"))
    return {row.pk: row for row in rows.select_related("property").order_by("external_id")}


def _versions(month: Month, clients: dict[int, Client]) -> dict[int, int]:
    """How many invoices each client has had of this month."""
    rows = Invoice.objects.filter(month=month, kind=Invoice.Kind.INVOICE, client__in=clients)
    counted = rows.order_by().values_list("client").annotate(count=Count("pk"))
    return dict(counted)


def _hold_visits(first: date, clients: Iterable[int]) -> None:
    """Keep everybody from correcting visits of those whose invoice was credited, until the end."""
    of_month = Visit.objects.filter(client__in=clients, day__range=(first, months.last_of(first)))
    list(of_month.order_by("pk").select_for_update(no_key=True).values_list("pk"))


def _row(  # noqa: PLR0917 -- what an invoice is made of
    run: MonthRun, client: Client, made: Made, number: int, frame: Frame, version: int,
    now: datetime,
) -> dict[str, Any]:  # fmt: skip
    text, digest = stored.to_text(making.content(made, number, client, frame))
    return {
        "number": number,
        "kind": Invoice.Kind.INVOICE.value,
        "client": client.pk,
        "month": run.month_id,
        "run": run.pk,
        "credits": None,
        "version": version,
        "total": made.fee.total,
        "issued": run.issued,
        "due": run.due,
        "content": text,
        "digest": digest,
        "made_at": now,
    }


def _store(issued: Sequence[dict[str, Any]], made: dict[int, Made]) -> None:
    """Write the invoices, and which visits stand on each."""
    if not issued:
        return
    names = tuple(issued[0])
    bulk.insert(Invoice, names, (tuple(row.values()) for row in issued))
    numbered = {row["number"]: row["client"] for row in issued}
    pks = Invoice.objects.filter(number__in=numbered).values_list("pk", "number")
    bulk.insert(
        InvoicedVisit,
        ("invoice", "visit"),
        ((pk, visit) for pk, number in pks for visit in made[numbered[number]].visits),
    )


def end(run: MonthRun, now: datetime) -> None:
    """Note that all have been gone through."""
    runs.end(run, run.invoices.count(), now)
