"""Review of visits: approve, correct, and undo either.

House rules: check → change → audit row, in one transaction. What the evidence says is never
written over: a correction stands beside it with who and why. What stands on an invoice is not
touched until that is credited. A provider's own people change their own provider's visits only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

from nyckelfri.care.performed import ALARM, Outcome
from nyckelfri.server import stale
from nyckelfri.server.access.errors import one_line, reason_or
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.homes.models import Service
from nyckelfri.server.visits import months, newer, queries_review
from nyckelfri.server.visits.errors import Obstacle, VisitError
from nyckelfri.server.visits.models import Correction, Visit
from nyckelfri.server.visits.queries_review import Standing

LONGEST: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Corrected:
    """What somebody says a visit was; `entry` and `exit` where it was performed."""

    outcome: Outcome
    entry: datetime | None
    exit: datetime | None
    services: tuple[str, ...]


def mine(viewer: Viewer) -> QuerySet[Visit]:
    """Visits that a viewer may see: all, or those that their own provider's staff made."""
    rows = Visit.objects.all()
    if viewer.provider is not None:
        rows = rows.filter(provider_id=viewer.provider)
    if viewer.only is not None:
        rows = rows.filter(client_id__in=viewer.only)
    return rows


def version(visit: Visit) -> str:
    """What a page shows of a visit, and nothing else may have changed since."""
    return stale.version(
        visit.pk, visit.outcome, visit.entry, visit.exit, visit.services, visit.flags,
        visit.correction_id, visit.approved_at, visit.newer is not None and str(visit.newer),
    )  # fmt: skip


def approve_fitting(
    viewer: Viewer, day: date, *, care_team: int | None = None, now: datetime
) -> int:
    """Approve every visit of a day, or of a team's day, that nobody need look at; how many."""
    _may(viewer)
    with transaction.atomic():
        months.take_turn(day)
        months.must_be_open(day, viewer, now)
        rows = mine(viewer).filter(queries_review.OF[Standing.FITS], day=day)
        if care_team is not None:
            rows = rows.filter(care_team_id=care_team)
        count = rows.update(approved_at=now, approved_by=viewer.employee)
        if count:
            about = "" if care_team is None else f"/{care_team}"
            deed = audit.Deed(Verb.VISITS_APPROVE, f"visits:{day}{about}", details={"count": count})
            audit.record([deed], actor=viewer.actor, now=now)
    return count


def approve(viewer: Viewer, visit: Visit, *, reason: str, seen: str, now: datetime) -> None:
    """Approve one visit; a reason is needed where something stands out."""
    with transaction.atomic():
        row = _locked(viewer, visit, seen, now)
        if row.approved_at is not None:
            raise VisitError(Obstacle.ALREADY)
        if row.newer is not None and not newer.is_kept(row.newer):
            raise VisitError(Obstacle.NEWER)
        if row.counted.outcome == Outcome.WAITING.value:
            raise VisitError(Obstacle.STILL_WAITING)
        if _says_nothing(row):
            raise VisitError(Obstacle.NO_SERVICE)
        flagged = bool(row.flags) and row.correction is None
        why = reason_of(reason) if flagged or one_line(reason) else ""
        row.approved_at, row.approved_by = now, viewer.employee
        row.save(update_fields=["approved_at", "approved_by"])
        record(Verb.VISIT_APPROVE, _about(row), viewer, now=now, why=why, flags=row.flags)


def _says_nothing(row: Visit) -> bool:
    """Whether nobody has said what was done; at an alarm nobody need say it."""
    performed = row.counted.outcome == Outcome.PERFORMED.value
    return performed and not row.counted.services and row.reason != ALARM


def reopen(viewer: Viewer, visit: Visit, *, reason: str, seen: str, now: datetime) -> None:
    """Take an approval back."""
    with transaction.atomic():
        row = _locked(viewer, visit, seen, now)
        if row.approved_at is None:
            raise VisitError(Obstacle.NOT_APPROVED)
        row.approved_at = row.approved_by = None
        row.save(update_fields=["approved_at", "approved_by"])
        record(Verb.VISIT_REOPEN, _about(row), viewer, now=now, why=reason_of(reason))


def correct(
    viewer: Viewer, visit: Visit, what: Corrected, *, reason: str, seen: str, now: datetime
) -> Correction:
    """Let a visit count as something else than the evidence says; not once it is approved."""
    with transaction.atomic():
        row = _locked(viewer, visit, seen, now)
        if row.approved_at is not None:
            raise VisitError(Obstacle.APPROVED)
        _check(what, now)
        why = reason_of(reason)
        if row.correction is not None:
            _end(row.correction, viewer, why, now)
        made = Correction.objects.create(
            visit=row,
            outcome=what.outcome.value,
            entry=what.entry,
            exit=what.exit,
            services=list(what.services),
            reason=why,
            corrected_at=now,
            corrected_by=viewer.employee,
        )
        row.correction = made
        row.save(update_fields=["correction"])
        record(Verb.VISIT_CORRECT, _about(row), viewer, now=now, why=why, correction=made.pk)
    return made


