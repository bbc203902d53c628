"""The pages of what fees are reckoned with: sender, accounts, rules, the law's amounts, tariff."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client as Browser

import moneyworld
from moneyworld import LONG_AGO, Money
from nyckelfri.care.billing import Article
from nyckelfri.care.feepolicy import Charged, FeePolicy
from nyckelfri.care.performed import Outcome
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.console.fees.forms import PolicyForm
from nyckelfri.server.money import known
from nyckelfri.server.money.models import LegalAmounts, MoneyRules
from nyckelfri.server.money.papers.accounts import Accounts
from nyckelfri.server.money.sender import Sender

_Kind = MoneyRules.Kind
SENDER = {
    "valid_from": "2026-11-24", "name": "Björkviks kommun", "org_number": "212999-2083",
    "bankgiro": "5050-1055", "telephone": "0123-400 00", "days_to_pay": "30",
    "vat_number": "SE 212999208301", "reason": "Nytt bankgiro",
}  # fmt: skip
POLICY = {
    "valid_from": "2026-12", "charged": "smaller", "doubled": "once", "split": "equally",
    "monthly": "by_days", "in_vain": ["declined"], "outside_cap": ["meals", "missed_visit"],
    "alarm_visits": "on", "reason": "KF 2026-11-10",
}  # fmt: skip


@pytest.fixture
def money(cast: Any) -> Money:
    """October, with a sender and a tariff."""
    return moneyworld.set_up(cast.alice)


@pytest.fixture
def accountant(money: Money, log_in: Any) -> Browser:
    """The accountant, logged in, reading Swedish."""
    browser: Browser = log_in(number="20001")
    return browser


def test_all_that_holds_is_on_one_page(accountant: Browser, read: Any) -> None:
    shown = read(accountant, "/regler/avgifter/")
    for said in ("5050-1055", "Den tid som utfördes", "1510 Kundfordringar", "Sedan 2024-01-01"):
        assert said in shown


def test_a_sender_is_shown_and_then_recorded(accountant: Browser, read: Any) -> None:
    path = "/regler/avgifter/avsandare/"
    assert 'value="Björkviks kommun"' in read(accountant, path)
    shown = read(accountant, path, **SENDER)
    assert "Det här ändras" in shown
    assert "Adress: Box 12 → <strong>–</strong>" in shown
    assert MoneyRules.objects.count() == 1
    answer = accountant.post(path, {**SENDER, "do": "record"})
    assert answer.headers["Location"] == "/regler/avgifter/"
    row = MoneyRules.objects.get(valid_from=date(2026, 11, 24))
    assert row.reason == "Nytt bankgiro"
    assert known.rules(_Kind.SENDER, Sender, date(2026, 11, 24)).vat_number == "SE212999208301"
    assert "Nya gäller från och med 2026-11-24" in read(accountant, "/regler/avgifter/")
    deed = AuditEvent.objects.get(verb=Verb.MONEY_RULES)
    assert (deed.object_id, deed.reason) == ("money-rules:sender", "Nytt bankgiro")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"org_number": "212999-2084"}, "Tio siffror"),
        ({"bankgiro": "5050-1056"}, "Sju eller åtta siffror"),
        ({"vat_number": "SE556677889901"}, "organisationsnumret och 01"),
        ({"reason": ""}, "aria-invalid"),
        ({"valid_from": "i morgon"}, "aria-invalid"),
    ],
)
def test_numbers_that_cannot_be_right_are_said_beside_their_field(
    accountant: Browser, read: Any, wrong: dict[str, str], said: str
) -> None:
    posted = {**SENDER, **wrong, "do": "record"}
    shown = read(accountant, "/regler/avgifter/avsandare/", 422, **posted)
    assert said in shown
    assert "0123-400 00" in shown, "what was typed is not lost"
    assert MoneyRules.objects.count() == 1


def test_what_is_issued_keeps_its_sender_and_its_accounts(
    money: Money, cast: Any, accountant: Browser, read: Any
) -> None:
    money.visit(cast.client)
    money.run()
    posted = {**SENDER, "valid_from": "2026-11-24", "do": "record"}
    assert "Det finns redan fakturor" in read(
        accountant, "/regler/avgifter/avsandare/", 422, **posted
    )
    assert accountant.post(
        "/regler/avgifter/avsandare/", {**posted, "valid_from": "2026-11-25"}
    ).status_code == 302  # fmt: skip


@pytest.mark.sentence(74)
def test_fee_rules_begin_with_a_month_that_is_not_invoiced(
    money: Money, cast: Any, accountant: Browser, read: Any
) -> None:
    path = "/regler/avgifter/avgiftsregler/"
    money.visit(cast.client)
    money.run()
    said: Any = {**POLICY, "do": "record"}
    assert "Det finns redan fakturor" in read(
        accountant, path, 422, **{**said, "valid_from": "2026-10"}
    )
    assert "Skriv månaden" in read(accountant, path, 422, **{**said, "valid_from": "x"})
    shown = read(accountant, path, **POLICY)
    assert "Den tid som utfördes → <strong>Den tid som utfördes, men aldrig mer" in shown
    assert accountant.post(path, said).status_code == 302
    assert known.rules(_Kind.FEES, FeePolicy, date(2026, 12, 1)) == FeePolicy(
        valid_from=date(2026, 12, 1),
        charged=Charged.SMALLER,
        in_vain=frozenset({Outcome.DECLINED}),
        outside_cap=frozenset({Article.MEALS, Article.MISSED_VISIT}),
        alarm_visits=True,
    )
    assert known.rules(_Kind.FEES, FeePolicy, date(2026, 11, 1)).charged is Charged.PERFORMED


def test_every_fee_rule_can_be_typed_and_comes_back_as_it_was() -> None:
    assert {*PolicyForm.settings} == {each.name for each in fields(FeePolicy)} - {"valid_from"}
    policy = FeePolicy(
        valid_from=date(2026, 12, 1),
        in_vain=frozenset({Outcome.MISSED}),
        outside_cap=frozenset(),
        whole_kronor=True,
    )
    typed = {**PolicyForm.typed(policy), "valid_from": "2026-12", "reason": "x"}
    form = PolicyForm(typed)
    assert form.is_valid(), form.errors
    assert form.rules() == policy


def test_accounts_are_changed_and_their_names_with_them(accountant: Browser, read: Any) -> None:
    path = "/regler/avgifter/konton/"
    said = {
        "valid_from": "2026-11-24", "receivable": "1511", "income_alarm": "3133",
        "income_meals": "", "income_care": "3140", "other_income": "3132", "reduction": "3139",
        "rounding": "3690", "payable": "2510", "other_purchase": "4630", "cost_centre": "VO-1",
        "names": "1511 Kundfordringar vård\n3140 Omvårdnad", "reason": "Kontoplan 2027",
    }  # fmt: skip
    assert "1510 Kundfordringar" in read(accountant, path)
    assert "Kundfordringar: 1510 → <strong>1511</strong>" in read(accountant, path, **said)
    wrong = {**said, "names": "Kundfordringar", "receivable": "15x"}
    assert "Skriv kontot, ett mellanslag" in read(accountant, path, 422, **wrong)
    assert accountant.post(path, {**said, "do": "record"}).status_code == 302
    accounts = known.rules(_Kind.ACCOUNTS, Accounts, date(2026, 11, 24))
    assert accounts.income_of("care") == "3140"
    assert accounts.income_of("meals") == "3132"
    assert accounts.names == {"1511": "Kundfordringar vård", "3140": "Omvårdnad"}


def test_a_year_of_the_law_is_added_with_where_it_comes_from(
    money: Money, cast: Any, accountant: Browser, read: Any
) -> None:
    path = "/regler/avgifter/belopp/"
    shown = read(accountant, path)
    assert "2 660,05 kr" in shown
    assert "SFS 2025:872 †" in shown
    said = {
        "valid_from": "2027-01-01", "price_base_amount": "60000", "single": "7400",
        "cohabiting": "6050", "cap_factor": "0.5392", "source": "SFS 2026:999",
    }  # fmt: skip
    assert "2 696,00 kr" in read(accountant, path, **said)
    assert not LegalAmounts.objects.exists()
    assert accountant.post(path, {**said, "do": "record"}).status_code == 302
    assert LegalAmounts.objects.get().single == Decimal("7400.00")
    assert "inlagt här" in read(accountant, path)
    wrong = {**said, "cohabiting": "8000"}
    assert "inte lägre minimibelopp" in read(accountant, path, 422, **wrong)
    money.visit(cast.client)
    money.run()
    past = {**said, "valid_from": "2026-07-01", "do": "record"}
    assert "Det finns redan fakturor" in read(accountant, path, 422, **past)


@pytest.mark.sentence(73)
@pytest.mark.sentence(35)
def test_the_tariff_is_shown_as_it_is(accountant: Browser, read: Any) -> None:
    shown = read(accountant, "/regler/avgifter/taxa/")
    assert "133,00 kr i timmen" in shown
    assert "desamma vilken utförare" in shown
    assert "Låset kostar inget" in shown
    assert LONG_AGO.isoformat() in shown
