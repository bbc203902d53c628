"""A letter as a PDF that a screen reader can read aloud (PDF/UA-1, ISO 14289-1).

House rules: typst does the setting; no font, package or file is fetched. The same letter
at the same moment is the same bytes.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final

import typst

from nyckelfri.server.letters.content import Letter

FONT: Final = "Libertinus Serif"
"""Comes with typst, so that a letter looks the same on every machine."""
_TEMPLATE: Final = Path(__file__).parent / "letter.typ"


class LetterError(Exception):
    """The letter could not be set; the text says what to do."""


def render(letter: Letter, now: datetime) -> bytes:
    """The letter as PDF; LetterError if it cannot be made.

    A character that the font lacks becomes a question mark: the population register
    writes names in Latin letters, and a letter with a gap is better than none.
    """
    data = json.dumps({**asdict(letter), "font": FONT}, ensure_ascii=False)
    try:
        return _compiled(data, now)
    except typst.TypstError:
        pass
    try:
        return _compiled("".join(_known(each) for each in data), now)
    except typst.TypstError:
        # Its message quotes the text, which is somebody's name.
        raise LetterError("The letter could not be made: report the client's number") from None


def _compiled(data: str, now: datetime) -> bytes:
    made = typst.compile(
        _template(),
        sys_inputs={"letter": data},
        format="pdf",
        pdf_standards="ua-1",
        ignore_system_fonts=True,
        timestamp=now.replace(microsecond=0),
    )
    if not isinstance(made, bytes):
        raise LetterError("The letter became several files: report the client's number")
    return made


def _known(character: str) -> str:
    """A character of the Latin, Greek and Cyrillic scripts or their punctuation, or "?"."""
    code = ord(character)
    return character if code < 0x530 or 0x1E00 <= code < 0x2070 else "?"


@cache
def _template() -> bytes:
    return _TEMPLATE.read_bytes()
