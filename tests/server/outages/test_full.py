"""The server's disk is full: nothing is half stored, everybody hears it, and it goes on by itself.

SQLite on a small file system that somebody else fills; PostgreSQL with its tables on one.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, connections
from pytest_django import DjangoDbBlocker, Settings

from carerworld import Carer, said
from databases import Stores
from nyckelfri.cli import main
from nyckelfri.server import health
from nyckelfri.server.audit import copies, witness
from nyckelfri.server.importer import uploads
from nyckelfri.server.jobs import rounds
from nyckelfri.server.jobs.models import Beat
from nyckelfri.server.keys import actions_bulletin, actions_revoke, queries, watermark
from nyckelfri.server.keys.models import Issued, Revocation
from nyckelfri.server.people.models import Phone, PhoneState
from nyckelfri.server.phones import actions as phones
from outageworld import all_hangs_together, tries_later
from smalldisk import filled, small_disk

pytestmark = pytest.mark.threat(43)


@pytest.fixture
def disk() -> Iterator[Path]:
    """Where the database is; others may fill it."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="nyckelfri-full-") as place:
        Path(place).chmod(0o755)
        with small_disk(Path(place) / "disk", 32) as found:
            yield found


@pytest.fixture
def db(
    disk: Path, stores: Stores, tmp_path: Path, settings: Settings,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:  # fmt: skip
    """A database on the small disk: the file of SQLite, or the tables of PostgreSQL."""
    directory = disk if stores.cluster is None else tmp_path / "store"
    directory.mkdir(exist_ok=True)
    with (
        django_db_blocker.unblock(),
        stores.in_this_process(directory),
        tables_on(disk, stores),
    ):
        yield


@contextmanager
def tables_on(disk: Path, stores: Stores) -> Iterator[None]:
    cluster = stores.cluster
    if cluster is None:
        yield
        return
    name = connection.settings_dict["NAME"]
    connections.close_all()
    place = disk / "tables"
    place.mkdir()
    owner = cluster.directory.stat()
    os.chown(place, owner.st_uid, owner.st_gid)
    cluster.run(f"CREATE TABLESPACE small LOCATION '{place}'")
    cluster.run(f'ALTER DATABASE "{name}" SET TABLESPACE small')
    try:
        yield
    finally:
        connections.close_all()
        cluster.drop(name)
        cluster.run("DROP TABLESPACE small")


def until_it_is_full(carer: Carer) -> int:
    """Sync after sync until the last room within the database's own files is used; how many."""
    for done in range(400):
        answer = carer.ask()
        if tries_later(answer):
            return done
        carer.take(answer.body)
        connections.close_all()
        try:
            carer.lose_access()
            carer.visit()
        except DatabaseError:
            return done
    raise AssertionError("the disk is never full")


def test_phone_hears_to_come_again_loses_nothing_and_goes_on_when_there_is_room(
    carer: Carer, disk: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Journal, record, note and grants: whole or not there, and once in the end."""
    carer.visit()
    with filled(disk):
        until_it_is_full(carer)
        for _ in range(3):
            assert tries_later(carer.ask())
        all_hangs_together()
        # At the door nothing of that is felt: the lock goes on writing.
        carer.lock.use(Issued.objects.select_related("employee__subject").earliest("pk"))
    assert "Nothing was half stored: the disk is full: free some space" in caplog.text
    carer.body["batches"] = carer.everything()
    carer.take(carer.sync())
    carer.is_home_once()
    all_hangs_together()


def test_block_of_a_lost_phone_is_done_whole_or_refused_in_words(
    carer: Carer, disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever blocks is not left believing it; when there is room they do it again."""
    carer.visit()
    with filled(disk):
        until_it_is_full(carer)
        blocked = main(["server", "block-phone", "A", "--why", "lost"]) == 0
        phone = Phone.objects.get(pk=carer.phone.pk)
        assert (phone.state == PhoneState.BLOCKED) is blocked
        assert Revocation.objects.filter(kind=Revocation.Kind.PHONE).exists() is blocked
        if not blocked:
            assert "the disk is full: free some space" in capsys.readouterr().err
    phones.block(carer.phone, reason="lost", actor="test", now=carer.now)
    assert carer.phone.thumbprint in said(actions_bulletin.current(carer.now)).phones
    assert carer.ask().code == "phone_blocked"


# The files beside the database.


@pytest.fixture
def keys_disk(carer: Carer, tmp_path: Path, settings: Settings) -> Iterator[Path]:
    """Where the data directory is, without the database."""
    with small_disk(tmp_path / "small", 1) as found:
        place = found / "data"
        shutil.copytree(settings.DATA, place)
        settings.DATA = place
        yield found


def test_bulletin_that_cannot_be_noted_is_not_shown(carer: Carer, keys_disk: Path) -> None:
    """Neither is the sync that it belongs to; afterwards it is the same bulletin, noted."""
    keys = queries.directory()
    before = watermark.read(keys)
    names = set(keys.iterdir())
    carer.work()
    with filled(keys_disk):
        for _ in range(3):
            assert tries_later(carer.ask())
        assert watermark.read(keys) == before
        assert set(keys.iterdir()) == names
    carer.take(carer.sync())
    carer.is_home_once()
    all_hangs_together()


def test_head_of_the_log_that_cannot_be_noted_stops_no_deed(
    carer: Carer, keys_disk: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before, names = witness.read(), set(queries.directory().iterdir())
    grant = queries.live(carer.now).earliest("pk")
    later = carer.now + timedelta(minutes=2)
    with filled(keys_disk):
        actions_revoke.revoke(grant.serial, reason="x", actor="test", now=later)
        assert witness.read() == before
        assert set(queries.directory().iterdir()) == names
    assert "No space left" in caplog.text
    assert witness.note(later)
    assert witness.read() != before


def test_upload_that_finds_no_room_is_not_called_a_broken_file(
    carer: Carer, keys_disk: Path
) -> None:
    file = SimpleUploadedFile("brukare.csv", b"x" * 900_000)
    with filled(keys_disk, left=200_000):
        with pytest.raises(OSError, match="No space"):
            uploads.receive([file])
        assert not list(uploads.directory("x").parent.iterdir())


def test_copies_on_a_full_disk_are_trouble_that_the_pages_show_and_go_on(
    carer: Carer, keys_disk: Path, settings: Settings
) -> None:
    settings.COPIES = keys_disk / "copies"
    settings.COPIES.mkdir()
    (copying,) = (each for each in rounds.ROUNDS if each.name == "copies")
    with filled(keys_disk):
        assert not rounds.run(copying, carer.now)
        assert Beat.objects.get(name="copies").trouble == "OSError"
        assert not list(settings.COPIES.iterdir())
    assert rounds.run(copying, carer.now)
    assert copies.segments(settings.COPIES)


def test_disk_that_is_nearly_full_is_said_before_it_is(
    carer: Carer, moment: datetime, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    (room,) = (each for each in rounds.ROUNDS if each.name == "room")
    assert rounds.run(room, moment)
    monkeypatch.setattr(health, "ROOM", 1 << 60)
    assert not rounds.run(room, moment)
    assert Beat.objects.get(name="room").trouble == "NoRoomError"
    assert main(["server", "check"]) == 0
    assert "MB left: free some space" in capsys.readouterr().out
