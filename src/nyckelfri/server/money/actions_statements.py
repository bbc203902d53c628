"""What providers are paid for a month: a frozen statement each, made beside the pages.

House rules: check → change → audit row, in one transaction a provider. A statement never
changes; a later version replaces it whole, and is made only where it would say something else.
What hinders one provider is noted, and the others go on; a run that was cut is gone on with and
makes nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet
from django_tasks import task

from nyckelfri.care import pay as rules
from nyckelfri.care import statements
from nyckelfri.care.pay import PayFault, PriceFault, TwoPrices
from nyckelfri.care.times import ZONE
from nyckelfri.server import beside, turns
from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.homes.models import Provider
from nyckelfri.server.money import numbers, pay, runs
from nyckelfri.server.money.errors import MoneyError, Snag
from nyckelfri.server.money.models import LeftOut, MonthRun, Statement
from nyckelfri.server.money.papers import stored
from nyckelfri.server.turns import Turn
from nyckelfri.server.visits import months
from nyckelfri.server.visits.models import Month, Visit

_KIND: Final = MonthRun.Kind.STATEMENTS


def begin(viewer: Viewer, month: Month, *, now: datetime) -> MonthRun:
    """Have the statements of a closed month made; MoneyError where that cannot be."""
    with transaction.atomic():
        run = begin_alone(viewer, month, now=now)
        transaction.on_commit(lambda: carry_on.enqueue(run.pk))
    return run


def begin_alone(viewer: Viewer, month: Month, *, now: datetime) -> MonthRun:
    """Begin a run, and leave its work to the caller."""
    _may(viewer)
    today = now.astimezone(ZONE).date()
    return runs.begin(viewer, month, _KIND, issued=today, due=today, now=now)


def go_on(viewer: Viewer, run: MonthRun, *, now: datetime) -> None:
    """Go on with a run that stands still or was stopped; MovedOnError if it has ended."""
    _may(viewer)
    runs.go_on(viewer, run, carry_on.enqueue, now)


@task()
def carry_on(pk: int) -> None:
    """Make what is left of a run."""
    runs.carry(pk, work)


def work(run: MonthRun, now: Callable[[], datetime]) -> None:
    """Make the statement of every provider whose staff made visits in the month."""
    providers = list(_with_visits(run.month))
    for done, provider in enumerate(providers):
        beside.tell(run, done, len(providers))
        issue(run, provider, now())
    runs.end(run, run.statements.count(), now())


def _may(viewer: Viewer) -> None:
    if not viewer.may(Permission.PAY_PROVIDERS):
        raise MoneyError(Snag.NOT_ALLOWED)


def _with_visits(month: Month) -> QuerySet[Provider]:
    days = (month.first, months.last_of(month.first))
    made = Visit.objects.filter(day__range=days).order_by().values("provider")
    had = Statement.objects.filter(month=month).order_by().values("provider")
    return Provider.objects.filter(pk__in=made) | Provider.objects.filter(pk__in=had)


def issue(run: MonthRun, provider: Provider, now: datetime) -> Statement | None:
    """Issue a provider's statement, unless it says what the last one did, or cannot be made.

    It is worked out before the transaction, so that nobody else waits for that: what it rests on
    stands as long as the month is closed.
    """
    closed_at = Month.objects.get(pk=run.month_id).closed_at
    made = _made(run, provider)
    data = None if isinstance(made, LeftOut) else pay.stored(made)
    with transaction.atomic():
        turns.alone(Turn.NUMBERS)
        _must_go_on(run, closed_at)
        LeftOut.objects.filter(run__month=run.month_id, run__kind=_KIND, provider=provider).delete()
        if isinstance(made, LeftOut):
            made.save()
            return None
        return _stored(run, provider, made.total, data, now)


def _must_go_on(run: MonthRun, closed_at: datetime | None) -> None:
    runs.must_go_on(run)
    month = Month.objects.select_for_update(no_key=True).get(pk=run.month_id)
    if month.closed_at is None or month.closed_at != closed_at:
        raise MoneyError(Snag.MONTH_OPEN)


def _made(run: MonthRun, provider: Provider) -> rules.Statement | LeftOut:
    """A provider's pay for the month, or what has to be done first."""
    first = run.month.first

    def left_out(why: LeftOut.Why, **detail: str) -> LeftOut:
        return LeftOut(run=run, provider=provider, why=why, detail=detail)

    waiting = pay.unreviewed(first, provider.pk)
    if waiting:
        return left_out(LeftOut.Why.NOT_REVIEWED, visits=str(waiting))
    try:
        return statements.statement(
            str(provider.pk),
            first,
            pay.visits(first, provider.pk),
            prices=pay.prices(),
            policies=pay.policies(),
            absences=pay.absences(first),
            new_clients=pay.new_clients(first, provider.pk),
        )
    except PriceFault as fault:
        return left_out(
            LeftOut.Why.TWO_PRICES if isinstance(fault, TwoPrices) else LeftOut.Why.NO_PRICE,
            service=fault.service,
            area=fault.area,
            ground=fault.ground.value,
            day=fault.day.isoformat(),
        )
    except PayFault as fault:
        return left_out(LeftOut.Why.WRONG_VISIT, text=str(fault))


def _stored(
    run: MonthRun, provider: Provider, total: Decimal, data: Any, now: datetime
) -> Statement | None:
    """The statement as a row under the next number; None where the last one says the same."""
    digest = stored.digest(data)
    newest = Statement.objects.filter(provider=provider, month=run.month).order_by("version").last()
    if newest is not None and bytes(newest.digest) == digest:
        return None
    version = 1 if newest is None else newest.version + 1
    (number,) = numbers.take(numbers.Name.STATEMENT, 1)
    row = Statement.objects.create(
        number=number,
        provider=provider,
        month=run.month,
        run=run,
        version=version,
        total=total,
        content=data,
        digest=digest,
        made_at=now,
    )
    details = {"version": version, "month": f"{run.month.first:%Y-%m}"}
    deed = audit.Deed(Verb.STATEMENT_ISSUE, f"statement:{number}", details=details)
    audit.record([deed], actor=runs.SYSTEM, now=now)
    return row
