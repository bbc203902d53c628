"""The phone's secrets behind its PIN: phone key, device token, and the key to the address book.

House rules: the file is replaced whole or not at all; nobody but its owner may read it; a secret
has no repr. The PIN is short, so scrypt only slows a thief of the *file* down: a phone for the
street keeps this in its hardware key store; this one is for tests and demonstration. Tries are
counted by the store, before the PIN is tried.

Source: RFC 7914 (scrypt), RFC 5116 (AES-GCM).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from nyckelfri import cbor

MAX_TRIES: Final = 10
"""Wrong PINs after which the phone wipes itself."""
_PIN: Final = re.compile(r"[0-9]{6,12}")
_VERSION: Final = 1
_SALT, _NONCE, _KEY = 16, 12, 32
COST = 15
"""scrypt N = 2^15, r = 8, p = 1: about 0.1 s and 32 MiB a try."""
_MAX_FILE: Final = 4096


class WrongPinError(Exception):
    """The PIN does not open the vault; `left` more tries, then all is wiped."""

    def __init__(self, text: str = "wrong PIN", *, left: int = 0) -> None:
        super().__init__(text)
        self.left = left


class VaultError(Exception):
    """There is no vault here, or it is damaged; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """What only the PIN gives: phone key, device token, key (32 bytes) of the sealed rows."""

    key: ec.EllipticCurvePrivateKey = field(repr=False)
    token: str = field(repr=False)
    data_key: bytes = field(repr=False)


def check_pin(pin: str) -> None:
    """ValueError unless `pin` is a PIN: 6 to 12 digits."""
    if not _PIN.fullmatch(pin):
        raise ValueError("choose a PIN of 6 to 12 digits")


def stretch(secret: str, salt: bytes, cost: int | None = None) -> bytes:
    """32 bytes from something a person can remember, slow to guess."""
    work = COST if cost is None else cost
    return Scrypt(salt=salt, length=_KEY, n=1 << work, r=8, p=1).derive(secret.encode())


def create(
    path: Path, pin: str, secrets: Secrets, *, random: Callable[[int], bytes] = os.urandom
) -> None:
    """Lock `secrets` under `pin` in the file `path` (mode 0600), durably and all at once."""
    check_pin(pin)
    salt, nonce = random(_SALT), random(_NONCE)
    pem = secrets.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    plain = cbor.encode([pem, secrets.token, secrets.data_key])
    header = cbor.encode([_VERSION, COST, salt, nonce])
    sealed = AESGCM(stretch(pin, salt)).encrypt(nonce, plain, header)
    _write(path, cbor.encode([header, sealed]))


def unlock(path: Path, pin: str) -> Secrets:
    """The secrets in `path`; WrongPinError, VaultError."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise VaultError("there is no vault here: use `enrol` first") from None
    header, sealed, cost, salt, nonce = _read(data)
    try:
        plain = AESGCM(stretch(pin, salt, cost)).decrypt(nonce, sealed, header)
    except InvalidTag:
        raise WrongPinError from None
    match cbor.decode(plain):
        case [bytes(pem), str(token), bytes(data_key)]:
            key = load_pem_private_key(pem, password=None)
            if isinstance(key, ec.EllipticCurvePrivateKey):
                return Secrets(key, token, data_key)
    raise VaultError(_DAMAGED)


_DAMAGED: Final = "the vault is damaged: wipe this phone and enrol it again"


def _read(data: bytes) -> tuple[bytes, bytes, int, bytes, bytes]:
    try:
        match cbor.decode(data, max_size=_MAX_FILE):
            case [bytes(header), bytes(sealed)]:
                match cbor.decode(header):
                    case [1, int(cost), bytes(salt), bytes(nonce)] if 10 <= cost <= 20:
                        return header, sealed, cost, salt, nonce
    except cbor.CborError:
        pass
    raise VaultError(_DAMAGED)


def _write(path: Path, data: bytes) -> None:
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
