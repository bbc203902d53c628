"""The words of the files, and what each stands for here.

House rules: the only place that knows a word of a file; values are our models' own.
"""

from __future__ import annotations

from nyckelfri.server.homes.models import (
    CareDecision,
    CareTeam,
    Client,
    ClientAbsence,
    Entrance,
    Property,
    ProvidedService,
    Provider,
    Service,
)
from nyckelfri.server.locks.models import LockUnit, NfcLabel
from nyckelfri.server.money.models import PayPrice, TariffPrice
from nyckelfri.server.people.models import Role
from nyckelfri.server.visits.models import ForeignDoorEvent, ForeignEntry, ForeignReading

SERVICES = {
    "omvardnad": Service.CARE.value,
    "service": Service.HOUSEHOLD.value,
    "trygghetslarm": Service.ALARM.value,
    "matlada": Service.MEALS.value,
    "dagverksamhet": Service.DAY_ACTIVITY.value,
    "forebyggande_hembesok": Service.PREVENTIVE_VISIT.value,
    "hjalpmedel": Service.AIDS.value,
    "korttid": Service.SHORT_TERM.value,
    "rehabilitering": Service.REHABILITATION.value,
    "halso_sjukvard": Service.HEALTH_CARE.value,
}
PROVIDED = {
    "omvardnad": ProvidedService.CARE.value,
    "service": ProvidedService.HOUSEHOLD.value,
    "natt": ProvidedService.NIGHT.value,
    "larm": ProvidedService.ALARM.value,
    "matlada": ProvidedService.MEALS.value,
    "dagverksamhet": ProvidedService.DAY_ACTIVITY.value,
}
ROLES = {
    "underskoterska": Role.ASSISTANT_NURSE.value,
    "vardbitrade": Role.CARE_ASSISTANT.value,
    "vikarie": Role.SUBSTITUTE.value,
    "sjukskoterska": Role.NURSE.value,
    "arbetsterapeut": Role.OCCUPATIONAL_THERAPIST.value,
    "fysioterapeut": Role.PHYSIOTHERAPIST.value,
    "samordnare": Role.PLANNER.value,
    "verksamhetschef": Role.PROVIDER_MANAGER.value,
    "bistandshandlaggare": Role.CARE_ASSESSOR.value,
    "montor_dorr": Role.DOOR_INSTALLER.value,
    "montor_port": Role.ENTRANCE_INSTALLER.value,
    "servicecenter": Role.SERVICE_CENTRE.value,
    "ekonom": Role.ACCOUNTANT.value,
    "systemansvarig": Role.SYSTEM_MANAGER.value,
    "granskare": Role.AUDITOR.value,
}
PROVIDER_KINDS = {
    "kommunal": Provider.Kind.MUNICIPAL.value,
    "privat": Provider.Kind.PRIVATE.value,
}
TEAM_KINDS = {
    "hemtjanst": CareTeam.Kind.HOME_CARE.value,
    "nattpatrull": CareTeam.Kind.NIGHT_PATROL.value,
    "larmgrupp": CareTeam.Kind.ALARM_GROUP.value,
}
OWNER_KINDS = {
    "hyresvard": Property.OwnerKind.LANDLORD.value,
    "brf": Property.OwnerKind.HOUSING_ASSOCIATION.value,
    "privat": Property.OwnerKind.PRIVATE.value,
    "kommun": Property.OwnerKind.MUNICIPALITY.value,
}
POWER = {
    "12V": Entrance.Power.V12.value,
    "24V": Entrance.Power.V24.value,
    "batteri": Entrance.Power.BATTERY.value,
}
CONSENT = {
    "ja": Entrance.Consent.YES.value,
    "nej": Entrance.Consent.NO.value,
    "tillfragad": Entrance.Consent.ASKED.value,
}
LOCK_KINDS = {
    "vred": LockUnit.Kind.THUMB_TURN.value,
    "port": LockUnit.Kind.ENTRANCE_UNIT.value,
}
LOCK_STATUS = {
    "monterad": LockUnit.Status.MOUNTED.value,
    "planerad": LockUnit.Status.PLANNED.value,
    "avbojd": LockUnit.Status.DECLINED.value,
    "passar_ej": LockUnit.Status.DOES_NOT_FIT.value,
}
CIVIL_STATUS = {
    "ensam": Client.CivilStatus.SINGLE.value,
    "sammanboende": Client.CivilStatus.COHABITING.value,
}
LABEL_KINDS = {
    "424": NfcLabel.Kind.COUNTING.value,
    "enkel": NfcLabel.Kind.SIMPLE.value,
}
UNITS = {
    "min/dag": CareDecision.Unit.MINUTES_A_DAY.value,
    "tim/vecka": CareDecision.Unit.HOURS_A_WEEK.value,
    "st/vecka": CareDecision.Unit.ITEMS_A_WEEK.value,
    "manad": CareDecision.Unit.MONTH.value,
}
GROUNDS = {
    "beslut": CareDecision.Ground.DECISION.value,
    "egen_anmalan": CareDecision.Ground.OWN_REQUEST.value,
}
ARTICLES = {
    "omvardnad": TariffPrice.Article.CARE.value,
    "service": TariffPrice.Article.HOUSEHOLD.value,
    "trygghetslarm": TariffPrice.Article.ALARM.value,
    "matlada": TariffPrice.Article.MEALS.value,
    "bomkorning": TariffPrice.Article.MISSED_VISIT.value,
}
PRICE_UNITS = {
    "tim": TariffPrice.Unit.HOUR.value,
    "st": TariffPrice.Unit.PIECE.value,
    "manad": TariffPrice.Unit.MONTH.value,
}
PAY_UNITS = PRICE_UNITS | {"procent": PayPrice.Unit.PERCENT.value}
PAY_GROUNDS = {
    "utford": PayPrice.Ground.PERFORMED.value,
    "avbojt": PayPrice.Ground.DECLINED.value,
    "bomkorning": PayPrice.Ground.MISSED.value,
    "franvaro_dag_1": PayPrice.Ground.ABSENCE_DAY_1.value,
    "franvaro_dag_2_5": PayPrice.Ground.ABSENCE_DAYS_2_5.value,
}
DOOR_EVENTS = {
    "upplast": ForeignDoorEvent.What.UNLOCKED.value,
    "last": ForeignDoorEvent.What.LOCKED.value,
    "nekad": ForeignDoorEvent.What.REFUSED.value,
    "fel": ForeignDoorEvent.What.FAULT.value,
    "batteribyte": ForeignDoorEvent.What.BATTERIES.value,
}
DOOR_REASONS = {
    "utgangen_nyckel": "expired_key",
    "for_langt_bort": "too_far_away",
    "fel_person": "wrong_person",
    "motor": "motor",
}
SIGNATURES = {
    "ok": ForeignReading.Signature.RIGHT.value,
    "fel": ForeignReading.Signature.WRONG.value,
    "saknas": ForeignReading.Signature.MISSING.value,
}
BY_HAND = {
    "telefon_urladdad": ForeignEntry.Why.PHONE_WAS_OFF.value,
    "glomt": ForeignEntry.Why.FORGOT.value,
    "etikett_borta": ForeignEntry.Why.LABEL_MISSING.value,
    "avbojt": ForeignEntry.Why.DECLINED.value,
}
AWAY = {
    "sjukhus": ClientAbsence.Why.HOSPITAL.value,
    "bortrest": ClientAbsence.Why.TRAVELLING.value,
    "korttidsboende": ClientAbsence.Why.SHORT_TERM.value,
}
