"""The phone's memory: one folder, one SQLite file, one transaction a change.

House rules: the folder is 0700 and its files 0600. What names a person or a home is sealed under
a key that only the PIN gives (`Book` in book.py); everything here is opaque ids and signed bytes.
What waits for the server (`outbox.py`) is deleted only when the server has answered.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Self

from nyckelfri.door import bulletin as bulletins
from nyckelfri.door import keyset
from nyckelfri.door.keyset import Root
from nyckelfri.phone.values import Seen, Stay, Trusted

_FILE: Final = "phone.db"
VAULT_FILE: Final = "vault"
_PATIENCE: Final = 10.0
"""Seconds that one command waits for another one on the same phone."""

_SCHEMA: Final = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
CREATE TABLE sealed (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE grants (
    serial BLOB PRIMARY KEY, installation BLOB NOT NULL, data BLOB NOT NULL,
    not_before INTEGER NOT NULL, not_after INTEGER NOT NULL, scope INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE stays (
    installation BLOB PRIMARY KEY, serial BLOB NOT NULL, opened INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE receipts (
    installation BLOB PRIMARY KEY, number INTEGER NOT NULL, data BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE wanted (installation BLOB PRIMARY KEY, first INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE seen (
    installation BLOB PRIMARY KEY, key_set INTEGER NOT NULL, epoch INTEGER NOT NULL,
    bulletin INTEGER NOT NULL, acknowledged INTEGER NOT NULL, carried INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE batches (id INTEGER PRIMARY KEY, data BLOB NOT NULL UNIQUE);
CREATE TABLE openings (
    id TEXT PRIMARY KEY, installation BLOB NOT NULL, serial BLOB NOT NULL,
    command INTEGER NOT NULL, reason INTEGER NOT NULL, number INTEGER NOT NULL,
    head BLOB NOT NULL, phone_time INTEGER NOT NULL
);
CREATE TABLE installations (id INTEGER PRIMARY KEY, lock TEXT NOT NULL, data BLOB NOT NULL UNIQUE);
"""
_RELEASES: Final = """
CREATE TABLE orders (installation BLOB PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE labels (
    installation BLOB PRIMARY KEY, data BLOB NOT NULL, confirmed INTEGER NOT NULL
) WITHOUT ROWID;
"""
_UNSURE: Final = """
CREATE TABLE unsure (
    unit BLOB PRIMARY KEY, lock TEXT NOT NULL, data BLOB NOT NULL, since INTEGER NOT NULL
) WITHOUT ROWID;
"""
_STEPS: Final = (_SCHEMA, _RELEASES, _UNSURE)
"""What makes version 1 of the state, and each next version of the one before."""


class StoreError(Exception):
    """The state folder cannot be used; the text says what to do."""


class NotEnrolledError(StoreError):
    """This phone belongs to nobody."""

    def __init__(self) -> None:
        super().__init__("this phone is not enrolled: use `enrol` first")


class AlreadyEnrolledError(StoreError):
    """This phone belongs to a municipality already."""

    def __init__(self) -> None:
        super().__init__("this phone is enrolled already: `wipe` it first")


