"""Which credentials are read, and that nothing else is taken for one."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from nyckelfri import cbor
from nyckelfri.edhoc import EdhocError, IdCred, Initiator, Responder, crypto, kccs_credential

CWT: list[cbor.Encodable] = [b"\xa1\x01\x26", {4: b"grant"}, b"claims", bytes(64)]


@pytest.mark.threat(6)
@pytest.mark.parametrize(
    ("id_cred", "reason"),
    [
        (cbor.encode({4: b"\x2b"}), "kind that is not used"),
        (cbor.encode({33: bytes(300)}), "kind that is not used"),
        (cbor.encode({34: [-15, bytes(8)]}), "kind that is not used"),
        (cbor.encode({13: CWT, 14: {}}), "kind that is not used"),
        (cbor.encode({13: {}}), "kind that is not used"),
        (cbor.encode({13: CWT[:3]}), "kind that is not used"),
        (cbor.encode({13: cbor.encode(CWT)}), "kind that is not used"),
        (cbor.encode({14: CWT}), "kind that is not used"),
        (cbor.encode({}), "kind that is not used"),
        (b"\xa1\x0d\xd2" + cbor.encode(CWT), "tags"),
        (b"\xa1\x0d\xd8\x3d\xd2" + cbor.encode(CWT), "tags"),
        (b"\xa1\x18\x0d\x80", "shortest form"),
        (cbor.encode(CWT), "one short form"),
        (cbor.encode("kid"), "one short form"),
        (cbor.encode(24), "one short form"),
        (cbor.encode(-25), "one short form"),
        (cbor.encode(b"\x2b"), "one short form"),
        (b"\xf5", "one short form"),
        (b"\xf6", "one short form"),
    ],
    ids=lambda value: value.hex()[:12] if isinstance(value, bytes) else None,
)
def test_a_credential_of_another_kind_or_form_is_refused(
    id_cred: bytes, reason: str, initiator: Initiator, responder: Responder
) -> None:
    message_1, awaiting_2 = initiator.message_1()
    message_2, awaiting_3 = responder.message_1(message_1).message_2()
    ready = awaiting_2.message_2(message_2).verify(responder.credential)
    sealed = ready._stage.seal(id_cred + cbor.encode(bytes(16)))
    with pytest.raises(EdhocError, match=reason):
        awaiting_3.message_3(cbor.encode(sealed))


GOOD_X = crypto.x_of(ec.derive_private_key(7, ec.SECP256R1()))
GOOD_Y = (
    ec.derive_private_key(7, ec.SECP256R1()).public_key().public_numbers().y.to_bytes(32, "big")
)
OFF_CURVE = bytes.fromhex("a04e73601df544a70ba7ea1e57030f7d4b4eb7f673924e58d54ca77a5e7d4d4a")
P256_KEY: dict[Any, Any] = {1: 2, -1: 1, -2: GOOD_X}


@pytest.mark.threat(6)
@pytest.mark.parametrize(
    "change",
    [
        {1: 1},
        {1: 4},
        {1: True},
        {1: "EC2"},
        {-1: 2},
        {-1: 8},
        {-1: True},
        {-2: GOOD_X[:31]},
        {-2: GOOD_X + b"\x00"},
        {-2: OFF_CURVE},
        {-2: b"\xff" * 32},
        {-2: None},
        {-3: bytes(32)},
        {-3: GOOD_Y[:31]},
        {-3: 1},
        {3: -7},
        {3: -25},
        {4: [7]},
        {-4: bytes(32)},
        {"crv": 1},
    ],
    ids=repr,
)
def test_a_claims_set_with_any_key_but_a_plain_p256_one_is_refused(change: dict[Any, Any]) -> None:
    with pytest.raises(EdhocError, match="no plain P-256 key"):
        kccs_credential(cbor.encode({8: {1: P256_KEY | change}}))


@pytest.mark.parametrize("extra", [{}, {-3: GOOD_Y}, {-3: True}, {-3: False}, {2: b"id"}], ids=repr)
def test_a_claims_set_with_a_plain_p256_key_is_read(extra: dict[Any, Any]) -> None:
    assert kccs_credential(cbor.encode({8: {1: P256_KEY | extra}})).public_x == GOOD_X


@pytest.mark.threat(6)
@pytest.mark.parametrize(
    "claims",
    [
        b"",
        b"\x80",
        cbor.encode({}),
        cbor.encode({8: {}}),
        cbor.encode({8: {3: b"kid"}}),
        cbor.encode({8: {1: P256_KEY, 2: b"encrypted"}}),
        cbor.encode({8: P256_KEY}),
        b"\xa1\x08\xff",
    ],
    ids=lambda claims: claims.hex()[:12],
)
def test_a_claims_set_that_confirms_no_key_is_refused(claims: bytes) -> None:
    with pytest.raises(EdhocError, match="CWT Claims Set"):
        kccs_credential(claims)


@pytest.mark.parametrize("raw", [b"", b"\x80", cbor.encode(CWT[:3]), b"\xd2" + cbor.encode(CWT)])
def test_a_kcwt_is_made_of_an_untagged_sign1_only(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"COSE_Sign1|CBOR|tags"):
        IdCred.kcwt(raw)


@pytest.mark.parametrize("raw", [b"", b"\x80", b"\xa0\x00"])
def test_a_kccs_is_made_of_one_map_only(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"map of claims|CBOR"):
        IdCred.kccs(raw)
