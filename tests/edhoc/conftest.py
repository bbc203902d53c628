"""Two ends with fixed keys, and a whole handshake between any two."""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from nyckelfri.edhoc import (
    Credential,
    EadItem,
    Initiator,
    InitiatorDone,
    Responder,
    ResponderDone,
    ccs_credential,
)
from nyckelfri.edhoc.crypto import x_of


class Finished(NamedTuple):
    messages: tuple[bytes, bytes, bytes, bytes]
    initiator: InitiatorDone
    responder: ResponderDone


Handshake: TypeAlias = Callable[..., Finished]


def _end(secret: int, kid: bytes) -> tuple[ec.EllipticCurvePrivateKey, Credential]:
    key = ec.derive_private_key(secret, ec.SECP256R1())
    return key, ccs_credential(x_of(key), kid=kid, subject="test")


@pytest.fixture(scope="session")
def initiator() -> Initiator:
    key, credential = _end(0x1111, b"\x2b")
    return Initiator(static_key=key, credential=credential)


@pytest.fixture(scope="session")
def responder() -> Responder:
    key, credential = _end(0x2222, b"\x0a")
    return Responder(static_key=key, credential=credential)


@pytest.fixture(scope="session")
def handshake() -> Handshake:
    def run(
        initiator: Initiator,
        responder: Responder,
        ead: tuple[tuple[EadItem, ...], ...] = ((), (), (), ()),
    ) -> Finished:
        message_1, awaiting_2 = initiator.message_1(ead_1=ead[0])
        message_2, awaiting_3 = responder.message_1(message_1).message_2(ead_2=ead[1])
        ready = awaiting_2.message_2(message_2).verify(responder.credential)
        message_3, awaiting_4 = ready.message_3(ead[2])
        done_r = awaiting_3.message_3(message_3).verify(initiator.credential)
        message_4 = done_r.message_4(ead[3])
        done_i = awaiting_4.message_4(message_4)
        return Finished((message_1, message_2, message_3, message_4), done_i, done_r)

    return run
