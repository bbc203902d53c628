"""Targets: the signed objects, each as it comes and as a payload that the right key has signed.

House rule: the signature is made here, so that the fuzzer's bytes reach what is behind it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from doorworld import Door, Municipality, identifier, private_key

from fuzz import vectors
from fuzz.target import Seeds, Target, hold
from nyckelfri import cbor
from nyckelfri.door import bulletin as bulletins
from nyckelfri.door import delivery, fields, grants, keyset, signed, update
from nyckelfri.door.commissioning import InstallationRecord
from nyckelfri.door.keyset import Purpose, Root
from nyckelfri.door.ownership import LABEL_TYP, RELEASE_TYP, Label, Release

ERRORS = (signed.SignatureError, fields.ObjectError)
HERE = Municipality.make()
DOOR = Door(identifier("front door"), private_key(200), private_key(201))
NONCE = bytes(range(16))

Payload = bytes
Read = Callable[[bytes], Payload]
"""Reads an object, and writes its payload anew from what was understood."""


def _both(sign: Callable[[bytes], bytes], read: Read) -> Callable[[bytes], None]:
    """A target that gives `read` the bytes themselves, and the bytes signed."""

    def run(data: bytes) -> None:
        _try(read, data)
        try:
            made = sign(data)
        except signed.SignatureError:
            hold(len(data) > signed.MAX_PAYLOAD, "whatever fits can be signed")
            return
        _try(read, made)

    return run


def _try(read: Read, data: bytes) -> None:
    try:
        payload = read(data)
    except ERRORS:
        return
    match cbor.decode(data):
        case [_, dict(), bytes(carried), _] as parts:
            hold(carried == payload, "what is understood is what was signed")
            hold(cbor.encode(parts) == data, "an object has one form")
        case _:
            hold(condition=False, what="an object is a COSE array")


def _signer(kid: int, typ: str | None) -> Callable[[bytes], bytes]:
    key = (HERE.grant_key, HERE.bulletin_key, HERE.receipt_key)[kid - 1]
    return lambda data: signed.sign(data, key=key, typ=typ, kid=bytes([kid]))


def _by_the_lock(typ: str) -> Callable[[bytes], bytes]:
    return lambda data: signed.sign(data, key=DOOR.signing_key, typ=typ, kid=None)


def by_the_root(typ: str) -> Callable[[bytes], bytes]:
    """Signs a payload with two holders of the root."""

    def sign(data: bytes) -> bytes:
        holders = ((0, HERE.holders[0]), (2, HERE.holders[2]))
        parts = [signed.sign_part(data, key=key, typ=typ, index=i) for i, key in holders]
        return signed.join_parts(data, typ=typ, parts=parts)

    return sign


def _own(payload: Payload) -> Payload:
    """The vectors' payload as this municipality would have it: its id in the place of theirs."""
    theirs = bytes.fromhex(vectors.read("signed")["given"]["municipality"])
    there = bytes.fromhex(vectors.read("signed")["given"]["installation"])
    return payload.replace(theirs, HERE.root.municipality).replace(there, DOOR.installation)


def seeds(kind: str) -> Callable[[], Seeds]:
    """The vectors of this kind."""
    return lambda: [(name, _own(data)) for name, data in vectors.signed(kind)]


# Readers


def _grant(data: bytes) -> Payload:
    return grants.payload(grants.verify(data, HERE.key_set))


def _bulletin(data: bytes) -> Payload:
    return bulletins.read(data, HERE.key_set).payload


def _time(data: bytes) -> Payload:
    time = bulletins.read_time(data, HERE.key_set, installation=DOOR.installation, nonce=NONCE)
    return cbor.encode({1: HERE.root.municipality, 2: DOOR.installation, 3: NONCE, 4: time})


def _receipt(data: bytes) -> Payload:
    found = delivery.open_receipt(data, HERE.key_set, installation=DOOR.installation)
    return cbor.encode(
        {1: found.municipality, 2: found.installation, 3: found.number, 4: found.head}
    )


def _key_set(data: bytes) -> Payload:
    found = keyset.read(data, HERE.root)
    hold(keyset.from_payload(found.payload) == found, "a key set is kept as it was read")
    return found.payload


def _installation(data: bytes) -> Payload:
    record = InstallationRecord.read(data)
    hold(record.radio_key.hex() not in repr(record), "the radio key is not shown")
    return signed.unverified_payload(record.sign(DOOR.signing_key))


def _release(data: bytes) -> Payload:
    return Release.read(data, HERE.root).payload


def _update(data: bytes) -> Payload:
    return update.read(data, HERE.root).payload


