"""The pages of rules: what holds, what a change will do, and that it is asked for."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client as Browser

from nyckelfri.care.policy import Policy, Scope
from nyckelfri.server.access import policy as policies
from nyckelfri.server.access.models import AccessPolicy
from nyckelfri.server.console.rules import rows
from nyckelfri.server.people.models import Role

TOMORROW = "2026-11-24"


@pytest.fixture
def manager(cast: Any, log_in: Any) -> Browser:
    browser: Browser = log_in(Role.SYSTEM_MANAGER)
    return browser


def typed(**other: str) -> dict[str, str]:
    begin = {
        name: value.strftime("%H:%M") if hasattr(value, "strftime") else str(value)
        for name, value in rows.initial(Policy()).items()
    }
    begin["alarm_group_standing"] = "on"
    return {**begin, "valid_from": TOMORROW, "reason": "nämndens beslut", **other}


def seen_in(shown: str) -> str:
    return shown.partition('name="seen" value="')[2].partition('"')[0]


def test_page_says_every_rule_that_holds(manager: Browser, read: Any) -> None:
    shown = read(manager, "/regler/")
    assert "Hela den grupp som kunden har valt" in shown
    assert "22:00" in shown
    assert "36 tim" in shown
    assert "Inga nya regler är på väg" in shown


@pytest.mark.sentence(3)
def test_new_rules_are_shown_with_their_effect_and_then_asked_for(
    manager: Browser, cast: Any, locks: Any, read: Any
) -> None:
    read(manager, "/regler/nya/")
    said = typed(scope="visits")
    shown = read(manager, "/regler/nya/", **said)
    assert "3 personer påverkas" in shown
    assert "Bob" in shown
    assert "2 dörrar, 17 tim" in shown
    assert not AccessPolicy.objects.exists()
    answer = manager.post("/regler/nya/", {**said, "seen": seen_in(shown), "confirm": "1"})
    assert answer.headers["Location"] == "/regler/"
    assert policies.on(date(2026, 11, 24)).scope is Scope.VISITS
    assert "Från 2026-11-24" in read(manager, "/regler/")


def test_rules_that_have_not_begun_are_taken_back(
    manager: Browser, cast: Any, locks: Any, read: Any
) -> None:
    said = typed(scope="area")
    seen = seen_in(read(manager, "/regler/nya/", **said))
    manager.post("/regler/nya/", {**said, "seen": seen, "confirm": "1"})
    path = f"/regler/{AccessPolicy.objects.get().pk}/ta-tillbaka/"
    answer = manager.post(path, {"reason": "fel", "seen": seen_in(read(manager, path))})
    assert answer.headers["Location"] == "/regler/"
    assert policies.on(date(2026, 11, 24)) == Policy()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"valid_from": "2026-11-22"}, "Dagen har varit"),
        ({"night_starts": "05:00"}, "Reglerna kan inte vara så"),
        ({"before_shift": "241"}, "Reglerna kan inte vara så"),
        ({"before_shift": "-1"}, "id_before_shift_error"),
        ({"scope": "everybody"}, "id_scope_error"),
        ({"reason": ""}, "id_reason_error"),
    ],
)
def test_rules_that_cannot_be_are_told_and_not_recorded(
    manager: Browser, wrong: dict[str, str], words: str, read: Any
) -> None:
    shown = read(manager, "/regler/nya/", 422, **typed(**wrong))
    assert words in shown
    assert not AccessPolicy.objects.exists()


def test_rules_that_somebody_else_changed_meanwhile_are_told(
    manager: Browser, cast: Any, locks: Any, read: Any
) -> None:
    said = typed(scope="area")
    seen = seen_in(read(manager, "/regler/nya/", **said))
    for _ in range(2):
        manager.post("/regler/nya/", {**said, "seen": seen, "confirm": "1"})
    assert AccessPolicy.objects.count() == 1
    assert "Någon annan har ändrat reglerna" in read(manager, "/regler/")


@pytest.mark.parametrize("role", [Role.PLANNER, Role.CARE_ASSESSOR, Role.AUDITOR])
def test_only_the_system_manager_sees_the_rules(
    cast: Any, log_in: Any, role: Role, read: Any
) -> None:
    browser = log_in(role)
    for path in ("/regler/", "/regler/nya/"):
        read(browser, path, 403)


def test_what_is_shown_and_typed_comes_back_the_same() -> None:
    policy = Policy()
    said = rows.initial(policy)
    assert {name: rows._typed(value, name) for name, value in said.items()} == {
        name: getattr(policy, name) for name in rows.SETTINGS
    }
