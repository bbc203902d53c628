"""Visits in words, as lists show them.

House rules: reads only, a fixed number of queries for any number of rows. A client is shown as
`persons` allows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db.models import DateTimeField, F, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.timezone import localtime

from nyckelfri.care.performed import Outcome
from nyckelfri.care.times import local_moment
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.console.clients.openers import Named, named
from nyckelfri.server.console.links import href
from nyckelfri.server.console.performed.texts import text
from nyckelfri.server.console.persons import ShownClient, shown
from nyckelfri.server.people.models import Employee
from nyckelfri.server.visits import newer, queries_review
from nyckelfri.server.visits.models import Visit
from nyckelfri.server.visits.queries_review import Standing

RELATED: Final = (
    "client", "employee", "planned__employee", "planned__second_employee", "correction",
)  # fmt: skip
STATES: Final = {
    Standing.LOOK: "warn",
    Standing.WAITING: "pending",
    Standing.FITS: "calm",
    Standing.APPROVED: "good",
}
"""How a standing looks, as `console.css` calls it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One visit, in words; `planned` and `performed` are empty where it was not."""

    href: str
    number: int
    day: date
    planned: str
    performed: str
    length: str
    outcome: str
    client: ShownClient
    staff: Named
    together: str
    """Who else was planned, where the visit is doubled."""
    services: str
    grade: str
    flags: tuple[str, ...]
    standing: str
    state: str
    corrected: bool
    contested: bool
    twin: bool
    """Whether it is the other's, of a doubled visit, of the line before."""


def in_order(rows: QuerySet[Visit], first: date) -> QuerySet[Any]:
    """Rows with all that a line shows, as the days went; a doubled visit's two stand together.

    `first` is a day that none of them lies before.
    """
    # Without a plan or a time of its own a visit stands first of its day.
    midnight = Value(local_moment(first, time.min), output_field=DateTimeField())
    begins = Coalesce(F("planned__start"), F("entry"), midnight)
    found: QuerySet[Visit] = queries_review.standing(rows.select_related(*RELATED))
    return found.annotate(begins=begins).order_by("day", "begins", "client_id", "pk")


def lines(viewer: Viewer, rows: Iterable[Any]) -> list[Line]:
    """Put visits into words."""
    found, plan = [], None
    for row in rows:
        found.append(_line(viewer, row, twin=plan is not None and row.planned_id == plan))
        plan = row.planned_id
    return found


def _line(viewer: Viewer, row: Any, *, twin: bool) -> Line:
    counted, plan = row.counted, row.planned
    standing = Standing(row.standing)
    performed = counted.outcome == Outcome.PERFORMED.value
    return Line(
        href=href("visit", str(row.pk)),
        number=row.pk,
        day=row.day,
        planned=span(plan.start, plan.end) if plan else "",
        performed=span(counted.entry, counted.exit) if performed else "",
        length=_length(row) if performed else "",
        outcome=text(f"outcome_{counted.outcome}"),
        client=shown(row.client, viewer),
        staff=named(row.employee.number, row.employee.name, viewer),
        together=", ".join(each.name for each in partners(row)),
        services=services(counted.services),
        grade=text(f"grade_{row.grade}"),
        flags=tuple(text(f"flag_{flag}") for flag in row.flags),
        standing=text(f"standing_{standing}"),
        state=STATES[standing],
        corrected=row.correction is not None,
        contested=row.newer is not None and not newer.is_kept(row.newer),
        twin=twin,
    )


def partners(row: Visit) -> list[Employee]:
    """Who else was planned for the visit."""
    if row.planned is None or row.planned.second_employee is None:
        return []
    both = (row.planned.employee, row.planned.second_employee)
    return [each for each in both if each.pk != row.employee_id]


def services(codes: Sequence[str]) -> str:
    """What was done, in words."""
    return ", ".join(text(f"service_{code}") for code in codes)


def span(start: datetime | None, end: datetime | None) -> str:
    """Two local times of day: 07:30–08:00; a dash alone for what is not known."""
    return f"{clock(start)}–{clock(end)}"


def clock(moment: datetime | None) -> str:
    """A local time of day."""
    return "" if moment is None else f"{localtime(moment):%H:%M}"


def minutes(length: timedelta) -> int:
    """Whole minutes."""
    return round(length.total_seconds() / 60)


def hours(length: timedelta | None) -> str:
    """A long time: 82 h 15 min; nothing for None."""
    if length is None:
        return ""
    whole, rest = divmod(minutes(length), 60)
    return (
        text("hours", hours=whole, minutes=f"{rest:02}") if whole else text("minutes", count=rest)
    )


def _length(row: Visit) -> str:
    """How long it was, and of how much."""
    done = minutes(row.counted.exit - row.counted.entry) if row.counted.exit else 0  # type: ignore[operator]
    if row.planned is None:
        return text("minutes", count=done)
    return text("minutes_of", count=done, of=minutes(row.planned.end - row.planned.start))
