"""Every kind of signed object: one byte or one encoding away from right is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from doorworld import NOON, Door, Municipality, identifier
from hypothesis import given
from hypothesis import strategies as st

from nyckelfri import cbor
from nyckelfri.door import bulletin as bulletins
from nyckelfri.door import delivery, grants, keyset, ownership, signed, update
from nyckelfri.door.bulletin import TimeToken
from nyckelfri.door.commissioning import TYP as INSTALLATION_TYP
from nyckelfri.door.commissioning import InstallationRecord, Kind
from nyckelfri.door.delivery import Receipt
from nyckelfri.door.fields import ObjectError
from nyckelfri.door.grants import Grant
from nyckelfri.door.ownership import Label, Release
from nyckelfri.door.signed import SignatureError

REFUSED = (SignatureError, ObjectError)
NONCE = bytes(range(16))


@dataclass(frozen=True)
class Kindred:
    """One kind of object: a good example, its reader, and how to sign another payload."""

    data: bytes
    read: Callable[[bytes], object]
    sign: Callable[[bytes], bytes]
    payload: bytes


def _kinds(municipality: Municipality, door: Door, grant: Grant) -> dict[str, Kindred]:
    keys = municipality.key_set
    bulletin = municipality.bulletin(
        phones=frozenset({identifier("a"), identifier("b")}), serials=frozenset({identifier("c")})
    )
    token = bulletins.issue_time(
        TimeToken(keys.municipality, door.installation, NONCE, NOON),
        key=municipality.bulletin_key,
        kid=b"\x02",
    )
    receipt = delivery.sign_receipt(
        Receipt(keys.municipality, door.installation, 7, bytes(32)),
        key=municipality.receipt_key,
        kid=b"\x03",
    )
    record = InstallationRecord(
        keys.municipality,
        door.installation,
        Kind.THUMB_TURN,
        signed.coordinate(door.key.public_key()),
        signed.compressed(door.signing_key.public_key()),
        bytes(16),
        bytes(16),
    ).sign(door.signing_key)

    def kind(
        data: bytes,
        read: Callable[[bytes], object],
        key: ec.EllipticCurvePrivateKey,
        typ: str | None,
        kid: bytes | None,
    ) -> Kindred:
        return Kindred(
            data,
            read,
            lambda payload: signed.sign(payload, key=key, typ=typ, kid=kid),
            signed.unverified_payload(data),
        )

    def root_sign(payload: bytes, typ: str = keyset.TYP) -> bytes:
        holders = municipality.holders
        parts = [signed.sign_part(payload, key=holders[i], typ=typ, index=i) for i in (0, 1)]
        return signed.join_parts(payload, typ=typ, parts=parts)

    def of_root(read: Callable[[bytes], object], payload: bytes, typ: str) -> Kindred:
        return Kindred(root_sign(payload, typ), read, lambda other: root_sign(other, typ), payload)

    label = Label(
        keys.municipality,
        door.installation,
        Kind.THUMB_TURN,
        signed.coordinate(door.key.public_key()),
        bytes(16),
    ).sign(door.signing_key)

    return {
        "key set": Kindred(
            municipality.signed_key_set,
            lambda data: keyset.read(data, municipality.root),
            root_sign,
            keys.payload,
        ),
        "grant": kind(
            municipality.mint(grant),
            lambda data: grants.verify(data, keys),
            municipality.grant_key,
            None,
            b"\x01",
        ),
        "bulletin": kind(
            bulletin,
            lambda data: bulletins.read(data, keys),
            municipality.bulletin_key,
            bulletins.TYP,
            b"\x02",
        ),
        "time token": kind(
            token,
            lambda data: bulletins.read_time(
                data, keys, installation=door.installation, nonce=NONCE
            ),
            municipality.bulletin_key,
            bulletins.TIME_TYP,
            b"\x02",
        ),
        "receipt": kind(
            receipt,
            lambda data: delivery.open_receipt(data, keys, installation=door.installation),
            municipality.receipt_key,
            delivery.RECEIPT_TYP,
            b"\x03",
        ),
        "installation": kind(
            record, InstallationRecord.read, door.signing_key, INSTALLATION_TYP, None
        ),
        "label": kind(
            label,
            lambda data: Label.read(data, key=signed.compressed(door.signing_key.public_key())),
            door.signing_key,
            ownership.LABEL_TYP,
            None,
        ),
        "release": of_root(
            lambda data: Release.read(data, municipality.root),
            Release(keys.municipality, door.installation, NONCE).payload,
            ownership.RELEASE_TYP,
        ),
        "update": of_root(
            lambda data: update.read(data, municipality.root),
            update.Manifest(keys.municipality, "thumb-turn-1", 3, 10, bytes(32)).payload,
            update.TYP,
        ),
    }


NAMES = (
    "key set", "grant", "bulletin", "time token", "receipt", "installation", "label", "release",
    "update",
)  # fmt: skip


@pytest.fixture(scope="module")
def kinds(municipality: Municipality, door: Door, grant: Grant) -> dict[str, Kindred]:
    found = _kinds(municipality, door, grant)
    assert tuple(found) == NAMES
    return found


@pytest.fixture(params=NAMES)
def kind(request: pytest.FixtureRequest, kinds: dict[str, Kindred]) -> Kindred:
    return kinds[str(request.param)]


def test_the_example_is_read_and_signing_it_again_is_too(kind: Kindred) -> None:
    assert kind.read(kind.data) == kind.read(kind.sign(kind.payload))


@pytest.mark.threat(14)
def test_any_flipped_bit_of_a_signed_object_is_refused(kind: Kindred) -> None:
    for at in range(len(kind.data)):
        for bit in range(8):
            flipped = bytearray(kind.data)
            flipped[at] ^= 1 << bit
            with pytest.raises(REFUSED):
                kind.read(bytes(flipped))


@pytest.mark.threat(14)
@given(data=st.data())
def test_any_other_byte_in_any_place_is_refused(
    kinds: dict[str, Kindred], data: st.DataObject
) -> None:
    kind = kinds[data.draw(st.sampled_from(NAMES))]
    at = data.draw(st.integers(0, len(kind.data) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != kind.data[at]))
    with pytest.raises(REFUSED):
        kind.read(kind.data[:at] + bytes([other]) + kind.data[at + 1 :])


@pytest.mark.threat(13)
def test_every_truncation_and_anything_behind_the_object_is_refused(kind: Kindred) -> None:
    for length in range(len(kind.data)):
        with pytest.raises(REFUSED):
            kind.read(kind.data[:length])
    for more in (b"\x00", b"\xf6", kind.data, b"\xff" * 70_000):
        with pytest.raises(REFUSED):
            kind.read(kind.data + more)
        with pytest.raises(REFUSED):
            kind.read(more + kind.data)


@pytest.mark.threat(13)
@given(junk=st.binary(max_size=400))
def test_junk_is_refused_with_our_own_errors(kinds: dict[str, Kindred], junk: bytes) -> None:
    for kind in kinds.values():
        with pytest.raises(REFUSED):
            kind.read(junk)


@pytest.mark.threat(6)
def test_no_kind_of_object_is_read_as_another(kinds: dict[str, Kindred]) -> None:
    for name, kind in kinds.items():
        for other, reader in kinds.items():
            if name != other:
                with pytest.raises(REFUSED):
                    reader.read(kind.data)


Pairs = list[tuple[bytes, bytes]]


def _map(pairs: Pairs, head: bytes | None = None) -> bytes:
    body = b"".join(key + value for key, value in pairs)
    return (bytes([0xA0 + len(pairs)]) if head is None else head) + body


def _other_encodings(pairs: Pairs) -> dict[str, bytes]:
    """The same map, written in ways that deterministic CBOR does not have."""
    (key, value), *rest = pairs
    last_key, last_value = pairs[-1]
    return {
        "unsorted": _map([*rest, (key, value)]),
        "reversed": _map(pairs[::-1]),
        "duplicate key": _map([(key, value), *pairs]),
        "duplicate key at the end": _map([*pairs, (last_key, last_value)]),
        "indefinite map": _map(pairs, b"\xbf") + b"\xff",
        "longer map head": _map(pairs, bytes([0xB8, len(pairs)])),
        "longer key": _map([(b"\x18" + key, value), *rest]),
        "indefinite string": _map([(key, b"\x5f" + value + b"\xff"), *rest]),
        "tagged whole": b"\xd8\x3d" + _map(pairs),
        "tagged value": _map([*pairs[:-1], (last_key, b"\xc1" + last_value)]),
        "something behind": _map(pairs) + b"\x00",
        "float key": _map([(b"\xf9\x3c\x00", value), *rest]),
    }


def _other_contents(pairs: Pairs) -> dict[str, bytes]:
    """Good CBOR that says something else: missing, added and mistyped claims."""
    found = {"array": cbor2.dumps([0]), "empty": b"", "no map": b"\x00", "empty map": b"\xa0"}
    found["extra key"] = _map([*pairs, (b"\x17", b"\x00")])
    found["text key"] = _map([*pairs, (b"\x61\x61", b"\x00")])
    wrong = {
        "null": b"\xf6",
        "true": b"\xf5",
        "negative": b"\x20",
        "text": b"\x68abcdefgh",
        "empty bytes": b"\x40",
        "nine bytes": b"\x49" + bytes(9),
        "float": b"\xfb\x41\xda\xbc\x49\x00\x00\x00\x00",
        "bignum": b"\xc2\x44\x6a\xf1\x24\x00",
        "5 billion": b"\x1b" + (5_000_000_000).to_bytes(8, "big"),
        "empty list": b"\x80",
        "nested list": b"\x81\x81\x81\x80",
        "too deep": b"\x81" * 9 + b"\x00",
    }
    for at, (key, value) in enumerate(pairs):
        found[f"without {key.hex()}"] = _map(pairs[:at] + pairs[at + 1 :])
        for name, other in wrong.items():
            # The lists of a bulletin may well be empty, and the model of an update is a text.
            may_be = (name == "empty list" and value[0] >> 5 == 4 and len(value) < 30) or (
                name == "text" and value[0] >> 5 == 3
            )
            if not may_be:
                found[f"{name} at {key.hex()}"] = _map(
                    [*pairs[:at], (key, other), *pairs[at + 1 :]]
                )
    return found


def _pairs(payload: bytes) -> Pairs:
    return [(cbor2.dumps(k), cbor2.dumps(v)) for k, v in cbor2.loads(payload).items()]


@pytest.mark.threat(13)
@pytest.mark.threat(14)
def test_other_encodings_of_a_payload_are_refused_though_well_signed(kind: Kindred) -> None:
    pairs = _pairs(kind.payload)
    assert _map(pairs) == kind.payload
    for name, payload in _other_encodings(pairs).items():
        with pytest.raises(REFUSED):
            pytest.fail(f"{name}: {kind.read(kind.sign(payload))!r}")


@pytest.mark.threat(13)
def test_missing_added_and_mistyped_claims_are_refused_though_well_signed(kind: Kindred) -> None:
    for name, payload in _other_contents(_pairs(kind.payload)).items():
        with pytest.raises(REFUSED):
            pytest.fail(f"{name}: {kind.read(kind.sign(payload))!r}")


def test_every_payload_is_the_one_deterministic_encoding(kind: Kindred) -> None:
    assert cbor2.dumps(cbor2.loads(kind.payload), canonical=True) == kind.payload
    assert cbor.encode(cbor.decode(kind.payload)) == kind.payload
