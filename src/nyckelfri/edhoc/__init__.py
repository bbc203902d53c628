"""EDHOC, the lightweight authenticated key exchange of RFC 9528, in both roles.

House rules: sans-IO (bytes in, bytes out), no clock, no global state; keys and identifiers are
parameters. Method 3 (static Diffie-Hellman on both sides) with cipher suites 3 and 2, on P-256.
This package knows nothing of doors: whose key may do what is for its callers to say.
"""

from nyckelfri.edhoc.credentials import (
    Credential,
    IdCred,
    IdKind,
    ccs_credential,
    kccs_credential,
    p256_x,
)
from nyckelfri.edhoc.crypto import StaticKey
from nyckelfri.edhoc.ead import EadItem
from nyckelfri.edhoc.errors import EdhocError, ErrorCode, StateError, read_error
from nyckelfri.edhoc.initiator import (
    AwaitingMessage2,
    AwaitingMessage4,
    Initiator,
    InitiatorDone,
    Message2Received,
    ReadyForMessage3,
)
from nyckelfri.edhoc.messages import MAX_MESSAGE
from nyckelfri.edhoc.responder import (
    AwaitingMessage3,
    Message1Received,
    Message3Received,
    Responder,
    ResponderDone,
)
from nyckelfri.edhoc.suites import Suite

__all__ = [
    "MAX_MESSAGE",
    "AwaitingMessage2",
    "AwaitingMessage3",
    "AwaitingMessage4",
    "Credential",
    "EadItem",
    "EdhocError",
    "ErrorCode",
    "IdCred",
    "IdKind",
    "Initiator",
    "InitiatorDone",
    "Message1Received",
    "Message2Received",
    "Message3Received",
    "ReadyForMessage3",
    "Responder",
    "ResponderDone",
    "StateError",
    "StaticKey",
    "Suite",
    "ccs_credential",
    "kccs_credential",
    "p256_x",
    "read_error",
]
