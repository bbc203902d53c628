"""The visits behind a statement, as pages and files show them.

House rules: reads only; a fixed number of questions for any number of visits. Which visits a
line rests on, and the seconds of each, are the statement's own; what is said of a visit beside
that is what the register knows now, and a visit that has changed since says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from nyckelfri.care.times import ZONE
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.console.pay import common
from nyckelfri.server.console.pay.texts import text
from nyckelfri.server.homes.models import Client
from nyckelfri.server.visits.models import Visit

_READ: Final = (
    "pk", "entry", "exit", "grade", "approved_at", "planned__start", "planned__end",
    "correction__entry", "correction__exit", "correction__corrected_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a visit, in words; all empty for what is no visit."""

    made: str = ""
    planned: str = ""
    proof: str = ""
    changed: bool = False
    href: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A row: `client` is their number, `what` what the visit brings, or why nothing."""

    day: date
    client: str
    what: str
    known: Known


def shown(
    rows: Sequence[tuple[str, str, date, str]], viewer: Viewer, issued: datetime
) -> list[Shown]:
    """Rows of reference, client, day and what: with all that the register knows."""
    clients = numbers(client for _, client, _, _ in rows)
    visits = known([ref for ref, *_ in rows], viewer, issued)
    return [
        Shown(day, clients.get(client, ""), what, visits.get(ref, Known()))
        for ref, client, day, what in rows
    ]


def numbers(clients: Iterable[str]) -> dict[str, str]:
    """Clients' own numbers, by what the statement calls them."""
    rows = Client.objects.filter(pk__in={int(each) for each in clients}).order_by()
    return {str(pk): number for pk, number in rows.values_list("pk", "external_id")}


def known(refs: Sequence[str], viewer: Viewer, issued: datetime) -> dict[str, Known]:
    """What is known of these visits; `issued` is when the statement was."""
    rows = Visit.objects.filter(pk__in=[int(ref) for ref in refs if ref.isdigit()]).order_by()
    return {str(row[0]): _known(row, viewer, issued) for row in rows.values_list(*_READ)}


def _known(row: tuple[Any, ...], viewer: Viewer, issued: datetime) -> Known:
    pk, entry, until, grade, approved, start, end, begins, ends, corrected = row
    if corrected is not None:
        entry, until = begins, ends
    proof = text(f"grade_{grade}")
    return Known(
        made=_span(entry, until),
        planned=_span(start, end),
        proof=proof if corrected is None else text("corrected", proof=proof),
        changed=approved is None or max(approved, corrected or approved) > issued,
        href=common.visit_href(viewer, str(pk)),
    )


def _span(start: datetime | None, end: datetime | None) -> str:
    """Two local times of day, `08.05–08.50`; empty where one is not known."""
    if start is None or end is None:
        return ""
    return "–".join(f"{each.astimezone(ZONE):%H:%M}" for each in (start, end))
