"""Charts as SVG: bars, columns and lines, of numbers and the words that go with them.

House rules: values in, markup out. x is in percent and y in pixels, without a view box, so that
words keep their size on a narrow screen. No style, no script, no address: colours are the
console's, by class (`charts.css`), and what differs in colour differs in form too. A chart is
one picture to whoever cannot see it, with a title and a sentence that says what it shows; the
numbers stand in a table beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from math import ceil
from typing import Final, NamedTuple

from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString

Number = Decimal | int
KINDS: Final = ("one", "two")
"""Classes of what is shown first and second: filled, and hollow or dashed."""

_LINE = 20
"""Height of a line of words."""
_BAR = 14
_GAP = 10
_LONGEST = 76
"""How much of the width the longest bar takes; its number stands after it."""
_PLOT = 170
_LEFT, _RIGHT = 13, 97
"""Between them lie the points of a line chart; numbers of its scale stand to the left."""
_UNDER = 17
"""How far under the ground its words stand."""
_NARROW, _LETTER = 270, 8
"""Width of a chart on a small phone, and of a letter, in pixels."""
_MOST_STEPS = 5


class Said(NamedTuple):
    """What a chart is called, and what it shows in a sentence; `name` is its own on the page."""

    name: str
    title: str
    sentence: str


class Bar(NamedTuple):
    """A row of bars: a number for each kind and how it is written, or none."""

    label: str
    values: tuple[tuple[Number, str], ...]


class Column(NamedTuple):
    """A column on the ground, with its label under it and its number above."""

    label: str
    value: int


class Point(NamedTuple):
    """A place along a line chart: a number for each kind, or None where there is none."""

    label: str
    values: tuple[Number | None, ...]


class Mark(NamedTuple):
    """A level to hold a line against."""

    value: Number
    label: str


def bars(said: Said, rows: Sequence[Bar], kinds: Sequence[str] = ()) -> SafeString:
    """Bars that lie, each row's words above; `kinds` names what they are where that is two."""
    most = max((value for row in rows for value, _ in row.values), default=0)
    parts, top = _legend(kinds)
    for row in rows:
        parts.append(_text(row.label, 0, top + 14))
        top += _LINE
        for kind, (value, words) in zip(KINDS, row.values, strict=False):
            width = _percent(_LONGEST * value, most)
            parts.append(_rect(kind, 1, top + 1, f"{width}%", _BAR - 2))
            parts.append(_text(words, f"{width}%", top + 12, dx=9))
            top += _BAR + 3
        top += _GAP
    return _svg(said, parts, top)


def columns(said: Said, rows: Sequence[Column], along: str, upwards: str) -> SafeString:
    """Columns that stand: `along` says what their labels are, `upwards` what they count."""
    most = max((row.value for row in rows), default=0)
    ground = 2 * _LINE + _PLOT
    every = _every([row.label for row in rows])
    parts = [_text(upwards, 0, 14, "faint")]
    for at, row in enumerate(rows):
        left, middle, width = (
            f"{_percent(part, len(rows))}%" for part in (100 * at + 12, 100 * at + 50, 76)
        )
        if row.value:
            top = _height(row.value, most, ground)
            parts.append(_rect("one", left, top, width, ground - top))
            parts.append(_text(str(row.value), middle, top - 6, "middle"))
        if at % every == 0:
            parts.append(_text(row.label, middle, ground + _UNDER, "faint middle"))
    parts.append(_rule("axis", ground))
    parts.append(_text(along, 0, ground + 2 * _LINE, "faint"))
    return _svg(said, parts, ground + 2 * _LINE + _GAP)


