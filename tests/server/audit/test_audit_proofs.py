"""Proofs beside the pages: asked for, walked, and what came of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auditworld import event_at, execute, record, unguarded
from nyckelfri import cli
from nyckelfri.server import beside, start
from nyckelfri.server.audit import proofs, queries, witness
from nyckelfri.server.audit.models import AuditProof
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.jobs.worker import do_tasks

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.threat(61)]
WALKING, WHOLE, BROKEN, FAILED = AuditProof.State


@pytest.fixture(autouse=True)
def _declared_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NYCKELFRI_CLOCK", f"{NOW.timestamp():.0f}@0*0")
    monkeypatch.setattr(start, "bring_tables_up_to_date", lambda: None)


def proven() -> AuditProof:
    row = proofs.begin(actor="employee:10001", now=NOW)
    do_tasks()
    row.refresh_from_db()
    return row


def test_whole_log_is_proven_and_who_asked_stands_in_it() -> None:
    record(*"abc", now=NOW)
    row = proven()
    assert (row.state, row.rows, row.number, row.ended_at) == (WHOLE, 4, 4, NOW)
    assert proofs.last() == row
    (asked,) = queries.of_kind(Verb.AUDIT_VERIFY)
    assert asked.actor == "employee:10001"
    held = witness.read()
    assert held is not None
    assert (held.number, held.head) == (4, row.head)
    again = proven()
    assert (again.state, again.noted) == (WHOLE, 1)


def test_first_broken_row_is_named() -> None:
    record(*"abcd", now=NOW)
    with unguarded():
        execute("UPDATE audit_auditevent SET reason = 'x' WHERE id = %s", event_at(2).pk)
    row = proven()
    assert (row.state, row.wrong, row.fault, row.number) == (BROKEN, "edited", 2, 1)


def test_tail_that_was_cut_is_found_by_the_note_beside_the_database() -> None:
    record(*"abc", now=NOW)
    proven()
    with unguarded():
        for number in (4, 3):
            gone = event_at(number).pk
            execute("DELETE FROM audit_auditlink WHERE number = %s", number)
            execute("DELETE FROM audit_auditevent WHERE id = %s", gone)
    row = proven()
    assert row.state == BROKEN


def test_note_that_cannot_be_read_is_said_and_not_passed_over(audit_directory: Path) -> None:
    record("a", now=NOW)
    witness.path().parent.mkdir(parents=True, exist_ok=True)
    witness.path().write_text("rubbish")
    assert (proven().state, proven().wrong) == (FAILED, proofs.NOTE)


def test_one_proof_at_a_time_and_one_that_never_ended_stops_no_other() -> None:
    first = proofs.begin(actor="employee:10001", now=NOW)
    assert proofs.begin(actor="employee:10002", now=NOW) == first
    later = proofs.begin(actor="employee:10002", now=NOW + timedelta(hours=3))
    assert later != first
    proofs.begin_by_itself(NOW + timedelta(hours=3))
    do_tasks()
    assert AuditProof.objects.filter(state=WHOLE).count() == 2
    assert not AuditProof.objects.filter(state=WALKING).exists()


def test_how_far_it_has_come_is_told_while_it_walks(
    audit_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    row = proofs.begin(actor="employee:10001", now=NOW)
    record(*"abc", now=NOW)
    monkeypatch.setattr(proofs, "_EVERY", 2)
    note = witness.note

    def watch(now: datetime) -> bool:
        seen.append(beside.told(row)[:2])
        return note(now)

    monkeypatch.setattr(witness, "note", watch)
    assert beside.told(row) == beside.Told()
    do_tasks()
    assert seen == [(4, 4)]
    assert beside.told(row) == beside.Told()


def test_proof_at_a_terminal_is_known_to_the_pages() -> None:
    record(*"ab", now=NOW)
    assert cli.main(["audit", "verify"]) == 0
    row = proofs.last()
    assert row is not None
    assert (row.state, row.asked_by, row.rows) == (WHOLE, "system:command-line", 2)
