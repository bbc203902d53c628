"""The audit log as rows.

House rules: rows are only ever added, and the database itself refuses anything else; no row
holds a secret, a personal identity number or a person's name. What chains the rows is made
by the database in the transaction that adds them (migration 0004), never by a program.
Only `AuditProof` is ordinary: it proves nothing by itself, and the log can be walked again.
"""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models

from nyckelfri.server.fields import FixedBytesField, OptionalBytesField, PlaceField

_REFUSAL = "The audit log is append-only: write a new row that corrects the old one"


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """Reads and inserts only."""

    def update(self, **_: Any) -> NoReturn:
        """Refuse: TypeError."""
        raise TypeError(_REFUSAL)

    def delete(self) -> NoReturn:
        """Refuse: TypeError."""
        raise TypeError(_REFUSAL)


class _AppendOnly(models.Model):
    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert this row; TypeError when it is there already."""
        if not self._state.adding:
            raise TypeError(_REFUSAL)
        super().save(*args, **kwargs)

    def delete(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse: TypeError."""
        raise TypeError(_REFUSAL)


class AuditEvent(_AppendOnly):
    """One deed or look: at, actor, origin, verb, object, reason, details; `leaf` is of all that.

    `origin` is from where: "web 192.0.2.1 session 3f2a9c01", "phone:<id> 192.0.2.1",
    "terminal root@host"; empty for what the server did by itself.
    """

    at = models.DateTimeField()
    actor = models.CharField(max_length=64)
    origin = models.CharField(max_length=128, blank=True)
    verb = models.CharField(max_length=48)
    object_id = models.CharField(max_length=128)
    reason = models.CharField(max_length=500, blank=True)
    details = models.JSONField(default=dict)
    leaf = FixedBytesField(length=32)

    objects = models.Manager.from_queryset(AppendOnlyQuerySet)()

    class Meta:
        ordering = ["id"]
        # Every row pays for every index; each of these answers a question that is asked.
        indexes = [
            models.Index(fields=["at"], name="audit_by_time"),
            models.Index(fields=["object_id"], name="audit_by_object"),
            models.Index(fields=["actor", "at"], name="audit_by_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%dT%H:%M:%SZ} {self.actor} {self.verb} {self.object_id}"


class AuditLink(_AppendOnly):
    """Where a row stands in the chain: numbers from 1 without gaps, and the head at it."""

    number = PlaceField(primary_key=True)
    event = models.OneToOneField(AuditEvent, models.PROTECT, related_name="link")
    head = FixedBytesField(length=32)

    objects = models.Manager.from_queryset(AppendOnlyQuerySet)()

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"audit {self.number} {bytes(self.head).hex()}"


class AuditCut(_AppendOnly):
    """Retention took away all rows up to `number`; the chain goes on from `head`."""

    number = models.PositiveBigIntegerField(primary_key=True)
    head = FixedBytesField(length=32)
    made_at = models.DateTimeField()

    objects = models.Manager.from_queryset(AppendOnlyQuerySet)()

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"audit cut at {self.number}"


class AuditProof(models.Model):
    """One time that the chain was walked: who asked, when, and what came of it.

    `number` and `head` are those of the last row that was proven; `wrong` is
    `verify.Wrong` and `fault` the number of the first broken row, where there is one.
    """

    class State(models.TextChoices):
        """How far it has come."""

        WALKING = "walking", "pågår"
        WHOLE = "whole", "hel"
        BROKEN = "broken", "bruten"
        FAILED = "failed", "gick inte"

    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=State)
    ended_at = models.DateTimeField(null=True, blank=True)
    rows = models.PositiveBigIntegerField(default=0)
    number = models.PositiveBigIntegerField(default=0)
    head = OptionalBytesField(length=32)
    noted = models.PositiveIntegerField(default=0)
    wrong = models.CharField(max_length=16, blank=True)
    fault = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"audit proof {self.pk} ({self.state})"
