"""Revocations and time as one signed object, and time over a lock's nonce (docs/protocol.md, 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from nyckelfri import cbor
from nyckelfri.door import fields, signed
from nyckelfri.door.keyset import KeySet, Purpose

TYP: Final = "nyckelfri/bulletin"
TIME_TYP: Final = "nyckelfri/time"
MAX_REVOCATIONS: Final = 3_000
NONCE_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Bulletin:
    """What is revoked, and the moment at which the server said so."""

    municipality: bytes
    epoch: int
    issued: int
    phones: frozenset[bytes]
    serials: frozenset[bytes]

    @property
    def number(self) -> tuple[int, int]:
        """(epoch, issued): the higher one wins."""
        return self.epoch, self.issued

    @property
    def payload(self) -> bytes:
        """The bytes that are signed, and that a lock keeps."""
        return cbor.encode(
            {
                1: self.municipality,
                2: self.epoch,
                3: self.issued,
                4: sorted(self.phones),
                5: sorted(self.serials),
            }
        )


@dataclass(frozen=True, slots=True)
class TimeToken:
    """The server's time in answer to a lock's nonce."""

    municipality: bytes
    installation: bytes
    nonce: bytes
    time: int


def issue(bulletin: Bulletin, *, key: ec.EllipticCurvePrivateKey, kid: bytes) -> bytes:
    """The signed bulletin; ObjectError if more is revoked than a lock will take."""
    if len(bulletin.phones) + len(bulletin.serials) > MAX_REVOCATIONS:
        raise fields.ObjectError(
            f"over {MAX_REVOCATIONS} revocations: rotate the grant key instead"
        )
    payload = bulletin.payload
    from_payload(payload)  # an operator shall hear of a bad id, not every lock
    return signed.sign(payload, key=key, typ=TYP, kid=kid)


def read(data: bytes, key_set: KeySet) -> Bulletin:
    """The bulletin in `data`, of the municipality and epoch of `key_set`.

    Raises SignatureError or ObjectError.
    """
    bulletin = from_payload(key_set.verify(data, purpose=Purpose.BULLETIN, typ=TYP))
    if (bulletin.municipality, bulletin.epoch) != (key_set.municipality, key_set.epoch):
        raise fields.ObjectError("a bulletin of another municipality or epoch")
    return bulletin


def from_payload(payload: bytes) -> Bulletin:
    """The bulletin that these bytes describe; who signed them is not looked at here."""
    field = fields.record(payload, (1, 2, 3, 4, 5))
    phones = fields.rising_identifiers(field[4], "revoked phones", most=MAX_REVOCATIONS)
    serials = fields.rising_identifiers(
        field[5], "revoked serials", most=MAX_REVOCATIONS - len(phones)
    )
    return Bulletin(
        municipality=fields.identifier(field[1], "the municipality"),
        epoch=fields.integer(field[2], "the epoch"),
        issued=fields.integer(field[3], "the time of issue"),
        phones=frozenset(phones),
        serials=frozenset(serials),
    )


def issue_time(token: TimeToken, *, key: ec.EllipticCurvePrivateKey, kid: bytes) -> bytes:
    """The signed time token."""
    payload = cbor.encode(
        {1: token.municipality, 2: token.installation, 3: token.nonce, 4: token.time}
    )
    return signed.sign(payload, key=key, typ=TIME_TYP, kid=kid)


def read_time(data: bytes, key_set: KeySet, *, installation: bytes, nonce: bytes) -> int:
    """Unix seconds that the server signed for this installation's nonce.

    Raises SignatureError or ObjectError.
    """
    field = fields.record(
        key_set.verify(data, purpose=Purpose.BULLETIN, typ=TIME_TYP), (1, 2, 3, 4)
    )
    if (field[1], field[2], field[3]) != (key_set.municipality, installation, nonce):
        raise fields.ObjectError("a time token for another lock or session")
    return fields.integer(field[4], "the time")
