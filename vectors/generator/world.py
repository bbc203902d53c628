"""The keys and objects that all vectors share. Every private key here is public: use none."""

from __future__ import annotations

import hashlib
from typing import Any, Final, cast

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from nyckelfri.door import bulletin as bulletins
from nyckelfri.door import grants, keyset, signed
from nyckelfri.door.bulletin import Bulletin
from nyckelfri.door.grants import Grant
from nyckelfri.door.keyset import Key, KeySet, Purpose, Root

NOON: Final = 1_794_222_000
"""2026-11-09 11:00 UTC."""
HOUR: Final = 3600
NONCE: Final = bytes(range(16))
SECRET: Final = bytes(range(0x40, 0x50))
RADIO_KEY: Final = bytes(range(0x50, 0x60))
RELEASE_NONCE: Final = bytes(range(0x60, 0x70))
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class FixedKey:
    """A P-256 private key that signs the same bytes in the same way each time (RFC 6979)."""

    _algorithm = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)

    def __init__(self, name: str) -> None:
        number = int.from_bytes(hashlib.sha256(name.encode()).digest(), "big") % (_ORDER - 1) + 1
        self.scalar = number.to_bytes(32, "big")
        self.key = ec.derive_private_key(number, ec.SECP256R1())

    def sign(self, data: bytes, _algorithm: object) -> bytes:
        """What `EllipticCurvePrivateKey.sign` gives, without its randomness."""
        return self.key.sign(data, self._algorithm)

    @property
    def signer(self) -> ec.EllipticCurvePrivateKey:
        """This key, for functions that only sign with it."""
        return cast("ec.EllipticCurvePrivateKey", self)

    @property
    def point(self) -> bytes:
        """The 33-byte compressed point."""
        return signed.compressed(self.key.public_key())

    @property
    def x(self) -> bytes:
        """The 32-byte x-coordinate."""
        return self.point[1:]


def identifier(name: str) -> bytes:
    """Eight bytes for a name."""
    return hashlib.sha256(name.encode()).digest()[:8]


HOLDERS: Final = sorted((FixedKey(f"root {n}") for n in range(3)), key=lambda key: key.point)
ROOT: Final = Root(2, tuple(key.point for key in HOLDERS))
GRANT_KEY: Final = FixedKey("grant")
BULLETIN_KEY: Final = FixedKey("bulletin")
RECEIPT_KEY: Final = FixedKey("receipt")
SEALING_KEY: Final = FixedKey("sealing")
NEXT_GRANT_KEY: Final = FixedKey("next grant")
LOCK_KEY: Final = FixedKey("lock")
LOCK_SIGNING_KEY: Final = FixedKey("lock signing")
PHONE_KEY: Final = FixedKey("phone")
FACTORY_KEY: Final = FixedKey("factory")
INSTALLER_KEY: Final = FixedKey("installer")
PHONE_EPHEMERAL: Final = FixedKey("phone, once")
LOCK_EPHEMERAL: Final = FixedKey("lock, once")
INSTALLATION: Final = identifier("front door")

KEY_SET: Final = KeySet(
    municipality=ROOT.municipality,
    number=1,
    epoch=1,
    issued=NOON - 30 * 24 * HOUR,
    keys=(
        Key(b"\x01", Purpose.GRANT, GRANT_KEY.point),
        Key(b"\x02", Purpose.BULLETIN, BULLETIN_KEY.point),
        Key(b"\x03", Purpose.RECEIPT, RECEIPT_KEY.point),
        Key(b"\x04", Purpose.SEALING, SEALING_KEY.point),
    ),
)
GRANT: Final = Grant(
    subject=identifier("Alice"),
    installation=INSTALLATION,
    not_before=NOON - 4 * HOUR,
    not_after=NOON + 4 * HOUR,
    issued=NOON - 12 * HOUR,
    serial=identifier("serial 1"),
    phone=PHONE_KEY.x,
    scope=grants.CARE,
)
BULLETIN: Final = Bulletin(
    municipality=ROOT.municipality,
    epoch=1,
    issued=NOON - HOUR,
    phones=frozenset({identifier("a lost phone"), identifier("another lost phone")}),
    serials=frozenset({identifier("a withdrawn grant")}),
)


def sign_key_set(payload: bytes, holders: tuple[int, ...] = (0, 2), typ: str = keyset.TYP) -> bytes:
    """A root-signed object over `payload` by these holders, in this order of indexes."""
    parts = [signed.sign_part(payload, key=HOLDERS[i].signer, typ=typ, index=i) for i in holders]
    return signed.join_parts(payload, typ=typ, parts=parts)


def sign_grant(payload: bytes) -> bytes:
    """A grant with these claims, right or wrong."""
    return signed.sign(payload, key=GRANT_KEY.signer, typ=None, kid=b"\x01")


def sign_bulletin(payload: bytes, typ: str = bulletins.TYP) -> bytes:
    """An object of the bulletin key, right or wrong."""
    return signed.sign(payload, key=BULLETIN_KEY.signer, typ=typ, kid=b"\x02")


def second_form(data: bytes) -> bytes:
    """The same COSE_Sign1 with the other `s`, which is as valid for ECDSA."""
    return data[:-32] + (_ORDER - int.from_bytes(data[-32:], "big")).to_bytes(32, "big")


Case = dict[str, Any]


def grant_fields(grant: Grant) -> Case:
    """A grant as JSON shows it."""
    return {
        "sub": grant.subject.hex(),
        "aud": grant.installation.hex(),
        "exp": grant.not_after,
        "nbf": grant.not_before,
        "iat": grant.issued,
        "cti": grant.serial.hex(),
        "x": grant.phone.hex(),
        "scope": int(grant.scope),
    }


def bulletin_fields(bulletin: Bulletin) -> Case:
    """A bulletin as JSON shows it."""
    return {
        "municipality": bulletin.municipality.hex(),
        "epoch": bulletin.epoch,
        "issued": bulletin.issued,
        "phones": [item.hex() for item in sorted(bulletin.phones)],
        "serials": [item.hex() for item in sorted(bulletin.serials)],
    }


def key_set_fields(key_set: KeySet) -> Case:
    """A key set as JSON shows it."""
    return {
        "municipality": key_set.municipality.hex(),
        "number": key_set.number,
        "epoch": key_set.epoch,
        "issued": key_set.issued,
        "keys": [
            {"kid": key.kid.hex(), "purpose": int(key.purpose), "key": key.point.hex()}
            for key in key_set.keys
        ],
    }
