"""An opening, both sides, without I/O (docs/protocol.md, 6).

House rules: each step returns the next one, so nothing can be done out of order; whatever
goes wrong before the phone has proven its grant is one and the same answer to the outside.

    lock     LockOpening.message_1 → AwaitingGrant.message_3 → Unproven.prove → Presented.answer
    phone    PhoneOpening.message_1 → AwaitingLock.message_2 → LockProven.message_3
             → AwaitingDecision.message_4
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nyckelfri import cbor, edhoc
from nyckelfri.door import fields, grants, signed
from nyckelfri.door.courier import Courier, Side
from nyckelfri.door.reasons import Reason

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec

    from nyckelfri.door.keyset import KeySet

COMMAND, KEY_SET, BULLETIN, DECISION = 32768, 32769, 32770, 32771
MAX_MESSAGE_1: Final = 64
MAX_MESSAGE_3: Final = 40_960
SUITES: Final = (edhoc.Suite.S3,)
LOCK_KID: Final = b"\x00"
C_I, C_R = b"\x00", b"\x01"
HEAD_BYTES: Final = 8
REFUSAL: Final = cbor.encode(1) + cbor.encode("refused")
"""The one EDHOC error a lock ever sends (RFC 9528 section 6.2)."""

_IN_MESSAGE_3: Final = frozenset({COMMAND, KEY_SET, BULLETIN})
_IN_MESSAGE_4: Final = frozenset({DECISION})


class NotAcceptedError(Exception):
    """The other side has not proven what it must; the text is for our own diagnostics."""


@dataclass(frozen=True, slots=True)
class DoorRecord:
    """What a phone must know of a door: installation (8), lock key x (32), radio key (16)."""

    installation: bytes
    lock_key: bytes
    radio_key: bytes

    def __repr__(self) -> str:
        return f"DoorRecord({self.installation.hex()})"


@dataclass(frozen=True, slots=True)
class Decision:
    """The lock's answer, with the journal entry that stands for it and the head there."""

    reason: Reason
    number: int
    head: bytes


def lock_credential(installation: bytes, lock_key: bytes) -> edhoc.Credential:
    """The CCS that both sides know of a lock; it is never sent."""
    return edhoc.ccs_credential(lock_key, kid=LOCK_KID, subject=installation.hex())


# The lock's side.


class LockOpening:
    """A lock that waits for message 1 of a new link."""

    def __init__(self, installation: bytes, key: ec.EllipticCurvePrivateKey) -> None:
        self._installation = installation
        credential = lock_credential(installation, signed.coordinate(key.public_key()))
        self._responder = edhoc.Responder(suites=SUITES, static_key=key, credential=credential)

    def message_1(
        self, data: bytes, *, ephemeral: ec.EllipticCurvePrivateKey | None = None
    ) -> tuple[bytes, AwaitingGrant]:
        """Message 2 in answer to message 1; NotAcceptedError."""
        try:
            received = self._responder.message_1(data)
            message_2, waiting = received.message_2(c_r=C_R, ephemeral=ephemeral)
        except edhoc.EdhocError as error:
            raise NotAcceptedError(str(error)) from None
        return message_2, AwaitingGrant(self._installation, waiting)


class AwaitingGrant:
    """A lock that has sent message 2."""

    def __init__(self, installation: bytes, state: edhoc.AwaitingMessage3) -> None:
        self._installation = installation
        self._state = state

    def message_3(self, data: bytes) -> Unproven:
        """Decrypt and decode message 3; the phone is still nobody. NotAcceptedError."""
        try:
            received = self._state.message_3(data, known_labels=_IN_MESSAGE_3)
        except edhoc.EdhocError as error:
            raise NotAcceptedError(str(error)) from None
        return Unproven(self._installation, received)


class Unproven:
    """Message 3, decoded. `key_set` and `bulletin` stand for themselves by their signatures."""

    def __init__(self, installation: bytes, received: edhoc.Message3Received) -> None:
        self._installation = installation
        self._received = received
        items = _by_label(received.ead_3)
        self.key_set = _value(items.get(KEY_SET))
        self.bulletin = _value(items.get(BULLETIN))
        self._command = _command(items.get(COMMAND))

    def prove(self, key_set: KeySet) -> Presented:
        """Check grant signature, audience and MAC_3; NotAcceptedError."""
        id_cred = self._received.id_cred_i
        if id_cred.kind is not edhoc.IdKind.KCWT:
            raise NotAcceptedError("the phone shows no grant")
        try:
            grant = grants.verify(id_cred.value, key_set)
            if grant.installation != self._installation:
                raise NotAcceptedError("a grant for another door")
            done = self._received.verify(grant_credential(id_cred.value, grant.phone))
        except (signed.SignatureError, fields.ObjectError, edhoc.EdhocError) as error:
            raise NotAcceptedError(str(error)) from None
        return Presented(grant, self._command, done)


