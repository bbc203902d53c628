"""The Responder: message_2, message_4, and checking message_1 and message_3.

House rules: each method consumes the step it is called on and returns the next, so the types show
what may follow. No I/O, no clock; the ephemeral key is a parameter of the step that sends it, made
when none is given. Names follow RFC 9528.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nyckelfri.cbor import encode
from nyckelfri.edhoc import messages
from nyckelfri.edhoc.crypto import StaticKey, equal, generate, point, shared, x_of
from nyckelfri.edhoc.ead import EadItem, encode_ead
from nyckelfri.edhoc.errors import EdhocError
from nyckelfri.edhoc.identifiers import encode_identifier
from nyckelfri.edhoc.schedule import Stage2, Stage3
from nyckelfri.edhoc.session import NO_LABELS, Exporter, Step, check_own, public_key_of_peer
from nyckelfri.edhoc.suites import Suite

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from cryptography.hazmat.primitives.asymmetric import ec

    from nyckelfri.edhoc.credentials import Credential, IdCred


@dataclass(frozen=True, slots=True, kw_only=True)
class Responder:
    """One end that answers handshakes; use it for as many as you like.

    `suites` are the suites we accept, best first. Raises ValueError when it names none or another
    than 2 and 3, or when `credential` does not name `static_key`.
    """

    static_key: StaticKey = field(repr=False)
    credential: Credential
    suites: tuple[Suite, ...] = (Suite.S3,)

    def __post_init__(self) -> None:
        if not self.suites or not set(self.suites) <= set(Suite):
            raise ValueError("name the suites to accept: suite 2, suite 3 or both")
        check_own(self.static_key, self.credential)

    def message_1(
        self, data: bytes, known_labels: AbstractSet[int] = NO_LABELS
    ) -> Message1Received:
        """Read message_1, or raise `EdhocError` (WRONG_SUITE when another suite is to be asked)."""
        message = messages.read_message_1(data, self.suites, known_labels)
        return Message1Received(self, data, message, point(message.g_x))


class Message1Received(Step):
    """message_1 is read; anyone can have sent it. `c_i` and `ead_1` tell what it says."""

    __slots__ = ("_message", "_message_1", "_own", "_public", "c_i", "ead_1")

    def __init__(
        self,
        own: Responder,
        message_1: bytes,
        message: messages.Message1,
        public: ec.EllipticCurvePublicKey,
    ) -> None:
        super().__init__()
        self._own = own
        self._message_1 = message_1
        self._message = message
        self._public = public
        self.c_i: bytes = message.c_i
        self.ead_1: tuple[EadItem, ...] = message.ead_1

    def message_2(
        self,
        c_r: bytes = b"\x01",
        ead_2: Iterable[EadItem] = (),
        ephemeral: ec.EllipticCurvePrivateKey | None = None,
    ) -> tuple[bytes, AwaitingMessage3]:
        """Compose message_2. `ephemeral` must never be used twice; leave it out outside tests."""
        self._spend()
        own, credential = self._own, self._own.credential
        ephemeral = ephemeral or generate()
        ead = encode_ead(ead_2)
        g_y = x_of(ephemeral)
        g_xy = shared(ephemeral, self._public)
        stage = Stage2.begin(self._message.suite, self._message_1, g_y, g_xy)
        prk_3e2m = stage.mix(shared(own.static_key, self._public))
        mac = stage.mac(prk_3e2m, encode_identifier(c_r), credential, ead)
        plaintext = messages.compose_plaintext_2(c_r, credential.id_cred, mac, ead)
        data = messages.compose_message_2(g_y, stage.crypt(plaintext))
        return data, AwaitingMessage3(own, ephemeral, stage.next(prk_3e2m, plaintext, credential))


class AwaitingMessage3(Step):
    """message_2 is sent."""

    __slots__ = ("_ephemeral", "_own", "_stage")

    def __init__(
        self, own: Responder, ephemeral: ec.EllipticCurvePrivateKey, stage: Stage3
    ) -> None:
        super().__init__()
        self._own = own
        self._ephemeral = ephemeral
        self._stage = stage

    def message_3(
        self, data: bytes, known_labels: AbstractSet[int] = NO_LABELS
    ) -> Message3Received:
        """Decrypt and read message_3, or raise `EdhocError`. MAC_3 is not checked yet."""
        self._spend()
        plaintext = self._stage.unseal(messages.read_ciphertext("message_3", data))
        content = messages.read_plaintext_3(plaintext, self._stage.suite, known_labels)
        return Message3Received(self._own, self._ephemeral, self._stage, content)


class Message3Received(Step):
    """message_3 came from whoever sent message_1; who that is, is not proven yet.

    `id_cred_i` and `ead_3` tell what it says. Look the credential up, or check the one it carries,
    and call `verify` before believing any of it.
    """

    __slots__ = ("_content", "_ephemeral", "_own", "_stage", "ead_3", "id_cred_i")

    def __init__(
        self,
        own: Responder,
        ephemeral: ec.EllipticCurvePrivateKey,
        stage: Stage3,
        content: messages.Plaintext,
    ) -> None:
        super().__init__()
        self._own = own
        self._ephemeral = ephemeral
        self._stage = stage
        self._content = content
        self.id_cred_i: IdCred = content.id_cred
        self.ead_3: tuple[EadItem, ...] = content.items

    def verify(self, credential_i: Credential) -> ResponderDone:
        """Check that the Initiator holds the key of `credential_i`, or raise `EdhocError`."""
        self._spend()
        static = public_key_of_peer(credential_i, self.id_cred_i, self._own.credential)
        prk_4e3m = self._stage.mix(shared(self._ephemeral, static))
        mac = self._stage.mac(prk_4e3m, credential_i, self._content.ead)
        if not equal(mac, self._content.mac):
            raise EdhocError("MAC_3 is wrong")
        return ResponderDone(self._stage.next(prk_4e3m, self._content.raw, credential_i))


class ResponderDone(Exporter):
    """Both ends are authenticated and hold the same keys, and EAD_3 is the Initiator's word."""

    __slots__ = ()

    def message_4(self, ead_4: Iterable[EadItem] = ()) -> bytes:
        """Compose message_4, once: its key and nonce serve a single message."""
        self._spend()
        return encode(self._stage.seal(messages.compose_plaintext_4(encode_ead(ead_4))))
