"""`nyckelfri server`: what a manager can do from the terminal, and how it fails."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from nyckelfri.cli import main
from nyckelfri.door.grants import Command
from nyckelfri.door.journal import Refusal
from nyckelfri.door.reasons import Reason
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.keys import actions_issue
from nyckelfri.server.keys.models import Issued
from nyckelfri.server.locks.models import Installation
from nyckelfri.server.people.models import Phone, PhoneState
from nyckelfri.server.phones import actions, actions_signin, codes
from nyckelfri.server.visits.actions import ingest
from serverworld import PASSWORD, Handset, Lock


@pytest.fixture(autouse=True)
def frozen(set_clock: Any) -> None:
    """Every command runs at `moment`."""


def test_phone_code_makes_the_phone_and_prints_the_code_alone(
    keys: Any, cast: Any, moment: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["server", "phone-code", "Telefon 7", "--holder", "10001"]) == 0
    code = codes.normalise(capsys.readouterr().out)
    assert code is not None
    done = actions.enrol(code, public_key=bytes(31) + b"\x05", model="", now=moment)
    assert (done.phone.label, done.phone.holder) == ("Telefon 7", cast.alice)


def test_code_for_a_phone_that_is_in_use_is_refused(
    alices_phone: Handset, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["server", "phone-code", "A"]) == 1
    assert "only a registered phone" in capsys.readouterr().err


def test_lost_phone_is_blocked_and_later_unblocked(alices_phone: Handset) -> None:
    assert main(["server", "block-phone", "A", "--why", "left on the bus"]) == 0
    assert Phone.objects.get().state == PhoneState.BLOCKED
    assert AuditEvent.objects.filter(reason="left on the bus").count() == 1
    assert main(["server", "unblock-phone", "A", "--why", "found"]) == 0
    identifier = alices_phone.row.identifier.hex()
    assert main(["server", "retire-phone", identifier, "--why", "old"]) == 0
    assert Phone.objects.get().state == PhoneState.RETIRED


def test_unknown_names_say_what_to_do(
    keys: Any, cast: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["server", "block-phone", "nobody's", "--why", "x"]) == 1
    assert main(["server", "set-password", "99999", "--password-file", "/dev/null"]) == 1
    assert main(["server", "phone-code", "Telefon 8"]) == 1
    errors = capsys.readouterr().err
    assert "give the id of one" in errors
    assert "import the files first" in errors
    assert "give --holder" in errors


def test_password_comes_from_a_file_and_signs_in(
    alices_phone: Handset, cast: Any, tmp_path: Path, moment: datetime
) -> None:
    path = tmp_path / "password"
    path.write_text(PASSWORD + "\n")
    assert main(["server", "set-password", "10001", "--password-file", str(path)]) == 0
    assert actions_signin.sign_in(alices_phone.row, username="10001", password=PASSWORD, now=moment)
    path.write_text("short")
    assert main(["server", "set-password", "10001", "--password-file", str(path)]) == 1


def test_derive_and_revoke(
    locks: Any,
    cast: Any,
    alices_phone: Handset,
    moment: datetime,
    capsys: pytest.CaptureFixture[str],
) -> None:
    row = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)[0]
    assert main(["server", "derive", "--json"]) == 0
    assert capsys.readouterr().out == '{"minted": 0, "kept": 0, "revoked": 0}\n'
    assert main(["server", "revoke", row.serial.hex(), "--why", "mistake"]) == 0
    assert Issued.objects.get(pk=row.pk).revoked_at == moment
    assert main(["server", "revoke", "00" * 8, "--why", "mistake"]) == 1


def test_lock_is_taken_into_service_and_retired(
    keys: Any, cast: Any, tmp_path: Path, moment: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = Lock.make("terminal", keys.holders.root, int(moment.timestamp()))
    record = tmp_path / "record"
    record.write_bytes(lock.signed_record)
    assert main(["server", "commission", "LB0001", str(record)]) == 0
    assert capsys.readouterr().out == lock.installation.hex() + "\n"
    assert main(["server", "retire-lock", "LB0001", "--why", "stolen"]) == 0
    assert Installation.objects.get().retired_at == moment
    assert main(["server", "retire-lock", "LB0001", "--why", "stolen"]) == 1
    record.write_bytes(b"no record")
    assert main(["server", "commission", "LB0001", str(record)]) == 1


@pytest.mark.sentence(19)
def test_openings_and_journals_are_told_at_the_terminal(
    locks: Any,
    cast: Any,
    alices_phone: Handset,
    moment: datetime,
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = actions_issue.issue_for(cast.alice, alices_phone.row, now=moment)
    grant = next(row for row in rows if row.installation == locks.at_home)
    locks.home.use(grant)
    subject = grant.employee.subject.identifier
    refusal = Refusal(Reason.EXPIRED, grant.serial, subject, grant.thumbprint, Command.UNLOCK)
    locks.home.write(refusal, after=9)
    ingest(locks.home.batch(), phone=alices_phone.row, now=moment)
    assert main(["server", "openings", "--json"]) == 0
    refused, opened = json.loads(capsys.readouterr().out)
    assert (opened["time"], opened["who"]) == ("2026-11-23T07:01:00+01:00", "Alice")
    assert (opened["command"], opened["result"], opened["reason"]) == ("unlock", "done", None)
    assert (refused["result"], refused["reason"]) == ("refused", "expired")
    assert main(["server", "journals", "--json"]) == 0
    journals = json.loads(capsys.readouterr().out)
    assert journals[locks.home.installation.hex()] == {"stored": 4, "lost": 0, "kept": 0}
    assert main(["server", "openings"]) == 0
    assert main(["server", "journals"]) == 0
