"""What another system recorded, as its files told: door events, readings, entries, alarms.

House rules: evidence as good as the file it came in: nothing here is signed by a lock of ours.
A row is changed only by a newer file with the same number. Moments are UTC.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class ForeignDoorEvent(models.Model):
    """Something that a lock did, by another system's journal; `number` is that journal's."""

    class What(models.TextChoices):
        """What the lock did."""

        UNLOCKED = "unlocked", "låstes upp"
        LOCKED = "locked", "låstes"
        REFUSED = "refused", "nekade"
        FAULT = "fault", "fel"
        BATTERIES = "batteries", "batteribyte"

    external_id = models.CharField(max_length=32, unique=True)
    lock_unit = models.ForeignKey("locks.LockUnit", models.PROTECT, related_name="foreign_events")
    number = models.PositiveBigIntegerField()
    at = models.DateTimeField(db_index=True)
    employee = models.ForeignKey(
        "people.Employee", models.PROTECT, null=True, blank=True, related_name="+"
    )
    what = models.CharField(max_length=10, choices=What)
    reason = models.CharField(max_length=20, blank=True)
    charge = models.PositiveSmallIntegerField(null=True, blank=True)
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["at", "external_id"]

    def __str__(self) -> str:
        return f"foreign door event {self.external_id}"


class ForeignReading(models.Model):
    """A label that was read; `signature` is what the other system said of it."""

    class Signature(models.TextChoices):
        """Whether the label signed the reading."""

        RIGHT = "right", "rätt"
        WRONG = "wrong", "fel"
        MISSING = "missing", "saknas"

    external_id = models.CharField(max_length=32, unique=True)
    label = models.ForeignKey("locks.NfcLabel", models.PROTECT, related_name="foreign_readings")
    employee = models.ForeignKey("people.Employee", models.PROTECT, related_name="+")
    at = models.DateTimeField(db_index=True)
    counter = models.PositiveIntegerField(null=True, blank=True)
    signature = models.CharField(max_length=8, choices=Signature)
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["at", "external_id"]

    def __str__(self) -> str:
        return f"foreign reading {self.external_id}"


class ForeignEntry(models.Model):
    """A visit that somebody entered by hand, and why."""

    class Why(models.TextChoices):
        """Why it was entered by hand."""

        PHONE_WAS_OFF = "phone_was_off", "telefonen var urladdad"
        FORGOT = "forgot", "glömt"
        LABEL_MISSING = "label_missing", "etiketten var borta"
        DECLINED = "declined", "avböjt besök"

    external_id = models.CharField(max_length=32, unique=True)
    visit = models.ForeignKey("homes.PlannedVisit", models.PROTECT, related_name="foreign_entries")
    employee = models.ForeignKey("people.Employee", models.PROTECT, related_name="+")
    entry = models.DateTimeField(db_index=True)
    exit = models.DateTimeField()
    why = models.CharField(max_length=16, choices=Why)
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["entry", "external_id"]
        verbose_name_plural = "foreign entries"
        constraints = [
            models.CheckConstraint(condition=Q(exit__gte=F("entry")), name="foreign_entry_in_order")
        ]

    def __str__(self) -> str:
        return f"foreign entry {self.external_id}"


class ForeignAlarm(models.Model):
    """An alarm that the alarm centre handled: who took it, and when somebody was there."""

    external_id = models.CharField(max_length=32, unique=True)
    client = models.ForeignKey("homes.Client", models.PROTECT, related_name="foreign_alarms")
    at = models.DateTimeField(db_index=True)
    employee = models.ForeignKey(
        "people.Employee", models.PROTECT, null=True, blank=True, related_name="+"
    )
    taken_at = models.DateTimeField(null=True, blank=True)
    on_site_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at", "external_id"]

    def __str__(self) -> str:
        return f"foreign alarm {self.external_id}"
