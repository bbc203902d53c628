"""How a lock is let go again: release and new label (docs/protocol.md, 10).

House rules: only the root releases, and only the lock that made the nonce; the secret that
the unit is commissioned with next is in the label and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from nyckelfri import cbor
from nyckelfri.door import fields, signed
from nyckelfri.door.commissioning import Kind, Printed

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec

    from nyckelfri.door.keyset import Root

RELEASE_TYP: Final = "nyckelfri/release"
LABEL_TYP: Final = "nyckelfri/label"
MAX_RELEASE: Final = 2_048
"""Bytes of a root-signed release, with every signature a root can have."""
MAX_LABEL: Final = 512
"""Bytes of a signed label."""
NONCE_BYTES: Final = 16
SECRET_BYTES: Final = 16
_KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Release:
    """The root lets one installation go: ids 8, the nonce of its installation record 16."""

    municipality: bytes
    installation: bytes
    nonce: bytes

    @property
    def payload(self) -> bytes:
        """What the holders of the root sign."""
        return cbor.encode({1: self.municipality, 2: self.installation, 3: self.nonce})

    def join(self, parts: Sequence[tuple[int, bytes]]) -> bytes:
        """The root-signed release, from signatures made with `signed.sign_part`."""
        return signed.join_parts(self.payload, typ=RELEASE_TYP, parts=parts)

    @classmethod
    def from_payload(cls, payload: bytes) -> Release:
        """The release that these bytes describe; its signatures are not looked at here."""
        found = fields.record(payload, (1, 2, 3))
        return cls(
            fields.identifier(found[1], "the municipality"),
            fields.identifier(found[2], "the installation"),
            fields.byte_string(found[3], NONCE_BYTES, "the release nonce"),
        )

    @classmethod
    def read(cls, data: bytes, root: Root) -> Release:
        """The release in `data`, signed by `root` and for its municipality.

        Raises SignatureError or ObjectError. Whether it is for this lock, `frees` says.
        """
        if len(data) > MAX_RELEASE:
            raise fields.ObjectError(f"a release has at most {MAX_RELEASE} bytes")
        payload = signed.verify_parts(
            data, keys=root.keys, threshold=root.threshold, typ=RELEASE_TYP
        )
        release = cls.from_payload(payload)
        if release.municipality != root.municipality:
            raise fields.ObjectError("a release of another municipality")
        return release

    def frees(self, *, installation: bytes, nonce: bytes) -> bool:
        """Whether it is for the lock with this installation id and release nonce."""
        return (self.installation, self.nonce) == (installation, nonce)


@dataclass(frozen=True, slots=True)
class Label:
    """What is printed on a released unit: ids 8, factory key x 32, secret 16."""

    municipality: bytes
    installation: bytes
    kind: Kind
    key: bytes
    secret: bytes = field(repr=False)

    def __repr__(self) -> str:
        return f"Label({self.installation.hex()}, {self.kind.name})"

    @property
    def printed(self) -> Printed:
        """The unit's new QR code."""
        return Printed(self.kind, self.key, self.secret)

    def sign(self, key: ec.EllipticCurvePrivateKey) -> bytes:
        """The label, signed with the signing key of the lock that the unit still is."""
        payload = cbor.encode(
            {
                1: self.municipality,
                2: self.installation,
                3: int(self.kind),
                4: self.key,
                5: self.secret,
            }
        )
        return signed.sign(payload, key=key, typ=LABEL_TYP, kid=None)

    @classmethod
    def read(cls, data: bytes, *, key: bytes) -> Label:
        """The label in `data`, signed by the lock with this 33-byte signing key.

        Raises SignatureError or ObjectError.
        """
        return cls._from_payload(signed.verify(_sized(data), key=key, typ=LABEL_TYP, kid=None))

    @classmethod
    def claimed(cls, data: bytes) -> Label:
        """What a label says, its signature not looked at.

        For a phone, which has it from the proven lock itself and does not know its signing key.
        Raises SignatureError or ObjectError.
        """
        return cls._from_payload(signed.unverified_payload(_sized(data)))

    @classmethod
    def _from_payload(cls, payload: bytes) -> Label:
        found = fields.record(payload, (1, 2, 3, 4, 5))
        key = fields.byte_string(found[4], _KEY_BYTES, "the factory key")
        signed.signing_key(b"\x02" + key)  # on the curve, or nobody could commission it again
        return cls(
            fields.identifier(found[1], "the municipality"),
            fields.identifier(found[2], "the installation"),
            Kind(fields.integer(found[3], "the kind", least=1, most=max(Kind))),
            key,
            fields.byte_string(found[5], SECRET_BYTES, "the secret"),
        )


def _sized(data: bytes) -> bytes:
    if len(data) > MAX_LABEL:
        raise fields.ObjectError(f"a label has at most {MAX_LABEL} bytes")
    return data
