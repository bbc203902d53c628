"""Secrets of second steps, sealed before they reach the database.

House rules: the key comes from the server's secret key, which lies in a file beside the
database and not in it, so that a stolen copy of the database makes no codes.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_INFO = b"nyckelfri second step 1"


def seal(text: str) -> str:
    """Give `text` as only this server can read it."""
    return _box().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Give back what was sealed; InvalidToken when the secret key is another."""
    return _box().decrypt(sealed.encode()).decode()


def _box() -> Fernet:
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=_INFO)
    key = derive.derive(str(settings.SECRET_KEY).encode())
    return Fernet(base64.urlsafe_b64encode(key))
