"""What stands in the store's file: state in two copies, and the journal, each row checkable.

House rules: no row is believed unread. A state row carries a digest and stands in two tables,
hence on two pages, and so does a wrapped content key, since many entries hang on it. A journal
row carries its leaf, the head before it and the head the two give, and a digest of what is
sealed: the lock cannot open that again to see whether it is still what the leaf stands for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Self

import apsw
from apsw import Connection

from nyckelfri.door import fields, journal
from nyckelfri.door.sealing import WRAPPED_BYTES, Wrapping
from nyckelfri.lock import store_state
from nyckelfri.lock.store_file import (
    StoreDamagedError,
    StoreError,
    fold_wal,
    transaction,
    translated,
)
from nyckelfri.lock.store_state import LockState, Tip

APPLICATION_ID: Final = 0x4E79636B
SCHEMA_VERSION: Final = 2
_SLOTS: Final = (1, 2, 3, 4, 5)
_COPIES: Final = ("state", "state_copy")
_WRAPPINGS: Final = ("wrapping", "wrapping_copy")
_DIGEST_BYTES: Final = 16
# Damage can also turn bytes into text that is none.
_UNREADABLE: Final = (apsw.Error, UnicodeError)

_SCHEMA: Final = """
CREATE TABLE state (slot INTEGER PRIMARY KEY, revision INTEGER NOT NULL, value BLOB NOT NULL,
    digest BLOB NOT NULL) STRICT;
CREATE TABLE state_copy (slot INTEGER PRIMARY KEY, revision INTEGER NOT NULL, value BLOB NOT NULL,
    digest BLOB NOT NULL) STRICT;
CREATE TABLE wrapping (id INTEGER PRIMARY KEY, kid BLOB NOT NULL, wrapped BLOB NOT NULL,
    digest BLOB NOT NULL) STRICT;
CREATE TABLE wrapping_copy (id INTEGER PRIMARY KEY, kid BLOB NOT NULL, wrapped BLOB NOT NULL,
    digest BLOB NOT NULL) STRICT;
CREATE TABLE journal (number INTEGER PRIMARY KEY, previous BLOB NOT NULL, leaf BLOB NOT NULL,
    head BLOB NOT NULL, wrapping INTEGER NOT NULL, sealed BLOB NOT NULL, digest BLOB NOT NULL)
    STRICT;
