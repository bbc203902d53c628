"""Only the root lets a lock go or gives it a new program, and a label hides its secret."""

from __future__ import annotations

from dataclasses import replace

import pytest
from doorworld import Door, Municipality, private_key
from hypothesis import given
from hypothesis import strategies as st

from nyckelfri.door import commissioning, keyset, ownership, signed, update
from nyckelfri.door.commissioning import Kind, Printed
from nyckelfri.door.courier import Commission
from nyckelfri.door.fields import ObjectError
from nyckelfri.door.keyset import Purpose
from nyckelfri.door.ownership import Label, Release
from nyckelfri.door.signed import SignatureError
from nyckelfri.door.update import Manifest, Unfit

REFUSED = (SignatureError, ObjectError)
NONCE = bytes(range(16))
MODEL = "thumb-turn-1"
SECRET = bytes(range(100, 116))
PRINTED = Printed(Kind.THUMB_TURN, signed.coordinate(private_key(900).public_key()), SECRET)


def exporter(label: int, context: bytes, length: int) -> bytes:
    """Stands for one finished handshake."""
    return (label.to_bytes(4, "big") + context).ljust(length, b"x")


def release_parts(
    municipality: Municipality, release: Release, indexes: tuple[int, ...] = (0, 2)
) -> bytes:
    return municipality.sign_root(release.payload, ownership.RELEASE_TYP, indexes)


def update_parts(municipality: Municipality, manifest: Manifest) -> bytes:
    return municipality.sign_root(manifest.payload, update.TYP)


def label_of(municipality: Municipality, door: Door) -> Label:
    return Label(
        municipality.root.municipality, door.installation, PRINTED.kind, PRINTED.key, SECRET
    )


def test_a_release_needs_as_many_holders_as_the_root_says(
    municipality: Municipality, door: Door
) -> None:
    release = Release(municipality.root.municipality, door.installation, NONCE)
    enough: list[tuple[int, ...]] = [(0, 1), (0, 2), (1, 2), (0, 1, 2)]
    for indexes in enough:
        assert Release.read(release_parts(municipality, release, indexes), municipality.root)
    too_few: list[tuple[int, ...]] = [(), (0,), (2,)]
    for indexes in too_few:
        with pytest.raises(SignatureError, match="needs 2 to 3"):
            Release.read(release_parts(municipality, release, indexes), municipality.root)


@pytest.mark.threat(8)
def test_another_municipalitys_root_releases_nothing_here(
    municipality: Municipality, door: Door
) -> None:
    other = Municipality.make(seed=500)
    release = Release(municipality.root.municipality, door.installation, NONCE)
    with pytest.raises(SignatureError):
        Release.read(release_parts(other, release), municipality.root)
    foreign = replace(release, municipality=other.root.municipality)
    with pytest.raises(ObjectError, match="another municipality"):
        Release.read(release_parts(municipality, foreign), municipality.root)


@pytest.mark.threat(6)
def test_what_the_root_signed_as_something_else_is_no_release_and_no_update(
    municipality: Municipality, door: Door
) -> None:
    release = Release(municipality.root.municipality, door.installation, NONCE)
    manifest = Manifest(municipality.root.municipality, MODEL, 2, 10, bytes(32))
    released, updated = release_parts(municipality, release), update_parts(municipality, manifest)
    for data in (municipality.signed_key_set, updated, municipality.bulletin(), b"", bytes(9_000)):
        with pytest.raises(REFUSED):
            Release.read(data, municipality.root)
    for data in (municipality.signed_key_set, released, municipality.bulletin(), b"", bytes(9_000)):
        with pytest.raises(REFUSED):
            update.read(data, municipality.root)


def test_a_label_is_of_the_lock_that_signed_it(municipality: Municipality, door: Door) -> None:
    label = label_of(municipality, door)
    data = label.sign(door.signing_key)
    assert Label.read(data, key=signed.compressed(door.signing_key.public_key())) == label
    assert label.printed == PRINTED
    with pytest.raises(SignatureError, match="does not hold"):
        Label.read(data, key=signed.compressed(private_key(9).public_key()))


@pytest.mark.threat(64)
def test_a_label_does_not_show_its_secret(municipality: Municipality, door: Door) -> None:
    label = label_of(municipality, door)
    assert repr(SECRET)[2:-1] not in repr(label)
    assert SECRET.hex() not in repr(label)
    assert PRINTED.text() not in repr(label)


@pytest.mark.threat(13)
@given(junk=st.binary(max_size=200))
def test_junk_is_no_release_no_label_and_no_update(municipality: Municipality, junk: bytes) -> None:
    for read in (
        lambda: Release.read(junk, municipality.root),
        lambda: update.read(junk, municipality.root),
        lambda: Label.claimed(junk),
    ):
        with pytest.raises(REFUSED):
            read()


@pytest.mark.threat(25)
@pytest.mark.parametrize(
    ("model", "running", "found"),
    [
        (MODEL, 4, None),
        (MODEL, 5, Unfit.NOT_NEWER),
        (MODEL, 6, Unfit.NOT_NEWER),
        ("entrance-1", 1, Unfit.OTHER_MODEL),
        ("", 1, Unfit.OTHER_MODEL),
    ],
)
def test_an_update_is_for_one_model_and_only_upwards(
    municipality: Municipality, model: str, running: int, found: Unfit | None
) -> None:
    manifest = Manifest(municipality.root.municipality, MODEL, 5, 10, bytes(32))
    read = update.read(update_parts(municipality, manifest), municipality.root)
    assert update.judge(read, model=model, running=running) is found


@pytest.mark.parametrize(
    "gone", [Purpose.GRANT, Purpose.BULLETIN, Purpose.RECEIPT, Purpose.SEALING]
)
def test_no_unit_is_commissioned_with_a_key_set_that_lacks_a_purpose(
    municipality: Municipality, gone: Purpose
) -> None:
    keys = municipality.key_set.keys
    lacking = replace(
        municipality.key_set, keys=tuple(key for key in keys if key.purpose is not gone)
    )
    assert lacking.missing == {gone}
    bad = Commission(
        commissioning.proof(SECRET, exporter),
        municipality.root.encoded,
        municipality.sign_key_set(lacking),
        municipality.bulletin(),
    )
    with pytest.raises(ObjectError, match=rf"no key for {gone.name.lower()}"):
        commissioning.check(bad, secret=SECRET, exporter=exporter)
    assert not municipality.key_set.missing


def test_a_root_key_signs_nothing_of_the_server(municipality: Municipality) -> None:
    first = municipality.key_set.keys[0]
    bad = replace(
        municipality.key_set,
        keys=(replace(first, point=municipality.root.keys[0]), *municipality.key_set.keys[1:]),
    )
    with pytest.raises(ObjectError, match="a root key signs"):
        keyset.read(municipality.sign_key_set(bad), municipality.root)
