"""What was measured of a month, so that a page reads some rows and not half a million visits.

House rules: no person in it: `measures` is what `care.statistics.month` gave, and what is too
small to be shown has been left out before it is stored.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class MeasuredMonth(models.Model):
    """A month's figures by its first day: of one provider, or of the whole municipality."""

    month = models.DateField()
    provider = models.ForeignKey(
        "homes.Provider", models.PROTECT, null=True, blank=True, related_name="+"
    )
    measures = models.JSONField()
    measured_at = models.DateTimeField()

    class Meta:
        ordering = ["month", "id"]
        constraints = [
            models.UniqueConstraint(fields=["month", "provider"], name="provider_measured_once"),
            models.UniqueConstraint(
                fields=["month"], condition=Q(provider=None), name="whole_measured_once"
            ),
        ]

    def __str__(self) -> str:
        return f"measures of {self.month:%Y-%m}"
