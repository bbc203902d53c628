"""Runs, invoices, statements, and what people say about them.

House rules: an issued invoice or statement never changes (the database refuses): what was wrong
is credited and made anew. Numbers have no gaps. `content` is the paper as it was issued, and
`digest` SHA-256 of it. `__str__` shows numbers only.
"""

from __future__ import annotations

from typing import Final

from django.db import models
from django.db.models import Q

from nyckelfri.server.fields import FixedBytesField


class MonthRun(models.Model):
    """One making of a month's invoices or statements, which goes on where it was stopped.

    `made` and `left_out` count clients or providers; `why` says what stopped it.
    """

    class Kind(models.TextChoices):
        """What is made."""

        INVOICES = "invoices", "fakturor"
        STATEMENTS = "statements", "underlag till utförare"

    class State(models.TextChoices):
        """How far it has come."""

        RUNNING = "running", "pågår"
        DONE = "done", "klar"
        STOPPED = "stopped", "avbruten"

    month = models.ForeignKey("visits.Month", models.PROTECT, related_name="runs")
    kind = models.CharField(max_length=12, choices=Kind)
    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey("people.Employee", models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()
    issued = models.DateField()
    due = models.DateField()
    made = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)
    why = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["month", "kind"], condition=Q(state="running"), name="one_run_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"run {self.pk}"


class LeftOut(models.Model):
    """A client who has no invoice since a run, or a provider no statement, and why.

    A later run of the month that comes to the client takes the row away, and adds its own.
    """

    class Why(models.TextChoices):
        """What has to be done first."""

        NOT_REVIEWED = "not_reviewed", "besök är inte granskade"
        NO_PRICE = "no_price", "pris saknas i taxan"
        TWO_PRICES = "two_prices", "två priser samma dag"
        NO_AMOUNTS = "no_amounts", "lagens belopp saknas"
        WRONG_BASIS = "wrong_basis", "avgiftsunderlaget går inte att använda"
        WRONG_VISIT = "wrong_visit", "ett besök går inte att räkna"
        WRONG_ROW = "wrong_row", "en leverans eller ett beslut går inte att räkna"
        NO_SENDER = "no_sender", "kommunens uppgifter på fakturan saknas"

    run = models.ForeignKey(MonthRun, models.CASCADE, related_name="those_left_out")
    client = models.ForeignKey(
        "homes.Client", models.PROTECT, null=True, blank=True, related_name="+"
    )
    provider = models.ForeignKey(
        "homes.Provider", models.PROTECT, null=True, blank=True, related_name="+"
    )
    why = models.CharField(max_length=16, choices=Why)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "left out"

    def __str__(self) -> str:
        return f"left out {self.pk} ({self.why})"


class Series(models.Model):
    """The last number given of a series; the row is locked while one is given."""

    name = models.CharField(max_length=16, primary_key=True)
    last = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "series"

    def __str__(self) -> str:
        return f"series {self.name}"


class Invoice(models.Model):
    """An issued invoice, or the credit of one (`credits`); `content` is `papers.content`.

    A client's month has one invoice of each `version`: a new one once the last is credited.
    """

    class Kind(models.TextChoices):
        """Which way the money goes."""

        INVOICE = "invoice", "faktura"
        CREDIT = "credit", "kreditfaktura"

    number = models.PositiveBigIntegerField(unique=True)
    kind = models.CharField(max_length=8, choices=Kind)
    client = models.ForeignKey("homes.Client", models.PROTECT, related_name="invoices")
    month = models.ForeignKey("visits.Month", models.PROTECT, related_name="invoices")
    run = models.ForeignKey(
        MonthRun, models.PROTECT, null=True, blank=True, related_name="invoices"
    )
    credits = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="credited_by"
    )
    version = models.PositiveSmallIntegerField(default=1)
    total = models.DecimalField(max_digits=11, decimal_places=2)
    issued = models.DateField()
    due = models.DateField()
    content = models.JSONField()
    digest = FixedBytesField(length=32)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        indexes = [models.Index(fields=["month", "client"], name="invoices_of_a_month")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="invoice", credits__isnull=True)
                | Q(kind="credit", credits__isnull=False),
                name="credit_names_its_invoice",
            ),
            models.CheckConstraint(condition=Q(total__gte=0), name="invoice_not_below_zero"),
            models.UniqueConstraint(
                fields=["client", "month", "kind", "version"], name="one_invoice_a_version"
            ),
        ]

    def __str__(self) -> str:
        return f"invoice {self.number}"


