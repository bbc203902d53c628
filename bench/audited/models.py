"""One kind of row, four times, and the row of an audit log that is nothing more.

House rule: the columns are the same, and what a phone's row has in the server.
"""

from __future__ import annotations

from typing import Any, ClassVar

from auditlog.registry import auditlog
from django.db import models
from simple_history.models import HistoricalRecords


class _Row(models.Model):
    label = models.CharField(max_length=64)
    state = models.CharField(max_length=12)
    model = models.CharField(max_length=64)
    registered_at = models.DateTimeField()
    enrolled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.label


class Plain(_Row):
    """Changed without an audit row."""


class Ours(_Row):
    """Changed with ours."""


class Historical(_Row):
    """Changed under django-simple-history."""

    history: Any = HistoricalRecords()  # type: ignore[no-untyped-call]


class Logged(_Row):
    """Changed under django-auditlog."""


class Beside(models.Model):
    """What a row of our audit log says, and its indexes; nothing chains or guards it."""

    at = models.DateTimeField()
    actor = models.CharField(max_length=64)
    origin = models.CharField(max_length=128)
    verb = models.CharField(max_length=48)
    object_id = models.CharField(max_length=128)
    reason = models.CharField(max_length=500)
    details = models.JSONField()
    leaf = models.BinaryField()

    class Meta:
        """The audit log's own."""

        indexes: ClassVar = [
            models.Index(fields=["at"], name="beside_by_time"),
            models.Index(fields=["object_id"], name="beside_by_object"),
            models.Index(fields=["actor", "at"], name="beside_by_actor"),
        ]

    def __str__(self) -> str:
        return self.object_id


auditlog.register(Logged)
