"""Copies on another disk: what an administrator does to the database, or to them, is found."""

from __future__ import annotations

import errno
import gzip
import hashlib
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

import paidworld
from auditworld import event_at, execute, record, settle, unguarded
from nyckelfri import cli
from nyckelfri.server import start
from nyckelfri.server.audit import actions_keep, comparing, copies, witness
from nyckelfri.server.jobs import rounds
from nyckelfri.server.jobs.models import Beat
from nyckelfri.server.money.models import Invoice
from nyckelfri.server.money.papers import stored
from nyckelfri.server.visits.actions import ingest
from nyckelfri.server.visits.models import StoredEntry
from serverworld import Handset

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    """Another disk."""
    place = tmp_path / "other disk"
    place.mkdir()
    return place


@pytest.fixture
def town(cast: Any, locks: Any, alices_phone: Handset, moment: datetime) -> None:
    """Rows of every kind that is copied."""
    ingest(locks.home.batch(), phone=alices_phone.row, now=moment)
    statement = paidworld.paid(cast.alice, cast.client, paidworld.AUGUST)
    content = {"format": 1, "lines": [{"text": "Hjälp i hemmet\u2028å", "amount": "12.50"}]}
    Invoice.objects.create(
        number=1, kind=Invoice.Kind.INVOICE, client=cast.client, month=statement.month,
        total=Decimal("12.50"), issued=NOW.date(), due=NOW.date(), content=content,
        digest=stored.digest(content), made_at=NOW,
    )  # fmt: skip
    settle()


def differences(disk: Path, now: datetime = NOW) -> dict[str, str]:
    return comparing.compare(disk, now).differences


def names(disk: Path) -> list[str]:
    return sorted(path.name for path in disk.iterdir())


def packed(text: bytes) -> bytes:
    return gzip.compress(text, mtime=0)


