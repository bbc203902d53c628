"""What providers are paid for a month: a frozen statement each, and their invoices held to it.

House rules: check → change → audit row, in one transaction a provider. A statement never
changes; a later version replaces it whole. Nothing is paid by a verdict.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Max
from pydantic import TypeAdapter

from nyckelfri.care import pay as rules
from nyckelfri.care import statements
from nyckelfri.care.pay import PayFault, PriceFault
from nyckelfri.server import turns
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.homes.models import Provider
from nyckelfri.server.money import numbers, pay
from nyckelfri.server.money.errors import MoneyError, Snag
from nyckelfri.server.money.models import LeftOut, MonthRun, Statement
from nyckelfri.server.turns import Turn
from nyckelfri.server.visits import months
from nyckelfri.server.visits.models import Month, Visit

_STATEMENT: Final = TypeAdapter(rules.Statement)


def make(
    viewer: Viewer,
    month: Month,
    *,
    now: datetime,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> MonthRun:
    """Make the statement of every provider whose staff made visits in a closed month."""
    if not viewer.may(Permission.PAY_PROVIDERS):
        raise MoneyError(Snag.NOT_ALLOWED)
    today = now.date()
    with transaction.atomic():
        turns.alone(Turn.NUMBERS)
        if Month.objects.get(pk=month.pk).closed_at is None:
            raise MoneyError(Snag.MONTH_OPEN)
        run = MonthRun.objects.create(
            month=month,
            kind=MonthRun.Kind.STATEMENTS,
            state=MonthRun.State.DONE,
            begun_at=now,
            begun_by=viewer.employee,
            changed_at=now,
            issued=today,
            due=today,
        )
        deed = audit.Deed(Verb.RUN_BEGIN, f"month-run:{run.pk}")
        audit.record([deed], actor=viewer.actor, now=now)
    providers = list(_with_visits(month))
    for done, provider in enumerate(providers):
        progress(done, len(providers))
        _issue(run, provider, viewer, now)
    progress(len(providers), len(providers))
    run.made, run.left_out = run.statements.count(), run.those_left_out.count()
    run.save(update_fields=["made", "left_out"])
    return run


def content(row: Statement) -> rules.Statement:
    """What a statement says."""
    return _STATEMENT.validate_python(row.content)


def _with_visits(month: Month) -> Any:
    days = (month.first, months.last_of(month.first))
    made = Visit.objects.filter(day__range=days).order_by().values("provider")
    return Provider.objects.filter(pk__in=made)


@transaction.atomic
def _issue(run: MonthRun, provider: Provider, viewer: Viewer, now: datetime) -> None:
    """Issue a provider's statement, unless it says what the last one did."""
    turns.alone(Turn.NUMBERS)
    first = run.month.first
    waiting = pay.unreviewed(first, provider.pk)
    if waiting:
        _leave_out(run, provider, LeftOut.Why.NOT_REVIEWED, {"visits": str(waiting)})
        return
    try:
        made = statements.statement(
            str(provider.pk),
            first,
            pay.visits(first, provider.pk),
            prices=pay.prices(),
            policies=pay.policies(),
            absences=pay.absences(first),
        )
    except PriceFault as fault:
        _leave_out(
            run,
            provider,
            LeftOut.Why.NO_PRICE,
            {"service": fault.service, "area": fault.area, "day": str(fault.day)},
        )
        return
    except PayFault as fault:
        _leave_out(run, provider, LeftOut.Why.WRONG_VISIT, {"text": str(fault)})
        return
    data = _STATEMENT.dump_python(made, mode="json")
    digest = _digest(data)
    known = Statement.objects.filter(provider=provider, month=run.month)
    newest = known.order_by("-version").first()
    if newest is not None and bytes(newest.digest) == digest:
        return
    version = (known.aggregate(most=Max("version"))["most"] or 0) + 1
    (number,) = numbers.take(numbers.Name.STATEMENT, 1)
    Statement.objects.create(
        number=number,
        provider=provider,
        month=run.month,
        run=run,
        version=version,
        total=made.total,
        content=data,
        digest=digest,
        made_at=now,
    )
    details = {"version": version, "month": f"{first:%Y-%m}"}
    deed = audit.Deed(Verb.STATEMENT_ISSUE, f"statement:{number}", details=details)
    audit.record([deed], actor=viewer.actor, now=now)


def _leave_out(run: MonthRun, provider: Provider, why: LeftOut.Why, detail: dict[str, str]) -> None:
    LeftOut.objects.create(run=run, provider=provider, why=why, detail=detail)


def _digest(data: dict[str, Any]) -> bytes:
    text = json.dumps(data, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()
