"""A run that is cut anywhere, and begun or gone on with: nothing double, nothing lost, no gap."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

import moneyworld
from auditworld import unguarded
from moneyworld import DUE, ISSUED, NOW, Money
from nyckelfri.server import beside
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.jobs.worker import do_tasks
from nyckelfri.server.money import actions_run, numbers
from nyckelfri.server.money.errors import MoneyError, Snag
from nyckelfri.server.money.models import (
    Invoice,
    InvoicedVisit,
    LeftOut,
    MonthRun,
    Series,
)

pytestmark = pytest.mark.django_db(transaction=True)


class CutError(BaseException):
    """The process ends here: no handler of the program's own may catch it."""


@contextmanager
def cut_at(statement: int) -> Iterator[list[str]]:
    """End the process, as it were, before its n-th statement; the list holds those before it."""
    seen: list[str] = []

    def wrapper(execute: Callable[..., Any], sql: Any, params: Any, many: Any, context: Any) -> Any:
        if len(seen) == statement:
            raise CutError
        seen.append(str(sql))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        yield seen


def clients(money: Money, count: int) -> None:
    for number in range(count):
        client = money.client(f"C{number:04}")
        money.visit(client, 1 + number)
        money.visit(client, 2 + number, approved=number != 1)


def whole(money: Money, count: int) -> None:
    """Every client has one invoice but the one who waits, numbered 1, 2, 3 … without a hole."""
    assert moneyworld.numbers() == list(range(1, count))
    assert moneyworld.given() == count - 1
    of = sorted(Invoice.objects.values_list("client__external_id", flat=True))
    assert of == [f"C{number:04}" for number in range(count) if number != 1]
    visits = list(InvoicedVisit.objects.values_list("visit", flat=True))
    assert len(visits) == len(set(visits)) == 2 * (count - 1)
    assert moneyworld.left() == {"C0001": "not_reviewed"}
    newest = f"month-run:{MonthRun.objects.latest('pk').pk}"
    deeds = AuditEvent.objects.filter(verb=Verb.INVOICE_ISSUE, object_id=newest)
    issued = deeds.values_list("details", flat=True)
    assert sum(each["count"] for each in issued) == count - 1


@pytest.mark.threat(42)
def test_run_that_is_cut_at_every_statement_goes_on_and_makes_nothing_twice(
    money: Money, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions_run, "CHUNK", 2)
    clients(money, 5)
    for at in itertools.count():
        run = money.begin()
        with cut_at(at) as seen:
            try:
                actions_run.work(run, lambda: NOW)
            except CutError:
                pass
            else:
                break
        assert MonthRun.objects.get().state == MonthRun.State.RUNNING
        used = moneyworld.numbers()
        assert used == list(range(1, len(used) + 1)), f"a hole before {seen[-1]}"
        actions_run.work(run, lambda: NOW)
        whole(money, 5)
        run.refresh_from_db()
        assert (run.state, run.made, run.left_out) == (MonthRun.State.DONE, 4, 1)
        _forget()
    assert at == len(seen) > 50
    whole(money, 5)


def _forget() -> None:
    """As if nothing had been made, so that each cut meets the same month."""
    with unguarded():
        for model in (InvoicedVisit, LeftOut, Invoice, MonthRun, Series):
            model.objects.all().delete()


@pytest.mark.threat(42)
def test_a_cut_in_each_chunk_anew_is_gone_on_with(
    money: Money, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was issued before a cut stands: the work that is left grows smaller each time."""
    monkeypatch.setattr(actions_run, "CHUNK", 1)
    clients(money, 5)
    run = money.begin()
    real, calls = actions_run.issue, []

    def issue(*args: Any) -> list[int]:
        calls.append(args)
        given = real(*args)
        if len(calls) < 5:
            raise CutError
        return given

    monkeypatch.setattr(actions_run, "issue", issue)
    for _ in range(4):
        with pytest.raises(CutError):
            actions_run.work(run, lambda: NOW)
    actions_run.work(run, lambda: NOW)
    whole(money, 5)


@pytest.mark.threat(42)
def test_a_run_that_fails_is_stopped_and_somebody_goes_on(
    money: Money, monkeypatch: pytest.MonkeyPatch
) -> None:
    clients(money, 3)
    run = actions_run.begin(money.accountant, money.month, issued=ISSUED, due=DUE, now=NOW)
    with monkeypatch.context() as broken:
        broken.setattr(numbers, "take", lambda *_: 1 / 0)
        do_tasks()
    run.refresh_from_db()
    assert (run.state, run.why) == (MonthRun.State.STOPPED, "ZeroDivisionError")
    assert not Invoice.objects.exists()
    actions_run.go_on(money.accountant, run, now=NOW)
    assert AuditEvent.objects.filter(verb=Verb.RUN_GO_ON).count() == 1
    do_tasks()
    whole(money, 3)
    with pytest.raises(beside.MovedOnError):
        actions_run.go_on(money.accountant, run, now=NOW)


def test_a_stopped_run_is_not_gone_on_with_beside_another(money: Money) -> None:
    clients(money, 2)
    run = money.begin()
    MonthRun.objects.update(state=MonthRun.State.STOPPED)
    money.begin()
    run.refresh_from_db()
    with pytest.raises(MoneyError) as caught:
        actions_run.go_on(money.accountant, run, now=NOW)
    assert caught.value.snag is Snag.RUNNING


@pytest.mark.threat(42)
def test_a_task_that_comes_twice_makes_nothing_twice(money: Money) -> None:
    clients(money, 3)
    run = actions_run.begin(money.accountant, money.month, issued=ISSUED, due=DUE, now=NOW)
    actions_run.go_on(money.accountant, run, now=NOW + timedelta(minutes=5))
    do_tasks()
    whole(money, 3)
    assert AuditEvent.objects.filter(verb=Verb.RUN_END).count() == 1
