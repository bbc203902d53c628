"""What the audit log is asked.

House rules: reads only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nyckelfri.server.audit.models import AuditEvent

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from nyckelfri.server.audit.verbs import Verb


def about(object_id: str) -> QuerySet[AuditEvent]:
    """Every deed done to `object_id`, oldest first."""
    return AuditEvent.objects.filter(object_id=object_id)


def of_kind(verb: Verb) -> QuerySet[AuditEvent]:
    """Every deed of one kind, oldest first."""
    return AuditEvent.objects.filter(verb=verb.value)
