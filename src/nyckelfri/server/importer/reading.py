"""From a file's bytes to its rows: limits, encoding, and the shape of the CSV.

House rules: a line number is the physical line on which a row begins, also after
line breaks inside quotation marks. UTF-8 with or without BOM, else Windows-1252.
Nothing here knows what a column means.
"""

from __future__ import annotations

import contextlib
import csv
import io
import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nyckelfri.server.importer.faults import Faults

MAX_BYTES = 64 * 1024 * 1024
MAX_LINES = 1_000_000
_BOM = b"\xef\xbb\xbf"
_MEGABYTE = 1024 * 1024
# å, ä, ö, é and their capitals in UTF-8, read as Windows-1252: never Swedish.
_MOJIBAKE = re.compile("Ã[¥¤¶©…„\u2013‰]")


@dataclass(slots=True)
class RawTable:
    """The header of a file and its rows, each with the line it begins on."""

    header: list[str] = field(default_factory=list)
    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    whole: bool = True
    """Whether every row was read, so that a missing one can be said to be missing."""


def read_bytes(path: Path, faults: Faults) -> bytes | None:
    """Give the bytes of an ordinary file within the limit, or note why not."""
    content = None
    # Opening a pipe or a device could wait for ever.
    if path.is_file():
        with contextlib.suppress(OSError), path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    if content is None:
        faults.add(path.name, 0, "", "unreadable_file")
        return None
    if len(content) > MAX_BYTES:
        faults.add(path.name, 0, "", "file_too_large", limit=MAX_BYTES // _MEGABYTE)
        return None
    return content


def _line_of(content: bytes, position: int) -> int:
    """Count the physical line that `position` is on."""
    before = content[:position]
    return 1 + before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n")


def decode(name: str, content: bytes, faults: Faults) -> str | None:
    """Decode a file, or note which line cannot be decoded."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        faults.add(name, 0, "", "utf16")
        return None
    marked = content.startswith(_BOM)
    content = content.removeprefix(_BOM)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as problem:
        if marked:
            # The BOM says UTF-8; reading it as anything else would be a guess.
            faults.add(name, _line_of(content, problem.start), "", "encoding")
            return None
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError as problem:
        faults.add(name, _line_of(content, problem.start), "", "encoding")
        return None
    mixed = _MOJIBAKE.search(text)
    if mixed is not None:
        # One byte a character in Windows-1252, so positions in text and bytes agree.
        faults.add(name, _line_of(content, mixed.start()), "", "mixed_encoding")
        return None
    return text


def _rows(name: str, text: str, raw: RawTable, faults: Faults) -> Iterator[tuple[int, list[str]]]:
    """Give each row with its line; note rows whose quotation marks are wrong."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True)
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            raw.whole = False
            complaint = str(problem)
            if "expected after" in complaint:
                # Only this row is lost: the reader goes on with the next line.
                faults.add(name, line, "", "stray_quote")
                continue
            large = "field larger" in complaint
            faults.add(name, line, "", "field_too_large" if large else "unclosed_quote")
            return
        if line > MAX_LINES:
            raw.whole = False
            faults.add(name, line, "", "too_many_lines", limit=MAX_LINES)
            return
        if fields:
            yield line, fields


def parse(name: str, content: bytes, faults: Faults) -> RawTable | None:
    """Split a file into header and rows; None when nothing of it can be used."""
    text = decode(name, content, faults)
    if text is None:
        return None
    raw = RawTable()
    rows = _rows(name, unicodedata.normalize("NFC", text), raw, faults)
    _, header = next(rows, (1, []))
    if not raw.whole:
        return None
    if not header:
        faults.add(name, 0, "", "empty_file")
        return None
    raw.header = [title.strip() for title in header]
    raw.rows = list(rows)
    return raw
