"""A backup of the database, and putting one back; SQLite only, since PostgreSQL has its own.

House rules: a backup is one file, whole or not there, and its owner's only. No key file is in
it, and putting one back leaves `keys/` alone: there stands what this server has said since.
What is replaced is moved aside, never deleted.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection, connections, transaction

from nyckelfri.server import data_directory, start
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb

_DUMP: Final = (
    "This database is PostgreSQL: make backups with `pg_dump --format=custom`, and put one back "
    "with `pg_restore` into an empty database"
)
_PATIENCE: Final = 2.0
"""Seconds to wait for another program to be done with the database."""
_HEAD: Final = "SELECT number, head FROM audit_auditlink ORDER BY number DESC LIMIT 1"


class BackupError(Exception):
    """No backup was made, or none put back; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A database in a file: bytes, and the newest row of its audit log."""

    path: Path
    size: int
    number: int
    head: bytes


def make(target: Path, *, actor: str, now: datetime) -> Backup:
    """Write the whole database to a new file, while the server goes on; BackupError, OSError."""
    _require_sqlite()
    if target.exists():
        raise BackupError(f"{target} is there already: give a new name, old backups are kept")
    with transaction.atomic():
        # Before the file is there: who took everybody's data along must not be able to hide it.
        deed = audit.Deed(Verb.BACKUP_MAKE, "database", details={"file": target.name})
        audit.record([deed], actor=actor, now=now)
    with _written_beside(target) as fresh, closing(sqlite3.connect(fresh)) as copy:
        connection.ensure_connection()
        connection.connection.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without companions
    return inspect(target)


def inspect(path: Path) -> Backup:
    """Say what a backup holds; BackupError unless it is a whole database of this program."""
    if not path.is_file():
        raise BackupError(f"{path} is not there: name a file that `nyckelfri server backup` made")
    try:
        with closing(_read_only(path)) as db:
            if db.execute("PRAGMA quick_check").fetchall() != [("ok",)]:
                raise BackupError(f"{path} is damaged: take an older backup")
            number, head = db.execute(_HEAD).fetchone() or (0, b"")
    except sqlite3.Error:
        raise BackupError(f"{path} is no backup of ours, or damaged: take another") from None
    return Backup(path, path.stat().st_size, number, head)


def restore(source: Path, *, reason: str, actor: str, now: datetime) -> tuple[Backup, Path | None]:
    """Put a backup in the database's place; it, and where what it replaced lies now.

    BackupError, OSError: nothing has changed. Where the watermark in `keys/` is younger than the
    backup, nothing is signed before a new epoch.
    """
    _require_sqlite()
    found = inspect(source)
    place = Path(settings.DATABASES["default"]["NAME"])
    with data_directory.nobody_serving(settings.DATA) as alone:
        if not alone:
            raise BackupError("The server is running: stop `nyckelfri server run` and `work` first")
        connections.close_all()
        _require_same_root(source, place)
        with _written_beside(place) as fresh:
            shutil.copyfile(source, fresh)
            aside = _keep_aside(place, now)
    start.bring_tables_up_to_date()
    with transaction.atomic():
        said = {"file": source.name, "number": found.number, "head": found.head.hex()}
        deed = audit.Deed(Verb.BACKUP_RESTORE, "database", reason, said)
        audit.record([deed], actor=actor, now=now)
    return found, aside


def _require_sqlite() -> None:
    if connection.vendor != "sqlite":
        raise BackupError(_DUMP)


@contextmanager
def _written_beside(target: Path) -> Iterator[Path]:
    """Give a new private file to fill, and put it in place of `target` when it is on the disk."""
    fresh = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
    os.close(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield fresh
        with fresh.open("rb") as file:
            os.fsync(file.fileno())
        fresh.replace(target)
        directory = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
    finally:
        fresh.unlink(missing_ok=True)


def _keep_aside(place: Path, now: datetime) -> Path | None:
    """Give what stands there a second name, and let none of its companions meet another file."""
    aside = place.with_name(f"{place.name}.replaced-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    was_there = place.exists()
    if was_there:
        _require_alone(place)
        os.link(place, aside)
    for companion in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            place.with_name(place.name + companion).rename(f"{aside}{companion}")
    return aside if was_there else None


def _require_alone(place: Path) -> None:
    """Fold the write-ahead log in, where it can be read; BackupError if anybody else is there."""
    try:
        with closing(sqlite3.connect(place, timeout=_PATIENCE)) as db:
            db.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", None) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise BackupError("Another program has the database open: end it first") from None


def _require_same_root(source: Path, place: Path) -> None:
    """BackupError for another municipality's backup, where there is a database to tell by."""
    roots = {row for path in (source, place) if (row := _pinned(path)) is not None}
    if len(roots) > 1:
        raise BackupError(f"{source} is of another root: no lock of this server believes it")


def _pinned(path: Path) -> bytes | None:
    try:
        with closing(_read_only(path)) as db:
            row = db.execute("SELECT data FROM keys_pinnedroot").fetchone()
    except sqlite3.Error:
        return None
    return None if row is None else bytes(row[0])


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_PATIENCE)