def undo(viewer: Viewer, visit: Visit, *, reason: str, seen: str, now: datetime) -> None:
    """Take a correction back: what the evidence says counts again."""
    with transaction.atomic():
        row = _locked(viewer, visit, seen, now)
        if row.approved_at is not None:
            raise VisitError(Obstacle.APPROVED)
        if row.correction is None:
            raise VisitError(Obstacle.NOT_CORRECTED)
        why = reason_of(reason)
        ended, row.correction = row.correction, None
        row.save(update_fields=["correction"])
        _end(ended, viewer, why, now)
        record(Verb.VISIT_UNDO, _about(row), viewer, now=now, why=why, correction=ended.pk)


def take_newer(viewer: Viewer, visit: Visit, *, reason: str, seen: str, now: datetime) -> None:
    """Let what later evidence says take the place of what was approved, to be approved anew."""
    with transaction.atomic():
        row = _locked(viewer, visit, seen, now)
        if row.newer is None:
            raise VisitError(Obstacle.NOTHING_NEWER)
        why = reason_of(reason)
        if row.correction is not None:
            _end(row.correction, viewer, why, now)
        newer.take(row)
        row.approved_at = row.approved_by = row.correction = None
        row.save()
        record(Verb.VISIT_RENEW, _about(row), viewer, now=now, why=why)


def keep(viewer: Viewer, visit: Visit, *, reason: str, seen: str, now: datetime) -> None:
    """Let what was approved or corrected stand, whatever has come since."""
    with transaction.atomic():
        row = _locked(viewer, visit, seen, now)
        if row.newer is None or newer.is_kept(row.newer):
            raise VisitError(Obstacle.NOTHING_NEWER)
        row.newer = newer.kept(row.newer)
        row.save(update_fields=["newer"])
        record(Verb.VISIT_KEEP, _about(row), viewer, now=now, why=reason_of(reason))


def _about(row: Visit) -> str:
    return f"visit:{row.key}"


def _end(correction: Correction, viewer: Viewer, why: str, now: datetime) -> None:
    correction.undone_at, correction.undone_by = now, viewer.employee
    correction.undone_why = why
    correction.save(update_fields=["undone_at", "undone_by", "undone_why"])


def _check(what: Corrected, now: datetime) -> None:
    """Refuse a correction that cannot be."""
    if what.outcome is Outcome.WAITING:
        raise VisitError(Obstacle.STILL_WAITING)
    if what.outcome is not Outcome.PERFORMED:
        return
    if what.entry is None or what.exit is None:
        raise VisitError(Obstacle.WRONG_TIMES)
    if not timedelta(0) < what.exit - what.entry <= LONGEST or what.exit > now:
        raise VisitError(Obstacle.WRONG_TIMES)
    if not what.services or not set(what.services) <= set(Service.values):
        raise VisitError(Obstacle.NO_SERVICE)


def _may(viewer: Viewer) -> None:
    if not viewer.may(Permission.REVIEW_VISITS):
        raise VisitError(Obstacle.NOT_YOURS)


def _locked(viewer: Viewer, visit: Visit, seen: str, now: datetime) -> Visit:
    """The row, locked, if this viewer may change it now and has seen what stands there."""
    _may(viewer)
    months.take_turn(visit.day)
    rows = mine(viewer).select_for_update(of=("self",), no_key=True)
    row = rows.select_related("correction").filter(pk=visit.pk).first()
    if row is None:
        raise VisitError(Obstacle.NOT_YOURS)
    stale.check(seen, version(row))
    if (obstacle := stands(viewer, row, now)) is not None:
        raise VisitError(obstacle)
    return row


def stands(viewer: Viewer, visit: Visit, now: datetime) -> Obstacle | None:
    """Why nothing about a visit can be changed now; None where it can."""
    try:
        _must_be_open(visit, viewer, now)
    except VisitError as error:
        return error.obstacle
    invoiced = visit.invoiced.filter(invoice__credited_by=None).exists()
    return Obstacle.INVOICED if invoiced else None


def _must_be_open(row: Visit, viewer: Viewer, now: datetime) -> None:
    """Refuse what stands; a credited client's month is opened again for that client."""
    if viewer.whole_municipality and months.is_credited(row.client, row.day):
        return
    months.must_be_open(row.day, viewer, now)


def reason_of(text: str) -> str:
    """Give the reason as it is stored, one line of at most 200 characters."""
    return reason_or(text, VisitError(Obstacle.NO_REASON), VisitError(Obstacle.LONG_REASON))


def record(
    verb: Verb, about: str, viewer: Viewer, *, now: datetime, why: str = "", **details: Any
) -> None:
    """Write one row of the audit log."""
    deed = audit.Deed(verb, about, why, details)
    audit.record([deed], actor=viewer.actor, now=now)
