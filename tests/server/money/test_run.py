"""A month's invoices, from approved visits to vouchers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import moneyworld
from moneyworld import DUE, ISSUED, NOW, Money
from nyckelfri.care.billing import Article, Basis
from nyckelfri.care.feepolicy import Charged, FeePolicy
from nyckelfri.care.statutory import KNOWN
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.homes.models import Client
from nyckelfri.server.money import actions_run
from nyckelfri.server.money.errors import MoneyError, Snag
from nyckelfri.server.money.models import (
    Invoice,
    InvoicedVisit,
    LegalAmounts,
    MoneyRules,
    MonthRun,
    TariffPrice,
)
from nyckelfri.server.money.papers import stored, vouchers
from nyckelfri.server.money.papers.accounts import Accounts
from nyckelfri.server.money.papers.content import Sign


@pytest.mark.sentence(71)
@pytest.mark.sentence(72)
@pytest.mark.sentence(75)
def test_each_client_gets_one_invoice_of_the_registered_time(money: Money, cast: Any) -> None:
    client = cast.client
    for day in (1, 2, 3):
        money.visit(client, day, 30 * 60)
    money.visit(client, 4, 60 * 60, services=["household"])
    money.decision(client, "alarm", "1", "month")
    money.meals(client, 5, 2)
    money.visit(cast.other_client, 1, 90 * 60)
    run = money.run()
    assert (run.state, run.made, run.left_out) == (MonthRun.State.DONE, 2, 0)
    assert moneyworld.numbers() == [1, 2]
    first, second = moneyworld.contents()
    told = [(line.article, line.quantity, line.amount) for line in first.lines]
    assert told == [
        ("care", 90, Decimal("199.50")),
        ("household", 60, Decimal("373.00")),
        ("alarm", 31, Decimal("227.00")),
        ("meals", 2, Decimal("136.00")),
    ]
    assert first.total == Decimal("935.50")
    assert (first.client_id, first.issued, first.due) == ("B0001", ISSUED, DUE)
    assert (first.first, first.last) == (date(2026, 10, 1), date(2026, 10, 31))
    assert second.total == Decimal("199.50")
    visit = first.lines[0].rests_on[0]
    assert [sign.sign for sign in visit.signs] == [Sign.UNLOCKED, Sign.LOCKED]
    assert visit.decision == "DB0001"


def test_lines_come_to_the_invoice_and_the_invoice_to_its_voucher(money: Money, cast: Any) -> None:
    money.income(cast.client, "12000", "5000")
    for day in range(1, 29):
        money.visit(cast.client, day, 3 * 3600 + day)
        money.visit(cast.other_client, day, 7 * 3600)
    money.meals(cast.client, 3)
    money.run()
    for content in moneyworld.contents():
        lines = sum(line.amount for line in content.lines)
        assert content.total == lines - content.fee.reduction
        entries = vouchers.of_invoice(content, Accounts()).entries
        assert sum(entry.amount for entry in entries) == 0
        receivable = [each.amount for each in entries if each.account == "1510"]
        assert receivable == [content.total]
    limits = [content.fee.limit.value for content in moneyworld.contents()]
    assert limits == ["headroom", "cap"]
    assert [row.total for row in Invoice.objects.order_by("number")] == [
        each.total for each in moneyworld.contents()
    ]


@pytest.mark.sentence(74)
def test_a_day_without_a_price_stops_one_client_and_lets_the_others_go_on(
    money: Money, cast: Any
) -> None:
    TariffPrice.objects.filter(article="care").update(valid_till=date(2026, 10, 15))
    money.visit(cast.client, 16)
    money.visit(cast.other_client, 15)
    run = money.run()
    assert (run.made, run.left_out) == (1, 1)
    assert moneyworld.left() == {"B0001": "no_price"}
    row = run.those_left_out.get()
    assert row.detail == {"article": "care", "day": "2026-10-16"}
    TariffPrice.objects.create(
        article="care", name="Omvårdnad", price=140, unit="hour", valid_from=date(2026, 10, 16)
    )
    again = money.run()
    assert (again.made, again.left_out) == (1, 0)
    assert moneyworld.left() == {}
    assert moneyworld.numbers() == [1, 2]


def test_what_is_not_reviewed_is_not_invoiced(money: Money, cast: Any) -> None:
    money.visit(cast.client, 1)
    money.visit(cast.client, 2, approved=False)
    money.visit(cast.other_client, 1)
    run = money.run()
    assert moneyworld.left() == {"B0001": "not_reviewed"}
    assert run.those_left_out.get().detail == {"visits": "1"}


def test_two_who_live_together_share_an_odd_ore_and_the_run_goes_on(
    money: Money, cast: Any
) -> None:
    Client.objects.filter(pk=cast.client.pk).update(civil_status="cohabiting")
    money.income(cast.client, "9000.01", "4000", partner_net_income="9000.02")
    for day in range(1, 29):
        money.visit(cast.client, day, 2 * 3600)
    assert money.run().made == 1
    (content,) = moneyworld.contents()
    kept = KNOWN[-1].cohabiting
    assert content.fee.headroom == max(Decimal("9000.01") - 4000 - kept, Decimal("0.00"))


def test_income_that_contradicts_the_register_leaves_that_client_out(
    money: Money, cast: Any
) -> None:
    money.income(cast.client, "9000", partner_net_income="9000")
    money.visit(cast.client)
    money.visit(cast.other_client)
    assert money.run().made == 1
    assert moneyworld.left() == {"B0001": "wrong_basis"}


@pytest.mark.sentence(73)
def test_the_price_is_the_same_whoever_performed(money: Money, cast: Any) -> None:
    money.visit(cast.client, 1)
    money.visit(cast.other_client, 1, employee=cast.charlie, provider=cast.company)
    money.run()
    ours, theirs = moneyworld.contents()
    assert [line.price for line in ours.lines] == [line.price for line in theirs.lines]
    assert ours.total == theirs.total


@pytest.mark.sentence(35)
def test_nothing_that_a_client_can_be_charged_for_is_a_lock(money: Money, cast: Any) -> None:
    """A home with a lock and an alarm, and nothing else to pay for, pays for the alarm alone."""
    client = money.client("B0009", front_door=cast.client.front_door)
    money.decision(client, "alarm", "1", "month")
    assert money.run().made == 1
    (content,) = moneyworld.contents()
    assert [line.article for line in content.lines] == ["alarm"]
    charged = {*Article}
    assert charged == {"care", "household", "alarm", "meals", "missed_visit"}
    assert charged == {*TariffPrice.Article.values}


def test_a_client_with_nothing_to_pay_for_gets_no_invoice(money: Money, cast: Any) -> None:
    money.visit(cast.client, outcome="missed", entry=None, exit=None)
    run = money.run()
    assert (run.made, run.left_out) == (0, 0)


@pytest.mark.threat(42)
@pytest.mark.sentence(72)
def test_a_month_that_is_made_is_made_already(money: Money, cast: Any) -> None:
    money.visit(cast.client)
    money.run()
    before = list(Invoice.objects.values_list("pk", "digest"))
    again = money.run()
    assert (again.made, again.left_out) == (0, 0)
    assert list(Invoice.objects.values_list("pk", "digest")) == before
    assert moneyworld.given() == 1


def test_what_stands_in_the_way_of_a_run_is_said_before_it_begins(money: Money, cast: Any) -> None:
    def snag() -> Snag:
        with pytest.raises(MoneyError) as caught:
            money.begin()
        return caught.value.snag

    MoneyRules.objects.all().delete()
    assert snag() is Snag.NO_SENDER
    moneyworld.rules(MoneyRules.Kind.SENDER, moneyworld.SENDER)
    money.month.closed_at = None
    money.month.save()
    assert snag() is Snag.MONTH_OPEN
    money.month.closed_at = NOW
    money.month.save()
    money.begin()
    assert snag() is Snag.RUNNING
    with pytest.raises(MoneyError) as caught:
        actions_run.begin_alone(money.accountant, money.month, issued=ISSUED, due=ISSUED, now=NOW)
    assert caught.value.snag is Snag.WRONG_DAYS


def test_a_month_without_the_laws_amounts_is_not_begun(money: Money) -> None:
    money.month.first = date(2027, 1, 1)
    money.month.save()
    with pytest.raises(MoneyError) as caught:
        money.begin()
    assert caught.value.snag is Snag.NO_AMOUNTS
    LegalAmounts.objects.create(
        valid_from=date(2027, 1, 1), price_base_amount=60000, single=7500, cohabiting=6100,
        cap_factor=Decimal("0.5392"), source="x", recorded_at=NOW,
    )  # fmt: skip
    money.begin()


def test_a_run_is_in_the_audit_log_from_its_beginning_to_its_end(money: Money, cast: Any) -> None:
    money.visit(cast.client)
    run = money.run()
    rows = AuditEvent.objects.filter(object_id=f"month-run:{run.pk}").order_by("pk")
    assert [row.verb for row in rows] == [Verb.RUN_BEGIN, Verb.INVOICE_ISSUE, Verb.RUN_END]
    assert rows[1].details == {"first": 1, "last": 1, "count": 1}
    assert rows[2].details == {"made": 1, "left_out": 0}


def test_whole_kronor_leave_the_ore_off_and_still_add_up(money: Money, cast: Any) -> None:
    moneyworld.rules(
        MoneyRules.Kind.FEES, FeePolicy(valid_from=date(2026, 1, 1), whole_kronor=True)
    )
    money.visit(cast.client, seconds=1234)
    money.run()
    (content,) = moneyworld.contents()
    assert content.total == Decimal("44.00")
    assert content.fee.rounding == Decimal("0.33")
    entries = vouchers.of_invoice(content, Accounts()).entries
    assert sum(entry.amount for entry in entries) == 0


def test_what_is_granted_rests_on_its_decisions(money: Money, cast: Any) -> None:
    policy = FeePolicy(valid_from=date(2026, 1, 1), charged=Charged.GRANTED)
    moneyworld.rules(MoneyRules.Kind.FEES, policy)
    money.decision(cast.client, "care", "3.5", "hours_a_week", valid_from=date(2026, 10, 22))
    money.run()
    line = next(each for each in moneyworld.contents()[0].lines if each.article == "care")
    assert line.quantity == 31 * 60 + 10 * 30
    assert [rest.basis for rest in line.rests_on] == [Basis.DECISION, Basis.DECISION]


def test_time_beyond_what_is_granted_is_not_charged(money: Money, cast: Any) -> None:
    policy = FeePolicy(valid_from=date(2026, 1, 1), charged=Charged.SMALLER)
    moneyworld.rules(MoneyRules.Kind.FEES, policy)
    for day in (1, 2, 3):
        money.visit(cast.client, day, 15 * 3600, hour=1)
    money.run()
    (line,) = moneyworld.contents()[0].lines
    assert line.quantity == 31 * 60
    assert [rest.basis for rest in line.rests_on] == [Basis.VISIT] * 3 + [Basis.DECISION]


def test_two_decisions_on_the_same_days_are_one_alarm(money: Money, cast: Any) -> None:
    money.decision(cast.client, "alarm", "1", "month")
    money.decision(cast.client, "alarm", "1", "month", valid_from=date(2026, 10, 15))
    assert money.run().made == 1
    (line,) = moneyworld.contents()[0].lines
    assert (line.quantity, len(line.rests_on)) == (31, 2)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_line_without_a_visit_or_an_article_and_no_minute_lost(
    money: Money, cast: Any, data: st.DataObject
) -> None:
    """Whatever the visits are: each line rests on what is there, and minutes add up."""
    with transaction.atomic():
        lasted = data.draw(st.lists(st.integers(1, 40_000), min_size=1, max_size=12))
        services = st.lists(
            st.sampled_from(["care", "household", "health_care"]), min_size=1, max_size=3,
            unique=True,
        )  # fmt: skip
        made = {
            str(money.visit(cast.client, at + 1, each, services=data.draw(services)).pk): each
            for at, each in enumerate(lasted)
        }
        money.run()
        timed = {"care", "household"}
        for content in moneyworld.contents():
            for line in content.lines:
                assert line.article in {*Article}
                assert line.rests_on
                seconds = sum(rest.seconds for rest in line.rests_on)
                assert line.quantity == seconds // 60 or line.article not in timed
                assert all(
                    rest.basis is Basis.VISIT and rest.ref in made
                    for rest in line.rests_on
                    if line.article in timed
                )
            total = sum(line.quantity for line in content.lines if line.article in timed)
            assert total <= sum(made.values()) // 60
        on_invoices = InvoicedVisit.objects.values_list("visit", flat=True)
        assert {str(pk) for pk in on_invoices} <= made.keys()
        transaction.set_rollback(True)


def test_what_is_stored_is_what_was_issued(money: Money, cast: Any) -> None:
    money.visit(cast.client)
    money.run()
    row = Invoice.objects.get()
    assert bytes(row.digest) == stored.digest(row.content)
