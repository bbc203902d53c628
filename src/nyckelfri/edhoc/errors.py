"""What goes wrong in EDHOC, and the error message of RFC 9528 section 6.

House rules: an `EdhocError` is about what arrived, a `StateError` is about how this package was
called. Error texts are written here, by us: never a peer's bytes, never key material. What is sent
to the peer says less than what is raised, since a detailed refusal is an oracle.
"""

from __future__ import annotations

from enum import IntEnum

from nyckelfri.cbor import CborError, Value, decode_sequence, encode

_MAX_ERROR_MESSAGE = 256
_DIAGNOSTIC = "refused"


class ErrorCode(IntEnum):
    """ERR_CODE of RFC 9528 section 6; code 0 (success) is never sent as an error."""

    UNSPECIFIED = 1
    WRONG_SUITE = 2
    UNKNOWN_CREDENTIAL = 3


class StateError(RuntimeError):
    """A step of the handshake was taken twice: begin a new handshake."""


class EdhocError(Exception):
    """The handshake is over: the peer's message was refused, or the peer refused ours.

    `code` is the ERR_CODE and `suites_r` the Responder's suites (empty unless the code is
    WRONG_SUITE). The text is for our own log.
    """

    def __init__(
        self,
        text: str,
        *,
        code: ErrorCode = ErrorCode.UNSPECIFIED,
        suites_r: tuple[int, ...] = (),
    ) -> None:
        super().__init__(text)
        self.code = code
        self.suites_r = suites_r

    def message(self) -> bytes:
        """Encode the error message to send (RFC 9528 section 6); the same bytes for one code."""
        if self.code is ErrorCode.WRONG_SUITE:
            suites = list(self.suites_r)
            return encode(int(self.code)) + encode(suites[0] if len(suites) == 1 else suites)
        if self.code is ErrorCode.UNKNOWN_CREDENTIAL:
            return encode(int(self.code)) + encode(value=True)
        return encode(int(self.code)) + encode(_DIAGNOSTIC)


def read_error(data: bytes) -> EdhocError | None:
    """Recognise a received error message; None when `data` is anything else.

    An error message is not authenticated: it may end a handshake, and name suites to retry with,
    and nothing more. The peer's diagnostic text is dropped.
    """
    try:
        items = decode_sequence(data, max_size=_MAX_ERROR_MESSAGE, max_depth=1)
    except CborError:
        return None
    if not items or type(items[0]) is not int:  # true equals 1 in Python, and not in CBOR
        return None
    match items:
        case [1, str()]:
            return EdhocError("the peer refused and gave no reason")
        case [2, suites] if suites_r := _suites(suites):
            return EdhocError(
                "the peer does not take the selected cipher suite",
                code=ErrorCode.WRONG_SUITE,
                suites_r=suites_r,
            )
        case [3, bool(known)] if known:
            return EdhocError(
                "the peer does not know our credential", code=ErrorCode.UNKNOWN_CREDENTIAL
            )
    return None


def _suites(item: Value) -> tuple[int, ...]:
    """Read SUITES_R: one suite, or an array of at least two; empty when it is neither."""
    if type(item) is int:
        return (item,)
    if isinstance(item, list) and len(item) > 1:
        suites = tuple(suite for suite in item if type(suite) is int)
        return suites if len(suites) == len(item) else ()
    return ()
