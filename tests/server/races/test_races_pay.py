"""Two at once at a month's pay."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

import paidinvoice
import paidworld
from nyckelfri.server.beside import MovedOnError
from nyckelfri.server.money import actions_received, actions_statements, pay
from nyckelfri.server.money.errors import MoneyError, Snag
from nyckelfri.server.money.models import MonthRun, ReceivedInvoice, Statement
from nyckelfri.server.visits.models import Month
from paidworld import LATER
from raceworld import at_once, meet_after


@pytest.fixture
def month(cast: Any) -> Month:
    """November, closed, with visits of both providers."""
    paidworld.price()
    paidworld.visit(cast.client, cast.alice, 2)
    paidworld.visit(cast.other_client, cast.charlie, 2)
    return paidworld.closed()


@pytest.mark.threat(42)
def test_of_two_who_begin_one_is_told(month: Month) -> None:
    viewer = paidworld.accountant()
    begin = partial(actions_statements.begin_alone, viewer, month, now=LATER)
    (error,) = [each for each in at_once(begin, begin) if isinstance(each, Exception)]
    assert isinstance(error, MoneyError)
    assert error.snag is Snag.RUNNING
    assert MonthRun.objects.count() == 1


@pytest.mark.threat(42)
def test_two_workers_on_one_run_make_each_statement_once(
    month: Month, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = actions_statements.begin_alone(paidworld.accountant(), month, now=LATER)
    meet_after(monkeypatch, pay, "stored")
    found = at_once(*[partial(actions_statements.work, run, lambda: LATER)] * 2)
    assert all(each is None or isinstance(each, MovedOnError) for each in found), found
    rows = Statement.objects.order_by("number").values_list("number", "version")
    assert list(rows) == [(1, 1), (2, 1)]
    assert MonthRun.objects.get().made == 2


@pytest.mark.threat(42)
def test_of_the_same_file_twice_at_once_one_is_taken_in(cast: Any, month: Month) -> None:
    paidworld.make(month)
    data = paidinvoice.of(paidworld.newest(cast.company)).xml()
    take = partial(actions_received.take_in, paidworld.accountant(), data, now=LATER)
    (error,) = [each for each in at_once(take, take) if isinstance(each, Exception)]
    assert isinstance(error, MoneyError)
    assert error.snag is Snag.KNOWN
    assert ReceivedInvoice.objects.count() == 1