def _new_label(data: bytes) -> Payload:
    found = Label.read(data, key=signed.compressed(DOOR.signing_key.public_key()))
    hold(found.secret.hex() not in repr(found), "the secret is not shown")
    return signed.unverified_payload(found.sign(DOOR.signing_key))


def root(data: bytes) -> None:
    """Root.read: the errors, or a root that is pinned as the same bytes."""
    try:
        found = Root.read(data)
    except ERRORS:
        return
    hold(found.encoded == data, "a root has one form")


def one_signature(data: bytes) -> None:
    """COSE_Sign1 and COSE_Sign readers on anything: SignatureError or a payload."""
    try:
        payload = signed.unverified_payload(data)
    except signed.SignatureError:
        payload = None
    for purpose in Purpose:
        try:
            got = HERE.key_set.verify(data, purpose=purpose, typ=bulletins.TYP)
        except signed.SignatureError:
            continue
        hold(purpose is Purpose.BULLETIN, "only the bulletin key signs bulletins")
        hold(got == payload, "two readers see one payload")
    try:
        signed.verify_parts(data, keys=HERE.root.keys, threshold=2, typ=keyset.TYP)
    except signed.SignatureError:
        return
    hold(payload is None, "nothing is both")


@cache
def _whole() -> list[tuple[str, bytes]]:
    kinds = ("key set", "grant", "bulletin", "time token", "installation")
    found = [(f"{kind}-{name}", data) for kind in kinds for name, data in vectors.signed(kind)]
    return [item for item in found if "payload" not in item[0] and len(item[1]) < 1000]


def _roots() -> Seeds:
    yield "two-of-three", HERE.root.encoded
    yield "one-of-one", Root(1, HERE.root.keys[:1]).encoded
    yield "not-on-the-curve", cbor.encode([1, [b"\x02" + bytes(32)]])


def _receipts() -> Seeds:
    head = bytes(range(32))
    payload: dict[int, cbor.Encodable] = {
        1: HERE.root.municipality,
        2: DOOR.installation,
        3: 13,
        4: head,
    }
    yield "payload", cbor.encode(payload)
    yield "of-another-lock", cbor.encode(payload | {2: bytes(8)})


def _releases() -> Seeds:
    payload = Release(HERE.root.municipality, DOOR.installation, NONCE).payload
    yield "payload", payload
    yield "of-another-municipality", payload.replace(HERE.root.municipality, bytes(8))


def _updates() -> Seeds:
    for name, model in {"payload": "turn-1", "longest-model": "m" * 32, "no-ascii": "lås"}.items():
        yield name, update.Manifest(HERE.root.municipality, model, 2, 1000, bytes(32)).payload


def _labels() -> Seeds:
    x = DOOR.record.lock_key
    payload: dict[int, cbor.Encodable] = {
        1: HERE.root.municipality,
        2: DOOR.installation,
        3: 1,
        4: x,
        5: NONCE,
    }
    yield "payload", cbor.encode(payload)
    yield "not-on-the-curve", cbor.encode(payload | {4: bytes(32)})
    yield "no-such-kind", cbor.encode(payload | {3: 3})


def _installations() -> Seeds:
    point = signed.compressed(DOOR.signing_key.public_key())
    for name, data in seeds("installation")():
        yield name, data
        match _map(data):
            case dict() as payload if 5 in payload:
                yield f"own-{name}", cbor.encode({**payload, 5: point})


def _map(data: bytes) -> cbor.Value:
    try:
        return cbor.decode(data)
    except cbor.CborError:
        return None


TARGETS = (
    Target("signed", one_signature, lambda: _whole()[::3]),
    Target("root", root, _roots, longest=700, share=0.5),
    Target("key_set", _both(by_the_root(keyset.TYP), _key_set), seeds("key set"), tries=100),
    Target("grant", _both(_signer(1, None), _grant), seeds("grant"), longest=400, tries=150),
    Target("bulletin", _both(_signer(2, bulletins.TYP), _bulletin), seeds("bulletin"), tries=150),
    Target(
        "time_token", _both(_signer(2, bulletins.TIME_TYP), _time), seeds("time token"), tries=150
    ),
    Target("receipt", _both(_signer(3, delivery.RECEIPT_TYP), _receipt), _receipts, tries=150),
    Target(
        "installation",
        _both(_by_the_lock("nyckelfri/installation"), _installation),
        _installations,
        tries=150,
    ),
    Target("release", _both(by_the_root(RELEASE_TYP), _release), _releases, longest=300, tries=60),
    Target("update", _both(by_the_root(update.TYP), _update), _updates, longest=300, tries=60),
    Target("new_label", _both(_by_the_lock(LABEL_TYP), _new_label), _labels, longest=500, tries=60),
)
