"""What people decide about access, beside the plans: always less, or a rule; never a key.

House rules: no row here opens a door by itself. A policy says how plans are read; a
takeover and an assignment say whose work it is; the rest takes away. Rows are ended,
never deleted, so that yesterday's access can still be explained. `reason` is written for
others to read and names no client.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class AccessPolicy(models.Model):
    """The municipality's rules for access from `valid_from` on: `care.policy.Policy`, stored.

    `settings` holds the fields of the value that differ from its defaults, as
    `access.policy` writes and reads them. One that is cancelled had not begun.
    """

    valid_from = models.DateField()
    settings = models.JSONField(default=dict)
    reason = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["valid_from", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["valid_from"],
                condition=Q(cancelled_at__isnull=True),
                name="one_policy_a_day",
            )
        ]

    def __str__(self) -> str:
        return f"policy from {self.valid_from}"


class PolicyDraft(models.Model):
    """Rules that somebody has proposed, until somebody has seen what they will do and decides.

    `seen` is the version of the recorded policies that the preview rests on; `result` is what
    it said, as `access.actions_draft` writes it; `policy` is what became of the draft. Drafts
    are working papers and go after a day: what was decided stands in `policy` and in the log.
    """

    class State(models.TextChoices):
        """How far it has come."""

        WORKING = "working", "räknas"
        READY = "ready", "kan bestämmas"
        STALE = "stale", "behöver räknas igen"
        FAILED = "failed", "gick inte"
        WITHDRAWING = "withdrawing", "nycklar dras in"
        RECORDED = "recorded", "bestämt"

    valid_from = models.DateField()
    settings = models.JSONField(default=dict)
    reason = models.CharField(max_length=200)
    state = models.CharField(max_length=12, choices=State, default=State.WORKING)
    proposed_by = models.ForeignKey("people.Employee", models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    seen = models.CharField(max_length=16, blank=True)
    result = models.JSONField(default=dict)
    policy = models.OneToOneField(AccessPolicy, models.PROTECT, null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"draft of a policy from {self.valid_from}"


class _Ended(models.Model):
    """What somebody decided and somebody may end."""

    reason = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class Withdrawal(_Ended):
    """An administrator's decision that an employee may not open: one client's doors, or any.

    From `start` until `end` (open: until it is ended).
    """

    employee = models.ForeignKey("people.Employee", models.PROTECT, related_name="withdrawals")
    client = models.ForeignKey(
        "homes.Client", models.PROTECT, null=True, blank=True, related_name="withdrawals"
    )
    start = models.DateTimeField()
    end = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(end__isnull=True) | Q(end__gt=F("start")),
                name="withdrawal_in_order",
            )
        ]

    def __str__(self) -> str:
        return f"withdrawal {self.pk}"


class Absence(_Ended):
    """An employee is away (ill, on leave) from `start` until `end`, whatever the rota says."""

    employee = models.ForeignKey("people.Employee", models.PROTECT, related_name="absences")
    start = models.DateTimeField()
    end = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="absence_in_order")
        ]

    def __str__(self) -> str:
        return f"absence {self.pk}"


class Takeover(_Ended):
    """`employee` makes a planned visit in the place of `instead_of`.

    It counts only while the plan still names `instead_of`: a rota that has caught up wins.
    """

    visit = models.ForeignKey("homes.PlannedVisit", models.PROTECT, related_name="takeovers")
    employee = models.ForeignKey("people.Employee", models.PROTECT, related_name="takeovers")
    instead_of = models.ForeignKey("people.Employee", models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["visit", "instead_of"],
                condition=Q(ended_at__isnull=True),
                name="one_takeover_a_seat",
            )
        ]

    def __str__(self) -> str:
        return f"takeover {self.pk}"


class _Dated(_Ended):
    """What holds on local dates, both included."""

    valid_from = models.DateField()
    valid_till = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True


class HealthAssignment(_Dated):
    """A client whom licensed health staff look after, with or without a planned visit."""

    employee = models.ForeignKey("people.Employee", models.PROTECT, related_name="assignments")
    client = models.ForeignKey("homes.Client", models.PROTECT, related_name="assignments")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_till__isnull=True) | Q(valid_till__gte=F("valid_from")),
                name="assignment_dates_in_order",
            ),
            models.UniqueConstraint(
                fields=["employee", "client"],
                condition=Q(ended_at__isnull=True),
                name="one_assignment_a_pair",
            ),
        ]

    def __str__(self) -> str:
        return f"assignment {self.pk}"


class OwnClient(_Ended):
    """An employee who is employed for certain clients only, such as a relative.

    Whoever has a row that has not ended comes by no other client's door or record.
    """

    employee = models.ForeignKey("people.Employee", models.PROTECT, related_name="own_clients")
    client = models.ForeignKey("homes.Client", models.PROTECT, related_name="own_carers")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["employee", "client"],
                condition=Q(ended_at__isnull=True),
                name="one_own_client_a_pair",
            )
        ]

    def __str__(self) -> str:
        return f"own client {self.pk}"


class NamedStaff(_Ended):
    """An employee who may see the name and address of a client with protected identity."""

    employee = models.ForeignKey("people.Employee", models.PROTECT, related_name="named_for")
    client = models.ForeignKey("homes.Client", models.PROTECT, related_name="named_staff")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["employee", "client"],
                condition=Q(ended_at__isnull=True),
                name="one_naming_a_pair",
            )
        ]

    def __str__(self) -> str:
        return f"named staff {self.pk}"
