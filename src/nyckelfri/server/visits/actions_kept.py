"""What was kept and not accepted: somebody has dealt with it, or takes it up again.

House rules: check → change → audit row, in one transaction. Nothing of what came is changed
or thrown away, and what the server still waits for it goes on waiting for.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.visits.models import Kept

MAX_REASON = 200


class KeptError(Exception):
    """Nothing was changed; the text says why."""


class AlreadyError(KeptError):
    """Somebody else was first."""


def settle(kept: Kept, *, reason: str, by: Viewer, now: datetime) -> Kept:
    """Note that somebody has dealt with it, and how. Raises AlreadyError or KeptError."""
    reason = _said(reason, by)
    with transaction.atomic():
        row = _locked(kept)
        if row.settled_at is not None:
            raise AlreadyError("Somebody has dealt with this already: nothing was changed")
        row.settled_at, row.settled_by, row.settled_why = now, by.employee, reason
        _save(row, Verb.DELIVERY_SETTLE, reason, by, now)
    return row


def reopen(kept: Kept, *, reason: str, by: Viewer, now: datetime) -> Kept:
    """Take it up again. Raises AlreadyError or KeptError."""
    reason = _said(reason, by)
    with transaction.atomic():
        row = _locked(kept)
        if row.settled_at is None:
            raise AlreadyError("This waits for somebody already: nothing was changed")
        row.settled_at, row.settled_by, row.settled_why = None, None, ""
        _save(row, Verb.DELIVERY_REOPEN, reason, by, now)
    return row


def _said(reason: str, by: Viewer) -> str:
    if not by.may(Permission.REVIEW_DELIVERIES):
        raise KeptError("Only those who deal with deliveries may do this")
    said = reason.strip()
    if not 0 < len(said) <= MAX_REASON:
        raise KeptError(f"Say why, in at most {MAX_REASON} characters")
    return said


def _locked(kept: Kept) -> Kept:
    return Kept.objects.select_for_update().get(pk=kept.pk)


def _save(row: Kept, verb: Verb, reason: str, by: Viewer, now: datetime) -> None:
    row.save(update_fields=["settled_at", "settled_by", "settled_why"])
    audit.record([audit.Deed(verb, f"kept:{row.pk}", reason)], actor=by.actor, now=now)
