"""An invoice is credited, and the client's month made anew.

House rules: check → change → audit row, in one transaction. An issued invoice never changes: a
credit takes the whole of it back, under a number of its own.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction

from nyckelfri.care.times import ZONE
from nyckelfri.server import turns
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.homes.models import Client
from nyckelfri.server.money import actions_run, known, numbers
from nyckelfri.server.money.errors import MoneyError, Snag
from nyckelfri.server.money.models import STANDS, Invoice, MonthRun
from nyckelfri.server.money.papers import content as papers
from nyckelfri.server.money.papers import stored
from nyckelfri.server.money.papers.plain import line
from nyckelfri.server.turns import Turn
from nyckelfri.server.visits.actions_review import reason_of
from nyckelfri.server.visits.models import Month


def credit(viewer: Viewer, invoice: Invoice, *, reason: str, now: datetime) -> Invoice:
    """Take a whole invoice back; the visits on it can be corrected then."""
    if not viewer.may(Permission.ISSUE_INVOICES):
        raise MoneyError(Snag.NOT_ALLOWED)
    why = line(reason_of(reason))
    if not why:
        raise MoneyError(Snag.NO_TEXT)
    with transaction.atomic():
        turns.alone(Turn.NUMBERS)
        row = Invoice.objects.get(pk=invoice.pk)
        if row.kind != Invoice.Kind.INVOICE:
            raise MoneyError(Snag.IS_CREDIT)
        if Invoice.objects.filter(credits=row).exists():
            raise MoneyError(Snag.CREDITED)
        (number,) = numbers.take(numbers.Name.INVOICE, 1)
        today = now.astimezone(ZONE).date()
        made = papers.credit(stored.from_data(row.content), number=number, issued=today, reason=why)
        data = stored.to_data(made)
        issued = Invoice.objects.create(
            number=number,
            kind=Invoice.Kind.CREDIT,
            client=row.client,
            month=row.month,
            credits=row,
            version=row.version,
            total=row.total,
            issued=today,
            due=today,
            content=data,
            digest=stored.digest(data),
            made_at=now,
        )
        deed = audit.Deed(Verb.INVOICE_CREDIT, f"invoice:{row.number}", why, {"credit": number})
        audit.record([deed], actor=viewer.actor, now=now)
    return issued


def make_anew(
    viewer: Viewer, client: Client, month: Month, *, issued: date, now: datetime
) -> MonthRun:
    """Make one client's invoice of a month again, after the credit; a run of its own."""
    if not viewer.may(Permission.ISSUE_INVOICES):
        raise MoneyError(Snag.NOT_ALLOWED)
    with transaction.atomic():
        turns.alone(Turn.NUMBERS)
        if Invoice.objects.filter(STANDS, client=client, month=month).exists():
            raise MoneyError(Snag.NOT_CREDITED)
        to_pay = actions_run.frame_of(month.first, issued, issued).sender.days_to_pay
        due = issued + timedelta(days=to_pay)
        run = actions_run.begin_alone(viewer, month, issued=issued, due=due, now=now)
        frame = actions_run.frame_of(month.first, issued, due)
        actions_run.issue(run, [client.pk], frame, known.reckoning(month.first), now)
        actions_run.end(run, now)
    return run
