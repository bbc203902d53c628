"""Papers as PDF that a screen reader can read aloud (PDF/UA-1, ISO 14289-1).

House rules: typst does the setting; no font, package or file is fetched. What a paper says comes
as data (`sys.inputs.data`, JSON), never as markup. The same data at the same moment is the same
bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final

import typst

FONT: Final = "Libertinus Serif"
"""Comes with typst, so that a paper looks the same on every machine."""


class TypesetError(Exception):
    """The paper could not be set; the text quotes nothing of it, since it may name somebody."""


def pdf(template: Path, data: Mapping[str, object], now: datetime, *parts: Path) -> bytes:
    """The template filled with the data, behind what it has in common with others.

    TypesetError if it cannot be made.

    A character that the font lacks becomes a question mark: the population register
    writes names in Latin letters, and a paper with a gap is better than none.
    """
    text = json.dumps({**data, "font": FONT}, ensure_ascii=False)
    for attempt in (text, "".join(_known(each) for each in text)):
        try:
            made = typst.compile(
                b"\n".join(_read(each) for each in (*parts, template)),
                sys_inputs={"data": attempt},
                format="pdf",
                pdf_standards="ua-1",
                ignore_system_fonts=True,
                timestamp=now.replace(microsecond=0),
            )
        except typst.TypstError:
            continue
        if isinstance(made, bytes):
            return made
    raise TypesetError("typst could not set the paper")


def _known(character: str) -> str:
    """A character of the Latin, Greek and Cyrillic scripts or their punctuation, or "?"."""
    code = ord(character)
    return character if code < 0x530 or 0x1E00 <= code < 0x2070 else "?"


@cache
def _read(template: Path) -> bytes:
    return template.read_bytes()
