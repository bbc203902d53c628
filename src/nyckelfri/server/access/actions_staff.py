"""What is recorded of an employee here and not in the care system.

House rules: check → change → audit row, in one transaction. Who is employed for certain
clients only loses all other access as soon as that is committed.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, datetime
from typing import Final

from django.db import transaction

from nyckelfri.server import stale
from nyckelfri.server.access import plans
from nyckelfri.server.access.models import OwnClient
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.plans import PlanError, Problem
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.homes.models import Client
from nyckelfri.server.keys import actions_issue
from nyckelfri.server.people.models import Employee

_NUMBER: Final = re.compile(r"[A-Za-z0-9ÅÄÖåäö][A-Za-z0-9ÅÄÖåäö /-]{0,31}")
MAX_OWN_CLIENTS: Final = 20


def version(employee: Employee) -> str:
    """What a form about somebody's card showed."""
    return stale.version(employee.pk, employee.identification, employee.identification_till)


def record_identification(
    viewer: Viewer, employee: Employee, *, number: str, till: date | None, seen: str, now: datetime
) -> Employee:
    """Note the service identification that an employee carries; an empty number: none.

    Raises PlanError, or StaleError when somebody else has changed it since it was `seen`.
    """
    number = number.strip()
    with transaction.atomic():
        row = _locked(viewer, employee)
        stale.check(seen, version(row))
        if number and (till is None or not _NUMBER.fullmatch(number)):
            raise PlanError(Problem.BAD_NUMBER)
        row.identification, row.identification_till = number, till if number else None
        row.save(update_fields=["identification", "identification_till"])
        details = {"number": number, "till": till.isoformat() if number and till else ""}
        deed = audit.Deed(Verb.IDENTIFICATION_RECORD, f"employee:{row.number}", details=details)
        audit.record([deed], actor=viewer.actor, now=now)
    return row


def limit_to_clients(
    viewer: Viewer, employee: Employee, clients: Collection[Client], *, reason: str, now: datetime
) -> None:
    """Employ somebody for these clients only, such as a relative; none: for all again. PlanError.

    It gives no access: it takes away what the rules would give to others' doors and records.
    """
    reason = plans.reason_of(reason)
    if len(clients) > MAX_OWN_CLIENTS:
        raise PlanError(Problem.TOO_MANY)
    with transaction.atomic():
        row = _locked(viewer, employee)
        wanted = {client.pk for client in clients}
        found = viewer.clients(now).filter(pk__in=wanted).in_bulk()
        if len(found) != len(wanted):
            raise PlanError(Problem.NOT_YOURS)
        held = OwnClient.objects.filter(employee=row, ended_at=None)
        known = set(held.values_list("client_id", flat=True))
        if known == wanted:
            raise PlanError(Problem.DONE_ALREADY)
        held.exclude(client_id__in=wanted).update(ended_at=now)
        OwnClient.objects.bulk_create(
            OwnClient(employee=row, client_id=pk, reason=reason, recorded_at=now)
            for pk in sorted(wanted - known)
        )
        numbers = sorted(client.external_id for client in found.values())
        deed = audit.Deed(
            Verb.OWN_CLIENTS_SET, f"employee:{row.number}", reason, {"clients": numbers}
        )
        audit.record([deed], actor=viewer.actor, now=now)
    actions_issue.withdraw_from(row, now)


def _locked(viewer: Viewer, employee: Employee) -> Employee:
    """Read the employee afresh for a viewer who keeps such records; PlanError."""
    if not viewer.may(Permission.MANAGE_STAFF):
        raise PlanError(Problem.NOT_ALLOWED)
    row = viewer.staff().filter(pk=employee.pk).select_for_update(no_key=True, of=("self",)).first()
    if row is None:
        raise PlanError(Problem.NOT_YOURS)
    return row
