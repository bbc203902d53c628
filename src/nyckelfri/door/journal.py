"""The journal of a lock: entries, and the chain that holds them together (docs/protocol.md, 8).

House rules: an entry says what staff, battery and clock did, never what the resident did. An
entry has one encoding, and the bytes are what is hashed, stored and sent. Salts are parameters:
without its salt a leaf says nothing about the entry, however few entries are possible.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from functools import partial
from typing import Any, Final, TypeAlias

from nyckelfri import cbor
from nyckelfri.door import fields
from nyckelfri.door.clock import Mark
from nyckelfri.door.grants import Command
from nyckelfri.door.reasons import Reason

SALT_BYTES: Final = 16
HEAD_BYTES: Final = 32
_COMMON: Final = 4
"""What every entry has: number, time, mark, kind."""
MAX_ENTRY: Final = 64
"""Bytes of the longest entry, with room to spare."""
_GENESIS: Final = b"nyckelfri/journal"


class JournalError(fields.ObjectError):
    """An entry, a batch, a receipt or a retained chain that does not hold."""


class MotorResult(IntEnum):
    """What became of an intent."""

    DONE = 1
    JAMMED = 2
    UNKNOWN = 3


class FaultCode(IntEnum):
    """What the lock found wrong with itself."""

    MOTOR = 1
    BATTERY_LOW = 2
    STORE_REPAIRED = 3
    CLOCK_LOST = 4


@dataclass(frozen=True, slots=True)
class Intent:
    """A granted command, committed before the motor moves."""

    serial: bytes
    subject: bytes
    phone: bytes
    command: Command


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the intent with this number."""

    intent: int
    result: MotorResult


@dataclass(frozen=True, slots=True)
class Refusal:
    """A command that policy refused to a phone that proved its key."""

    reason: Reason
    serial: bytes
    subject: bytes
    phone: bytes
    command: Command


@dataclass(frozen=True, slots=True)
class Fault:
    """Something is wrong with the lock itself."""

    code: FaultCode


@dataclass(frozen=True, slots=True)
class Battery:
    """Charge in percent, at each 5 % step downwards and at a change of batteries."""

    percent: int


@dataclass(frozen=True, slots=True)
class ClockMoved:
    """A time token moved the estimate, in Unix seconds, by more than 120 s."""

    old: int
    new: int


@dataclass(frozen=True, slots=True)
class Lost:
    """Of entries `first` to `last` the lock has none any more: its store was full.

    `first` is the one behind the last that was acknowledged when this was written, so the newest
    such entry stands for the whole stretch, and for those that said less before it.
    """

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Commissioned:
    """A new installation begins, with the key set of this number; always entry 1."""

    key_set: int


@dataclass(frozen=True, slots=True)
class KeySetTaken:
    """The key set of this number and epoch was taken."""

    number: int
    epoch: int


