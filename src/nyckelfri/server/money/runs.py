"""Runs of a month, whatever they make: begun, gone on with, stopped and ended.

House rules: one run of a kind and a month at a time, and only of a month that is closed; each
step is one transaction with its audit row. What is made is its caller's.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from nyckelfri import clock
from nyckelfri.server import beside, turns
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.money.errors import MoneyError, Snag
from nyckelfri.server.money.models import MonthRun
from nyckelfri.server.turns import Turn
from nyckelfri.server.visits.models import Month

SYSTEM: Final = "system:month-run"
_State = MonthRun.State


def begin(
    viewer: Viewer,
    month: Month,
    kind: MonthRun.Kind,
    *,
    issued: date,
    due: date,
    now: datetime,
    check: Callable[[Month], None] = lambda _: None,
) -> MonthRun:
    """Begin a run and leave its work to the caller; `check` refuses a month by MoneyError."""
    with transaction.atomic():
        turns.alone(Turn.NUMBERS)
        held = Month.objects.select_for_update(no_key=True).filter(pk=month.pk).first()
        if held is None or held.closed_at is None:
            raise MoneyError(Snag.MONTH_OPEN)
        check(held)
        if _running(held, kind).exists():
            raise MoneyError(Snag.RUNNING)
        run = MonthRun.objects.create(
            month=held,
            kind=kind,
            begun_at=now,
            begun_by=viewer.employee,
            changed_at=now,
            issued=issued,
            due=due,
        )
        deed = audit.Deed(Verb.RUN_BEGIN, about(run), details={"month": f"{held.first:%Y-%m}"})
        audit.record([deed], actor=viewer.actor, now=now)
    return run


def go_on(viewer: Viewer, run: MonthRun, enqueue: Callable[[int], object], now: datetime) -> None:
    """Have a run that stands still or was stopped gone on with; MovedOnError if it has ended."""
    with transaction.atomic():
        turns.alone(Turn.NUMBERS)
        if _running(run.month, run.kind).exclude(pk=run.pk).exists():
            raise MoneyError(Snag.RUNNING)
        beside.move(run, (_State.RUNNING, _State.STOPPED), _State.RUNNING, now, why="")
        audit.record([audit.Deed(Verb.RUN_GO_ON, about(run))], actor=viewer.actor, now=now)
        transaction.on_commit(lambda: enqueue(run.pk))


def carry(pk: int, work: Callable[[MonthRun, Callable[[], datetime]], None]) -> None:
    """Do the work of a run that is running; one that fails is stopped, and says why."""
    run = MonthRun.objects.select_related("month").filter(pk=pk, state=_State.RUNNING).first()
    if run is None:
        return
    try:
        work(run, clock.now)
    except Exception as error:
        beside.end(run, (_State.RUNNING,), _State.STOPPED, clock.now(), why=type(error).__name__)
        beside.forget(run)
        raise


def must_go_on(run: MonthRun) -> None:
    """Hold the run; MovedOnError once it has ended."""
    if MonthRun.objects.select_for_update(no_key=True).get(pk=run.pk).state != _State.RUNNING:
        raise beside.MovedOnError("The run has ended meanwhile")


def end(run: MonthRun, made: int, now: datetime) -> None:
    """Note that all have been gone through, and how many papers were made."""
    with transaction.atomic():
        left = run.those_left_out.count()
        if beside.end(run, (_State.RUNNING,), _State.DONE, now, made=made, left_out=left):
            deed = audit.Deed(Verb.RUN_END, about(run), details={"made": made, "left_out": left})
            audit.record([deed], actor=SYSTEM, now=now)
    beside.forget(run)


def about(run: MonthRun) -> str:
    """How the audit log names a run."""
    return f"month-run:{run.pk}"


def _running(month: Month, kind: str) -> QuerySet[MonthRun]:
    return MonthRun.objects.filter(month=month, kind=kind, state=_State.RUNNING)
