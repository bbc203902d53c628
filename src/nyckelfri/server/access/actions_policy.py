"""The municipality's rules for access: recorded with a date, never edited.

House rules: check → change → audit row, in one transaction. A policy in force is changed
by one with a later date. Rights are derived by the policy of each day, also ahead of time
(`rights`), so a policy begins at midnight by itself: here only what was already handed out
for days of the new rules is revoked.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from nyckelfri.care.policy import Policy
from nyckelfri.care.times import ZONE
from nyckelfri.server import stale, turns
from nyckelfri.server.access import checks, versions
from nyckelfri.server.access import policy as policies
from nyckelfri.server.access.errors import AccessError, Refusal
from nyckelfri.server.access.models import AccessPolicy
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.keys import actions_issue
from nyckelfri.server.turns import Turn


def record_policy(
    viewer: Viewer, policy: Policy, *, reason: str, seen: str, now: datetime
) -> AccessPolicy:
    """Let these rules hold from their own day, today at the earliest; AccessError, StaleError.

    One that is recorded for the same day and has not begun is replaced.
    """
    row = decide(viewer, policy, reason=reason, seen=seen, now=now)
    actions_issue.withdraw(now)
    return row


def decide(
    viewer: Viewer, policy: Policy, *, reason: str, seen: str, now: datetime
) -> AccessPolicy:
    """Do the same, but leave to the caller to `withdraw` after the commit."""
    checks.may(viewer, Permission.SET_POLICY)
    why = checks.reason_of(reason)
    first_day = checks.coming_day(policy.valid_from, now)
    with transaction.atomic():
        turns.alone(Turn.RULES)
        stale.check(seen, versions.of_policies())
        same_day = AccessPolicy.objects.filter(valid_from=first_day, cancelled_at=None)
        if same_day and first_day <= now.astimezone(ZONE).date():
            raise AccessError(Refusal.TAKEN_DAY)
        same_day.update(cancelled_at=now)
        row = AccessPolicy.objects.create(
            valid_from=first_day,
            settings=policies.stored(policy),
            reason=why,
            recorded_at=now,
        )
        _record(Verb.POLICY_RECORD, row, viewer=viewer, why=why, now=now)
    return row


def cancel_policy(
    viewer: Viewer, row: AccessPolicy, *, reason: str, seen: str, now: datetime
) -> None:
    """Take back rules that have not begun; AccessError once they have."""
    take_back(viewer, row, reason=reason, seen=seen, now=now)
    actions_issue.withdraw(now)


def take_back(viewer: Viewer, row: AccessPolicy, *, reason: str, seen: str, now: datetime) -> None:
    """Do the same, but leave to the caller to `withdraw` after the commit."""
    checks.may(viewer, Permission.SET_POLICY)
    why = checks.reason_of(reason)
    with transaction.atomic():
        turns.alone(Turn.RULES)
        stale.check(seen, versions.of_policies())
        row = AccessPolicy.objects.select_for_update(no_key=True).get(pk=row.pk)
        if row.cancelled_at is not None:
            raise AccessError(Refusal.ALREADY_ENDED)
        if row.valid_from <= now.astimezone(ZONE).date():
            raise AccessError(Refusal.ALREADY_BEGUN)
        row.cancelled_at = now
        row.save(update_fields=["cancelled_at"])
        _record(Verb.POLICY_CANCEL, row, viewer=viewer, why=why, now=now)


def _record(verb: Verb, row: AccessPolicy, *, viewer: Viewer, why: str, now: datetime) -> None:
    details = {"from": row.valid_from.isoformat(), "settings": row.settings}
    deed = audit.Deed(verb, f"policy:{row.pk}", why, details)
    audit.record([deed], actor=viewer.actor, now=now)