def lines(
    said: Said, points: Sequence[Point], kinds: Sequence[str], mark: Mark | None = None
) -> SafeString:
    """Lines over time, from zero; a gap where there is no number, and `mark` as a level."""
    numbers = [value for point in points for value in point.values if value is not None]
    steps = _steps(max([*numbers, *([mark.value] if mark else [])], default=1))
    parts, top = _legend(kinds)
    ground = top + _LINE + _PLOT
    for step in steps:
        y = _height(step, steps[-1], ground)
        parts.append(_rule("grid" if step else "axis", y, _LEFT - 1))
        parts.append(_text(str(step), 0, y + 4, "faint"))
    if mark is not None:
        y = _height(mark.value, steps[-1], ground)
        parts.append(_rule("mark", y, _LEFT - 1))
        parts.append(_text(mark.label, f"{_LEFT}%", y - 5, "faint"))
    places = [
        f"{_LEFT + _percent((_RIGHT - _LEFT) * (2 * at + 1), 2 * len(points))}%"
        for at in range(len(points))
    ]
    for at, kind in enumerate(KINDS[: len(kinds)]):
        heights = [
            None if (value := point.values[at]) is None else _height(value, steps[-1], ground)
            for point in points
        ]
        parts += _line(kind, list(zip(places, heights, strict=True)))
    every = _every([point.label for point in points])
    for place, point in list(zip(places, points, strict=True))[::every]:
        parts.append(_text(point.label, place, ground + _UNDER, "faint middle"))
    return _svg(said, parts, ground + _LINE + _GAP)


def _line(kind: str, places: Sequence[tuple[str, int | None]]) -> Iterable[SafeString]:
    """Strokes between neighbours that have a number, and a dot or a square on each."""
    for (left, before), (right, after) in pairwise(places):
        if before is not None and after is not None:
            yield _draw("line", kind, x1=left, y1=before, x2=right, y2=after)
    for place, height in places:
        if height is not None and kind == KINDS[0]:
            yield _draw("circle", kind, cx=place, cy=height, r=5)
        elif height is not None:
            # A square is set off from its place in pixels, which only a picture of its own can.
            square = _rect(kind, -5, -5, 10, 10)
            yield _draw("svg", "", square, x=place, y=height, overflow="visible")


def _legend(kinds: Sequence[str]) -> tuple[list[SafeString], int]:
    """A line for each kind with a sample of it, and how far down they reach."""
    parts = []
    for at, (kind, words) in enumerate(zip(KINDS, kinds, strict=False)):
        parts.append(_rect(kind, 1, at * _LINE + 3, 24, _BAR - 2))
        parts.append(_text(words, 34, at * _LINE + 14))
    return parts, len(kinds) * _LINE + (_GAP if kinds else 0)


def _every(labels: Sequence[str]) -> int:
    """Of many labels each second, third…, so that they do not run into each other."""
    widest = _LETTER * (1 + max(map(len, labels), default=0))
    return max(1, ceil(len(labels) * widest / _NARROW))


def _steps(most: Number) -> list[int]:
    """Round numbers from zero to at least `most`, at most five above zero."""
    size = 1
    while True:
        for step in (size, 2 * size, 5 * size):
            if step * _MOST_STEPS >= most:
                return [step * at for at in range(max(1, ceil(most / step)) + 1)]
        size *= 10


def _height(value: Number, most: int, ground: int) -> int:
    return ground - int(_PLOT * value / most)


def _percent(part: Number, whole: Number) -> Decimal:
    """A place across, with two decimals."""
    if not whole:
        return Decimal(0)
    return (Decimal(part) / whole).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _rule(kind: str, y: int, left: int = 0) -> SafeString:
    return _draw("line", kind, x1=f"{left}%", y1=y, x2="100%", y2=y)


def _rect(kind: str, x: str | int, y: int, width: str | int, height: int) -> SafeString:
    return _draw("rect", kind, x=x, y=y, width=width, height=height)


def _text(words: str, x: str | int, y: int, kind: str = "", **more: int) -> SafeString:
    return _draw("text", kind, words, x=x, y=y, **more)


def _draw(tag: str, kind: str, inside: str = "", **attributes: str | int) -> SafeString:
    """An element; what is inside is escaped unless it was drawn here."""
    named = {"class": kind, **attributes} if kind else attributes
    return format_html("<{0}{1}>{2}</{0}>", tag, flatatt(named), inside)


def _svg(said: Said, parts: Iterable[SafeString], height: int) -> SafeString:
    title, sentence = f"{said.name}-title", f"{said.name}-desc"
    around = {
        "class": "chart",
        "role": "img",
        "height": height,
        "aria-labelledby": f"{title} {sentence}",
    }
    named = _draw("title", "", said.title, id=title) + _draw("desc", "", said.sentence, id=sentence)
    return format_html("<svg{}>{}{}</svg>", flatatt(around), named, SafeString("".join(parts)))
