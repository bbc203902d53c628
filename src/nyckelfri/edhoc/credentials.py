"""Whose key it is: ID_CRED_x and CRED_x (RFC 9528 section 3.5).

House rules: this package proves possession of the key in a credential; whether the credential is
to be trusted is the caller's question. Three forms are read: a CWT Claims Set (CCS) named by key id
(kid), a CCS by value (kccs) and a signed CWT by value (kcwt, an untagged COSE_Sign1). Only P-256
keys are accepted, whatever a credential says of itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, TypeAlias

from nyckelfri.cbor import CborError, Value, decode, encode
from nyckelfri.edhoc.crypto import COORDINATE, on_curve
from nyckelfri.edhoc.errors import EdhocError, ErrorCode
from nyckelfri.edhoc.identifiers import encode_identifier, read_identifier

if TYPE_CHECKING:
    from nyckelfri.cbor import Encodable

_CLAIM_SUB, _CLAIM_CNF = 2, 8  # RFC 8392 and RFC 8747
_CNF_COSE_KEY = 1
_KTY, _KID, _CRV, _X, _Y = 1, 2, -1, -2, -3  # RFC 9052 section 7, RFC 9053 section 7.1
_KTY_EC2, _CRV_P256 = 2, 1
_KEY_LABELS = frozenset({_KTY, _KID, _CRV, _X, _Y})


class IdKind(IntEnum):
    """The COSE header parameter that ID_CRED_x uses."""

    KID = 4
    KCWT = 13
    KCCS = 14


@dataclass(frozen=True, slots=True)
class IdCred:
    """ID_CRED_x: the kind, and the key id or the encoded credential.

    The repr keeps the value back: a credential in a log would tell who goes where.
    """

    kind: IdKind
    value: bytes = field(repr=False)

    @classmethod
    def kid(cls, key_id: bytes) -> IdCred:
        """Name a credential by its key id."""
        return cls(IdKind.KID, key_id)

    @classmethod
    def kcwt(cls, raw_cwt: bytes) -> IdCred:
        """Carry a signed CWT: an encoded, untagged COSE_Sign1. Raises ValueError for less."""
        if not _is_sign1(decode(raw_cwt)):
            raise ValueError("a kcwt is an untagged COSE_Sign1 array")
        return cls(IdKind.KCWT, raw_cwt)

    @classmethod
    def kccs(cls, raw_ccs: bytes) -> IdCred:
        """Carry an unsigned CWT Claims Set, encoded. Raises ValueError when it is no map."""
        match decode(raw_ccs):
            case dict():
                return cls(IdKind.KCCS, raw_ccs)
        raise ValueError("a kccs is a map of claims")

    @property
    def encoded(self) -> bytes:
        """The whole ID_CRED_x map, as the MACs cover it."""
        value = encode(self.value) if self.kind is IdKind.KID else self.value
        return bytes((0xA1, self.kind)) + value

    @property
    def compact(self) -> bytes:
        """The form inside a plaintext: a kid stands bare (RFC 9528 section 3.5.3.2)."""
        return encode_identifier(self.value) if self.kind is IdKind.KID else self.encoded

    @classmethod
    def read(cls, item: Value, raw: bytes) -> IdCred:
        """Read the compact form from a decoded item and its own bytes, or raise `EdhocError`."""
        match item:
            case {13: credential, **rest} if not rest and _is_sign1(credential):
                return cls(IdKind.KCWT, raw[2:])
            case {14: dict(), **rest} if not rest:
                return cls(IdKind.KCCS, raw[2:])
            case dict():
                raise EdhocError("a credential of a kind that is not used here")
        return cls(IdKind.KID, read_identifier(item, raw))


@dataclass(frozen=True, slots=True)
class Credential:
    """An authentication credential: how it is named, CRED_x as encoded, the x of its key.

    Raises ValueError unless `public_x` is 32 bytes long.
    """

    id_cred: IdCred
    cred: bytes = field(repr=False)
    public_x: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.public_x) != COORDINATE:
            raise ValueError("public_x is the 32-byte x-coordinate of a P-256 key")


def ccs_credential(public_x: bytes, *, kid: bytes, subject: str | None = None) -> Credential:
    """Build a CCS that is named by its key id; `public_x` is 32 bytes."""
    key: dict[int, Encodable] = {_KTY: _KTY_EC2, _KID: kid, _CRV: _CRV_P256, _X: public_x}
    claims: dict[int, Encodable] = {_CLAIM_CNF: {_CNF_COSE_KEY: key}}
    if subject is not None:
        claims[_CLAIM_SUB] = subject
    return Credential(IdCred.kid(kid), encode(claims), public_x)


def kccs_credential(raw_ccs: bytes) -> Credential:
    """Read a CCS given by value. Raises `EdhocError` when it holds no plain P-256 key."""
    try:
        claims = decode(raw_ccs)
    except CborError as error:
        raise EdhocError(f"the CWT Claims Set is no deterministic CBOR: {error}") from None
    match claims:
        case {8: {1: dict() as key, **rest}} if not rest:
            return Credential(IdCred(IdKind.KCCS, raw_ccs), raw_ccs, p256_x(key))
    raise EdhocError("the CWT Claims Set confirms no COSE_Key", code=ErrorCode.UNKNOWN_CREDENTIAL)


_CoseKey: TypeAlias = "dict[int | bytes | str, Value]"


def p256_x(key: _CoseKey) -> bytes:
    """Take the x-coordinate out of a decoded COSE_Key, 32 bytes, or raise `EdhocError`.

    The key must say EC2 and P-256 and may say no other use for itself (no `alg`, no `key_ops`).
    A y-coordinate, when given, must fit.
    """
    x, y = key.get(_X), key.get(_Y)
    plain = key.get(_KTY) == _KTY_EC2 and key.get(_CRV) == _CRV_P256 and key.keys() <= _KEY_LABELS
    # true equals 1 in Python, and not in CBOR
    plain = plain and type(key[_CRV]) is int
    if plain and isinstance(x, bytes) and len(x) == COORDINATE and _fits(x, y):
        return x
    raise EdhocError("a public key that is no plain P-256 key")


def _fits(x: bytes, y: Value) -> bool:
    """Check x with y as RFC 9053 section 7.1.1 writes it: 32 bytes, or the sign bit, or nothing."""
    if isinstance(y, bytes):
        return len(y) == COORDINATE and on_curve(x, y)
    return (y is None or isinstance(y, bool)) and on_curve(x, None)


def _is_sign1(item: Value) -> bool:
    match item:
        case [bytes(), dict(), bytes(), bytes()]:
            return True
    return False
