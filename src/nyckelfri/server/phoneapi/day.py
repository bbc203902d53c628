"""The day of whoever is signed in: their visits, and what they need at the doors.

House rules: a phone gets it only when it asks, and not again while nothing has changed;
that it was given out is a row in the audit log. Somebody with protected identity is a
number, and so are those who share their home, to all but the staff named for them. A
fixed number of queries whatever the number of visits and doors.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from nyckelfri.care.times import ZONE
from nyckelfri.server.access import seats, worlds
from nyckelfri.server.access.models import Absence
from nyckelfri.server.access.seats import OwnVisit
from nyckelfri.server.audit import looks
from nyckelfri.server.homes.models import Client, Shift
from nyckelfri.server.keys.models import Issued
from nyckelfri.server.locks.models import NfcLabel
from nyckelfri.server.people.models import Employee, Role
from nyckelfri.server.phoneapi import alerts
from nyckelfri.server.phoneapi.doors import Hiding
from nyckelfri.server.visits import queries_upkeep
from nyckelfri.server.words import ROLES, SERVICES

BACK: Final = timedelta(hours=12)
AHEAD: Final = timedelta(hours=36)
_NEXT_SHIFT: Final = timedelta(hours=16)
_MOST_COLLEAGUES: Final = 60


@dataclass(frozen=True, slots=True)
class _Lock:
    """The lock on a door: its primary key, and its name on the phone."""

    pk: int
    name: str


@dataclass(frozen=True, slots=True)
class _Around:
    """What is around clients: who is hidden, their doors' locks, labels, alerts of locks."""

    hiding: Hiding
    fronts: dict[int | None, _Lock]
    entrances: dict[int | None, _Lock]
    labels: dict[int, list[dict[str, str]]]
    alerts: dict[int, list[dict[str, str]]]


def of(
    employee: Employee, grants: Iterable[Issued], *, held: str, now: datetime
) -> dict[str, Any] | None:
    """The day, or None where the phone holds it already; noted as a look before it is given."""
    visits = seats.of_employee(employee, now - BACK, now + AHEAD)
    clients = _clients(visits, grants)
    around = _around(employee, clients)
    fallback = queries_upkeep.fallback(now)
    found = {
        "visits": [_visit(own) for own in visits],
        "clients": [_client(client, around) for client in clients],
        "colleagues": _colleagues(employee, now),
        "office": _office(employee),
        "fallback": fallback
        and {"kind": fallback.kind, "text": fallback.text, "telephone": fallback.telephone},
        "services": {service.value: _words(words) for service, words in SERVICES.items()},
        "alarms": [],
    }
    digest = _digest(found)
    if digest == held:
        return None
    _note(employee, clients, around.hiding, now)
    return {"digest": digest, **found}


