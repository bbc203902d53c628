"""The primitives of suites 2 and 3: P-256, SHA-256, HKDF and AES-CCM, each in one call.

House rules: points travel as x-coordinates and are checked to lie on the curve whenever they are
read (RFC 9528 section 9.2 and appendix B). Nothing here remembers a secret; decoded public keys of
long-term credentials are cached, since decoding one costs a square root.
"""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESCCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from nyckelfri.cbor import encode
from nyckelfri.edhoc.errors import EdhocError

COORDINATE = 32
"""Bytes of a P-256 coordinate."""
HASH = 32
"""Bytes of a SHA-256 digest."""
KEY = 16
"""Bytes of an AES-CCM-16 key."""
NONCE = 13
"""Bytes of an AES-CCM-16 nonce."""
MAX_EXPAND = 255 * HASH
"""The most bytes that HKDF-Expand gives (RFC 5869), which also bounds PLAINTEXT_2."""

_CURVE = ec.SECP256R1()
_ECDH = ec.ECDH()
_SHA256 = hashes.SHA256()


class StaticKey(Protocol):
    """A long-term P-256 private key; `EllipticCurvePrivateKey` is one, a hardware key may be."""

    def exchange(self, algorithm: ec.ECDH, peer_public_key: ec.EllipticCurvePublicKey) -> bytes:
        """Return the x-coordinate of the shared point, 32 bytes."""


def generate() -> ec.EllipticCurvePrivateKey:
    """Make a fresh ephemeral key."""
    return ec.generate_private_key(_CURVE)


def x_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return the x-coordinate of the public key, 32 bytes."""
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)[1:]


def point(x: bytes) -> ec.EllipticCurvePublicKey:
    """Decode a public key from its x-coordinate, or raise `EdhocError`.

    Either y will do, because ECDH yields only an x-coordinate (RFC 6090 section 4.2).
    """
    if len(x) != COORDINATE:
        raise EdhocError("a public key that is not 32 bytes long")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, b"\x02" + x)
    except ValueError:
        raise EdhocError("a public key that is not a point on P-256") from None


def on_curve(x: bytes, y: bytes | None) -> bool:
    """Tell whether the coordinates, or x alone, belong to a point on P-256."""
    encoded = b"\x02" + x if y is None else b"\x04" + x + y
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, encoded)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=128)
def static_point(x: bytes) -> ec.EllipticCurvePublicKey:
    """Decode a long-term public key, as `point` does, remembering the latest ones."""
    return point(x)


def shared(key: StaticKey, public: ec.EllipticCurvePublicKey) -> bytes:
    """Return the ECDH shared secret, 32 bytes."""
    return key.exchange(_ECDH, public)


def digest(data: bytes) -> bytes:
    """SHA-256, 32 bytes."""
    return hashlib.sha256(data).digest()


def extract(salt: bytes, secret: bytes) -> bytes:
    """HKDF-Extract with SHA-256, which is HMAC keyed with the salt (RFC 5869 section 2.2)."""
    return hmac.digest(salt, secret, "sha256")


def expand(prk: bytes, label: int, context: bytes, length: int) -> bytes:
    """EDHOC_KDF with HKDF-Expand (RFC 9528 section 4.1.2); `length` in bytes, at most 8160."""
    info = encode(label) + encode(context) + encode(length)
    return HKDFExpand(_SHA256, length, info).derive(prk)


def xor(text: bytes, keystream: bytes) -> bytes:
    """Combine two byte strings of equal length."""
    mixed = int.from_bytes(text, "big") ^ int.from_bytes(keystream, "big")
    return mixed.to_bytes(len(text), "big")


def seal(key: bytes, nonce: bytes, plaintext: bytes, aad: bytes, tag_length: int) -> bytes:
    """Encrypt with AES-CCM-16; the tag is the last `tag_length` bytes."""
    return AESCCM(key, tag_length=tag_length).encrypt(nonce, plaintext, aad)


def unseal(key: bytes, nonce: bytes, ciphertext: bytes, aad: bytes, tag_length: int) -> bytes:
    """Decrypt with AES-CCM-16, or raise `EdhocError` without a word about why."""
    try:
        return AESCCM(key, tag_length=tag_length).decrypt(nonce, ciphertext, aad)
    except InvalidTag:
        raise EdhocError("the ciphertext does not decrypt") from None


def equal(left: bytes, right: bytes) -> bool:
    """Compare two MACs in constant time."""
    return hmac.compare_digest(left, right)
