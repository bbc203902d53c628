"""The municipal root and the numbered key set it signs (docs/protocol.md, 3).

House rule: a key has one purpose, and a reader asks for the purpose.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property, partial
from typing import Final

from nyckelfri import cbor
from nyckelfri.door import fields, signed

TYP: Final = "nyckelfri/key-set"
MAX_ROOT_KEYS: Final = 16
MAX_KEYS: Final = 32


class Purpose(IntEnum):
    """What a key in the key set may be used for; never two things."""

    GRANT = 1
    BULLETIN = 2
    RECEIPT = 3
    SETTINGS = 4
    INSTALLER = 5
    SEALING = 6


COMMISSIONING: Final = frozenset(
    {Purpose.GRANT, Purpose.BULLETIN, Purpose.RECEIPT, Purpose.SEALING}
)
"""Purposes without a key for which no unit is commissioned."""


@dataclass(frozen=True)
class Root:
    """`threshold` of these 33-byte keys together are the municipality."""

    threshold: int
    keys: tuple[bytes, ...]

    def __post_init__(self) -> None:
        """Refuse a root that nobody, or anybody, could speak for."""
        if not 1 <= self.threshold <= len(self.keys) <= MAX_ROOT_KEYS:
            raise fields.ObjectError(
                f"a root has 1 to {MAX_ROOT_KEYS} keys, and needs 1 to all of them"
            )
        if list(self.keys) != sorted(set(self.keys)):
            raise fields.ObjectError("the keys of a root must rise, each once")
        for key in self.keys:
            signed.signing_key(key)

    @cached_property
    def encoded(self) -> bytes:
        """The bytes that a lock pins at commissioning."""
        return cbor.encode([self.threshold, list(self.keys)])

    @cached_property
    def municipality(self) -> bytes:
        """The 8-byte id that every object of this municipality carries."""
        return hashlib.sha256(self.encoded).digest()[: fields.ID_BYTES]

    @classmethod
    def read(cls, data: bytes) -> Root:
        """The root in these bytes; ObjectError, or SignatureError for a key off the curve."""
        try:
            value = cbor.decode(data)
        except cbor.CborError as error:
            raise fields.ObjectError(str(error)) from None
        match value:
            case [threshold, list(keys)]:
                return cls(
                    fields.integer(threshold, "the threshold", least=1, most=MAX_ROOT_KEYS),
                    tuple(fields.byte_string(key, 33, "a root key") for key in keys),
                )
        raise fields.ObjectError("a root is [threshold, keys]")


@dataclass(frozen=True, slots=True)
class Key:
    """One public key of the key set: 1-byte id, purpose, 33-byte compressed point."""

    kid: bytes
    purpose: Purpose
    point: bytes


@dataclass(frozen=True)
class KeySet:
    """The keys that speak for a municipality, under a number that only rises."""

    municipality: bytes
    number: int
    epoch: int
    issued: int
    keys: tuple[Key, ...]

    @cached_property
    def _by_use(self) -> dict[tuple[Purpose, bytes], bytes]:
        return {(key.purpose, key.kid): key.point for key in self.keys}

    def point(self, purpose: Purpose, kid: bytes) -> bytes:
        """The public key with this id, if it has this purpose; else SignatureError."""
        try:
            return self._by_use[purpose, kid]
        except KeyError:
            raise signed.SignatureError("no key with this id and purpose in the key set") from None

    def verify(self, data: bytes, *, purpose: Purpose, typ: str | None) -> bytes:
        """The payload of an object signed by one of our keys for `purpose`."""
        return signed.verify_by_id(data, key_of=partial(self.point, purpose), typ=typ)

    @property
    def missing(self) -> frozenset[Purpose]:
        """The purposes that have no key, of those that a unit needs to be commissioned."""
        return COMMISSIONING - {key.purpose for key in self.keys}

    @cached_property
    def payload(self) -> bytes:
        """What the holders of the root sign."""
        return cbor.encode(
            {
                1: self.municipality,
                2: self.number,
                3: self.epoch,
                4: self.issued,
                5: [[key.kid, int(key.purpose), key.point] for key in self.keys],
            }
        )


def read(data: bytes, root: Root) -> KeySet:
    """The key set in `data`, signed by `root` and for its municipality.

    Raises SignatureError or ObjectError.
    """
    payload = signed.verify_parts(data, keys=root.keys, threshold=root.threshold, typ=TYP)
    key_set = from_payload(payload)
    if key_set.municipality != root.municipality:
        raise fields.ObjectError("a key set of another municipality")
    if any(key.point in root.keys for key in key_set.keys):
        raise fields.ObjectError("a root key signs key sets and nothing else")
    return key_set


def from_payload(payload: bytes) -> KeySet:
    """The key set that these bytes describe; its signatures are not looked at here."""
    field = fields.record(payload, (1, 2, 3, 4, 5))
    keys = tuple(_key(item) for item in fields.items(field[5], "the keys", least=1, most=MAX_KEYS))
    kids = [key.kid for key in keys]
    if kids != sorted(set(kids)):
        raise fields.ObjectError("key ids must rise, each once")
    if len({key.point for key in keys}) != len(keys):
        raise fields.ObjectError("a key has one purpose and stands in the set once")
    return KeySet(
        municipality=fields.identifier(field[1], "the municipality"),
        number=fields.integer(field[2], "the number", least=1),
        epoch=fields.integer(field[3], "the epoch"),
        issued=fields.integer(field[4], "the time of issue"),
        keys=keys,
    )


def join(key_set: KeySet, parts: Sequence[tuple[int, bytes]]) -> bytes:
    """The root-signed key set, from signatures made with `signed.sign_part`."""
    return signed.join_parts(key_set.payload, typ=TYP, parts=parts)


def _key(value: cbor.Value) -> Key:
    match value:
        case [kid, purpose, point]:
            key = Key(
                fields.byte_string(kid, 1, "a key id"),
                Purpose(fields.integer(purpose, "a purpose", least=1, most=max(Purpose))),
                fields.byte_string(point, 33, "a key"),
            )
            signed.signing_key(key.point)
            return key
    raise fields.ObjectError("a key is [id, purpose, point]")
