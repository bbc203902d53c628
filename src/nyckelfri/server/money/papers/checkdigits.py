"""Check digits: Luhn's, for payment references, bankgiro and organisations, and that of a GLN."""

from __future__ import annotations

import re
from typing import Final

_ORGANISATION: Final = re.compile(r"([0-9]{6})-?([0-9]{4})")
_GLN: Final = re.compile(r"[0-9]{13}")
_BANKGIRO: Final = re.compile(r"([0-9]{3,4})-?([0-9]{4})")


def luhn(digits: str) -> int:
    """The digit that `digits` (0-9 only) are to be followed by."""
    doubled = (int(each) * (2 - place % 2) for place, each in enumerate(reversed(digits)))
    return -sum(value // 10 + value % 10 for value in doubled) % 10


def fits(digits: str) -> bool:
    """Whether the last digit is the check digit of those before it."""
    return len(digits) > 1 and digits.isascii() and digits.isdigit() and (
        luhn(digits[:-1]) == int(digits[-1])
    )  # fmt: skip


def payment_reference(number: int) -> str:
    """The OCR number of an invoice: its number, a length digit and a check digit.

    Both digits make it pass all of Bankgirot's levels of checking; ValueError below 1.
    """
    if number < 1:
        raise ValueError("an invoice number is 1 or more")
    digits = f"{number}{(len(str(number)) + 2) % 10}"
    return f"{digits}{luhn(digits)}"


def organisation(number: str) -> str:
    """The ten digits of an organisation number, with or without hyphen; ValueError if it is none.

    A sole trader's is their own personal number; it has the same form.
    """
    found = _ORGANISATION.fullmatch(number)
    if not found or not fits(digits := "".join(found.groups())):
        raise ValueError("an organisation number is ten digits, the last one a check digit")
    return digits


def bankgiro(number: str) -> str:
    """The seven or eight digits of a bankgiro number; ValueError if it is none."""
    found = _BANKGIRO.fullmatch(number)
    if not found or not fits(digits := "".join(found.groups())):
        raise ValueError("a bankgiro number is seven or eight digits, the last one a check digit")
    return digits


def gln(number: str) -> str:
    """The thirteen digits of a global location number; ValueError if it is none."""
    if _GLN.fullmatch(number):
        weighed = (int(each) * (1 + 2 * (place % 2)) for place, each in enumerate(number))
        if sum(weighed) % 10 == 0:
            return number
    raise ValueError("a GLN is thirteen digits, the last one a check digit")
