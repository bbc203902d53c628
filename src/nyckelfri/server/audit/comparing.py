"""The database held against its copies: what was copied is still there, and says the same.

House rules: reads only, a segment at a time. Of each kind the first difference is told, by its
number and columns, never by what stands in them. What retention may have cut is no difference:
audit rows before the cut and older than they must be kept, salts and bodies of journals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Final

from nyckelfri.server.audit import copied, copies
from nyckelfri.server.audit.actions_keep import KEEP
from nyckelfri.server.audit.copied import Row
from nyckelfri.server.audit.models import AuditCut

COPIES: Final = "copies"
"""The kind of a difference that is in the copies themselves."""
_CHUNK: Final = 500
_RETAINED: Final = ("salt", "body")


@dataclass(slots=True)
class Comparison:
    """What came of it: the first difference of each kind, none where all is the same."""

    segments: int = 0
    rows: int = 0
    differences: dict[str, str] = field(default_factory=dict)

    def add(self, kind: str, text: str) -> None:
        """Keep the first of each kind."""
        if text:
            self.differences.setdefault(kind, text)


def compare(
    directory: Path, now: datetime, *, on_row: Callable[[int, int], None] = lambda *_: None
) -> Comparison:
    """Hold the database against all that was copied; `on_row` hears rows done and of how many."""
    made = Comparison()
    found = copies.segments(directory)
    try:
        copies.require_noted(directory)
    except copies.CopyError as error:
        made.add(COPIES, str(error))
    if not found:
        made.add(COPIES, f"{directory} holds no copies")
    cut = AuditCut.objects.order_by("-number").values_list("number", flat=True).first() or 0
    before, due = copies.GENESIS, 1
    for segment in found:
        if segment.first != due:
            made.add(COPIES, f"{segment.path.name} begins where line {due} should stand")
        try:
            header, rows = copies.read(segment)
        except copies.CopyError as error:
            made.add(COPIES, str(error))
        else:
            if header.before != before:
                made.add(COPIES, f"{segment.path.name} does not follow the segment before it")
            try:
                for kind, text in _differences(rows, cut, now - KEEP):
                    made.add(kind, text)
            except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
                made.add(COPIES, f"{segment.path.name} holds rows that this program cannot read")
            made.rows += len(rows)
        made.segments += 1
        on_row(made.rows, found[-1].last)
        before, due = segment.digest, segment.last + 1
    return made


def _differences(rows: Sequence[Row], cut: int, old: datetime) -> Iterator[tuple[str, str]]:
    for name, group in groupby(rows, lambda row: row["of"]):
        stream = copied.stream(name)
        of_stream = list(group)
        for start in range(0, len(of_stream), _CHUNK):
            chunk = of_stream[start : start + _CHUNK]
            here = stream.at([row["number"] for row in chunk])
            for row in chunk:
                yield stream.kind, _difference(row, here.get(row["number"]), cut, old)


def _difference(row: Row, here: Row | None, cut: int, old: datetime) -> str:
    """Say how a copied row and the one in the database differ; nothing if they do not."""
    which = f"{row['of']} {row['number']}"
    if here is None:
        may_go = row["of"] == copied.AUDIT and row["number"] <= cut
        if may_go and datetime.fromisoformat(row["at"]) < old:
            return ""
        return f"{which} is not in the database"
    if here.get("body", "") is None:
        row = {**row, **dict.fromkeys(_RETAINED)}
    wrong = [name for name in sorted(row) if copied.text(row[name]) != copied.text(here.get(name))]
    return f"{which} differs in {', '.join(wrong)}" if wrong else ""