class Presented:
    """A phone that has proven its grant and says what it wants."""

    def __init__(
        self, grant: grants.Grant, command: grants.Command, done: edhoc.ResponderDone
    ) -> None:
        self.grant = grant
        self.command = command
        self._done = done

    def answer(self, decision: Decision) -> bytes:
        """Message 4."""
        value = b"".join(
            cbor.encode(part)
            for part in (int(decision.reason), decision.number, decision.head[:HEAD_BYTES])
        )
        return self._done.message_4([edhoc.EadItem(DECISION, value)])

    def courier(self) -> Courier:
        """The record layer for what follows message 4."""
        return Courier(Side.LOCK, self._done.exporter)


# The phone's side.


class PhoneOpening:
    """A phone at one door with one grant."""

    def __init__(self, door: DoorRecord, key: ec.EllipticCurvePrivateKey, grant: bytes) -> None:
        self._door = door
        credential = grant_credential(grant, signed.coordinate(key.public_key()))
        self._initiator = edhoc.Initiator(suites=SUITES, static_key=key, credential=credential)

    def message_1(
        self, *, ephemeral: ec.EllipticCurvePrivateKey | None = None
    ) -> tuple[bytes, AwaitingLock]:
        """Message 1: it says nothing about phone or door."""
        message_1, waiting = self._initiator.message_1(c_i=C_I, ephemeral=ephemeral)
        return message_1, AwaitingLock(self._door, waiting)


class AwaitingLock:
    """A phone that has sent message 1."""

    def __init__(self, door: DoorRecord, state: edhoc.AwaitingMessage2) -> None:
        self._door = door
        self._state = state

    def message_2(self, data: bytes) -> LockProven:
        """Check that this is the lock of the door record; NotAcceptedError."""
        _raise_if_refused(data)
        try:
            received = self._state.message_2(data)
            if received.id_cred_r != edhoc.IdCred.kid(LOCK_KID):
                raise NotAcceptedError("not a lock of this protocol")
            credential = lock_credential(self._door.installation, self._door.lock_key)
            return LockProven(received.verify(credential))
        except edhoc.EdhocError as error:
            raise NotAcceptedError(f"not the lock of this door: {error}") from None


class LockProven:
    """A phone that knows it speaks with its lock, and has said nothing of itself."""

    def __init__(self, state: edhoc.ReadyForMessage3) -> None:
        self._state = state

    def message_3(
        self,
        command: grants.Command,
        *,
        key_set: bytes | None = None,
        bulletin: bytes | None = None,
    ) -> tuple[bytes, AwaitingDecision]:
        """Show the grant and say what is wanted, with signed objects for a lock that lacks them."""
        items = [edhoc.EadItem(COMMAND, bytes([command]), critical=True)]
        if key_set is not None:
            items.append(edhoc.EadItem(KEY_SET, key_set))
        if bulletin is not None:
            items.append(edhoc.EadItem(BULLETIN, bulletin))
        message_3, waiting = self._state.message_3(items)
        return message_3, AwaitingDecision(waiting)


class AwaitingDecision:
    """A phone that has shown its grant."""

    def __init__(self, state: edhoc.AwaitingMessage4) -> None:
        self._state = state

    def message_4(self, data: bytes) -> tuple[Decision, Courier]:
        """The lock's decision and the record layer behind it; NotAcceptedError."""
        _raise_if_refused(data)
        try:
            done = self._state.message_4(data, known_labels=_IN_MESSAGE_4)
        except edhoc.EdhocError as error:
            raise NotAcceptedError(str(error)) from None
        decision = _decision(_value(_by_label(done.ead_4).get(DECISION)))
        return decision, Courier(Side.PHONE, done.exporter)


def grant_credential(grant: bytes, phone_key: bytes) -> edhoc.Credential:
    """The grant as the phone's EDHOC credential: by value, an untagged CWT."""
    return edhoc.Credential(edhoc.IdCred.kcwt(grant), grant, phone_key)


def _raise_if_refused(data: bytes) -> None:
    if edhoc.read_error(data) is not None:
        raise NotAcceptedError("the lock refused")


def _by_label(items: tuple[edhoc.EadItem, ...]) -> dict[int, edhoc.EadItem]:
    found = {item.label: item for item in items}
    if len(found) != len(items):
        raise NotAcceptedError("an item stands twice")
    return found


def _value(item: edhoc.EadItem | None) -> bytes | None:
    return item.value if item else None


def _command(item: edhoc.EadItem | None) -> grants.Command:
    if item is None or not item.critical or item.value is None or len(item.value) != 1:
        raise NotAcceptedError("no critical command of one byte")
    try:
        return grants.Command(item.value[0])
    except ValueError:
        raise NotAcceptedError("an unknown command") from None


def _decision(value: bytes | None) -> Decision:
    try:
        match cbor.decode_sequence(value or b""):
            case [int(reason), int(number), bytes(head)] if (
                # false equals 0 in Python, and would be a door that opened
                (type(reason), type(number), len(head)) == (int, int, HEAD_BYTES) and number >= 0
            ):
                return Decision(Reason(reason), number, head)
    except ValueError:
        pass
    raise NotAcceptedError("the lock's answer is malformed")
