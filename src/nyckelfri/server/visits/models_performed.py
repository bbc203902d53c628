"""Visits as the evidence tells them, what somebody corrected, and what fits no visit.

House rules: `care.derive` says what a visit is, and a row says what it said; what somebody
corrects stands beside it and never in its place. What is approved stays as it was approved:
what later evidence says of it waits in `newer` until somebody has looked. A flag is about a
visit; nothing here counts or ranks persons.
"""

from __future__ import annotations

from typing import Final

from django.db import models
from django.db.models import F, Q


def _choices(**texts: str) -> list[tuple[str, str]]:
    return list(texts.items())


OUTCOMES: Final = _choices(
    performed="utfört",
    declined="avböjt",
    missed="bomkörning",
    away="kunden var borta",
    not_made="inte utfört",
    waiting="väntar på uppgifter",
)
GRADES: Final = _choices(
    door_and_label="dörr och etikett",
    door="dörr",
    label="etikett",
    by_hand="för hand",
    none="inget",
)
FLAGS: Final = _choices(
    not_made="planerat och inte utfört",
    no_exit="slut saknas",
    no_door="dörren vet inget",
    forged_tap="etiketten är inte äkta",
    replayed_tap="etikettens räknare steg inte",
    two_places="på två ställen samtidigt",
    too_short="mycket kortare än planerat",
    wrong_door="fel dörr",
    unplanned="inte planerat",
    late_sync="kom sent",
    no_grant="utan behörighet",
    alone="ensam vid dubbelbemanning",
    while_away="kunden var borta",
    pattern="samma avvikelse flera gånger",
    by_hand_against="stämmer inte med dörr och etikett",
)


class Correction(models.Model):
    """What somebody says a visit was, instead of what the evidence says, and why.

    One that is undone had its time; the visit points to the one in force.
    """

    visit = models.ForeignKey("visits.Visit", models.PROTECT, related_name="corrections")
    outcome = models.CharField(max_length=12, choices=OUTCOMES)
    entry = models.DateTimeField(null=True, blank=True)
    exit = models.DateTimeField(null=True, blank=True)
    services = models.JSONField(default=list)
    reason = models.CharField(max_length=200)
    corrected_at = models.DateTimeField()
    corrected_by = models.ForeignKey("people.Employee", models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        "people.Employee", models.PROTECT, null=True, blank=True, related_name="+"
    )
    undone_why = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True, undone_why="")
                | (Q(undone_at__isnull=False, undone_by__isnull=False) & ~Q(undone_why="")),
                name="correction_undone_by_somebody_for_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="performed")
                | Q(entry__isnull=False, exit__isnull=False, exit__gt=F("entry")),
                name="corrected_visit_has_its_times",
            ),
        ]

    def __str__(self) -> str:
        return f"correction {self.pk}"


