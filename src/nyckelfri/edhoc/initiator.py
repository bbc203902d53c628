"""The Initiator: message_1, message_3, and checking message_2 and message_4.

House rules: each method consumes the step it is called on and returns the next, so the types show
what may follow. No I/O, no clock; the ephemeral key is a parameter of the first step, made when
none is given. Names follow RFC 9528.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from nyckelfri.cbor import encode
from nyckelfri.edhoc import messages
from nyckelfri.edhoc.crypto import StaticKey, equal, generate, point, shared, x_of
from nyckelfri.edhoc.ead import EadItem, encode_ead
from nyckelfri.edhoc.errors import EdhocError, ErrorCode
from nyckelfri.edhoc.identifiers import encode_identifier
from nyckelfri.edhoc.schedule import Stage2, Stage3, Stage4
from nyckelfri.edhoc.session import NO_LABELS, Exporter, Step, check_own, public_key_of_peer
from nyckelfri.edhoc.suites import Suite, select_after_error, suites_item

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from cryptography.hazmat.primitives.asymmetric import ec

    from nyckelfri.edhoc.credentials import Credential, IdCred


@dataclass(frozen=True, slots=True, kw_only=True)
class Initiator:
    """One end that begins handshakes; use it for as many as you like.

    `suites` are the suites we prefer, best first; numbers that this package does not run may be
    among them. `selected` is the suite to ask for, the first of `suites` by default. Raises
    ValueError when that one cannot be run, or when `credential` does not name `static_key`.
    """

    static_key: StaticKey = field(repr=False)
    credential: Credential
    suites: tuple[int, ...] = (Suite.S3,)
    selected: int | None = None

    def __post_init__(self) -> None:
        asked = next(iter(self.suites), None) if self.selected is None else self.selected
        if asked not in self.suites or asked not in tuple(Suite):
            raise ValueError("the selected suite must be among `suites` and be suite 2 or 3")
        check_own(self.static_key, self.credential)

    @property
    def suite(self) -> Suite:
        """The suite that message_1 asks for."""
        return Suite(self.suites[0] if self.selected is None else self.selected)

    def retry(self, error: EdhocError) -> Initiator:
        """After a WRONG_SUITE error: the same end, asking for the best suite in common.

        Raises `EdhocError` when there is none, or when the peer refuses what it says it supports.
        The error is not authenticated; the Responder notices if it was forged to weaken the choice.
        """
        if error.code is not ErrorCode.WRONG_SUITE:
            raise EdhocError("only a wrong cipher suite is worth another try")
        return replace(self, selected=select_after_error(self.suites, self.suite, error.suites_r))

    def message_1(
        self,
        c_i: bytes = b"\x00",
        ead_1: Iterable[EadItem] = (),
        ephemeral: ec.EllipticCurvePrivateKey | None = None,
    ) -> tuple[bytes, AwaitingMessage2]:
        """Compose message_1. `ephemeral` must never be used twice; leave it out outside tests."""
        ephemeral = ephemeral or generate()
        data = messages.compose_message_1(
            suites_item(self.suites, self.suite), x_of(ephemeral), c_i, encode_ead(ead_1)
        )
        return data, AwaitingMessage2(self, ephemeral, data)


class AwaitingMessage2(Step):
    """message_1 is sent."""

    __slots__ = ("_ephemeral", "_message_1", "_own")

    def __init__(
        self, own: Initiator, ephemeral: ec.EllipticCurvePrivateKey, message_1: bytes
    ) -> None:
        super().__init__()
        self._own = own
        self._ephemeral = ephemeral
        self._message_1 = message_1

    def message_2(
        self, data: bytes, known_labels: AbstractSet[int] = NO_LABELS
    ) -> Message2Received:
        """Decrypt message_2, or raise `EdhocError`."""
        self._spend()
        g_y, ciphertext = messages.read_message_2(data)
        public = point(g_y)
        suite = self._own.suite
        stage = Stage2.begin(suite, self._message_1, g_y, shared(self._ephemeral, public))
        plaintext = stage.crypt(ciphertext)
        content = messages.read_plaintext_2(plaintext, suite, known_labels)
        return Message2Received(self._own, self._ephemeral, public, stage, content)


class Message2Received(Step):
    """message_2 is decrypted; nobody is authenticated yet, anyone can have sent it.

    `c_r`, `id_cred_r` and `ead_2` tell what it says, so that the credential can be found.
    """

    __slots__ = (
        "_content",
        "_ephemeral",
        "_own",
        "_public",
        "_stage",
        "c_r",
        "ead_2",
        "id_cred_r",
    )

    def __init__(
        self,
        own: Initiator,
        ephemeral: ec.EllipticCurvePrivateKey,
        public: ec.EllipticCurvePublicKey,
        stage: Stage2,
        content: messages.Plaintext,
    ) -> None:
        super().__init__()
        self._own = own
        self._ephemeral = ephemeral
        self._public = public
        self._stage = stage
        self._content = content
        self.c_r: bytes = content.c_r
        self.id_cred_r: IdCred = content.id_cred
        self.ead_2: tuple[EadItem, ...] = content.items

    def verify(self, credential_r: Credential) -> ReadyForMessage3:
        """Check that the Responder holds the key of `credential_r`, or raise `EdhocError`."""
        self._spend()
        static = public_key_of_peer(credential_r, self.id_cred_r, self._own.credential)
        prk_3e2m = self._stage.mix(shared(self._ephemeral, static))
        c_r = encode_identifier(self.c_r)
        mac = self._stage.mac(prk_3e2m, c_r, credential_r, self._content.ead)
        if not equal(mac, self._content.mac):
            raise EdhocError("MAC_2 is wrong")
        stage = self._stage.next(prk_3e2m, self._content.raw, credential_r)
        return ReadyForMessage3(self._own, self._public, stage)


class ReadyForMessage3(Step):
    """The Responder is authenticated, and so is EAD_2."""

    __slots__ = ("_own", "_public", "_stage")

    def __init__(self, own: Initiator, public: ec.EllipticCurvePublicKey, stage: Stage3) -> None:
        super().__init__()
        self._own = own
        self._public = public
        self._stage = stage

    def message_3(self, ead_3: Iterable[EadItem] = ()) -> tuple[bytes, AwaitingMessage4]:
        """Compose message_3: who we are, proof of it, and EAD_3, for this Responder only."""
        self._spend()
        credential = self._own.credential
        ead = encode_ead(ead_3)
        prk_4e3m = self._stage.mix(shared(self._own.static_key, self._public))
        mac = self._stage.mac(prk_4e3m, credential, ead)
        plaintext = messages.compose_plaintext_3(credential.id_cred, mac, ead)
        data = encode(self._stage.seal(plaintext))
        return data, AwaitingMessage4(self._stage.next(prk_4e3m, plaintext, credential))


class AwaitingMessage4(Step):
    """message_3 is sent."""

    __slots__ = ("_stage",)

    def __init__(self, stage: Stage4) -> None:
        super().__init__()
        self._stage = stage

    def message_4(self, data: bytes, known_labels: AbstractSet[int] = NO_LABELS) -> InitiatorDone:
        """Decrypt message_4, which proves that the Responder accepted; or raise `EdhocError`."""
        self._spend()
        plaintext = self._stage.unseal(messages.read_ciphertext("message_4", data))
        return InitiatorDone(self._stage, messages.read_plaintext_4(plaintext, known_labels))


class InitiatorDone(Exporter):
    """Both ends are authenticated and hold the same keys; `ead_4` is what message_4 carried."""

    __slots__ = ("ead_4",)

    def __init__(self, stage: Stage4, ead_4: tuple[EadItem, ...]) -> None:
        super().__init__(stage)
        self.ead_4 = ead_4
