"""How a journal comes home: batches, what a server makes of them, receipts (docs/protocol.md, 8).

House rules: a batch is opened in two steps. `verify_batch` needs the lock's signing key alone and
says whose entries these are; `open_batch` needs the sealing key too and says what they are. Where
a batch belongs is decided by comparing heads, never by times or by what the carrier says.
Because a head commits to everything before it, equal heads mean equal journals up to there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import groupby
from typing import Final, TypeAlias

from cryptography.hazmat.primitives.asymmetric import ec

from nyckelfri import cbor
from nyckelfri.door import fields, journal, sealing, signed
from nyckelfri.door.journal import Detail, Entry, JournalError
from nyckelfri.door.keyset import KeySet, Purpose
from nyckelfri.door.sealing import Wrapping

TYP: Final = "nyckelfri/journal"
RECEIPT_TYP: Final = "nyckelfri/receipt"
MAX_BATCH: Final = 16_384
"""Bytes of a signed batch."""
MAX_BATCH_ENTRIES: Final = 256
_ENVELOPE: Final = 160
"""Bytes of a signed batch that are not segments: more than the most there can be."""
_SEGMENT: Final = 105
"""Bytes of a segment that are not sealed entries, at most."""

SealedEntry: TypeAlias = tuple[Wrapping, bytes]
"""What a lock stores of one entry: the wrapped content key, and the bytes sealed under it."""
Unwrap: TypeAlias = Callable[[bytes, bytes, bytes], bytes]
"""(key id, wrapped, installation) → content key; SealError without the right private key."""


@dataclass(frozen=True, slots=True)
class Record:
    """One entry as the server stores it: 16 bytes of salt, and the entry's own bytes."""

    salt: bytes = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def leaf(self) -> bytes:
        """What stays in the chain when salt and body have been deleted."""
        return journal.leaf(self.salt, self.body)


@dataclass(frozen=True, slots=True)
class Segment:
    """Consecutive entries under one content key."""

    wrapping: Wrapping
    sealed: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class SealedBatch:
    """A piece of one lock's journal that its signature proves, not opened yet."""

    installation: bytes
    first: int
    previous: bytes
    segments: tuple[Segment, ...]

    @property
    def last(self) -> int:
        """Number of the newest entry in the batch."""
        return self.first + sum(len(segment.sealed) for segment in self.segments) - 1


@dataclass(frozen=True, slots=True)
class Batch:
    """An opened piece of one lock's journal; `heads[i]` is the chain head at entry first + i."""

    installation: bytes
    first: int
    previous: bytes
    records: tuple[Record, ...]
    entries: tuple[Entry, ...]
    heads: tuple[bytes, ...]

    @property
    def last(self) -> int:
        """Number of the newest entry in the batch."""
        return self.first + len(self.records) - 1

    def head_at(self, number: int) -> bytes:
        """The chain head at `number`, from first - 1 to last."""
        if number == self.first - 1:
            return self.previous
        if not self.first <= number <= self.last:
            raise JournalError(f"entry {number} is not in the batch")
        return self.heads[number - self.first]

    @property
    def kinds(self) -> set[type[Detail]]:
        """What kinds of entries are in the batch."""
        return {type(entry.detail) for entry in self.entries}

    def after(self, number: int) -> list[tuple[Entry, Record, bytes]]:
        """Entry, record and head of everything newer than `number`."""
        skip = max(0, number - self.first + 1)
        rows = zip(self.entries, self.records, self.heads, strict=True)
        return list(rows)[skip:]


def fit(entries: Iterable[SealedEntry], *, max_bytes: int = MAX_BATCH) -> tuple[Segment, ...]:
    """As many entries from the front as one signed batch of `max_bytes` holds; at least one."""
    left = min(max_bytes, MAX_BATCH) - _ENVELOPE
    taken: list[SealedEntry] = []
    for wrapping, sealed in entries:
        left -= len(cbor.encode(sealed))
        if not taken or wrapping != taken[-1][0]:
            left -= _SEGMENT
        if taken and (left < 0 or len(taken) == MAX_BATCH_ENTRIES):
            break
        taken.append((wrapping, sealed))
    return tuple(
        Segment(wrapping, tuple(sealed for _, sealed in group))
        for wrapping, group in groupby(taken, key=lambda entry: entry[0])
    )


