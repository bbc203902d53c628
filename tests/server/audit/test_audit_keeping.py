"""Retention of the audit log, and heads noted outside the database."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from auditworld import event_at, execute, note, record, settle, unguarded
from nyckelfri.server.audit import actions_keep, verify, witness
from nyckelfri.server.audit.models import AuditCut, AuditEvent, AuditLink
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.audit.witness import Note, WitnessError

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=2000)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_noted_yet() -> Iterator[None]:
    witness._last.clear()
    yield
    witness._last.clear()


def purge(before: datetime) -> int:
    count = actions_keep.purge(before, reason="five years", actor="employee:1", now=NOW)
    settle()
    return count


@pytest.mark.threat(66)
def test_retention_deletes_the_oldest_rows_and_the_chain_still_verifies() -> None:
    record(*"abcd", now=LONG_AGO)
    record("e", now=NOW)
    at_the_cut = note(4)
    assert purge(LONG_AGO + timedelta(days=1)) == 4
    proof = verify.prove([at_the_cut])
    assert (proof.fault, proof.first, proof.last) == (None, 5, 6)
    assert proof.held == (at_the_cut,)
    assert set(AuditEvent.objects.values_list("object_id", flat=True)) == {"phone:e", "audit"}
    gone = AuditEvent.objects.get(verb=Verb.AUDIT_PURGE)
    assert gone.details == {"through": 4, "head": at_the_cut.head.hex(), "rows": 4}


@pytest.mark.threat(66)
def test_retention_can_come_again_and_the_chain_still_verifies() -> None:
    record("a", "b", now=LONG_AGO)
    record("c", "d", now=LONG_AGO + timedelta(days=10))
    record("e", now=NOW)
    assert purge(LONG_AGO + timedelta(days=1)) == 2
    assert purge(LONG_AGO + timedelta(days=1)) == 0
    assert purge(LONG_AGO + timedelta(days=11)) == 2
    proof = verify.prove()
    assert (proof.fault, proof.first) == (None, 5)
    assert list(AuditCut.objects.values_list("number", flat=True)) == [2, 4]


@pytest.mark.threat(66)
def test_rows_behind_a_younger_one_stay_with_it() -> None:
    record("a", now=LONG_AGO)
    record("b", now=NOW)
    record("c", now=LONG_AGO)
    assert purge(LONG_AGO + timedelta(days=1)) == 1
    assert AuditLink.objects.first() == AuditLink.objects.get(number=2)


@pytest.mark.threat(66)
def test_rows_of_the_last_five_years_stay() -> None:
    record("a", now=LONG_AGO)
    with pytest.raises(actions_keep.RetentionError, match="give an earlier day"):
        purge(NOW - timedelta(days=5 * 365))
    assert AuditEvent.objects.count() == 1


@pytest.mark.threat(66)
def test_log_that_is_all_old_keeps_its_newest_row() -> None:
    record(*"abc", now=LONG_AGO)
    assert purge(LONG_AGO + timedelta(days=1)) == 2
    assert verify.prove().fault is None
    assert event_at(3).object_id == "phone:c"


@pytest.mark.threat(61)
@pytest.mark.threat(66)
def test_rows_taken_out_beyond_the_cut_are_missed() -> None:
    record(*"ab", now=LONG_AGO)
    record("c", "d", now=NOW)
    purge(LONG_AGO + timedelta(days=1))
    with unguarded():
        gone = event_at(3).pk
        execute("DELETE FROM audit_auditlink WHERE number = 3")
        execute("DELETE FROM audit_auditevent WHERE id = %s", gone)
    fault = verify.prove().fault
    assert fault is not None
    assert (fault.number, fault.wrong) == (3, verify.Wrong.MISSING)


@pytest.mark.threat(66)
def test_note_from_before_the_cut_is_said_to_be_gone_and_is_no_fault() -> None:
    record(*"abc", now=LONG_AGO)
    record("d", now=NOW)
    early = note(1)
    purge(LONG_AGO + timedelta(days=1))
    proof = verify.prove([early])
    assert (proof.fault, proof.gone) == (None, (early,))
    assert witness.agrees(early) is None


@pytest.mark.threat(61)
def test_head_is_noted_after_the_commit_and_once_a_minute(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    for seconds, noted in ((0, 1), (30, 1), (61, 3)):
        with django_capture_on_commit_callbacks(execute=True):
            record("a", now=NOW + timedelta(seconds=seconds))
        held = witness.read()
        assert held is not None
        assert held.number == noted
    assert stat.S_IMODE(witness.path().stat().st_mode) == 0o600


@pytest.mark.threat(61)
def test_note_that_the_chain_denies_is_not_written_over_and_says_so(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    caplog: pytest.LogCaptureFixture,
) -> None:
    record(*"abc", now=NOW)
    assert witness.note(NOW)
    before = witness.read()
    assert before is not None
    with unguarded():
        gone = event_at(3).pk
        execute("DELETE FROM audit_auditlink WHERE number = 3")
        execute("DELETE FROM audit_auditevent WHERE id = %s", gone)
    with django_capture_on_commit_callbacks(execute=True):
        record("d", "e", now=NOW + timedelta(hours=1))
    assert witness.read() == before
    assert "nyckelfri audit verify" in caplog.text


@pytest.mark.threat(61)
def test_slower_process_does_not_write_a_lower_number_over_a_higher_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    record(*"abc", now=NOW)
    witness.note(NOW)
    read_before_the_last_row = note(2)
    monkeypatch.setattr(witness, "head", lambda _: read_before_the_last_row)
    assert witness.note(NOW)
    held = witness.read()
    assert held is not None
    assert held.number == 3


def test_restored_backup_is_gone_on_with_and_the_log_says_so() -> None:
    record("a", now=NOW)
    witness.path().parent.mkdir(exist_ok=True)
    witness._write(Note(99, bytes(32)))
    assert not witness.note(NOW)
    held = actions_keep.accept(reason="disk broke, copy of Sunday", actor="employee:1", now=NOW)
    settle()
    assert held == Note(99, bytes(32))
    said = AuditEvent.objects.get(verb=Verb.AUDIT_ACCEPT)
    assert said.details == {"number": 99, "head": "00" * 32}
    assert witness.note(NOW)


def test_damaged_note_says_where_it_is(audit_directory: Path) -> None:
    path = witness.path()
    path.parent.mkdir()
    path.write_text("12 nonsense")
    with pytest.raises(WitnessError, match="last-audit-head is damaged"):
        witness.read()


@pytest.mark.parametrize(
    "text", ["", "12", "ab" * 31, "x" * 64, "-1 " + "ab" * 32, "1 2 " + "ab" * 32, "1" * 19 + ":"]
)
def test_what_is_no_note_is_refused(text: str) -> None:
    with pytest.raises(WitnessError, match="64 hex digits"):
        Note.parse(text)


def test_note_is_read_as_it_is_printed() -> None:
    printed = Note(12, bytes(range(32)), "2026-11-23T06:00:00Z")
    assert Note.parse(printed.line) == printed
    assert Note.parse(f"12:{bytes(range(32)).hex().upper()}") == Note(12, bytes(range(32)))
    assert Note.parse(bytes(range(32)).hex()) == Note(None, bytes(range(32)))
