"""A client questions a line of an invoice; somebody answers; the trail stays.

House rules: check → change → audit row, in one transaction. What was said is never changed; a
dispute that is settled as corrected leads to a credit, which is an act of its own.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction

from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.money.errors import MoneyError, Snag
from nyckelfri.server.money.models import Dispute, DisputeWord, Invoice

LONGEST: Final = 1000


def open_dispute(
    viewer: Viewer, invoice: Invoice, line: int, *, text: str, now: datetime
) -> Dispute:
    """Write down what a client questions; `line` counts from 1, 0 is the whole invoice."""
    _may(viewer)
    said = _text(text)
    if not 0 <= line <= len(invoice.content["lines"]):
        raise MoneyError(Snag.NO_LINE)
    with transaction.atomic():
        row = Dispute.objects.create(
            invoice=invoice, line=line, opened_at=now, opened_by=viewer.employee
        )
        _say(row, DisputeWord.Voice.CLIENT, said, viewer, now)
        _record(Verb.DISPUTE_OPEN, row, viewer, now)
    return row


def answer(
    viewer: Viewer, dispute: Dispute, voice: DisputeWord.Voice, *, text: str, now: datetime
) -> None:
    """Write down what somebody says in a dispute that is open."""
    _may(viewer)
    said = _text(text)
    with transaction.atomic():
        row = _open(dispute)
        _say(row, voice, said, viewer, now)
        _record(Verb.DISPUTE_ANSWER, row, viewer, now)


def settle(
    viewer: Viewer, dispute: Dispute, outcome: Dispute.Outcome, *, text: str, now: datetime
) -> None:
    """End a dispute with an answer."""
    _may(viewer)
    said = _text(text)
    with transaction.atomic():
        row = _open(dispute)
        _say(row, DisputeWord.Voice.MUNICIPALITY, said, viewer, now)
        row.outcome, row.settled_at, row.settled_by = outcome, now, viewer.employee
        row.save(update_fields=["outcome", "settled_at", "settled_by"])
        _record(Verb.DISPUTE_SETTLE, row, viewer, now, outcome=outcome.value)


def _may(viewer: Viewer) -> None:
    if not viewer.may(Permission.DISPUTE):
        raise MoneyError(Snag.NOT_ALLOWED)


def _open(dispute: Dispute) -> Dispute:
    row = Dispute.objects.select_for_update(no_key=True).get(pk=dispute.pk)
    if row.settled_at is not None:
        raise MoneyError(Snag.SETTLED)
    return row


def _text(text: str) -> str:
    said = text.replace("\x00", " ").strip()
    if not said:
        raise MoneyError(Snag.NO_TEXT)
    if len(said) > LONGEST:
        raise MoneyError(Snag.LONG_TEXT)
    return said


def _say(row: Dispute, voice: DisputeWord.Voice, said: str, viewer: Viewer, now: datetime) -> None:
    DisputeWord.objects.create(
        dispute=row, voice=voice, text=said, said_at=now, written_by=viewer.employee
    )


def _record(verb: Verb, row: Dispute, viewer: Viewer, now: datetime, **details: str) -> None:
    deed = audit.Deed(verb, f"dispute:{row.pk}", details=details)
    audit.record([deed], actor=viewer.actor, now=now)
