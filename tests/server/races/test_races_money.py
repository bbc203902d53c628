"""Two at once at a month's invoices."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

import moneyworld
from moneyworld import DUE, ISSUED, NOW
from nyckelfri.server.access.viewers import Viewer, viewer
from nyckelfri.server.beside import MovedOnError
from nyckelfri.server.money import actions_credit, actions_run, numbers, queries_month
from nyckelfri.server.money.errors import MoneyError, Snag
from nyckelfri.server.money.models import Invoice, InvoicedVisit, MonthRun
from nyckelfri.server.people.models import Employee, Role
from nyckelfri.server.visits import actions_review
from nyckelfri.server.visits.errors import VisitError
from nyckelfri.server.visits.models import Visit
from raceworld import at_once, finish, meet_after, once_between


def clients(cast: Any, count: int) -> moneyworld.Money:
    money = moneyworld.set_up(cast.alice)
    for number in range(count):
        money.visit(money.client(f"C{number:04}"))
    return money


@pytest.mark.threat(42)
def test_of_two_who_begin_a_month_one_is_told(cast: Any) -> None:
    money = clients(cast, 2)
    found = at_once(
        *[
            partial(
                actions_run.begin_alone, money.accountant, money.month,
                issued=ISSUED, due=DUE, now=NOW,
            )
        ]
        * 2
    )  # fmt: skip
    (error,) = [each for each in found if isinstance(each, Exception)]
    assert isinstance(error, MoneyError)
    assert error.snag is Snag.RUNNING
    assert MonthRun.objects.count() == 1


@pytest.mark.threat(42)
def test_two_workers_on_one_run_make_each_invoice_once(
    cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    money = clients(cast, 6)
    monkeypatch.setattr(actions_run, "CHUNK", 2)
    meet_after(monkeypatch, queries_month, "with_something")
    run = money.begin()
    found = at_once(*[partial(actions_run.work, run, lambda: NOW)] * 2)
    assert all(each is None or isinstance(each, MovedOnError) for each in found), found
    assert moneyworld.numbers() == [1, 2, 3, 4, 5, 6]
    assert moneyworld.given() == 6
    assert InvoicedVisit.objects.count() == 6
    assert MonthRun.objects.get().made == 6


@pytest.mark.threat(42)
def test_a_credit_in_the_middle_of_a_run_leaves_no_hole(
    cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    money = clients(cast, 1)
    money.run()
    invoice = Invoice.objects.get()
    for number in range(1, 4):
        money.visit(money.client(f"C{number:04}"))
    credit = partial(
        actions_credit.credit, money.accountant, invoice, reason="x", now=NOW + timedelta(days=1)
    )
    done = once_between(monkeypatch, numbers, "take", credit)
    money.run()
    finish()
    assert not [each for each in done if isinstance(each, Exception)], done
    used = moneyworld.numbers()
    assert used == list(range(1, len(used) + 1))
    assert Invoice.objects.filter(kind="credit").count() == 1


def test_a_visit_is_not_corrected_under_an_invoice_that_is_being_made_anew(
    cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Either the new invoice has the correction, or whoever corrects is told."""
    money = clients(cast, 1)
    money.run()
    actions_credit.credit(money.accountant, Invoice.objects.get(), reason="x", now=NOW)
    visit = Visit.objects.get()
    reopen = partial(
        actions_review.reopen, reviewer(), visit, reason="x",
        seen=actions_review.version(visit), now=NOW,
    )  # fmt: skip
    done = once_between(monkeypatch, queries_month, "facts", reopen)
    actions_credit.make_anew(
        money.accountant, visit.client, money.month, issued=NOW.date(), now=NOW
    )
    finish()
    (told,) = done
    assert isinstance(told, VisitError), told
    visit.refresh_from_db()
    assert visit.approved_at is not None


def reviewer() -> Viewer:
    made = Employee.objects.create(
        number="20002", name="P", role=Role.PLANNER, employed_from="2024-01-01"
    )
    seen = viewer(made)
    assert seen is not None
    return seen
