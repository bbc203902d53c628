"""COSE_Sign1 and COSE_Sign: one shape, one key, one type; everything else is refused."""

from __future__ import annotations

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from doorworld import Municipality, private_key

from nyckelfri import cbor
from nyckelfri.door import signed
from nyckelfri.door.signed import SignatureError

KEY = private_key(7)
POINT = signed.compressed(KEY.public_key())
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
PAYLOAD = b"what is said"
TYP = "nyckelfri/test"
ROOT_KEYS = sorted(
    (private_key(n) for n in (21, 22, 23)), key=lambda k: signed.compressed(k.public_key())
)
ROOT_POINTS = [signed.compressed(key.public_key()) for key in ROOT_KEYS]


def one(
    *, protected: bytes | None = None, payload: object = PAYLOAD, unprotected: object = None
) -> bytes:
    """A COSE_Sign1 with a good signature over whatever header and payload is asked for."""
    header = cbor2.dumps({1: -7, 4: b"\x01", 16: TYP}, canonical=True)
    protected = header if protected is None else protected
    to_be_signed = cbor2.dumps(["Signature1", protected, b"", payload])
    return cbor2.dumps([protected, unprotected or {}, payload, signed._sign(KEY, to_be_signed)])


def read(data: bytes) -> bytes:
    return signed.verify(data, key=POINT, typ=TYP, kid=b"\x01")


def read_by_id(data: bytes) -> bytes:
    return signed.verify_by_id(data, key_of=lambda _kid: POINT, typ=TYP)


def refused(data: bytes, text: str | None = None) -> None:
    for reader in (read, read_by_id):
        with pytest.raises(SignatureError, match=text):
            reader(data)


def test_an_object_is_the_cose_sign1_that_the_rfc_describes() -> None:
    data = signed.sign(PAYLOAD, key=KEY, typ=TYP, kid=b"\x01")
    protected, unprotected, payload, signature = cbor2.loads(data)
    assert cbor2.loads(protected) == {1: -7, 4: b"\x01", 16: TYP}
    assert (unprotected, payload, len(signature)) == ({}, PAYLOAD, 64)
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    KEY.public_key().verify(
        encode_dss_signature(r, s),
        cbor2.dumps(["Signature1", protected, b"", payload]),
        ec.ECDSA(SHA256()),
    )
    assert read(data) == read_by_id(data) == PAYLOAD


def test_an_object_made_by_hand_after_the_rfc_is_read() -> None:
    assert read(one()) == read_by_id(one()) == PAYLOAD


@pytest.mark.threat(14)
def test_the_second_form_of_a_signature_is_refused() -> None:
    for attempt in range(20):
        data = signed.sign(bytes([attempt]), key=KEY, typ=TYP, kid=b"\x01")
        s = int.from_bytes(data[-32:], "big")
        assert s <= ORDER // 2
        refused(data[:-32] + (ORDER - s).to_bytes(32, "big"), "second form")


