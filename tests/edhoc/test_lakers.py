"""The independent implementation lakers understands us, and we it, inside its limits.

lakers-python 0.6.2 runs suite 2, holds 255 bytes of MAC context (credential, ID_CRED, transcript
hash and EAD together) and exports with labels up to 23; past that it raises PanicException, a
BaseException, or is silently wrong.
"""

from importlib import import_module
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from nyckelfri import cbor
from nyckelfri.edhoc import (
    Credential,
    EadItem,
    EdhocError,
    IdCred,
    Initiator,
    Responder,
    Suite,
    kccs_credential,
)

lakers: Any = import_module("lakers")  # its names come from a compiled module without stubs

LABEL = 100
SIZES = (0, 1, 23, 24, 100, 125)  # 125 fill the 255 bytes of context


def lakers_credential(key: ec.EllipticCurvePrivateKey, kid: bytes) -> Credential:
    """Build a CCS with both coordinates, the form that lakers reads."""
    numbers = key.public_key().public_numbers()
    x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
    cose_key: dict[int, cbor.Encodable] = {1: 2, 2: kid, -1: 1, -2: x, -3: y}
    return Credential(IdCred.kid(kid), cbor.encode({2: "test", 8: {1: cose_key}}), x)


KEY_I = ec.derive_private_key(0x3333, ec.SECP256R1())
KEY_R = ec.derive_private_key(0x4444, ec.SECP256R1())
CRED_I = lakers_credential(KEY_I, b"\x2b")
CRED_R = lakers_credential(KEY_R, b"\x0a")


def lakers_private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_numbers().private_value.to_bytes(32, "big")


@pytest.mark.parametrize("size", SIZES)
def test_our_initiator_finishes_with_a_lakers_responder(size: int) -> None:
    us = Initiator(static_key=KEY_I, credential=CRED_I, suites=(Suite.S2,))
    them = lakers.EdhocResponder(lakers_private(KEY_R), CRED_R.cred)
    message_1, awaiting_2 = us.message_1(b"\x07")
    them.process_message_1(message_1)
    received = awaiting_2.message_2(
        them.prepare_message_2(lakers.CredentialTransfer.ByReference, None, [])
    )
    assert received.id_cred_r == CRED_R.id_cred
    ead_3 = EadItem(LABEL, bytes(size), critical=True)
    message_3, awaiting_4 = received.verify(CRED_R).message_3([ead_3])
    id_cred_i, items = them.parse_message_3(message_3)
    assert [(item.label(), item.is_critical(), item.value()) for item in items] == [
        (LABEL, True, bytes(size))
    ]
    them.verify_message_3(lakers.credential_check_or_fetch(id_cred_i, CRED_I.cred))
    done = awaiting_4.message_4(them.prepare_message_4([]))
    assert done.exporter(0, b"context", 32) == them.edhoc_exporter(0, b"context", 32)
    assert done.exporter(23, b"", 16) == them.edhoc_exporter(23, b"", 16)


@pytest.mark.parametrize("size", SIZES)
def test_our_responder_finishes_with_a_lakers_initiator(size: int) -> None:
    us = Responder(static_key=KEY_R, credential=CRED_R, suites=(Suite.S2,))
    them = lakers.EdhocInitiator()
    received_1 = us.message_1(them.prepare_message_1(c_i=None))
    message_2, awaiting_3 = received_1.message_2(b"\x08")
    c_r, id_cred_r, _ = them.parse_message_2(message_2)
    assert bytes(c_r) == b"\x08"
    valid = lakers.credential_check_or_fetch(id_cred_r, CRED_R.cred)
    them.verify_message_2(lakers_private(KEY_I), CRED_I.cred, valid)
    item = lakers.EADItem(LABEL, is_critical=True, value=bytes(size))
    message_3, _ = them.prepare_message_3(lakers.CredentialTransfer.ByReference, [item])
    received_3 = awaiting_3.message_3(message_3, {LABEL})
    assert received_3.ead_3 == (EadItem(LABEL, bytes(size), critical=True),)
    done = received_3.verify(CRED_I)
    them.process_message_4(done.message_4())
    assert done.exporter(0, b"context", 32) == them.edhoc_exporter(0, b"context", 32)


def test_lakers_reads_our_credential_by_value_and_we_read_its() -> None:
    by_value_i = Credential(IdCred.kccs(CRED_I.cred), CRED_I.cred, CRED_I.public_x)
    us = Initiator(static_key=KEY_I, credential=by_value_i, suites=(Suite.S2,))
    them = lakers.EdhocResponder(lakers_private(KEY_R), CRED_R.cred)
    message_1, awaiting_2 = us.message_1()
    them.process_message_1(message_1)
    received = awaiting_2.message_2(
        them.prepare_message_2(lakers.CredentialTransfer.ByValue, None, [])
    )
    credential_r = kccs_credential(received.id_cred_r.value)
    assert credential_r.public_x == CRED_R.public_x
    message_3, awaiting_4 = received.verify(credential_r).message_3()
    id_cred_i, _ = them.parse_message_3(message_3)
    them.verify_message_3(lakers.credential_check_or_fetch(id_cred_i, None))
    awaiting_4.message_4(them.prepare_message_4([]))


def test_lakers_and_we_offer_the_same_suites_and_find_the_common_one() -> None:
    us = Initiator(static_key=KEY_I, credential=CRED_I, suites=(Suite.S3, Suite.S2))
    message_1, _ = us.message_1()
    with pytest.raises(ValueError, match="UnsupportedCipherSuite"):
        lakers.EdhocResponder(lakers_private(KEY_R), CRED_R.cred).process_message_1(message_1)
    only_3 = Responder(static_key=KEY_R, credential=CRED_R)
    with pytest.raises(EdhocError) as caught:
        only_3.message_1(lakers.EdhocInitiator().prepare_message_1(c_i=None))
    assert caught.value.suites_r == (Suite.S3,)


@pytest.mark.threat(9)
def test_lakers_initiator_with_another_key_than_its_credential_is_refused() -> None:
    us = Responder(static_key=KEY_R, credential=CRED_R, suites=(Suite.S2,))
    them = lakers.EdhocInitiator()
    message_2, awaiting_3 = us.message_1(them.prepare_message_1(c_i=None)).message_2()
    _, id_cred_r, _ = them.parse_message_2(message_2)
    thief = ec.derive_private_key(0x5555, ec.SECP256R1())
    valid = lakers.credential_check_or_fetch(id_cred_r, CRED_R.cred)
    them.verify_message_2(lakers_private(thief), CRED_I.cred, valid)
    message_3, _ = them.prepare_message_3(lakers.CredentialTransfer.ByReference, [])
    with pytest.raises(EdhocError, match="MAC_3"):
        awaiting_3.message_3(message_3).verify(CRED_I)
