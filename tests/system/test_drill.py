"""The whole outage drill, as an operator's `nyckelfri drill --check`, and faults planted in it."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from nyckelfri.demo.cast import Unit
from nyckelfri.demo.crew import Lock
from nyckelfri.demo.processes import Backstage, Clockwork
from nyckelfri.drill import proofs, readings
from nyckelfri.drill.proofs import Made, Truth
from nyckelfri.drill.town import UNITS

NAMELESS = {"10017"}
TAKE_EVENT = """DELETE FROM visits_doorevent WHERE number = ? AND installation_id =
    (SELECT id FROM locks_installation WHERE identifier = ?)"""
TAKE_ENTRY = """DELETE FROM visits_storedentry WHERE number = ? AND installation_id =
    (SELECT id FROM locks_installation WHERE identifier = ?)"""
EDIT_ROW = """UPDATE audit_auditevent SET actor = 'nobody'
    WHERE id = (SELECT event_id FROM audit_auditlink WHERE number = ?)"""
pytestmark = pytest.mark.slow


@dataclass
class Held:
    """A drill that was held: its folder, its report, and what its doors answered."""

    folder: Path
    said: dict[str, Any]

    @property
    def backstage(self) -> Backstage:
        return Backstage(self.folder, Clockwork(self.folder / "clock"))

    @property
    def database(self) -> Path:
        return self.folder / "server" / "nyckelfri.sqlite3"

    @property
    def truths(self) -> list[Truth]:
        return [Truth(**row) for row in self.said["openings"]]

    def made(self) -> dict[str, Made]:
        """What each lock itself says."""
        return {self.said["installations"][unit.lock]: self._lock(unit) for unit in UNITS}

    def _lock(self, unit: Unit) -> Made:
        return readings.lock(Lock(self.backstage, unit, ""))

    def change(self, *statements: tuple[str, tuple[object, ...]]) -> None:
        """Somebody with the database's file changes it, past every guard."""
        with closing(sqlite3.connect(self.database)) as db:
            guards = db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for (name,) in guards:
                db.execute(f'DROP TRIGGER "{name}"')
            for statement in statements:
                assert db.execute(*statement).rowcount == 1
            db.commit()


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Held:
    """A drill, held once, by somebody whose terminal is set to a real installation."""
    folder = tmp_path_factory.mktemp("drill")
    (folder / "real").mkdir()
    environment = {
        **os.environ,
        "NYCKELFRI_DATA": str(folder / "real"),
        "NYCKELFRI_COPIES": str(folder / "real"),
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    }
    done = subprocess.run(
        [
            sys.executable, "-m", "nyckelfri.cli", "drill", "--check", "--language", "sv",
            "--report", str(folder / "report.json"), "--folder", str(folder / "all"),
        ],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=1500, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert not list((folder / "real").iterdir())
    return Held(folder / "all", json.loads((folder / "report.json").read_text("utf-8")))


@pytest.fixture
def copy(held: Held, tmp_path: Path) -> Held:
    """The same, to be changed."""
    return Held(Path(shutil.copytree(held.folder, tmp_path / "all")), held.said)


def scene(held: Held, name: str) -> dict[str, Any]:
    """One scene of the report."""
    (found,) = (played for played in held.said["played"] if played["name"] == name)
    return dict(found)


def counts(held: Held, name: str) -> dict[str, int]:
    """What each proof of a scene looked at, by its claim in English."""
    return {proof["claim"][1]: proof["count"] for proof in scene(held, name)["proofs"]}


def commands(held: Held, name: str) -> list[str]:
    """What the operator typed in a scene."""
    steps = scene(held, name)["steps"]
    return [step["what"][0] for step in steps if step["kind"] == "command"]


def test_every_scene_breaks_something_and_every_proof_holds(held: Held) -> None:
    played = held.said["played"]
    assert [one["name"] for one in played] == ["power", "server", "backup", "key", "root"]
    for one in played:
        assert one["good"]
        assert any(step["kind"] == "broken" for step in one["steps"])
        assert len(one["proofs"]) >= 5
        assert all(proof["held"] and proof["count"] for proof in one["proofs"])
    assert len(held.truths) > 40


@pytest.mark.threat(48)
def test_after_a_day_without_server_every_opening_is_home_and_the_lost_phone_blocked(
    held: Held,
) -> None:
    found = scene(held, "server")
    assert min(found["silence_seconds"].values()) > 24 * 3600
    assert [step["came_back"] for step in found["steps"]].count("phone_blocked") == 2
    assert any("block-phone" in line for line in commands(held, "server"))
    assert (
        counts(held, "server")[
            "All that happened at doors is in the log, once, by whom and when, and nothing else"
        ]
        > counts(held, "power")[
            "All that happened at doors is in the log, once, by whom and when, and nothing else"
        ]
    )


@pytest.mark.threat(44)
@pytest.mark.threat(49)
def test_a_restored_backup_signs_nothing_then_all_entries_come_back_from_the_locks(
    held: Held,
) -> None:
    typed = [" ".join(line.split()[1:3]) for line in commands(held, "backup")]
    wanted = ["server restore", "server request", "root sign", "server install-key-set"]
    assert [deed for deed in typed if deed in wanted] == wanted
    came_back = [step["came_back"] for step in scene(held, "backup")["steps"]]
    assert came_back.count("not_accepted") == 2
    assert {"unknown_phone", "phone_blocked", "UnreachableError"} <= set(came_back)
    before, after = (readings.copied(held.folder / name) for name in ("copies", "copies-after"))
    found = proofs.came_back(before, after)
    assert found.held
    assert found.count > 40


@pytest.mark.threat(28)
@pytest.mark.threat(47)
def test_a_stolen_key_opens_until_the_door_has_heard(held: Held) -> None:
    steps = scene(held, "key")["steps"]
    thief = [step["came_back"] for step in steps if "tjuven" in step["what"][0]]
    assert thief == ["granted", "not_accepted", "granted", "not_accepted"]
    assert [truth.number for truth in held.truths].count(None) == 2


@pytest.mark.threat(47)
def test_with_too_few_parts_of_the_root_nothing_changes_and_doors_still_open(held: Held) -> None:
    steps = scene(held, "root")["steps"]
    refused = [step["what"][0] for step in steps if step["came_back"] == "exit 1"]
    assert [line.split()[2] for line in refused] == ["combine", "install-key-set"]
    last = max(i for i, step in enumerate(steps) if step["kind"] == "broken")
    assert "granted" in [step["came_back"] for step in steps[last:]]
    assert len(scene(held, "root")["lessons"]) == 2


def test_the_intact_installation_proves_it_again(held: Held) -> None:
    logs = readings.logs(held.backstage)
    assert proofs.openings(held.truths, logs.openings, nameless=NAMELESS).held
    assert proofs.journals(held.made(), logs.journals).held
    assert proofs.log_whole(logs.proof).held


def test_a_planted_fault_in_the_database_fails_its_proof(copy: Held) -> None:
    truth = next(truth for truth in copy.truths if truth.reason is None and truth.number)
    which = truth.entry, bytes.fromhex(copy.said["installations"][truth.lock])
    copy.change((TAKE_EVENT, which), (TAKE_ENTRY, which), (EDIT_ROW, (12,)))
    logs = readings.logs(copy.backstage)
    openings = proofs.openings(copy.truths, logs.openings, nameless=NAMELESS)
    assert openings.faults == (f"{truth.lock} {truth.entry}: missing",)
    assert not proofs.journals(copy.made(), logs.journals).held
    assert proofs.log_whole(logs.proof).faults == ("row 12: edited",)


@pytest.mark.parametrize("how", ["altered", "removed", "added"])
def test_copies_that_were_touched_fail_their_proof(copy: Held, how: str) -> None:
    copies = copy.folder / "copies"
    (segment,) = copies.glob("*.jsonl.gz")
    if how == "altered":
        lines = gzip.decompress(segment.read_bytes()).replace(b"employee:10007", b"employee:10008")
        segment.write_bytes(gzip.compress(lines, mtime=0))
    elif how == "removed":
        segment.unlink()
    else:
        shutil.copy(segment, copies / segment.name.replace("000000000001-", "000000000002-", 1))
    (said,) = readings.ask(copy.backstage, ("audit", "compare", copies, "--json"))
    assert "copies" in said["differences"]
    assert not proofs.only_the_copies(said["differences"], 13).held
