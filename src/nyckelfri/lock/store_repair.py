"""Making a store file, and making a new one out of a damaged one.

House rules: a file is finished and on stable storage before it gets the store's name, so a
power cut leaves either the one or the other. A damaged file is never written to; it is kept under
another name, for whoever wants to know what happened, until the unit is released.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from nyckelfri.door.sealing import Wrapping
from nyckelfri.lock import store_file, store_rows
from nyckelfri.lock.store_disk import Disk
from nyckelfri.lock.store_file import StoreError
from nyckelfri.lock.store_rows import Contents, Row
from nyckelfri.lock.store_state import LockState

_log = logging.getLogger(__name__)
_WAL = "-wal"
_DRAFT = ".draft"
_READY = ".repaired"
_DAMAGED = ".damaged"


def create(path: Path, disk: Disk, state: LockState) -> None:
    """Make the store file of a unit that has none; StoreError if there is one."""
    if any(disk.size(_beside(path, suffix)) is not None for suffix in ("", _WAL, _READY)):
        raise StoreError(f"{path} exists: a store is made once and never written over")
    disk.rename(_draft(path, disk, state, (), {}, revision=1), path)
    disk.sync_names(path.parent)


def finish(path: Path, disk: Disk) -> None:
    """Complete a repair that a power cut interrupted, if there was one."""
    if disk.size(_beside(path, _READY)) is not None:
        _swap(path, disk)


def repair(path: Path, disk: Disk) -> None:
    """Replace a damaged file by one with everything in it that verifies.

    StoreDamagedError when the state cannot be read from either copy: a lock that does not know
    who it is, or what was revoked, opens to nobody.
    """
    contents, rows, wrappings = _salvage(path, disk)
    running = contents.state.running
    holes = store_rows.holes([row.number for row in rows], running.tip)
    _log.error("store damaged and repaired: entries lost: %s", holes or "none")
    state = replace(contents.state, running=replace(running, holes=holes, repaired=True))
    draft = _draft(path, disk, state, rows, wrappings, revision=contents.revision + 1)
    disk.rename(draft, _beside(path, _READY))
    disk.sync_names(path.parent)
    _swap(path, disk)


def forget(path: Path, disk: Disk) -> None:
    """Delete what was kept of damaged files: it holds keys and a journal, as the store did."""
    for suffix in ("", _WAL):
        with suppress(OSError):
            disk.delete(_beside(path, _DAMAGED + suffix))


def _salvage(path: Path, disk: Disk) -> tuple[Contents, Sequence[Row], Mapping[int, Wrapping]]:
    db = store_file.connect(path, disk)
    try:
        # Whatever is in the WAL stays there: the damaged file is evidence.
        store_file.keep_wal(db)
        contents = store_rows.read(db)
        return contents, *store_rows.salvage_rows(db, contents.state.running.tip)
    finally:
        db.close(force=True)


def _swap(path: Path, disk: Disk) -> None:
    """Put the finished file in place; may be cut and called again at any point."""
    for suffix in ("", _WAL):
        with suppress(FileNotFoundError):
            disk.rename(_beside(path, suffix), _beside(path, _DAMAGED + suffix))
    # Both must be out of the way first: SQLite would replay the old WAL over the new file.
    disk.sync_names(path.parent)
    disk.rename(_beside(path, _READY), path)
    disk.sync_names(path.parent)


def _draft(
    path: Path,
    disk: Disk,
    state: LockState,
    rows: Sequence[Row],
    wrappings: Mapping[int, Wrapping],
    *,
    revision: int,
) -> Path:
    draft = _beside(path, _DRAFT)
    for suffix in ("", _WAL, "-journal"):
        disk.delete(_beside(draft, suffix))
    # Made here and not by SQLite, so that nobody else can read it even for a moment.
    try:
        disk.make(draft)
    except OSError as error:
        raise StoreError(f"cannot make {draft}: {error.strerror}; check its directory") from None
    db = store_file.connect(draft, disk, create=True)
    try:
        # It ends with all of it in the file itself, and synced.
        store_rows.initialise(db, state, rows, revision, wrappings)
    finally:
        with store_file.translated():
            db.close()
    return draft


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)
