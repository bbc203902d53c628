"""Grants: the right to one door, for one phone, for one shift (docs/protocol.md, 4).

House rule: a grant says nothing that could be read as a name or an address.

Source: RFC 8392 (CWT), RFC 8747 (cnf), RFC 9200 section 5.8 (scope as a byte string).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from nyckelfri import cbor
from nyckelfri.door import fields, signed
from nyckelfri.door.keyset import KeySet, Purpose

MAX_WINDOW: Final = 16 * 3600
"""Seconds from `nbf` to `exp` at most; a lock refuses longer grants whoever signed them."""
GRANT_BYTES: Final = 172
_MIN_TIME: Final = 65_536
_SUB, _AUD, _EXP, _NBF, _IAT, _CTI, _CNF, _SCOPE = 2, 3, 4, 5, 6, 7, 8, 9
_KEYS: Final = (_SUB, _AUD, _EXP, _NBF, _IAT, _CTI, _CNF, _SCOPE)


class Scope(IntFlag):
    """What a grant allows at its door."""

    UNLOCK = 1
    LOCK = 2
    SERVICE = 4


CARE: Final = Scope.UNLOCK | Scope.LOCK


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
    payload = cbor.encode(
        {
            _SUB: grant.subject,
            _AUD: grant.installation,
            _EXP: grant.not_after,
            _NBF: grant.not_before,
            _IAT: grant.issued,
            _CTI: grant.serial,
            _CNF: {1: {1: 2, -1: 1, -2: grant.phone}},
            _SCOPE: bytes([grant.scope]),
        }
    )
    minted = signed.sign(payload, key=key, typ=None, kid=kid)
    if len(minted) != GRANT_BYTES:
        raise fields.ObjectError("ids have 8 bytes, a phone key 32, and times start in 1970 + 18 h")
    return minted


def verify(data: bytes, key_set: KeySet) -> Grant:
    """The grant in `data`, signed by a grant key of `key_set`.

    Neither window nor audience is judged here. Raises SignatureError or ObjectError.
    """
    return _claims(key_set.verify(data, purpose=Purpose.GRANT, typ=None))


def _claims(payload: bytes) -> Grant:
    field = fields.record(payload, _KEYS)
    phone = _confirmed_key(field[_CNF])
    scope = fields.byte_string(field[_SCOPE], 1, "the scope")[0]
    if not 0 < scope <= sum(Scope):
        raise fields.ObjectError("the scope names no known right, or unknown ones")
    return Grant(
        subject=fields.identifier(field[_SUB], "the subject"),
        installation=fields.identifier(field[_AUD], "the audience"),
        not_before=fields.integer(field[_NBF], "not before", least=_MIN_TIME),
        not_after=fields.integer(field[_EXP], "expiry", least=_MIN_TIME),
        issued=fields.integer(field[_IAT], "the time of issue", least=_MIN_TIME),
        serial=fields.identifier(field[_CTI], "the serial"),
        phone=phone,
        scope=Scope(scope),
    )


def _confirmed_key(cnf: cbor.Value) -> bytes:
    match cnf:
        case {1: {1: key_type, -1: curve, -2: bytes(x), **more_key}, **more} if (
            not more and not more_key and (key_type, curve, len(x)) == (2, 1, 32)
        ):
            if type(curve) is int:  # true equals 1 in Python, and not in CBOR
                return x
    raise fields.ObjectError("the confirmation must be the x-coordinate of one P-256 key")
