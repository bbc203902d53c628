"""The root and the key set: who may speak for a municipality, and for what."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import cbor2
import pytest
from doorworld import Door, Municipality, private_key

from nyckelfri.door import keyset, signed
from nyckelfri.door.fields import ObjectError
from nyckelfri.door.keyset import Key, Purpose, Root
from nyckelfri.door.signed import SignatureError

POINTS = tuple(sorted(signed.compressed(private_key(n).public_key()) for n in range(40, 60)))


def test_the_municipality_id_is_the_hash_of_the_root() -> None:
    root = Root(2, POINTS[:3])
    assert root.encoded == cbor2.dumps([2, list(POINTS[:3])])
    assert root.municipality == hashlib.sha256(root.encoded).digest()[:8]
    assert Root.read(root.encoded) == root
    assert Root(1, POINTS[:3]).municipality != root.municipality


@pytest.mark.parametrize(("threshold", "count"), [(1, 1), (1, 16), (16, 16), (2, 3)])
def test_roots_of_one_to_sixteen_keys_are_read(threshold: int, count: int) -> None:
    root = Root(threshold, POINTS[:count])
    assert Root.read(root.encoded) == root


@pytest.mark.parametrize(
    ("threshold", "keys"),
    [
        (0, POINTS[:3]),
        (4, POINTS[:3]),
        (1, ()),
        (0, ()),
        (2, POINTS[:17]),
        (17, POINTS[:17]),
        (2, POINTS[2::-1]),
        (2, (POINTS[0], POINTS[0], POINTS[1])),
        (1, (b"\x02" + b"\xff" * 32,)),
        (1, (POINTS[0][:32],)),
    ],
)
def test_a_root_that_nobody_or_anybody_could_speak_for_is_refused(
    threshold: int, keys: tuple[bytes, ...]
) -> None:
    with pytest.raises((ObjectError, SignatureError)):
        Root.read(cbor2.dumps([threshold, list(keys)]))
    with pytest.raises((ObjectError, SignatureError)):
        Root(threshold, keys)


@pytest.mark.threat(13)
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00",
        b"\x80",
        cbor2.dumps([True, [POINTS[0]]]),
        cbor2.dumps([1.0, [POINTS[0]]]),
        cbor2.dumps([1, POINTS[0]]),
        cbor2.dumps([1, [POINTS[0].hex()]]),
        cbor2.dumps([1, [POINTS[0]], 0]),
        cbor2.dumps([1, [POINTS[0]]]) + b"\x00",
        b"\x82\x18\x01" + cbor2.dumps([POINTS[0]]),
    ],
)
def test_what_is_no_root_is_refused(data: bytes) -> None:
    with pytest.raises(ObjectError):
        Root.read(data)


@pytest.mark.threat(8)
def test_a_key_set_of_another_municipality_is_refused(municipality: Municipality) -> None:
    other = Municipality.make(seed=500)
    with pytest.raises(SignatureError):
        keyset.read(other.signed_key_set, municipality.root)
    names_another = replace(municipality.key_set, municipality=other.root.municipality)
    with pytest.raises(ObjectError, match="another municipality"):
        keyset.read(municipality.sign_key_set(names_another), municipality.root)


def test_a_key_set_needs_the_roots_threshold(municipality: Municipality) -> None:
    for indexes in ((0, 1), (0, 2), (1, 2), (0, 1, 2)):
        data = municipality.sign_key_set(municipality.key_set, indexes)
        assert keyset.read(data, municipality.root) == municipality.key_set
    for index in range(3):
        alone = municipality.sign_key_set(municipality.key_set, (index,))
        with pytest.raises(SignatureError, match="needs 2 to 3"):
            keyset.read(alone, municipality.root)


def test_numbers_epochs_and_keys_at_their_limits_are_read(municipality: Municipality) -> None:
    most = tuple(
        Key(
            bytes([kid]),
            Purpose(kid % 6 + 1),
            signed.compressed(private_key(5000 + kid).public_key()),
        )
        for kid in range(32)
    )
    for key_set in (
        replace(municipality.key_set, number=1, epoch=0, issued=0),
        replace(municipality.key_set, number=0xFFFFFFFF, epoch=0xFFFFFFFF, issued=0xFFFFFFFF),
        replace(municipality.key_set, keys=most),
    ):
        assert keyset.read(municipality.sign_key_set(key_set), municipality.root) == key_set


def test_malformed_key_sets_are_refused_though_the_root_signed_them(
    municipality: Municipality,
) -> None:
    good = municipality.key_set
    key = good.keys[0]
    for bad in (
        replace(good, number=0),
        replace(good, number=2**32),
        replace(good, epoch=2**32),
        replace(good, issued=-1),
        replace(good, keys=()),
        replace(good, keys=good.keys[::-1]),
        replace(good, keys=(key, key)),
        replace(good, keys=(key, replace(key, purpose=Purpose.RECEIPT))),
        replace(good, keys=(key, replace(key, kid=b"\x07", purpose=Purpose.RECEIPT))),
        replace(good, keys=(replace(key, point=municipality.root.keys[0]),)),
        replace(good, keys=(replace(key, kid=b""),)),
        replace(good, keys=(replace(key, kid=b"\x01\x02"),)),
        replace(good, keys=(replace(key, point=key.point[1:]),)),
        replace(good, keys=(replace(key, point=b"\x02" + b"\xff" * 32),)),
        replace(good, keys=(replace(key, purpose=7),)),  # type: ignore[arg-type]
        replace(good, keys=(replace(key, purpose=0),)),  # type: ignore[arg-type]
        replace(good, keys=tuple(replace(key, kid=bytes([kid])) for kid in range(33))),
    ):
        with pytest.raises((ObjectError, SignatureError)):
            keyset.read(municipality.sign_key_set(bad), municipality.root)


@pytest.mark.threat(6)
@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_key_speaks_for_its_one_purpose(municipality: Municipality, purpose: Purpose) -> None:
    key_set = replace(municipality.key_set, keys=(Key(b"\x05", purpose, POINTS[0]),))
    assert key_set.point(purpose, b"\x05") == POINTS[0]
    for other in Purpose:
        if other is not purpose:
            with pytest.raises(SignatureError, match="id and purpose"):
                key_set.point(other, b"\x05")
    with pytest.raises(SignatureError, match="id and purpose"):
        key_set.point(purpose, b"\x06")


@pytest.mark.threat(28)
def test_a_dumped_lock_holds_no_key_that_speaks_for_the_municipality_or_another_lock(
    municipality: Municipality, door: Door
) -> None:
    """What a lock stores of others is public; what it has of its own opens and signs nothing."""
    public = {key.point for key in municipality.key_set.keys} | set(municipality.root.keys)
    for own in (door.key, door.signing_key):
        assert signed.compressed(own.public_key()) not in public
        for key in municipality.key_set.keys:
            forged = signed.sign(b"\xa0", key=own, typ=None, kid=key.kid)
            with pytest.raises(SignatureError):
                municipality.key_set.verify(forged, purpose=key.purpose, typ=None)
