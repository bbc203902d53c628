"""Two people, one record: the second is told, and nothing is overwritten silently.

House rules: a form carries the `version` of what it showed; the action computes it again
under its row lock, before it changes anything.
"""

from __future__ import annotations

import hashlib
from typing import Any

from nyckelfri import cbor


class StaleError(Exception):
    """Somebody else has changed the record since it was shown."""


def version(*values: Any) -> str:
    """A short text that changes when any of these values does (plain data, no floats)."""
    return hashlib.sha256(cbor.encode([_plain(value) for value in values])).hexdigest()[:16]


def check(seen: str, now: str) -> None:
    """Raise StaleError unless what was seen is what there is."""
    if seen != now:
        raise StaleError("Somebody else has changed this meanwhile: look again, then decide")


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, bool | int | bytes) else str(value)
