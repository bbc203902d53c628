"""What has been signed for the municipality, and what has been revoked.

House rules: a row tells what was said to locks and phones, so no row is ever edited
to say something else; private keys are never here.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from nyckelfri.server.fields import FixedBytesField


class PinnedRoot(models.Model):
    """The municipality's public root, as locks pin it; there is one row, never replaced."""

    data = models.BinaryField()
    pinned_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_root")]

    def __str__(self) -> str:
        return "root"


class SignedKeySet(models.Model):
    """A root-signed key set; the highest number is in force."""

    number = models.PositiveBigIntegerField(unique=True)
    epoch = models.PositiveBigIntegerField()
    data = models.BinaryField()
    installed_at = models.DateTimeField()

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"key set {self.number}"


class Subject(models.Model):
    """The opaque number (`sub`) by which grants and journals name an employee."""

    employee = models.OneToOneField("people.Employee", models.PROTECT, related_name="subject")
    identifier = FixedBytesField(length=8, unique=True)

    def __str__(self) -> str:
        return f"subject {self.identifier.hex()}"


class Issued(models.Model):
    """A grant that was minted: for whom, on which phone, which door, when, and why.

    `reasons` are `care.grants.Reason.as_data()`; `data` is the grant itself, 172 bytes.
    """

    serial = FixedBytesField(length=8, unique=True)
    employee = models.ForeignKey("people.Employee", models.PROTECT, related_name="issued")
    phone = models.ForeignKey("people.Phone", models.PROTECT, related_name="issued")
    thumbprint = FixedBytesField(length=8)
    installation = models.ForeignKey("locks.Installation", models.PROTECT, related_name="issued")
    kid = FixedBytesField(length=1)
    scope = models.PositiveSmallIntegerField()
    not_before = models.DateTimeField()
    not_after = models.DateTimeField(db_index=True)
    reasons = models.JSONField()
    issued_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    data = models.BinaryField()

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["employee", "not_after"], name="issued_by_employee"),
            models.Index(fields=["thumbprint", "not_after"], name="issued_by_key"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(not_after__gt=F("not_before")), name="issued_window_in_order"
            )
        ]

    def __str__(self) -> str:
        return f"grant {self.serial.hex()}"


class Revocation(models.Model):
    """What the bulletin names until `until`, when every grant it touches has expired."""

    class Kind(models.TextChoices):
        """Whether `value` is a phone key's thumbprint or a grant's serial."""

        PHONE = "phone", "telefon"
        GRANT = "grant", "behörighet"

    kind = models.CharField(max_length=8, choices=Kind)
    value = FixedBytesField(length=8)
    until = models.DateTimeField(db_index=True)
    revoked_at = models.DateTimeField()
    reason = models.CharField(max_length=200)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "value"], name="one_revocation_a_value")
        ]

    def __str__(self) -> str:
        return f"revocation of {self.kind} {self.value.hex()}"


class IssuedBulletin(models.Model):
    """A bulletin that was signed; while its content stays, the same row is issued anew."""

    epoch = models.PositiveBigIntegerField()
    issued = models.PositiveBigIntegerField()
    first_issued = models.PositiveBigIntegerField()
    data = models.BinaryField()

    class Meta:
        ordering = ["epoch", "issued"]
        constraints = [
            models.UniqueConstraint(fields=["epoch", "issued"], name="one_bulletin_a_number")
        ]

    def __str__(self) -> str:
        return f"bulletin {self.epoch}/{self.issued}"
