"""The municipality's private keys: made, kept and used here and nowhere else.

House rules: one PEM file a key, mode 0600, named `purpose-kid.pem`; loaded when first
needed and never handed out. A key signs only what its purpose is, and only while the
key set that is in force lists it. A sealing key opens what was sealed to it for as long
as its file is here, whatever the key set says: journals come home late.
"""

from __future__ import annotations

import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from nyckelfri.door import bulletin as bulletins
from nyckelfri.door import delivery, grants, sealing, signed
from nyckelfri.door.bulletin import Bulletin, TimeToken
from nyckelfri.door.delivery import Receipt
from nyckelfri.door.fields import ObjectError
from nyckelfri.door.grants import Grant
from nyckelfri.door.keyset import Key, KeySet, Purpose
from nyckelfri.door.sealing import SealError
from nyckelfri.server import whole_files
from nyckelfri.server.keys.errors import BulletinFullError, KeysError, NotReadyError

_MAX_PEM = 4096


@dataclass(slots=True)
class Signer:
    """Signs with the keys in one directory."""

    directory: Path
    _loaded: dict[str, ec.EllipticCurvePrivateKey] = field(default_factory=dict, repr=False)

    def create(self, purpose: Purpose, taken: Iterable[bytes] = ()) -> Key:
        """Make a key of this purpose, under a key id that is not `taken` and never was here."""
        used = set(taken) | {key_id for _, key_id, _ in self._files()}
        free = next((kid for n in range(1, 256) if (kid := bytes([n])) not in used), None)
        if free is None:
            raise KeysError("All 255 key ids are used: remove old key files")
        key = ec.generate_private_key(ec.SECP256R1())
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._path(purpose, free)
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        whole_files.write(path, pem, new=True)
        return Key(free, purpose, signed.compressed(key.public_key()))

    def public_keys(self) -> list[Key]:
        """List every key that is here, in order of key id, without its private half."""
        found = [
            Key(kid, purpose, signed.compressed(self._load(path).public_key()))
            for purpose, kid, path in self._files()
        ]
        return sorted(found, key=lambda key: key.kid)

    def kid(self, purpose: Purpose, key_set: KeySet) -> bytes:
        """Name the key that signs for this purpose now; NotReadyError without one."""
        return self._current(purpose, key_set)[0]

    def mint(self, claims: Iterable[Grant], key_set: KeySet) -> list[bytes]:
        """Sign grants."""
        kid, key = self._current(Purpose.GRANT, key_set)
        return [grants.mint(each, key=key, kid=kid) for each in claims]

    def bulletin(self, content: Bulletin, key_set: KeySet) -> bytes:
        """Sign a bulletin; BulletinFullError says what to do when it does not fit."""
        kid, key = self._current(Purpose.BULLETIN, key_set)
        try:
            return bulletins.issue(content, key=key, kid=kid)
        except ObjectError:
            raise BulletinFullError(
                f"Over {bulletins.MAX_REVOCATIONS} revocations that have not expired: rotate the "
                "grant key (`nyckelfri server request --new grant --drop KID`) and have the "
                "key set signed by the holders of the root"
            ) from None

    def time(self, token: TimeToken, key_set: KeySet) -> bytes:
        """Sign the time in answer to a lock's nonce."""
        kid, key = self._current(Purpose.BULLETIN, key_set)
        return bulletins.issue_time(token, key=key, kid=kid)

    def receipt(self, receipt: Receipt, key_set: KeySet) -> bytes:
        """Sign that a journal has been committed."""
        kid, key = self._current(Purpose.RECEIPT, key_set)
        return delivery.sign_receipt(receipt, key=key, kid=kid)

    def unwrap(self, kid: bytes, wrapped: bytes, installation: bytes) -> bytes:
        """The content key of a lock's journal; SealError if no key here opens it."""
        path = self._path(Purpose.SEALING, kid)
        if path.name not in self._loaded and not path.exists():
            raise SealError(f"{path} is missing: restore it from a copy")
        try:
            return sealing.unwrap(wrapped, key=self._load(path), installation=installation)
        except NotReadyError as error:
            raise SealError(str(error)) from None

    def holds_sealing_keys(self, key_set: KeySet) -> None:
        """Whether all that locks will seal can be opened here; NotReadyError says what to do."""
        held = {
            (key.kid, key.point) for key in self.public_keys() if key.purpose is Purpose.SEALING
        }
        for key in key_set.keys:
            if key.purpose is Purpose.SEALING and (key.kid, key.point) not in held:
                path = self._path(Purpose.SEALING, key.kid)
                raise NotReadyError(f"{path} is missing: restore it, or ask for another key set")

    def _path(self, purpose: Purpose, kid: bytes) -> Path:
        return self.directory / f"{purpose.name.lower()}-{kid.hex()}.pem"

    def _current(
        self, purpose: Purpose, key_set: KeySet
    ) -> tuple[bytes, ec.EllipticCurvePrivateKey]:
        """Take the newest key of `purpose` that the key set lists and this directory holds."""
        for key in reversed(key_set.keys):
            path = self._path(purpose, key.kid)
            if key.purpose is purpose and (path.name in self._loaded or path.exists()):
                private = self._load(path)
                if signed.compressed(private.public_key()) == key.point:
                    return key.kid, private
        raise NotReadyError(
            f"No {purpose.name.lower()} key of key set {key_set.number} is in {self.directory}: "
            "restore the key files, or have a new key set signed"
        )

    def _files(self) -> list[tuple[Purpose, bytes, Path]]:
        found = []
        for path in sorted(self.directory.glob("*-??.pem")):
            name, _, kid = path.stem.partition("-")
            if name.upper() in Purpose.__members__:
                found.append((Purpose[name.upper()], bytes.fromhex(kid), path))
        return found

    def _load(self, path: Path) -> ec.EllipticCurvePrivateKey:
        if path.name not in self._loaded:
            self._loaded[path.name] = _read(path)
        return self._loaded[path.name]


@lru_cache(maxsize=8)
def of(directory: Path) -> Signer:
    """Give the signer of a directory; each process loads its keys once."""
    return Signer(directory)


def _read(path: Path) -> ec.EllipticCurvePrivateKey:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise NotReadyError(f"{path} can be read by others: chmod 600 it, and rotate the key")
    with path.open("rb") as file:
        pem = file.read(_MAX_PEM)
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        # Without the cause: a parser's error may quote what it read.
        raise NotReadyError(f"{path} is damaged: restore it from a copy") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
        raise NotReadyError(f"{path} holds no P-256 key: restore it from a copy")
    return key
