"""Rules for pay: what holds, what changes, and the decision."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client as Browser

import paidworld
from nyckelfri.care.pay import Ground, Kind, PaidTime, PayPolicy
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.money import actions_rules, pay
from nyckelfri.server.money.models import MoneyRules
from nyckelfri.server.people.models import Role

NEW = "/ersattning/regler/nya/"
AS_THEY_ARE = {
    "valid_from": "2026-12-01", "time": "performed", "missed_as": "declined", "pay_both": "on",
    "pay_flagged": "on", "new_client_minutes": "0", "reason": "Nämnden 2026-11-20",
}  # fmt: skip


@pytest.fixture
def accountant(cast: Any, log_in: Any) -> Browser:
    browser: Browser = log_in(Role.ACCOUNTANT)
    return browser


def test_rules_and_prices_as_they_are(accountant: Browser, read: Any) -> None:
    paidworld.price()
    paidworld.price(kronor="62.50", unit="percent", ground="declined", area="Norr")
    shown = read(accountant, "/ersattning/regler/")
    assert "Så som programmet räknar från början." in shown
    assert "Tiden hos kunden, från början till slut" in shown
    assert "464,00 kr per timme" in shown
    assert "62,5 % av priset för utfört besök" in shown
    assert "hela kommunen" in shown


def test_nothing_is_kept_before_the_decision(accountant: Browser, read: Any) -> None:
    changed = {**AS_THEY_ARE, "time": "granted", "fixed_household": "60", "do": "preview"}
    shown = read(accountant, NEW, **changed)
    assert "Service 60 min" in shown
    assert "Besluta" in shown
    assert not MoneyRules.objects.exists()
    same = read(accountant, NEW, **{**AS_THEY_ARE, "do": "preview"})
    assert "Ingenting skiljer." in same
    assert "Besluta" not in same


def test_what_is_decided_holds_from_its_day_and_stands_in_the_log(
    accountant: Browser, read: Any
) -> None:
    said = {
        **AS_THEY_ARE, "time": "granted", "missed_as": "nothing", "fixed_household": "60",
        "new_client_minutes": "240", "do": "record",
    }  # fmt: skip
    del said["pay_both"], said["pay_flagged"]
    assert accountant.post(NEW, said).status_code == 302
    assert pay.policies()[-1] == PayPolicy(
        valid_from=date(2026, 12, 1),
        time=PaidTime.GRANTED,
        kinds=(Kind("household", "household", 60),),
        pay_both=False,
        pay_flagged=False,
        missed_as=None,
        new_client_minutes=240,
    )
    shown = read(accountant, "/ersattning/regler/")
    assert "Från 2026-12-01" in shown
    assert "Nämnden 2026-11-20" in shown
    event = AuditEvent.objects.get(verb="staff:money-rules:record")
    assert (event.object_id, event.reason) == ("money-rules:pay", "Nämnden 2026-11-20")


def test_the_form_begins_with_the_rules_as_they_are(accountant: Browser, read: Any) -> None:
    kinds = (Kind("cleaning", "household", 96),)
    rules = PayPolicy(valid_from=date(2026, 11, 1), kinds=kinds, missed_as=Ground.MISSED)
    kind = MoneyRules.Kind.PAY
    now = paidworld.LATER.replace(month=11, day=1)
    actions_rules.record_rules(paidworld.accountant(), kind, rules, reason="x", now=now)
    shown = read(accountant, NEW)
    assert 'name="fixed_cleaning" value="96"' in shown
    said = {**AS_THEY_ARE, "missed_as": "missed", "fixed_cleaning": "90", "do": "record"}
    assert accountant.post(NEW, said).status_code == 302
    assert pay.policies()[-1].kinds == (Kind("cleaning", "household", 90),)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"new_client_minutes": "1441"}, "1440"),
        ({"fixed_care": "-1"}, "0"),
        ({"time": "guessed"}, "guessed"),
        ({"valid_from": ""}, "error"),
        ({"reason": ""}, "error"),
        ({"reason": "x" * 201}, "200"),
    ],
)
def test_what_cannot_be_a_rule_is_told_beside_its_field(
    accountant: Browser, read: Any, wrong: dict[str, str], words: str
) -> None:
    shown = read(accountant, NEW, 422, **{**AS_THEY_ARE, **wrong, "do": "record"})
    assert 'class="error"' in shown
    assert words in shown
    assert not MoneyRules.objects.exists()


def test_rules_never_reach_into_a_month_that_has_statements(
    cast: Any, accountant: Browser, read: Any
) -> None:
    paidworld.price()
    paidworld.visit(cast.client, cast.alice, 2)
    paidworld.make(paidworld.closed())
    said = {**AS_THEY_ARE, "valid_from": "2026-11-15", "do": "record"}
    assert "Det finns underlag för den månaden" in read(accountant, NEW, 422, **said)
    assert not MoneyRules.objects.exists()
    assert accountant.post(NEW, {**AS_THEY_ARE, "do": "record"}).status_code == 302
