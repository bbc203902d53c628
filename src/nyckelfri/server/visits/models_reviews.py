"""Samples of openings and looks, and what became of each (loggkontroll).

House rules: how a sample was drawn stays with it, so that it can be drawn again; a verdict is
given once. Nothing here counts or ranks persons.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from nyckelfri.server.fields import FixedBytesField


class Draw(models.Model):
    """A sample: `share` (parts of a million) of the `population` of a period, by `seed`.

    No `drawn_by` where the server drew by itself.
    """

    class Kind(models.TextChoices):
        """What is drawn from."""

        OPENINGS = "openings", "öppningar"
        OUTSIDE = "outside", "öppningar utanför planen"
        LOOKS = "looks", "läsningar av uppgifter"

    kind = models.CharField(max_length=12, choices=Kind)
    start = models.DateTimeField()
    end = models.DateTimeField()
    share = models.PositiveIntegerField()
    seed = FixedBytesField(length=16)
    population = models.PositiveBigIntegerField()
    drawn_at = models.DateTimeField()
    drawn_by = models.ForeignKey(
        "people.Employee", models.PROTECT, null=True, blank=True, related_name="draws"
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="draw_of_a_period"),
            models.CheckConstraint(
                condition=Q(share__gt=0, share__lte=1_000_000), name="draw_of_a_share"
            ),
        ]

    def __str__(self) -> str:
        return f"draw {self.pk}"


class Review(models.Model):
    """One opening, or one look (its `number` in the audit log), to be looked at by somebody."""

    class Why(models.TextChoices):
        """Why it was drawn."""

        RANDOM = "random", "slumpvis"
        OUTSIDE_EMPLOYMENT = "outside_employment", "utanför anställningen"
        OUTSIDE_SHIFT = "outside_shift", "utanför arbetspasset"
        OUTSIDE_PLAN = "outside_plan", "utanför planerat besök"

    class Verdict(models.TextChoices):
        """What came of it."""

        IN_ORDER = "in_order", "i sin ordning"
        DEVIATION = "deviation", "avvikelse"

    draw = models.ForeignKey(Draw, models.PROTECT, related_name="reviews")
    door_event = models.ForeignKey(
        "visits.DoorEvent", models.PROTECT, null=True, blank=True, related_name="reviews"
    )
    look = models.PositiveBigIntegerField(null=True, blank=True)
    why = models.CharField(max_length=20, choices=Why)
    reviewed_by = models.ForeignKey(
        "people.Employee", models.PROTECT, null=True, blank=True, related_name="reviews"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    verdict = models.CharField(max_length=12, choices=Verdict, blank=True)
    note = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(door_event__isnull=False, look__isnull=True)
                | Q(door_event__isnull=True, look__isnull=False),
                name="review_of_an_opening_or_a_look",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_at__isnull=True, reviewed_by__isnull=True, verdict="")
                | (Q(reviewed_at__isnull=False, reviewed_by__isnull=False) & ~Q(verdict="")),
                name="review_is_open_or_closed",
            ),
            models.CheckConstraint(
                condition=~Q(verdict="deviation") | ~Q(note=""), name="deviation_is_explained"
            ),
            models.UniqueConstraint(fields=["draw", "door_event"], name="opening_drawn_once"),
            models.UniqueConstraint(fields=["draw", "look"], name="look_drawn_once"),
        ]

    def __str__(self) -> str:
        return f"review {self.pk}"
