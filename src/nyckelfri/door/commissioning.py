"""How a factory-new unit becomes a lock of a municipality (docs/protocol.md, 10).

House rule: the secret printed on the unit proves that somebody stands before it; it is
never sent, and is void afterwards.
"""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from nyckelfri import cbor, edhoc
from nyckelfri.door import bulletin as bulletins
from nyckelfri.door import fields, keyset, signed
from nyckelfri.door.courier import Commission, Courier, Exporter, Side
from nyckelfri.door.opening import C_I, C_R, LOCK_KID, SUITES, NotAcceptedError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec

    from nyckelfri.door.bulletin import Bulletin
    from nyckelfri.door.keyset import KeySet, Root

TYP: Final = "nyckelfri/installation"
WINDOW: Final = 300
"""Seconds for which the inside button lets a unit be commissioned."""
MARGIN: Final = 6
"""Decibels below the strength measured at commissioning that still count as near."""
_PREFIX: Final = "NYCKELFRI:1:"
_SECRET_BYTES, _KEY_BYTES, _RADIO_BYTES, _NONCE_BYTES = 16, 32, 16, 16
_PROOF_LABEL: Final = 32770
_FACTORY: Final = "factory"


class Kind(IntEnum):
    """What a unit is."""

    THUMB_TURN = 1
    ENTRANCE_UNIT = 2


@dataclass(frozen=True, slots=True)
class Printed:
    """What the QR code on a unit says: kind, factory key x (32), secret (16)."""

    kind: Kind
    key: bytes
    secret: bytes

    def __repr__(self) -> str:
        return f"Printed({self.kind.name})"

    def text(self) -> str:
        """The text of the QR code."""
        raw = bytes([self.kind]) + self.key + self.secret
        return _PREFIX + base64.b32encode(raw).decode().rstrip("=")

    @classmethod
    def read(cls, text: str) -> Printed:
        """The unit behind a QR code; ObjectError if it is none of ours."""
        body = text.strip().removeprefix(_PREFIX)
        try:
            raw = base64.b32decode(body + "=" * (-len(body) % 8))
            printed = cls(Kind(raw[0]), raw[1:33], raw[33:])
        except (ValueError, IndexError):
            raise fields.ObjectError(_NOT_OURS) from None
        if len(printed.secret) != _SECRET_BYTES or printed.text() != text.strip():
            raise fields.ObjectError(_NOT_OURS)
        return printed


_NOT_OURS: Final = "this is not the code of a Nyckelfri unit: scan the label on the unit itself"


@dataclass(frozen=True, slots=True)
class InstallationRecord:
    """What the server keeps of a lock.

    Ids 8 bytes, lock key x 32, signing key 33, radio key 16, release nonce 16.
    """

    municipality: bytes
    installation: bytes
    kind: Kind
    lock_key: bytes
    signing_key: bytes
    radio_key: bytes
    release_nonce: bytes

    def __repr__(self) -> str:
        return f"InstallationRecord({self.installation.hex()}, {self.kind.name})"

    def sign(self, key: ec.EllipticCurvePrivateKey) -> bytes:
        """The record, signed with the lock's own new signing key."""
        payload = cbor.encode(
            {
                1: self.municipality,
                2: self.installation,
                3: int(self.kind),
                4: self.lock_key,
                5: self.signing_key,
                6: self.radio_key,
                7: self.release_nonce,
            }
        )
        return signed.sign(payload, key=key, typ=TYP, kid=None)

    @classmethod
    def read(cls, data: bytes) -> InstallationRecord:
        """The record in `data`, signed by the signing key it names.

        Raises SignatureError or ObjectError. That it comes from the unit that was scanned
        is what the commissioning session has proven, not this.
        """
        field = fields.record(signed.unverified_payload(data), (1, 2, 3, 4, 5, 6, 7))
        lock_key = fields.byte_string(field[4], _KEY_BYTES, "the lock key")
        signed.signing_key(b"\x02" + lock_key)  # on the curve, or no phone could ever open
        record = cls(
            municipality=fields.identifier(field[1], "the municipality"),
            installation=fields.identifier(field[2], "the installation"),
            kind=Kind(fields.integer(field[3], "the kind", least=1, most=max(Kind))),
            lock_key=lock_key,
            signing_key=fields.byte_string(field[5], 33, "the signing key"),
            radio_key=fields.byte_string(field[6], _RADIO_BYTES, "the radio key"),
            release_nonce=fields.byte_string(field[7], _NONCE_BYTES, "the release nonce"),
        )
        signed.verify(data, key=record.signing_key, typ=TYP, kid=None)
        return record


