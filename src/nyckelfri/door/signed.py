"""Signed objects: COSE_Sign1 and COSE_Sign with ES256, one shape each (docs/protocol.md, 2 and 3).

House rule: a reader names the key and the type it expects, and gets the payload or
`SignatureError`. Nobody asks an object what it is.

Source: RFC 9052 sections 4.2 and 4.4, RFC 9053 section 2.1, RFC 9596 (typ).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from nyckelfri import cbor

MAX_PAYLOAD: Final = 32_768
"""Bytes of payload in any signed object."""
_MAX_OBJECT: Final = MAX_PAYLOAD + 2_048

_ES256: Final = ec.ECDSA(SHA256())
_CURVE: Final = ec.SECP256R1()
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_HALF_ORDER: Final = _ORDER // 2
_ALG, _KID, _TYP = 1, 4, 16
_ALG_ES256: Final = -7
_MAX_HEADER: Final = 64
_SIGNATURE_BYTES: Final = 64
_SIGNATURE_HEAD: Final = b"\x58\x40"
"""A byte string of 64."""


class SignatureError(ValueError):
    """The object is not what the reader expects, signed by whom it expects."""


def compressed(key: ec.EllipticCurvePublicKey) -> bytes:
    """The 33-byte compressed point (SEC 1) by which signing keys are written."""
    return key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)


def coordinate(key: ec.EllipticCurvePublicKey) -> bytes:
    """The 32-byte x-coordinate by which Diffie-Hellman keys are written."""
    return compressed(key)[1:]


@lru_cache(maxsize=256)
def signing_key(point: bytes) -> ec.EllipticCurvePublicKey:
    """Load a 33-byte compressed point; SignatureError if it is not on the curve.

    Cached, because finding the y-coordinate costs as much as a signature does.
    """
    if len(point) != 33:
        raise SignatureError("a signing key is a compressed point of 33 bytes")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, point)
    except ValueError:
        raise SignatureError("the signing key is not a point of P-256") from None


def sign(
    payload: bytes,
    *,
    key: ec.EllipticCurvePrivateKey,
    typ: str | None,
    kid: bytes | None,
) -> bytes:
    """One COSE_Sign1 over `payload`, s in the lower half of the group order."""
    _check_size(payload)
    signed, whole = _before(_protected(typ, kid), len(payload))
    return b"".join((whole, payload, _SIGNATURE_HEAD, _sign(key, signed + payload)))


def verify(data: bytes, *, key: bytes, typ: str | None, kid: bytes | None) -> bytes:
    """The payload of a COSE_Sign1 made with exactly this key, type and key id."""
    protected, payload, signature = _open_one(data)
    if protected != _protected(typ, kid):
        raise SignatureError("signed as something else than expected")
    _verify(key, signature, _to_be_signed(protected, payload))
    return payload


def verify_by_id(data: bytes, *, key_of: Callable[[bytes], bytes], typ: str | None) -> bytes:
    """The payload of a COSE_Sign1 of this type, by the key that `key_of` gives for its key id.

    `key_of` raises SignatureError for an id that may not sign such an object.
    """
    protected, payload, signature = _open_one(data)
    # Before the cache: what a stranger sends must not fill a lock's memory.
    if len(protected) > _MAX_HEADER:
        raise SignatureError("signed as something else than expected")
    kid = _key_id(protected)
    if protected != _protected(typ, kid):
        raise SignatureError("signed as something else than expected")
    _verify(key_of(kid), signature, _to_be_signed(protected, payload))
    return payload


def unverified_payload(data: bytes) -> bytes:
    """The payload of a COSE_Sign1 that names its own key; verify it with that key next."""
    return _open_one(data)[1]


def sign_part(
    payload: bytes, *, key: ec.EllipticCurvePrivateKey, typ: str, index: int
) -> tuple[int, bytes]:
    """One root holder's signature over a root-signed object: (index in the root, signature)."""
    _check_size(payload)
    to_be_signed = _part_to_be_signed(_body(typ), _part(index), payload)
    return index, _sign(key, to_be_signed)


def join_parts(payload: bytes, *, typ: str, parts: Sequence[tuple[int, bytes]]) -> bytes:
    """The root-signed object from its parts, in rising order of index."""
    signatures: list[list[bytes | dict[int, int]]] = [
        [_part(index), {}, signature] for index, signature in sorted(parts)
    ]
    return cbor.encode([_body(typ), {}, payload, signatures])


