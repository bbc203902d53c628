"""Targets: journal entries, sealed batches, and the courier's records."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESCCM

from fuzz import vectors
from fuzz.choices import Choices
from fuzz.objects import DOOR, ERRORS, HERE
from fuzz.target import Seeds, Target, hold, slug
from nyckelfri import cbor
from nyckelfri.door import delivery, journal, sealing, signed
from nyckelfri.door.courier import Courier, CourierError, Side
from nyckelfri.door.delivery import Segment
from nyckelfri.door.journal import JournalError
from nyckelfri.door.keyset import Key, Purpose
from nyckelfri.door.reasons import Reason
from nyckelfri.door.sealing import SealError

_LOCK: Final = signed.compressed(DOOR.signing_key.public_key())
_SEALING: Final = Key(b"\x04", Purpose.SEALING, signed.compressed(HERE.sealing_key.public_key()))
_CONTENT_KEY: Final = bytes(range(16))
_WRAPPING: Final = sealing.Sealer(
    _CONTENT_KEY, to=_SEALING, installation=DOOR.installation
).wrapping
# HPKE is never the same twice, and a seed shall be.
_NOT_WRAPPED: Final = bytes(sealing.WRAPPED_BYTES)


def entry(data: bytes) -> None:
    """decode_entry: JournalError, or an entry that is written back."""
    try:
        found = journal.decode_entry(data)
    except JournalError:
        return
    # Reasons that this version does not know are one to it: it shows them, and never writes them.
    newer = isinstance(found.detail, journal.Refusal) and found.detail.reason is Reason.UNKNOWN
    hold(newer or journal.encode_entry(found) == data, "an entry has one form")
    hold(len(data) <= journal.MAX_ENTRY, "no entry is longer than any")


def batch(data: bytes) -> None:
    """The server's reading of a batch: as it comes, and as a payload that the lock signed."""
    _try(data)
    data = data.replace(_NOT_WRAPPED, _WRAPPING.wrapped)
    try:
        made = signed.sign(data, key=DOOR.signing_key, typ=delivery.TYP, kid=None)
    except signed.SignatureError:
        return
    _try(made)


def _try(data: bytes) -> None:
    try:
        delivery.claimed(data)
        found = delivery.verify_batch(data, key=_LOCK, installation=DOOR.installation)
    except ERRORS:
        return
    rows: list[cbor.Encodable] = [
        [s.wrapping.kid, s.wrapping.wrapped, s.sealed] for s in found.segments
    ]
    written = cbor.encode([found.installation, found.first, found.previous, rows])
    hold(written == signed.unverified_payload(data), "a batch has one form")
    try:
        opened = delivery.open_batch(found, _unwrap)
    except ERRORS:
        return
    numbers = [each.number for each in opened.entries]
    hold(numbers == list(range(found.first, found.last + 1)), "numbers have no gap")
    hold(opened.head_at(opened.last) == opened.heads[-1], "the last head is the batch's")


def _unwrap(kid: bytes, wrapped: bytes, installation: bytes) -> bytes:
    if kid != _SEALING.kid:
        raise SealError("no such key")
    return sealing.unwrap(wrapped, key=HERE.sealing_key, installation=installation)


def sealed_entries(data: bytes) -> None:
    """Entries of any bytes, well sealed and signed: JournalError, or the chain over them."""
    choices = Choices(data)
    first = 1 + choices.one_of((0, 1, 22, 254, 65_534))
    previous = bytes(32) if first > 1 else journal.genesis(DOOR.installation)
    bodies = list(_bodies(choices, first))
    if not bodies:
        return
    sealer = sealing.Sealer(_CONTENT_KEY, to=_SEALING, installation=DOOR.installation)
    salts = [hashlib.sha256(b"%d" % number).digest()[:16] for number in range(len(bodies))]
    rows = tuple(
        sealer.seal(first + place, salt, body)
        for place, (salt, body) in enumerate(zip(salts, bodies, strict=True))
    )
    data = delivery.sign_batch(
        [Segment(sealer.wrapping, rows)],
        installation=DOOR.installation,
        first=first,
        previous=previous,
        key=DOOR.signing_key,
    )
    found = delivery.verify_batch(data, key=_LOCK, installation=DOOR.installation)
    try:
        opened = delivery.open_batch(found, _unwrap)
    except JournalError:
        return
    hold([record.body for record in opened.records] == bodies, "what was sealed is opened")
    head = previous
    for salt, body, got in zip(salts, bodies, opened.heads, strict=True):
        head = journal.next_head(head, journal.leaf(salt, body))
        hold(got == head, "the chain is over the entries")
    hold([each.number for each in opened.entries] == list(range(first, found.last + 1)), "no gap")


def _bodies(choices: Choices, first: int) -> Iterator[bytes]:
    """Entries, each with its right number in front or with whatever the fuzzer says."""
    for place in range(8):
        if not choices:
            return
        honest = choices.byte() & 1
        body = choices.chunk()[: journal.MAX_ENTRY]
        if honest and body:
            body = (body[:1] + cbor.encode(first + place) + body[1:])[: journal.MAX_ENTRY]
        if body:
            yield body