def _digest(day: dict[str, Any]) -> str:
    text = json.dumps(day, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _note(employee: Employee, clients: Sequence[Client], hiding: Hiding, now: datetime) -> None:
    request = looks.OnPhone(employee, now)
    looks.at_list(request, "day", len(clients))
    for client in clients:
        if client.protected_identity and not hiding.hides(client.pk, client.front_door_id):
            looks.revealed(request, f"client:{client.external_id}", "day")


def _clients(visits: Iterable[OwnVisit], grants: Iterable[Issued]) -> list[Client]:
    """Clients to visit, and those whose homes the grants name."""
    homes = {
        reason["client_id"] for row in grants for reason in row.reasons if "client_id" in reason
    }
    wanted = Q(pk__in={own.visit.client_id for own in visits}) | Q(external_id__in=homes)
    rows = Client.objects.filter(wanted).select_related("partner")
    return list(rows.order_by("external_id"))


def _around(employee: Employee, clients: Sequence[Client]) -> _Around:
    people = {client.pk for client in clients}
    homes = {client.front_door_id for client in clients if client.front_door_id is not None}
    entrances = {client.entrance_id for client in clients if client.entrance_id is not None}
    there = Client.objects.filter(Q(pk__in=people) | Q(front_door__in=homes)).order_by()
    units: Iterable[tuple[Any, ...]] = (
        worlds.in_service()
        .filter(Q(door__in=homes) | Q(door__entrance__in=entrances))
        .values_list("pk", "identifier", "door_id", "door__entrance_id")
    )
    fronts: dict[int | None, _Lock] = {}
    ports: dict[int | None, _Lock] = {}
    for pk, identifier, door, entrance in units:
        lock = _Lock(pk, bytes(identifier).hex())
        if entrance is None:
            fronts[door] = lock
        else:
            ports[entrance] = lock
    labels: defaultdict[int, list[dict[str, str]]] = defaultdict(list)
    for client, key, place in (
        NfcLabel.objects.filter(client__in=people)
        .order_by("external_id")
        .values_list("client_id", "external_id", "place")
    ):
        labels[client].append({"id": key, "place": place})
    return _Around(
        Hiding.of(employee, there.values_list("pk", "front_door_id", "protected_identity")),
        fronts,
        ports,
        labels,
        alerts.of_locks([lock.pk for lock in (*fronts.values(), *ports.values())]),
    )


def _visit(own: OwnVisit) -> dict[str, Any]:
    visit = own.visit
    return {
        "id": visit.external_id,
        "client": visit.client.external_id,
        "start": int(visit.start.timestamp()),
        "end": int(visit.end.timestamp()),
        "services": visit.services,
        "partner": own.partner and _person(own.partner),
        "added": visit.reason if visit.ad_hoc else None,
    }


def _client(client: Client, around: _Around) -> dict[str, Any]:
    hidden = around.hiding.hides(client.pk, client.front_door_id)
    front, entrance = (
        around.fronts.get(client.front_door_id),
        around.entrances.get(client.entrance_id),
    )
    return {
        "number": client.external_id,
        "name": "" if hidden else client.name,
        "address": "" if hidden else client.address,
        "apartment": "" if hidden else client.apartment,
        "floor": None if hidden else floor(client.apartment),
        "instruction": "" if hidden else client.instruction,
        "telephone": "" if hidden else client.telephone,
        "protected": hidden or client.protected_identity,
        "partner": client.partner and client.partner.external_id,
        "alerts": [
            {**alert, "door": name}
            for name, lock in (("front", front), ("entrance", entrance))
            if lock is not None
            for alert in around.alerts.get(lock.pk, ())
        ],
        "doors": {
            "entrance": entrance and entrance.name,
            "front": front and front.name,
        },
        "labels": around.labels.get(client.pk, []),
    }


def floor(apartment: str) -> str | None:
    """The floor that a four-digit apartment number says, as it stands on Swedish doors.

    Its first two digits are 10 for the entrance floor (SFS 2006:378).
    """
    if len(apartment) != 4 or not apartment.isdigit():
        return None
    up = int(apartment[:2]) - 10
    if up < 0:
        return None
    return f"{up} tr" if up else "nb"


def _colleagues(employee: Employee, now: datetime) -> list[dict[str, Any]]:
    """Who of the team is at work now or next: they open the same doors."""
    if employee.care_team_id is None:
        return []
    shifts = Shift.objects.filter(
        employee=OuterRef("pk"), withdrawn_at=None, end__gt=now, start__lt=now + _NEXT_SHIFT
    )
    away = Absence.objects.filter(
        employee=OuterRef("pk"), ended_at=None, start__lte=now, end__gt=now
    )
    today = now.astimezone(ZONE).date()
    rows = (
        Employee.objects.filter(
            Q(employed_till=None) | Q(employed_till__gte=today),
            Exists(shifts),
            ~Exists(away),
            care_team=employee.care_team_id,
        )
        .exclude(pk=employee.pk)
        .order_by("name", "pk")[:_MOST_COLLEAGUES]
    )
    return [{**_person(row), "role": _words(ROLES[Role(row.role)])} for row in rows]


def _office(employee: Employee) -> dict[str, str]:
    team = employee.care_team
    if team is not None and team.provider.telephone:
        return {"name": team.provider.name, "telephone": team.provider.telephone}
    return {"name": settings.MUNICIPALITY, "telephone": settings.TELEPHONE}


def _person(employee: Employee) -> dict[str, str]:
    return {"name": employee.name, "telephone": employee.telephone}


def _words(words: tuple[str, str]) -> dict[str, str]:
    return {"sv": words[0], "en": words[1]}
