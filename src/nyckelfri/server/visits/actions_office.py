"""Visits that the office enters afterwards, and loose signs that somebody has dealt with.

House rules: check → change → audit row, in one transaction. An entry is evidence: the visit
follows from it when its day is derived, which is asked for here and done at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from nyckelfri.care.times import ZONE
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.homes.models import Client, PlannedVisit, Service
from nyckelfri.server.people.models import Employee
from nyckelfri.server.visits import actions_derive, months, touched
from nyckelfri.server.visits.actions_review import reason_of, record
from nyckelfri.server.visits.errors import Obstacle, VisitError
from nyckelfri.server.visits.models import LooseSign, OfficeEntry

LONGEST: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Entered:
    """A visit as the office enters it; `planned` where it was planned."""

    client: Client
    employee: Employee
    planned: PlannedVisit | None
    kind: OfficeEntry.Kind
    entry: datetime
    exit: datetime
    services: tuple[str, ...]


def enter(viewer: Viewer, what: Entered, *, reason: str, now: datetime) -> OfficeEntry:
    """Enter a visit afterwards (efterregistrering)."""
    _may(viewer, what, now)
    why = reason_of(reason)
    day = what.entry.astimezone(ZONE).date()
    with transaction.atomic():
        months.take_turn(day)
        months.must_be_open(day, viewer, now)
        row = OfficeEntry.objects.create(
            client=what.client,
            employee=what.employee,
            visit=what.planned,
            kind=what.kind,
            entry=what.entry,
            exit=what.exit,
            services=list(what.services),
            reason=why,
            entered_at=now,
            entered_by=viewer.employee,
        )
        touched.note([what.entry])
        about = f"office-entry:{row.pk}"
        record(Verb.VISIT_ENTER, about, viewer, now=now, why=why)
    actions_derive.derive_days([day], now=now)
    return row


def take_back(viewer: Viewer, entry: OfficeEntry, *, reason: str, now: datetime) -> None:
    """Let an entry count no longer."""
    why = reason_of(reason)
    day = entry.entry.astimezone(ZONE).date()
    with transaction.atomic():
        months.take_turn(day)
        row = OfficeEntry.objects.select_for_update(no_key=True).get(pk=entry.pk)
        if not viewer.may(Permission.REVIEW_VISITS) or row.client not in viewer.clients(now):
            raise VisitError(Obstacle.NOT_YOURS)
        months.must_be_open(day, viewer, now)
        if row.withdrawn_at is not None:
            raise VisitError(Obstacle.ALREADY)
        row.withdrawn_at, row.withdrawn_by = now, viewer.employee
        row.save(update_fields=["withdrawn_at", "withdrawn_by"])
        touched.note([row.entry])
        record(Verb.VISIT_TAKE_BACK, f"office-entry:{row.pk}", viewer, now=now, why=why)
    actions_derive.derive_days([day], now=now)


def settle(viewer: Viewer, sign: LooseSign, *, reason: str, now: datetime) -> None:
    """Say what came of signs that belong to no visit."""
    why = reason_of(reason)
    with transaction.atomic():
        months.take_turn(sign.day)
        row = LooseSign.objects.select_for_update(no_key=True).get(pk=sign.pk)
        if not viewer.may(Permission.REVIEW_VISITS) or not _sees(viewer, row):
            raise VisitError(Obstacle.NOT_YOURS)
        if row.settled_at is not None:
            raise VisitError(Obstacle.ALREADY)
        row.settled_at, row.settled_by, row.settled_why = now, viewer.employee, why
        row.save(update_fields=["settled_at", "settled_by", "settled_why"])
        record(Verb.SIGN_SETTLE, f"loose-sign:{row.key}", viewer, now=now, why=why)


def _sees(viewer: Viewer, row: LooseSign) -> bool:
    return row.employee is None or viewer.staff().filter(pk=row.employee.pk).exists()


def _may(viewer: Viewer, what: Entered, now: datetime) -> None:
    """Refuse what is not theirs to enter, or cannot be."""
    if not viewer.may(Permission.REVIEW_VISITS):
        raise VisitError(Obstacle.NOT_YOURS)
    theirs = viewer.clients(now).filter(pk=what.client.pk).exists()
    if not theirs or not viewer.staff().filter(pk=what.employee.pk).exists():
        raise VisitError(Obstacle.NOT_YOURS)
    if what.planned is not None and what.planned.client_id != what.client.pk:
        raise VisitError(Obstacle.NOT_YOURS)
    if not timedelta(0) < what.exit - what.entry <= LONGEST:
        raise VisitError(Obstacle.WRONG_TIMES)
    if what.exit > now:
        raise VisitError(Obstacle.FUTURE)
    if what.kind == OfficeEntry.Kind.VISIT and not set(what.services) & set(Service.values):
        raise VisitError(Obstacle.NO_SERVICE)
