"""What the steps of both roles have in common: they are taken once, and end in an exporter.

House rules: a step is spent by being tried, whether it succeeds or raises, so that no ephemeral key
ever meets a second message. Steps hold secrets and show none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec

from nyckelfri.edhoc.crypto import MAX_EXPAND, StaticKey, expand, static_point, x_of
from nyckelfri.edhoc.errors import EdhocError, ErrorCode, StateError

if TYPE_CHECKING:
    from nyckelfri.edhoc.credentials import Credential, IdCred
    from nyckelfri.edhoc.schedule import Stage4

MAX_EXPORTER_LABEL = 65_535
NO_LABELS: frozenset[int] = frozenset()


class Step:
    """A point in a handshake from which exactly one next step may be tried."""

    __slots__ = ("_spent",)

    def __init__(self) -> None:
        self._spent = False

    def _spend(self) -> None:
        if self._spent:
            raise StateError("this step was already taken: begin a new handshake")
        self._spent = True


class Exporter(Step):
    """The keys that a finished handshake gives to the application (RFC 9528 section 4.2.1)."""

    __slots__ = ("_prk_exporter", "_stage")

    def __init__(self, stage: Stage4) -> None:
        super().__init__()
        self._stage = stage
        self._prk_exporter: bytes | None = None

    def exporter(self, label: int, context: bytes, length: int) -> bytes:
        """Derive `length` bytes, at most 8160, for the use that label and context name.

        Labels 32768 to 65535 are for private use. Raises ValueError outside these limits.
        """
        if not 0 <= label <= MAX_EXPORTER_LABEL:
            raise ValueError("an exporter label is 0 to 65535")
        if not 0 < length <= MAX_EXPAND:
            raise ValueError(f"an exported key is of length 1 to {MAX_EXPAND}")
        if self._prk_exporter is None:
            self._prk_exporter = self._stage.prk_exporter()
        return expand(self._prk_exporter, label, context, length)


def check_own(static_key: StaticKey, credential: Credential) -> None:
    """Raise ValueError when our credential does not name our key (where the key can tell)."""
    if isinstance(static_key, ec.EllipticCurvePrivateKey) and (
        x_of(static_key) != credential.public_x
    ):
        raise ValueError("the credential names another key than static_key")


def public_key_of_peer(
    credential: Credential, received: IdCred, own: Credential
) -> ec.EllipticCurvePublicKey:
    """Return the peer's long-term key, or raise `EdhocError` when the credential does not serve.

    It must be the one that the peer named, must not be our own (a reflected handshake), and its key
    must lie on the curve.
    """
    if credential.id_cred != received:
        raise EdhocError("the peer named another credential", code=ErrorCode.UNKNOWN_CREDENTIAL)
    if credential.public_x == own.public_x:
        raise EdhocError("the peer presents our own key")
    return static_point(credential.public_x)
