"""The pages of rules: what holds, what a change will do, and that it is asked for."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client as Browser
from django_tasks_db.models import DBTaskResult

from nyckelfri.care.policy import Policy, Scope
from nyckelfri.server.access import actions_draft, asif
from nyckelfri.server.access import policy as policies
from nyckelfri.server.access.because import people
from nyckelfri.server.access.models import AccessPolicy, PolicyDraft
from nyckelfri.server.console.rules import rows
from nyckelfri.server.jobs.worker import do_tasks
from nyckelfri.server.keys import actions_issue
from nyckelfri.server.keys.models import Issued
from nyckelfri.server.people.models import Role
from serverworld import Handset

pytestmark = pytest.mark.django_db(transaction=True)
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


def proposed(browser: Browser, **other: str) -> PolicyDraft:
    answer = browser.post("/regler/nya/", typed(**other))
    assert answer.status_code == 302, answer.content.decode()
    draft = PolicyDraft.objects.latest("pk")
    assert answer["Location"] == f"/regler/forslag/{draft.pk}/"
    return draft


def decide(browser: Browser, draft: PolicyDraft, do: str = "confirm") -> None:
    answer = browser.post(f"/regler/forslag/{draft.pk}/", {"do": do})
    assert answer["Location"] == f"/regler/forslag/{draft.pk}/"


def test_page_says_every_rule_that_holds(manager: Browser, read: Any) -> None:
    shown = read(manager, "/regler/")
    assert "Hela den grupp som kunden har valt" in shown
    assert "22:00" in shown
    assert "36 tim" in shown
    assert "Inga nya regler är på väg" in shown


@pytest.mark.sentence(3)
def test_new_rules_are_shown_with_their_effect_and_then_asked_for(
    manager: Browser, cast: Any, locks: Any, read: Any, alices_phone: Handset, moment: datetime
) -> None:
    actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    draft = proposed(manager, scope="visits", valid_from="2026-11-23")
    path = f"/regler/forslag/{draft.pk}/"
    assert "Väntar på att börja" in read(manager, path)
    do_tasks()
    shown = read(manager, path)
    assert "3 personer påverkas" in shown
    assert "Bob" in shown
    assert not AccessPolicy.objects.exists()
    decide(manager, draft)
    assert policies.on(date(2026, 11, 23)).scope is Scope.VISITS
    assert Issued.objects.filter(revoked_at=None).exists()
    assert "dras nu in" in read(manager, path)
    do_tasks()
    assert "är indragna" in read(manager, path)
    assert not Issued.objects.filter(revoked_at=None).exists()
    assert "Sedan 2026-11-23" in read(manager, "/regler/")


def test_rules_that_have_not_begun_are_taken_back(
    manager: Browser, cast: Any, locks: Any, read: Any
) -> None:
    draft = proposed(manager, scope="area")
    do_tasks()
    decide(manager, draft)
    path = f"/regler/{AccessPolicy.objects.get().pk}/ta-tillbaka/"
    assert path in read(manager, f"/regler/forslag/{draft.pk}/"), "the way back is shown"
    answer = manager.post(path, {"reason": "fel", "seen": seen_in(read(manager, path))})
    assert answer.headers["Location"] == "/regler/"
    assert policies.on(date(2026, 11, 24)) == Policy()
    assert DBTaskResult.objects.filter(task_path__endswith="withdraw_all").count() == 1


def test_draft_is_the_beginning_of_the_next_one(manager: Browser, read: Any) -> None:
    draft = proposed(manager, before_shift="7")
    shown = read(manager, f"/regler/forslag/{draft.pk}/andra/")
    assert 'value="7"' in shown
    assert "nämndens beslut" in shown


def test_two_people_decide_at_once_and_the_second_is_told(
    manager: Browser, log_in: Any, cast: Any, locks: Any, read: Any
) -> None:
    other = log_in(Role.SYSTEM_MANAGER)
    mine, theirs = proposed(manager, scope="area"), proposed(other, scope="visits")
    do_tasks()
    decide(manager, mine)
    assert "Behöver räknas igen" in read(other, f"/regler/forslag/{theirs.pk}/")
    decide(other, theirs)
    shown = read(other, f"/regler/forslag/{theirs.pk}/")
    assert "Någon annan har ändrat reglerna" in shown
    assert "Behöver räknas igen" in shown
    assert policies.on(date(2026, 11, 24)).scope is Scope.AREA
    decide(other, theirs)
    assert "har redan gått vidare" in read(other, f"/regler/forslag/{theirs.pk}/")
    assert AccessPolicy.objects.count() == 1
    decide(other, theirs, "again")
    do_tasks()
    decide(other, theirs)
    assert policies.on(date(2026, 11, 24)).scope is Scope.VISITS


def test_one_draft_is_decided_on_once(
    manager: Browser, log_in: Any, cast: Any, locks: Any, read: Any
) -> None:
    draft = proposed(manager, scope="area")
    do_tasks()
    other = log_in(Role.SYSTEM_MANAGER)
    for browser in (manager, other):
        decide(browser, draft)
    assert "har redan gått vidare" in read(other, f"/regler/forslag/{draft.pk}/")
    assert AccessPolicy.objects.count() == 1


def test_day_that_passed_while_somebody_thought_is_told(
    manager: Browser, cast: Any, locks: Any, read: Any
) -> None:
    draft = proposed(manager, scope="area")
    do_tasks()
    PolicyDraft.objects.filter(pk=draft.pk).update(valid_from=date(2026, 11, 22))
    decide(manager, draft)
    shown = read(manager, f"/regler/forslag/{draft.pk}/")
    assert "Dagen har varit" in shown
    assert not AccessPolicy.objects.exists()
    assert "Väntar på ditt beslut" in shown, "nothing is lost"


def test_error_of_ours_says_so_and_the_draft_is_worked_out_again(
    manager: Browser, cast: Any, locks: Any, read: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError("disk")

    draft = proposed(manager, scope="area")
    path = f"/regler/forslag/{draft.pk}/"
    with monkeypatch.context() as change:
        change.setattr(asif, "policy_change", broken)
        do_tasks()
    assert "Något gick fel hos oss" in read(manager, path)
    decide(manager, draft, "again")
    do_tasks()
    with monkeypatch.context() as change:
        change.setattr(actions_issue, "withdraw", broken)
        decide(manager, draft)
        do_tasks()
    assert AccessPolicy.objects.exists()
    assert "görs om inom en kvart" in read(manager, path)


def test_page_tells_each_step_and_when_nothing_happens(
    manager: Browser, cast: Any, locks: Any, read: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = proposed(manager, scope="area")
    path = f"/regler/forslag/{draft.pk}/"
    seen = []

    def look(found: Any) -> Any:
        seen.append(read(manager, path))
        return people(found)

    monkeypatch.setattr(asif, "people", look)
    do_tasks()
    assert "Jämför" in seen[0]
    assert "3 av 4" in seen[0]
    stuck = proposed(manager, scope="area")
    PolicyDraft.objects.filter(pk=stuck.pk).update(
        changed_at=F("changed_at") - timedelta(minutes=5)
    )
    assert "Inget har hänt på en stund" in read(manager, f"/regler/forslag/{stuck.pk}/")


def test_drafts_go_after_a_day(manager: Browser, cast: Any, moment: datetime) -> None:
    proposed(manager, scope="area")
    actions_draft.forget_old(moment + timedelta(hours=23))
    assert PolicyDraft.objects.exists()
    actions_draft.forget_old(moment + timedelta(hours=25))
    assert not PolicyDraft.objects.exists()


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
    assert not PolicyDraft.objects.exists()


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
