"""A phone that changes hands, comes back, is lost: what it can still do, and who is told."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django_tasks_db.models import DBTaskResult

from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.jobs.worker import do_tasks
from nyckelfri.server.keys import actions_issue
from nyckelfri.server.keys.models import Issued, Revocation
from nyckelfri.server.people.models import Employee, Phone, PhoneState
from nyckelfri.server.phones import actions, actions_signin, hook
from nyckelfri.server.phones.errors import PhoneStateError
from nyckelfri.server.phones.models import PersonalSession
from serverworld import PASSWORD, Api, Handset

MINUTE = timedelta(minutes=1)


# Changing hands.


@pytest.mark.threat(41)
def test_phone_that_changes_hands_keeps_nothing_of_whom_it_belonged_to(
    cast: Any, locks: Any, alices_phone: Handset, passwords: None, moment: datetime
) -> None:
    row = alices_phone.row
    actions_signin.sign_in(row, username="10001", password=PASSWORD, now=moment)
    held = actions_issue.issue_for(cast.alice, row, now=moment)
    moved = actions.hand_over(row, cast.bob, reason="ny vikarie", actor="test", now=moment)
    assert (moved.state, moved.holder) == (PhoneState.REGISTERED, cast.bob)
    assert not PersonalSession.objects.filter(closed_at=None).exists()
    assert set(Issued.objects.values_list("revoked_at", flat=True)) == {moment}
    (named,) = Revocation.objects.all()
    assert named.value == alices_phone.row.thumbprint
    assert named.until == max(grant.not_after for grant in held)
    said = AuditEvent.objects.get(verb="staff:phone:hand-over")
    assert said.details == {"from": "10001", "to": "10002"}


@pytest.mark.threat(41)
@pytest.mark.sentence(95)
def test_phone_that_changed_hands_or_came_back_hears_at_its_next_call_to_empty_itself(
    cast: Any, api: Api, alices_phone: Handset, moment: datetime
) -> None:
    assert api.post("time", {"installation": "00" * 8, "nonce": "A" * 22}).status == 404
    actions.hand_over(alices_phone.row, cast.bob, reason="x", actor="test", now=moment)
    answer = api.post("sync")
    assert (answer.status, answer.code) == (403, "phone_blocked")
    actions.take_back(alices_phone.row, reason="x", actor="test", now=moment)
    assert api.post("sync").code == "phone_blocked"
    actions.hand_over(alices_phone.row, cast.alice, reason="x", actor="test", now=moment)
    code = actions.invite(alices_phone.row, actor="test", now=moment)
    again = actions.enrol(code, public_key=alices_phone.public_key, model="T", now=moment)
    assert api.post("sync").code == "unknown_phone", "the old token is worth nothing any more"
    assert again.phone.state == PhoneState.ENROLLED


def test_phone_in_the_cupboard_gets_no_code_before_somebody_answers_for_it(
    cast: Any, alices_phone: Handset, moment: datetime
) -> None:
    row = actions.take_back(alices_phone.row, reason="sommar", actor="test", now=moment)
    assert row.holder is None
    with pytest.raises(PhoneStateError, match="who will carry it"):
        actions.invite(row, actor="test", now=moment)
    with pytest.raises(PhoneStateError, match="already"):
        actions.take_back(row, reason="x", actor="test", now=moment)


def test_phone_is_handed_to_somebody_else_who_works_here(
    cast: Any, alices_phone: Handset, moment: datetime
) -> None:
    Employee.objects.filter(pk=cast.bob.pk).update(employed_till=date(2026, 11, 22))
    cast.bob.refresh_from_db()
    for employee, why in ((cast.alice, "already"), (cast.bob, "not employed")):
        with pytest.raises(PhoneStateError, match=why):
            actions.hand_over(alices_phone.row, employee, reason="x", actor="test", now=moment)


@pytest.mark.sentence(12)
def test_blocked_or_retired_phone_does_not_change_hands(
    cast: Any, alices_phone: Handset, moment: datetime
) -> None:
    row = alices_phone.row
    for end in (actions.block, actions.retire):
        end(row, reason="x", actor="test", now=moment)
        with pytest.raises(PhoneStateError):
            actions.hand_over(row, cast.bob, reason="x", actor="test", now=moment)
        with pytest.raises(PhoneStateError):
            actions.take_back(row, reason="x", actor="test", now=moment)


# When a phone was last heard of.


def test_sync_notes_when_a_phone_was_last_heard_of_once_a_minute(
    api: Api, keys: Any, alices_phone: Handset, set_clock: Any, moment: datetime
) -> None:
    def synced(now: datetime) -> datetime | None:
        set_clock(now)
        assert api.post("sync").status == 200
        return Phone.objects.get(pk=alices_phone.row.pk).synced_at

    assert synced(moment) == moment
    assert synced(moment + MINUTE / 2) == moment
    assert synced(moment + MINUTE) == moment + MINUTE
    assert synced(moment - MINUTE) == moment - MINUTE, "a clock that was ahead is not believed"


# Device management.


@pytest.fixture
def told(tmp_path: Path, settings: Any) -> Callable[[], list[dict[str, str]]]:
    """A real program that keeps what it is told; `fail` beside it makes it fail."""
    program, log = tmp_path / "manage", tmp_path / "told"
    program.write_text(f"#!/bin/sh\ncat >> '{log}'\necho >> '{log}'\ntest ! -e '{tmp_path}/fail'\n")
    program.chmod(0o700)
    settings.PHONE_HOOK = str(program)

    def lines() -> list[dict[str, str]]:
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    return lines


def tries() -> list[tuple[str, dict[str, Any]]]:
    rows = AuditEvent.objects.filter(verb="server:phone:tell").order_by("pk")
    return [(row.reason, row.details) for row in rows]


@pytest.mark.sentence(95)
@pytest.mark.django_db(transaction=True)
def test_municipality_s_program_is_told_of_a_block_after_the_commit_and_outside_the_request(
    cast: Any, told: Any, alices_phone: Handset, moment: datetime
) -> None:
    actions.block(alices_phone.row, reason="lost", actor="test", now=moment)
    assert told() == [], "whoever blocks a phone does not wait for it"
    do_tasks()
    assert told() == [
        {
            "event": "blocked",
            "phone": alices_phone.row.identifier.hex(),
            "label": "A",
            "when": "2026-11-23T06:00:00+00:00",
        }
    ]
    ((why, details),) = tries()
    assert why == "exit status 0"
    assert details == {"event": "blocked", "done": True, "try": 1, "again": False}


@pytest.mark.django_db(transaction=True)
def test_program_that_fails_is_tried_again_until_it_works(
    cast: Any, told: Any, tmp_path: Path, alices_phone: Handset, moment: datetime
) -> None:
    (tmp_path / "fail").touch()
    actions.block(alices_phone.row, reason="lost", actor="test", now=moment)
    do_tasks()
    do_tasks()
    assert [details["again"] for _, details in tries()] == [True], "not before its time"
    (tmp_path / "fail").unlink()
    DBTaskResult.objects.filter(status="READY").update(run_after="2020-01-01T00:00Z")
    do_tasks()
    assert [(details["done"], details["try"]) for _, details in tries()] == [(False, 1), (True, 2)]
    assert len(told()) == 2


@pytest.mark.django_db(transaction=True)
def test_program_that_always_fails_is_given_up_at_last_and_that_stands_in_the_log(
    cast: Any, settings: Any, alices_phone: Handset, moment: datetime
) -> None:
    settings.PHONE_HOOK = "/nowhere/program"
    actions.block(alices_phone.row, reason="lost", actor="test", now=moment)
    for _ in range(10):
        DBTaskResult.objects.filter(status="READY").update(run_after="2020-01-01T00:00Z")
        do_tasks()
    assert [details["again"] for _, details in tries()] == [True] * 5 + [False]
    assert tries()[-1][0] == "cannot be started: FileNotFoundError"


@pytest.mark.django_db(transaction=True)
def test_nothing_is_queued_where_no_program_is_named_or_the_block_is_rolled_back(
    cast: Any, told: Any, settings: Any, alices_phone: Handset, moment: datetime
) -> None:
    with pytest.raises(PhoneStateError):
        actions.unblock(alices_phone.row, reason="x", actor="test", now=moment)
    settings.PHONE_HOOK = ""
    actions.block(alices_phone.row, reason="lost", actor="test", now=moment)
    assert not DBTaskResult.objects.exists()


def test_program_that_hangs_is_ended_with_everything_it_started(tmp_path: Path) -> None:
    program, child = tmp_path / "hang", tmp_path / "child"
    program.write_text(f"#!/bin/sh\nsleep 60 &\necho $! > '{child}'\nsleep 60\n")
    program.chmod(0o700)
    began = time.monotonic()
    outcome = hook.run(str(program), {"event": "blocked"}, timeout=0.5)
    assert outcome == hook.Outcome(done=False, why="took too long")
    assert time.monotonic() - began < 10
    left = Path(f"/proc/{child.read_text().strip()}")
    while left.exists() and time.monotonic() - began < 10:
        time.sleep(0.02)
    assert not left.exists()


def test_program_gets_no_environment_of_the_server_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://user:secret@host/db")
    program, seen = tmp_path / "look", tmp_path / "seen"
    program.write_text(f"#!/bin/sh\nenv > '{seen}'\n")
    program.chmod(0o700)
    assert hook.run(str(program), {}).done
    assert "secret" not in seen.read_text()


def test_program_is_named_by_an_absolute_path(tmp_path: Path) -> None:
    assert not hook.run("manage", {}).done
