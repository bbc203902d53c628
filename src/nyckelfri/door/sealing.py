"""Journal entries sealed to the server as they are written (docs/protocol.md, 8).

House rules: whoever seals cannot open again what was sealed before, once the content key is gone
from memory; a content key seals a number once. Keys and randomness are parameters; nothing that
holds a content key, a salt or an entry shows it.

Source: RFC 9180 (HPKE, base mode, single shot), NIST SP 800-38D (AES-GCM).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from nyckelfri.door import fields, journal, signed
from nyckelfri.door.journal import JournalError
from nyckelfri.door.keyset import Key, KeySet, Purpose

CONTENT_KEY_BYTES: Final = 16
WRAPPED_BYTES: Final = 97
"""An uncompressed point (65), then the content key and its tag (16 + 16)."""
TAG_BYTES: Final = 16
MIN_SEALED: Final = journal.SALT_BYTES + TAG_BYTES + 1
MAX_SEALED: Final = journal.SALT_BYTES + TAG_BYTES + journal.MAX_ENTRY

_SUITE: Final = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
_INFO: Final = b"nyckelfri/journal"


class SealError(JournalError):
    """It does not open with this key, or may not be sealed."""


@dataclass(frozen=True, slots=True)
class Wrapping:
    """A content key as it travels: wrapped in 97 bytes to the sealing key with the id `kid`."""

    kid: bytes
    wrapped: bytes


def sealing_key(key_set: KeySet) -> Key:
    """The key that entries are sealed to: of its purpose, the one with the highest id."""
    keys = [key for key in key_set.keys if key.purpose is Purpose.SEALING]
    if not keys:
        raise SealError("the key set has no key to seal journals to")
    return keys[-1]


def wrap(content_key: bytes, *, to: bytes, installation: bytes) -> bytes:
    """The 97 bytes from which only the holder of `to` (a 33-byte point) gets the content key."""
    if len(content_key) != CONTENT_KEY_BYTES:
        raise SealError(f"a content key has {CONTENT_KEY_BYTES} bytes")
    return _SUITE.encrypt(content_key, signed.signing_key(to), info=_info(installation))


def unwrap(wrapped: bytes, *, key: ec.EllipticCurvePrivateKey, installation: bytes) -> bytes:
    """The content key in these bytes; SealError if wrapped to another key or installation."""
    if len(wrapped) != WRAPPED_BYTES:
        raise SealError(f"a wrapped content key has {WRAPPED_BYTES} bytes")
    try:
        content_key = _SUITE.decrypt(wrapped, key, info=_info(installation))
    except InvalidTag:
        raise SealError("the content key does not open: sealed to another key or lock") from None
    if len(content_key) != CONTENT_KEY_BYTES:
        raise SealError(f"a content key has {CONTENT_KEY_BYTES} bytes")
    return content_key


class Sealer:
    """Seals the entries of one installation under one content key, numbers rising."""

    def __init__(self, content_key: bytes, *, to: Key, installation: bytes) -> None:
        self.wrapping = Wrapping(to.kid, wrap(content_key, to=to.point, installation=installation))
        self._cipher = AESGCM(content_key)
        self._last = 0

    def __repr__(self) -> str:
        return f"Sealer(kid={self.wrapping.kid.hex()})"

    def seal(self, number: int, salt: bytes, entry: bytes) -> bytes:
        """The sealed bytes of an entry; SealError for a number that is not above the last one."""
        # The number is the nonce: twice the same would show how two entries differ.
        if number <= self._last:
            raise SealError(f"entry {number} is not above {self._last}, which this key has sealed")
        if len(salt) != journal.SALT_BYTES or not 0 < len(entry) <= journal.MAX_ENTRY:
            raise SealError("salt or entry of another size than any has")
        self._last = number
        return self._cipher.encrypt(_nonce(number), salt + entry, None)


class Opener:
    """Opens what one content key has sealed."""

    def __init__(self, content_key: bytes) -> None:
        if len(content_key) != CONTENT_KEY_BYTES:
            raise SealError(f"a content key has {CONTENT_KEY_BYTES} bytes")
        self._cipher = AESGCM(content_key)

    def __repr__(self) -> str:
        return "Opener(…)"

    def open(self, number: int, sealed: bytes) -> tuple[bytes, bytes]:
        """Salt and entry of this number; SealError if these bytes were not sealed as it."""
        if not MIN_SEALED <= len(sealed) <= MAX_SEALED:
            raise SealError(f"a sealed entry has {MIN_SEALED} to {MAX_SEALED} bytes")
        try:
            opened = self._cipher.decrypt(_nonce(number), sealed, None)
        except InvalidTag:
            raise SealError(f"entry {number} does not open with the key it came with") from None
        return opened[: journal.SALT_BYTES], opened[journal.SALT_BYTES :]


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _info(installation: bytes) -> bytes:
    return _INFO + fields.identifier(installation, "the installation")