def sign_batch(
    segments: Sequence[Segment],
    *,
    installation: bytes,
    first: int,
    previous: bytes,
    key: ec.EllipticCurvePrivateKey,
) -> bytes:
    """A signed batch of the entries from number `first` on; `previous` is the head before them."""
    if not 1 <= sum(len(segment.sealed) for segment in segments) <= MAX_BATCH_ENTRIES:
        raise JournalError(f"a batch has 1 to {MAX_BATCH_ENTRIES} entries")
    rows: list[cbor.Encodable] = [
        [segment.wrapping.kid, segment.wrapping.wrapped, segment.sealed] for segment in segments
    ]
    data = signed.sign(
        cbor.encode([installation, first, previous, rows]), key=key, typ=TYP, kid=None
    )
    if len(data) > MAX_BATCH:
        raise JournalError(f"a signed batch has at most {MAX_BATCH} bytes: put fewer entries in it")
    return data


def claimed_installation(data: bytes) -> bytes:
    """The installation that a batch says it is from, unverified: it only chooses the key to try."""
    return claimed(data).installation


def claimed(data: bytes) -> SealedBatch:
    """What a batch says it is, unverified: a carrier sees how far it goes, and no more."""
    return _layout(signed.unverified_payload(_sized(data)))


def verify_batch(data: bytes, *, key: bytes, installation: bytes) -> SealedBatch:
    """The batch in `data`: signed by this lock, of the right shape, its entries still sealed.

    `key` is the 33-byte signing key from the lock's installation record. Raises SignatureError
    or JournalError.
    """
    batch = _layout(signed.verify(_sized(data), key=key, typ=TYP, kid=None))
    if batch.installation != installation:
        raise JournalError("the batch is of another installation than its signing key")
    if batch.first == 1 and batch.previous != journal.genesis(installation):
        raise JournalError("entry 1 does not start at the installation's first head")
    return batch


def open_batch(batch: SealedBatch, unwrap: Unwrap) -> Batch:
    """The entries of a verified batch, numbered without gaps, each well formed, and their heads.

    Raises SealError for what does not open, JournalError for what opens and is no journal. Whether
    the batch continues what is known is asked of `connect`.
    """
    records, entries, heads = [], [], []
    number, head = batch.first, batch.previous
    for segment in batch.segments:
        wrapping = segment.wrapping
        content_key = unwrap(wrapping.kid, wrapping.wrapped, batch.installation)
        opener = sealing.Opener(content_key)
        for sealed in segment.sealed:
            record = Record(*opener.open(number, sealed))
            entry = journal.decode_entry(record.body)
            if entry.number != number:
                raise JournalError(f"entry {entry.number} stands in the place of entry {number}")
            head = journal.next_head(head, record.leaf)
            records.append(record)
            entries.append(entry)
            heads.append(head)
            number += 1
    return Batch(
        batch.installation,
        batch.first,
        batch.previous,
        tuple(records),
        tuple(entries),
        tuple(heads),
    )


def _sized(data: bytes) -> bytes:
    if len(data) > MAX_BATCH:
        raise JournalError(f"a signed batch has at most {MAX_BATCH} bytes")
    return data


def _layout(payload: bytes) -> SealedBatch:
    try:
        match cbor.decode(payload):
            case [installation, first, previous, list(rows)]:
                batch = SealedBatch(
                    fields.identifier(installation, "installation"),
                    fields.integer(first, "first number", least=1),
                    fields.byte_string(previous, journal.HEAD_BYTES, "previous head"),
                    tuple(
                        _segment(row)
                        for row in fields.items(rows, "segments", least=1, most=MAX_BATCH_ENTRIES)
                    ),
                )
            case _:
                raise JournalError("not a journal batch")
    except (cbor.CborError, fields.ObjectError) as error:
        raise JournalError(f"not a journal batch: {error}") from None
    if batch.last - batch.first >= MAX_BATCH_ENTRIES or batch.last > fields.MAX_TIME:
        raise JournalError(f"a batch has at most {MAX_BATCH_ENTRIES} entries")
    return batch


def _segment(row: cbor.Value) -> Segment:
    match row:
        case [kid, wrapped, list(sealed)]:
            items = fields.items(sealed, "sealed entries", least=1, most=MAX_BATCH_ENTRIES)
            return Segment(
                Wrapping(
                    fields.byte_string(kid, 1, "a key id"),
                    fields.byte_string(wrapped, sealing.WRAPPED_BYTES, "a wrapped content key"),
                ),
                tuple(_sealed(item) for item in items),
            )
    raise JournalError("each segment of a batch is key id, wrapped content key, sealed entries")


def _sealed(item: cbor.Value) -> bytes:
    least, most = sealing.MIN_SEALED, sealing.MAX_SEALED
    if not isinstance(item, bytes) or not least <= len(item) <= most:
        raise JournalError(f"a sealed entry has {least} to {most} bytes")
    return item


