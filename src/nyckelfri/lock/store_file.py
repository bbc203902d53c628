"""The file under the store: SQLite, its settings, and its errors as ours.

House rules: durable when a transaction returns (WAL, synchronous FULL), and one process only,
so the WAL needs no shared memory.

Powersafe overwrite is off: on an SD card a torn write may spoil the rest of its sector, so a
commit is padded and never shares a sector with the next one (sqlite.org/psow.html).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final
from urllib.parse import quote

import apsw
from apsw import Connection

from nyckelfri.lock.store_disk import MACHINE, Disk

SYNCHRONOUS: Final = "FULL"
CHECKPOINT_PAGES: Final = 256
"""Pages of WAL after which a commit also brings them into the file."""
_FEW_PAGES: Final = 8
"""The same where there is no room: about one opening."""
_LEAST_PAGES: Final = 64
"""What the file may always have: a large bulletin twice, and some days of openings."""
_MOST_PAGES: Final = 0xFFFF_FFFE
"""SQLite's own limit."""


class StoreError(Exception):
    """The store cannot do this; the text says what to do, and holds no key material."""


class StoreMissingError(StoreError):
    """There is no store at this path."""


class StoreBusyError(StoreError):
    """Another process has the store open."""


class StoreFullError(StoreError):
    """The disk has no room for this."""

    def __init__(self) -> None:
        super().__init__("the disk is full: free some space, nothing was saved")


class StoreDamagedError(StoreError):
    """What the lock needs in order to decide is unreadable; it must not guess."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what}; nothing was changed. Take the unit out of use and set it up anew"
        )


def connect(path: Path, disk: Disk = MACHINE, *, create: bool = False) -> Connection:
    """An open file with our settings; a StoreError says why it could not be opened.

    `create` allows a file that is missing or empty.
    """
    flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_URI | (create * apsw.SQLITE_OPEN_CREATE)
    # SQLite would take an empty file for a new database.
    if not create and disk.size(path) == 0:
        raise StoreDamagedError("the store's file is empty")
    with translated():
        db = Connection(f"file:{quote(str(path.absolute()))}?psow=0", flags=flags, vfs=disk.vfs)
        try:
            _configure(db)
        except BaseException:
            db.close(force=True)
            raise
    return db


def _configure(db: Connection) -> None:
    db.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    # Exclusive comes before WAL: only then is the WAL index kept in memory.
    for pragma in (
        "trusted_schema=OFF",
        "cell_size_check=ON",
        "page_size=4096",
        "locking_mode=EXCLUSIVE",
        "journal_mode=WAL",
        f"synchronous={SYNCHRONOUS}",
        "secure_delete=ON",
        f"wal_autocheckpoint={CHECKPOINT_PAGES}",
        f"journal_size_limit={4096 * CHECKPOINT_PAGES}",
        "temp_store=MEMORY",
        "cache_size=-1024",
    ):
        db.execute(f"PRAGMA {pragma}").fetchall()


@contextmanager
def translated() -> Iterator[None]:
    """Turn SQLite's errors into ours, with what to do about each."""
    try:
        yield
    except apsw.CantOpenError:
        raise StoreMissingError(
            "no store here: make it once in the factory step, and check the path and its directory"
        ) from None
    except (apsw.BusyError, apsw.LockedError):
        raise StoreBusyError("the store is in use: stop the other lock program first") from None
    except apsw.ReadOnlyError:
        raise StoreError(
            "the store cannot be written: check that the lock program owns it; if so, it is damaged"
        ) from None
    except (apsw.CorruptError, apsw.NotADBError, apsw.SQLError) as error:
        raise StoreDamagedError(f"the store is damaged ({type(error).__name__})") from None
    except apsw.FullError:
        raise StoreFullError from None
    except apsw.Error as error:
        raise StoreError(f"the store failed ({type(error).__name__}): check the disk") from None


@contextmanager
def transaction(db: Connection) -> Iterator[None]:
    """All or nothing, and on stable storage when it ends without an error."""
    with translated():
        db.execute("BEGIN IMMEDIATE")
        try:
            yield
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                with suppress(apsw.Error):
                    db.execute("ROLLBACK")
            raise


def fold_wal(db: Connection) -> None:
    """Bring everything from the WAL into the file, so that no old page stays behind."""
    with translated():
        db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)


def stop_growing(db: Connection) -> None:
    """Bring the WAL into the file if there is room, and let the file be as large as it is.

    From now on a transaction that would need more pages fails before anything of it is written,
    so that the next one, which gives some up, can be. The WAL keeps its length: space that is
    given back, somebody else may take.
    """
    with suppress(apsw.Error):
        db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_RESTART)
    with translated():
        db.pragma("max_page_count", max(db.pragma("page_count"), _LEAST_PAGES))
        db.pragma("wal_autocheckpoint", _FEW_PAGES)


def may_grow(db: Connection) -> None:
    """Let the file grow again: there is room."""
    with translated():
        db.pragma("max_page_count", _MOST_PAGES)
        db.pragma("wal_autocheckpoint", CHECKPOINT_PAGES)


def keep_wal(db: Connection) -> None:
    """Leave file and WAL as they are when this connection closes, if it has not."""
    with suppress(apsw.ConnectionClosedError):
        db.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
