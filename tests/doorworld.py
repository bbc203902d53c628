"""A municipality with a root, keys, a lock and a phone, for the tests of every room.

Keys are derived from small numbers, so that vectors and failures repeat; nothing here is secret.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.asymmetric import ec

from nyckelfri.door import bulletin as bulletins
from nyckelfri.door import clock, grants, keyset, signed
from nyckelfri.door.bulletin import Bulletin
from nyckelfri.door.grants import Grant
from nyckelfri.door.keyset import Key, KeySet, Purpose, Root
from nyckelfri.door.opening import DoorRecord
from nyckelfri.door.trust import Trust

NOON = 1_794_222_000
"""2026-11-09 11:00 UTC, a Monday; any moment would do."""
HOUR = 3600


def private_key(number: int) -> ec.EllipticCurvePrivateKey:
    """A P-256 key that is the same in every run."""
    return ec.derive_private_key(number, ec.SECP256R1())


def identifier(name: str) -> bytes:
    """An 8-byte identifier that is the same in every run."""
    return hashlib.sha256(name.encode()).digest()[:8]


@dataclass(frozen=True)
class Municipality:
    """Root 2 of 3, one key a purpose, all private halves at hand."""

    holders: tuple[ec.EllipticCurvePrivateKey, ...]
    root: Root
    key_set: KeySet
    signed_key_set: bytes
    grant_key: ec.EllipticCurvePrivateKey
    bulletin_key: ec.EllipticCurvePrivateKey
    receipt_key: ec.EllipticCurvePrivateKey
    sealing_key: ec.EllipticCurvePrivateKey

    @classmethod
    def make(cls, seed: int = 100, *, number: int = 1, epoch: int = 1) -> Municipality:
        holders = sorted(
            (private_key(seed + i) for i in range(3)),
            key=lambda key: signed.compressed(key.public_key()),
        )
        root = Root(2, tuple(signed.compressed(key.public_key()) for key in holders))
        purposes = (Purpose.GRANT, Purpose.BULLETIN, Purpose.RECEIPT, Purpose.SEALING)
        keys = [private_key(seed + 10 + i) for i in range(len(purposes))]
        key_set = KeySet(
            municipality=root.municipality,
            number=number,
            epoch=epoch,
            issued=NOON - 30 * 86_400,
            keys=tuple(
                Key(bytes([i + 1]), purpose, signed.compressed(key.public_key()))
                for i, (purpose, key) in enumerate(zip(purposes, keys, strict=True))
            ),
        )
        made = cls(tuple(holders), root, key_set, b"", *keys)
        return replace(made, signed_key_set=made.sign_key_set(key_set))

    def sign_key_set(self, key_set: KeySet, indexes: tuple[int, ...] = (0, 2)) -> bytes:
        parts = [
            signed.sign_part(key_set.payload, key=self.holders[i], typ=keyset.TYP, index=i)
            for i in indexes
        ]
        return keyset.join(key_set, parts)

    def sign_root(self, payload: bytes, typ: str, indexes: tuple[int, ...] = (0, 2)) -> bytes:
        """Any root-signed object: release, update, or what must be refused."""
        parts = [signed.sign_part(payload, key=self.holders[i], typ=typ, index=i) for i in indexes]
        return signed.join_parts(payload, typ=typ, parts=parts)

    def bulletin(
        self,
        issued: int = NOON - HOUR,
        *,
        phones: frozenset[bytes] = frozenset(),
        serials: frozenset[bytes] = frozenset(),
        epoch: int | None = None,
    ) -> bytes:
        content = Bulletin(
            self.key_set.municipality,
            self.key_set.epoch if epoch is None else epoch,
            issued,
            phones,
            serials,
        )
        return bulletins.issue(content, key=self.bulletin_key, kid=b"\x02")

    def mint(self, grant: Grant) -> bytes:
        return grants.mint(grant, key=self.grant_key, kid=b"\x01")

    def trust(self, *, ticks: int = 0, now: int = NOON) -> Trust:
        held = Trust(
            self.root,
            self.key_set,
            None,
            clock.Clock(floor=0, base=now, base_ticks=ticks, mark=clock.Mark.SET),
        )
        return held.with_bulletin(self.bulletin(now - HOUR), ticks)[0]


@dataclass(frozen=True)
class Door:
    """A commissioned lock, as its own program and as a phone knows it."""

    installation: bytes
    key: ec.EllipticCurvePrivateKey
    signing_key: ec.EllipticCurvePrivateKey

    @property
    def record(self) -> DoorRecord:
        return DoorRecord(
            self.installation, signed.coordinate(self.key.public_key()), bytes(range(16))
        )
