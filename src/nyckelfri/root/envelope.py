"""A private key in a PEM file under a passphrase, made slow to guess.

House rules: the form is the common one, PKCS #8 with PBES2 (RFC 5958, RFC 8018), its key
derived by scrypt (RFC 7914, section 7), so that other programs open it too. Written by hand
because the library derives with 2 048 rounds of PBKDF2, which guards no passphrase that
people can learn; it reads scrypt well, so reading is the library's.
"""

from __future__ import annotations

import base64
import textwrap
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import padding, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from nyckelfri.root.errors import RootError

SALT_BYTES: Final = 16
IV_BYTES: Final = 16
# 16 MiB five times over: as hard as 128 MiB once, and within the memory OpenSSL allows itself.
_N, _R, _P = 16_384, 8, 5
_ENCRYPTED: Final = b"-----BEGIN ENCRYPTED PRIVATE KEY-----"
_PBES2: Final = bytes.fromhex("2a864886f70d01050d")
_SCRYPT: Final = bytes.fromhex("2b06010401da47040b")
_AES_256_CBC: Final = bytes.fromhex("60864801650304012a")
_INTEGER, _OCTETS, _OBJECT, _SEQUENCE = 0x02, 0x04, 0x06, 0x30


def close(
    key: ec.EllipticCurvePrivateKey, passphrase: bytes, *, salt: bytes, initial: bytes
) -> bytes:
    """The PEM file; `salt` and `initial` are 16 random bytes each, used once."""
    plain = key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    padder = padding.PKCS7(128).padder()
    padded = padder.update(plain) + padder.finalize()
    secret = Scrypt(salt=salt, length=32, n=_N, r=_R, p=_P).derive(passphrase)
    cipher = Cipher(algorithms.AES(secret), modes.CBC(initial)).encryptor()
    sealed = cipher.update(padded) + cipher.finalize()
    costs = _der(_OCTETS, salt) + _number(_N) + _number(_R) + _number(_P)
    derivation = _sequence(_der(_OBJECT, _SCRYPT) + _sequence(costs))
    encryption = _sequence(_der(_OBJECT, _AES_256_CBC) + _der(_OCTETS, initial))
    scheme = _sequence(_der(_OBJECT, _PBES2) + _sequence(derivation + encryption))
    text = base64.b64encode(_sequence(scheme + _der(_OCTETS, sealed))).decode()
    lines = [_ENCRYPTED.decode(), *textwrap.wrap(text, 64), "-----END ENCRYPTED PRIVATE KEY-----"]
    return "\n".join([*lines, ""]).encode()


def unprotected(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The PEM file without a passphrase, for demonstrations."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def is_closed(pem: bytes) -> bool:
    """Whether a passphrase is needed to open it."""
    return _ENCRYPTED in pem


def open_(pem: bytes, passphrase: bytes | None, name: str) -> ec.EllipticCurvePrivateKey:
    """The P-256 key in the file called `name`; RootError says what is wrong."""
    try:
        key = serialization.load_pem_private_key(pem, password=passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise RootError(
            f"{name}: the passphrase is wrong, or the file is damaged or no part of a root"
        ) from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise RootError(f"{name} is no part of a root")
    return key


def _sequence(content: bytes) -> bytes:
    return _der(_SEQUENCE, content)


def _number(value: int) -> bytes:
    return _der(_INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _der(tag: int, content: bytes) -> bytes:
    """One DER element of up to 65 535 bytes (X.690, section 8.1)."""
    size = len(content)
    if size < 0x80:
        length = bytes([size])
    elif size < 0x100:
        length = bytes([0x81, size])
    else:
        length = bytes([0x82]) + size.to_bytes(2, "big")
    return bytes([tag]) + length + content
