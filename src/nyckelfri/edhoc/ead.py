"""External authorization data: items that ride along in the messages (RFC 9528 section 3.8).

House rules: the caller says which labels it understands. A critical item nobody understands ends
the handshake; other unknown items, and padding, are left out of what the caller sees, but stay part
of what the MACs cover. Labels 32768 to 65535 are for private use.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nyckelfri.cbor import decode_sequence, encode
from nyckelfri.edhoc.errors import EdhocError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

PADDING = 0
MAX_LABEL = 65_535
MAX_ITEMS = 16


@dataclass(frozen=True, slots=True)
class EadItem:
    """One item of external authorization data.

    `label` is 0 to 65 535 (0 is padding and never critical), `value` any bytes or none.
    Raises ValueError for another label, or a critical padding item.
    """

    label: int
    value: bytes | None = None
    critical: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.label <= MAX_LABEL:
            raise ValueError("an EAD label is 0 to 65535")
        if self.label == PADDING and self.critical:
            raise ValueError("padding (EAD label 0) cannot be critical")


def encode_ead(items: Iterable[EadItem]) -> bytes:
    """Encode EAD items as a CBOR sequence; a critical item carries its label negated."""
    return b"".join(
        encode(-item.label if item.critical else item.label)
        + (b"" if item.value is None else encode(item.value))
        for item in items
    )


def decode_ead(data: bytes, known_labels: AbstractSet[int]) -> tuple[EadItem, ...]:
    """Read the items with labels in `known_labels`, in the order they came.

    Raises `EdhocError` for a malformed sequence, more than `MAX_ITEMS` items, or a critical item
    with another label; `CborError` for what is no deterministic CBOR.
    """
    if not data:
        return ()
    pairs: list[tuple[int, bytes | None]] = []
    label_before = False
    for value in decode_sequence(data):
        if type(value) is int:
            pairs.append((value, None))
            label_before = True
        elif isinstance(value, bytes) and label_before:
            pairs[-1] = (pairs[-1][0], value)
            label_before = False
        else:
            raise EdhocError("EAD is not a sequence of labels, each with at most one value")
    if len(pairs) > MAX_ITEMS:
        raise EdhocError("too many EAD items")
    return tuple(_known(pairs, known_labels))


def _known(
    pairs: list[tuple[int, bytes | None]], known_labels: AbstractSet[int]
) -> Iterable[EadItem]:
    for label, value in pairs:
        critical = label < 0
        known = abs(label) in known_labels and PADDING < abs(label) <= MAX_LABEL
        if critical and not known:
            raise EdhocError("a critical EAD item that we do not understand")
        if known:
            yield EadItem(abs(label), value, critical)
