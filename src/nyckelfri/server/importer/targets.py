"""Where each file's rows go, and what a row that is gone from a newer file means.

House rules: declared, not coded; nothing here touches the database. Gone rows:

- visits and shifts are a plan: one that has not begun and lies inside the period that
  the newer file covers is withdrawn. What has begun or lies outside stays: a carer who
  is at work is not locked out by an export, and old months are left out of new files.
- decisions and choices are a snapshot of what is in force: one that is in force, or
  will be, and is gone is withdrawn, so that a corrected mistake gives nobody access.
  One that has ended is history and stays, and so does one that was recorded here.
- people, homes, teams, locks and labels are never removed for being left out; the
  operator is told how many are, and ends them with a date.
- tariffs, pay and fee basis stay, with the same remark; evidence stays, silently.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from django.db.models import CharField

from nyckelfri.server.homes.models import (
    CareDecision,
    CareTeam,
    Client,
    ClientAbsence,
    Entrance,
    PlannedVisit,
    Property,
    Provider,
    ProviderChoice,
    Shift,
)
from nyckelfri.server.locks.models import LockUnit, NfcLabel
from nyckelfri.server.money.models import Delivery, FeeBasis, PayPrice, TariffPrice
from nyckelfri.server.people.models import Employee
from nyckelfri.server.visits.models import (
    ForeignAlarm,
    ForeignDoorEvent,
    ForeignEntry,
    ForeignReading,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import Model, QuerySet


class Gone(Enum):
    """What it means that a registered row is not in the file."""

    KEEP = "keep"
    KEEP_AND_TELL = "keep and tell"
    WITHDRAW_PLANNED = "withdraw what has not begun"
    WITHDRAW_IN_FORCE = "withdraw what is in force"


@dataclass(frozen=True, slots=True)
class Target:
    """A model, `attributes` by column, and the attributes that make a row one of a kind.

    `lookup` is the key attribute by which stored rows are found. `parking` gives, for
    an attribute that must be unique, a value that nobody has, so that two rows can
    swap theirs.
    """

    model: type[Model]
    attributes: dict[str, str]
    key: tuple[str, ...] = ("external_id",)
    lookup: str = "external_id"
    gone: Gone = Gone.KEEP_AND_TELL
    parking: dict[str, Callable[[int], str]] = field(default_factory=dict)

    @property
    def stored(self) -> QuerySet[Any]:
        """Give the stored rows of this file."""
        return self.model._default_manager.all()  # noqa: SLF001 -- Django's own API

    def is_text(self, attribute: str) -> bool:
        """Tell whether an empty `attribute` is empty text rather than None."""
        return isinstance(self.model._meta.get_field(attribute), CharField)  # noqa: SLF001 -- the same

    def name_of(self, key: tuple[Any, ...]) -> str:
        """Name a row in the audit log: its kind and its ids."""
        kind = self.model._meta.model_name  # noqa: SLF001 -- the same
        return f"{kind}:{'|'.join(map(str, key))}"


_PERIOD = {"fran": "valid_from", "till": "valid_till"}
_TIMES = {"start": "start", "slut": "end"}
_RECEIVED = {"mottagen": "received_at"}

TARGETS: dict[str, Target] = {
    "utforare": Target(
        Provider,
        {
            "org_nr": "org_number",
            "namn": "name",
            "typ": "kind",
            "tjanster": "services",
            "telefon": "telephone",
            "epost": "email",
            "beskrivning": "description",
        },
        key=("org_number",),
        lookup="org_number",
    ),
    "grupper": Target(
        CareTeam,
        {
            "grupp_id": "external_id",
            "namn": "name",
            "org_nr": "provider_id",
            "typ": "kind",
            "omrade": "area",
        },
    ),
    "personal": Target(
        Employee,
        {
            "anst_nr": "number",
            "namn": "name",
            "grupp_id": "care_team_id",
            "roll": "role",
            "telefon": "telephone",
            "fran": "employed_from",
            "till": "employed_till",
        },
        key=("number",),
        lookup="number",
    ),
    "fastigheter": Target(
        Property,
        {
            "fastighet_id": "external_id",
            "beteckning": "designation",
            "adress": "address",
            "postnr": "postcode",
            "ort": "town",
            "omrade": "area",
            "agare_org_nr": "owner_org_number",
            "agare_namn": "owner_name",
            "agare_typ": "owner_kind",
        },
    ),
    "portar": Target(
        Entrance,
        {
            "port_id": "external_id",
            "fastighet_id": "property_id",
            "adress": "address",
            "strom": "power",
            "medgivande": "consent",
        },
    ),
    "las": Target(
        LockUnit,
        {
            "las_id": "external_id",
            "typ": "kind",
            "modell": "model",
            "serienr": "serial",
            "status": "status",
        },
        parking={"serial": lambda _: ""},
    ),
    "brukare": Target(
        Client,
        {
            "brukare_id": "external_id",
            "personnummer": "personal_number",
            "namn": "name",
            "adress": "address",
            "lgh": "apartment",
            "fastighet_id": "property_id",
            "port_id": "entrance_id",
            "omrade": "area",
            "telefon": "telephone",
            "skyddad": "protected_identity",
            "trygghetslarm": "has_alarm",
            "civilstand": "civil_status",
            "instruktion": "instruction",
        },
        parking={"personal_number": lambda pk: f"~{pk}"},
    ),
    "etiketter": Target(
        NfcLabel,
        {
            "etikett_id": "external_id",
            "brukare_id": "client_id",
            "plats": "place",
            "typ": "kind",
        },
    ),
    "beslut": Target(
        CareDecision,
        {
            "beslut_id": "external_id",
            "brukare_id": "client_id",
            "insats": "service",
            "omfattning": "amount",
            "enhet": "unit",
            "grund": "ground",
            **_PERIOD,
        },
        gone=Gone.WITHDRAW_IN_FORCE,
    ),
    "val": Target(
        ProviderChoice,
        {
            "brukare_id": "client_id",
            "tjanst": "service",
            "org_nr": "provider_id",
            "grupp_id": "care_team_id",
            **_PERIOD,
        },
        key=("client_id", "service", "valid_from"),
        lookup="client_id",
        gone=Gone.WITHDRAW_IN_FORCE,
    ),
    "arbetspass": Target(
        Shift,
        {"pass_id": "external_id", "anst_nr": "employee_id", **_TIMES},
        gone=Gone.WITHDRAW_PLANNED,
    ),
    "planerade_besok": Target(
        PlannedVisit,
        {
            "besok_id": "external_id",
            "brukare_id": "client_id",
            "anst_nr": "employee_id",
            **_TIMES,
            "insatser": "services",
            "dubbel": "second_employee_id",
        },
        gone=Gone.WITHDRAW_PLANNED,
    ),
    "avgiftsunderlag": Target(
        FeeBasis,
        {
            "brukare_id": "client_id",
            "nettoinkomst": "net_income",
            "bostadstillagg": "housing_supplement",
            "boendekostnad": "housing_cost",
            "partner_nettoinkomst": "partner_net_income",
            "fran": "valid_from",
        },
        key=("client_id", "valid_from"),
        lookup="client_id",
    ),
    "taxa": Target(
        TariffPrice,
        {
            "artikel": "article",
            "benamning": "name",
            "pris": "price",
            "enhet": "unit",
            **_PERIOD,
        },
        key=("article", "valid_from"),
        lookup="article",
    ),
    "ersattning": Target(
        PayPrice,
        {
            "tjanst": "service",
            "omrade": "area",
            "pris": "price",
            "enhet": "unit",
            "grund": "ground",
            **_PERIOD,
        },
        key=("service", "area", "ground", "valid_from"),
        lookup="service",
    ),
    "handelser": Target(
        ForeignDoorEvent,
        {
            "handelse_id": "external_id",
            "las_id": "lock_unit_id",
            "lopnr": "number",
            "tid": "at",
            "anst_nr": "employee_id",
            "handelse": "what",
            "orsak": "reason",
            "batteri": "charge",
            **_RECEIVED,
        },
        gone=Gone.KEEP,
    ),
    "avlasningar": Target(
        ForeignReading,
        {
            "avlasning_id": "external_id",
            "etikett_id": "label_id",
            "anst_nr": "employee_id",
            "tid": "at",
            "raknare": "counter",
            "signatur": "signature",
            **_RECEIVED,
        },
        gone=Gone.KEEP,
    ),
    "manuella": Target(
        ForeignEntry,
        {
            "post_id": "external_id",
            "besok_id": "visit_id",
            "anst_nr": "employee_id",
            "in": "entry",
            "ut": "exit",
            "skal": "why",
            **_RECEIVED,
        },
        gone=Gone.KEEP,
    ),
    "leveranser": Target(
        Delivery,
        {"brukare_id": "client_id", "datum": "day", "antal": "count"},
        key=("client_id", "day"),
        lookup="client_id",
        gone=Gone.KEEP,
    ),
    "franvaro": Target(
        ClientAbsence,
        {"brukare_id": "client_id", "orsak": "why", **_PERIOD},
        key=("client_id", "valid_from"),
        lookup="client_id",
        gone=Gone.KEEP,
    ),
    "larm": Target(
        ForeignAlarm,
        {
            "larm_id": "external_id",
            "brukare_id": "client_id",
            "tid": "at",
            "kvitterad_av": "employee_id",
            "kvitterad": "taken_at",
            "pa_plats": "on_site_at",
        },
        gone=Gone.KEEP,
    ),
}
