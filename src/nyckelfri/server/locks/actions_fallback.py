"""What staff do when a lock fails, as the municipality has arranged it.

House rules: check → change → audit row, in one transaction. What holds is never edited: it
is followed by what is recorded for a later day, or for the same.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from nyckelfri.server.access import checks
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.locks.models import Fallback

MAX_TEXT = 500
MAX_TELEPHONE = 32


def record_fallback(
    by: Viewer, *, kind: str, text: str, telephone: str, valid_from: date, now: datetime
) -> Fallback:
    """Let these steps hold from a day on, today at the earliest; AccessError or ValueError."""
    checks.may(by, Permission.SET_POLICY)
    first_day = checks.coming_day(valid_from, now)
    said, number = text.strip(), telephone.strip()
    if not 0 < len(said) <= MAX_TEXT or not 0 < len(number) <= MAX_TELEPHONE:
        raise ValueError("say what to do and whom to call")
    with transaction.atomic():
        row = Fallback.objects.create(
            kind=Fallback.Kind(kind),
            text=said,
            telephone=number,
            valid_from=first_day,
            recorded_at=now,
        )
        details = {"kind": row.kind, "from": first_day.isoformat()}
        deed = audit.Deed(Verb.FALLBACK_RECORD, f"fallback:{row.pk}", details=details)
        audit.record([deed], actor=by.actor, now=now)
    return row
