"""Grants: the right to one door, for one phone, for one shift (docs/protocol.md, 4).

House rule: a grant says nothing that could be read as a name or an address.

Source: RFC 8392 (CWT), RFC 8747 (cnf), RFC 9200 section 5.8 (scope as a byte string).
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from nyckelfri.door import fields, signed
from nyckelfri.door.keyset import KeySet, Purpose

MAX_WINDOW: Final = 16 * 3600
"""Seconds from `nbf` to `exp` at most; a lock refuses longer grants whoever signed them."""
GRANT_BYTES: Final = 172
_MIN_TIME: Final = 65_536
"""Times are always four bytes long, so that the claims have one layout."""

# Every claim has one length, so the one deterministic encoding of the map is eight times a
# constant head and a value. That is read and written in a quarter of the time of general CBOR,
# and as strictly: the heads must be these.
_LAYOUT: Final = struct.Struct(">3s8s 2s8s 2sI 2sI 2sI 2s8s 11s32s 2sB")
_HEADS: Final = (
    b"\xa8\x02\x48",  # a map of eight; sub, 8 bytes
    b"\x03\x48",  # aud, 8 bytes
    b"\x04\x1a",  # exp, a 4-byte integer
    b"\x05\x1a",  # nbf
    b"\x06\x1a",  # iat
    b"\x07\x48",  # cti, 8 bytes
    b"\x08\xa1\x01\xa3\x01\x02\x20\x01\x21\x58\x20",  # cnf: COSE_Key, EC2, P-256, x of 32
    b"\x09\x41",  # scope, one byte
)


_ID_LENGTHS: Final = (fields.ID_BYTES,) * 3


class Scope(IntFlag):
    """What a grant allows at its door."""

    UNLOCK = 1
    LOCK = 2
    SERVICE = 4


CARE: Final = Scope.UNLOCK | Scope.LOCK
_SCOPES: Final = {int(scope): scope for scope in map(Scope, range(1, 8))}


class Command(IntEnum):
    """What a phone asks a lock to do."""

    UNLOCK = 1
    LOCK = 2
    SERVICE = 3

    @property
    def scope(self) -> Scope:
        """The scope bit that allows this command."""
        return _SCOPE_OF[self]


_SCOPE_OF: Final = {
    Command.UNLOCK: Scope.UNLOCK,
    Command.LOCK: Scope.LOCK,
    Command.SERVICE: Scope.SERVICE,
}


def thumbprint(public_x: bytes) -> bytes:
    """The 8 bytes by which journals and bulletins name a phone key."""
    return hashlib.sha256(public_x).digest()[: fields.ID_BYTES]


@dataclass(frozen=True, slots=True)
class Grant:
    """The claims of a grant: ids of 8 bytes, phone key x of 32, times in Unix seconds."""

    subject: bytes
    installation: bytes
    not_before: int
    not_after: int
    issued: int
    serial: bytes
    phone: bytes
    scope: Scope

    @property
    def phone_thumbprint(self) -> bytes:
        """The thumbprint of the phone key this grant is bound to."""
        return thumbprint(self.phone)


def mint(grant: Grant, *, key: ec.EllipticCurvePrivateKey, kid: bytes) -> bytes:
    """The signed grant, `GRANT_BYTES` bytes; ObjectError for claims that no grant can hold."""
    return signed.sign(payload(grant), key=key, typ=None, kid=kid)


def verify(data: bytes, key_set: KeySet) -> Grant:
    """The grant in `data`, signed by a grant key of `key_set`.

    Neither window nor audience is judged here. Raises SignatureError or ObjectError.
    """
    return from_payload(key_set.verify(data, purpose=Purpose.GRANT, typ=None))


def payload(grant: Grant) -> bytes:
    """The claims as they are signed; ObjectError for claims that no grant can hold."""
    ids = len(grant.subject), len(grant.installation), len(grant.serial)
    times = grant.not_after, grant.not_before, grant.issued
    if ids != _ID_LENGTHS or len(grant.phone) != 32:
        raise fields.ObjectError("ids in a grant have 8 bytes, the phone key 32")
    if not _MIN_TIME <= min(times) <= max(times) <= fields.MAX_TIME:
        raise fields.ObjectError(f"times in a grant are from {_MIN_TIME} to {fields.MAX_TIME}")
    if grant.scope not in _SCOPES:
        raise fields.ObjectError("the scope names no known right, or unknown ones")
    sub, aud, exp, nbf, iat, cti, cnf, scope = _HEADS
    return _LAYOUT.pack(
        *(sub, grant.subject),
        *(aud, grant.installation),
        *(exp, grant.not_after),
        *(nbf, grant.not_before),
        *(iat, grant.issued),
        *(cti, grant.serial),
        *(cnf, grant.phone),
        *(scope, grant.scope),
    )


def from_payload(data: bytes) -> Grant:
    """The grant that these claims describe, or ObjectError; who signed them is not looked at."""
    if len(data) != _LAYOUT.size:
        raise fields.ObjectError(f"the claims of a grant have {_LAYOUT.size} bytes")
    read = _LAYOUT.unpack(data)
    if read[::2] != _HEADS:
        raise fields.ObjectError("not the claims of a grant, in their one encoding")
    subject, installation, not_after, not_before, issued, serial, phone, scope = read[1::2]
    if min(not_after, not_before, issued) < _MIN_TIME:
        raise fields.ObjectError("a time in a grant is from before the format")
    if scope not in _SCOPES:
        raise fields.ObjectError("the scope names no known right, or unknown ones")
    return Grant(
        subject, installation, not_before, not_after, issued, serial, phone, _SCOPES[scope]
    )
