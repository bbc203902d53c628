"""Journals as they came, what they say, what could not be accepted, and what is reviewed.

House rules: an entry is stored once and never changed; of it only salt and body may
go when its time is over, leaf and head stay. What is not accepted is kept as it came.
Nothing here counts or ranks persons.
"""

from __future__ import annotations

from typing import Final

from django.db import models
from django.db.models import F, Q

from nyckelfri.server.fields import FixedBytesField, OptionalBytesField
from nyckelfri.server.visits.models_entries import BatteryLevel, PhoneEntry
from nyckelfri.server.visits.models_foreign import (
    ForeignAlarm,
    ForeignDoorEvent,
    ForeignEntry,
    ForeignReading,
)
from nyckelfri.server.visits.models_performed import (
    Correction,
    LooseSign,
    Month,
    OfficeEntry,
    TouchedDay,
    Visit,
    VisitDay,
    VisitRules,
)
from nyckelfri.server.visits.models_reviews import Draw, Review
from nyckelfri.server.visits.models_statistics import MeasuredMonth

__all__ = [
    "BatteryLevel",
    "Correction",
    "DoorEvent",
    "Draw",
    "ForeignAlarm",
    "ForeignDoorEvent",
    "ForeignEntry",
    "ForeignReading",
    "Kept",
    "LooseSign",
    "LostStretch",
    "MeasuredMonth",
    "Month",
    "OfficeEntry",
    "OpeningRecord",
    "PhoneEntry",
    "Review",
    "SaidLost",
    "StoredEntry",
    "TouchedDay",
    "Visit",
    "VisitDay",
    "VisitRules",
]


class StoredEntry(models.Model):
    """One entry of a lock's journal: `head` is the chain head at `number`."""

    installation = models.ForeignKey("locks.Installation", models.PROTECT, related_name="journal")
    number = models.PositiveBigIntegerField()
    salt = OptionalBytesField(length=16)
    body = models.BinaryField(null=True, blank=True)
    leaf = FixedBytesField(length=32)
    head = FixedBytesField(length=32)
    received_at = models.DateTimeField()
    received_from = models.ForeignKey(
        "people.Phone", models.PROTECT, null=True, blank=True, related_name="delivered"
    )

    class Meta:
        ordering = ["installation_id", "number"]
        verbose_name_plural = "stored entries"
        constraints = [
            models.UniqueConstraint(fields=["installation", "number"], name="one_entry_a_number")
        ]

    def __str__(self) -> str:
        return f"entry {self.installation_id}/{self.number}"


class LostStretch(models.Model):
    """Entries `first` to `last` that a lock has lost; `head` is the chain head at `last`."""

    installation = models.ForeignKey("locks.Installation", models.PROTECT, related_name="lost")
    first = models.PositiveBigIntegerField()
    last = models.PositiveBigIntegerField()
    head = FixedBytesField(length=32)
    noted_at = models.DateTimeField()

    class Meta:
        ordering = ["installation_id", "first"]
        verbose_name_plural = "lost stretches"
        constraints = [
            models.UniqueConstraint(fields=["installation", "last"], name="one_stretch_an_end"),
            models.CheckConstraint(condition=Q(first__lte=F("last")), name="stretch_in_order"),
        ]

    def __str__(self) -> str:
        return f"lost {self.installation_id}/{self.first}-{self.last}"


class SaidLost(models.Model):
    """What entry `number` of a lock says of entries before it that it has no more.

    `exact` where it names them; where it only says that the store was repaired, any may be gone.
    """

    installation = models.ForeignKey("locks.Installation", models.PROTECT, related_name="+")
    number = models.PositiveBigIntegerField()
    first = models.PositiveBigIntegerField()
    last = models.PositiveBigIntegerField()
    exact = models.BooleanField()

    class Meta:
        ordering = ["installation_id", "number"]
        verbose_name_plural = "said lost"
        constraints = [
            models.UniqueConstraint(
                fields=["installation", "number", "first", "last"], name="said_once"
            )
        ]

    def __str__(self) -> str:
        return f"entry {self.installation_id}/{self.number}: {self.first}-{self.last} are lost"


OPENING: Final = Q(command=1, employee__isnull=False) & ~Q(result="refused")
"""Door events that are openings: a lock let somebody known unlock it."""
STANDS_OUT: Final = Q(judgement__in=("outside_employment", "outside_shift", "outside_plan"))
"""Openings that were judged to stand out."""


