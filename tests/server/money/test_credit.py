"""An invoice is credited and made anew; what is issued never changes; the trail of a dispute."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

import moneyworld
from auditworld import execute
from moneyworld import NOW, Money
from nyckelfri.server.access.viewers import Viewer, viewer
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.money import actions_credit, actions_disputes
from nyckelfri.server.money.errors import MoneyError, Snag
from nyckelfri.server.money.models import Dispute, DisputeWord, Invoice, InvoicedVisit, MonthRun
from nyckelfri.server.money.papers import vouchers
from nyckelfri.server.money.papers.accounts import Accounts
from nyckelfri.server.people.models import Employee, Role
from nyckelfri.server.visits.models import Visit

LATER = NOW + timedelta(days=2)


@pytest.fixture
def invoice(money: Money, cast: Any) -> Invoice:
    """The client's invoice of one visit, an hour long."""
    money.visit(cast.client, 1, 3600)
    money.run()
    return Invoice.objects.get()


def credit(money: Money, invoice: Invoice) -> Invoice:
    return actions_credit.credit(money.accountant, invoice, reason="Fel tid", now=LATER)


def anew(money: Money, cast: Any) -> MonthRun:
    today = LATER.date()
    return actions_credit.make_anew(
        money.accountant, cast.client, money.month, issued=today, now=LATER
    )


def snag_of(call: Any, *args: Any, **kwargs: Any) -> Snag:
    with pytest.raises(MoneyError) as caught:
        call(*args, **kwargs)
    return caught.value.snag


def test_a_credit_takes_the_whole_back_under_a_number_of_its_own(
    money: Money, invoice: Invoice
) -> None:
    made = credit(money, invoice)
    assert (made.number, made.kind, made.credits) == (2, "credit", invoice)
    assert made.total == invoice.total
    was, back = moneyworld.contents()
    assert back.credits is not None
    assert (back.credits.number, back.credits.reason) == (1, "Fel tid")
    both = [*vouchers.of_invoice(was, Accounts()).entries]
    both += vouchers.of_invoice(back, Accounts()).entries
    for account in {entry.account for entry in both}:
        assert sum(each.amount for each in both if each.account == account) == 0
    assert snag_of(credit, money, invoice) is Snag.CREDITED
    unread = actions_credit.credit
    assert snag_of(unread, money.accountant, invoice, reason="\u200b", now=NOW) is Snag.NO_TEXT
    assert snag_of(credit, money, made) is Snag.IS_CREDIT
    row = AuditEvent.objects.get(verb=Verb.INVOICE_CREDIT)
    assert (row.object_id, row.reason, row.details) == ("invoice:1", "Fel tid", {"credit": 2})


def test_after_the_credit_the_month_is_reckoned_anew(
    money: Money, cast: Any, invoice: Invoice
) -> None:
    assert snag_of(anew, money, cast) is Snag.NOT_CREDITED
    assert MonthRun.objects.count() == 1
    credit(money, invoice)
    visit = InvoicedVisit.objects.get().visit
    moneyworld.corrected(visit, 1800, money.carer)
    run = anew(money, cast)
    assert (run.invoices.count(), MonthRun.objects.get(pk=run.pk).state) == (1, "done")
    new = Invoice.objects.get(number=3)
    assert (new.version, new.client) == (2, cast.client)
    assert [str(each.total) for each in moneyworld.contents()] == ["133.00", "133.00", "66.50"]
    assert snag_of(anew, money, cast) is Snag.NOT_CREDITED
    again = money.run()
    assert (again.made, moneyworld.numbers()) == (0, [1, 2, 3])


def test_what_is_in_the_way_of_the_new_one_is_said(
    money: Money, cast: Any, invoice: Invoice
) -> None:
    credit(money, invoice)
    Visit.objects.update(approved_at=None, approved_by=None)
    run = anew(money, cast)
    assert not run.invoices.exists()
    assert run.those_left_out.get().why == "not_reviewed"


def test_a_month_s_run_makes_anew_whoever_is_credited(money: Money, invoice: Invoice) -> None:
    credit(money, invoice)
    assert money.run().made == 1
    assert Invoice.objects.get(number=3).version == 2


@pytest.mark.threat(61)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE money_invoice SET total = 0",
        "UPDATE money_invoice SET content = '{}' WHERE number = 1",
        "DELETE FROM money_invoice",
        "UPDATE money_invoicedvisit SET visit_id = visit_id",
        "DELETE FROM money_invoicedvisit",
    ],
)
def test_an_administrator_of_the_database_cannot_change_what_is_issued(
    invoice: Invoice, statement: str
) -> None:
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        execute(statement)
    assert Invoice.objects.get().digest == invoice.digest
    assert InvoicedVisit.objects.count() == 1


@pytest.mark.threat(61)
def test_nor_can_the_program_itself(invoice: Invoice) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Invoice.objects.update(total=0)
    with pytest.raises(IntegrityError), transaction.atomic():
        invoice.visits.all().delete()


def test_a_dispute_keeps_all_that_is_said(money: Money, invoice: Invoice) -> None:
    row = actions_disputes.open_dispute(
        money.accountant, invoice, 1, text="Ingen kom den 1 oktober.", now=NOW
    )
    client, ours = DisputeWord.Voice.CLIENT, DisputeWord.Voice.MUNICIPALITY
    actions_disputes.answer(money.accountant, row, ours, text="Vi tittar.", now=NOW)
    actions_disputes.answer(money.accountant, row, client, text="Tack.", now=NOW)
    outcome = Dispute.Outcome.CORRECTED
    actions_disputes.settle(money.accountant, row, outcome, text="Du har rätt.", now=LATER)
    row.refresh_from_db()
    assert (row.outcome, row.settled_at) == ("corrected", LATER)
    assert list(row.words.values_list("voice", flat=True)) == [client, ours, client, ours]
    settle = actions_disputes.settle
    assert snag_of(settle, money.accountant, row, outcome, text="x", now=LATER) is Snag.SETTLED
    verbs = AuditEvent.objects.filter(object_id=f"dispute:{row.pk}").values_list("verb", flat=True)
    assert [*verbs] == [
        Verb.DISPUTE_OPEN, Verb.DISPUTE_ANSWER, Verb.DISPUTE_ANSWER, Verb.DISPUTE_SETTLE,
    ]  # fmt: skip


def test_what_cannot_be_a_dispute_is_refused(money: Money, invoice: Invoice) -> None:
    def said(line: int, text: str) -> Snag:
        call = actions_disputes.open_dispute
        return snag_of(call, money.accountant, invoice, line, text=text, now=NOW)

    assert said(2, "x") is Snag.NO_LINE
    assert said(-1, "x") is Snag.NO_LINE
    assert said(1, " \x00 ") is Snag.NO_TEXT
    assert said(1, "x" * 1001) is Snag.LONG_TEXT
    assert not Dispute.objects.exists()


@pytest.mark.threat(50)
def test_who_may_not_does_nothing(money: Money, cast: Any, invoice: Invoice) -> None:
    planner = Employee.objects.create(
        number="20009", name="P", role=Role.PLANNER, employed_from="2024-01-01"
    )
    seen = viewer(planner)
    assert isinstance(seen, Viewer)
    calls: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = [
        (actions_credit.credit, (invoice,), {"reason": "x"}),
        (actions_credit.make_anew, (cast.client, money.month), {"issued": NOW.date()}),
        (actions_disputes.open_dispute, (invoice, 1), {"text": "x"}),
    ]
    for call, args, more in calls:
        assert snag_of(call, seen, *args, now=NOW, **more) is Snag.NOT_ALLOWED
    assert Invoice.objects.count() == 1