class Visit(models.Model):
    """A visit by one employee to one client: `care.performed.Visit`, stored.

    `day` is the local day that it belongs to. `provider` and `care_team` are the employee's
    that day. `signs` are the evidence as `visits.evidence` writes it. `flags` are
    `care.performed.Flag` values. `newer` is what the evidence has said since it was approved.
    """

    key = models.CharField(max_length=64)
    day = models.DateField()
    client = models.ForeignKey(
        "homes.Client", models.PROTECT, related_name="visits", db_index=False
    )
    employee = models.ForeignKey(
        "people.Employee", models.PROTECT, related_name="visits", db_index=False
    )
    planned = models.ForeignKey(
        "homes.PlannedVisit", models.PROTECT, null=True, blank=True, related_name="visits"
    )
    # Copies of what the registers say, where the database has checked them: a month has half a
    # million visits, and each check of one costs as much as writing the row.
    provider = models.ForeignKey(
        "homes.Provider", models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        db_constraint=False,
    )  # fmt: skip
    care_team = models.ForeignKey(
        "homes.CareTeam", models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        db_constraint=False,
    )  # fmt: skip
    outcome = models.CharField(max_length=12, choices=OUTCOMES)
    grade = models.CharField(max_length=16, choices=GRADES)
    entry = models.DateTimeField(null=True, blank=True)
    exit = models.DateTimeField(null=True, blank=True)
    closed_by_rule = models.BooleanField(default=False)
    services = models.JSONField(default=list)
    flags = models.JSONField(default=list)
    signs = models.JSONField(default=list)
    reason = models.CharField(max_length=64, blank=True)
    correction = models.OneToOneField(
        Correction, models.PROTECT, null=True, blank=True, related_name="in_force_for"
    )
    newer = models.JSONField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(
        "people.Employee", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["day", "entry", "id"]
        indexes = [
            models.Index(fields=["client", "day"], name="performed_for_a_client"),
            models.Index(fields=["day", "care_team"], name="performed_by_a_team"),
            models.Index(fields=["employee", "day"], name="performed_by_somebody"),
            models.Index(
                fields=["day"],
                condition=Q(approved_at__isnull=True) | Q(newer__isnull=False),
                name="visits_to_review",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["key"], name="one_visit_a_key"),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True, approved_by__isnull=True)
                | Q(approved_at__isnull=False, approved_by__isnull=False),
                name="visit_approved_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"visit {self.key}"

    @property
    def counted(self) -> Visit | Correction:
        """What counts: the correction in force, else what the evidence says."""
        return self.correction or self


class LooseSign(models.Model):
    """Evidence that belongs to no visit: `care.performed.Loose`, stored where it raises a flag."""

    key = models.CharField(max_length=64, unique=True)
    day = models.DateField(db_index=True)
    flag = models.CharField(max_length=16, choices=FLAGS)
    employee = models.ForeignKey(
        "people.Employee", models.PROTECT, null=True, blank=True, related_name="+"
    )
    client = models.ForeignKey(
        "homes.Client", models.PROTECT, null=True, blank=True, related_name="loose_signs"
    )
    at = models.DateTimeField()
    refs = models.JSONField(default=list)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        "people.Employee", models.PROTECT, null=True, blank=True, related_name="+"
    )
    settled_why = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["day", "at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by__isnull=True, settled_why="")
                | (Q(settled_at__isnull=False, settled_by__isnull=False) & ~Q(settled_why="")),
                name="loose_sign_settled_for_a_reason",
            )
        ]

    def __str__(self) -> str:
        return f"loose sign {self.key}"


class Month(models.Model):
    """A calendar month by its first day: open until `closed_at`; then its visits stand.

    `lock_date` is the last day on which providers may correct their own.
    """

    first = models.DateField(unique=True)
    lock_date = models.DateField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        "people.Employee", models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["first"]
        constraints = [
            models.CheckConstraint(condition=Q(first__day=1), name="month_by_its_first_day")
        ]

    def __str__(self) -> str:
        return f"month {self.first:%Y-%m}"


class VisitDay(models.Model):
    """A local day whose visits have been derived, and when last."""

    day = models.DateField(unique=True)
    derived_at = models.DateTimeField()

    class Meta:
        ordering = ["day"]

    def __str__(self) -> str:
        return f"visits of {self.day}"


class TouchedDay(models.Model):
    """Evidence has come for a local day since it was derived; gone once that has been done.

    A row for each delivery, so that phones that sync at once never wait for each other.
    """

    day = models.DateField(db_index=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"evidence for {self.day}"


class OfficeEntry(models.Model):
    """A visit that the office enters afterwards (efterregistrering), and why.

    It is evidence like what staff enter by hand; one that is taken back counts no longer.
    """

    class Kind(models.TextChoices):
        """What is said of the visit."""

        VISIT = "visit", "utfört"
        DECLINED = "declined", "avböjt"
        MISSED = "missed", "bomkörning"

    client = models.ForeignKey("homes.Client", models.PROTECT, related_name="office_entries")
    employee = models.ForeignKey("people.Employee", models.PROTECT, related_name="+")
    visit = models.ForeignKey(
        "homes.PlannedVisit", models.PROTECT, null=True, blank=True, related_name="office_entries"
    )
    kind = models.CharField(max_length=8, choices=Kind)
    entry = models.DateTimeField(db_index=True)
    exit = models.DateTimeField()
    services = models.JSONField(default=list)
    reason = models.CharField(max_length=200)
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey("people.Employee", models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        "people.Employee", models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "office entries"
        constraints = [
            models.CheckConstraint(condition=Q(exit__gt=F("entry")), name="office_entry_in_order"),
            models.CheckConstraint(condition=~Q(reason=""), name="office_entry_has_reason"),
        ]

    def __str__(self) -> str:
        return f"office entry {self.pk}"


class VisitRules(models.Model):
    """How this municipality reads its evidence from a date on: `care.performed.VisitPolicy`.

    `settings` holds what differs from the defaults.
    """

    valid_from = models.DateField(unique=True)
    settings = models.JSONField(default=dict)
    reason = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["valid_from"]
        verbose_name_plural = "visit rules"

    def __str__(self) -> str:
        return f"visit rules from {self.valid_from}"
