"""Entries sealed as a lock seals them, and opened as the server opens them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from cryptography.hazmat.primitives.asymmetric import ec
from doorworld import private_key

from nyckelfri.door import delivery, sealing, signed
from nyckelfri.door.delivery import Batch, Record, SealedBatch, Segment, Unwrap
from nyckelfri.door.keyset import Key, Purpose
from nyckelfri.door.sealing import Sealer, SealError
from nyckelfri.lock.store import Piece

SEALING_KEY = private_key(113)
"""The private half of the sealing key of `doorworld.Municipality.make()`."""
SEALING = Key(b"\x04", Purpose.SEALING, signed.compressed(SEALING_KEY.public_key()))
_NEXT_KEY = private_key(163)
NEXT_SEALING = Key(b"\x05", Purpose.SEALING, signed.compressed(_NEXT_KEY.public_key()))
"""What a rotation brings."""
KEYS: Mapping[bytes, ec.EllipticCurvePrivateKey] = {
    SEALING.kid: SEALING_KEY,
    NEXT_SEALING.kid: _NEXT_KEY,
}


def unwrapping(keys: Mapping[bytes, ec.EllipticCurvePrivateKey] = KEYS) -> Unwrap:
    """What a server with these private keys does."""

    def unwrap(kid: bytes, wrapped: bytes, installation: bytes) -> bytes:
        if kid not in keys:
            raise SealError("no such key here")
        return sealing.unwrap(wrapped, key=keys[kid], installation=installation)

    return unwrap


def sealed(
    records: Iterable[Record],
    *,
    installation: bytes,
    first: int,
    name: str = "content",
    to: Key = SEALING,
) -> Segment:
    """These entries under one content key, that of this name."""
    content_key = hashlib.sha256(name.encode()).digest()[: sealing.CONTENT_KEY_BYTES]
    sealer = Sealer(content_key, to=to, installation=installation)
    items = [
        sealer.seal(number, record.salt, record.body)
        for number, record in enumerate(records, first)
    ]
    return Segment(sealer.wrapping, tuple(items))


def open_piece(
    piece: Piece, *, installation: bytes, keys: Mapping[bytes, ec.EllipticCurvePrivateKey] = KEYS
) -> Batch:
    """What the server would read in a piece of a lock's journal."""
    batch = SealedBatch(installation, piece.first, piece.previous, piece.segments)
    return delivery.open_batch(batch, unwrapping(keys))


def read_batch(
    data: bytes,
    *,
    key: bytes,
    installation: bytes,
    keys: Mapping[bytes, ec.EllipticCurvePrivateKey] = KEYS,
) -> Batch:
    """Both steps of a server: verify, then open."""
    verified = delivery.verify_batch(data, key=key, installation=installation)
    return delivery.open_batch(verified, unwrapping(keys))
