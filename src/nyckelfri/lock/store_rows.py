"""What stands in the store's file: state in two copies, and the journal, each row checkable.

House rule: no row is believed unread. A state row carries a digest and stands in two tables,
hence on two pages; a journal row carries the head that its own bytes give, and the one before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import apsw
from apsw import Connection

from nyckelfri.door import fields, journal
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
SCHEMA_VERSION: Final = 1
_SLOTS: Final = (1, 2, 3, 4, 5)
_COPIES: Final = ("state", "state_copy")
# Damage can also turn bytes into text that is none.
_UNREADABLE: Final = (apsw.Error, UnicodeError)

_SCHEMA: Final = """
CREATE TABLE state (slot INTEGER PRIMARY KEY, revision INTEGER NOT NULL, value BLOB NOT NULL,
    digest BLOB NOT NULL) STRICT;
CREATE TABLE state_copy (slot INTEGER PRIMARY KEY, revision INTEGER NOT NULL, value BLOB NOT NULL,
    digest BLOB NOT NULL) STRICT;
CREATE TABLE journal (number INTEGER PRIMARY KEY, previous BLOB NOT NULL, salt BLOB NOT NULL,
    body BLOB NOT NULL, head BLOB NOT NULL) STRICT;
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One entry as stored: between the head before it and the head it gives."""

    number: int
    previous: bytes
    salt: bytes = field(repr=False)
    body: bytes = field(repr=False)
    head: bytes

    @property
    def holds(self) -> bool:
        """Whether the bytes give the head, as they did when they were written."""
        parts = (self.previous, self.salt, self.body)
        # A changed byte in a record's header can turn a blob into another type.
        if not all(isinstance(part, bytes) for part in parts):
            return False
        try:
            return journal.next_head(self.previous, journal.leaf(self.salt, self.body)) == self.head
        except journal.JournalError:
            return False


@dataclass(frozen=True, slots=True)
class Contents:
    """What could be read: the state, its revision, and whether all is as it was written."""

    state: LockState
    revision: int
    intact: bool


def initialise(db: Connection, state: LockState, rows: Iterable[Row], revision: int) -> None:
    """Fill an empty file, in one transaction."""
    with transaction(db):
        if version(db) != (0, 0):
            raise StoreError("there is a store here already: it is not written over")
        db.execute(_SCHEMA)
        parts = map(store_state.encode, store_state.parts(state))
        put_state(db, zip(_SLOTS, parts, strict=True), revision)
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


def put_rows(db: Connection, rows: Iterable[Row]) -> None:
    """Add journal rows; one with a number that is taken is an error."""
    db.executemany(
        "INSERT INTO journal VALUES (?, ?, ?, ?, ?)",
        ((row.number, row.previous, row.salt, row.body, row.head) for row in rows),
    )


def get_rows(db: Connection, first: int, most: int) -> list[Row]:
    """Up to `most` journal rows from number `first` on, in order."""
    with translated():
        found = db.execute(
            "SELECT number, previous, salt, body, head FROM journal WHERE number >= ?"
            " ORDER BY number LIMIT ?",
            (first, most),
        )
        return [Row(*values) for values in found]


def drop_rows(db: Connection, last: int) -> None:
    """Delete journal rows up to number `last`."""
    db.execute("DELETE FROM journal WHERE number <= ?", (last,))


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
    head = None
    try:
        for values in db.execute(
            "SELECT number, previous, salt, body, head FROM journal ORDER BY number"
        ):
            row = Row(*values)
            follows = numbers and row.number == numbers[-1] + 1
            if not row.holds or (follows and row.previous != head):
                return False
            numbers.append(row.number)
            head = row.head
    except _UNREADABLE:
        return False
    if numbers and numbers[-1] == running.tip.number and head != running.tip.head:
        return False
    return all(
        any(first <= missing[0] and missing[1] <= last for first, last in running.holes)
        for missing in holes(numbers, running.tip)
    )


def holes(numbers: Sequence[int], tip: Tip) -> tuple[tuple[int, int], ...]:
    """The ranges that are missing between what is acknowledged, or kept from before, and the tip.

    A number behind the tip counts as a hole too: nothing that was committed gave it.
    """
    start = min([tip.acknowledged + 1, *numbers[:1]])
    steps = pairwise([start - 1, *numbers, tip.number + 1])
    return tuple((before + 1, after - 1) for before, after in steps if after != before + 1)


def salvage_rows(db: Connection, tip: Tip) -> list[Row]:
    """The rows that still verify, in order: each holds, says its number, and fits its successor."""
    kept: list[Row] = []
    successor: Row | None = None
    gaps = 0
    for number in range(tip.number, 0, -1):
        row = _row(db, number)
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
    return kept


def _row(db: Connection, number: int) -> Row | None:
    try:
        found = db.execute(
            "SELECT number, previous, salt, body, head FROM journal WHERE number = ?", (number,)
        ).fetchone()
        row = found and Row(*found)
        if row and row.holds and journal.decode_entry(row.body).number == number:
            return row
    except (*_UNREADABLE, fields.ObjectError):
        pass
    return None
