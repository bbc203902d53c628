"""What keeps the server from signing.

House rules: each says what to do next.
"""

from __future__ import annotations


class KeysError(Exception):
    """Nothing was signed or installed; the text says what to do."""


class NotReadyError(KeysError):
    """The server may not sign yet, or no longer."""


class BulletinFullError(KeysError):
    """More is revoked than a lock will take."""
