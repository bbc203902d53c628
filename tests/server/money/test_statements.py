"""Statements of pay: from visits that somebody approved to a frozen paper, on real rows."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

import moneyworld
import paidworld
import siereader
from nyckelfri.care.pay import Ground, Why
from nyckelfri.care.performed import Outcome
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.money import actions_rules, actions_statements, exports, pay
from nyckelfri.server.money.errors import MoneyError, Snag
from nyckelfri.server.money.models import LeftOut, MoneyRules, MonthRun, Statement
from nyckelfri.server.money.papers import vouchers
from nyckelfri.server.money.papers.accounts import Accounts
from nyckelfri.server.visits import actions_month, actions_review
from nyckelfri.server.visits.actions_review import Corrected
from nyckelfri.server.visits.models import Visit
from paidworld import LATER, NOVEMBER

_State = MonthRun.State


@pytest.fixture
def priced(cast: Any) -> Any:
    """The cast, with prices for care."""
    paidworld.price()
    paidworld.price(kronor="50", unit="percent", ground="declined")
    return cast


@pytest.mark.sentence(76)
def test_approved_visits_become_a_statement_for_each_provider(priced: Any) -> None:
    paidworld.visit(priced.client, priced.alice, 2, 30)
    paidworld.visit(priced.client, priced.bob, 3, 45)
    paidworld.visit(priced.client, priced.alice, 4, 30, outcome="declined", entry=None, exit=None)
    paidworld.visit(priced.client, priced.alice, 5, 30, outcome="not_made", entry=None, exit=None)
    theirs = paidworld.visit(priced.other_client, priced.charlie, 2, 60)
    run = paidworld.make(paidworld.closed())
    assert (run.state, run.made, run.left_out) == (_State.DONE, 2, 0)
    ours = pay.content(paidworld.newest(priced.municipality))
    assert [(line.ground, line.quantity, line.amount) for line in ours.lines] == [
        (Ground.PERFORMED, 75, Decimal("580.00")),
        (Ground.DECLINED, 30, Decimal("116.00")),
    ]
    assert [each.why for each in ours.unpaid] == [Why.NOT_MADE]
    assert ours.total == Decimal("696.00")
    (line,) = pay.content(paidworld.newest(priced.company)).lines
    assert [trace.ref for trace in line.traces] == [str(theirs.pk)]
    verbs = AuditEvent.objects.filter(verb__contains="statement").values_list("verb", "actor")
    assert list(verbs) == [("server:statement:issue", "system:month-run")] * 2


@pytest.mark.sentence(73)
def test_pay_is_the_same_whoever_made_the_visit(priced: Any) -> None:
    paidworld.visit(priced.client, priced.alice, 2, 47)
    paidworld.visit(priced.other_client, priced.charlie, 2, 47)
    paidworld.make(paidworld.closed())
    totals = set(Statement.objects.values_list("total", flat=True))
    assert totals == {Decimal("363.47")}


def test_who_has_visits_that_nobody_reviewed_is_left_out_and_the_others_go_on(priced: Any) -> None:
    paidworld.visit(priced.client, priced.alice, 2, approved_at=None, approved_by=None)
    paidworld.visit(priced.other_client, priced.charlie, 2)
    run = paidworld.make(paidworld.closed())
    assert (run.made, run.left_out) == (1, 1)
    left = LeftOut.objects.get()
    assert (left.provider, left.why, left.detail) == (
        priced.municipality, LeftOut.Why.NOT_REVIEWED, {"visits": "1"}
    )  # fmt: skip
    assert Statement.objects.get().provider == priced.company


def test_missing_price_is_named_and_the_others_go_on(priced: Any) -> None:
    paidworld.visit(priced.client, priced.alice, 2, services=["household"])
    paidworld.visit(priced.other_client, priced.charlie, 2)
    paidworld.make(paidworld.closed())
    left = LeftOut.objects.get()
    assert (left.why, left.detail) == (
        LeftOut.Why.NO_PRICE,
        {"service": "household", "area": "Centrum", "ground": "performed", "day": "2026-11-02"},
    )
    assert Statement.objects.get().provider == priced.company


def test_two_prices_on_a_day_are_told_from_none(priced: Any) -> None:
    paidworld.price(kronor="470.00", valid_from=NOVEMBER)
    paidworld.visit(priced.client, priced.alice, 2)
    paidworld.make(paidworld.closed())
    assert LeftOut.objects.get().why == LeftOut.Why.TWO_PRICES


def test_who_was_left_out_is_so_no_longer_once_it_is_put_right(priced: Any) -> None:
    visit = paidworld.visit(priced.client, priced.alice, 2, services=["household"])
    month = paidworld.closed()
    paidworld.make(month)
    paidworld.price("household", "382.00")
    run = paidworld.make(month)
    assert (run.made, run.left_out) == (1, 0)
    assert not LeftOut.objects.exists()
    (line,) = pay.content(Statement.objects.get()).lines
    assert line.traces[0].ref == str(visit.pk)


def test_made_anew_nothing_new_comes_where_nothing_differs(priced: Any) -> None:
    paidworld.visit(priced.client, priced.alice, 2)
    month = paidworld.closed()
    paidworld.make(month)
    run = paidworld.make(month, LATER + timedelta(days=1))
    assert (run.state, run.made) == (_State.DONE, 0)
    assert [(row.number, row.version) for row in Statement.objects.all()] == [(1, 1)]


def test_a_corrected_visit_brings_a_second_version_and_the_first_stands(priced: Any) -> None:
    visit = paidworld.visit(priced.client, priced.alice, 2, 30)
    paidworld.visit(priced.other_client, priced.charlie, 2, 30)
    month = paidworld.closed()
    paidworld.make(month)
    _correct(visit, 60)
    run = paidworld.make(month, LATER + timedelta(days=1))
    assert run.made == 1
    rows = Statement.objects.filter(provider=priced.municipality).order_by("version")
    assert [(row.version, row.total) for row in rows] == [
        (1, Decimal("232.00")), (2, Decimal("464.00"))
    ]  # fmt: skip
    assert Statement.objects.filter(provider=priced.company).count() == 1


def test_a_corrected_visit_books_the_difference(priced: Any) -> None:
    paidworld.price("household", "382.00")
    visit = paidworld.visit(priced.client, priced.alice, 2, 60)
    month = paidworld.closed()
    paidworld.make(month)
    _correct(visit, 30, "household")
    paidworld.make(month)
    first, second = Statement.objects.order_by("version")
    assert pay.amounts(first) == {"care": Decimal("464.00")}
    assert pay.amounts(second) == {"care": Decimal("-464.00"), "household": Decimal("191.00")}
    voucher = vouchers.of_pay(
        day=LATER.date(), statement=str(second.number), amounts=pay.amounts(second),
        accounts=Accounts(purchase={"household": "4631"}),
    )  # fmt: skip
    assert {entry.account: entry.amount for entry in voucher.entries} == {
        "4630": Decimal("-464.00"), "4631": Decimal("191.00"), "2510": Decimal("273.00")
    }  # fmt: skip


@pytest.mark.sentence(76)
def test_pay_to_others_is_in_the_month_s_file_for_the_books(priced: Any) -> None:
    paidworld.visit(priced.client, priced.alice, 2, 60)
    paidworld.visit(priced.other_client, priced.charlie, 2, 30)
    month = paidworld.closed()
    paidworld.make(month)
    moneyworld.rules(MoneyRules.Kind.SENDER, moneyworld.SENDER)
    book = siereader.read(exports.as_sie(month, LATER))
    owed = Statement.objects.get(provider=priced.company)
    (voucher,) = book.vouchers
    assert str(owed.number) in voucher.text
    assert {account: amount for account, _, amount in voucher.entries} == {
        "4630": owed.total, "2510": -owed.total
    }  # fmt: skip


def _correct(visit: Visit, minutes: int, service: str = "care") -> None:
    """Open the month, correct a visit and approve it, and close the month again."""
    viewer = paidworld.accountant()
    actions_month.reopen(viewer, NOVEMBER, reason="rättelse", now=LATER)
    reviewer = paidworld.reviewer()
    row = Visit.objects.get(pk=visit.pk)
    said: dict[str, Any] = {"reason": "fel tid", "now": LATER}
    actions_review.reopen(reviewer, row, seen=actions_review.version(row), **said)
    row.refresh_from_db()
    assert row.entry is not None
    ends = row.entry + timedelta(minutes=minutes)
    what = Corrected(Outcome.PERFORMED, row.entry, ends, (service,))
    actions_review.correct(reviewer, row, what, seen=actions_review.version(row), **said)
    row = Visit.objects.get(pk=visit.pk)
    actions_review.approve(reviewer, row, seen=actions_review.version(row), **said)
    actions_month.close(viewer, NOVEMBER, now=LATER)


@pytest.mark.threat(61)
@pytest.mark.parametrize(
    "change", ["UPDATE money_statement SET total = 1", "DELETE FROM money_statement"]
)
def test_the_database_refuses_every_change_of_a_statement(priced: Any, change: str) -> None:
    paidworld.visit(priced.client, priced.alice, 2)
    paidworld.make(paidworld.closed())
    before = Statement.objects.values().get()
    refused = pytest.raises(DatabaseError, match="never changes")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
    assert Statement.objects.values().get() == before


def test_an_open_month_is_not_paid_and_neither_is_one_that_is_being_made(priced: Any) -> None:
    paidworld.visit(priced.client, priced.alice, 2)
    viewer = paidworld.accountant()
    month = paidworld.closed()
    actions_month.reopen(viewer, NOVEMBER, reason="x", now=LATER)
    with pytest.raises(MoneyError) as refused:
        actions_statements.begin_alone(viewer, month, now=LATER)
    assert refused.value.snag is Snag.MONTH_OPEN
    actions_month.close(viewer, NOVEMBER, now=LATER)
    actions_statements.begin_alone(viewer, month, now=LATER)
    with pytest.raises(MoneyError) as refused:
        actions_statements.begin_alone(viewer, month, now=LATER)
    assert refused.value.snag is Snag.RUNNING


def test_a_month_opened_meanwhile_stops_the_run_and_issues_nothing(priced: Any) -> None:
    paidworld.visit(priced.client, priced.alice, 2)
    viewer, month = paidworld.accountant(), paidworld.closed()
    run = actions_statements.begin_alone(viewer, month, now=LATER)
    actions_month.reopen(viewer, NOVEMBER, reason="x", now=LATER)
    with pytest.raises(MoneyError):
        actions_statements.carry_on.func(run.pk)
    run.refresh_from_db()
    assert run.state == _State.STOPPED
    assert not Statement.objects.exists()


def test_a_run_that_was_cut_is_gone_on_with_and_makes_nothing_twice(
    priced: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    paidworld.visit(priced.client, priced.alice, 2)
    paidworld.visit(priced.other_client, priced.charlie, 2)
    viewer, month = paidworld.accountant(), paidworld.closed()
    run = actions_statements.begin_alone(viewer, month, now=LATER)
    whole, calls = pay.unreviewed, []

    def cut(first: Any, provider: int) -> int:
        calls.append(provider)
        if len(calls) == 2:
            raise ConnectionError
        return whole(first, provider)

    monkeypatch.setattr(pay, "unreviewed", cut)
    with pytest.raises(ConnectionError):
        actions_statements.carry_on.func(run.pk)
    run.refresh_from_db()
    assert (run.state, run.why) == (_State.STOPPED, "ConnectionError")
    assert Statement.objects.count() == 1
    actions_statements.go_on(viewer, run, now=LATER)
    actions_statements.carry_on.func(run.pk)
    run.refresh_from_db()
    assert (run.state, run.made) == (_State.DONE, 2)
    assert sorted(Statement.objects.values_list("number", flat=True)) == [1, 2]


def test_who_may_not_pay_begins_nothing_and_goes_on_with_nothing(priced: Any) -> None:
    month = paidworld.closed()
    planner = paidworld.reviewer()
    with pytest.raises(MoneyError) as refused:
        actions_statements.begin(planner, month, now=LATER)
    assert refused.value.snag is Snag.NOT_ALLOWED
    run = actions_statements.begin_alone(paidworld.accountant(), month, now=LATER)
    with pytest.raises(MoneyError):
        actions_statements.go_on(planner, run, now=LATER)


def test_rules_for_pay_decide_and_a_client_who_begins_brings_minutes_once(priced: Any) -> None:
    chosen = priced.client.provider_choices.get()
    chosen.valid_from = NOVEMBER + timedelta(days=3)
    chosen.save()
    paidworld.visit(priced.client, priced.alice, 5, 30)
    policy = pay.policies()[-1]
    rules = type(policy)(valid_from=NOVEMBER, new_client_minutes=240)
    kind = MoneyRules.Kind.PAY
    actions_rules.record_rules(paidworld.accountant(), kind, rules, reason="x", now=LATER)
    paidworld.make(paidworld.closed())
    made = pay.content(paidworld.newest(priced.municipality))
    assert [(line.ground, line.quantity) for line in made.lines] == [
        (Ground.PERFORMED, 30), (Ground.NEW_CLIENT, 240)
    ]  # fmt: skip
    assert made.lines[1].traces[0].ref == f"choice:{chosen.pk}"
