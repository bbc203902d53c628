"""The journal vectors: each kind of entry, boundary lengths, a chain, a batch, a receipt.

Everything but the two signatures comes out the same in every run.
"""

from __future__ import annotations

import hashlib
from typing import Any

from doorworld import NOON, Municipality, identifier, private_key

from nyckelfri.door import delivery, journal, signed
from nyckelfri.door.clock import Mark
from nyckelfri.door.delivery import Receipt, Record
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
from nyckelfri.door.reasons import Reason

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
    batch = delivery.sign_batch(
        records[first - 1 :], installation=INSTALLATION, first=first, previous=previous, key=key
    )
    receipt = Receipt(municipality.key_set.municipality, INSTALLATION, len(chain), head)
    signed_receipt = delivery.sign_receipt(receipt, key=municipality.receipt_key, kid=b"\x03")
    return {
        "about": "docs/protocol.md, section 8; byte strings in hex; signatures differ in each run",
        "installation": INSTALLATION.hex(),
        "genesis": genesis.hex(),
        "entries": [_described(entry) for entry in ENTRIES],
        "refused": [{"why": why, "entry": entry} for why, entry in REFUSED],
        "chain": chain,
        "batch": {
            "signing_key": signed.compressed(key.public_key()).hex(),
            "first": first,
            "last": len(chain),
            "previous": previous.hex(),
            "payload": signed.unverified_payload(batch).hex(),
            "signed": batch.hex(),
        },
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
