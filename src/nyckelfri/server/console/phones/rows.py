"""What the pages of phones show, as plain values.

House rules: reads only. A door is named only to whoever may know who lives behind it;
others get the lock's number, so that they can still count what is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import OuterRef, Q, QuerySet, Subquery

from nyckelfri.server.access.beginnings import Forgotten
from nyckelfri.server.access.exposure import Colleague, DoorLeft, Exposure, Standing
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.audit import queries as audit
from nyckelfri.server.console import doors
from nyckelfri.server.console.links import href
from nyckelfri.server.console.phones.texts import text
from nyckelfri.server.people.models import Employee, Phone, PhoneState
from nyckelfri.server.phones.models import PersonalSession

SILENT: Final = timedelta(hours=36)
"""After so long without a sync, no grant on a phone is still good: it lies somewhere."""
_LOOKS: Final = {
    PhoneState.REGISTERED: "calm",
    PhoneState.ENROLLED: "good",
    PhoneState.BLOCKED: "bad",
    PhoneState.RETIRED: "calm",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One phone in a list."""

    key: str
    href: str
    label: str
    state: str
    look: str
    holder: Employee | None
    signed_in: str
    synced_at: datetime | None
    silent: bool
    block_href: str
    """Where it is blocked; empty where that cannot be done."""


@dataclass(frozen=True, slots=True)
class DoorLine:
    """One door that a phone can still open."""

    name: str
    until: datetime
    standing: str
    look: str
    since: datetime | None
    doubt: bool
    carriers: tuple[tuple[str, datetime], ...]


@dataclass(frozen=True, slots=True)
class Left:
    """What a phone can still open: the two figures, then door by door."""

    doors: int
    until: datetime | None
    lines: tuple[DoorLine, ...]
    first_news: datetime | None
    """When the first colleague comes to one of these doors by the plan."""
    forgotten: str
    """What it may open with keys that the database has forgotten; empty for nothing."""
    forgotten_until: datetime | None


@dataclass(frozen=True, slots=True)
class Past:
    """One thing that happened to a phone."""

    at: datetime
    what: str
    who: str
    why: str


def found(viewer: Viewer, state: str, words: str, now: datetime) -> QuerySet[Any]:
    """Phones in this state, or all; with `words`, of this label or holder."""
    rows = with_session(viewer.phones(), now).order_by("label", "pk")
    if state in PhoneState.values:
        rows = rows.filter(state=state)
    if words:
        label = Q(label__icontains=words) | Q(holder__number__iexact=words)
        rows = rows.filter(label | Q(holder__name__icontains=words))
    return rows


def with_session(phones: QuerySet[Phone], now: datetime) -> QuerySet[Any]:
    """Phones with their holder and the number of who is signed in on them."""
    signed_in = PersonalSession.objects.filter(
        phone=OuterRef("pk"), closed_at=None, until__gt=now
    ).values("employee__number")
    return phones.select_related("holder").annotate(signed_in=Subquery(signed_in[:1]))


def line(phone: Any, now: datetime, *, may_block: bool) -> Line:
    """Put one phone into words."""
    in_use = phone.state == PhoneState.ENROLLED
    heard = phone.synced_at or phone.enrolled_at
    key = phone.identifier.hex()
    may_block = may_block and phone.state in {PhoneState.ENROLLED, PhoneState.REGISTERED}
    return Line(
        key=key,
        href=href("phone", key),
        label=phone.label,
        state=text(f"state_{phone.state}"),
        look=_LOOKS[phone.state],
        holder=phone.holder,
        signed_in=phone.signed_in or "",
        synced_at=phone.synced_at,
        silent=in_use and (heard is None or now - heard > SILENT),
        block_href=href("block_phone", key) if may_block else "",
    )


def left(viewer: Viewer, found: Exposure, now: datetime) -> Left:
    """Put an exposure into words for this viewer."""
    names = doors.names(viewer, [door.installation for door in found.doors], now)
    lines = tuple(_door(viewer, door, names) for door in found.doors)
    coming = [carrier.at for door in found.doors if door.open for carrier in door.carriers]
    forgotten = found.forgotten
    return Left(
        found.left,
        found.until,
        lines,
        min(coming, default=None),
        "" if forgotten is None else _forgotten(forgotten),
        None if forgotten is None else forgotten.until,
    )


def _forgotten(found: Forgotten) -> str:
    name = {0: "forgotten_here", 1: "forgotten_1"}.get(found.doors, "forgotten_many")
    return text(name, count=found.doors)


def _door(viewer: Viewer, door: DoorLeft, names: dict[int, str]) -> DoorLine:
    look = {Standing.HEARD: "good", Standing.PASSED: "warn", Standing.NOT_KNOWN: "calm"}
    return DoorLine(
        name=names[door.installation.pk],
        until=door.until,
        standing=text(f"standing_{door.standing.value}"),
        look=look[door.standing],
        since=door.since,
        doubt=door.clock_in_doubt,
        carriers=tuple(
            (_colleague(viewer, carrier.employee), carrier.at)
            for carrier in (door.carriers if door.open else ())
        ),
    )


def _colleague(viewer: Viewer, employee: Colleague) -> str:
    if viewer.whole_municipality:
        return employee.name
    team = viewer.employee.care_team
    return employee.name if employee.care_team_id == (team.pk if team else 0) else employee.number


def history(phone: Phone, most: int = 60) -> list[Past]:
    """What happened to a phone, newest first; looks are for the audit log's own page."""
    key = f"phone:{phone.identifier.hex()}"
    rows = (
        audit.rows()
        .filter(object_id=key)
        .filter(Q(verb__startswith="staff:phone:") | Q(verb__in=_OTHER_DEEDS))
        .exclude(verb="staff:phone:look")[:most]
    )
    return [
        Past(row.at, text(f"deed_{_word(row.verb)}"), _who(row.actor), row.reason) for row in rows
    ]


_OTHER_DEEDS: Final = ("phone:phone:enrol", "server:phone:tell")


def _word(verb: str) -> str:
    return verb.rpartition(":")[2].replace("-", "_")


def _who(actor: str) -> str:
    kind, _, name = actor.partition(":")
    return name if kind == "employee" else text(f"actor_{kind}")
