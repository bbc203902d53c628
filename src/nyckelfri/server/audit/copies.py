"""Copies of the log, journals, invoices and statements on another disk, in segments.

House rules: a segment is only ever added: compressed lines of JSON under a name that says its
first and last line and its SHA-256. Its first line names the segment before it and how far each
stream has come, so that the newest segment is all that a copy has to read. What does not follow
from what was copied before is refused, never copied over. Files are their owner's only (0600).
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Final, NamedTuple

from django.conf import settings

from nyckelfri.server import turns, whole_files
from nyckelfri.server.audit import copied, witness
from nyckelfri.server.audit.copied import Row
from nyckelfri.server.audit.witness import Note

GENESIS: Final = hashlib.sha256(b"nyckelfri copies 1").hexdigest()
"""What stands before the first segment."""
_FORMAT: Final = 1
_MOST_ROWS: Final = 20_000
_MOST_TEXT: Final = 16 * 1024 * 1024
_TOO_LARGE: Final = 4 * _MOST_TEXT
_NAME: Final = re.compile(r"(\d{12})-(\d{12})-([0-9a-f]{64})\.jsonl\.gz")


class CopyError(Exception):
    """Copies that are gone, damaged, or of another log; the text says which and what to do."""


class Segment(NamedTuple):
    """A file of copies, by what its name says; in the order of the lines."""

    first: int
    last: int
    digest: str
    path: Path


@dataclass(frozen=True, slots=True)
class Header:
    """The first line of a segment; `through` and `head` are as of its last line."""

    format: int
    before: str
    first: int
    last: int
    made_at: str
    through: dict[str, int]
    head: str
    """The head of the audit log at the last row of it that was copied."""


_NOTHING: Final = Header(_FORMAT, "", 1, 0, "", {}, "")


def copy_by_itself(now: datetime) -> None:
    """Copy to where the settings say, if anywhere; a round calls it."""
    if settings.COPIES is not None:
        copy(settings.COPIES, now)


def copy(directory: Path, now: datetime, *, on_row: Callable[[int], None] = lambda _: None) -> int:
    """Add what is new since the last copy; how many rows. CopyError, OSError."""
    count = 0
    with turns.kept(turns.Turn.COPIES):
        header, digest = _newest(directory)
        _require_same_log(header)
        rows = _new(dict(header.through))
        while portion := _portion(rows):
            header = _following(header, digest, portion, now)
            digest = _add(directory, header, [line for _, line in portion])
            count += len(portion)
            on_row(count)
    return count


def segments(directory: Path) -> list[Segment]:
    """Give what was copied, in order; OSError where the directory cannot be read."""
    found = [(_NAME.fullmatch(path.name), path) for path in directory.iterdir()]
    return sorted(
        Segment(int(name[1]), int(name[2]), name[3], path) for name, path in found if name
    )


def read(segment: Segment) -> tuple[Header, list[Row]]:
    """Give what a segment holds; CopyError if it is not what was written under its name."""
    with segment.path.open("rb") as file:
        data = file.read(_TOO_LARGE)
    if hashlib.sha256(data).hexdigest() != segment.digest:
        raise CopyError(f"{segment.path.name} was changed: it is not what its name says")
    try:
        with gzip.open(BytesIO(data)) as unpacked:
            first, *lines = unpacked.read(_TOO_LARGE).decode().splitlines()
        header = Header(**json.loads(first))
        rows = [json.loads(line) for line in lines]
    except (EOFError, OSError, TypeError, ValueError, zlib.error):
        raise CopyError(f"{segment.path.name} does not hold copies") from None
    said = (header.format, header.first, header.last, len(rows))
    if said != (_FORMAT, segment.first, segment.last, segment.last - segment.first + 1):
        raise CopyError(f"{segment.path.name} holds other lines than its name says")
    return header, rows


def require_noted(directory: Path) -> None:
    """CopyError if the segment that this server added last is not there."""
    noted = _notes().get(str(directory.resolve()))
    if noted is not None and not (directory / noted).exists():
        raise CopyError(
            f"{noted} was added last and is gone from {directory}: is the right disk there? "
            "If the copies are gone for good, copy to another directory"
        )


def _newest(directory: Path) -> tuple[Header, str]:
    """Give where a copy goes on."""
    found = segments(directory)
    require_noted(directory)
    if not found:
        return _NOTHING, GENESIS
    header, _ = read(found[-1])
    return header, found[-1].digest


def _require_same_log(header: Header) -> None:
    """A database that was restored or made anew must not go on in the old one's copies."""
    if not header.head:
        return
    note = Note(header.through[copied.AUDIT], bytes.fromhex(header.head))
    if witness.agrees(note) is False:
        raise CopyError(
            f"The audit log lacks row {note.number}, which was copied: see `nyckelfri audit "
            "compare`. After a restored backup keep these copies and copy to another directory"
        )


def _new(through: dict[str, int]) -> Iterator[Row]:
    for stream in copied.streams():
        yield from stream.after(through.get(stream.name, 0))


def _portion(rows: Iterator[Row]) -> list[tuple[Row, str]]:
    """Take as many rows, with their lines, as a segment holds."""
    taken: list[tuple[Row, str]] = []
    size = 0
    while len(taken) < _MOST_ROWS and size < _MOST_TEXT and (row := next(rows, None)):
        line = copied.text(row)
        taken.append((row, line))
        size += len(line)
    return taken


def _following(
    before: Header, digest: str, portion: list[tuple[Row, str]], now: datetime
) -> Header:
    rows = [row for row, _ in portion]
    heads = [bytes(row["head"]).hex() for row in rows if row["of"] == copied.AUDIT]
    return replace(
        before,
        before=digest,
        first=before.last + 1,
        last=before.last + len(rows),
        made_at=now.astimezone(UTC).isoformat(),
        through={**before.through, **{row["of"]: row["number"] for row in rows}},
        head=heads[-1] if heads else before.head,
    )


def _add(directory: Path, header: Header, lines: list[str]) -> str:
    """Write a segment, whole or not at all; its digest."""
    text = "\n".join([copied.text(asdict(header)), *lines, ""])
    data = gzip.compress(text.encode(), compresslevel=6, mtime=0)
    digest = hashlib.sha256(data).hexdigest()
    path = directory / f"{header.first:012}-{header.last:012}-{digest}.jsonl.gz"
    whole_files.write(path, data)
    known = {**_notes(), str(directory.resolve()): path.name}
    noted = _noted_at()
    noted.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    whole_files.write(noted, json.dumps(known, indent=1).encode())
    return digest


def _noted_at() -> Path:
    """Where this server notes its newest segments: beside the head of the log."""
    return witness.path().with_name("last-copies")


def _notes() -> dict[str, str]:
    """The newest segment that was added to each directory."""
    try:
        notes: dict[str, str] = json.loads(_noted_at().read_bytes())
    except FileNotFoundError:
        return {}
    except ValueError:
        raise CopyError(
            f"{_noted_at()} is damaged: restore it, or remove it when you know why"
        ) from None
    return notes
