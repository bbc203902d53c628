"""Providers, homes and clients, what was decided and chosen, and what is planned.

House rules: `__str__` shows external ids only, never a name or an address, since
it ends up in logs. Dates are inclusive at both ends, an empty end means until
further notice; moments are UTC. `external_id` is the care system's own id.
A row with `withdrawn_at` is history: a newer file no longer holds it.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class Service(models.TextChoices):
    """The catalogue: what can be decided, chosen or performed.

    Care goes round the clock; what the night patrol does is no service of its own.
    """

    CARE = "care", "omvårdnad"
    HOUSEHOLD = "household", "service"
    ALARM = "alarm", "trygghetslarm"
    MEALS = "meals", "matlåda"
    DAY_ACTIVITY = "day_activity", "dagverksamhet"
    PREVENTIVE_VISIT = "preventive_visit", "förebyggande hembesök"
    AIDS = "aids", "hjälpmedel"
    SHORT_TERM = "short_term", "korttidsplats och avlastning"
    REHABILITATION = "rehabilitation", "rehabilitering i hemmet"
    HEALTH_CARE = "health_care", "hälso- och sjukvård i hemmet"


class ProvidedService(models.TextChoices):
    """What a provider offers; night and alarm are the municipality's own."""

    CARE = "care", "omvårdnad"
    HOUSEHOLD = "household", "service"
    NIGHT = "night", "natt"
    ALARM = "alarm", "larm"
    MEALS = "meals", "matlåda"
    DAY_ACTIVITY = "day_activity", "dagverksamhet"


class Provider(models.Model):
    """A company or the municipality itself; `services` lists `ProvidedService` values."""

    class Kind(models.TextChoices):
        """Who owns the provider."""

        MUNICIPAL = "municipal", "kommunal"
        PRIVATE = "private", "privat"

    org_number = models.CharField(max_length=11, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=Kind)
    services = models.JSONField(default=list)
    telephone = models.CharField(max_length=32, blank=True)
    email = models.CharField(max_length=254, blank=True)
    description = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ["org_number"]

    def __str__(self) -> str:
        return f"provider {self.org_number}"


class CareTeam(models.Model):
    """A team of a provider; an empty `area` means the whole municipality."""

    class Kind(models.TextChoices):
        """What the team is there for."""

        HOME_CARE = "home_care", "hemtjänst"
        NIGHT_PATROL = "night_patrol", "nattpatrull"
        ALARM_GROUP = "alarm_group", "larmgrupp"

    external_id = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=120)
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="care_teams")
    kind = models.CharField(max_length=16, choices=Kind)
    area = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["external_id"]

    def __str__(self) -> str:
        return f"care team {self.external_id}"


class Property(models.Model):
    """A property and its owner; a private owner has no `owner_org_number`."""

    class OwnerKind(models.TextChoices):
        """What kind of owner gives or refuses consent."""

        LANDLORD = "landlord", "hyresvärd"
        HOUSING_ASSOCIATION = "housing_association", "bostadsrättsförening"
        PRIVATE = "private", "privat"
        MUNICIPALITY = "municipality", "kommun"

    external_id = models.CharField(max_length=32, unique=True)
    designation = models.CharField(max_length=120)
    address = models.CharField(max_length=120)
    postcode = models.CharField(max_length=6)
    town = models.CharField(max_length=64)
    area = models.CharField(max_length=64)
    owner_org_number = models.CharField(max_length=11, blank=True)
    owner_name = models.CharField(max_length=120)
    owner_kind = models.CharField(max_length=20, choices=OwnerKind)

    class Meta:
        ordering = ["external_id"]
        verbose_name_plural = "properties"

    def __str__(self) -> str:
        return f"property {self.external_id}"


class Entrance(models.Model):
    """An entrance door of a property, its power, and the owner's consent to a unit on it."""

    class Power(models.TextChoices):
        """What can feed a unit there."""

        V12 = "12V", "12 V"
        V24 = "24V", "24 V"
        BATTERY = "battery", "batteri"

    class Consent(models.TextChoices):
        """What the owner has answered."""

        YES = "yes", "ja"
        NO = "no", "nej"
        ASKED = "asked", "tillfrågad"

    external_id = models.CharField(max_length=32, unique=True)
    property = models.ForeignKey(Property, models.PROTECT, related_name="entrances")
    address = models.CharField(max_length=120)
    power = models.CharField(max_length=8, choices=Power)
    consent = models.CharField(max_length=8, choices=Consent)

    class Meta:
        ordering = ["external_id"]

    def __str__(self) -> str:
        return f"entrance {self.external_id}"


class Client(models.Model):
    """A person with home care or an alarm.

    Clients of one household share `front_door`; `partner` is the other one, both ways.
    An empty `apartment` is a house of its own. `entrance` leads to the apartment.
    """

    class CivilStatus(models.TextChoices):
        """Whether the client lives with somebody."""

        SINGLE = "single", "ensam"
        COHABITING = "cohabiting", "sammanboende"

    external_id = models.CharField(max_length=32, unique=True)
    personal_number = models.CharField(max_length=13, unique=True)
    name = models.CharField(max_length=120)
    address = models.CharField(max_length=120)
    apartment = models.CharField(max_length=8, blank=True)
    property = models.ForeignKey(
        Property, models.PROTECT, null=True, blank=True, related_name="clients"
    )
    entrance = models.ForeignKey(
        Entrance, models.PROTECT, null=True, blank=True, related_name="clients"
    )
    front_door = models.ForeignKey(
        "locks.Door", models.PROTECT, null=True, blank=True, related_name="clients"
    )
    area = models.CharField(max_length=64)
    telephone = models.CharField(max_length=32, blank=True)
    protected_identity = models.BooleanField(default=False)
    has_alarm = models.BooleanField(default=False)
    civil_status = models.CharField(max_length=12, choices=CivilStatus)
    partner = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    instruction = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["external_id"]
        indexes = [models.Index(fields=["area"], name="clients_by_area")]

    def __str__(self) -> str:
        return f"client {self.external_id}"