def content_key(data: bytes) -> None:
    """Unwrap and Opener: SealError, whatever the bytes are."""
    for wrapped in (data, b"\x04" + data, _WRAPPING.wrapped[:65] + data):
        try:
            key = sealing.unwrap(wrapped, key=HERE.sealing_key, installation=DOOR.installation)
        except SealError:
            continue
        hold(len(key) == sealing.CONTENT_KEY_BYTES, "a content key has its length")
    try:
        sealing.Opener(_CONTENT_KEY).open(1, data)
    except SealError:
        return
    hold(condition=False, what="nobody seals without the key")


# Courier


def _exporter(label: int, _context: bytes, length: int) -> bytes:
    return hashlib.sha256(b"%d" % label).digest()[:length]


def _record(reader: Side, data: bytes) -> None:
    """Courier.open at one end: CourierError, or a record that is sealed as the same bytes."""
    writer = Side.LOCK if reader is Side.PHONE else Side.PHONE
    label = 32769 if writer is Side.LOCK else 32768
    material = _exporter(label, b"", 29)
    cipher = AESCCM(material[:16], tag_length=16)
    sealed = cipher.encrypt(material[16:], data, None)
    try:
        record = Courier(reader, _exporter).open(sealed)
    except CourierError:
        pass
    else:
        hold(Courier(writer, _exporter).seal(record) == sealed, "a record has one form")
    try:
        Courier(reader, _exporter).open(data)
    except CourierError:
        return
    hold(condition=False, what="nobody seals a record without the keys")


def to_lock(data: bytes) -> None:
    """What a lock reads behind message 4."""
    _record(Side.LOCK, data)


def to_phone(data: bytes) -> None:
    """What a phone reads behind message 4."""
    _record(Side.PHONE, data)


# Seeds


def _entries() -> Seeds:
    found = vectors.read("journal")
    for case in found["entries"]:
        yield f"{slug(case['kind'])}-{case['number']}", bytes.fromhex(case["encoded"])
    for case in found["refused"]:
        yield slug(case["why"]), bytes.fromhex(case["entry"])


def _batches() -> Seeds:
    bodies = [bytes.fromhex(case["encoded"]) for case in vectors.read("journal")["entries"]]
    for count, name in ((1, "one-entry"), (3, "three-entries")):
        sealer = sealing.Sealer(_CONTENT_KEY, to=_SEALING, installation=DOOR.installation)
        rows = [
            sealer.seal(number, bytes(16), body) for number, body in enumerate(bodies[:count], 1)
        ]
        previous = journal.genesis(DOOR.installation)
        yield name, cbor.encode([DOOR.installation, 1, previous, [[b"\x04", _NOT_WRAPPED, rows]]])
    yield (
        "two-segments",
        cbor.encode(
            [
                DOOR.installation,
                9,
                bytes(32),
                [[b"\x04", _NOT_WRAPPED, rows[:1]], [b"\x05", _NOT_WRAPPED, rows[1:]]],
            ]
        ),
    )


def _stories() -> Seeds:
    """The vectors' chain, and single entries where they do not belong."""
    bodies = [bytes.fromhex(case["entry"]) for case in vectors.read("journal")["chain"]]
    story = b"".join(b"\x00" + bytes([len(body)]) + body for body in bodies[:6])
    yield "chain", b"\x00" + story
    for number, body in enumerate(bodies[1:], 2):
        bare = body[:1] + body[2:]
        yield f"numbered-{number}", b"\x01\x01" + bytes([len(bare)]) + bare


def _keys() -> Seeds:
    yield "nothing", b""
    yield "infinity", b"\x04" + bytes(96)
    yield "short", b"\x04" + bytes(40)


def _plain(*fields: cbor.Encodable) -> bytes:
    return b"".join(cbor.encode(field) for field in fields)


def _from_phone() -> Seeds:
    for kind in (1, 2, 4, 5, 9):
        yield f"object-{kind}", _plain(kind, b"signed")
    yield "fetch", _plain(6, 0)
    yield "commission", _plain(7, bytes(32), b"root", b"key set", b"bulletin")
    yield "end", _plain(8)
    yield "confirm", _plain(10)
    yield "settings", _plain(3, b"")


def _from_lock() -> Seeds:
    yield "status", _plain(16, 0, 1_794_222_000, 1, 1, 1_794_218_400, 17, 3, 80, bytes(16))
    yield "on-mains", _plain(16, 2, 0, 1, 1, 0, 1, 0, None, bytes(16))
    yield "outcome", _plain(17, 4, 1, 5, bytes(8))
    yield "applied", _plain(18, 2, 0)
    for kind in (19, 21, 22):
        yield f"object-{kind}", _plain(kind, b"signed")
    yield "no-more", _plain(20)


TARGETS = (
    Target("journal_entry", entry, _entries, longest=96),
    Target("journal_batch", batch, _batches, longest=1500, tries=100),
    Target("sealed_entries", sealed_entries, _stories, longest=512, tries=60),
    Target("content_key", content_key, _keys, longest=160, share=0.5, tries=60),
    Target("courier_to_lock", to_lock, _from_phone, longest=1024),
    Target("courier_to_phone", to_phone, _from_lock, longest=1024),
)