def verify_parts(data: bytes, *, keys: Sequence[bytes], threshold: int, typ: str) -> bytes:
    """The payload of an object signed by `threshold` or more of the root's keys.

    Refuses when any signature in it is invalid, unknown, repeated or out of order:
    there is one form of an object, and nothing in it that nobody checked.
    """
    match _decode(data):
        case [bytes(body), dict() as unprotected, bytes(payload), list(parts)] if not unprotected:
            pass
        case _:
            raise SignatureError("not a root-signed object")
    if body != _body(typ):
        raise SignatureError("signed as something else than expected")
    _check_size(payload)
    if not threshold <= len(parts) <= len(keys):
        raise SignatureError(f"needs {threshold} to {len(keys)} signatures, has {len(parts)}")
    last = -1
    for part in parts:
        match part:
            case [bytes(protected), dict() as extra, bytes(signature)] if not extra:
                index = _part_index(protected)
            case _:
                raise SignatureError("a part of the root signature is malformed")
        if not last < index < len(keys):
            raise SignatureError("parts of the root signature are unknown or out of order")
        last = index
        _verify(keys[index], signature, _part_to_be_signed(body, protected, payload))
    return payload


@lru_cache(maxsize=1024)
def _protected(typ: str | None, kid: bytes | None) -> bytes:
    header: dict[cbor.Key, cbor.Value] = {_ALG: _ALG_ES256}
    if kid is not None:
        header[_KID] = kid
    if typ is not None:
        header[_TYP] = typ
    return cbor.encode(header)


@lru_cache(maxsize=1024)
def _key_id(protected: bytes) -> bytes:
    header = _decode(protected)
    kid = header.get(_KID) if isinstance(header, dict) else None
    if not isinstance(kid, bytes) or len(kid) != 1:
        raise SignatureError("the object names no key id of one byte")
    return kid


def _body(typ: str) -> bytes:
    return cbor.encode({_TYP: typ})


def _part(index: int) -> bytes:
    return cbor.encode({_ALG: _ALG_ES256, _KID: bytes([index])})


def _part_index(protected: bytes) -> int:
    match _decode(protected):
        case {1: -7, 4: bytes(kid)} if len(kid) == 1 and protected == _part(kid[0]):
            return kid[0]
    raise SignatureError("a part of the root signature is malformed")


def _open_one(data: bytes) -> tuple[bytes, bytes, bytes]:
    match _decode(data):
        case [bytes(protected), dict() as unprotected, bytes(payload), bytes(signature)] if (
            not unprotected
        ):
            _check_size(payload)
            return protected, payload, signature
    raise SignatureError("not a signed object")


def _decode(data: bytes) -> cbor.Value:
    try:
        return cbor.decode(data, max_size=_MAX_OBJECT)
    except cbor.CborError as error:
        raise SignatureError(f"not a signed object: {error}") from None


def _check_size(payload: bytes) -> None:
    if len(payload) > MAX_PAYLOAD:
        raise SignatureError(f"a signed payload has at most {MAX_PAYLOAD} bytes")


@lru_cache(maxsize=64)
def _before(protected: bytes, size: int) -> tuple[bytes, bytes]:
    """What comes before a payload of this size where it is signed, and in the object.

    Objects of one kind begin alike, and a morning's grants are encoded in half the time.
    """
    payload = bytes(size)
    whole = cbor.encode([protected, {}, payload, bytes(_SIGNATURE_BYTES)])
    after = size + len(_SIGNATURE_HEAD) + _SIGNATURE_BYTES
    return _to_be_signed(protected, payload)[: -size or None], whole[:-after]


def _to_be_signed(protected: bytes, payload: bytes) -> bytes:
    """Sig_structure of a COSE_Sign1, external_aad empty (RFC 9052 section 4.4)."""
    return cbor.encode(["Signature1", protected, b"", payload])


def _part_to_be_signed(body: bytes, part: bytes, payload: bytes) -> bytes:
    """Sig_structure of one signature of a COSE_Sign, external_aad empty."""
    return cbor.encode(["Signature", body, part, b"", payload])


def _sign(key: ec.EllipticCurvePrivateKey, message: bytes) -> bytes:
    r, s = decode_dss_signature(key.sign(message, _ES256))
    return (r << 256 | min(s, _ORDER - s)).to_bytes(_SIGNATURE_BYTES, "big")


def _verify(point: bytes, signature: bytes, message: bytes) -> None:
    if len(signature) != _SIGNATURE_BYTES:
        raise SignatureError(f"a signature has {_SIGNATURE_BYTES} bytes")
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if s > _HALF_ORDER:
        raise SignatureError("the signature is in its second form")
    try:
        signing_key(point).verify(encode_dss_signature(r, s), message, _ES256)
    except InvalidSignature:
        raise SignatureError("the signature does not hold") from None
