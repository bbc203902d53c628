"""Records between phone and lock behind message 4 (docs/protocol.md, 9).

House rules: one record, one framed message; counters never repeat; a record that does not
decrypt or decode ends the link. Stopping at any byte loses nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import ClassVar, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESCCM

from nyckelfri import cbor

MAX_RECORD: Final = 40_960
_PHONE_TO_LOCK, _LOCK_TO_PHONE = 32768, 32769
_KEY_BYTES, _NONCE_BYTES, _TAG_BYTES = 16, 13, 16
_MAX_RECORDS: Final = 1 << 16

Exporter = Callable[[int, bytes, int], bytes]


class CourierError(Exception):
    """A record is not what it must be; the link ends."""


class Side(IntEnum):
    """Which end of the link this is."""

    PHONE = 0
    LOCK = 1


@dataclass(frozen=True, slots=True)
class KeySetRecord:
    """A root-signed key set for the lock."""

    TYPE: ClassVar = 1
    data: bytes


@dataclass(frozen=True, slots=True)
class BulletinRecord:
    """A signed bulletin for the lock."""

    TYPE: ClassVar = 2
    data: bytes


@dataclass(frozen=True, slots=True)
class ReceiptRecord:
    """A signed receipt for the lock."""

    TYPE: ClassVar = 4
    data: bytes


@dataclass(frozen=True, slots=True)
class TimeRecord:
    """A time token that answers the nonce in this session's status."""

    TYPE: ClassVar = 5
    data: bytes


@dataclass(frozen=True, slots=True)
class Fetch:
    """The phone asks for journal entries from `first`; 0 is the oldest not acknowledged."""

    TYPE: ClassVar = 6
    first: int


@dataclass(frozen=True, slots=True)
class Commission:
    """The installer's phone makes a factory-new unit part of a municipality."""

    TYPE: ClassVar = 7
    proof: bytes = field(repr=False)
    root: bytes
    key_set: bytes
    bulletin: bytes


@dataclass(frozen=True, slots=True)
class End:
    """The phone has nothing more."""

    TYPE: ClassVar = 8


@dataclass(frozen=True, slots=True)
class ReleaseRecord:
    """A root-signed release for the lock; it answers with its new label."""

    TYPE: ClassVar = 9
    data: bytes


@dataclass(frozen=True, slots=True)
class Confirm:
    """The phone has stored the new label or the new lock's record: the lock may act on it."""

    TYPE: ClassVar = 10


@dataclass(frozen=True, slots=True)
class Status:
    """The lock's first record: what it has, and a nonce for a time token."""

    TYPE: ClassVar = 16
    mark: int
    estimate: int
    key_set: int
    epoch: int
    bulletin: int
    next_number: int
    acknowledged: int
    battery: int | None
    nonce: bytes


@dataclass(frozen=True, slots=True)
class OutcomeRecord:
    """What the motor did about an intent."""

    TYPE: ClassVar = 17
    intent: int
    result: int
    number: int
    head: bytes


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a delivered object: the type of its record, and a `trust.Taken`."""

    TYPE: ClassVar = 18
    record: int
    result: int


@dataclass(frozen=True, slots=True)
class BatchRecord:
    """A signed journal batch."""

    TYPE: ClassVar = 19
    data: bytes


@dataclass(frozen=True, slots=True)
class NoMore:
    """No entries from the number asked for."""

    TYPE: ClassVar = 20


@dataclass(frozen=True, slots=True)
class Commissioned:
    """The signed installation record of a unit that will be a lock once the phone confirms."""

    TYPE: ClassVar = 21
    data: bytes = field(repr=False)  # the radio key is in it


@dataclass(frozen=True, slots=True)
class Released:
    """The signed new label of a unit that will be factory-new once the phone confirms."""

    TYPE: ClassVar = 22
    data: bytes = field(repr=False)  # the secret is in it


FromPhone = (
    KeySetRecord | BulletinRecord | ReceiptRecord | TimeRecord | Fetch | Commission | End
    | ReleaseRecord | Confirm
)  # fmt: skip
FromLock = Status | OutcomeRecord | Applied | BatchRecord | NoMore | Commissioned | Released
Record = FromPhone | FromLock

_FROM_PHONE: Final[tuple[type[Record], ...]] = (
    KeySetRecord, BulletinRecord, ReceiptRecord, TimeRecord, Fetch, Commission, End,
    ReleaseRecord, Confirm,
)  # fmt: skip
_FROM_LOCK: Final[tuple[type[Record], ...]] = (
    Status, OutcomeRecord, Applied, BatchRecord, NoMore, Commissioned, Released,
)  # fmt: skip
_READABLE: Final = {
    Side.LOCK: {record.TYPE: record for record in _FROM_PHONE},
    Side.PHONE: {record.TYPE: record for record in _FROM_LOCK},
}


class Courier:
    """One end of the record layer; seals what it sends and opens what it receives."""

    def __init__(self, side: Side, exporter: Exporter) -> None:
        ours, theirs = _PHONE_TO_LOCK, _LOCK_TO_PHONE
        if side is Side.LOCK:
            ours, theirs = theirs, ours
        self._readable = _READABLE[side]
        self._sealing = _Direction(exporter, ours)
        self._opening = _Direction(exporter, theirs)
        self.exporter: Final = exporter

    def seal(self, record: Record) -> bytes:
        """The next record of this end, ready to be framed; CourierError if it is too long."""
        plain = cbor.encode(record.TYPE) + b"".join(
            cbor.encode(x) for x in dataclasses.astuple(record)
        )
        if len(plain) + _TAG_BYTES > MAX_RECORD:
            raise CourierError(f"a record has at most {MAX_RECORD} bytes: send less at a time")
        return self._sealing.cipher.encrypt(self._sealing.nonce(), plain, None)

    def open(self, data: bytes) -> Record:
        """The next record of the other end; CourierError."""
        if len(data) > MAX_RECORD:
            raise CourierError("a record that is too long")
        try:
            plain = self._opening.cipher.decrypt(self._opening.nonce(), data, None)
            number, *values = cbor.decode_sequence(plain)
        except (InvalidTag, ValueError):
            raise CourierError("a record that does not open") from None
        kind = self._readable.get(number) if type(number) is int else None
        if kind is None:
            raise CourierError("a record of unknown type")
        return _read(kind, values)


class _Direction:
    """Key, IV and counter of one direction."""

    def __init__(self, exporter: Exporter, label: int) -> None:
        material = exporter(label, b"", _KEY_BYTES + _NONCE_BYTES)
        self.cipher = AESCCM(material[:_KEY_BYTES], tag_length=_TAG_BYTES)
        self._iv = int.from_bytes(material[_KEY_BYTES:], "big")
        self._next = 0

    def nonce(self) -> bytes:
        if self._next >= _MAX_RECORDS:
            raise CourierError("too many records in one session")
        value = self._iv ^ self._next
        self._next += 1
        return value.to_bytes(_NONCE_BYTES, "big")


def _read(kind: type[Record], values: list[cbor.Value]) -> Record:
    """`kind` from its fields, each an unsigned integer, a byte string, or a permitted null."""
    expected = dataclasses.fields(kind)
    if len(values) != len(expected):
        raise CourierError("a record with too few or too many fields")
    for wanted, value in zip(expected, values, strict=True):
        match wanted.type, value:
            case "bytes", bytes():
                pass
            case "int" | "int | None", int(number) if type(number) is int and number >= 0:
                pass
            case "int | None", None:
                pass
            case _:
                raise CourierError("a record with a field of the wrong kind")
    return kind(*values)  # type: ignore[arg-type]
