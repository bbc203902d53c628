"""Bulletins and time tokens: revocations and time that only the municipality can say."""

from __future__ import annotations

from dataclasses import replace

import cbor2
import pytest
from doorworld import NOON, Door, Municipality, identifier, private_key
from hypothesis import given
from hypothesis import strategies as st

from nyckelfri import cbor
from nyckelfri.door import bulletin as bulletins
from nyckelfri.door import signed
from nyckelfri.door.bulletin import MAX_REVOCATIONS, Bulletin, TimeToken
from nyckelfri.door.fields import ObjectError
from nyckelfri.door.keyset import Key, Purpose
from nyckelfri.door.signed import SignatureError

ids = st.frozensets(st.binary(min_size=8, max_size=8), max_size=20)
numbers = st.integers(0, 0xFFFFFFFF)
NONCE = bytes(range(16))


def numbered(count: int, start: int = 0) -> list[bytes]:
    return [number.to_bytes(8, "big") for number in range(start, start + count)]


def signed_payload(municipality: Municipality, payload: bytes) -> bytes:
    return signed.sign(payload, key=municipality.bulletin_key, typ=bulletins.TYP, kid=b"\x02")


@given(
    bulletin=st.builds(
        Bulletin,
        municipality=st.binary(min_size=8, max_size=8),
        epoch=numbers,
        issued=numbers,
        phones=ids,
        serials=ids,
    )
)
def test_a_bulletin_says_again_what_it_was_given_in_one_encoding(bulletin: Bulletin) -> None:
    payload = bulletin.payload
    assert bulletins.from_payload(payload) == bulletin
    assert cbor2.dumps(cbor2.loads(payload), canonical=True) == payload


@pytest.mark.sentence(12)
def test_a_full_bulletin_fits_one_object_and_one_more_does_not(municipality: Municipality) -> None:
    full = municipality.bulletin(
        phones=frozenset(numbered(1_000)), serials=frozenset(numbered(2_000))
    )
    assert len(full) <= signed.MAX_PAYLOAD
    read = bulletins.read(full, municipality.key_set)
    assert (len(read.phones), len(read.serials)) == (1_000, 2_000)
    with pytest.raises(ObjectError, match="rotate"):
        municipality.bulletin(phones=frozenset(numbered(1_001)), serials=frozenset(numbered(2_000)))


@pytest.mark.threat(13)
@pytest.mark.parametrize(("phones", "serials"), [(3_001, 0), (0, 3_001), (1, 3_000), (3_000, 1)])
def test_a_lock_takes_no_more_revocations_than_the_limit_whoever_signed(
    municipality: Municipality, phones: int, serials: int
) -> None:
    key_set = municipality.key_set
    payload = cbor.encode(
        {
            1: key_set.municipality,
            2: key_set.epoch,
            3: NOON,
            4: numbered(phones),
            5: numbered(serials),
        }
    )
    with pytest.raises(ObjectError, match="list of 0 to"):
        bulletins.read(signed_payload(municipality, payload), key_set)
    assert MAX_REVOCATIONS == 3_000


@pytest.mark.threat(14)
@pytest.mark.parametrize("key", [4, 5])
def test_revocations_out_of_order_twice_or_of_another_size_are_refused(
    municipality: Municipality, key: int
) -> None:
    key_set = municipality.key_set
    one, two, three = numbered(3)
    for wrong in ([two, one], [one, one], [one, three, two], [one[:7]], [one + b"\x00"], [b""]):
        claims: dict[int, cbor.Encodable] = {
            1: key_set.municipality,
            2: key_set.epoch,
            3: NOON,
            4: [],
            5: [],
            key: wrong,
        }
        with pytest.raises(ObjectError):
            bulletins.read(signed_payload(municipality, cbor.encode(claims)), key_set)


