"""Grants: what is read back is what was minted, and nothing else is a grant."""

from __future__ import annotations

from dataclasses import replace

import cbor2
import pytest
from doorworld import Municipality, identifier, private_key
from hypothesis import given
from hypothesis import strategies as st

from nyckelfri import cbor
from nyckelfri.door import grants, signed
from nyckelfri.door.fields import ObjectError
from nyckelfri.door.grants import Command, Grant, Scope
from nyckelfri.door.keyset import Key, Purpose
from nyckelfri.door.signed import SignatureError

ids = st.binary(min_size=8, max_size=8)
times = st.integers(65_536, 0xFFFFFFFF)
any_grant = st.builds(
    Grant,
    subject=ids,
    installation=ids,
    not_before=times,
    not_after=times,
    issued=times,
    serial=ids,
    phone=st.binary(min_size=32, max_size=32),
    scope=st.integers(1, 7).map(Scope),
)


def as_map(grant: Grant) -> dict[int, object]:
    """The claims as docs/protocol.md section 4 lists them."""
    return {
        2: grant.subject,
        3: grant.installation,
        4: grant.not_after,
        5: grant.not_before,
        6: grant.issued,
        7: grant.serial,
        8: {1: {1: 2, -1: 1, -2: grant.phone}},
        9: bytes([grant.scope]),
    }


@given(grant=any_grant)
def test_the_fixed_layout_is_the_deterministic_cbor_of_the_claims(grant: Grant) -> None:
    assert grants.payload(grant) == cbor.encode(as_map(grant))  # type: ignore[arg-type]
    assert grants.payload(grant) == cbor2.dumps(as_map(grant), canonical=True)
    assert grants.from_payload(grants.payload(grant)) == grant


@given(data=st.binary(min_size=97, max_size=103) | st.binary(max_size=200))
def test_bytes_that_are_read_as_claims_are_the_encoding_of_what_was_read(data: bytes) -> None:
    try:
        grant = grants.from_payload(data)
    except ObjectError:
        return
    assert grants.payload(grant) == data


@pytest.mark.threat(14)
@given(grant=any_grant, at=st.integers(0, 200), other=st.integers(0, 255))
def test_a_changed_byte_of_the_claims_is_another_grant_or_none(
    grant: Grant, at: int, other: int
) -> None:
    payload = bytearray(grants.payload(grant))
    payload[at % len(payload)] = other
    try:
        read = grants.from_payload(bytes(payload))
    except ObjectError:
        return
    assert (read == grant) == (bytes(payload) == grants.payload(grant))
    assert cbor2.loads(bytes(payload)) == as_map(read)


def test_a_minted_grant_always_has_172_bytes_and_names_nobody(
    municipality: Municipality, grant: Grant
) -> None:
    minted = municipality.mint(grant)
    assert len(minted) == grants.GRANT_BYTES == 172
    assert grants.verify(minted, municipality.key_set) == grant
    late = replace(grant, not_before=0xFFFFFFF0, not_after=0xFFFFFFFF)
    assert len(municipality.mint(late)) == 172


def test_a_grant_that_no_lock_would_read_is_not_minted(
    municipality: Municipality, grant: Grant
) -> None:
    for bad in (
        replace(grant, subject=b"Alice"),
        replace(grant, subject=bytes(7), serial=bytes(9)),
        replace(grant, installation=bytes(9)),
        replace(grant, serial=b""),
        replace(grant, phone=bytes(33)),
        replace(grant, not_before=65_535),
        replace(grant, not_after=2**32),
        replace(grant, issued=-1),
        replace(grant, scope=Scope(0)),
        replace(grant, scope=8),  # type: ignore[arg-type]
    ):
        with pytest.raises(ObjectError):
            municipality.mint(bad)


@pytest.mark.threat(12)
@pytest.mark.parametrize("scope", [0, 8, 9, 128, 255])
def test_a_scope_with_no_right_or_an_unknown_one_is_refused(
    municipality: Municipality, grant: Grant, scope: int
) -> None:
    payload = grants.payload(grant)[:-1] + bytes([scope])
    data = signed.sign(payload, key=municipality.grant_key, typ=None, kid=b"\x01")
    with pytest.raises(ObjectError, match="scope"):
        grants.verify(data, municipality.key_set)


@pytest.mark.threat(13)
def test_a_time_from_before_the_format_is_refused(municipality: Municipality, grant: Grant) -> None:
    payload = grants.payload(grant)
    for at in (23, 29, 35):
        assert payload[at - 1] == 0x1A
        early = payload[:at] + (65_535).to_bytes(4, "big") + payload[at + 4 :]
        with pytest.raises(ObjectError, match="time"):
            grants.from_payload(early)


def test_every_command_has_its_own_bit() -> None:
    bits = [command.scope for command in Command]
    assert sorted(bits) == [1, 2, 4]
    assert Scope.SERVICE not in grants.CARE


def test_a_thumbprint_is_eight_bytes_of_the_hash_of_the_coordinate(grant: Grant) -> None:
    assert grant.phone_thumbprint == grants.thumbprint(grant.phone)
    assert len(grant.phone_thumbprint) == 8
    assert grants.thumbprint(bytes(32)).hex() == "66687aadf862bd77"


@pytest.mark.threat(47)
def test_a_stolen_grant_key_is_worth_nothing_where_the_next_key_set_has_been(
    municipality: Municipality, grant: Grant
) -> None:
    forged = municipality.mint(replace(grant, serial=identifier("forged")))
    fresh = private_key(4711)
    rotated = replace(
        municipality.key_set,
        number=2,
        keys=(
            *municipality.key_set.keys[1:],
            Key(b"\x09", Purpose.GRANT, signed.compressed(fresh.public_key())),
        ),
    )
    trust, _ = municipality.trust().with_key_set(municipality.sign_key_set(rotated), 0)
    with pytest.raises(SignatureError):
        grants.verify(forged, trust.key_set)
    assert grants.verify(grants.mint(grant, key=fresh, kid=b"\x09"), trust.key_set) == grant


@pytest.mark.threat(24)
@pytest.mark.threat(47)
def test_while_two_grant_keys_overlap_both_are_taken(
    municipality: Municipality, grant: Grant
) -> None:
    fresh = private_key(4711)
    both = replace(
        municipality.key_set,
        number=2,
        keys=(
            *municipality.key_set.keys,
            Key(b"\x09", Purpose.GRANT, signed.compressed(fresh.public_key())),
        ),
    )
    trust, _ = municipality.trust().with_key_set(municipality.sign_key_set(both), 0)
    for minted in (municipality.mint(grant), grants.mint(grant, key=fresh, kid=b"\x09")):
        assert grants.verify(minted, trust.key_set) == grant
    swapped = grants.mint(grant, key=fresh, kid=b"\x01")
    with pytest.raises(SignatureError, match="does not hold"):
        grants.verify(swapped, trust.key_set)
