"""What differs between two versions of a provider's statement, line by line and visit by visit.

House rules: the same visit is known by its name; what is the same in both is not told.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from nyckelfri.care.pay import StatementLine, Why

if TYPE_CHECKING:
    from nyckelfri.care.pay import Ground, Per, Statement

_What = tuple[str, str, "Ground", "Per", Decimal, Decimal]


class Part(NamedTuple):
    """What a visit brings to a line, in seconds; or why it brings nothing."""

    of: StatementLine | Why
    seconds: int


class LineChange(NamedTuple):
    """A line before and after; None where there is none."""

    before: StatementLine | None
    after: StatementLine | None


class VisitChange(NamedTuple):
    """A visit before and after; empty where the statement does not know of it."""

    ref: str
    client_id: str
    day: date
    before: tuple[Part, ...]
    after: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """All that differs; lines in the order of the newer statement, visits in order of days."""

    lines: tuple[LineChange, ...]
    visits: tuple[VisitChange, ...]


def changes(before: Statement, after: Statement) -> Changes:
    """Compare two statements of one provider's month."""
    return Changes(tuple(_lines(before, after)), tuple(_visits(before, after)))


def _lines(before: Statement, after: Statement) -> list[LineChange]:
    old, new = ({_what(line): line for line in each.lines} for each in (before, after))
    pairs = [LineChange(old.get(what), new.get(what)) for what in {**new, **old}]
    return [pair for pair in pairs if _amount(pair.before) != _amount(pair.after)]


def _what(line: StatementLine) -> _What:
    """What makes a line the same in two statements, whatever its number."""
    return (line.service, line.area, line.ground, line.per, line.price, line.percent)


def _amount(line: StatementLine | None) -> tuple[int, Decimal] | None:
    return None if line is None else (line.quantity, line.amount)


def _visits(before: Statement, after: Statement) -> list[VisitChange]:
    (old, known), (new, newer) = _parts(before), _parts(after)
    known.update(newer)
    differ = (ref for ref in known if _said(old[ref]) != _said(new[ref]))
    return sorted(
        (VisitChange(ref, *known[ref], tuple(old[ref]), tuple(new[ref])) for ref in differ),
        key=lambda change: (change.day, change.ref),
    )


def _parts(
    of: Statement,
) -> tuple[defaultdict[str, list[Part]], dict[str, tuple[str, date]]]:
    """What each visit brings, and whose and when it was."""
    parts: defaultdict[str, list[Part]] = defaultdict(list)
    known: dict[str, tuple[str, date]] = {}
    for line in of.lines:
        for trace in line.traces:
            parts[trace.ref].append(Part(line, trace.seconds))
            known[trace.ref] = (trace.client_id, trace.day)
    for unpaid in of.unpaid:
        parts[unpaid.ref].append(Part(unpaid.why, 0))
        known[unpaid.ref] = (unpaid.client_id, unpaid.day)
    return parts, known


def _said(parts: list[Part]) -> set[tuple[_What | Why, int]]:
    return {
        (part.of if isinstance(part.of, Why) else _what(part.of), part.seconds) for part in parts
    }
