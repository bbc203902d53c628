"""What a lock says to everybody who listens, and how a phone knows its lock by it (section 11).

House rule: without the radio key an advertisement says nothing, and tomorrow's says something
else.
"""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import Final

PAYLOAD_BYTES: Final = 8
HOUR: Final = 3600
COMPANY_ID: Final = 0xFFFF
"""Of the Bluetooth SIG: "none", until the project has one of its own."""
FACTORY: Final = b"factory\x00"
"""What a unit says while its commissioning window is open."""


def pseudonym(radio_key: bytes, hour: int | None) -> bytes:
    """The 8 bytes for one hour (Unix seconds div 3600), or for a clock that is lost (None)."""
    label = b"lost" if hour is None else hour.to_bytes(4, "big")
    return hmac.digest(radio_key, label, sha256)[:PAYLOAD_BYTES]