"""
_SELECT: Final = "SELECT number, previous, leaf, head, wrapping, sealed, digest FROM journal"


@dataclass(frozen=True, slots=True)
class Row:
    """One entry as stored: leaf between two heads, and the sealed bytes under a wrapped key."""

    number: int
    previous: bytes
    leaf: bytes
    head: bytes
    wrapping: int
    sealed: bytes
    digest: bytes

    @classmethod
    def make(cls, number: int, previous: bytes, leaf: bytes, wrapping: int, sealed: bytes) -> Self:
        """The row of a new entry; `wrapping` is the number of its content key in the store."""
        head = journal.next_head(previous, leaf)
        digest = _row_digest(number, wrapping, sealed)
        return cls(number, previous, leaf, head, wrapping, sealed, digest)

    @property
    def holds(self) -> bool:
        """Whether all is as it was when it was written."""
        # A changed byte in a record's header can turn a value into another type.
        blobs = (self.previous, self.leaf, self.head, self.sealed, self.digest)
        if not all(isinstance(part, bytes) for part in blobs):
            return False
        try:
            made = Row.make(self.number, self.previous, self.leaf, self.wrapping, self.sealed)
        except (journal.JournalError, TypeError):
            return False
        return made == self


@dataclass(frozen=True, slots=True)
class Contents:
    """What could be read: the state, its revision, and whether all is as it was written."""

    state: LockState
    revision: int
    intact: bool


def initialise(
    db: Connection,
    state: LockState,
    rows: Iterable[Row],
    revision: int,
    wrappings: Mapping[int, Wrapping] | None = None,
) -> None:
    """Fill an empty file, in one transaction."""
    with transaction(db):
        if version(db) != (0, 0):
            raise StoreError("there is a store here already: it is not written over")
        db.execute(_SCHEMA)
        parts = map(store_state.encode, store_state.parts(state))
        put_state(db, zip(_SLOTS, parts, strict=True), revision)
        for number, wrapping in (wrappings or {}).items():
            put_wrapping(db, number, wrapping)
        put_rows(db, rows)
        db.execute(f"PRAGMA application_id={APPLICATION_ID}")
        db.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
    fold_wal(db)


def version(db: Connection) -> tuple[int, int]:
    """(application id, schema version); (0, 0) is an empty file."""
    return db.pragma("application_id"), db.pragma("user_version")


def put_state(db: Connection, items: Iterable[tuple[int, bytes]], revision: int) -> None:
    """Write slots of the state to both copies."""
    rows = [(slot, revision, item, _digest(slot, revision, item)) for slot, item in items]
    for table in _COPIES:
        db.executemany(f"REPLACE INTO {table} VALUES (?, ?, ?, ?)", rows)  # noqa: S608 - a constant


def put_wrapping(db: Connection, number: int, wrapping: Wrapping) -> None:
    """Write a wrapped content key to both copies, once."""
    row = (number, wrapping.kid, wrapping.wrapped, _wrapping_digest(number, wrapping))
    for table in _WRAPPINGS:
        db.execute(f"INSERT OR IGNORE INTO {table} VALUES (?, ?, ?, ?)", row)  # noqa: S608 - a constant


def newest_wrapping(db: Connection) -> int:
    """The highest number of a content key in the store, 0 without one."""
    with translated():
        queries = (f"SELECT coalesce(max(id), 0) FROM {table}" for table in _WRAPPINGS)  # noqa: S608 - constants
        return max(int(db.execute(query).get) for query in queries)


def get_wrappings(db: Connection, numbers: Iterable[int]) -> dict[int, Wrapping]:
    """Those of these content keys that can be read, from either copy."""
    found = {}
    for number in sorted(set(numbers)):
        copies = [_wrapping(db, table, number) for table in _WRAPPINGS]
        wrapping = copies[0] or copies[1]
        if wrapping is not None:
            found[number] = wrapping
    return found


def _wrapping(db: Connection, table: str, number: int) -> Wrapping | None:
    query = f"SELECT kid, wrapped, digest FROM {table} WHERE id = ?"  # noqa: S608 - a constant
    try:
        row = db.execute(query, (number,)).fetchone()
    except _UNREADABLE:
        return None
    match row:
        case (bytes(kid), bytes(wrapped), bytes(digest)) if len(wrapped) == WRAPPED_BYTES:
            wrapping = Wrapping(kid, wrapped)
            return wrapping if digest == _wrapping_digest(number, wrapping) else None
    return None


def put_rows(db: Connection, rows: Iterable[Row]) -> None:
    """Add journal rows; one with a number that is taken is an error."""
    db.executemany(
        "INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            (
                row.number,
                row.previous,
                row.leaf,
                row.head,
                row.wrapping,
                row.sealed,
                row.digest,
            )
            for row in rows
        ),
    )


def get_rows(db: Connection, first: int, most: int) -> list[Row]:
    """Up to `most` journal rows from number `first` on, in order."""
    with translated():
        found = db.execute(f"{_SELECT} WHERE number >= ? ORDER BY number LIMIT ?", (first, most))
        return [Row(*values) for values in found]


def drop_rows(db: Connection, last: int) -> None:
    """Delete journal rows up to number `last`, and the content keys that none is left of."""
    db.execute("DELETE FROM journal WHERE number <= ?", (last,))
    if db.changes():
        for table in _WRAPPINGS:
            # Numbers of content keys rise with the numbers of entries.
            db.execute(
                f"DELETE FROM {table} WHERE id <"  # noqa: S608 - a constant
                " (SELECT wrapping FROM journal ORDER BY number LIMIT 1)"
            )


def clear_journal(db: Connection) -> None:
    """Delete every journal row and content key."""
    for table in ("journal", *_WRAPPINGS):
        db.execute(f"DELETE FROM {table}")  # noqa: S608 - a constant


def read(db: Connection) -> Contents:
    """The state of the file, every row of it checked; StoreDamagedError if no state can be had."""
    with translated():
        found = version(db)
    if found != (APPLICATION_ID, SCHEMA_VERSION):
        raise StoreDamagedError("this is not a lock's store, or one of another version")
    items, revision, whole = _read_state(db)
    try:
        state = store_state.decode(items)
    except fields.ObjectError as error:
        raise StoreDamagedError(f"the saved state is unreadable: {error}") from None
    intact = whole and _is_sound(db) and _chain_holds(db, state)
    return Contents(state, revision, intact)


def _read_state(db: Connection) -> tuple[tuple[bytes, ...], int, bool]:
    items = []
    newest = 0
    whole = True
    for slot in _SLOTS:
        first, second = (_copy(db, table, slot) for table in _COPIES)
        readable = [copy for copy in (first, second) if copy is not None]
        if not readable:
            raise StoreDamagedError(f"both copies of state {slot} are unreadable")
        revision, item = max(readable)
        whole = whole and first == second
        newest = max(newest, revision)
        items.append(item)
    return tuple(items), newest, whole


def _copy(db: Connection, table: str, slot: int) -> tuple[int, bytes] | None:
    """(revision, value) of one copy of a slot, or None if it is missing or has changed."""
    query = f"SELECT revision, value, digest FROM {table} WHERE slot = ?"  # noqa: S608 - a constant
    try:
        row = db.execute(query, (slot,)).fetchone()
    except _UNREADABLE:
        return None
    match row:
        case (int(revision), bytes(item), bytes(digest)) if digest == _digest(slot, revision, item):
            return revision, item
    return None


def _digest(slot: int, revision: int, item: bytes) -> bytes:
    return hashlib.sha256(b"%d/%d/" % (slot, revision) + item).digest()


def _row_digest(number: int, wrapping: int, sealed: bytes) -> bytes:
    return hashlib.sha256(b"%d/%d/" % (number, wrapping) + sealed).digest()[:_DIGEST_BYTES]


def _wrapping_digest(number: int, wrapping: Wrapping) -> bytes:
    return hashlib.sha256(b"%d/" % number + wrapping.kid + wrapping.wrapped).digest()[
        :_DIGEST_BYTES
    ]


def _is_sound(db: Connection) -> bool:
    try:
        return bool(db.pragma("quick_check") == "ok")
    except _UNREADABLE:
        return False


def _chain_holds(db: Connection, state: LockState) -> bool:
    """Whether every row holds and continues the one before it, but for holes that are known."""
    running = state.running
    if state.identity is None:
        return running.tip == Tip() and not get_rows(db, 0, 1)
    numbers: list[int] = []
    used: set[int] = set()
    head = None
    try:
        for values in db.execute(f"{_SELECT} ORDER BY number"):
            row = Row(*values)
            follows = numbers and row.number == numbers[-1] + 1
            if not row.holds or (follows and row.previous != head):
                return False
            numbers.append(row.number)
            used.add(row.wrapping)
            head = row.head
    except _UNREADABLE:
        return False
    if not _wrappings_hold(db, used):
        return False
    if numbers and numbers[-1] == running.tip.number and head != running.tip.head:
        return False
    return all(
        any(first <= missing[0] and missing[1] <= last for first, last in running.holes)
        for missing in holes(numbers, running.tip)
    )


def _wrappings_hold(db: Connection, used: set[int]) -> bool:
    """Whether both copies of every content key that an entry needs are there and alike."""
    first, second = (
        {number: _wrapping(db, table, number) for number in used} for table in _WRAPPINGS
    )
    return None not in first.values() and first == second


def holes(numbers: Sequence[int], tip: Tip) -> tuple[tuple[int, int], ...]:
    """The ranges that are missing between what need not be kept, or is nevertheless, and the tip.

    A number behind the tip counts as a hole too: nothing that was committed gave it.
    """
    start = min([tip.settled + 1, *numbers[:1]])
    steps = pairwise([start - 1, *numbers, tip.number + 1])
    return tuple((before + 1, after - 1) for before, after in steps if after != before + 1)


def salvage_rows(db: Connection, tip: Tip) -> tuple[list[Row], dict[int, Wrapping]]:
    """The rows that still verify, in order, and their content keys.

    Each row holds, says its number, fits its successor, and can be opened by the server.
    """
    kept: list[Row] = []
    wrappings: dict[int, Wrapping] = {}
    successor: Row | None = None
    gaps = 0
    for number in range(tip.number, 0, -1):
        row = _row(db, number, wrappings)
        expected = tip.head if number == tip.number else successor and successor.previous
        if row is not None and (expected is None or row.head == expected):
            kept.append(row)
        else:
            row = None
            gaps += successor is not None or number == tip.number
        if gaps > store_state.MAX_HOLES - 1:
            break
        successor = row
    kept.reverse()
    used = {row.wrapping for row in kept}
    return kept, {number: wrappings[number] for number in sorted(used)}


def _row(db: Connection, number: int, wrappings: dict[int, Wrapping]) -> Row | None:
    """The row with this number, if it holds; its content key is then among the wrappings."""
    try:
        found = db.execute(f"{_SELECT} WHERE number = ?", (number,)).fetchone()
        row = found and Row(*found)
        if row and row.number == number and row.holds:
            if row.wrapping not in wrappings:
                wrappings.update(get_wrappings(db, [row.wrapping]))
            return row if row.wrapping in wrappings else None
    except _UNREADABLE:
        pass
    return None
