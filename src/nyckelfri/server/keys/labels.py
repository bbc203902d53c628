"""The label that a released unit made for itself, sealed while it waits for its next door.

House rules: the secret on it commissions the unit, so it lies in no table in the clear, in no
audit row and in no log; the key is this server's own and is not in the database.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.utils.crypto import salted_hmac

from nyckelfri.door.commissioning import Printed

_NONCE = 12


class LabelError(Exception):
    """The label cannot be had; the text says what to do."""


def seal(printed: Printed, installation: bytes) -> bytes:
    """Seal the label of the unit that was this installation."""
    nonce = os.urandom(_NONCE)
    return nonce + _cipher().encrypt(nonce, printed.text().encode(), installation)


def unseal(sealed: bytes, installation: bytes) -> Printed:
    """Open it again; LabelError if another server sealed it."""
    try:
        text = _cipher().decrypt(sealed[:_NONCE], sealed[_NONCE:], installation)
    except InvalidTag:
        raise LabelError(
            "The label was sealed under another secret key: restore the server's secret-key file"
        ) from None
    return Printed.read(text.decode())


def _cipher() -> AESGCM:
    return AESGCM(salted_hmac("nyckelfri.label", "", algorithm="sha256").digest())
