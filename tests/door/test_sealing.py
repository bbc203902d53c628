"""Sealing: what a lock writes, only the server reads, and a number is sealed once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from doorworld import NOON, Municipality, identifier, private_key
from hypothesis import given
from hypothesis import strategies as st

import hpke
from nyckelfri.door import journal, sealing, signed
from nyckelfri.door.clock import Mark
from nyckelfri.door.grants import Command
from nyckelfri.door.journal import Battery, Commissioned, Entry, Refusal, encode_entry
from nyckelfri.door.keyset import Key, Purpose
from nyckelfri.door.reasons import Reason
from nyckelfri.door.sealing import Opener, Sealer, SealError, sealing_key, unwrap, wrap

LOCK = identifier("front door")
OTHER = identifier("another door")
KEY = private_key(113)
TO = Key(b"\x04", Purpose.SEALING, signed.compressed(KEY.public_key()))
CONTENT = bytes(range(0x80, 0x90))
SALT = bytes(range(16))
ENTRY = encode_entry(Entry(2, NOON, Mark.SET, Battery(50)))
INFO = b"nyckelfri/journal" + LOCK


def sealer() -> Sealer:
    return Sealer(CONTENT, to=TO, installation=LOCK)


def test_what_was_sealed_opens_with_the_private_key_and_is_the_same() -> None:
    seals = sealer()
    sealed = seals.seal(2, SALT, ENTRY)
    content = unwrap(seals.wrapping.wrapped, key=KEY, installation=LOCK)
    assert Opener(content).open(2, sealed) == (SALT, ENTRY)
    assert (seals.wrapping.kid, len(seals.wrapping.wrapped)) == (b"\x04", sealing.WRAPPED_BYTES)


@pytest.mark.threat(28)
def test_another_private_key_or_another_lock_opens_nothing() -> None:
    wrapped = sealer().wrapping.wrapped
    for key, installation in ((private_key(114), LOCK), (KEY, OTHER)):
        with pytest.raises(SealError):
            unwrap(wrapped, key=key, installation=installation)


@given(st.integers(0, sealing.WRAPPED_BYTES - 1), st.integers(1, 255))
def test_any_changed_byte_of_a_wrapped_key_is_refused(place: int, change: int) -> None:
    wrapped = bytearray(WRAPPED)
    wrapped[place] ^= change
    with pytest.raises(SealError):
        unwrap(bytes(wrapped), key=KEY, installation=LOCK)


WRAPPED = wrap(CONTENT, to=TO.point, installation=LOCK)


@pytest.mark.threat(13)
@given(st.binary(max_size=200))
def test_rubbish_in_the_place_of_a_wrapped_key_is_refused_and_not_a_crash(data: bytes) -> None:
    for rubbish in (data, data[:97].ljust(97, b"\x04")):
        with pytest.raises(SealError):
            unwrap(rubbish, key=KEY, installation=LOCK)


def test_something_else_than_a_content_key_in_the_wrapping_is_refused() -> None:
    for content in (b"", bytes(15), bytes(17), bytes(32)):
        data = hpke.seal(content, KEY.public_key(), private_key(9), INFO)
        with pytest.raises(SealError):
            unwrap(data, key=KEY, installation=LOCK)
        with pytest.raises(SealError):
            wrap(content, to=TO.point, installation=LOCK)


def test_an_independent_hpke_gives_what_ours_opens() -> None:
    data = hpke.seal(CONTENT, KEY.public_key(), private_key(9), INFO)
    assert unwrap(data, key=KEY, installation=LOCK) == CONTENT


def test_the_independent_hpke_gives_the_values_of_rfc_9180_a_3_1() -> None:
    def known(scalar: str) -> ec.EllipticCurvePrivateKey:
        return ec.derive_private_key(int(scalar, 16), ec.SECP256R1())

    ephemeral = known("4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb")
    receiver = known("f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2")
    found = hpke.key_and_nonce(receiver.public_key(), ephemeral, b"Ode on a Grecian Urn")
    assert [value.hex() for value in found] == [
        "c0d26aeab536609a572b07695d933b589dcf363ff9d93c93adea537aeabb8cb8",
        "868c066ef58aae6dc589b6cfdd18f97e",
        "4e0bc5018beba4bf004cca59",
    ]


def test_an_entry_is_plain_aes_gcm_with_its_number_as_nonce() -> None:
    sealed = sealer().seal(258, SALT, ENTRY)
    assert sealed == AESGCM(CONTENT).encrypt(bytes(10) + b"\x01\x02", SALT + ENTRY, None)


def test_a_number_is_never_sealed_twice_nor_one_below() -> None:
    seals = sealer()
    seals.seal(5, SALT, ENTRY)
    for number in (5, 4, 1, 0):
        with pytest.raises(SealError, match="not above"):
            seals.seal(number, SALT, ENTRY)
    assert seals.seal(6, SALT, ENTRY)


def test_an_entry_under_another_number_does_not_open() -> None:
    sealed = sealer().seal(2, SALT, ENTRY)
    for number in (1, 3, 2**32 - 1):
        with pytest.raises(SealError):
            Opener(CONTENT).open(number, sealed)


@pytest.mark.threat(14)
@given(st.integers(0, len(SALT + ENTRY) + 15), st.integers(1, 255))
def test_any_changed_byte_of_a_sealed_entry_is_refused(place: int, change: int) -> None:
    changed = bytearray(sealer().seal(2, SALT, ENTRY))
    changed[place] ^= change
    with pytest.raises(SealError):
        Opener(CONTENT).open(2, bytes(changed))


def test_sizes_outside_the_protocol_are_refused_on_both_sides() -> None:
    for salt, entry in ((SALT[:-1], ENTRY), (SALT, b""), (SALT, bytes(journal.MAX_ENTRY + 1))):
        with pytest.raises(SealError):
            sealer().seal(2, salt, entry)
    for size in (0, sealing.MIN_SEALED - 1, sealing.MAX_SEALED + 1):
        with pytest.raises(SealError, match="bytes"):
            Opener(CONTENT).open(2, bytes(size))
    with pytest.raises(SealError):
        Opener(CONTENT[:-1])
    for size in (1, journal.MAX_ENTRY):
        sealed = sealer().seal(2, SALT, bytes(size))
        assert len(sealed) == 32 + size
        assert Opener(CONTENT).open(2, sealed) == (SALT, bytes(size))


def test_the_longest_entry_there_is_can_be_sealed() -> None:
    most = 0xFFFFFFFF
    ids = [identifier(name) for name in "abc"]
    refusal = Refusal(Reason.LOCK_FAULT, ids[0], ids[1], ids[2], Command.SERVICE)
    longest = encode_entry(Entry(most, most, Mark.LOST, refusal))
    assert len(longest) <= journal.MAX_ENTRY
    assert len(encode_entry(Entry(1, 0, Mark.SET, Commissioned(1)))) >= 1
    assert sealer().seal(most, SALT, longest)


def test_entries_are_sealed_to_the_highest_of_the_sealing_keys(
    municipality: Municipality,
) -> None:
    key_set = municipality.key_set
    assert sealing_key(key_set).point == signed.compressed(municipality.sealing_key.public_key())
    newer = Key(b"\x09", Purpose.SEALING, signed.compressed(private_key(115).public_key()))
    other = Key(b"\x0a", Purpose.GRANT, signed.compressed(private_key(116).public_key()))
    both = replace(key_set, keys=(*key_set.keys, newer, other))
    assert sealing_key(both) == newer
    none = [key for key in key_set.keys if key.purpose is not Purpose.SEALING]
    with pytest.raises(SealError, match="no key to seal"):
        sealing_key(replace(key_set, keys=tuple(none)))


@pytest.mark.threat(64)
def test_no_content_key_in_any_repr_or_error() -> None:
    seals = sealer()
    texts = [repr(seals), repr(Opener(CONTENT)), str(vars(seals))]
    with pytest.raises(SealError) as caught:
        Opener(CONTENT).open(2, seals.seal(3, SALT, ENTRY))
    texts.append(repr(caught.value))
    for text in texts:
        assert CONTENT.hex() not in text
        assert repr(CONTENT)[2:-1] not in text
