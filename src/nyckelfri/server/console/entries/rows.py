"""What phones brought, as plain values.

House rules: reads only, a fixed number of queries for any number of rows. Whoever works for
a provider sees what that provider's staff entered; a client is shown as `persons` allows.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.console import doors
from nyckelfri.server.console.entries.texts import text
from nyckelfri.server.console.links import href
from nyckelfri.server.console.persons import ShownClient, shown
from nyckelfri.server.visits.models import PhoneEntry
from nyckelfri.server.visits.queries_readings import Odd

_MOST_RAW = 4000


def mine(who: Viewer, now: datetime) -> QuerySet[PhoneEntry]:
    """Entries that this viewer may see."""
    rows = PhoneEntry.objects.all()
    if who.provider is not None:
        rows = rows.filter(employee__care_team__provider=who.provider)
    if who.only is not None:
        rows = rows.filter(client__in=who.clients(now))
    return rows


def waiting(who: Viewer, now: datetime) -> QuerySet[PhoneEntry]:
    """Those that wait for somebody: locks that fail, and what has a flaw; newest first."""
    return _to_settle(who, now).filter(settled_at=None)


def settled(who: Viewer, now: datetime) -> QuerySet[PhoneEntry]:
    """Those that somebody has dealt with."""
    return _to_settle(who, now).exclude(settled_at=None)


def _to_settle(who: Viewer, now: datetime) -> QuerySet[PhoneEntry]:
    wanted = ~Q(flaw="") | Q(kind=PhoneEntry.Kind.LOCK_FAULT)
    return mine(who, now).filter(wanted).order_by("-received_at", "-pk")


@dataclass(frozen=True, slots=True)
class Line:
    """One entry, in words."""

    number: int
    what: str
    flaw: str
    at: datetime | None
    received_at: datetime
    person: str
    staff: str
    staff_href: str
    client: ShownClient | None
    lock: str
    phone: str
    said: tuple[str, ...]
    raw: str
    settled_at: datetime | None
    settled_by: str
    settled_why: str


def lines(
    who: Viewer, rows: QuerySet[PhoneEntry] | Sequence[PhoneEntry], now: datetime
) -> list[Line]:
    """Put entries into words."""
    entries = list(rows)
    locks = [row.installation for row in entries if row.installation is not None]
    called = doors.names(who, locks, now)
    return [_line(who, row, called) for row in entries]


def with_people(rows: QuerySet[PhoneEntry]) -> QuerySet[PhoneEntry]:
    """The rows with everything that a line shows."""
    return rows.select_related(
        "employee", "client", "phone", "settled_by", "installation__door", "installation__lock_unit"
    )


def _line(who: Viewer, row: PhoneEntry, called: dict[int, str]) -> Line:
    person = row.employee
    return Line(
        number=row.pk,
        what=text(f"kind_{row.kind}") if row.kind else text("kind_none"),
        flaw=text(f"flaw_{row.flaw}") if row.flaw else "",
        at=row.at,
        received_at=row.received_at,
        person=person.name if person else "",
        staff=person.number if person else "",
        staff_href=href("employee", person.number) if person and _sees_staff(who) else "",
        client=shown(row.client, who) if row.client else None,
        lock=called.get(row.installation_id or 0, ""),
        phone=row.phone.label,
        said=tuple(_said(row)),
        raw=_raw(row),
        settled_at=row.settled_at,
        settled_by=f"{row.settled_by.name} {row.settled_by.number}" if row.settled_by else "",
        settled_why=row.settled_why,
    )


def _sees_staff(who: Viewer) -> bool:
    return who.may(Permission.SEE_STAFF)


def _said(row: PhoneEntry) -> list[str]:
    """What was entered of a lock that fails, and any words of their own."""
    found = []
    if row.kind == PhoneEntry.Kind.LOCK_FAULT:
        found.append(text(f"fault_{row.detail['what']}"))
        found.append(text("fallback_used") if row.detail["fallback"] else text("fallback_not_used"))
    if row.detail.get("text"):
        found.append(str(row.detail["text"]))
    return found


def _raw(row: PhoneEntry) -> str:
    """What was sent, as the phone wrote it, where somebody must look."""
    if row.raw is None:
        return ""
    sent = bytes(row.raw).decode("ascii", "replace")
    with suppress(ValueError):  # of one that was cut
        sent = json.dumps(json.loads(sent), ensure_ascii=False, indent=1)
    return sent[:_MOST_RAW].encode("utf-8", "replace").decode()


@dataclass(frozen=True, slots=True)
class OddLine:
    """A reading that does not fit, in words."""

    at: datetime
    why: str
    hint: str
    person: str
    staff: str
    staff_href: str
    label: str
    client: ShownClient | None
    phone: str


def odd_lines(who: Viewer, found: Sequence[Odd]) -> list[OddLine]:
    """Put readings that stand out into words."""
    return [_odd(who, one) for one in found]


def _odd(who: Viewer, one: Odd) -> OddLine:
    row: Any = one.entry
    person = row.employee
    client = row.label.client if row.label else None
    return OddLine(
        at=row.at,
        why=text(f"why_{one.why}"),
        hint=text(f"hint_{one.why}"),
        person=person.name if person else "",
        staff=person.number if person else "",
        staff_href=href("employee", person.number) if person and _sees_staff(who) else "",
        label=str(row.detail.get("label", "")),
        client=shown(client, who) if client else None,
        phone=row.phone.label,
    )
