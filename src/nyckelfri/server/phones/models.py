"""Who is signed in on which phone, and what was tried and failed.

House rules: of a token only its SHA-256 is stored, of a tried name only a keyed
hash, since people type passwords where names belong.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from nyckelfri.server.fields import FixedBytesField


class PersonalSession(models.Model):
    """An employee signed in on a phone, for a shift; at most one open a phone and a person."""

    token_hash = FixedBytesField(length=32, unique=True)
    phone = models.ForeignKey("people.Phone", models.PROTECT, related_name="sessions")
    employee = models.ForeignKey("people.Employee", models.PROTECT, related_name="sessions")
    opened_at = models.DateTimeField()
    until = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["phone"],
                condition=Q(closed_at__isnull=True),
                name="one_open_session_a_phone",
            ),
            models.UniqueConstraint(
                fields=["employee"],
                condition=Q(closed_at__isnull=True),
                name="one_open_session_an_employee",
            ),
        ]

    def __str__(self) -> str:
        return f"session {self.pk}"


class FailedTry(models.Model):
    """One try that did not succeed (or has not yet), for counting."""

    class Kind(models.TextChoices):
        """What was tried, and by what it is counted."""

        CODE = "code", "kod"
        ANY_CODE = "any_code", "alla koder"
        NAME = "name", "namn"
        PHONE = "phone", "telefon"
        WEB_NAME = "web_name", "namn i webbläsare"
        ADDRESS = "address", "nätadress"
        STEP = "step", "andra steget"
        STEP_DAY = "step_day", "andra steget, ett dygn"
        ACTIVATION = "activation", "aktiveringskod"

    kind = models.CharField(max_length=12, choices=Kind)
    key = FixedBytesField(length=32)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["kind", "key", "at"], name="tries_by_key")]

    def __str__(self) -> str:
        return f"failed try {self.pk}"
