"""What staff entered on their phones, and how much charge locks said they had.

House rules: a row is written once; what is added later is only who dealt with it. A phone's
word is stored as its word: `at` is what it claims, and `flaw` why somebody must look.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from nyckelfri.server.fields import FixedBytesField, OptionalBytesField


class PhoneEntry(models.Model):
    """Something that somebody entered on a phone, once for each `uuid` and content.

    `digest` is of the entry as sent; `raw` is that entry, where there is a flaw. `employee` is
    who entered it, by the phone's word or by who was signed in. A reading of a label has a
    `verdict`, and `chip` and `counter` where the label signed it. No `kind` or `at` where the
    entry could not be read.
    """

    class Kind(models.TextChoices):
        """What was entered."""

        VISIT_START = "visit_start", "besöket började"
        VISIT_END = "visit_end", "besöket slutade"
        MISSED = "missed", "bomkörning"
        DECLINED = "declined", "avböjt besök"
        UNDO = "undo", "inte bomkörning eller avböjt"
        NOTE = "note", "anteckning"
        DEVIATION = "deviation", "avvikelse"
        UNPLANNED = "unplanned", "öppnar utan planerat besök"
        BATTERIES = "batteries", "batteribyte"
        LOCK_FAULT = "lock_fault", "felanmält lås"
        TAP = "tap", "avläst etikett"

    class Flaw(models.TextChoices):
        """Why somebody must look, the gravest first."""

        UNREADABLE = "unreadable", "går inte att läsa"
        CHANGED = "changed", "samma nummer, annat innehåll"
        UNKNOWN_AUTHOR = "unknown_author", "okänd person"
        UNPROVEN_AUTHOR = "unproven_author", "personen var inte inloggad på telefonen"
        FUTURE = "future", "tid som inte har varit"
        UNKNOWN_CLIENT = "unknown_client", "okänd kund"
        UNKNOWN_VISIT = "unknown_visit", "okänt besök"
        UNKNOWN_LOCK = "unknown_lock", "okänt lås"
        UNKNOWN_LABEL = "unknown_label", "okänd etikett"
        OTHER_VISIT = "other_visit", "besöket är hos någon annan"
        OTHERS_CLIENT = "others_client", "någon annans kund"

    class Verdict(models.TextChoices):
        """What a reading of a label proves."""

        SIGNED = "signed", "undertecknad"
        REPLAYED = "replayed", "använd förut"
        FORGED = "forged", "förfalskad"
        PLAIN = "plain", "enkel etikett"
        UNSIGNED = "unsigned", "underskrift saknas"
        UNKNOWN = "unknown", "okänd etikett"

    phone = models.ForeignKey("people.Phone", models.PROTECT, related_name="entries")
    uuid = models.UUIDField()
    digest = FixedBytesField(length=16)
    kind = models.CharField(max_length=12, choices=Kind, blank=True)
    at = models.DateTimeField(null=True, blank=True)
    employee = models.ForeignKey(
        "people.Employee", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    client = models.ForeignKey(
        "homes.Client", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    visit = models.ForeignKey(
        "homes.PlannedVisit", models.PROTECT, null=True, blank=True, related_name="entries"
    )
    installation = models.ForeignKey(
        "locks.Installation", models.PROTECT, null=True, blank=True, related_name="+"
    )
    label = models.ForeignKey(
        "locks.NfcLabel", models.PROTECT, null=True, blank=True, related_name="readings"
    )
    verdict = models.CharField(max_length=8, choices=Verdict, blank=True)
    chip = OptionalBytesField(length=7)
    counter = models.PositiveIntegerField(null=True, blank=True)
    detail = models.JSONField(default=dict)
    flaw = models.CharField(max_length=16, choices=Flaw, blank=True)
    raw = models.BinaryField(null=True, blank=True)
    received_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        "people.Employee", models.PROTECT, null=True, blank=True, related_name="+"
    )
    settled_why = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "phone entries"
        indexes = [
            models.Index(fields=["client", "-at"], name="entries_of_a_client"),
            models.Index(fields=["employee", "-at"], name="entries_of_somebody"),
            models.Index(
                fields=["-received_at"],
                condition=Q(settled_at__isnull=True) & (~Q(flaw="") | Q(kind="lock_fault")),
                name="entries_waiting",
            ),
            models.Index(fields=["-at"], condition=~Q(verdict=""), name="readings_newest"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["phone", "uuid", "digest"], name="one_entry_a_content"),
            models.UniqueConstraint(
                fields=["chip", "counter"],
                condition=Q(verdict="signed"),
                name="one_reading_a_counter",
            ),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by__isnull=True, settled_why="")
                | (Q(settled_at__isnull=False, settled_by__isnull=False) & ~Q(settled_why="")),
                name="entry_settled_by_somebody_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"entry {self.uuid}"


class BatteryLevel(models.Model):
    """What a lock said of its charge, at each 5 % step downwards and at new batteries."""

    installation = models.ForeignKey(
        "locks.Installation", models.PROTECT, related_name="battery_levels", db_index=False
    )
    number = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    percent = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["installation_id", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["installation", "number"], name="one_battery_level_an_entry"
            )
        ]

    def __str__(self) -> str:
        return f"battery {self.installation_id}/{self.number}"