Detail: TypeAlias = (
    Intent | Outcome | Refusal | Fault | Battery | ClockMoved | Lost | Commissioned | KeySetTaken
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One numbered line of the journal; `time` is the lock's estimate in Unix seconds."""

    number: int
    time: int
    mark: Mark
    detail: Detail


def encode_entry(entry: Entry) -> bytes:
    """The bytes of an entry; JournalError if no lock may write such a thing."""
    detail = entry.detail
    kind, names = _KIND_OF[type(detail)]
    values = [getattr(detail, name) for name in names]
    # What could not be read back must not be chained: the reader's own checks, on the values.
    _read(kind, entry.number, entry.time, entry.mark, values)
    _check_place(entry.number, detail)
    return cbor.encode([entry.number, entry.time, int(entry.mark), kind, *values])


def decode_entry(data: bytes) -> Entry:
    """The entry in `data`, every field in its range; JournalError otherwise."""
    try:
        value = cbor.decode(data, max_size=MAX_ENTRY, max_depth=1)
    except cbor.CborError as error:
        raise JournalError(f"not a journal entry: {error}") from None
    # Journals come home by the million: a match statement would take thrice as long.
    if not isinstance(value, list) or len(value) < _COMMON or type(value[3]) is not int:
        raise JournalError("not a journal entry of a known kind")
    number, time, mark, kind, *details = value
    if kind not in _KINDS:
        raise JournalError("not a journal entry of a known kind")
    number, time, mark, read = _read(kind, number, time, mark, details)
    detail = _KINDS[kind][0](*read)
    _check_place(number, detail)
    return Entry(number, time, mark, detail)


def _read(
    kind: int, number: cbor.Value, time: cbor.Value, mark: cbor.Value, details: list[Any]
) -> tuple[int, int, Mark, list[Any]]:
    """Number, time, mark and details, each in its range; JournalError."""
    _, names, readers = _KINDS[kind]
    if len(details) != len(names):
        raise JournalError(f"a journal entry of kind {kind} has {len(names)} details")
    try:
        return (
            fields.integer(number, "entry number", least=1),
            fields.integer(time, "entry time"),
            _MARK(mark, "entry mark"),
            [read(item, name) for read, item, name in zip(readers, details, names, strict=True)],
        )
    except fields.ObjectError as error:
        raise JournalError(str(error)) from None


def _check_place(number: int, detail: Detail) -> None:
    """JournalError for an entry that cannot stand under this number."""
    if (number == 1) != isinstance(detail, Commissioned):
        raise JournalError("entry 1, and no other, says that the lock was commissioned")
    if isinstance(detail, Outcome):
        if detail.intent >= number:
            raise JournalError("an outcome names an intent before it")
    elif isinstance(detail, Lost) and not detail.first <= detail.last < number:
        raise JournalError("lost entries lie before the entry that says so")


def leaf(salt: bytes, entry: bytes) -> bytes:
    """The 32 bytes that stand for an entry when salt and entry have been deleted."""
    if len(salt) != SALT_BYTES:
        raise JournalError(f"a salt has {SALT_BYTES} bytes")
    return hashlib.sha256(salt + entry).digest()


def genesis(installation: bytes) -> bytes:
    """The chain head before the first entry of an installation."""
    if len(installation) != fields.ID_BYTES:
        raise JournalError(f"an installation id has {fields.ID_BYTES} bytes")
    return hashlib.sha256(_GENESIS + installation).digest()


def next_head(head: bytes, leaf_of_next: bytes) -> bytes:
    """The chain head after one more leaf."""
    if len(head) != HEAD_BYTES or len(leaf_of_next) != HEAD_BYTES:
        raise JournalError(f"a chain head and a leaf have {HEAD_BYTES} bytes each")
    return hashlib.sha256(head + leaf_of_next).digest()


_Reader: TypeAlias = Callable[[cbor.Value, str], Any]


def _member(enum: type[IntEnum], least: int, most: int) -> _Reader:
    members = {number: enum(number) for number in range(least, most + 1)}

    def read(value: cbor.Value, what: str) -> IntEnum:
        return members[fields.integer(value, what, least=least, most=most)]

    return read


_MARK: Final = _member(Mark, 0, 2)
_COMMAND: Final = _member(Command, 1, 3)
_REASON: Final = _member(Reason, 2, 255)
_NUMBER: Final[_Reader] = partial(fields.integer, least=1)
_UINT: Final[_Reader] = fields.integer
_ID: Final[_Reader] = fields.identifier

# Number in the protocol -> (class, names of the details in their order, reader of each).
_KINDS: Final[dict[int, tuple[type[Detail], tuple[str, ...], tuple[_Reader, ...]]]] = {
    number: (made, tuple(readers), tuple(readers.values()))
    for number, made, readers in (
        (1, Intent, {"serial": _ID, "subject": _ID, "phone": _ID, "command": _COMMAND}),
        (2, Outcome, {"intent": _NUMBER, "result": _member(MotorResult, 1, 3)}),
        (
            3,
            Refusal,
            {"reason": _REASON, "serial": _ID, "subject": _ID, "phone": _ID, "command": _COMMAND},
        ),
        (4, Fault, {"code": _member(FaultCode, 1, 4)}),
        (5, Battery, {"percent": partial(fields.integer, most=100)}),
        (6, ClockMoved, {"old": _UINT, "new": _UINT}),
        (7, Lost, {"first": _NUMBER, "last": _NUMBER}),
        (8, Commissioned, {"key_set": _NUMBER}),
        (9, KeySetTaken, {"number": _NUMBER, "epoch": _UINT}),
    )
}
_KIND_OF: Final = {made: (number, names) for number, (made, names, _) in _KINDS.items()}
