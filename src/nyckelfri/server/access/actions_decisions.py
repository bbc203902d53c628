"""What care is decided: recorded here, with a date.

House rules: check → change → audit row, in one transaction; the past is never edited. A
decision gives nobody a door by itself: the rules find it. When something shrinks, what was
already handed out is revoked as soon as it is committed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from nyckelfri.server import stale
from nyckelfri.server.access import checks, versions
from nyckelfri.server.access.errors import AccessError, Refusal
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.homes.models import CareDecision, Client, Service
from nyckelfri.server.keys import actions_issue

LONGEST_TIMING = 300
_DAY = timedelta(days=1)
_MOST = Decimal("999999.99")


@dataclass(frozen=True, slots=True)
class Decided:
    """What is granted: of which service how much, why, when and how, and for which days."""

    service: str
    amount: Decimal
    unit: str
    ground: str
    first_day: date
    last_day: date | None
    timing: str = ""


def record_decision(
    viewer: Viewer, client: Client, decided: Decided, *, reason: str, now: datetime
) -> CareDecision:
    """Record a care decision that begins today or later; AccessError."""
    checks.may(viewer, Permission.DECIDE)
    why = checks.reason_of(reason)
    timing = _checked(decided, now)
    with transaction.atomic():
        client = checks.locked_client(viewer, client, now)
        row = CareDecision.objects.create(
            external_id=_own_number(client),
            client=client,
            service=decided.service,
            amount=decided.amount,
            unit=decided.unit,
            ground=decided.ground,
            timing=timing,
            valid_from=decided.first_day,
            valid_till=decided.last_day,
            recorded_here=True,
        )
        details = {
            "decision": row.external_id,
            "service": row.service,
            "amount": str(row.amount),
            "unit": row.unit,
            "from": row.valid_from.isoformat(),
            "till": row.valid_till.isoformat() if row.valid_till else None,
        }
        _record(Verb.DECISION_RECORD, client, details, viewer=viewer, why=why, now=now)
    return row


def end_decision(
    viewer: Viewer,
    decision: CareDecision,
    *,
    last_day: date,
    reason: str,
    seen: str,
    now: datetime,
) -> CareDecision:
    """Let a care decision end with `last_day`; one that has not begun then is taken back.

    Yesterday is the earliest last day: it ends at once. AccessError, StaleError.
    """
    checks.may(viewer, Permission.DECIDE)
    why = checks.reason_of(reason)
    checks.coming_day(last_day + _DAY, now)
    with transaction.atomic():
        client = checks.locked_client(viewer, decision.client, now)
        row = CareDecision.objects.select_for_update(no_key=True).get(pk=decision.pk)
        stale.check(seen, versions.of_decision(row))
        over = row.valid_till is not None and row.valid_till <= last_day
        if row.withdrawn_at is not None or over:
            raise AccessError(Refusal.ALREADY_ENDED)
        if row.valid_from > last_day:
            row.withdrawn_at, row.recorded_here = now, True
        else:
            if not row.ended_here:
                row.former_till = row.valid_till
            row.valid_till, row.ended_here = last_day, True
        row.save()
        details = {"decision": row.external_id, "last": last_day.isoformat()}
        _record(Verb.DECISION_END, client, details, viewer=viewer, why=why, now=now)
    actions_issue.withdraw_at(client, now)
    return row


def _checked(decided: Decided, now: datetime) -> str:
    """Refuse what cannot be decided; when and how, as it is stored."""
    checks.coming_day(decided.first_day, now)
    if decided.last_day is not None and decided.last_day < decided.first_day:
        raise AccessError(Refusal.WRONG_ORDER)
    known = (
        decided.service in Service.values
        and decided.unit in CareDecision.Unit.values
        and decided.ground in CareDecision.Ground.values
    )
    if not known:
        raise AccessError(Refusal.NOT_OFFERED)
    amount = decided.amount
    fits = amount.is_finite() and 0 < amount <= _MOST and amount == amount.quantize(Decimal("0.01"))
    if not fits:
        raise AccessError(Refusal.BAD_AMOUNT)
    timing = " ".join(decided.timing.replace("\x00", " ").split())
    if len(timing) > LONGEST_TIMING:
        raise AccessError(Refusal.LONG_TIMING)
    return timing


def _own_number(client: Client) -> str:
    """Number the decisions that are recorded here, client by client (the client is locked)."""
    mine = f"H-{client.pk}-"
    return f"{mine}{CareDecision.objects.filter(external_id__startswith=mine).count() + 1}"


def _record(
    verb: Verb, client: Client, details: dict[str, Any], *, viewer: Viewer, why: str, now: datetime
) -> None:
    deed = audit.Deed(verb, f"client:{client.external_id}", why, details)
    audit.record([deed], actor=viewer.actor, now=now)
