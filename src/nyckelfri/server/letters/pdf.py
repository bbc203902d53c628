"""A letter to a client as a PDF."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Final

from nyckelfri.server import typeset
from nyckelfri.server.letters.content import Letter

_TEMPLATE: Final = Path(__file__).parent / "letter.typ"


class LetterError(Exception):
    """The letter could not be set; the text says what to do."""


def render(letter: Letter, now: datetime) -> bytes:
    """The letter as PDF (`typeset`); LetterError if it cannot be made."""
    try:
        return typeset.pdf(_TEMPLATE, asdict(letter), now)
    except typeset.TypesetError:
        raise LetterError("The letter could not be made: report the client's number") from None
