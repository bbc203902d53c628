"""Codes with which somebody makes their account their own.

House rules: of a code only its keyed hash is stored; a row is closed, never removed.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from nyckelfri.server.fields import FixedBytesField
from nyckelfri.server.people.models import Employee


class Activation(models.Model):
    """A code for one employee: valid till `until`, or till it is `closed_at`."""

    employee = models.ForeignKey(Employee, models.CASCADE, related_name="activations")
    code_hash = FixedBytesField(length=32)
    made_at = models.DateTimeField()
    until = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["employee"],
                condition=Q(closed_at__isnull=True),
                name="one_open_activation_an_employee",
            )
        ]

    def __str__(self) -> str:
        return f"activation {self.pk}"