class Store:
    """An open state folder; a context manager. Not for use by several threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._connection = _open(folder)
        if not self.vault.exists() and self.get("phone") is not None:
            self.destroy(outbox=False)  # a wipe that was cut short

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._connection.close()

    @property
    def vault(self) -> Path:
        """Where the secrets lie."""
        return self.folder / VAULT_FILE

    @property
    def enrolled(self) -> bool:
        """Whether this phone belongs to a municipality."""
        return self.vault.exists() and self.get("phone") is not None

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All changes inside are on stable storage together when this ends, or none is made."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """Every row of a query."""
        return self._connection.execute(query, values).fetchall()

    # Single values.

    def get(self, name: str) -> object:
        """The value that was `put` under this name, None if there is none."""
        found = self.rows("SELECT value FROM meta WHERE name = ?", name)
        return found[0][0] if found else None

    def put(self, name: str, value: str | bytes | int) -> None:
        """Keep one value."""
        with self.transaction() as change:
            put(change, name, value)

    def text(self, name: str) -> str:
        """A value that enrolment has put; StoreError without it."""
        value = self.get(name)
        if not isinstance(value, str):
            raise NotEnrolledError
        return value

    @property
    def offset(self) -> int:
        """Server time minus this phone's clock, in seconds, as of the last sync."""
        value = self.get("offset")
        return value if isinstance(value, int) else 0

    # Tries of the PIN, counted before they are made: pulling the plug gives no free try.

    def count_try(self) -> int:
        """Note one more try of the PIN; how many there are now."""
        with self.transaction() as change:
            tries = self.tries + 1
            put(change, "tries", tries)
        return tries

    def forget_tries(self) -> None:
        """The PIN was right."""
        self.put("tries", 0)

    @property
    def tries(self) -> int:
        """Tries of the PIN since it was right."""
        value = self.get("tries")
        return value if isinstance(value, int) else 0

    # The municipality, and what locks have told.

    def trusted(self) -> Trusted:
        """Root, key set and bulletin; they were verified before they were put here."""
        root, key_set, bulletin = (self.get(name) for name in ("root", "key_set", "bulletin"))
        if not isinstance(root, bytes):
            raise NotEnrolledError
        pinned = Root.read(root)
        if not isinstance(key_set, bytes):
            return Trusted(pinned)
        keys = keyset.read(key_set, pinned)
        if not isinstance(bulletin, bytes):
            return Trusted(pinned, keys, key_set)
        return Trusted(pinned, keys, key_set, bulletins.read(bulletin, keys), bulletin)

    def receipt(self, installation: bytes) -> tuple[int, bytes] | None:
        """Number and signed bytes of the newest receipt for a lock."""
        for number, data in self.rows(
            "SELECT number, data FROM receipts WHERE installation = ?", installation
        ):
            if isinstance(number, int) and isinstance(data, bytes):
                return number, data
        return None

    def order(self, installation: bytes) -> bytes | None:
        """The root-signed release that the server has ordered for a lock."""
        for (data,) in self.rows("SELECT data FROM orders WHERE installation = ?", installation):
            if isinstance(data, bytes):
                return data
        return None

    def wanted(self, installation: bytes) -> int | None:
        """The first entry that the server misses of a lock's journal."""
        for (first,) in self.rows("SELECT first FROM wanted WHERE installation = ?", installation):
            if isinstance(first, int):
                return first
        return None

    def seen(self, installation: bytes) -> Seen | None:
        """What a lock said of itself at the last visit."""
        found = self.rows(
            "SELECT installation, key_set, epoch, bulletin, acknowledged, carried"
            " FROM seen WHERE installation = ?",
            installation,
        )
        return Seen(*found[0]) if found else None  # type: ignore[arg-type]

    def keep_seen(self, seen: Seen) -> None:
        """Remember what a lock said of itself."""
        with self.transaction() as change:
            change.execute(
                "REPLACE INTO seen VALUES (?, ?, ?, ?, ?, ?)",
                (
                    seen.installation,
                    seen.key_set,
                    seen.epoch,
                    seen.bulletin,
                    seen.acknowledged,
                    seen.carried,
                ),
            )

    def stay(self, installation: bytes) -> Stay | None:
        """This phone's last opening of a door."""
        found = self.rows("SELECT * FROM stays WHERE installation = ?", installation)
        return Stay(*found[0]) if found else None  # type: ignore[arg-type]

    # The end.

    def destroy(self, *, outbox: bool) -> None:
        """Make the phone useless: secrets first, then everything else.

        Without `outbox`, records of openings and of new installations stay for the server: they
        name nobody. Journal batches always go: the lock has them still, for the next phone.
        """
        self.vault.unlink(missing_ok=True)
        self.vault.with_suffix(".new").unlink(missing_ok=True)
        tables = ["meta", "sealed", "grants", "stays", "receipts", "wanted", "seen", "batches"]
        tables += ["orders", "labels"]  # a label cannot be read without the vault
        if outbox:
            tables += ["openings", "installations", "unsure"]
        with self.transaction() as change:
            for table in tables:
                change.execute(f"DELETE FROM {table}")  # noqa: S608 - the names stand above
        self._connection.execute("VACUUM")


def put(change: sqlite3.Connection, name: str, value: str | bytes | int) -> None:
    """Keep one value inside a transaction."""
    change.execute("REPLACE INTO meta VALUES (?, ?)", (name, value))


def _open(folder: Path) -> sqlite3.Connection:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        path = folder / _FILE
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        path.chmod(0o600)
        connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"cannot use the state folder: {type(error).__name__}") from None
    try:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
        _set_up(connection)
    except (sqlite3.Error, StoreError) as error:
        connection.close()
        if isinstance(error, StoreError):
            raise
        raise StoreError("the state is damaged: remove the folder and enrol again") from None
    return connection


def _set_up(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if not 0 <= version <= len(_STEPS):
            raise StoreError("this state is of another version of the phone: enrol again")
        for step in _STEPS[version:]:
            for statement in step.split(";\n"):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(_STEPS)}")
    finally:
        connection.execute("COMMIT")