@pytest.mark.threat(14)
@pytest.mark.parametrize("r", [0, 1, ORDER, ORDER + 1, 2**256 - 1])
@pytest.mark.parametrize("s", [0, 1, ORDER // 2, ORDER, 2**256 - 1])
def test_numbers_that_are_no_signature_are_refused(r: int, s: int) -> None:
    data = signed.sign(PAYLOAD, key=KEY, typ=TYP, kid=b"\x01")
    refused(data[:-64] + r.to_bytes(32, "big") + s.to_bytes(32, "big"))


@pytest.mark.threat(14)
@pytest.mark.parametrize("length", [0, 63, 65, 70, 72])
def test_a_signature_of_another_length_or_in_der_is_refused(length: int) -> None:
    parts = cbor2.loads(one())
    parts[3] = (parts[3] * 2)[:length]
    refused(cbor2.dumps(parts), "64 bytes")
    r, s = int.from_bytes(parts[3][:32], "big"), int.from_bytes(parts[3][32:64], "big")
    parts[3] = encode_dss_signature(r, s)
    refused(cbor2.dumps(parts))


@pytest.mark.threat(6)
@pytest.mark.parametrize(
    "header",
    [
        {},
        {1: -7},
        {1: -7, 4: b"\x01"},
        {1: -7, 16: TYP},
        {1: -35, 4: b"\x01", 16: TYP},
        {1: -8, 4: b"\x01", 16: TYP},
        {1: 5, 4: b"\x01", 16: TYP},
        {4: b"\x01", 16: TYP},
        {1: "ES256", 4: b"\x01", 16: TYP},
        {1: -7, 4: b"\x02", 16: TYP},
        {1: -7, 4: b"\x01\x01", 16: TYP},
        {1: -7, 4: b"", 16: TYP},
        {1: -7, 4: 1, 16: TYP},
        {1: -7, 4: b"\x01", 16: "nyckelfri/other"},
        {1: -7, 4: b"\x01", 16: TYP.encode()},
        {1: -7, 2: [16], 4: b"\x01", 16: TYP},
        {1: -7, 4: b"\x01", 16: TYP, 99: 0},
    ],
    ids=repr,
)
def test_another_algorithm_key_id_type_or_header_is_refused(header: dict[int, object]) -> None:
    data = one(protected=cbor2.dumps(header, canonical=True))
    with pytest.raises(SignatureError):
        read(data)
    if header.get(4) != b"\x02":  # the other key id is for the key set to know
        with pytest.raises(SignatureError):
            read_by_id(data)


@pytest.mark.threat(14)
@pytest.mark.parametrize(
    "protected",
    [
        b"",
        bytes.fromhex("a3 04 41 01 01 26 10") + cbor2.dumps(TYP),  # keys out of order
        bytes.fromhex("a4 01 26 01 26 04 41 01 10") + cbor2.dumps(TYP),  # a key twice
        bytes.fromhex("bf 01 26 04 41 01 10") + cbor2.dumps(TYP) + b"\xff",  # indefinite
        bytes.fromhex("b8 03 01 26 04 41 01 10") + cbor2.dumps(TYP),  # a longer head
        cbor2.dumps({1: -7, 4: b"\x01", 16: TYP}, canonical=True) + b"\x00",
    ],
)
def test_another_encoding_of_the_same_header_is_refused(protected: bytes) -> None:
    refused(one(protected=protected))


@pytest.mark.threat(6)
@pytest.mark.threat(14)
def test_anything_in_the_unprotected_header_is_refused() -> None:
    for unprotected in ({4: b"\x01"}, {1: -7}, {0: None}):
        refused(one(unprotected=unprotected), "not a signed object")


@pytest.mark.threat(14)
def test_tags_and_detached_payloads_are_refused() -> None:
    for tag in (b"\xd2", b"\xd8\x3d\xd2", b"\xd8\x62"):
        refused(tag + one())
    refused(one(payload=None))
    refused(one(payload="text"))
    for shape in (b"", b"\x80", b"\xa0", b"\xf6", b"\x83\x40\xa0\x40", b"\x85\x40\xa0\x40\x40\x40"):
        refused(shape, "not a signed object")


@pytest.mark.threat(13)
def test_a_payload_over_the_limit_is_neither_signed_nor_read() -> None:
    largest = bytes(signed.MAX_PAYLOAD)
    assert read(signed.sign(largest, key=KEY, typ=TYP, kid=b"\x01")) == largest
    with pytest.raises(SignatureError, match="at most"):
        signed.sign(largest + b"\x00", key=KEY, typ=TYP, kid=b"\x01")
    refused(one(payload=largest + b"\x00"), "at most")
    too_long = [cbor2.dumps({16: TYP}), {}, largest + b"\x00", [[b"", {}, b""]] * 2]
    with pytest.raises(SignatureError, match="at most"):
        read_parts(cbor2.dumps(too_long))


@pytest.mark.threat(13)
def test_a_strangers_long_header_leaves_nothing_in_the_locks_memory() -> None:
    before = signed._key_id.cache_info().currsize
    for attempt in range(8):
        header = {1: -7, 4: bytes([attempt]), 16: "x" * 10_000}
        with pytest.raises(SignatureError):
            read_by_id(one(protected=cbor2.dumps(header, canonical=True)))
    assert signed._key_id.cache_info().currsize == before


def test_an_object_signed_by_another_key_is_refused() -> None:
    data = signed.sign(PAYLOAD, key=private_key(8), typ=TYP, kid=b"\x01")
    refused(data, "does not hold")


@pytest.mark.parametrize(
    "point",
    [b"", POINT[1:], POINT + b"\x00", b"\x04" + POINT[1:], b"\x02" + b"\xff" * 32, bytes(33)],
)
def test_what_is_no_compressed_point_of_the_curve_is_no_key(point: bytes) -> None:
    with pytest.raises(SignatureError, match="signing key"):
        signed.signing_key(point)


# Root-signed objects.


def part(index: int, payload: bytes = PAYLOAD, typ: str = TYP) -> tuple[int, bytes]:
    return signed.sign_part(payload, key=ROOT_KEYS[index], typ=typ, index=index)


def read_parts(data: bytes, threshold: int = 2) -> bytes:
    return signed.verify_parts(data, keys=ROOT_POINTS, threshold=threshold, typ=TYP)


@pytest.mark.parametrize("indexes", [(0, 1), (0, 2), (1, 2), (2, 0), (0, 1, 2)])
def test_enough_holders_of_the_root_speak_for_it_in_any_combination(indexes: tuple[int]) -> None:
    joined = signed.join_parts(PAYLOAD, typ=TYP, parts=[part(index) for index in indexes])
    assert read_parts(joined) == PAYLOAD


def test_fewer_holders_than_the_threshold_are_refused() -> None:
    for indexes in ((), (0,), (2,)):
        joined = signed.join_parts(PAYLOAD, typ=TYP, parts=[part(index) for index in indexes])
        with pytest.raises(SignatureError, match="needs 2 to 3"):
            read_parts(joined)


@pytest.mark.threat(6)
def test_one_holder_does_not_count_twice() -> None:
    for indexes in ((1, 1), (0, 1, 1)):
        joined = signed.join_parts(PAYLOAD, typ=TYP, parts=[part(index) for index in indexes])
        with pytest.raises(SignatureError, match="out of order"):
            read_parts(joined)
    as_another = [(0, part(0)[1]), (1, part(0)[1])]
    with pytest.raises(SignatureError, match="does not hold"):
        read_parts(signed.join_parts(PAYLOAD, typ=TYP, parts=as_another))


@pytest.mark.threat(14)
def test_a_root_signed_object_has_one_form_and_nothing_in_it_that_nobody_checked() -> None:
    good = cbor2.loads(signed.join_parts(PAYLOAD, typ=TYP, parts=[part(0), part(1)]))
    other = part(2, b"something else")
    body, _, payload, parts = good
    variants = [
        [body, {}, payload, parts[::-1]],
        [body, {1: -7}, payload, parts],
        [body, {}, payload, [[*parts[0][:1], {4: b""}, parts[0][2]], parts[1]]],
        [body, {}, payload, [*parts, [cbor2.dumps({1: -7, 4: b"\x02"}), {}, other[1]]]],
        [body, {}, payload, [*parts, [cbor2.dumps({1: -7, 4: b"\x03"}), {}, other[1]]]],
        [body, {}, payload, [parts[0], [cbor2.dumps({1: -7}), {}, parts[1][2]]]],
        [body, {}, payload, [parts[0], [cbor2.dumps({1: -35, 4: b"\x01"}), {}, parts[1][2]]]],
        [body, {}, payload, [parts[0], [b"", {}, parts[1][2]]]],
        [body, {}, payload, [parts[0], [*parts[1], b""]]],
        [b"", {}, payload, parts],
        [cbor2.dumps({16: "nyckelfri/other"}), {}, payload, parts],
        [body, {}, payload, parts[0]],
        [body, {}, payload],
    ]
    assert read_parts(cbor2.dumps(good)) == PAYLOAD
    for variant in variants:
        with pytest.raises(SignatureError):
            read_parts(cbor2.dumps(variant))


@pytest.mark.threat(6)
def test_a_root_signature_for_one_type_serves_no_other_and_no_single_signature_serves_as_one() -> (
    None
):
    joined = signed.join_parts(
        PAYLOAD, typ="other", parts=[part(0, typ="other"), part(1, typ="other")]
    )
    with pytest.raises(SignatureError, match="something else"):
        read_parts(joined)
    retyped = [cbor2.dumps({16: TYP}), *cbor2.loads(joined)[1:]]
    with pytest.raises(SignatureError, match="does not hold"):
        read_parts(cbor2.dumps(retyped))
    single = signed.sign(PAYLOAD, key=ROOT_KEYS[0], typ=TYP, kid=b"\x00")
    with pytest.raises(SignatureError):
        read_parts(single, threshold=1)


def test_a_key_set_key_cannot_sign_in_the_roots_place(municipality: Municipality) -> None:
    forged = signed.sign_part(PAYLOAD, key=municipality.grant_key, typ=TYP, index=0)
    with pytest.raises(SignatureError, match="does not hold"):
        read_parts(signed.join_parts(PAYLOAD, typ=TYP, parts=[forged]), threshold=1)


def test_our_encoding_of_the_objects_is_the_canonical_one_of_another_library() -> None:
    for data in (one(), signed.join_parts(PAYLOAD, typ=TYP, parts=[part(0), part(1)])):
        assert (
            cbor2.dumps(cbor2.loads(data), canonical=True) == data == cbor.encode(cbor.decode(data))
        )
