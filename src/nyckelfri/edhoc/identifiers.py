"""Short identifiers: connection identifiers and key ids (RFC 9528 sections 3.3.2 and 3.5.3.2).

House rules: an identifier is a byte string with exactly one encoding. One byte that is itself the
CBOR encoding of an integer from -24 to 23 stands bare; anything else is a CBOR byte string.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nyckelfri.cbor import encode
from nyckelfri.edhoc.errors import EdhocError

if TYPE_CHECKING:
    from nyckelfri.cbor import Value


def encode_identifier(value: bytes) -> bytes:
    """Encode a connection identifier or kid.

    One byte that is also the encoding of a small CBOR integer stands for itself.
    """
    return value if _is_small(value) else encode(value)


def read_identifier(item: Value, raw: bytes) -> bytes:
    """Read a connection identifier or kid from its item and its own bytes, or raise `EdhocError`.

    Each identifier has one encoding: a byte string where an integer would do is refused.
    """
    if _is_small(raw):
        return raw
    if isinstance(item, bytes) and not _is_small(item):
        return item
    raise EdhocError("an identifier that is not in its one short form")


def _is_small(value: bytes) -> bool:
    return len(value) == 1 and value[0] & 0x1F < 24 and value[0] < 0x40
