"""Proving that the audit log is the one that was written.

House rules: reads only, row by row in the order of the chain, so that memory does not grow
with the log. The first broken row is named with what is wrong with it; what was noted of
the chain elsewhere is held against it. A chain made anew as a whole is found by notes alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from nyckelfri.cbor import CborError
from nyckelfri.server.audit import chain
from nyckelfri.server.audit.models import AuditCut, AuditEvent, AuditLink
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.audit.witness import Note

_CHUNK = 2000


class Wrong(StrEnum):
    """What can be wrong with a row."""

    MISSING = "missing"
    EDITED = "edited"
    INSERTED = "inserted"
    REORDERED = "reordered"
    REWRITTEN = "rewritten"
    CUT_TAIL = "cut tail"
    UNEXPLAINED_CUT = "unexplained cut"


@dataclass(frozen=True, slots=True)
class Fault:
    """The first broken row: its number in the chain, what is wrong, and that in words."""

    number: int
    wrong: Wrong
    text: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What was proven: `first` to `last` hang together; `fault` is None where all does.

    `held` notes are in the chain; `gone` ones lie in what retention has taken away.
    """

    first: int
    last: int
    head: bytes
    fault: Fault | None = None
    held: Sequence[Note] = ()
    gone: Sequence[Note] = ()


class _Row(NamedTuple):
    number: int
    head: bytes
    leaf: bytes
    content: chain.Content

    @property
    def true_to_its_leaf(self) -> bool:
        try:
            return chain.leaf(self.content) == self.leaf
        except (ValueError, CborError):
            return False


@dataclass(slots=True)
class _Walk:
    """Where the proof stands: the head at `number`, and the head one row before."""

    number: int
    head: bytes
    before: bytes | None = None
    notes: dict[int, list[Note]] = field(default_factory=dict)
    anywhere: list[Note] = field(default_factory=list)
    held: list[Note] = field(default_factory=list)


def expected_rows() -> int:
    """About how many rows a proof will read, for a bar of progress."""
    last = AuditLink.objects.order_by("-number").values_list("number", flat=True).first() or 0
    cut = AuditCut.objects.order_by("-number").values_list("number", flat=True).first() or 0
    return max(0, last - cut)


def prove(notes: Iterable[Note] = (), *, on_row: Callable[[int], None] = lambda _: None) -> Proof:
    """Walk the whole chain and hold `notes` against it; `on_row` hears how many rows are done."""
    cut = AuditCut.objects.order_by("-number").first()
    walk = _Walk(0, chain.GENESIS) if cut is None else _Walk(cut.number, bytes(cut.head))
    start = walk.number
    gone = []
    for note in notes:
        if note.number is None:
            walk.anywhere.append(note)
        elif note.number < start:
            gone.append(note)
        else:
            walk.notes.setdefault(note.number, []).append(note)
    fault = _hold_notes(walk)
    explained = cut is None
    rows = _ahead(_rows())
    for done, (row, following) in enumerate(rows, 1):
        if fault is not None:
            break
        fault = _judge(walk, row, following)
        if fault is not None:
            break
        walk.before, walk.head, walk.number = walk.head, row.head, row.number
        if cut is not None and not explained:
            explained = _explains(row.content, cut)
        fault = _hold_notes(walk)
        on_row(done)
    fault = fault or _afterwards(walk, start, explained=explained)
    return Proof(start + 1, walk.number, walk.head, fault, tuple(walk.held), tuple(gone))


def _rows() -> Iterator[_Row]:
    columns = ("at", "actor", "origin", "verb", "object_id", "reason", "details")
    found = AuditLink.objects.order_by("number").values_list(
        "number", "head", "event__leaf", *(f"event__{column}" for column in columns)
    )
    for number, head, leaf, *said in found.iterator(chunk_size=_CHUNK):
        yield _Row(number, bytes(head), bytes(leaf), chain.Content(*said))


