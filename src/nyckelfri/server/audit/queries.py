"""What the audit log is asked.

House rules: reads only; the order is that of the chain, which is the order of commits.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.audit.verbs import Verb

if TYPE_CHECKING:
    from django.db.models import QuerySet


LOOKS = frozenset(
    {
        Verb.CLIENT_LOOK,
        Verb.EMPLOYEE_LOOK,
        Verb.PHONE_LOOK,
        Verb.IDENTITY_LOOK,
        Verb.LIST_LOOK,
        Verb.LIST_EXPORT,
        Verb.AUDIT_LOOK,
    }
)
"""Deeds that change nothing: somebody saw something about persons."""


def newest() -> QuerySet[AuditEvent]:
    """Every row with its place in the chain, newest first by the clock.

    For pages and files of some days: the indexes know the clock, not the chain.
    """
    return AuditEvent.objects.select_related("link").order_by("-at", "-id")


def rows() -> QuerySet[AuditEvent]:
    """Every row with its place in the chain, newest first."""
    return AuditEvent.objects.select_related("link").order_by("-link__number")


def about(object_id: str) -> QuerySet[AuditEvent]:
    """Every deed done to `object_id`, oldest first."""
    return AuditEvent.objects.filter(object_id=object_id)


def of_kind(verb: Verb) -> QuerySet[AuditEvent]:
    """Every deed of one kind, oldest first."""
    return AuditEvent.objects.filter(verb=verb.value)


def by_actor(actor: str) -> QuerySet[AuditEvent]:
    """Every deed and look of one actor, newest first."""
    return rows().filter(actor=actor)


def looks_at(object_id: str) -> QuerySet[AuditEvent]:
    """Who has looked at this person's record, newest first."""
    return rows().filter(object_id=object_id, verb__in=LOOKS)


def looks(start: datetime, end: datetime) -> QuerySet[AuditEvent]:
    """Every look from `start` until `end`, in the order of the chain."""
    found = AuditEvent.objects.filter(verb__in=LOOKS, at__gte=start, at__lt=end)
    return found.select_related("link").order_by("link__number")
