"""Employees, what they log in with, and the service phones they carry.

House rules: `__str__` shows numbers and ids, never names or telephone numbers,
since it ends up in logs. Dates are inclusive at both ends; an empty end means
until further notice.
"""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q

from nyckelfri.server.fields import FixedBytesField, OptionalBytesField


class User(AbstractUser):
    """A login; what it may do follows from the employee behind it."""


class Role(models.TextChoices):
    """What an employee is employed as."""

    ASSISTANT_NURSE = "assistant_nurse", "undersköterska"
    CARE_ASSISTANT = "care_assistant", "vårdbiträde"
    SUBSTITUTE = "substitute", "vikarie"
    NURSE = "nurse", "sjuksköterska"
    OCCUPATIONAL_THERAPIST = "occupational_therapist", "arbetsterapeut"
    PHYSIOTHERAPIST = "physiotherapist", "fysioterapeut"
    PLANNER = "planner", "samordnare"
    PROVIDER_MANAGER = "provider_manager", "verksamhetschef"
    CARE_ASSESSOR = "care_assessor", "biståndshandläggare"
    DOOR_INSTALLER = "door_installer", "montör dörr"
    ENTRANCE_INSTALLER = "entrance_installer", "montör port"
    SERVICE_CENTRE = "service_centre", "servicecenter"
    ACCOUNTANT = "accountant", "ekonom"
    SYSTEM_MANAGER = "system_manager", "systemansvarig"
    AUDITOR = "auditor", "granskare"


LICENSED = frozenset({Role.NURSE, Role.OCCUPATIONAL_THERAPIST, Role.PHYSIOTHERAPIST})
"""Licensed health staff, who come by a door through their own visits or assigned clients."""


class Employee(models.Model):
    """One employment; `number` is the care system's own.

    `identification` is the number on the service identification that the employee
    carries, valid till `identification_till`.
    """

    number = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=120)
    care_team = models.ForeignKey(
        "homes.CareTeam", models.PROTECT, null=True, blank=True, related_name="employees"
    )
    role = models.CharField(max_length=24, choices=Role)
    telephone = models.CharField(max_length=32, blank=True)
    employed_from = models.DateField()
    employed_till = models.DateField(null=True, blank=True)
    identification = models.CharField(max_length=32, blank=True)
    identification_till = models.DateField(null=True, blank=True)
    user = models.OneToOneField(
        User, models.SET_NULL, null=True, blank=True, related_name="employee"
    )

    class Meta:
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(employed_till__isnull=True) | Q(employed_till__gte=F("employed_from")),
                name="employee_dates_in_order",
            )
        ]

    def __str__(self) -> str:
        return f"employee {self.number}"


class PhoneState(models.TextChoices):
    """Where a service phone is in its life."""

    REGISTERED = "registered", "registrerad"
    ENROLLED = "enrolled", "i bruk"
    BLOCKED = "blocked", "spärrad"
    RETIRED = "retired", "utrangerad"


class Phone(models.Model):
    """A service phone: its opaque id, its key, and who carries it.

    `identifier` (8 bytes) is the `sub` of its grants. `public_key_x` is the x-coordinate
    of its P-256 key and `thumbprint` the first 8 bytes of SHA-256 of it. Of the device
    token and the enrolment code only SHA-256 is kept. `synced_at` is kept to the minute.
    """

    identifier = FixedBytesField(length=8, unique=True)
    label = models.CharField(max_length=64)
    state = models.CharField(max_length=12, choices=PhoneState, default=PhoneState.REGISTERED)
    holder = models.ForeignKey(
        Employee, models.PROTECT, null=True, blank=True, related_name="phones"
    )
    public_key_x = OptionalBytesField(length=32, unique=True)
    thumbprint = OptionalBytesField(length=8, db_index=True)
    device_token_hash = OptionalBytesField(length=32, unique=True)
    enrolment_code_hash = OptionalBytesField(length=32, unique=True)
    enrolment_code_expires = models.DateTimeField(null=True, blank=True)
    registered_at = models.DateTimeField()
    enrolled_at = models.DateTimeField(null=True, blank=True)
    synced_at = models.DateTimeField(null=True, blank=True)
    blocked_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="enrolled")
                | Q(
                    public_key_x__isnull=False,
                    thumbprint__isnull=False,
                    device_token_hash__isnull=False,
                    holder__isnull=False,
                ),
                name="enrolled_phone_is_complete",
            )
        ]

    def __str__(self) -> str:
        return f"phone {bytes(self.identifier).hex()}"