@contextmanager
def full_after(files: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The disk has room for so many files; the next one is begun and does not get there."""
    real, room = os.fsync, iter([True] * 4 * files)

    def fsync(descriptor: int) -> None:
        if not next(room, False):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(descriptor)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", fsync)
        yield


def in_three_segments(disk: Path) -> list[copies.Segment]:
    for each in "abc":
        record(each, f"{each}2", now=NOW)
        assert copies.copy(disk, NOW) == 2
    return copies.segments(disk)


@pytest.mark.threat(49)
def test_all_kinds_are_copied_and_are_the_same_as_the_database(town: None, disk: Path) -> None:
    count = copies.copy(disk, NOW)
    found = comparing.compare(disk, NOW)
    assert (found.rows, found.differences) == (count, {})
    (segment,) = copies.segments(disk)
    header, rows = copies.read(segment)
    assert {row["of"].partition("/")[0] for row in rows} == {
        "audit", "entry", "invoice", "statement"
    }  # fmt: skip
    assert header.through["statement"] == 2
    assert stat.S_IMODE(segment.path.stat().st_mode) == 0o600
    assert hashlib.sha256(segment.path.read_bytes()).hexdigest() in segment.path.name


@pytest.mark.threat(49)
def test_nothing_new_adds_nothing_and_what_is_new_is_added_beside(disk: Path) -> None:
    record("a", now=NOW)
    assert copies.copy(disk, NOW) == 1
    before = names(disk)
    assert copies.copy(disk, NOW) == 0
    assert names(disk) == before
    record("b", "c", now=NOW)
    assert copies.copy(disk, NOW) == 2
    assert names(disk)[0] == before[0]
    first, second = copies.segments(disk)
    assert copies.read(second)[0].before == first.digest
    assert [(each.first, each.last) for each in (first, second)] == [(1, 1), (2, 3)]


@pytest.mark.threat(49)
@pytest.mark.threat(61)
@pytest.mark.parametrize(
    ("kind", "statement", "said"),
    [
        ("audit", "DELETE FROM audit_auditlink", "audit 1 is not in the database"),
        ("audit", "UPDATE audit_auditevent SET actor = 'x'", "audit 1 differs in actor"),
        (
            "audit",
            "UPDATE audit_auditevent SET leaf = (SELECT head FROM audit_auditlink LIMIT 1)",
            "audit 1 differs in leaf",
        ),
        ("entry", "DELETE FROM visits_storedentry", "is not in the database"),
        ("entry", "UPDATE visits_storedentry SET head = leaf", "differs in head"),
        ("entry", "UPDATE visits_storedentry SET body = leaf", "differs in body"),
        ("invoice", "DELETE FROM money_invoice", "invoice 1 is not in the database"),
        ("invoice", "UPDATE money_invoice SET total = 1", "invoice 1 differs in total"),
        ("invoice", """UPDATE money_invoice SET content = '{"format": 1}'""", "in content"),
        ("statement", "DELETE FROM money_statement WHERE number = 2", "statement 2 is not in"),
        ("statement", "UPDATE money_statement SET total = 1", "statement 1 differs in total"),
    ],
)
def test_what_an_administrator_takes_out_or_edits_is_found(
    town: None, disk: Path, kind: str, statement: str, said: str
) -> None:
    copies.copy(disk, NOW)
    with unguarded():
        execute(statement)
    found = differences(disk)
    assert list(found) == [kind]
    assert said in found[kind]


@pytest.mark.threat(49)
@pytest.mark.threat(61)
def test_chain_made_anew_is_not_copied_over_what_was_copied_and_is_found(disk: Path) -> None:
    record(*"abc", now=NOW)
    copies.copy(disk, NOW)
    with unguarded():
        execute("DELETE FROM audit_auditlink")
        execute("DELETE FROM audit_auditevent")
    record(*"abxy", now=NOW)
    before = names(disk)
    with pytest.raises(copies.CopyError, match="lacks row 3, which was copied"):
        copies.copy(disk, NOW)
    assert names(disk) == before
    assert differences(disk)["audit"].startswith("audit 3 differs in ")


@pytest.mark.threat(49)
def test_segment_taken_out_of_the_copies_is_found_wherever_it_stood(disk: Path) -> None:
    for segment in in_three_segments(disk):
        data = segment.path.read_bytes()
        segment.path.unlink()
        assert list(differences(disk)) == ["copies"]
        segment.path.write_bytes(data)
    assert differences(disk) == {}


@pytest.mark.threat(49)
def test_tail_taken_out_of_the_copies_stops_the_next_copy(disk: Path) -> None:
    in_three_segments(disk)[-1].path.unlink()
    record("d", now=NOW)
    before = names(disk)
    with pytest.raises(copies.CopyError, match="is gone from"):
        copies.copy(disk, NOW)
    assert names(disk) == before


@pytest.mark.threat(49)
def test_segment_that_was_edited_is_found_and_the_others_are_still_held(disk: Path) -> None:
    segment = in_three_segments(disk)[1]
    segment.path.write_bytes(segment.path.read_bytes()[:-1] + b"x")
    with unguarded():
        execute("UPDATE audit_auditevent SET actor = 'x' WHERE id = %s", event_at(6).pk)
    found = differences(disk)
    assert "was changed" in found["copies"]
    assert found["audit"] == "audit 6 differs in actor"


@pytest.mark.threat(49)
def test_segment_written_anew_under_its_own_new_name_is_found(disk: Path) -> None:
    segment = in_three_segments(disk)[1]
    text = gzip.decompress(segment.path.read_bytes()).replace(b"employee:10001", b"employee:10002")
    data = packed(text)
    segment.path.with_name(
        segment.path.name.replace(segment.digest, hashlib.sha256(data).hexdigest())
    ).write_bytes(data)
    segment.path.unlink()
    assert differences(disk) == {
        "copies": f"{copies.segments(disk)[2].path.name} does not follow the segment before it",
        "audit": "audit 3 differs in actor",
    }


@pytest.mark.threat(49)
def test_segments_that_change_places_are_found(disk: Path) -> None:
    first, second, _ = in_three_segments(disk)
    for one, other in ((first, second), (second, first)):
        one.path.rename(disk / other.path.name.replace(other.digest, one.digest))
    assert "holds other lines than its name says" in differences(disk)["copies"]


@pytest.mark.threat(49)
@pytest.mark.parametrize(
    "data", [b"", b"no gzip", packed(b""), packed(b"{}\n"), packed(b"[\n")],
    ids=["empty", "no gzip", "nothing", "no header", "no JSON"],
)  # fmt: skip
def test_file_that_holds_no_copies_is_said(disk: Path, data: bytes) -> None:
    name = f"{1:012}-{1:012}-{hashlib.sha256(data).hexdigest()}.jsonl.gz"
    (disk / name).write_bytes(data)
    assert differences(disk)["copies"] == f"{name} does not hold copies"
    with pytest.raises(copies.CopyError, match="does not hold copies"):
        copies.copy(disk, NOW)


def forge(disk: Path, row: Any) -> None:
    """Put a row into the first of three segments, and name it as it should be."""
    segment = in_three_segments(disk)[0]
    first, line, _ = gzip.decompress(segment.path.read_bytes()).decode().splitlines()
    data = packed("\n".join([first, json.dumps(row), line]).encode())
    digest = hashlib.sha256(data).hexdigest()
    segment.path.unlink()
    segment.path.with_name(segment.path.name.replace(segment.digest, digest)).write_bytes(data)


@pytest.mark.threat(49)
@pytest.mark.parametrize(
    "row",
    [
        {},
        [],
        {"of": "thing", "number": 1},
        {"of": "entry/x", "number": 1},
        {"of": "audit", "number": "x"},
    ],
)
def test_row_that_no_program_of_ours_wrote_is_said_and_the_others_are_still_held(
    disk: Path, row: Any
) -> None:
    forge(disk, row)
    with unguarded():
        execute("UPDATE audit_auditevent SET actor = 'x' WHERE id = %s", event_at(6).pk)
    found = differences(disk)
    assert found["copies"].endswith("holds rows that this program cannot read")
    assert found["audit"] == "audit 6 differs in actor"


@pytest.mark.threat(49)
def test_number_larger_than_a_database_has_is_a_difference(disk: Path) -> None:
    forge(disk, {"of": "audit", "number": 2**70})
    assert differences(disk)


@pytest.mark.threat(49)
def test_copy_that_was_interrupted_goes_on(disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "_MOST_ROWS", 2)
    record(*"abcde", now=NOW)
    with pytest.raises(OSError, match="No space"), full_after(1, monkeypatch):
        copies.copy(disk, NOW)
    assert len(copies.segments(disk)) == 1
    assert len(names(disk)) == 1
    assert differences(disk) == {}
    assert copies.copy(disk, NOW) == 3
    assert [each.last for each in copies.segments(disk)] == [2, 4, 5]
    assert differences(disk) == {}


@pytest.mark.threat(49)
def test_full_missing_or_wrong_disk_is_trouble_of_the_round_and_stops_nothing(
    disk: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    (each,) = (each for each in rounds.ROUNDS if each.name == "copies")
    settings.COPIES = None
    assert rounds.run(each, NOW)
    settings.COPIES = disk
    record("a", now=NOW)
    with full_after(0, monkeypatch):
        assert not rounds.run(each, NOW)
    assert Beat.objects.get().trouble == "OSError"
    assert rounds.run(each, NOW)
    assert Beat.objects.get().trouble == ""
    disk.rename(disk.with_name("gone"))
    assert not rounds.run(each, NOW)
    assert Beat.objects.get().trouble == "FileNotFoundError"
    disk.mkdir()
    assert not rounds.run(each, NOW)
    assert Beat.objects.get().trouble == "CopyError"


@pytest.mark.threat(49)
@pytest.mark.threat(66)
def test_what_retention_has_cut_is_no_difference_and_younger_rows_are(disk: Path) -> None:
    record("a", "b", now=NOW - actions_keep.KEEP - timedelta(days=2))
    record(*"cde", now=NOW)
    copies.copy(disk, NOW)
    reason, before = "plan", NOW - actions_keep.KEEP
    assert actions_keep.purge(before, reason=reason, actor="system:test", now=NOW) == 2
    settle()
    assert differences(disk) == {}
    with unguarded():
        execute("UPDATE audit_auditcut SET number = 4")
        execute("DELETE FROM audit_auditlink WHERE number IN (3, 4)")
    assert differences(disk) == {"audit": "audit 3 is not in the database"}


@pytest.mark.threat(49)
@pytest.mark.threat(66)
def test_deleted_body_of_a_journal_is_no_difference_and_its_leaf_stays(
    town: None, disk: Path
) -> None:
    copies.copy(disk, NOW)
    StoredEntry.objects.update(salt=None, body=None)
    assert differences(disk) == {}
    StoredEntry.objects.update(leaf=bytes(32))
    assert differences(disk)["entry"].endswith(" 1 differs in leaf")


@pytest.mark.threat(49)
def test_terminal_copies_compares_and_says_what_differs(
    disk: Path,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("NYCKELFRI_CLOCK", f"{NOW.timestamp():.0f}@0*0")
    monkeypatch.setattr(start, "bring_tables_up_to_date", lambda: None)
    record("a", "b", now=NOW)
    assert cli.main(["audit", "copy"]) == 1
    assert "set NYCKELFRI_COPIES" in capsys.readouterr().err
    assert cli.main(["audit", "copy", str(disk / "nowhere")]) == 1
    assert "nowhere: No such file or directory" in capsys.readouterr().err
    assert cli.main(["audit", "compare", str(disk)]) == 1
    assert "holds no copies" in capsys.readouterr().out
    settings.COPIES = disk
    assert cli.main(["audit", "copy"]) == 0
    assert cli.main(["audit", "compare"]) == 0
    assert capsys.readouterr().out == (
        "Rows copied: 2\nThe database holds all that was copied: 2 rows in 1 segments\n"
    )
    with unguarded():
        execute("UPDATE audit_auditevent SET reason = 'x' WHERE id = %s", event_at(2).pk)
    assert cli.main(["audit", "compare"]) == 1
    assert capsys.readouterr().out == "audit 2 differs in reason\n"
    assert cli.main(["audit", "compare", str(disk), "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {
        "same": False, "rows": 2, "segments": 1,
        "differences": {"audit": "audit 2 differs in reason"},
    }  # fmt: skip


def test_damaged_note_of_copies_is_said(disk: Path) -> None:
    record("a", now=NOW)
    copies.copy(disk, NOW)
    witness.path().with_name("last-copies").write_text("x")
    with pytest.raises(copies.CopyError, match="last-copies is damaged"):
        copies.copy(disk, NOW)
