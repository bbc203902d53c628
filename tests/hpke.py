"""A second opinion on HPKE: base mode, single shot, P-256, written from RFC 9180 alone.

It takes the ephemeral key as a parameter, so that vectors repeat; the product's library does not.
"""

from __future__ import annotations

import hmac

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_KEM = b"KEM" + (0x0010).to_bytes(2)
_SUITE = b"HPKE" + b"".join(number.to_bytes(2) for number in (0x0010, 0x0001, 0x0001))


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    """The 65 bytes of an uncompressed point."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def key_and_nonce(
    receiver: ec.EllipticCurvePublicKey, ephemeral: ec.EllipticCurvePrivateKey, info: bytes
) -> tuple[bytes, bytes, bytes]:
    """Shared secret (section 4.1), key and base nonce (section 5.1) at the sender."""
    dh = ephemeral.exchange(ec.ECDH(), receiver)
    context = point(ephemeral.public_key()) + point(receiver)
    secret = _expand(_extract(b"", b"eae_prk", dh, _KEM), b"shared_secret", context, 32, _KEM)
    schedule = (
        b"\x00"
        + _extract(b"", b"psk_id_hash", b"", _SUITE)
        + _extract(b"", b"info_hash", info, _SUITE)
    )
    prk = _extract(secret, b"secret", b"", _SUITE)
    return (
        secret,
        _expand(prk, b"key", schedule, 16, _SUITE),
        _expand(prk, b"base_nonce", schedule, 12, _SUITE),
    )


def seal(
    plaintext: bytes,
    receiver: ec.EllipticCurvePublicKey,
    ephemeral: ec.EllipticCurvePrivateKey,
    info: bytes,
) -> bytes:
    """Encapsulated key and ciphertext, as single-shot `SealBase` gives them with empty AAD."""
    _, key, nonce = key_and_nonce(receiver, ephemeral, info)
    return point(ephemeral.public_key()) + AESGCM(key).encrypt(nonce, plaintext, b"")


def _extract(salt: bytes, label: bytes, ikm: bytes, suite: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, "sha256")


def _expand(prk: bytes, label: bytes, info: bytes, length: int, suite: bytes) -> bytes:
    labelled = length.to_bytes(2) + b"HPKE-v1" + suite + label + info
    return hmac.digest(prk, labelled + b"\x01", "sha256")[:length]
