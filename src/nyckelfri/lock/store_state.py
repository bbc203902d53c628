"""What a lock remembers, as values, and how each is written (docs/protocol.md, 5, 6, 8 and 10).

House rules: these are the only things that outlive a power cut. Values are frozen; whatever
holds a key hides it from its repr. Keys are raw bytes here: 32-byte private scalars of P-256.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, TypeAlias

from cryptography.hazmat.primitives.asymmetric import ec

from nyckelfri import cbor
from nyckelfri.door import fields, journal
from nyckelfri.door.clock import Mark
from nyckelfri.door.policy import Stay

_KEY_BYTES: Final = 32
_SECRET_BYTES: Final = 16
_RADIO_KEY_BYTES: Final = 16
_NONCE_BYTES: Final = 16
_MAX_PENDING: Final = 256
MAX_HOLES: Final = 256
"""Separate ranges of lost entries that a store can live with."""
_NO_HEAD: Final = bytes(journal.HEAD_BYTES)


@dataclass(frozen=True, slots=True)
class Factory:
    """What the unit left the factory with; the secret is None once it has been used."""

    kind: int
    static_key: bytes = field(repr=False)
    secret: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Identity:
    """What the lock became at commissioning: pinned root, its own keys, threshold in dBm."""

    root: bytes
    installation: bytes
    dh_key: bytes = field(repr=False)
    signing_key: bytes = field(repr=False)
    radio_key: bytes = field(repr=False)
    release_nonce: bytes
    threshold: int


@dataclass(frozen=True, slots=True)
class SavedClock:
    """Unix seconds: highest signed time ever seen, last saved estimate and what it was worth."""

    floor: int = 0
    checkpoint: int = 0
    mark: Mark = Mark.LOST


@dataclass(frozen=True, slots=True)
class Tip:
    """Number and chain head of the newest entry, and how far back nothing need be kept.

    The server has `acknowledged` entries up to that number; up to `given_up` they were given up
    without it, for want of space.
    """

    number: int = 0
    head: bytes = _NO_HEAD
    acknowledged: int = 0
    given_up: int = 0

    @property
    def settled(self) -> int:
        """The newest entry that need not be there."""
        return max(self.acknowledged, self.given_up)


@dataclass(frozen=True, slots=True)
class Running:
    """What changes from opening to opening.

    `battery` is the percent last journalled, `pending` the intents without an outcome, `holes`
    the ranges (first, last) of entries that damage has taken, and `repaired` stays True until
    the journal says that the store was repaired.
    """

    clock: SavedClock = SavedClock()
    stay: Stay | None = None
    battery: int | None = None
    tip: Tip = Tip()
    pending: tuple[int, ...] = ()
    holes: tuple[tuple[int, int], ...] = ()
    repaired: bool = False


@dataclass(frozen=True, slots=True)
class LockState:
    """All of it, as it stood after the last commit; key set and bulletin are signed bytes."""

    factory: Factory
    identity: Identity | None = None
    key_set: bytes | None = field(default=None, repr=False)
    bulletin: bytes | None = field(default=None, repr=False)
    running: Running = Running()


Part: TypeAlias = Factory | Identity | bytes | Running | None


def scalar(key: ec.EllipticCurvePrivateKey) -> bytes:
    """A private key as it is kept: its 32-byte scalar."""
    return key.private_numbers().private_value.to_bytes(_KEY_BYTES, "big")


def private_key(kept: bytes) -> ec.EllipticCurvePrivateKey:
    """The private key of a kept scalar."""
    return ec.derive_private_key(int.from_bytes(kept, "big"), ec.SECP256R1())


def parts(state: LockState) -> tuple[Part, ...]:
    """What is saved each for itself: factory, identity, key set, bulletin, running."""
    return state.factory, state.identity, state.key_set, state.bulletin, state.running


def encode(part: Part) -> bytes:
    """One part as one CBOR item."""
    match part:
        case Factory():
            return cbor.encode([part.kind, part.static_key, part.secret])
        case Identity():
            return cbor.encode(
                [
                    part.root,
                    part.installation,
                    part.dh_key,
                    part.signing_key,
                    part.radio_key,
                    part.release_nonce,
                    part.threshold,
                ]
            )
        case Running(clock=clock, tip=tip, stay=stay):
            return cbor.encode(
                [
                    [clock.floor, clock.checkpoint, clock.mark],
                    None if stay is None else [stay.grant, stay.opened],
                    part.battery,
                    [tip.number, tip.head, tip.acknowledged, tip.given_up],
                    part.pending,
                    part.holes,
                    part.repaired,
                ]
            )
    return cbor.encode(part)


def decode(items: tuple[bytes, ...]) -> LockState:
    """The state from its five parts; ObjectError (without their contents) if they are not that."""
    try:
        factory, identity, key_set, bulletin, running = (cbor.decode(item) for item in items)
    except (cbor.CborError, ValueError):
        raise fields.ObjectError("the saved state is not five CBOR items") from None
    return LockState(
        _factory(factory),
        None if identity is None else _identity(identity),
        _optional_bytes(key_set, "the key set"),
        _optional_bytes(bulletin, "the bulletin"),
        _running(running),
    )


def _factory(value: cbor.Value) -> Factory:
    match value:
        case [kind, static_key, secret]:
            return Factory(
                fields.integer(kind, "the kind of unit", least=1, most=255),
                fields.byte_string(static_key, _KEY_BYTES, "the factory key"),
                None
                if secret is None
                else fields.byte_string(secret, _SECRET_BYTES, "the factory secret"),
            )
    raise fields.ObjectError("the saved factory state is malformed")


def _identity(value: cbor.Value) -> Identity:
    match value:
        case [bytes(root), installation, dh_key, signing_key, radio_key, nonce, threshold]:
            return Identity(
                root,
                fields.identifier(installation, "the installation"),
                fields.byte_string(dh_key, _KEY_BYTES, "the lock key"),
                fields.byte_string(signing_key, _KEY_BYTES, "the signing key"),
                fields.byte_string(radio_key, _RADIO_KEY_BYTES, "the radio key"),
                fields.byte_string(nonce, _NONCE_BYTES, "the release nonce"),
                fields.integer(threshold, "the threshold", least=-255, most=255),
            )
    raise fields.ObjectError("the saved identity is malformed")


def _running(value: cbor.Value) -> Running:
    match value:
        case [
            [floor, checkpoint, mark],
            stay,
            battery,
            [number, head, acknowledged, given_up],
            list(pending),
            list(holes),
            bool(repaired),
        ]:
            pass
        case _:
            raise fields.ObjectError("the saved running state is malformed")
    return Running(
        SavedClock(
            fields.integer(floor, "the floor"),
            fields.integer(checkpoint, "the checkpoint"),
            Mark(fields.integer(mark, "the mark", most=2)),
        ),
        None if stay is None else _stay(stay),
        None if battery is None else fields.integer(battery, "the battery", most=100),
        Tip(
            fields.integer(number, "the newest entry"),
            fields.byte_string(head, journal.HEAD_BYTES, "the head"),
            fields.integer(acknowledged, "the acknowledged entry"),
            fields.integer(given_up, "the entry given up"),
        ),
        tuple(
            fields.integer(intent, "a pending intent", least=1)
            for intent in fields.items(pending, "pending intents", most=_MAX_PENDING)
        ),
        tuple(_hole(item) for item in fields.items(holes, "holes", most=MAX_HOLES)),
        repaired,
    )


def _stay(value: cbor.Value) -> Stay:
    match value:
        case [grant, opened]:
            return Stay(
                fields.identifier(grant, "the stay's grant"),
                fields.integer(opened, "the stay's opening"),
            )
    raise fields.ObjectError("the saved stay is malformed")


def _hole(value: cbor.Value) -> tuple[int, int]:
    match value:
        case [first, last]:
            return (
                fields.integer(first, "the first lost entry", least=1),
                fields.integer(last, "the last lost entry", least=1),
            )
    raise fields.ObjectError("the saved holes are malformed")


def _optional_bytes(value: cbor.Value, what: str) -> bytes | None:
    if value is None or isinstance(value, bytes):
        return value
    raise fields.ObjectError(f"{what} must be bytes")
