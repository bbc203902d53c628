"""Files on their way into the register."""

from __future__ import annotations

from django.db import models


class ImportJob(models.Model):
    """Files that somebody has uploaded, on their way into the register.

    `token` names the directory that they wait in; `seen` is the last import that the
    preview knew of (the key of its audit row, 0 for none); `result` is what the preview
    or the import said, as `importer.results` writes it.
    """

    class State(models.TextChoices):
        """How far it has come."""

        CHECKING = "checking", "kontrolleras"
        READY = "ready", "kan införas"
        FAULTY = "faulty", "har fel"
        STORING = "storing", "införs"
        STORED = "stored", "infört"
        STALE = "stale", "behöver kontrolleras igen"
        CANCELLED = "cancelled", "avbrutet"
        FAILED = "failed", "gick inte"

    token = models.CharField(max_length=32, unique=True)
    state = models.CharField(max_length=12, choices=State, default=State.CHECKING)
    uploaded_by = models.ForeignKey("people.Employee", models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    accept_withdrawals = models.BooleanField(default=False)
    seen = models.BigIntegerField(default=0)
    result = models.JSONField(default=dict)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"import {self.pk}"
