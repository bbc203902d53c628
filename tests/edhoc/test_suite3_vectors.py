"""Our own handshakes in suite 3, byte for byte: the profile of the door, for other languages."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from nyckelfri import cbor
from nyckelfri.edhoc import Credential, EadItem, IdCred, Initiator, Responder
from nyckelfri.edhoc.crypto import x_of

FILE = json.loads((Path(__file__).parents[2] / "vectors" / "edhoc-suite3.json").read_text("utf-8"))


def _key(scalar: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int(scalar, 16), ec.SECP256R1())


def _credential(id_cred: str, cred: str, key: ec.EllipticCurvePrivateKey) -> Credential:
    raw = bytes.fromhex(cred)
    match cbor.decode(bytes.fromhex(id_cred)):
        case {4: bytes() as kid}:
            return Credential(IdCred.kid(kid), raw, x_of(key))
        case {13: _}:
            return Credential(IdCred.kcwt(raw), raw, x_of(key))
    raise AssertionError(id_cred)


def _ead(items: list[dict[str, Any]]) -> tuple[EadItem, ...]:
    return tuple(
        EadItem(
            item["label"],
            None if item["value"] is None else bytes.fromhex(item["value"]),
            item["critical"],
        )
        for item in items
    )


def _but_padding(items: tuple[EadItem, ...]) -> tuple[EadItem, ...]:
    return tuple(item for item in items if item.label)


@pytest.mark.parametrize("vector", FILE["handshakes"], ids=lambda vector: str(vector["name"]))
def test_both_ends_send_and_read_exactly_these_messages(vector: dict[str, Any]) -> None:
    static_i, static_r = _key(FILE["static_i"]), _key(FILE["static_r"])
    credential_i = _credential(vector["id_cred_i"], vector["cred_i"], static_i)
    credential_r = _credential(vector["id_cred_r"], vector["cred_r"], static_r)
    c_i, c_r = bytes.fromhex(vector["c_i"]), bytes.fromhex(vector["c_r"])
    ead = [_ead(vector[f"ead_{number}"]) for number in (1, 2, 3, 4)]
    expected = [bytes.fromhex(vector[f"message_{number}"]) for number in (1, 2, 3, 4)]
    known = {32_768, 32_769}

    message_1, awaiting_2 = Initiator(static_key=static_i, credential=credential_i).message_1(
        c_i, ead[0], _key(vector["ephemeral_i"])
    )
    responder = Responder(static_key=static_r, credential=credential_r)
    received_1 = responder.message_1(expected[0], known)
    message_2, awaiting_3 = received_1.message_2(c_r, ead[1], _key(vector["ephemeral_r"]))
    received_2 = awaiting_2.message_2(expected[1], known)
    message_3, awaiting_4 = received_2.verify(credential_r).message_3(ead[2])
    received_3 = awaiting_3.message_3(expected[2], known)
    done_r = received_3.verify(credential_i)
    message_4 = done_r.message_4(ead[3])
    done_i = awaiting_4.message_4(expected[3], known)

    assert [message_1, message_2, message_3, message_4] == expected
    assert (received_1.c_i, received_2.c_r) == (c_i, c_r)
    assert received_2.id_cred_r.encoded.hex() == vector["id_cred_r"]
    assert received_3.id_cred_i.encoded.hex() == vector["id_cred_i"]
    seen = [received_1.ead_1, received_2.ead_2, received_3.ead_3, done_i.ead_4]
    assert seen == [_but_padding(items) for items in ead]
    for exported in vector["exported"]:
        context, length = bytes.fromhex(exported["context"]), exported["length"]
        for done in (done_i, done_r):
            key = done.exporter(exported["label"], context, length)
            assert key.hex() == exported["key"]