STANDS: Final = Q(kind=Invoice.Kind.INVOICE, credited_by=None)
"""Invoices that count: none that is credited, and no credit."""


class InvoicedVisit(models.Model):
    """A visit that stands on an invoice, with what counted then; once at most until credited."""

    # Without an index of its own: the constraint below begins with it.
    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="visits", db_index=False)
    visit = models.ForeignKey("visits.Visit", models.PROTECT, related_name="invoiced")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "visit"], name="visit_once_an_invoice")
        ]

    def __str__(self) -> str:
        return f"visit {self.visit_id} on {self.invoice_id}"


class Dispute(models.Model):
    """A client questions a line of an invoice; it is open until somebody has settled it."""

    class Outcome(models.TextChoices):
        """What came of it."""

        STANDS = "stands", "fakturan står fast"
        CORRECTED = "corrected", "fakturan rättas"

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="disputes")
    line = models.PositiveSmallIntegerField()
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey("people.Employee", models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        "people.Employee", models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by__isnull=True, outcome="")
                | (Q(settled_at__isnull=False, settled_by__isnull=False) & ~Q(outcome="")),
                name="dispute_is_open_or_settled",
            )
        ]

    def __str__(self) -> str:
        return f"dispute {self.pk}"


class DisputeWord(models.Model):
    """What somebody said in a dispute: the client, as written down, or the municipality."""

    class Voice(models.TextChoices):
        """Who speaks."""

        CLIENT = "client", "kunden"
        MUNICIPALITY = "municipality", "kommunen"

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="words")
    voice = models.CharField(max_length=12, choices=Voice)
    text = models.CharField(max_length=1000)
    said_at = models.DateTimeField()
    written_by = models.ForeignKey("people.Employee", models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"word {self.pk}"


class Statement(models.Model):
    """What a provider is paid for a month (underlag); a later `version` replaces it whole."""

    number = models.PositiveBigIntegerField(unique=True)
    provider = models.ForeignKey("homes.Provider", models.PROTECT, related_name="statements")
    month = models.ForeignKey("visits.Month", models.PROTECT, related_name="statements")
    run = models.ForeignKey(
        MonthRun, models.PROTECT, null=True, blank=True, related_name="statements"
    )
    version = models.PositiveSmallIntegerField(default=1)
    total = models.DecimalField(max_digits=13, decimal_places=2)
    content = models.JSONField()
    digest = FixedBytesField(length=32)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "month", "version"], name="one_statement_a_version"
            )
        ]

    def __str__(self) -> str:
        return f"statement {self.number}"


class ReceivedInvoice(models.Model):
    """An invoice that a provider sent, as it came, and how it lies to our statement."""

    class Verdict(models.TextChoices):
        """How it lies."""

        AGREES = "agrees", "stämmer"
        DIFFERS = "differs", "avviker"

    provider = models.ForeignKey("homes.Provider", models.PROTECT, related_name="received_invoices")
    statement = models.ForeignKey(
        Statement, models.PROTECT, null=True, blank=True, related_name="received_invoices"
    )
    number = models.CharField(max_length=64)
    total = models.DecimalField(max_digits=13, decimal_places=2)
    data = models.BinaryField()
    digest = FixedBytesField(length=32, unique=True)
    verdict = models.CharField(max_length=8, choices=Verdict)
    findings = models.JSONField(default=list)
    received_at = models.DateTimeField()
    received_by = models.ForeignKey("people.Employee", models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "number"], name="one_received_invoice_a_number"
            )
        ]

    def __str__(self) -> str:
        return f"received invoice {self.pk}"