def proof(secret: bytes, exporter: Exporter) -> bytes:
    """The 32 bytes that prove the printed secret in this session and no other."""
    session = exporter(_PROOF_LABEL, b"", 32)
    return hmac.digest(secret, b"nyckelfri/commission" + session, sha256)


def _claims(public_x: bytes) -> bytes:
    return cbor.encode({8: {1: {1: 2, -1: 1, -2: public_x}}})


def factory_credential(key: bytes) -> edhoc.Credential:
    """The credential of a unit that belongs to nobody yet."""
    return edhoc.ccs_credential(key, kid=LOCK_KID, subject=_FACTORY)


def check(offer: Commission, *, secret: bytes, exporter: Exporter) -> tuple[Root, KeySet, Bulletin]:
    """What the unit shall believe from now on.

    Raises NotAcceptedError (wrong proof), SignatureError or ObjectError.
    """
    if not hmac.compare_digest(offer.proof, proof(secret, exporter)):
        raise NotAcceptedError("the printed secret is not proven")
    root = keyset.Root.read(offer.root)
    key_set = keyset.read(offer.key_set, root)
    if key_set.missing:
        names = ", ".join(sorted(purpose.name.lower() for purpose in key_set.missing))
        raise fields.ObjectError(f"the key set has no key for {names}: have one signed that has")
    return root, key_set, bulletins.read(offer.bulletin, key_set)


class FactoryUnit:
    """A unit in its commissioning window, waiting for an installer's phone."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        credential = factory_credential(signed.coordinate(key.public_key()))
        self._responder = edhoc.Responder(suites=SUITES, static_key=key, credential=credential)

    def message_1(
        self, data: bytes, *, ephemeral: ec.EllipticCurvePrivateKey | None = None
    ) -> tuple[bytes, AwaitingInstaller]:
        """Message 2 in answer to message 1; NotAcceptedError."""
        try:
            message_2, waiting = self._responder.message_1(data).message_2(
                c_r=C_R, ephemeral=ephemeral
            )
        except edhoc.EdhocError as error:
            raise NotAcceptedError(str(error)) from None
        return message_2, AwaitingInstaller(waiting)


class AwaitingInstaller:
    """A unit that has sent message 2."""

    def __init__(self, state: edhoc.AwaitingMessage3) -> None:
        self._state = state

    def message_3(self, data: bytes) -> tuple[bytes, Courier]:
        """Message 4 and the record layer; who the phone is, only its proof will tell."""
        try:
            received = self._state.message_3(data)
            if received.id_cred_i.kind is not edhoc.IdKind.KCCS:
                raise NotAcceptedError("the phone shows no key")
            done = received.verify(edhoc.kccs_credential(received.id_cred_i.value))
        except edhoc.EdhocError as error:
            raise NotAcceptedError(str(error)) from None
        return done.message_4(), Courier(Side.LOCK, done.exporter)


class Installer:
    """An installer's phone before a unit whose code it has read."""

    def __init__(self, unit: Printed, key: ec.EllipticCurvePrivateKey) -> None:
        self._unit = unit
        credential = edhoc.kccs_credential(_claims(signed.coordinate(key.public_key())))
        self._initiator = edhoc.Initiator(suites=SUITES, static_key=key, credential=credential)

    def message_1(
        self, *, ephemeral: ec.EllipticCurvePrivateKey | None = None
    ) -> tuple[bytes, AwaitingUnit]:
        """Message 1."""
        message_1, waiting = self._initiator.message_1(c_i=C_I, ephemeral=ephemeral)
        return message_1, AwaitingUnit(self._unit, waiting)


class AwaitingUnit:
    """An installer's phone that has sent message 1."""

    def __init__(self, unit: Printed, state: edhoc.AwaitingMessage2) -> None:
        self._unit = unit
        self._state = state

    def message_2(self, data: bytes) -> tuple[bytes, AwaitingWelcome]:
        """Message 3, once the unit has proven that it is the one that was scanned."""
        try:
            received = self._state.message_2(data)
            ready = received.verify(factory_credential(self._unit.key))
        except edhoc.EdhocError as error:
            raise NotAcceptedError(f"not the unit of this code: {error}") from None
        message_3, waiting = ready.message_3()
        return message_3, AwaitingWelcome(waiting)


class AwaitingWelcome:
    """An installer's phone that has sent message 3."""

    def __init__(self, state: edhoc.AwaitingMessage4) -> None:
        self._state = state

    def message_4(self, data: bytes) -> Courier:
        """The record layer over which the unit is commissioned; NotAcceptedError."""
        try:
            done = self._state.message_4(data)
        except edhoc.EdhocError as error:
            raise NotAcceptedError(str(error)) from None
        return Courier(Side.PHONE, done.exporter)
