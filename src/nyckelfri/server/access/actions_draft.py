"""New rules on their way: proposed, worked out beside the pages, then decided on.

House rules: nothing is decided whose effect has not been shown, and what was shown rests on
the policies that are recorded now, or there is a new preview first. The decision is recorded
at once and holds at once for every new key; only what the phones already have is withdrawn
beside the pages, since that reads the plans of the whole municipality.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django_tasks import task

from nyckelfri import clock
from nyckelfri.care.policy import Policy
from nyckelfri.server import beside, stale, turns
from nyckelfri.server.access import actions_policy, asif, checks, versions
from nyckelfri.server.access import policy as policies
from nyckelfri.server.access.models import AccessPolicy, PolicyDraft
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.keys import actions_issue
from nyckelfri.server.turns import Turn

KEPT: Final = timedelta(days=1)
"""How long a draft waits for somebody's decision."""
MOST: Final = 200
"""People that a preview names; the rest is counted."""
_State = PolicyDraft.State
_UNDECIDED: Final = (_State.WORKING, _State.READY, _State.STALE, _State.FAILED)


def propose(viewer: Viewer, policy: Policy, *, reason: str, now: datetime) -> PolicyDraft:
    """Have worked out what these rules would do; AccessError if they could not be recorded."""
    checks.may(viewer, Permission.SET_POLICY)
    why = checks.reason_of(reason)
    with transaction.atomic():
        draft = PolicyDraft.objects.create(
            valid_from=checks.coming_day(policy.valid_from, now),
            settings=policies.stored(policy),
            reason=why,
            proposed_by=viewer.employee,
            proposed_at=now,
            changed_at=now,
        )
        details = {"from": draft.valid_from.isoformat(), "settings": draft.settings}
        deed = audit.Deed(Verb.POLICY_PROPOSE, f"policy-draft:{draft.pk}", why, details)
        audit.record([deed], actor=viewer.actor, now=now)
        transaction.on_commit(lambda: work_out.enqueue(draft.pk))
    return draft


def again(viewer: Viewer, draft: PolicyDraft, *, now: datetime) -> None:
    """Have it worked out once more: the rules have changed, or the work was cut."""
    checks.may(viewer, Permission.SET_POLICY)
    with transaction.atomic():
        beside.move(draft, _UNDECIDED, _State.WORKING, now)
        transaction.on_commit(lambda: work_out.enqueue(draft.pk))


def confirm(viewer: Viewer, draft: PolicyDraft, *, now: datetime) -> AccessPolicy:
    """Let the rules hold as the preview showed them.

    MovedOnError unless the preview is there; StaleError if somebody has decided on other rules
    since it was made, and AccessError as `record_policy`.
    """
    try:
        with transaction.atomic():
            turns.alone(Turn.RULES)
            beside.move(draft, (_State.READY,), _State.WITHDRAWING, now)
            draft.refresh_from_db()
            row = actions_policy.decide(
                viewer, policies.read(draft), reason=draft.reason, seen=draft.seen, now=now
            )
            PolicyDraft.objects.filter(pk=draft.pk).update(policy=row)
            transaction.on_commit(lambda: withdraw.enqueue(draft.pk))
    except stale.StaleError:
        beside.end(draft, (_State.READY,), _State.STALE, now)
        raise
    return row


def take_back(viewer: Viewer, row: AccessPolicy, *, reason: str, seen: str, now: datetime) -> None:
    """Take back rules that have not begun; StaleError, and AccessError once they have."""
    with transaction.atomic():
        actions_policy.take_back(viewer, row, reason=reason, seen=seen, now=now)
        transaction.on_commit(withdraw_all.enqueue)


def forget_old(now: datetime) -> None:
    """Remove drafts that nobody has touched for a day; a round calls it."""
    PolicyDraft.objects.filter(changed_at__lt=now - KEPT).delete()


@task()
def work_out(pk: int) -> None:
    """Work out what a draft would do, storing nothing but that."""
    draft = PolicyDraft.objects.filter(pk=pk, state=_State.WORKING).first()
    if draft is None:
        return
    now = clock.now()
    steps = asif.POLICY_STEPS

    def tell(step: str) -> None:
        beside.tell(draft, steps.index(step), len(steps), step)

    try:
        seen = versions.of_policies()
        result = _result(asif.policy_change(policies.read(draft), now=now, progress=tell))
    except Exception:
        beside.end(draft, (_State.WORKING,), _State.FAILED, clock.now())
        raise
    else:
        beside.end(draft, (_State.WORKING,), _State.READY, clock.now(), seen=seen, result=result)
    finally:
        beside.forget(draft)


@task()
def withdraw(pk: int) -> None:
    """Withdraw from the phones what a decided draft no longer gives."""
    draft = PolicyDraft.objects.filter(pk=pk, state=_State.WITHDRAWING).first()
    if draft is None:
        return
    late = True
    try:
        actions_issue.withdraw(
            clock.now(), progress=lambda done, most: beside.tell(draft, done, most, "withdraw")
        )
        late = False
    finally:
        # Where it did not end well, the round that withdraws comes within a quarter of an hour.
        result = {**draft.result, "late": late}
        beside.end(draft, (_State.WITHDRAWING,), _State.RECORDED, clock.now(), result=result)
        beside.forget(draft)


@task()
def withdraw_all() -> None:
    """Withdraw from the phones what the rules no longer give."""
    actions_issue.withdraw(clock.now())


def _result(found: asif.PolicyPreview) -> dict[str, Any]:
    """What a preview came to as plain data: numbers and ids, never a name."""
    return {
        "planned": found.planned,
        "grants": [found.grants_before, found.grants_after],
        "doors_gained": found.doors_gained,
        "doors_lost": found.doors_lost,
        "count": len(found.people),
        "people": [
            [
                row.person.number,
                row.doors_lost,
                _hours(row.time_lost),
                row.doors_gained,
                _hours(row.time_gained),
            ]
            for row in found.people[:MOST]
        ],
    }


def _hours(time: timedelta) -> int:
    return round(time / timedelta(hours=1))
