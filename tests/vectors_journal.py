"""The journal vectors: entries, a chain, sealed entries, batches with the keys to open them.

Everything but the signatures comes out the same in every run: content keys come from names, and
they are wrapped with ephemeral keys from small numbers, by the HPKE in `hpke.py`.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from doorworld import NOON, Municipality, identifier, private_key

import hpke
from nyckelfri import cbor
from nyckelfri.door import delivery, journal, sealing, signed
from nyckelfri.door.clock import Mark
from nyckelfri.door.delivery import Receipt, Record, Segment
from nyckelfri.door.grants import Command
from nyckelfri.door.journal import (
    Battery,
    ClockMoved,
    Commissioned,
    Detail,
    Entry,
    Fault,
    FaultCode,
    Intent,
    KeySetTaken,
    Lost,
    MotorResult,
    Outcome,
    Refusal,
)
from nyckelfri.door.keyset import Key
from nyckelfri.door.reasons import Reason
from nyckelfri.door.sealing import Sealer, Wrapping
from sealworld import KEYS, NEXT_SEALING, SEALING

INSTALLATION = identifier("front door")
_CARER = (identifier("serial 1"), identifier("Alice"), identifier("phone 1"))
_MOST = 0xFFFFFFFF

CHAIN: tuple[tuple[int, Mark, Detail], ...] = (
    (NOON, Mark.SET, Commissioned(1)),
    (NOON + 60, Mark.SET, Intent(*_CARER, Command.UNLOCK)),
    (NOON + 62, Mark.SET, Outcome(2, MotorResult.DONE)),
    (NOON + 900, Mark.SET, Intent(*_CARER, Command.LOCK)),
    (NOON + 910, Mark.SET, Outcome(4, MotorResult.JAMMED)),
    (NOON + 1000, Mark.SET, Refusal(Reason.GRANT_REVOKED, *_CARER, Command.UNLOCK)),
    (NOON + 1001, Mark.SET, Fault(FaultCode.MOTOR)),
    (NOON + 1002, Mark.SET, Battery(20)),
    (NOON + 2000, Mark.LOST, Fault(FaultCode.CLOCK_LOST)),
    (NOON + 2100, Mark.APPROXIMATE, KeySetTaken(2, 2)),
    (NOON + 9000, Mark.SET, ClockMoved(NOON + 2200, NOON + 9000)),
    (NOON + 9001, Mark.SET, Intent(*_CARER, Command.SERVICE)),
    (NOON + 9001, Mark.SET, Outcome(12, MotorResult.UNKNOWN)),
)

ENTRIES: tuple[Entry, ...] = (
    *(Entry(number, *told) for number, told in enumerate(CHAIN, 1)),
    # Numbers and times at the edges of CBOR's argument lengths.
    *(
        Entry(number, time, Mark.SET, Battery(percent))
        for number, time, percent in (
            (23, 23, 23),
            (24, 24, 24),
            (255, 255, 0),
            (256, 256, 100),
            (65_535, 65_535, 1),
            (65_536, 65_536, 99),
            (_MOST, _MOST, 50),
        )
    ),
    Entry(70_000, NOON, Mark.SET, Outcome(65_536, MotorResult.DONE)),
    Entry(70_001, NOON, Mark.SET, Refusal(Reason.LOCK_FAULT, *_CARER, Command.SERVICE)),
    Entry(70_002, NOON, Mark.SET, Lost(100, 69_000)),
    Entry(70_003, NOON, Mark.SET, KeySetTaken(_MOST, _MOST)),
)

REFUSED: tuple[tuple[str, str], ...] = (
    ("bytes behind the entry", "85021a6af1a7b00005183200"),
    ("percent over 100", "85021a6af1a7b000051865"),
    ("no such mark", "85021a6af1a7b003051832"),
    ("no such kind", "85021a6af1a7b0000a1832"),
    ("a detail too few", "84021a6af1a7b00005"),
    ("a detail too many", "86021a6af1a7b00005183200"),
    ("number 0", "85001a6af1a7b000051832"),
    ("entry 1 that is not commissioned", "85011a6af1a7b000051832"),
    ("commissioned that is not entry 1", "85021a6af1a7b0000801"),
    ("outcome of a later intent", "86021a6af1a7b000020201"),
    ("percent in two bytes where one would do", "85021a6af1a7b00005190032"),
    ("percent as a boolean", "85021a6af1a7b00005f5"),
    ("indefinite length", "9f021a6af1a7b000051832ff"),
)


SEGMENTS: tuple[tuple[str, int, int, Key], ...] = (
    ("the first start", 1, 5, SEALING),
    ("the next day", 6, 9, SEALING),
    ("the new key set", 10, 13, NEXT_SEALING),
)
"""Name of the content key, first and last entry, and the sealing key it is wrapped to."""


def _content_key(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()[: sealing.CONTENT_KEY_BYTES]


def _seal(name: str, first: int, records: list[Record], to: Key) -> Segment:
    """The entries from `first` on under the content key of this name, always the same bytes."""
    content_key = _content_key(name)
    ephemeral = int.from_bytes(hashlib.sha256(b"once " + name.encode()).digest()[:8], "big")
    receiver = KEYS[to.kid].public_key()
    info = b"nyckelfri/journal" + INSTALLATION
    wrapped = hpke.seal(content_key, receiver, private_key(ephemeral), info)
    sealer = Sealer(content_key, to=to, installation=INSTALLATION)
    items = [
        sealer.seal(number, record.salt, record.body)
        for number, record in enumerate(records, first)
    ]
    return Segment(Wrapping(to.kid, wrapped), tuple(items))


def _segments(records: list[Record], first: int, last: int) -> list[Segment]:
    return [
        _seal(name, begin, records[begin - 1 : end], to)
        for name, begin, end, to in SEGMENTS
        if first <= begin and end <= last
    ]


def _batch(
    segments: list[Segment], first: int, previous: bytes, key: ec.EllipticCurvePrivateKey
) -> dict[str, Any]:
    data = delivery.sign_batch(
        segments, installation=INSTALLATION, first=first, previous=previous, key=key
    )
    return {
        "signing_key": signed.compressed(key.public_key()).hex(),
        "first": first,
        "last": delivery.claimed(data).last,
        "previous": previous.hex(),
        "payload": signed.unverified_payload(data).hex(),
        "signed": data.hex(),
    }


def _full(key: ec.EllipticCurvePrivateKey) -> dict[str, Any]:
    """A batch of 256 entries, each short, in two segments of 255 and 1: the most there may be."""
    first = 65_300
    records = [
        Record(bytes(16), journal.encode_entry(Entry(first + n, 23, Mark.SET, Battery(n % 24))))
        for n in range(256)
    ]
    segments = [
        _seal("255 entries", first, records[:255], SEALING),
        _seal("one entry", first + 255, records[255:], SEALING),
    ]
    return _batch(segments, first, bytes(32), key)


def _sealed_alone() -> list[dict[str, Any]]:
    """Every entry of the file sealed by itself, and plaintexts of the least and greatest length."""
    content_key = _content_key("alone")
    plain = [(entry.number, journal.encode_entry(entry)) for entry in ENTRIES]
    plain += [(number, bytes(size)) for number in (1, _MOST) for size in (1, journal.MAX_ENTRY)]
    return [
        {
            "content_key": content_key.hex(),
            "number": number,
            "salt": bytes(range(16)).hex(),
            "entry": body.hex(),
            "sealed": Sealer(content_key, to=SEALING, installation=INSTALLATION)
            .seal(number, bytes(range(16)), body)
            .hex(),
        }
        for number, body in plain
    ]


def _refused_batches(records: list[Record], previous: bytes) -> list[dict[str, Any]]:
    """Payloads of another shape than a batch has."""
    (segment,) = _segments(records, 6, 9)
    kid, wrapped, items = segment.wrapping.kid, segment.wrapping.wrapped, list(segment.sealed)
    rows: dict[str, list[cbor.Encodable]] = {
        "no segment": [],
        "a segment without entries": [[kid, wrapped, []]],
        "a key id of two bytes": [[kid * 2, wrapped, items]],
        "a wrapped key a byte short": [[kid, wrapped[:-1], items]],
        "a sealed entry that is too short": [[kid, wrapped, [bytes(sealing.MIN_SEALED - 1)]]],
        "a sealed entry that is too long": [[kid, wrapped, [bytes(sealing.MAX_SEALED + 1)]]],
        "257 entries over two segments": [
            [kid, wrapped, [bytes(40)] * 256],
            [kid, wrapped, [bytes(40)]],
        ],
        "a fourth thing in a segment": [[kid, wrapped, items, 0]],
    }
    return [
        {"why": why, "payload": cbor.encode([INSTALLATION, 6, previous, segments]).hex()}
        for why, segments in rows.items()
    ]


def journal_vectors() -> dict[str, Any]:
    """All of vectors/journal.json."""
    municipality = Municipality.make()
    key = private_key(701)
    head = journal.genesis(INSTALLATION)
    genesis = head
    records: list[Record] = []
    heads = [genesis]
    chain: list[dict[str, Any]] = []
    for entry in ENTRIES[: len(CHAIN)]:
        salt = hashlib.sha256(b"salt %d" % entry.number).digest()[: journal.SALT_BYTES]
        record = Record(salt, journal.encode_entry(entry))
        head = journal.next_head(head, record.leaf)
        records.append(record)
        heads.append(head)
        chain.append(
            {
                "number": entry.number,
                "salt": salt.hex(),
                "entry": record.body.hex(),
                "leaf": record.leaf.hex(),
                "head": head.hex(),
            }
        )
    first = 6
    previous = heads[first - 1]
    batch = _batch(_segments(records, first, len(chain)), first, previous, key)
    receipt = Receipt(municipality.key_set.municipality, INSTALLATION, len(chain), head)
    signed_receipt = delivery.sign_receipt(receipt, key=municipality.receipt_key, kid=b"\x03")
    return {
        "about": "docs/protocol.md, section 8; byte strings in hex; signatures differ in each run",
        "installation": INSTALLATION.hex(),
        "genesis": genesis.hex(),
        "entries": [_described(entry) for entry in ENTRIES],
        "refused": [{"why": why, "entry": entry} for why, entry in REFUSED],
        "chain": chain,
        "sealing": {
            "info": (b"nyckelfri/journal" + INSTALLATION).hex(),
            "private_keys": [
                {
                    "kid": kid.hex(),
                    "scalar": private.private_numbers().private_value.to_bytes(32, "big").hex(),
                    "point": signed.compressed(private.public_key()).hex(),
                }
                for kid, private in KEYS.items()
            ],
            "entries": _sealed_alone(),
            "segments": [
                {
                    "kid": segment.wrapping.kid.hex(),
                    "wrapped": segment.wrapping.wrapped.hex(),
                    "content_key": _content_key(name).hex(),
                    "first": begin,
                    "sealed": [item.hex() for item in segment.sealed],
                }
                for (name, begin, _, _), segment in zip(
                    SEGMENTS, _segments(records, 1, len(chain)), strict=True
                )
            ],
        },
        "batch": batch,
        "full_batch": _full(key),
        "refused_batches": _refused_batches(records, previous),
        "receipt": {
            "receipt_key": signed.compressed(municipality.receipt_key.public_key()).hex(),
            "kid": "03",
            "municipality": receipt.municipality.hex(),
            "number": receipt.number,
            "head": receipt.head.hex(),
            "payload": signed.unverified_payload(signed_receipt).hex(),
            "signed": signed_receipt.hex(),
        },
    }


def _described(entry: Entry) -> dict[str, Any]:
    details = {
        name: value.hex() if isinstance(value, bytes) else int(value)
        for name in entry.detail.__slots__
        for value in [getattr(entry.detail, name)]
    }
    return {
        "number": entry.number,
        "time": entry.time,
        "mark": int(entry.mark),
        "kind": type(entry.detail).__name__,
        "details": details,
        "encoded": journal.encode_entry(entry).hex(),
    }


def main() -> None:
    """Write vectors/journal.json anew."""
    path = Path(__file__).parents[1] / "vectors" / "journal.json"
    path.write_text(json.dumps(journal_vectors(), indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
