"""Lists that only the first page leads to: what ends, begins or was added by hand.

House rules: reads only; a client is shown as `persons` allows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.console.links import href
from nyckelfri.server.console.persons import ShownClient, shown
from nyckelfri.server.console.start.texts import text
from nyckelfri.server.homes.models import CareDecision, PlannedVisit, ProviderChoice, Shift
from nyckelfri.server.jobs.models import Beat
from nyckelfri.server.people.models import Employee, Phone
from nyckelfri.server.visits.models import DoorEvent


@dataclass(frozen=True, slots=True)
class Line:
    """One row: who or what it is about, when, and what will be."""

    word: str
    number: str
    href: str
    day: date | None
    at: datetime | None
    what: str
    client: ShownClient | None = None


def _of_client(
    row: CareDecision | ProviderChoice, who: Viewer, day: date | None, what: str
) -> Line:
    client = shown(row.client, who)
    return Line(client.name, client.number, client.href, day, None, what, client)


def _decision(row: CareDecision, who: Viewer) -> Line:
    return _of_client(row, who, row.valid_till, text(f"service_{row.service}"))


def _change(row: ProviderChoice, who: Viewer) -> Line:
    what = text("to_provider", service=text(f"service_{row.service}"), provider=row.provider.name)
    return _of_client(row, who, row.valid_from, what)


def _of_employee(
    person: Employee, who: Viewer, *, at: datetime | None = None, what: str = ""
) -> Line:
    page = href("employee", person.number) if who.may(Permission.SEE_STAFF) else ""
    return Line(person.name, person.number, page, None, at, what)


def _visit(row: PlannedVisit, who: Viewer) -> Line:
    what = text("visit_at", number=row.client.external_id, reason=row.reason)
    return _of_employee(row.employee, who, at=row.start, what=what)


def _shift(row: Shift, who: Viewer) -> Line:
    return _of_employee(row.employee, who, at=row.start, what=row.reason)


def _account(row: Employee, who: Viewer) -> Line:
    return _of_employee(row, who, what=text(f"role_{row.role}"))


def _phone(row: Phone, _who: Viewer) -> Line:
    holder = f"{row.holder.name} {row.holder.number}" if row.holder else ""
    page = href("phone", row.identifier.hex())
    return Line(row.label, "", page, None, row.synced_at or row.enrolled_at, holder)


def _event(row: DoorEvent, who: Viewer) -> Line:
    """The lock only: whose door it is stands on the page of openings."""
    person = row.employee
    what = f"{person.name} {person.number}" if person and who.may(Permission.SEE_STAFF) else ""
    return Line(row.installation.lock_unit.external_id, "", "", None, row.received_at, what)


def _battery(row: Any, who: Viewer) -> Line:
    page = href("client", row.home) if row.home and who.may(Permission.SEE_CLIENTS) else ""
    word = text("battery_at", lock=row.lock_unit.external_id)
    return Line(word, row.home or "", page, None, row.level_at, f"{row.percent} %")


def _round(row: Beat, _who: Viewer) -> Line:
    return Line(text(f"round_{row.name}"), "", "", None, row.began_at, row.trouble)


@dataclass(frozen=True, slots=True)
class OwnList:
    """The list of a kind: its word in the address, what to read with a row, how it is shown."""

    slug: str
    related: tuple[str, ...]
    line: Callable[[Any, Viewer], Line]


LISTS: Final = {
    "decisions": OwnList("beslut", ("client",), _decision),
    "changes": OwnList("byten", ("client", "provider"), _change),
    "visits_by_hand": OwnList("besok", ("client", "employee"), _visit),
    "shifts_by_hand": OwnList("pass", ("employee",), _shift),
    "batteries": OwnList("batterier", ("lock_unit",), _battery),
    "accounts": OwnList("konton", (), _account),
    "without_time": OwnList("utan-tid", ("employee", "installation__lock_unit"), _event),
    "rounds": OwnList("av-sig-sjalv", (), _round),
    "silent": OwnList("tysta-telefoner", ("holder",), _phone),
}
"""By kind."""
