"""What things of the register are called, for every face that shows them; Swedish first."""

from __future__ import annotations

from typing import Final

from nyckelfri.server.homes.models import Service
from nyckelfri.server.people.models import Role

SERVICES: Final[dict[Service, tuple[str, str]]] = {
    Service.CARE: ("Omvårdnad", "Care"),
    Service.HOUSEHOLD: ("Service", "Household services"),
    Service.ALARM: ("Trygghetslarm", "Safety alarm"),
    Service.MEALS: ("Matlådor", "Meals"),
    Service.DAY_ACTIVITY: ("Dagverksamhet", "Day activity"),
    Service.PREVENTIVE_VISIT: ("Förebyggande hembesök", "Preventive visit"),
    Service.AIDS: ("Hjälpmedel", "Aids"),
    Service.SHORT_TERM: ("Korttidsplats och avlastning", "Short-term place and relief"),
    Service.REHABILITATION: ("Rehabilitering i hemmet", "Rehabilitation at home"),
    Service.HEALTH_CARE: ("Hälso- och sjukvård i hemmet", "Health care at home"),
}
ROLES: Final[dict[Role, tuple[str, str]]] = {
    Role.ASSISTANT_NURSE: ("Undersköterska", "Assistant nurse"),
    Role.CARE_ASSISTANT: ("Vårdbiträde", "Care assistant"),
    Role.SUBSTITUTE: ("Vikarie", "Substitute"),
    Role.NURSE: ("Sjuksköterska", "Nurse"),
    Role.OCCUPATIONAL_THERAPIST: ("Arbetsterapeut", "Occupational therapist"),
    Role.PHYSIOTHERAPIST: ("Fysioterapeut", "Physiotherapist"),
    Role.PLANNER: ("Samordnare", "Planner"),
    Role.PROVIDER_MANAGER: ("Verksamhetschef", "Provider manager"),
    Role.CARE_ASSESSOR: ("Biståndshandläggare", "Care assessor"),
    Role.DOOR_INSTALLER: ("Montör, dörr", "Installer, doors"),
    Role.ENTRANCE_INSTALLER: ("Montör, port", "Installer, entrances"),
    Role.SERVICE_CENTRE: ("Servicecenter", "Service centre"),
    Role.ACCOUNTANT: ("Ekonom", "Accountant"),
    Role.SYSTEM_MANAGER: ("Systemansvarig", "System manager"),
    Role.AUDITOR: ("Granskare", "Auditor"),
}
