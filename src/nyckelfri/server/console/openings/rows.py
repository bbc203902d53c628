"""Openings in words, as the page and the files show them.

House rules: reads only, a fixed number of queries for any number of rows. The address of
somebody with protected identity is shown to the staff named for them and to nobody else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db.models import Exists, OuterRef, QuerySet

from nyckelfri.care.times import ZONE
from nyckelfri.care.visits import Stay
from nyckelfri.door.reasons import Reason
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.console.links import href
from nyckelfri.server.console.openings.texts import text
from nyckelfri.server.console.texts import Spoken, language
from nyckelfri.server.homes.models import Client
from nyckelfri.server.locks.models import Door
from nyckelfri.server.visits import queries
from nyckelfri.server.visits.models import DoorEvent

_RELATED: Final = ("employee__care_team", "installation__door", "received_from")
_READ: Final = (
    "at", "mark", "command", "result", "reason", "serial", "issued_id", "judgement",
    "employee__number", "employee__name", "employee__care_team__name",
    "installation__identifier", "installation__door__kind", "installation__door__address",
    "installation__door__apartment", "received_from__label",
)  # fmt: skip
_UNLOCK: Final = DoorEvent.Command.UNLOCK


@dataclass(frozen=True, slots=True)
class Link:
    """A number, and the page behind it (empty: none for this viewer)."""

    number: str
    href: str


@dataclass(frozen=True, slots=True)
class Line:
    """One opening, in words."""

    person: str
    staff: Link
    team: str
    ours: bool
    door: str
    clients: tuple[Link, ...]
    hidden: bool
    reveals: tuple[str, ...]
    """Numbers of clients with protected identity whose address is shown."""
    entrance: bool
    at: datetime
    day: date
    command: str
    result: str
    state: str
    hint: str
    stay: str
    minutes: int | None
    through: str
    mark: str
    sure: bool


@dataclass(frozen=True, slots=True)
class _Home:
    """Who lives behind a front door."""

    clients: tuple[Link, ...]
    hidden: bool
    protected: tuple[str, ...] = ()


def read(rows: QuerySet[DoorEvent]) -> QuerySet[DoorEvent]:
    """Read with each event what `lines` puts into words, and no more."""
    return rows.select_related(*_RELATED).only(*_READ)


def lines(who: Viewer, events: Sequence[DoorEvent], now: datetime, only: str = "") -> list[Line]:
    """Put events into words; `only` names the one client that may be named."""
    stays = _stays(events)
    homes = _homes(who, events, now, only)
    links, words = who.may(Permission.SEE_STAFF), text.spoken()
    return [_line(event, stays, homes, words, links=links) for event in events]


def protected_in(who: Viewer, events: QuerySet[DoorEvent]) -> list[str]:
    """Numbers of clients with protected identity whom this viewer may see, in these events."""
    if not who.named:
        return []
    doors = events.values("installation__door")
    rows = Client.objects.filter(pk__in=who.named, protected_identity=True, front_door__in=doors)
    return list(rows.order_by("external_id").values_list("external_id", flat=True))


def _stays(events: Sequence[DoorEvent]) -> dict[tuple[str, str, datetime], Stay]:
    began = [event for event in events if event.command == _UNLOCK and event.employee]
    if not began:
        return {}
    found = queries.stays_begun(began)
    return {(stay.lock_id, stay.employee_id, stay.entry): stay for stay in found}


def _homes(who: Viewer, events: Sequence[DoorEvent], now: datetime, only: str) -> dict[int, _Home]:
    """By front door: the clients behind it, whether or not they are this viewer's."""
    doors = {event.installation.door_id for event in events}
    mine = Exists(who.clients(now).filter(pk=OuterRef("pk")))
    rows = Client.objects.filter(front_door__in=doors).annotate(mine=mine).order_by("external_id")
    rows = rows.only("external_id", "front_door_id", "protected_identity")
    by_door: dict[int, list[Client]] = {}
    for client in rows:
        if client.front_door_id is not None:
            by_door.setdefault(client.front_door_id, []).append(client)
    return {
        door: _Home(
            clients=tuple(
                Link(each.external_id, href("client", each.external_id))
                for each in clients
                if getattr(each, "mine", False) and only in {"", each.external_id}
            ),
            hidden=not all(who.sees(each) for each in clients),
            protected=tuple(each.external_id for each in clients if each.protected_identity),
        )
        for door, clients in by_door.items()
    }


def _line(
    event: DoorEvent,
    stays: dict[tuple[str, str, datetime], Stay],
    homes: dict[int, _Home],
    words: Spoken,
    *,
    links: bool,
) -> Line:
    door, employee = event.installation.door, event.employee
    refused = event.result == DoorEvent.Result.REFUSED
    home = homes.get(door.pk, _Home((), hidden=False))
    stay = None
    if employee is not None and event.command == _UNLOCK:
        stay = stays.get((event.installation.identifier.hex(), employee.number, event.at))
    number = employee.number if employee else event.serial.hex()
    return Line(
        person=employee.name if employee else words["unknown_person"],
        staff=Link(number, href("employee", number) if links and employee else ""),
        team=employee.care_team.name if employee and employee.care_team else "",
        ours=event.issued_id is not None,
        door=words["protected"] if home.hidden else f"{door.address} {door.apartment}".strip(),
        clients=home.clients,
        hidden=home.hidden,
        reveals=() if home.hidden else home.protected,
        entrance=door.kind == Door.Kind.ENTRANCE,
        at=event.at,
        day=event.at.astimezone(ZONE).date(),
        command=words[f"asked_{event.command}" if refused else f"command_{event.command}"],
        result=words[f"result_{event.result}"],
        state=event.result,
        hint=_hint(event, words),
        stay=_length(stay, words),
        minutes=_minutes(stay),
        through=event.received_from.label if event.received_from else "",
        mark=words[f"clock_{event.mark}"],
        sure=event.mark == 0,
    )


def _hint(event: DoorEvent, words: Spoken) -> str:
    """Why it was refused, or why it stands out."""
    if event.result == DoorEvent.Result.REFUSED:
        # What happened; what to do next is for the person at the door.
        return Reason(event.reason).text(language()).partition(". ")[0]
    stands_out = event.judgement not in {"", DoorEvent.Judgement.AS_PLANNED}
    return words[f"judged_{event.judgement}"] if stands_out else ""


def _minutes(stay: Stay | None) -> int | None:
    if stay is None or stay.duration is None:
        return None
    return round(stay.duration.total_seconds() / 60)


def _length(stay: Stay | None, words: Spoken) -> str:
    if stay is None:
        return ""
    minutes = _minutes(stay)
    return words["stay_open"] if minutes is None else words("minutes", count=minutes)