class DoorEvent(models.Model):
    """A command that somebody's phone gave a lock, and what became of it.

    `employee` is None where no grant of ours has the serial. `at` is the lock's own time,
    worth what `mark` says (`door.clock.Mark`). `reason` is `door.reasons.Reason`. `judgement`
    is ours and not the lock's; it is empty until an opening has been judged.
    """

    class Command(models.IntegerChoices):
        """What was asked."""

        UNLOCK = 1, "låsa upp"
        LOCK = 2, "låsa"
        SERVICE = 3, "service"

    class Result(models.TextChoices):
        """What became of it; `pending` until the lock has said so."""

        PENDING = "pending", "väntar på låsets besked"
        DONE = "done", "utfört"
        JAMMED = "jammed", "låset kärvade"
        UNKNOWN = "unknown", "okänt"
        REFUSED = "refused", "nekat"

    class Judgement(models.TextChoices):
        """Whether an opening stands out: `care.review.Why`, or nothing."""

        AS_PLANNED = "as_planned", "som planerat"
        OUTSIDE_EMPLOYMENT = "outside_employment", "utanför anställningen"
        OUTSIDE_SHIFT = "outside_shift", "utanför arbetspasset"
        OUTSIDE_PLAN = "outside_plan", "utanför planerat besök"

    # Without an index of its own: the constraint and the index below begin with it.
    installation = models.ForeignKey(
        "locks.Installation", models.PROTECT, related_name="door_events", db_index=False
    )
    number = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    mark = models.PositiveSmallIntegerField()
    command = models.PositiveSmallIntegerField(choices=Command)
    result = models.CharField(max_length=8, choices=Result)
    reason = models.PositiveSmallIntegerField(default=0)
    employee = models.ForeignKey(
        "people.Employee",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="door_events",
        db_index=False,
    )
    issued = models.ForeignKey(
        "keys.Issued", models.PROTECT, null=True, blank=True, related_name="door_events"
    )
    serial = FixedBytesField(length=8)
    received_from = models.ForeignKey(
        "people.Phone", models.PROTECT, null=True, blank=True, related_name="+"
    )
    received_at = models.DateTimeField()
    judgement = models.CharField(max_length=20, choices=Judgement, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="events_newest"),
            models.Index(fields=["installation", "-at", "-id"], name="events_of_a_door"),
            models.Index(fields=["employee", "-at", "-id"], name="events_of_somebody"),
            models.Index(
                fields=["result", "-at", "-id"],
                condition=~Q(result="done"),
                name="events_out_of_order",
            ),
            models.Index(
                fields=["received_at"], condition=Q(mark=2), name="events_without_time"
            ),  # `door.clock.Mark.LOST`
            models.Index(
                fields=["-at", "-id"], condition=OPENING & Q(judgement=""), name="events_to_judge"
            ),
            models.Index(fields=["-at", "-id"], condition=STANDS_OUT, name="events_standing_out"),
            models.Index(
                fields=["employee", "-at", "-id"],
                condition=STANDS_OUT,
                name="somebodys_standing_out",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["installation", "number"], name="one_door_event_an_entry"
            )
        ]

    def __str__(self) -> str:
        return f"door event {self.installation_id}/{self.number}"


class OpeningRecord(models.Model):
    """What a phone says of an opening: message 4's number and head, `head` in 8 bytes.

    How it lies to the lock's journal follows from what is stored of that; where the two do not
    agree, that is kept (`Kept`).
    """

    phone = models.ForeignKey("people.Phone", models.PROTECT, related_name="openings")
    uuid = models.UUIDField()
    claimed = FixedBytesField(length=8)
    installation = models.ForeignKey(
        "locks.Installation", models.PROTECT, null=True, blank=True, related_name="openings"
    )
    serial = FixedBytesField(length=8)
    command = models.PositiveSmallIntegerField()
    reason = models.PositiveSmallIntegerField()
    number = models.PositiveBigIntegerField(null=True, blank=True)
    head = OptionalBytesField(length=8)
    phone_time = models.PositiveBigIntegerField()
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["phone", "uuid"], name="one_opening_an_id")]
        indexes = [models.Index(fields=["installation", "number"], name="openings_by_entry")]

    def __str__(self) -> str:
        return f"opening {self.uuid}"


class Kept(models.Model):
    """Something that came and was not accepted, as it came, for an operator to see.

    `resolved_at` once what came later explains it; `settled_at` once somebody has dealt with
    it, which changes nothing of what the server waits for.
    """

    class Reason(models.TextChoices):
        """Why it was not accepted."""

        GAP = "gap", "poster före den saknas"
        FORK = "fork", "motsäger den lagrade journalen"
        BAD_SIGNATURE = "bad_signature", "inte undertecknad av låset"
        UNKNOWN_LOCK = "unknown_lock", "okänt lås"
        UNOPENED = "unopened", "går inte att öppna med våra nycklar"
        LOST = "lost", "låset har förlorat poster"
        MALFORMED = "malformed", "går inte att läsa"
        CUT_TAIL = "cut_tail", "telefonen såg en annan journal"
        UNKNOWN_GRANT = "unknown_grant", "behörigheten är inte utfärdad här"
        CHANGED = "changed", "samma nummer, annat innehåll"

    reason = models.CharField(max_length=16, choices=Reason)
    phone = models.ForeignKey(
        "people.Phone", models.PROTECT, null=True, blank=True, related_name="+"
    )
    claimed = OptionalBytesField(length=8)
    installation = models.ForeignKey(
        "locks.Installation", models.PROTECT, null=True, blank=True, related_name="kept"
    )
    first = models.PositiveBigIntegerField(null=True, blank=True)
    last = models.PositiveBigIntegerField(null=True, blank=True)
    number = models.PositiveBigIntegerField(null=True, blank=True)
    times = models.PositiveIntegerField(default=1)
    digest = FixedBytesField(length=32)
    data = models.BinaryField()
    received_at = models.DateTimeField(db_index=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        "people.Employee", models.PROTECT, null=True, blank=True, related_name="+"
    )
    settled_why = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "kept"
        constraints = [
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by__isnull=True, settled_why="")
                | (Q(settled_at__isnull=False, settled_by__isnull=False) & ~Q(settled_why="")),
                name="settled_by_somebody_for_a_reason",
            ),
            models.UniqueConstraint(fields=["reason", "digest"], name="kept_once_a_reason"),
        ]

    def __str__(self) -> str:
        return f"kept {self.pk} ({self.reason})"
