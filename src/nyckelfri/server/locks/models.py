"""Doors, the units on them, and what each unit made of itself when commissioned.

House rules: a unit is a thing that can move; an installation is that unit on one
door, with keys of its own, and never comes back. `__str__` shows ids, never an
address or a key.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from nyckelfri.server.fields import FixedBytesField, OptionalBytesField


class Door(models.Model):
    """A home's front door, by address and apartment, or an entrance of a building."""

    class Kind(models.TextChoices):
        """What the door leads to."""

        FRONT_DOOR = "front_door", "lägenhetsdörr"
        ENTRANCE = "entrance", "port"

    kind = models.CharField(max_length=12, choices=Kind)
    address = models.CharField(max_length=120)
    apartment = models.CharField(max_length=8, blank=True)
    entrance = models.OneToOneField(
        "homes.Entrance", models.PROTECT, null=True, blank=True, related_name="door"
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="entrance", entrance__isnull=False)
                | Q(kind="front_door", entrance__isnull=True),
                name="entrance_door_names_entrance",
            ),
            models.UniqueConstraint(
                fields=["address", "apartment"],
                condition=Q(kind="front_door"),
                name="one_front_door_a_home",
            ),
        ]

    def __str__(self) -> str:
        return f"door {self.pk}"

    @property
    def label(self) -> str:
        """What people call the door: "Port Kyrkogatan 36" or "Kyrkogatan 36 1203"."""
        if self.kind == self.Kind.ENTRANCE:
            return f"Port {self.address}"
        return f"{self.address} {self.apartment}".strip()


class LockUnit(models.Model):
    """A lock unit; only a mounted one has a serial number, and only it gives access."""

    class Kind(models.TextChoices):
        """What the unit turns or releases."""

        THUMB_TURN = "thumb_turn", "låsvred"
        ENTRANCE_UNIT = "entrance_unit", "portenhet"

    class Status(models.TextChoices):
        """How far the installation has come."""

        PLANNED = "planned", "planerad"
        MOUNTED = "mounted", "monterad"
        DECLINED = "declined", "avböjd"
        DOES_NOT_FIT = "does_not_fit", "passar ej"

    external_id = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=16, choices=Kind)
    model = models.CharField(max_length=32, blank=True)
    serial = models.CharField(max_length=32, blank=True)
    status = models.CharField(max_length=16, choices=Status)
    door = models.ForeignKey(Door, models.PROTECT, related_name="lock_units")

    class Meta:
        ordering = ["external_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["serial"], condition=~Q(serial=""), name="one_unit_a_serial"
            )
        ]

    def __str__(self) -> str:
        return f"lock unit {self.external_id}"


class Installation(models.Model):
    """A unit's life on one door, from commissioning to release or theft.

    `identifier` is the `aud` of its grants; `lock_key_x` its P-256 x-coordinate for
    EDHOC, `signing_key` the compressed point that signs its journal, `radio_key` the
    secret behind its pseudonym in the air, `release_nonce` what a release of it names
    (None for a lock from before there were releases).
    """

    identifier = FixedBytesField(length=8, unique=True)
    lock_unit = models.ForeignKey(LockUnit, models.PROTECT, related_name="installations")
    door = models.ForeignKey(Door, models.PROTECT, related_name="installations")
    lock_key_x = FixedBytesField(length=32)
    signing_key = FixedBytesField(length=33)
    radio_key = FixedBytesField(length=16)
    release_nonce = OptionalBytesField(length=16)
    commissioned_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["lock_unit"],
                condition=Q(retired_at__isnull=True),
                name="one_current_installation_a_unit",
            )
        ]

    def __str__(self) -> str:
        return f"installation {bytes(self.identifier).hex()}"


class LockOrder(models.Model):
    """What an installer shall do at a lock: let its unit go, by a release of the root.

    `release` is the root-signed object. `new_label` is the label that the unit made, sealed
    under a key of this server and kept only until the unit is commissioned again.
    """

    class Kind(models.TextChoices):
        """What is to be done."""

        RELEASE = "release", "frisläppning"

    installation = models.ForeignKey(Installation, models.PROTECT, related_name="orders")
    kind = models.CharField(max_length=8, choices=Kind)
    release = models.BinaryField()
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    new_label = models.BinaryField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["installation"],
                condition=Q(done_at__isnull=True),
                name="one_open_order_an_installation",
            )
        ]

    def __str__(self) -> str:
        return f"order {self.pk} ({self.kind})"


class NfcLabel(models.Model):
    """A visit label in a client's home.

    `uid` is the chip's own number, once the chip has been written with keys of ours, and
    `counter` the highest number of taps that it has signed and that came home.
    """

    class Kind(models.TextChoices):
        """Whether a reading can be told from a copy."""

        COUNTING = "424", "räknande"
        SIMPLE = "simple", "enkel"

    external_id = models.CharField(max_length=32, unique=True)
    client = models.ForeignKey("homes.Client", models.PROTECT, related_name="nfc_labels")
    place = models.CharField(max_length=64)
    kind = models.CharField(max_length=8, choices=Kind)
    uid = OptionalBytesField(length=7, unique=True)
    counter = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["external_id"]

    def __str__(self) -> str:
        return f"label {self.external_id}"


class Fallback(models.Model):
    """What staff do when a lock fails, from `valid_from` on; a later row takes its place."""

    class Kind(models.TextChoices):
        """What the municipality has arranged."""

        RESERVE_KEY = "reserve_key", "reservnyckel"
        LOCKSMITH = "locksmith", "avtal med låssmed"

    kind = models.CharField(max_length=12, choices=Kind)
    text = models.CharField(max_length=500)
    telephone = models.CharField(max_length=32)
    valid_from = models.DateField()
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["valid_from", "id"]

    def __str__(self) -> str:
        return f"fallback from {self.valid_from}"