def _ahead(rows: Iterator[_Row]) -> Iterator[tuple[_Row, _Row | None]]:
    """Give each row with the one that follows it."""
    row = next(rows, None)
    while row is not None:
        following = next(rows, None)
        yield row, following
        row = following


def _judge(walk: _Walk, row: _Row, following: _Row | None) -> Fault | None:
    due = walk.number + 1
    if row.number != due:
        return _fault(due, Wrong.MISSING, f"rows {due} to {row.number - 1} are missing")
    if not row.true_to_its_leaf:
        return _fault(due, Wrong.EDITED, f"row {due} does not say what it said: {_says(row)}")
    if chain.next_head(walk.head, row.leaf) == row.head:
        return None
    if following is not None:
        skipping = chain.next_head(walk.head, following.leaf)
        back = chain.next_head(following.head, row.leaf)
        if skipping == row.head or (skipping == following.head and back == row.head):
            text = f"rows {due} and {following.number} have changed places"
            return _fault(due, Wrong.REORDERED, text)
        if skipping == following.head:
            return _fault(due, Wrong.INSERTED, f"row {due} was put in: {_says(row)}")
    if walk.before is not None and chain.next_head(walk.before, row.leaf) == row.head:
        return _fault(
            walk.number, Wrong.INSERTED, f"row {walk.number} was put in before: {_says(row)}"
        )
    text = (
        f"row {due} does not follow from the row before it: it was rewritten or put in, or a "
        f"row before it was taken out: {_says(row)}"
    )
    return _fault(due, Wrong.REWRITTEN, text)


def _hold_notes(walk: _Walk) -> Fault | None:
    """Hold what was noted at this number against the head here."""
    if walk.anywhere:
        found = [note for note in walk.anywhere if note.head == walk.head]
        walk.held += found
        walk.anywhere = [note for note in walk.anywhere if note.head != walk.head]
    for note in walk.notes.pop(walk.number, ()):
        if note.head != walk.head:
            known = max((held.number or 0 for held in walk.held), default=0)
            text = (
                f"row {walk.number} is not the one that was noted{_when(note)}: the chain was "
                f"made anew somewhere from row {known + 1} to {walk.number}"
            )
            return _fault(walk.number, Wrong.REWRITTEN, text)
        walk.held.append(note)
    return None


def _afterwards(walk: _Walk, start: int, *, explained: bool) -> Fault | None:
    """What shows when the last row is read."""
    if walk.notes:
        number, (note, *_) = max(walk.notes.items())
        text = (
            f"the tail is cut: the log ends at row {walk.number}, and row {number} was noted"
            f"{_when(note)}"
        )
        return _fault(walk.number + 1, Wrong.CUT_TAIL, text)
    if walk.anywhere:
        text = (
            f"a head noted{_when(walk.anywhere[0])} is not in the log: its tail was cut or its "
            "rows were made anew"
        )
        return _fault(walk.number + 1, Wrong.CUT_TAIL, text)
    if not explained:
        text = f"rows up to {start} were taken out, and no row of the log says so"
        return _fault(start, Wrong.UNEXPLAINED_CUT, text)
    beside = AuditEvent.objects.filter(link=None).order_by("pk").first()
    if beside is not None:
        text = f"a row stands beside the chain (id {beside.pk}): {beside}"
        return _fault(walk.number + 1, Wrong.INSERTED, text)
    return None


def _explains(said: chain.Content, cut: AuditCut) -> bool:
    return said.verb == Verb.AUDIT_PURGE.value and (
        said.details.get("through"),
        said.details.get("head"),
    ) == (cut.number, bytes(cut.head).hex())


def _fault(number: int, wrong: Wrong, text: str) -> Fault:
    return Fault(number, wrong, text)


def _when(note: Note) -> str:
    return f" at {note.at}" if note.at else ""


def _says(row: _Row) -> str:
    said = row.content
    return f"{said.at:%Y-%m-%dT%H:%M:%SZ} {said.actor} {said.verb} {said.object_id}"