class _Planned(models.Model):
    """What a newer file can take back; the row stays as history."""

    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class _Decided(_Planned):
    """What is decided for a period, in the care system or here.

    `recorded_here`: no newer file withdraws it or brings it back. `ended_here`: it ends no
    later than `valid_till` whatever a newer file says; `former_till` is the end that it had
    before, or has in the newest file.
    """

    valid_from = models.DateField()
    valid_till = models.DateField(null=True, blank=True)
    recorded_here = models.BooleanField(default=False)
    ended_here = models.BooleanField(default=False)
    former_till = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True


class CareDecision(_Decided):
    """So much of a service, granted for a period; `timing` says when and how, in words."""

    class Unit(models.TextChoices):
        """What `amount` counts; weeks are ISO weeks."""

        MINUTES_A_DAY = "minutes_a_day", "min/dag"
        HOURS_A_WEEK = "hours_a_week", "tim/vecka"
        ITEMS_A_WEEK = "items_a_week", "st/vecka"
        MONTH = "month", "månad"

    class Ground(models.TextChoices):
        """Why the service is given."""

        DECISION = "decision", "beslut"
        OWN_REQUEST = "own_request", "egen anmälan"

    external_id = models.CharField(max_length=32, unique=True)
    client = models.ForeignKey(Client, models.PROTECT, related_name="care_decisions")
    service = models.CharField(max_length=16, choices=Service)
    amount = models.DecimalField(max_digits=8, decimal_places=2)
    unit = models.CharField(max_length=16, choices=Unit)
    ground = models.CharField(max_length=16, choices=Ground)
    timing = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["external_id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_till__isnull=True) | Q(valid_till__gte=F("valid_from")),
                name="decision_dates_in_order",
            )
        ]

    def __str__(self) -> str:
        return f"care decision {self.external_id}"


class ProviderChoice(_Decided):
    """Who the client wants for a service; no `care_team` is the provider's in the area."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="provider_choices")
    service = models.CharField(max_length=16, choices=Service)
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="provider_choices")
    care_team = models.ForeignKey(CareTeam, models.PROTECT, null=True, blank=True)

    class Meta:
        ordering = ["client_id", "service", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "service", "valid_from"], name="one_choice_a_service_and_day"
            ),
            models.CheckConstraint(
                condition=Q(valid_till__isnull=True) | Q(valid_till__gte=F("valid_from")),
                name="choice_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"choice {self.client_id}/{self.service}/{self.valid_from}"


class _AdHoc(_Planned):
    """What a planner may also add by hand, with a reason; no newer file takes it back."""

    ad_hoc = models.BooleanField(default=False)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        abstract = True


class Shift(_AdHoc):
    """When an employee works; may cross midnight."""

    external_id = models.CharField(max_length=32, unique=True)
    employee = models.ForeignKey("people.Employee", models.PROTECT, related_name="shifts")
    start = models.DateTimeField(db_index=True)
    end = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["start", "external_id"]
        indexes = [
            models.Index(fields=["employee", "start"], name="shifts_by_employee"),
            models.Index(fields=["end"], condition=Q(ad_hoc=True), name="shifts_by_hand"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="shift_ends_after_start"),
            models.CheckConstraint(
                condition=Q(ad_hoc=False) | ~Q(reason=""), name="ad_hoc_shift_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"shift {self.external_id}"


class PlannedVisit(_AdHoc):
    """A visit as planned; `services` lists `Service` values; two employees when doubled."""

    external_id = models.CharField(max_length=32, unique=True)
    client = models.ForeignKey(Client, models.PROTECT, related_name="planned_visits")
    employee = models.ForeignKey("people.Employee", models.PROTECT, related_name="planned_visits")
    second_employee = models.ForeignKey(
        "people.Employee",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="planned_second_visits",
    )
    start = models.DateTimeField(db_index=True)
    end = models.DateTimeField(db_index=True)
    services = models.JSONField(default=list)

    class Meta:
        ordering = ["start", "external_id"]
        indexes = [
            models.Index(fields=["client", "start"], name="visits_by_client"),
            models.Index(fields=["employee", "start"], name="visits_by_employee"),
            models.Index(fields=["end"], condition=Q(ad_hoc=True), name="visits_by_hand"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="visit_ends_after_start"),
            models.CheckConstraint(
                condition=Q(ad_hoc=False) | ~Q(reason=""), name="ad_hoc_visit_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"planned visit {self.external_id}"


class ClientAbsence(models.Model):
    """A client is away from home (frånvaro) on these days; no end is until further notice."""

    class Why(models.TextChoices):
        """Where the client is."""

        HOSPITAL = "hospital", "sjukhus"
        TRAVELLING = "travelling", "bortrest"
        SHORT_TERM = "short_term", "korttidsboende"

    client = models.ForeignKey(Client, models.PROTECT, related_name="absences")
    valid_from = models.DateField()
    valid_till = models.DateField(null=True, blank=True)
    why = models.CharField(max_length=12, choices=Why)

    class Meta:
        ordering = ["client_id", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "valid_from"], name="one_client_absence_a_day"
            ),
            models.CheckConstraint(
                condition=Q(valid_till__isnull=True) | Q(valid_till__gte=F("valid_from")),
                name="client_absence_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"absence {self.client_id} from {self.valid_from}"
