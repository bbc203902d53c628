"""The newest head of the chain, noted outside the database.

House rules: who administers the database can make a whole chain anew, but not what has been
noted elsewhere. The server notes a head after a commit, at most once a minute, in a file
beside its keys; people note heads wherever they like (`nyckelfri audit head`). A note is one
line: number, head in hex, moment. A note that the chain denies is never written over.
"""

from __future__ import annotations

import fcntl
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from nyckelfri.server import whole_files
from nyckelfri.server.audit.models import AuditCut, AuditLink

EVERY = timedelta(minutes=1)
NAME = "last-audit-head"
_NOTE = re.compile(r"(?:(\d{1,18})[ :])?([0-9a-f]{64})(?: (\S{1,40}))?")
_MAX = 4096
_log = logging.getLogger(__name__)
_last: dict[Path, datetime] = {}


class WitnessError(Exception):
    """A note cannot be read; the text says which and what to do."""


@dataclass(frozen=True, slots=True)
class Note:
    """The chain had `head` at `number`; no number where only the head was noted."""

    number: int | None
    head: bytes
    at: str = ""

    @classmethod
    def parse(cls, line: str) -> Note:
        """Read "NUMBER HEX [MOMENT]", "NUMBER:HEX" or "HEX"; WitnessError."""
        found = _NOTE.fullmatch(line.strip().lower())
        if found is None:
            raise WitnessError(
                "A noted head reads like `1234 <64 hex digits>`, as `nyckelfri audit head` prints"
            )
        number = None if found[1] is None else int(found[1])
        return cls(number, bytes.fromhex(found[2]), (found[3] or "").upper())

    @property
    def line(self) -> str:
        """The note as it is printed and kept."""
        number = [] if self.number is None else [str(self.number)]
        return " ".join([*number, self.head.hex(), *([self.at] if self.at else [])])


def path() -> Path:
    """Where this server notes its heads: beside the watermark of its bulletins."""
    return Path(settings.DATA) / "keys" / NAME


def read() -> Note | None:
    """Give what is noted here, None where nothing is; WitnessError if it is damaged."""
    try:
        with path().open(encoding="ascii", errors="replace") as file:
            return Note.parse(file.read(_MAX))
    except FileNotFoundError:
        return None
    except WitnessError:
        raise WitnessError(
            f"{path()} is damaged: restore it from a copy, or remove it when you know why"
        ) from None


def head(now: datetime) -> Note | None:
    """Give the newest head of the chain; None while the log is empty."""
    link = AuditLink.objects.order_by("-number").first()
    if link is None:
        return None
    return Note(link.number, bytes(link.head), f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")


def agrees(note: Note) -> bool | None:
    """Whether the chain has this head at this number; None where retention has taken it away."""
    rows = AuditLink.objects.filter(head=note.head)
    if note.number is None:
        return rows.exists() or AuditCut.objects.filter(head=note.head).exists()
    if rows.filter(number=note.number).exists():
        return True
    cut = AuditCut.objects.order_by("-number").first()
    if cut is None or note.number > cut.number:
        return False
    return bytes(cut.head) == note.head if cut.number == note.number else None


def note(now: datetime) -> bool:
    """Note the newest head, if the chain still has the one noted before; whether it has."""
    newest = head(now)
    with _gate():
        held = read()
        if held is not None and agrees(held) is False:
            return False
        if newest is not None and (held is None or (held.number or 0) < (newest.number or 0)):
            _write(newest)
    return True


def replace(now: datetime) -> Note | None:
    """Note the newest head whatever was noted; give what was. Only for `accept`."""
    newest = head(now)
    with _gate():
        held = read()
        if newest is not None:
            _write(newest)
    return held


def after_commit(now: datetime) -> None:
    """Note the head when this transaction is committed, unless one was noted within a minute."""
    last = _last.get(settings.DATA)
    if last is None or abs(now - last) >= EVERY:
        # No `partial`: Django asks for the name of what has failed, which a partial lacks.
        transaction.on_commit(lambda: _note_quietly(now), robust=True)


def _note_quietly(now: datetime) -> None:
    """Note the head; what goes wrong goes to the server's log and stops no deed."""
    _last[settings.DATA] = now
    if not note(now):
        _log.error("The audit log lacks a head noted before: run `nyckelfri audit verify`")


@contextmanager
def _gate() -> Iterator[None]:
    """One process at a time: the lower of two numbers must not have the last word."""
    path().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path().with_name(f".{NAME}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _write(newest: Note) -> None:
    whole_files.write(path(), f"{newest.line}\n".encode("ascii"))
