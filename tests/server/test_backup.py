"""`nyckelfri server backup` and `restore`, as a process of its own on a data directory of its own.

House rule: nothing of Django's test database is used: what is restored is a real file.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings

from nyckelfri.server import actions_backup, data_directory
from nyckelfri.server.actions_backup import BackupError

NOON = 1_795_431_600


@dataclass
class Place:
    """A folder with a root and a server's data directory."""

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "data" / "nyckelfri.sqlite3"

    def run(self, *arguments: str, status: int = 0) -> str:
        """What a command said on both outputs."""
        own = {
            "NYCKELFRI_DATA": str(self.folder / "data"),
            "NYCKELFRI_CLOCK": f"{NOON}@0*0",
            "COLUMNS": "200",
        }
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("NYCKELFRI", "DATABASE"))}
        done = subprocess.run(
            [sys.executable, "-m", "nyckelfri.cli", *arguments],
            cwd=self.folder, env={**kept, **own}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == status, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run("server", "status"))
        return found

    def key_set(self, name: str, *deed: str) -> None:
        self.run("server", *deed, "-o", name)
        parts = [word for n in (1, 3) for word in ("--part", f"root/holder-{n}.pem")]
        self.run("root", "sign", name, *parts, "--yes", "-o", f"{name}-signed")
        self.run("server", "install-key-set", f"{name}-signed")


def _founded(folder: Path) -> Place:
    made = Place(folder)
    made.run("root", "new", "root", "--insecure-demo")
    made.key_set("first", "init", "--root", "root/root.cbor")
    return made


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return _founded(tmp_path_factory.mktemp("founded"))


@pytest.fixture
def place(founded: Place, tmp_path: Path) -> Place:
    """A server with a root and a first key set."""
    return Place(Path(shutil.copytree(founded.folder, tmp_path / "place")))


@pytest.mark.slow
@pytest.mark.threat(44)
@pytest.mark.threat(49)
def test_backup_is_put_back_and_what_it_replaced_is_kept(place: Place) -> None:
    assert "audit log through row 8" in place.run("server", "backup", "monday")
    assert (place.folder / "monday").stat().st_mode & 0o077 == 0
    assert "is there already" in place.run("server", "backup", "monday", status=1)
    place.key_set("second", "request", "--new", "grant")
    assert place.status()["key_set"]["number"] == 2
    said = place.run("server", "restore", "monday", "--why", "the disk died")
    assert "monday is in place" in said
    assert "--new-epoch" in said
    assert place.status()["key_set"]["number"] == 1
    rows = json.loads(place.run("audit", "list", "--json", "--most", "1"))
    assert (rows[0]["verb"], rows[0]["reason"]) == ("staff:backup:restore", "the disk died")
    (aside,) = place.database.parent.glob("nyckelfri.sqlite3.replaced-*")
    with closing(sqlite3.connect(aside)) as db:
        assert db.execute("SELECT max(number) FROM keys_signedkeyset").fetchone() == (2,)
    # The log lacks its tail, and says so until somebody has accepted that.
    assert "tail is cut" in place.run("audit", "verify", status=1)
    assert "Given up" in place.run("audit", "accept", "--why", "restored")
    assert "is whole" in place.run("audit", "verify")


@pytest.mark.slow
@pytest.mark.threat(49)
def test_damaged_or_missing_database_is_told_and_replaced(place: Place) -> None:
    place.run("server", "backup", "monday")
    place.database.write_bytes(b"\x55" * 5000)
    said = place.run("server", "status", status=1)
    assert "put a backup in its place with `nyckelfri server restore`" in said
    place.run("server", "restore", "monday", "--why", "damaged")
    assert place.status()["key_set"] == {"number": 1, "epoch": 1}
    place.database.unlink()
    place.database.with_name("nyckelfri.sqlite3-wal").write_bytes(b"of the one that is gone")
    place.run("server", "restore", "monday", "--why", "gone")
    assert place.status()["key_set"] == {"number": 1, "epoch": 1}
    asides = [path.read_bytes() for path in place.database.parent.glob("*.replaced-*")]
    assert b"\x55" * 5000 in asides
    strays = place.database.parent.glob("*.replaced-*-wal")
    assert [path.read_bytes() for path in strays] == [b"of the one that is gone"]


@pytest.mark.slow
def test_what_is_no_backup_of_this_municipality_changes_nothing(
    place: Place, tmp_path_factory: pytest.TempPathFactory
) -> None:
    before = place.database.read_bytes()
    (place.folder / "junk").write_bytes(b"SQLite format 3\0" + bytes(4000))
    assert "no backup of ours" in place.run("server", "restore", "junk", "--why", "x", status=1)
    assert "is not there" in place.run("server", "restore", "nothing", "--why", "x", status=1)
    place.run("server", "backup", "cut")
    data = (place.folder / "cut").read_bytes()
    (place.folder / "cut").write_bytes(data[: len(data) // 2])
    said = place.run("server", "restore", "cut", "--why", "x", status=1)
    assert "damaged" in said
    stranger = _founded(tmp_path_factory.mktemp("stranger"))
    stranger.run("server", "backup", str(place.folder / "theirs"))
    assert "another root" in place.run("server", "restore", "theirs", "--why", "x", status=1)
    assert not list(place.database.parent.glob("*.replaced-*"))
    assert len(place.database.read_bytes()) == len(before)
    assert place.status()["key_set"] == {"number": 1, "epoch": 1}


@pytest.mark.slow
def test_nothing_is_put_back_under_a_server_or_another_program(place: Place) -> None:
    place.run("server", "backup", "monday")
    with data_directory.serving(place.database.parent):
        said = place.run("server", "restore", "monday", "--why", "x", status=1)
        assert "The server is running" in said
    with _reading(place.database):
        said = place.run("server", "restore", "monday", "--why", "x", status=1)
        assert "Another program has the database open" in said
    assert not list(place.database.parent.glob("*.replaced-*"))
    place.run("server", "restore", "monday", "--why", "x")


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path)) as db:
        db.execute("BEGIN")
        db.execute("SELECT count(*) FROM audit_auditlink").fetchone()
        yield


@pytest.mark.slow
@pytest.mark.threat(44)
def test_status_says_why_nothing_is_signed(place: Place) -> None:
    assert place.status()["signs_nothing_because"] is None
    (key,) = (place.database.parent / "keys").glob("grant-*.pem")
    key.rename(place.folder / "taken")
    assert "No grant key of key set 1" in place.status()["signs_nothing_because"]


@pytest.mark.django_db
def test_postgresql_is_told_what_to_use(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, moment: Any
) -> None:
    monkeypatch.setattr(connection, "vendor", "postgresql")
    with override_settings(DATA=tmp_path):
        for deed in (
            lambda: actions_backup.make(tmp_path / "x", actor="a", now=moment),
            lambda: actions_backup.restore(tmp_path / "x", reason="r", actor="a", now=moment),
        ):
            with pytest.raises(BackupError, match="pg_dump"):
                deed()
