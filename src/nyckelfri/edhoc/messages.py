"""The four messages as bytes: composing them and reading them strictly (RFC 9528 section 5).

House rules: whatever the bytes, reading one raises `EdhocError` and nothing else. Only method 3
(static Diffie-Hellman on both sides) is spoken. Texts name the message and the rule, never the
bytes.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nyckelfri.cbor import CborError, decode, decode_from, encode
from nyckelfri.edhoc.credentials import IdCred
from nyckelfri.edhoc.crypto import COORDINATE, MAX_EXPAND
from nyckelfri.edhoc.ead import EadItem, decode_ead
from nyckelfri.edhoc.errors import EdhocError
from nyckelfri.edhoc.identifiers import encode_identifier, read_identifier
from nyckelfri.edhoc.suites import Suite, select_as_responder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

METHOD = 3
MAX_MESSAGE = 40_960
"""The longest message in bytes that is composed or read."""


@dataclass(frozen=True, slots=True)
class Message1:
    """What message_1 says; nothing of it is authenticated yet."""

    suite: Suite
    g_x: bytes
    c_i: bytes
    ead_1: tuple[EadItem, ...]


@dataclass(frozen=True, slots=True)
class Plaintext:
    """What PLAINTEXT_2 or PLAINTEXT_3 says; `ead` as sent, `items` as understood.

    `raw` is the whole plaintext. PLAINTEXT_3 has no `c_r`.
    """

    raw: bytes
    c_r: bytes
    id_cred: IdCred
    mac: bytes
    ead: bytes
    items: tuple[EadItem, ...]


def compose_message_1(suites_i: int | list[int], g_x: bytes, c_i: bytes, ead_1: bytes) -> bytes:
    """Compose message_1. Raises ValueError when it grows beyond `MAX_MESSAGE`."""
    message = encode(METHOD) + encode(suites_i) + encode(g_x) + encode_identifier(c_i) + ead_1
    return _limited(message)


def read_message_1(
    data: bytes, supported: Sequence[Suite], known_labels: AbstractSet[int]
) -> Message1:
    """Read message_1 and select the suite, or raise `EdhocError`."""
    with _refusing("message_1"):
        method, at = decode_from(data, 0, max_size=MAX_MESSAGE)
        if method != METHOD:
            raise EdhocError("message_1 does not ask for method 3")
        suites_i, at = decode_from(data, at)
        suite = select_as_responder(suites_i, supported)
        g_x, at = decode_from(data, at)
        if not isinstance(g_x, bytes) or len(g_x) != COORDINATE:
            raise EdhocError("G_X in message_1 is not 32 bytes")
        c_i, end = decode_from(data, at)
        return Message1(
            suite, g_x, read_identifier(c_i, data[at:end]), decode_ead(data[end:], known_labels)
        )


def compose_message_2(g_y: bytes, ciphertext_2: bytes) -> bytes:
    """Compose message_2."""
    return encode(g_y + ciphertext_2)


def read_message_2(data: bytes) -> tuple[bytes, bytes]:
    """Split message_2 into G_Y and CIPHERTEXT_2, or raise `EdhocError`."""
    content = read_ciphertext("message_2", data)
    if not COORDINATE < len(content) <= COORDINATE + MAX_EXPAND:
        raise EdhocError("message_2 is too short or too long")
    return content[:COORDINATE], content[COORDINATE:]


def read_ciphertext(name: str, data: bytes) -> bytes:
    """Read a message that is one byte string, or raise `EdhocError`."""
    with _refusing(name):
        content = decode(data, max_size=MAX_MESSAGE)
    if not isinstance(content, bytes):
        raise EdhocError(f"{name} is not a byte string")
    return content


def compose_plaintext_2(c_r: bytes, id_cred: IdCred, mac: bytes, ead_2: bytes) -> bytes:
    """Compose PLAINTEXT_2. Raises ValueError when it is longer than the keystream can be."""
    plaintext = encode_identifier(c_r) + id_cred.compact + encode(mac) + ead_2
    if len(plaintext) > MAX_EXPAND:
        raise ValueError(f"message_2 holds at most {MAX_EXPAND} bytes: send less EAD_2")
    return plaintext


def read_plaintext_2(plaintext: bytes, suite: Suite, known_labels: AbstractSet[int]) -> Plaintext:
    """Read PLAINTEXT_2, or raise `EdhocError`."""
    with _refusing("PLAINTEXT_2"):
        item, at = decode_from(plaintext, 0)
        c_r = read_identifier(item, plaintext[:at])
        return _read_authentication(plaintext, at, c_r, suite, known_labels)


def compose_plaintext_3(id_cred: IdCred, mac: bytes, ead_3: bytes) -> bytes:
    """Compose PLAINTEXT_3. Raises ValueError when it grows beyond `MAX_MESSAGE`."""
    return _limited(id_cred.compact + encode(mac) + ead_3)


def read_plaintext_3(plaintext: bytes, suite: Suite, known_labels: AbstractSet[int]) -> Plaintext:
    """Read PLAINTEXT_3, or raise `EdhocError`."""
    with _refusing("PLAINTEXT_3"):
        return _read_authentication(plaintext, 0, b"", suite, known_labels)


def compose_plaintext_4(ead_4: bytes) -> bytes:
    """Compose PLAINTEXT_4. Raises ValueError when it grows beyond `MAX_MESSAGE`."""
    return _limited(ead_4)


def read_plaintext_4(plaintext: bytes, known_labels: AbstractSet[int]) -> tuple[EadItem, ...]:
    """Read PLAINTEXT_4, or raise `EdhocError`."""
    with _refusing("PLAINTEXT_4"):
        return decode_ead(plaintext, known_labels)


def _read_authentication(
    plaintext: bytes, start: int, c_r: bytes, suite: Suite, known_labels: AbstractSet[int]
) -> Plaintext:
    identifier, end = decode_from(plaintext, start)
    id_cred = IdCred.read(identifier, plaintext[start:end])
    mac, at = decode_from(plaintext, end)
    if not isinstance(mac, bytes) or len(mac) != suite.mac_length:
        raise EdhocError("a MAC that is not as long as the cipher suite says")
    ead = plaintext[at:]
    return Plaintext(plaintext, c_r, id_cred, mac, ead, decode_ead(ead, known_labels))


def _limited(message: bytes) -> bytes:
    # 32 bytes cover the tag and the head that encryption adds.
    if len(message) > MAX_MESSAGE - 32:
        raise ValueError(f"a message holds at most {MAX_MESSAGE - 32} bytes: send less EAD")
    return message


@contextmanager
def _refusing(name: str) -> Iterator[None]:
    try:
        yield
    except CborError as error:
        raise EdhocError(f"{name} is refused: {error}") from None
