"""The audit log as rows.

House rules: rows are only ever added; no row holds a secret, a personal identity
number or a person's name. A later hash chain needs only one more column.
"""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models

_REFUSAL = "The audit log is append-only: write a new row that corrects the old one"


class AuditQuerySet(models.QuerySet["AuditEvent"]):
    """Reads and inserts only."""

    def update(self, **_: Any) -> NoReturn:
        """Refuse: TypeError."""
        raise TypeError(_REFUSAL)

    def delete(self) -> NoReturn:
        """Refuse: TypeError."""
        raise TypeError(_REFUSAL)


class AuditEvent(models.Model):
    """One deed: at, actor, verb, object, reason, details."""

    at = models.DateTimeField(db_index=True)
    actor = models.CharField(max_length=64)
    verb = models.CharField(max_length=48, db_index=True)
    object_id = models.CharField(max_length=128, db_index=True)
    reason = models.CharField(max_length=200, blank=True)
    details = models.JSONField(default=dict)

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%dT%H:%M:%SZ} {self.actor} {self.verb} {self.object_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert this row; TypeError when it is there already."""
        if not self._state.adding:
            raise TypeError(_REFUSAL)
        super().save(*args, **kwargs)

    def delete(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse: TypeError."""
        raise TypeError(_REFUSAL)
