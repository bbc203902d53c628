"""What a fee and a provider's pay rest on: prices, incomes, deliveries, the law's amounts.

House rules: dated, never edited here: a file or a decision brings a newer row. Money is decimal
kronor. `__str__` shows ids only.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from nyckelfri.server.homes.models import Service


class _Dated(models.Model):
    """Valid on local dates, both included; an empty end means until further notice."""

    valid_from = models.DateField()
    valid_till = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True


class TariffPrice(_Dated):
    """A price of the municipality's tariff (taxa)."""

    class Article(models.TextChoices):
        """What a client can be charged for: `care.billing.Article`, and nothing of a lock."""

        CARE = "care", "omvårdnad"
        HOUSEHOLD = "household", "service"
        ALARM = "alarm", "trygghetslarm"
        MEALS = "meals", "matlåda"
        MISSED_VISIT = "missed_visit", "besök som inte avbokats"

    class Unit(models.TextChoices):
        """What the price is for."""

        HOUR = "hour", "timme"
        MONTH = "month", "månad"
        PIECE = "piece", "styck"

    article = models.CharField(max_length=16, choices=Article)
    name = models.CharField(max_length=120)
    price = models.DecimalField(max_digits=9, decimal_places=2)
    unit = models.CharField(max_length=8, choices=Unit)

    class Meta:
        ordering = ["article", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["article", "valid_from"], name="one_price_a_day"),
            models.CheckConstraint(condition=Q(price__gte=0), name="tariff_price_not_below_zero"),
            models.CheckConstraint(
                condition=Q(valid_till__isnull=True) | Q(valid_till__gte=F("valid_from")),
                name="tariff_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"price of {self.article} from {self.valid_from}"


class FeeBasis(models.Model):
    """What a client has shown of income and housing cost, a month, from a date on."""

    client = models.ForeignKey("homes.Client", models.PROTECT, related_name="fee_bases")
    valid_from = models.DateField()
    net_income = models.DecimalField(max_digits=9, decimal_places=2)
    housing_supplement = models.DecimalField(max_digits=9, decimal_places=2)
    housing_cost = models.DecimalField(max_digits=9, decimal_places=2)
    partner_net_income = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)

    class Meta:
        ordering = ["client_id", "valid_from"]
        verbose_name_plural = "fee bases"
        constraints = [
            models.UniqueConstraint(fields=["client", "valid_from"], name="one_fee_basis_a_day")
        ]

    def __str__(self) -> str:
        return f"fee basis {self.client_id} from {self.valid_from}"


class PayPrice(_Dated):
    """What providers are paid (ersättning); an empty `area` means every area.

    `unit` PERCENT is of the price for what was performed.
    """

    class Unit(models.TextChoices):
        """What the price is for."""

        HOUR = "hour", "timme"
        MONTH = "month", "månad"
        PIECE = "piece", "styck"
        PERCENT = "percent", "procent"

    class Ground(models.TextChoices):
        """What is paid for."""

        PERFORMED = "performed", "utfört"
        DECLINED = "declined", "avböjt"
        MISSED = "missed", "bomkörning"
        ABSENCE_DAY_1 = "absence_day_1", "frånvaro första dagen"
        ABSENCE_DAYS_2_5 = "absence_days_2_5", "frånvaro dag 2 till 5"

    service = models.CharField(max_length=16, choices=Service)
    area = models.CharField(max_length=64, blank=True)
    price = models.DecimalField(max_digits=9, decimal_places=2)
    unit = models.CharField(max_length=8, choices=Unit)
    ground = models.CharField(max_length=20, choices=Ground)

    class Meta:
        ordering = ["service", "area", "ground", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "area", "ground", "valid_from"], name="one_pay_price_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"pay for {self.service} from {self.valid_from}"


class Delivery(models.Model):
    """Lunch boxes that came to a client on a day."""

    client = models.ForeignKey("homes.Client", models.PROTECT, related_name="deliveries")
    day = models.DateField()
    count = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["client_id", "day"]
        verbose_name_plural = "deliveries"
        constraints = [models.UniqueConstraint(fields=["client", "day"], name="one_delivery_a_day")]
        indexes = [models.Index(fields=["day"], name="deliveries_by_day")]

    def __str__(self) -> str:
        return f"delivery {self.client_id}/{self.day}"


class LegalAmounts(models.Model):
    """What the law sets from a day on: `care.statutory.StatutoryRow`, where this program is older.

    `single` and `cohabiting` are minimum amounts a month.
    """

    valid_from = models.DateField(unique=True)
    price_base_amount = models.DecimalField(max_digits=9, decimal_places=2)
    single = models.DecimalField(max_digits=9, decimal_places=2)
    cohabiting = models.DecimalField(max_digits=9, decimal_places=2)
    cap_factor = models.DecimalField(max_digits=6, decimal_places=4)
    source = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["valid_from"]
        verbose_name_plural = "legal amounts"

    def __str__(self) -> str:
        return f"legal amounts from {self.valid_from}"


class MoneyRules(models.Model):
    """A municipality's own rules from a date on; `settings` holds what differs from defaults."""

    class Kind(models.TextChoices):
        """Which rules."""

        FEES = "fees", "avgifter"
        PAY = "pay", "ersättning"
        SENDER = "sender", "avsändare"
        ACCOUNTS = "accounts", "konton"

    kind = models.CharField(max_length=8, choices=Kind)
    valid_from = models.DateField()
    settings = models.JSONField(default=dict)
    reason = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["kind", "valid_from"]
        verbose_name_plural = "money rules"
        constraints = [
            models.UniqueConstraint(fields=["kind", "valid_from"], name="one_money_rule_a_day")
        ]

    def __str__(self) -> str:
        return f"rules for {self.kind} from {self.valid_from}"