class Relation(Enum):
    """How a verified batch lies to what is already stored of that installation."""

    CONTINUES = "continues"
    """Nothing missing, nothing contradicted: store what is new (perhaps after an overlap)."""
    KNOWN = "known"
    """Nothing newer than what is known: the same batch again, or what had been given up as lost."""
    GAP = "gap"
    """Entries before it are missing: keep it and ask the lock from the first missing number."""
    FORK = "fork"
    """It contradicts what is stored: two histories under one key. Keep it for an operator."""


@dataclass(frozen=True, slots=True)
class Connection:
    """The relation, and the entry it turns on.

    `number` is the first new entry (continues), the first missing one (gap), the first that
    differs as far as is known (fork), or the batch's last (known).
    """

    relation: Relation
    number: int


def connect(batch: Batch, *, number: int, head_at: Callable[[int], bytes | None]) -> Connection:
    """Where `batch` belongs when the entries 1 to `number` are stored, or known to be lost.

    `head_at(n)` gives the stored chain head at n, for n from 0 (the genesis) to `number`, and None
    inside a stretch that the lock has lost; it is asked once unless there is a fork or a stretch.
    A batch that touches no known head is a gap: nothing says yet where it belongs.
    """
    if batch.first > number + 1:
        return Connection(Relation.GAP, number + 1)
    shared = min(number, batch.last)
    known = next(
        (place for place in range(shared, batch.first - 2, -1) if head_at(place) is not None), None
    )
    if known is None:
        return Connection(Relation.GAP, batch.first)
    if head_at(known) != batch.head_at(known):
        places = range(batch.first - 1, known)
        differs = (place for place in places if head_at(place) not in {None, batch.head_at(place)})
        return Connection(Relation.FORK, next(differs, known))
    if batch.last <= number:
        return Connection(Relation.KNOWN, batch.last)
    return Connection(Relation.CONTINUES, number + 1)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The server has committed the journal up to `number`, where the chain had `head`."""

    municipality: bytes
    installation: bytes
    number: int
    head: bytes


def sign_receipt(receipt: Receipt, *, key: ec.EllipticCurvePrivateKey, kid: bytes) -> bytes:
    """The signed receipt; sign it only when the commit has reached stable storage."""
    payload = cbor.encode(
        {1: receipt.municipality, 2: receipt.installation, 3: receipt.number, 4: receipt.head}
    )
    return signed.sign(payload, key=key, typ=RECEIPT_TYP, kid=kid)


def open_receipt(data: bytes, key_set: KeySet, *, installation: bytes) -> Receipt:
    """The receipt for this lock in `data`, signed by a receipt key of `key_set`.

    Raises SignatureError or ObjectError. Whether number and head are the lock's own, only its
    store can say.
    """
    found = fields.record(
        key_set.verify(data, purpose=Purpose.RECEIPT, typ=RECEIPT_TYP), (1, 2, 3, 4)
    )
    receipt = Receipt(
        fields.identifier(found[1], "municipality"),
        fields.identifier(found[2], "installation"),
        fields.integer(found[3], "entry number", least=1),
        fields.byte_string(found[4], journal.HEAD_BYTES, "head"),
    )
    if (receipt.municipality, receipt.installation) != (key_set.municipality, installation):
        raise JournalError("a receipt for another lock")
    return receipt


@dataclass(frozen=True, slots=True)
class Retained:
    """What is left of an entry at the server: always its leaf, perhaps no more."""

    leaf: bytes
    record: Record | None = None


def verify_retained(
    kept: Sequence[Retained], *, first: int, previous: bytes, heads: Sequence[bytes] = ()
) -> bytes:
    """The head that a retained chain ends in; JournalError names the entry that does not hold.

    `kept` are the entries from number `first` on, `previous` the head before them. Where an
    entry still has salt and body they must give its leaf and carry its number. `heads`, if
    given, are the stored heads, one an entry.
    """
    if heads and len(heads) != len(kept):
        raise JournalError("as many heads as entries are needed")
    head = previous
    for number, item in enumerate(kept, first):
        if item.record is not None:
            if item.record.leaf != item.leaf:
                raise JournalError(f"entry {number} is not what its leaf stands for")
            if journal.decode_entry(item.record.body).number != number:
                raise JournalError(f"entry {number} carries another number")
        head = journal.next_head(head, item.leaf)
        if heads and heads[number - first] != head:
            raise JournalError(f"the chain breaks at entry {number}")
    return head
