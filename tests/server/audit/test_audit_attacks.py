"""Whoever administers the database changes the audit log: what the proof says then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from auditworld import event_at, execute, note, record, settle, unguarded
from nyckelfri.server.audit import chain, verify
from nyckelfri.server.audit.models import AuditEvent, AuditLink
from nyckelfri.server.audit.verify import Proof, Wrong
from nyckelfri.server.audit.witness import Note

MOMENT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def six_rows() -> None:
    record(*"abcdef", now=MOMENT)


def wrong(proof: Proof) -> tuple[int, Wrong] | None:
    return None if proof.fault is None else (proof.fault.number, proof.fault.wrong)


def contents() -> list[chain.Content]:
    rows = AuditEvent.objects.order_by("link__number")
    columns = chain.Content._fields
    return [chain.Content(*row) for row in rows.values_list(*columns)]


def make_anew(said: list[chain.Content]) -> None:
    """Throw the log away and write another one that hangs together."""
    execute("DELETE FROM audit_auditlink")
    execute("DELETE FROM audit_auditevent")
    head = None
    for number, content in enumerate(said, 1):
        leaf = chain.leaf(content)
        head = chain.next_head(head, leaf)
        (event,) = AuditEvent.objects.bulk_create([AuditEvent(**content._asdict(), leaf=leaf)])
        AuditLink.objects.bulk_create([AuditLink(number=number, event=event, head=head)])


@pytest.mark.threat(61)
def test_untouched_log_is_whole() -> None:
    proof = verify.prove([note(3)])
    assert proof.fault is None
    assert (proof.first, proof.last, proof.head) == (1, 6, note(6).head)
    assert proof.held == (note(3),)


@pytest.mark.threat(61)
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", MOMENT + timedelta(microseconds=1)),
        ("actor", "employee:10002"),
        ("origin", "terminal a@c"),
        ("verb", "staff:phone:unblock"),
        ("object_id", "phone:z"),
        ("reason", "because "),
        ("details", '{"nr": 2, "a": ["b"]}'),
        ("details", '{"nr": 1, "a": ["b"], "b": null}'),
        ("details", '{"nr": 1.5, "a": ["b"]}'),
    ],
)
def test_edit_of_any_column_is_found_at_its_row(column: str, value: object) -> None:
    with unguarded():
        execute(
            f"UPDATE audit_auditevent SET {column} = %s WHERE id = %s",  # noqa: S608 -- our own
            value,
            event_at(4).pk,
        )
    assert wrong(verify.prove()) == (4, Wrong.EDITED)


@pytest.mark.threat(61)
def test_edit_with_a_fresh_digest_is_found_at_its_row() -> None:
    content = contents()[3]._replace(actor="employee:10002")
    with unguarded():
        execute(
            "UPDATE audit_auditevent SET actor = %s, leaf = %s WHERE id = %s",
            content.actor,
            chain.leaf(content),
            event_at(4).pk,
        )
    assert wrong(verify.prove()) == (4, Wrong.REWRITTEN)


@pytest.mark.threat(61)
def test_edit_with_a_fresh_digest_and_head_is_found_at_the_next_row() -> None:
    content = contents()[3]._replace(actor="employee:10002")
    with unguarded():
        leaf = chain.leaf(content)
        execute(
            "UPDATE audit_auditevent SET actor = %s, leaf = %s WHERE id = %s",
            content.actor,
            leaf,
            event_at(4).pk,
        )
        execute(
            "UPDATE audit_auditlink SET head = %s WHERE number = 4",
            chain.next_head(note(3).head, leaf),
        )
    assert wrong(verify.prove()) == (5, Wrong.REWRITTEN)


@pytest.mark.threat(61)
def test_row_taken_out_is_missed() -> None:
    with unguarded():
        gone = event_at(3).pk
        execute("DELETE FROM audit_auditlink WHERE number = 3")
        execute("DELETE FROM audit_auditevent WHERE id = %s", gone)
    proof = verify.prove()
    assert wrong(proof) == (3, Wrong.MISSING)
    assert proof.fault is not None
    assert proof.fault.text == "rows 3 to 3 are missing"


@pytest.mark.threat(61)
def test_rows_taken_out_from_the_beginning_are_missed() -> None:
    with unguarded():
        gone = [event_at(1).pk, event_at(2).pk]
        execute("DELETE FROM audit_auditlink WHERE number < 3")
        execute("DELETE FROM audit_auditevent WHERE id IN (%s, %s)", *gone)
    assert wrong(verify.prove()) == (1, Wrong.MISSING)


@pytest.mark.threat(61)
def test_row_taken_out_and_the_rest_renumbered_is_found() -> None:
    with unguarded():
        gone = event_at(3).pk
        execute("DELETE FROM audit_auditlink WHERE number = 3")
        execute("DELETE FROM audit_auditevent WHERE id = %s", gone)
        for number in (4, 5, 6):
            execute("UPDATE audit_auditlink SET number = %s WHERE number = %s", number - 1, number)
    assert wrong(verify.prove()) == (3, Wrong.REWRITTEN)


@pytest.mark.threat(61)
def test_row_put_beside_the_chain_is_found() -> None:
    content = contents()[0]._replace(object_id="phone:new")
    with unguarded():
        AuditEvent.objects.bulk_create([AuditEvent(**content._asdict(), leaf=chain.leaf(content))])
    assert wrong(verify.prove()) == (7, Wrong.INSERTED)


@pytest.mark.threat(61)
@pytest.mark.parametrize("fitting", [True, False])
def test_row_put_into_the_chain_is_found_and_named(fitting: bool) -> None:
    content = contents()[0]._replace(object_id="phone:new")
    leaf = chain.leaf(content)
    head = chain.next_head(note(3).head, leaf) if fitting else bytes(32)
    with unguarded():
        for number in (6, 5, 4):
            execute("UPDATE audit_auditlink SET number = %s WHERE number = %s", number + 1, number)
        (event,) = AuditEvent.objects.bulk_create([AuditEvent(**content._asdict(), leaf=leaf)])
        AuditLink.objects.bulk_create([AuditLink(number=4, event=event, head=head)])
    assert wrong(verify.prove()) == (4, Wrong.INSERTED)


@pytest.mark.threat(61)
def test_two_rows_that_change_places_are_found() -> None:
    fourth, fifth = event_at(4).pk, event_at(5).pk
    with unguarded():
        for number, event in ((4, 10**9), (5, fourth), (4, fifth)):
            execute("UPDATE audit_auditlink SET event_id = %s WHERE number = %s", event, number)
    assert wrong(verify.prove()) == (4, Wrong.REORDERED)


@pytest.mark.threat(61)
def test_two_rows_that_change_places_with_their_heads_are_found() -> None:
    with unguarded():
        for was, becomes in ((4, 10**9), (5, 4), (10**9, 5)):
            execute("UPDATE audit_auditlink SET number = %s WHERE number = %s", becomes, was)
    assert wrong(verify.prove()) == (4, Wrong.REORDERED)


@pytest.mark.threat(61)
def test_rows_far_apart_that_change_places_are_found() -> None:
    second, fifth = event_at(2).pk, event_at(5).pk
    with unguarded():
        for number, event in ((2, 10**9), (5, second), (2, fifth)):
            execute("UPDATE audit_auditlink SET event_id = %s WHERE number = %s", event, number)
    assert wrong(verify.prove()) == (2, Wrong.REWRITTEN)


@pytest.mark.threat(61)
def test_digest_of_another_row_is_found() -> None:
    with unguarded():
        execute("UPDATE audit_auditevent SET leaf = %s", event_at(1).leaf)
    assert wrong(verify.prove()) == (2, Wrong.EDITED)


@pytest.mark.threat(61)
def test_cut_tail_is_found_by_what_was_noted_and_by_nothing_else() -> None:
    noted = note(6)
    with unguarded():
        gone = [event_at(5).pk, event_at(6).pk]
        execute("DELETE FROM audit_auditlink WHERE number > 4")
        execute("DELETE FROM audit_auditevent WHERE id IN (%s, %s)", *gone)
    assert verify.prove().fault is None
    assert wrong(verify.prove([noted])) == (5, Wrong.CUT_TAIL)
    assert wrong(verify.prove([Note(None, noted.head)])) == (5, Wrong.CUT_TAIL)
    assert verify.prove([note(4)]).fault is None


@pytest.mark.threat(61)
def test_cut_tail_under_new_rows_is_found_by_what_was_noted() -> None:
    noted = note(6)
    with unguarded():
        gone = event_at(6).pk
        execute("DELETE FROM audit_auditlink WHERE number > 5")
        execute("DELETE FROM audit_auditevent WHERE id = %s", gone)
    record("new", "newer", now=MOMENT)
    assert verify.prove().fault is None
    assert wrong(verify.prove([noted])) == (6, Wrong.REWRITTEN)
    assert wrong(verify.prove([Note(None, noted.head)])) == (8, Wrong.CUT_TAIL)


@pytest.mark.threat(61)
def test_emptied_log_is_found_by_what_was_noted() -> None:
    noted = note(6)
    with unguarded():
        execute("DELETE FROM audit_auditlink")
        execute("DELETE FROM audit_auditevent")
    assert wrong(verify.prove([noted])) == (1, Wrong.CUT_TAIL)


@pytest.mark.threat(61)
def test_chain_made_anew_is_found_by_what_was_noted_and_by_nothing_else() -> None:
    noted = [note(2), note(6)]
    said = contents()
    said[3] = said[3]._replace(actor="employee:10002")
    with unguarded():
        make_anew(said)
    assert verify.prove().fault is None
    proof = verify.prove(noted)
    assert wrong(proof) == (6, Wrong.REWRITTEN)
    assert proof.held == (noted[0],)
    assert proof.fault is not None
    assert "from row 3 to 6" in proof.fault.text


@pytest.mark.threat(61)
def test_chain_made_anew_without_a_row_is_found_by_what_was_noted() -> None:
    noted = note(6)
    said = contents()
    with unguarded():
        make_anew(said[:2] + said[3:])
    assert verify.prove().fault is None
    assert wrong(verify.prove([noted])) == (6, Wrong.CUT_TAIL)


@pytest.mark.threat(61)
def test_cut_for_retention_that_no_row_explains_is_found() -> None:
    execute(
        "INSERT INTO audit_auditcut (number, head, made_at) VALUES (2, %s, %s)",
        note(2).head,
        MOMENT,
    )
    gone = [event_at(1).pk, event_at(2).pk]
    execute("DELETE FROM audit_auditevent WHERE id IN (%s, %s)", *gone)
    execute("DELETE FROM audit_auditlink WHERE number <= 2")
    assert wrong(verify.prove()) == (2, Wrong.UNEXPLAINED_CUT)


@pytest.mark.threat(61)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditevent SET actor = 'employee:1'",
        "UPDATE audit_auditlink SET number = number + 100",
        "DELETE FROM audit_auditevent",
        "DELETE FROM audit_auditlink",
        "DELETE FROM audit_auditlink WHERE number = 6",
        "INSERT INTO audit_auditcut VALUES (6, {bytes}, '2026-11-23'); DELETE FROM audit_auditcut",
        "TRUNCATE audit_auditevent, audit_auditlink",
        "INSERT OR REPLACE INTO audit_auditevent SELECT * FROM audit_auditevent WHERE id = {first}",
        "INSERT OR REPLACE INTO audit_auditlink SELECT * FROM audit_auditlink",
    ],
)
def test_database_itself_refuses_all_but_new_rows(statement: str) -> None:
    vendor = connection.vendor
    if statement.startswith("TRUNCATE" if vendor == "sqlite" else "INSERT OR REPLACE"):
        pytest.skip("the other database's statement")
    zero = "x'00'" if vendor == "sqlite" else r"'\x00'"
    parts = statement.format(bytes=zero, first=event_at(1).pk).split("; ")
    for part in parts[:-1]:
        execute(part)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        execute(parts[-1])
    assert AuditEvent.objects.count() == AuditLink.objects.count() == 6


@pytest.mark.threat(61)
def test_every_guard_is_in_place_after_all_migrations() -> None:
    tables = ("audit_auditevent", "audit_auditlink", "audit_auditcut")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'"
            )
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        found = {name for (name,) in cursor.fetchall()}
    assert {f"{table}_{what}" for table in tables for what in ("stays", "kept")} <= found
    assert "audit_chain" in found


@pytest.mark.threat(61)
def test_row_that_another_program_adds_is_chained_too() -> None:
    content = contents()[0]._replace(object_id="phone:new")
    AuditEvent.objects.bulk_create([AuditEvent(**content._asdict(), leaf=chain.leaf(content))])
    settle()
    proof = verify.prove()
    assert (proof.last, proof.fault) == (7, None)
