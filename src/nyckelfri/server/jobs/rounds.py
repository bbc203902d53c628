"""What comes round by itself: each a name, how often, and a function of the moment.

House rules: a round may run at any time, twice, or beside itself in another process, and
does no harm; what access follows from never waits for one, since every action that ends
access revokes at once. A round that fails is tried again next time and is shown.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.contrib.sessions.models import Session

from nyckelfri.server import health
from nyckelfri.server.access import actions_draft
from nyckelfri.server.audit import copies, proofs
from nyckelfri.server.importer import actions_jobs
from nyckelfri.server.jobs.models import Beat
from nyckelfri.server.keys import actions_issue
from nyckelfri.server.visits import (
    actions_derive,
    actions_judge,
    actions_statistics,
    actions_weekly,
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Round:
    """Work that is due again `every` so often."""

    name: str
    every: timedelta
    work: Callable[[datetime], object]


def _forget_sessions(now: datetime) -> None:
    """Remove console sessions that have run out."""
    Session.objects.filter(expire_date__lt=now).delete()


ROUNDS: tuple[Round, ...] = (
    # A policy that begins at midnight, or a plan that somebody changed in the database.
    Round("withdraw", timedelta(minutes=15), actions_issue.withdraw),
    Round("sessions", timedelta(hours=6), _forget_sessions),
    Round("drafts", timedelta(hours=1), actions_draft.forget_old),
    Round("uploads", timedelta(hours=1), actions_jobs.forget_old),
    Round("judge", timedelta(minutes=5), lambda _: actions_judge.judge_waiting()),
    Round("judge_again", timedelta(hours=6), actions_judge.judge_again),
    Round("visits", timedelta(minutes=5), actions_derive.derive_waiting),
    Round("statistics", timedelta(minutes=5), actions_statistics.measure_waiting),
    Round("samples", timedelta(hours=6), actions_weekly.draw_last_week),
    Round("room", timedelta(minutes=15), health.require_room),
    Round("copies", timedelta(hours=1), copies.copy_by_itself),
    Round("proof", timedelta(days=1), proofs.begin_by_itself),
)


def due(now: datetime, rounds: tuple[Round, ...] = ROUNDS) -> list[Round]:
    """The rounds whose time has come; a clock that was set back does not stop them."""
    began = dict(Beat.objects.values_list("name", "began_at"))
    never = datetime.min.replace(tzinfo=UTC)
    return [each for each in rounds if abs(now - began.get(each.name, never)) >= each.every]


def run(each: Round, now: datetime) -> bool:
    """Do one round and note it; False when it failed, which is logged and shown."""
    Beat.objects.update_or_create(name=each.name, defaults={"began_at": now})
    try:
        each.work(now)
    except Exception as error:  # noqa: BLE001 -- logged and shown; the other rounds go on
        _log.exception("round %s failed", each.name)
        Beat.objects.filter(name=each.name).update(trouble=type(error).__name__[:80])
        return False
    Beat.objects.filter(name=each.name).update(done_at=now, trouble="")
    return True


def late(now: datetime, rounds: tuple[Round, ...] = ROUNDS) -> list[str]:
    """Names of rounds that have not been done for three times as long as they should."""
    done = dict(Beat.objects.values_list("name", "done_at"))
    late = []
    for each in rounds:
        last = done.get(each.name)
        if last is None or now - last > 3 * each.every:
            late.append(each.name)
    return late
