"""What a visit label signs at each tap, and the keys that it signs with.

House rules: NTAG 424 DNA with SUN messages (NXP AN12196). Each chip has keys of its own,
derived from one master key beside the purpose keys and from the chip's number, so that one
label taken apart gives away no other. The master key is made when the first label is written.
"""

from __future__ import annotations

import hmac
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from nyckelfri.server.keys import queries
from nyckelfri.server.keys.errors import NotReadyError

KEY: Final = 16
UID: Final = 7
_FILE: Final = "labels.key"
_MASTER: Final = 32
_TAG: Final = 0xC7
"""A UID of seven bytes and the counter follow (AN12196, 3.4.2.1)."""
_SESSION: Final = bytes.fromhex("3CC300010080")


@dataclass(frozen=True, slots=True)
class LabelKeys:
    """Keys 0, 1 and 2 of a chip: to change it, to read who it is, to sign."""

    application: bytes = field(repr=False)
    meta: bytes = field(repr=False)
    file: bytes = field(repr=False)


def keys_for(uid: bytes, *, first: bool = False) -> LabelKeys:
    """The keys that are written to a chip; NotReadyError if the master key is not here.

    For the `first` chip of all it is made. Later, another one would make liars of them all.
    """
    path = _path()
    if first and not path.exists():
        _make(path)
    return _derive(_read(path), uid)


def counter(uid: bytes, *, picc: bytes, mac: bytes) -> int | None:
    """How many taps the chip has counted, None where that is not what it signed.

    NotReadyError if the master key is not here.
    """
    keys = _derive(_read(_path()), uid)
    return verify(keys.meta, keys.file, uid, picc=picc, mac=mac)


def verify(meta: bytes, file: bytes, uid: bytes, *, picc: bytes, mac: bytes) -> int | None:
    """The counter in a SUN message of the chip with this UID; None for any other bytes.

    `picc` are the 16 bytes of encrypted PICC data and `mac` the 8 of the MAC over nothing more.
    """
    decryptor = Cipher(algorithms.AES(meta), modes.CBC(bytes(16))).decryptor()
    plain = decryptor.update(picc) + decryptor.finalize()
    if plain[0] != _TAG or plain[1:8] != uid:
        return None
    return int.from_bytes(plain[8:11], "little") if signs(file, plain[1:11], mac) else None


def signs(file: bytes, who: bytes, mac: bytes) -> bool:
    """Whether `mac` is what a chip with this key signs; `who` is its UID and counter as sent."""
    session = _cmac(file, _SESSION + who)
    return hmac.compare_digest(_cmac(session, b"")[1::2], mac)


def _cmac(key: bytes, data: bytes) -> bytes:
    made = CMAC(algorithms.AES(key))
    made.update(data)
    return made.finalize()


def _derive(master: bytes, uid: bytes) -> LabelKeys:
    if len(uid) != UID:
        raise ValueError(f"the number of a chip has {UID} bytes")
    hkdf = HKDF(SHA256(), length=3 * KEY, salt=None, info=b"nyckelfri visit label " + uid)
    made = hkdf.derive(master)
    return LabelKeys(made[:KEY], made[KEY : 2 * KEY], made[2 * KEY :])


def _path() -> Path:
    return queries.directory() / _FILE


def _make(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(_MASTER))
        file.flush()
        os.fsync(file.fileno())
    try:
        # Of two that make it at once one wins, and neither reads a half-written key.
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            master = file.read(_MASTER + 1)
    except FileNotFoundError:
        raise NotReadyError(f"{path} is missing: restore it from a copy") from None
    if mode & 0o077:
        raise NotReadyError(f"{path} can be read by others: chmod 600 it, and write new labels")
    if len(master) != _MASTER:
        raise NotReadyError(f"{path} is damaged: restore it from a copy")
    return master
