"""An administrator takes somebody's access away, and gives it back.

House rules: check → change → audit row, in one transaction. To give back means that the
rules decide again; nobody is given a door here or anywhere. What was handed out is revoked
as soon as the withdrawal is committed.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from nyckelfri.server.access import checks
from nyckelfri.server.access.errors import AccessError, Refusal
from nyckelfri.server.access.models import Withdrawal
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.access.worlds import not_ended
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.homes.models import Client
from nyckelfri.server.keys import actions_issue
from nyckelfri.server.people.models import Employee


def withdraw(
    viewer: Viewer,
    employee: Employee,
    client: Client | None,
    *,
    end: datetime | None,
    reason: str,
    now: datetime,
) -> Withdrawal:
    """Take access to one client's door away from now on, or to every door; AccessError.

    Until `end`, or until it is given back.
    """
    checks.may(viewer, Permission.WITHDRAW)
    why = checks.reason_of(reason)
    if end is not None and end <= now:
        raise AccessError(Refusal.WRONG_ORDER)
    with transaction.atomic():
        employee = checks.locked_employee(viewer, employee, now)
        if client is not None:
            client = checks.locked_client(viewer, client, now)
        same = Withdrawal.objects.filter(
            not_ended("end", now), employee=employee, client=client, ended_at=None
        )
        if any(row.end is None or (end is not None and row.end >= end) for row in same):
            raise AccessError(Refusal.ALREADY_GIVEN)
        row = Withdrawal.objects.create(
            employee=employee, client=client, start=now, end=end, reason=why, recorded_at=now
        )
        _record(Verb.ACCESS_WITHDRAW, row, viewer, now, why)
    actions_issue.withdraw_from(row.employee, now)
    return row


def give_back(viewer: Viewer, withdrawal: Withdrawal, *, reason: str, now: datetime) -> None:
    """End a withdrawal: from now on the rules decide again; AccessError."""
    checks.may(viewer, Permission.WITHDRAW)
    why = checks.reason_of(reason)
    with transaction.atomic():
        if not viewer.staff().filter(pk=withdrawal.employee_id).exists():
            raise AccessError(Refusal.NOT_ALLOWED)
        row = Withdrawal.objects.select_for_update(no_key=True).get(pk=withdrawal.pk)
        if row.client is not None and not viewer.clients(now).filter(pk=row.client.pk).exists():
            raise AccessError(Refusal.NOT_ALLOWED)
        if row.ended_at is not None or (row.end is not None and row.end <= now):
            raise AccessError(Refusal.ALREADY_ENDED)
        row.ended_at = now
        row.save(update_fields=["ended_at"])
        _record(Verb.ACCESS_GIVE_BACK, row, viewer, now, why)


def _record(verb: Verb, row: Withdrawal, viewer: Viewer, now: datetime, why: str) -> None:
    details = {
        "withdrawal": row.pk,
        "client": row.client.external_id if row.client else None,
        "end": row.end.isoformat() if row.end else None,
    }
    deed = audit.Deed(verb, f"employee:{row.employee.number}", why, details)
    audit.record([deed], actor=viewer.actor, now=now)
