"""Whom a client is entrusted to: who may see a protected identity, whose patient they are.

House rules: check → change → audit row, in one transaction. To be named shows a name and
an address and opens nothing; an assignment lets the rules of licensed health staff find
the client's door, within shifts.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from nyckelfri.care.times import ZONE
from nyckelfri.server.access import checks
from nyckelfri.server.access.errors import AccessError, Refusal
from nyckelfri.server.access.models import HealthAssignment, NamedStaff
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.homes.models import Client
from nyckelfri.server.keys import actions_issue
from nyckelfri.server.people.models import LICENSED, Employee


def name(
    viewer: Viewer, client: Client, employee: Employee, *, reason: str, now: datetime
) -> NamedStaff:
    """Let an employee see the name and address of a protected client; AccessError."""
    checks.may(viewer, Permission.NAME_STAFF)
    why = checks.reason_of(reason)
    with transaction.atomic():
        employee = checks.locked_employee(viewer, employee, now)
        client = checks.locked_client(viewer, client, now)
        if not client.protected_identity:
            raise AccessError(Refusal.NOT_PROTECTED)
        if NamedStaff.objects.filter(client=client, employee=employee, ended_at=None).exists():
            raise AccessError(Refusal.ALREADY_GIVEN)
        row = NamedStaff.objects.create(
            client=client, employee=employee, reason=why, recorded_at=now
        )
        _record(Verb.STAFF_NAME, row, viewer=viewer, why=why, now=now)
    return row


def unname(viewer: Viewer, named: NamedStaff, *, reason: str, now: datetime) -> None:
    """Let an employee no longer see a protected client's name and address; AccessError."""
    checks.may(viewer, Permission.NAME_STAFF)
    why = checks.reason_of(reason)
    with transaction.atomic():
        checks.locked_client(viewer, named.client, now)
        row = NamedStaff.objects.select_for_update(no_key=True).get(pk=named.pk)
        _end(row, now)
        _record(Verb.STAFF_UNNAME, row, viewer=viewer, why=why, now=now)


def assign(
    viewer: Viewer,
    client: Client,
    employee: Employee,
    *,
    first_day: date,
    last_day: date | None,
    reason: str,
    now: datetime,
) -> HealthAssignment:
    """Assign a client to licensed health staff for these days; AccessError."""
    checks.may(viewer, Permission.ASSIGN_HEALTH)
    why = checks.reason_of(reason)
    checks.coming_day(first_day, now)
    if last_day is not None and last_day < first_day:
        raise AccessError(Refusal.WRONG_ORDER)
    with transaction.atomic():
        employee = checks.locked_employee(viewer, employee, now)
        client = checks.locked_client(viewer, client, now)
        if employee.role not in LICENSED:
            raise AccessError(Refusal.NOT_LICENSED)
        mine = HealthAssignment.objects.filter(client=client, employee=employee, ended_at=None)
        today = now.astimezone(ZONE).date()
        # One that has run out still stands in the way of the next one.
        mine.filter(valid_till__lt=today).update(ended_at=now)
        if mine.exists():
            raise AccessError(Refusal.ALREADY_GIVEN)
        row = HealthAssignment.objects.create(
            client=client,
            employee=employee,
            valid_from=first_day,
            valid_till=last_day,
            reason=why,
            recorded_at=now,
        )
        days = {
            "from": first_day.isoformat(),
            "till": last_day.isoformat() if last_day else None,
        }
        _record(Verb.HEALTH_ASSIGN, row, viewer=viewer, why=why, now=now, days=days)
    return row


def unassign(viewer: Viewer, row: HealthAssignment, *, reason: str, now: datetime) -> None:
    """End an assignment at once; AccessError."""
    checks.may(viewer, Permission.ASSIGN_HEALTH)
    why = checks.reason_of(reason)
    with transaction.atomic():
        checks.locked_client(viewer, row.client, now)
        row = HealthAssignment.objects.select_for_update(no_key=True).get(pk=row.pk)
        _end(row, now)
        _record(Verb.HEALTH_UNASSIGN, row, viewer=viewer, why=why, now=now)
    actions_issue.withdraw_from(row.employee, now)


def _end(row: NamedStaff | HealthAssignment, now: datetime) -> None:
    if row.ended_at is not None:
        raise AccessError(Refusal.ALREADY_ENDED)
    row.ended_at = now
    row.save(update_fields=["ended_at"])


def _record(
    verb: Verb,
    row: NamedStaff | HealthAssignment,
    *,
    viewer: Viewer,
    why: str,
    now: datetime,
    days: dict[str, str | None] | None = None,
) -> None:
    details = {"employee": row.employee.number, **(days or {})}
    deed = audit.Deed(verb, f"client:{row.client.external_id}", why, details)
    audit.record([deed], actor=viewer.actor, now=now)
