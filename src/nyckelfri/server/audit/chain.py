"""How rows of the audit log hang together: pure functions of bytes.

House rules: a row's leaf is SHA-256 over the deterministic CBOR of all it says; the head at
a row is SHA-256 over the head before it and the leaf. The database makes the same heads with
its own triggers, so a change here is a change there, and makes every stored head wrong.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from nyckelfri import cbor

GENESIS: Final = hashlib.sha256(b"nyckelfri audit 1").digest()
"""The head before the first row."""
_FORM: Final = 1
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class Content(NamedTuple):
    """All that a row says: who, what, to what, when (aware), why, from where."""

    at: datetime
    actor: str
    origin: str
    verb: str
    object_id: str
    reason: str
    details: Mapping[str, Any]


def leaf(content: Content) -> bytes:
    """SHA-256 over what a row says, 32 bytes.

    ValueError where the details would not come back from JSON as they went in: keys are
    text, values are text, integers of 64 bits, booleans, null, lists and such mappings.
    """
    _require_text_keys(content.details)
    encoded = cbor.encode(
        [
            _FORM,
            (content.at - _EPOCH) // _MICROSECOND,
            content.actor,
            content.origin,
            content.verb,
            content.object_id,
            content.reason,
            content.details,
        ]
    )
    return hashlib.sha256(encoded).digest()


def next_head(previous: bytes | None, of_row: bytes) -> bytes:
    """Chain one leaf to the head before it, None before the first row."""
    return hashlib.sha256((GENESIS if previous is None else previous) + of_row).digest()


def _require_text_keys(value: object) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise ValueError("A key in the details of a deed must be text, as in JSON")  # noqa: TRY004 -- one error for what details cannot hold
            _require_text_keys(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _require_text_keys(inner)
