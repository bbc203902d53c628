"""What stands in the audit log when somebody gets or loses a second step.

House rules: allauth makes the change; the page calls this in the same transaction.
"""

from __future__ import annotations

from datetime import datetime

from nyckelfri.server.accounts.models import Activation
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.people.models import Employee


def added(employee: Employee, kind: str, *, now: datetime) -> None:
    """Somebody has a new second step: the account is theirs, and the code is used."""
    Activation.objects.filter(employee=employee, closed_at=None).update(closed_at=now)
    _record(Verb.STEP_ADD, employee, kind, now)


def removed(employee: Employee, kind: str, *, now: datetime) -> None:
    """Somebody has one second step less."""
    _record(Verb.STEP_REMOVE, employee, kind, now)


def codes_made(employee: Employee, *, now: datetime) -> None:
    """Somebody has new recovery codes, and the old ones are void."""
    _record(Verb.CODES_MAKE, employee, "recovery_codes", now)


def _record(verb: Verb, employee: Employee, kind: str, now: datetime) -> None:
    who = f"employee:{employee.number}"
    audit.record([audit.Deed(verb, who, details={"kind": kind})], actor=who, now=now)