def test_an_operator_hears_of_a_bad_id_when_issuing(municipality: Municipality) -> None:
    for bad in (b"", b"1234567", b"123456789"):
        with pytest.raises(ObjectError):
            municipality.bulletin(phones=frozenset({bad}))
        with pytest.raises(ObjectError):
            municipality.bulletin(serials=frozenset({bad}))
    with pytest.raises(ObjectError):
        municipality.bulletin(2**32)


@pytest.mark.threat(8)
@pytest.mark.threat(44)
def test_a_bulletin_of_another_municipality_or_epoch_is_refused(municipality: Municipality) -> None:
    for wrong in (
        replace(_content(municipality), municipality=identifier("elsewhere")),
        replace(_content(municipality), epoch=municipality.key_set.epoch - 1),
        replace(_content(municipality), epoch=municipality.key_set.epoch + 1),
    ):
        data = signed_payload(municipality, wrong.payload)
        with pytest.raises(ObjectError, match="another municipality or epoch"):
            bulletins.read(data, municipality.key_set)
    foreign = Municipality.make(seed=500)
    with pytest.raises(SignatureError):
        bulletins.read(foreign.bulletin(), municipality.key_set)


@pytest.mark.threat(47)
def test_a_rotated_bulletin_key_no_longer_speaks(municipality: Municipality) -> None:
    fresh = private_key(4711)
    keys = [key for key in municipality.key_set.keys if key.purpose is not Purpose.BULLETIN]
    rotated = replace(
        municipality.key_set,
        number=2,
        keys=(*keys, Key(b"\x09", Purpose.BULLETIN, signed.compressed(fresh.public_key()))),
    )
    with pytest.raises(SignatureError):
        bulletins.read(municipality.bulletin(), rotated)
    by_fresh = bulletins.issue(_content(municipality), key=fresh, kid=b"\x09")
    assert bulletins.read(by_fresh, rotated) == _content(municipality)


def _content(municipality: Municipality) -> Bulletin:
    keys = municipality.key_set
    return Bulletin(keys.municipality, keys.epoch, NOON, frozenset(), frozenset())


def token(signer: Municipality, door: Door, **changes: object) -> bytes:
    good = TimeToken(signer.key_set.municipality, door.installation, NONCE, NOON)
    changed = replace(good, **changes)  # type: ignore[arg-type]
    return bulletins.issue_time(changed, key=signer.bulletin_key, kid=b"\x02")


def read_time(municipality: Municipality, door: Door, data: bytes) -> int:
    return bulletins.read_time(
        data, municipality.key_set, installation=door.installation, nonce=NONCE
    )


@pytest.mark.parametrize("time", [0, NOON, 2**31 - 1, 2**31, 0xFFFFFFFF])
@pytest.mark.threat(33)
def test_a_time_token_says_its_time_beyond_2038_too(
    municipality: Municipality, door: Door, time: int
) -> None:
    assert read_time(municipality, door, token(municipality, door, time=time)) == time


@pytest.mark.threat(1)
@pytest.mark.threat(31)
def test_a_time_token_for_another_session_lock_or_municipality_is_refused(
    municipality: Municipality, door: Door
) -> None:
    for changes in (
        {"nonce": bytes(16)},
        {"nonce": NONCE[:15]},
        {"nonce": b""},
        {"installation": identifier("the neighbour")},
        {"municipality": identifier("elsewhere")},
        {"time": 2**32},
        {"time": -1},
    ):
        with pytest.raises(ObjectError):
            read_time(municipality, door, token(municipality, door, **changes))


@pytest.mark.threat(6)
def test_time_signed_with_a_grant_key_is_refused(municipality: Municipality, door: Door) -> None:
    content = TimeToken(municipality.key_set.municipality, door.installation, NONCE, NOON)
    for key, kid in ((municipality.grant_key, b"\x01"), (municipality.grant_key, b"\x02")):
        with pytest.raises(SignatureError):
            read_time(municipality, door, bulletins.issue_time(content, key=key, kid=kid))
