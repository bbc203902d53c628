"""What is done to the audit log as a whole: retention, and a head that is gone for a reason.

House rules: what these do stands in the log itself, so that a proof can explain it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from nyckelfri.server.audit import actions, witness
from nyckelfri.server.audit.actions import Deed
from nyckelfri.server.audit.models import AuditCut, AuditEvent, AuditLink
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.audit.witness import Note

KEEP = timedelta(days=5 * 366)
"""Logs of who saw and did what are kept for at least five years (HSLF-FS 2016:40 4:9)."""


class RetentionError(Exception):
    """These rows may not go; the text says why."""


def purge(before: datetime, *, reason: str, actor: str, now: datetime) -> int:
    """Delete the oldest rows, up to the first one of `before` or later; how many.

    The chain goes on from the head at the cut. RetentionError for rows of the last five years.
    """
    if before > now - KEEP:
        raise RetentionError(f"Rows of the last {KEEP.days} days stay: give an earlier day")
    with transaction.atomic():
        young = AuditLink.objects.filter(event__at__gte=before).order_by("number").first()
        staying = young or AuditLink.objects.order_by("-number").first()
        last = AuditLink.objects.filter(number=staying.number - 1).first() if staying else None
        if last is None:
            return 0
        going = AuditLink.objects.filter(number__lte=last.number)
        count = going.count()
        details = {"through": last.number, "head": bytes(last.head).hex(), "rows": count}
        AuditCut.objects.create(number=last.number, head=last.head, made_at=now)
        events = AuditEvent.objects.filter(pk__in=going.values("event_id"))
        # Row by row through the models they refuse; the guards let a cut's rows go.
        events._raw_delete(events.db)  # noqa: SLF001 -- Django's deletion without a collector
        going._raw_delete(going.db)  # noqa: SLF001 -- the same
        deed = Deed(Verb.AUDIT_PURGE, "audit", reason, details)
        actions.record([deed], actor=actor, now=now)
    return count


def accept(*, reason: str, actor: str, now: datetime) -> Note | None:
    """Go on with this log although it lacks the head noted last; give that note.

    For a database restored from a copy: the log says that its tail is gone, and why.
    """
    held = witness.read()
    said = {} if held is None else {"number": held.number, "head": held.head.hex()}
    with transaction.atomic():
        deed = Deed(Verb.AUDIT_ACCEPT, "audit", reason, said)
        actions.record([deed], actor=actor, now=now)
    witness.replace(now)
    return held
