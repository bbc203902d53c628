"""One kind of row, four times.

House rule: the columns are the same, and what a phone's row has in the server.
"""

from __future__ import annotations

from typing import Any

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


auditlog.register(Logged)
