"""Enrolment codes: short enough to type, long enough not to guess.

House rules: values in, values out; randomness and the keyed hash are parameters.
A code is ten characters. The first four only say which phone it is for, so that
wrong tries can be counted against that one code; the other six (30 bits, five
tries, fifteen minutes) are the secret.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Final

ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Letters and digits that nobody mistakes for another: no I, O, 0 or 1."""
LENGTH: Final = 10
_SELECTOR: Final = 4
LIFETIME: Final = timedelta(minutes=15)
MAX_TRIES: Final = 5

_TO_OURS: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", ALPHABET)


def selector(phone: bytes) -> str:
    """The first four characters of every code for the phone with this 8-byte id."""
    return base64.b32encode(phone).decode().translate(_TO_OURS)[:_SELECTOR]


def make(phone: bytes, choose: Callable[[str], str]) -> str:
    """A new code for this phone; `choose` picks one character at random."""
    return selector(phone) + "".join(choose(ALPHABET) for _ in range(LENGTH - _SELECTOR))


def show(code: str) -> str:
    """The code as people read it aloud: `ABCD-EFG-HJK`."""
    return f"{code[:4]}-{code[4:7]}-{code[7:]}"


def normalise(typed: str) -> str | None:
    """The code somebody typed, without case, blanks and hyphens; None if it is none."""
    code = "".join(typed.split()).replace("-", "").upper()
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else None


def selector_of(code: str) -> str:
    """The part of a code that says which phone it is for."""
    return code[:_SELECTOR]
