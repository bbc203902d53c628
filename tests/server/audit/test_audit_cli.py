"""`nyckelfri audit`: what it says, and how it ends."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auditworld import event_at, execute, note, record, settle, unguarded
from nyckelfri import cli
from nyckelfri.server import start
from nyckelfri.server.audit import queries, witness
from nyckelfri.server.audit.verbs import Verb

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("declared_clock"),
]


@pytest.fixture
def declared_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NYCKELFRI_CLOCK", f"{NOW.timestamp():.0f}@0*0")
    # They are: a test's database has had every migration, and each look costs a second.
    monkeypatch.setattr(start, "bring_tables_up_to_date", lambda: None)


@pytest.mark.threat(61)
def test_whole_log_is_proven_and_its_head_noted(capsys: pytest.CaptureFixture[str]) -> None:
    record(*"abc", now=NOW)
    assert cli.main(["audit", "verify"]) == 0
    assert capsys.readouterr().out == "The audit log is whole: 3 rows, 0 of 0 noted heads in it\n"
    held = witness.read()
    assert held is not None
    assert held.number == 3
    assert cli.main(["server", "audit", "verify", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["whole"], said["rows"], said["notes_held"]) == (True, 3, 1)
    assert said["head"] == note(3).head.hex()


@pytest.mark.threat(61)
def test_broken_log_names_its_first_broken_row(capsys: pytest.CaptureFixture[str]) -> None:
    record(*"abcd", now=NOW)
    with unguarded():
        execute("UPDATE audit_auditevent SET actor = 'x' WHERE id = %s", event_at(2).pk)
        execute("UPDATE audit_auditevent SET actor = 'x' WHERE id = %s", event_at(4).pk)
    assert cli.main(["audit", "verify"]) == 1
    assert "broken at row 2: row 2 does not say what it said" in capsys.readouterr().out
    assert witness.read() is None
    assert cli.main(["audit", "verify", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["fault"]["wrong"] == "edited"


@pytest.mark.threat(61)
@pytest.mark.parametrize("form", ["hex", "number", "file"])
def test_cut_tail_is_found_by_a_head_noted_elsewhere(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record(*"abc", now=NOW)
    assert cli.main(["audit", "head"]) == 0
    printed = capsys.readouterr().out
    number, head, moment = printed.split()
    assert moment == "2026-11-23T06:00:00Z"
    noted = tmp_path / "noted.txt"
    noted.write_text(f"1 {note(1).head.hex()}\n\n{printed}")
    given = {"hex": head, "number": f"{number}:{head}", "file": str(noted)}[form]
    assert cli.main(["audit", "verify", "--head", given]) == 0
    witness.path().unlink()
    with unguarded():
        gone = event_at(3).pk
        execute("DELETE FROM audit_auditlink WHERE number = 3")
        execute("DELETE FROM audit_auditevent WHERE id = %s", gone)
    capsys.readouterr()
    assert cli.main(["audit", "verify", "--head", given]) == 1
    assert "tail" in capsys.readouterr().out


@pytest.mark.threat(61)
def test_cut_tail_is_found_by_what_the_server_noted_itself(
    capsys: pytest.CaptureFixture[str],
) -> None:
    record(*"abc", now=NOW)
    witness.note(NOW)
    with unguarded():
        execute("DELETE FROM audit_auditlink")
        execute("DELETE FROM audit_auditevent")
    assert cli.main(["audit", "verify"]) == 1
    assert "the log ends at row 0, and row 3 was noted" in capsys.readouterr().out
    record("new", now=NOW)
    assert cli.main(["audit", "accept", "--why", "restored"]) == 0
    settle()
    assert cli.main(["audit", "verify"]) == 0


def test_note_that_cannot_be_read_is_a_wrong_call(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty"
    empty.write_text("\n")
    for given in ("zz", str(tmp_path / "nothing"), str(empty), str(tmp_path)):
        assert cli.main(["audit", "verify", "--head", given]) == 2
        assert capsys.readouterr().err.startswith("nyckelfri audit verify: ")


def test_empty_log_has_no_head_and_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["audit", "verify"]) == 0
    assert cli.main(["audit", "head"]) == 1
    assert "nothing to note yet" in capsys.readouterr().err


def test_rows_are_listed_newest_first_by_object_and_by_actor(
    capsys: pytest.CaptureFixture[str],
) -> None:
    record("a", "b", now=NOW)
    record("a", now=NOW + timedelta(minutes=1), reason="again")
    assert cli.main(["audit", "list", "--about", "phone:a", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["number"], row["reason"]) for row in rows] == [(3, "again"), (1, "because")]
    assert rows[0]["time"] == "2026-11-23T07:01:00+01:00"
    assert rows[0]["from"] == "terminal a@b"
    assert cli.main(["audit", "list", "--by", "nobody"]) == 0
    assert cli.main(["audit", "list", "--most", "1"]) == 0
    assert "again" in capsys.readouterr().out


def test_deed_at_the_terminal_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    draw = ["audit", "draw", "looks", "--from", "2026-11-01", "--to", "2026-11-20", "--share", "5"]
    assert cli.main(draw) == 0
    assert "0 of 0 to review" in capsys.readouterr().out
    (row,) = queries.of_kind(Verb.REVIEW_DRAW)
    assert row.origin.startswith("terminal ")
    assert cli.main(["audit", "reviews", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_draw_of_a_period_that_is_not_over_or_of_no_share_is_refused() -> None:
    draw = ["audit", "draw", "looks", "--from", "2026-12-01", "--to", "2026-12-02"]
    assert cli.main(draw) == 1
    for share in ("0", "101", "x", "1/0"):
        with pytest.raises(SystemExit) as ended:
            cli.main([*draw, "--share", share])
        assert ended.value.code == 2


@pytest.mark.threat(66)
def test_retention_at_the_terminal_keeps_five_years(capsys: pytest.CaptureFixture[str]) -> None:
    record("a", "b", now=NOW - timedelta(days=2000))
    record("c", now=NOW)
    assert cli.main(["audit", "purge", "--before", "2026-01-01", "--why", "plan"]) == 1
    assert "give an earlier day" in capsys.readouterr().err
    assert cli.main(["audit", "purge", "--before", "2021-11-01", "--why", "plan"]) == 0
    settle()
    assert capsys.readouterr().out == "Rows deleted: 2\n"
    assert cli.main(["audit", "verify"]) == 0
