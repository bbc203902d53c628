"""A stretch drawn like a score: rows under each other along one line of time, as inline SVG.

House rules: values in, markup out; no script, no style, no address. A row's words are HTML beside
its picture, so that they keep their size where it is narrow; strokes keep theirs by style.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from nyckelfri.simulate.lived import Lived, kind
from nyckelfri.simulate.mishaps import BY_NAME
from nyckelfri.simulate.plan import Item
from nyckelfri.simulate.town import SWEDEN

_WIDE: Final = 1000
_HIGH: Final = 100
_NAME: Final = 60
"""How wide the name of a day is at least."""
_HOUR: Final = 3600

Series = Sequence[tuple[float, float]]
"""Moments in Unix seconds, and a number that holds from each to the next."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `name`, what stands under it, the picture, and a sentence for who cannot see it."""

    name: str
    under: str
    picture: SafeString
    kind: str = "plot"


@dataclass(frozen=True, slots=True)
class Score:
    """Rows along one line of time, and the days as they stand above them."""

    days: SafeString
    rows: tuple[Row, ...]


def of_one(lived: Lived) -> Score:
    """A seed's stretch from its beginning to its end."""
    begins, ends = lived.task.stretch.begins, lived.task.ends
    time = _Time(begins, ends, lived.broken.at if lived.broken is not None else None)
    ended = min(ends, lived.broken.at) if lived.broken is not None else ends
    samples = lived.samples
    starts = _each_hour([(s.at, s.openings) for s in samples], ended, lived.openings)
    syncs = _each_hour([(s.at, s.syncs) for s in samples], ended, lived.counts.get("synced", 0))
    spent = _each_hour([(s.at, s.spent) for s in samples], ended, lived.spent)
    speed = [(at, _HOUR / seconds if seconds else 0.0) for at, seconds in spent[:-1]]
    waiting = [(float(s.at), float(s.waiting)) for s in samples]
    worst = [(float(s.at), float(abs(s.clock_worst))) for s in samples]
    lanes: dict[str, list[Item]] = defaultdict(list)
    for item in lived.happened:
        lanes[kind(item.id)].append(item)
    return Score(
        time.days(),
        (
            time.columns("Motor starts", "in an hour", [*starts, (ended, 0)]),
            *(time.lane(name, items) for name, items in sorted(lanes.items())),
            *([time.lane("Office decisions", lived.decided)] if lived.decided else ()),
            time.columns("Syncs", "in an hour", [*syncs, (ended, 0)]),
            time.line("Entries waiting", "at the locks", waiting),
            time.line("Clock error", "seconds, the worst lock", worst),
            time.line("Speed", "simulated minutes in a second", [(a, s / 60) for a, s in speed]),
        ),
    )


def of_all(all_lived: Sequence[Lived]) -> Score:
    """What all seeds did in each hour since their beginning, drawn over the longest."""
    longest = max(all_lived, key=lambda lived: lived.task.ends - lived.task.stretch.begins)
    begins, ends = longest.task.stretch.begins, longest.task.ends
    starts: dict[int, float] = defaultdict(float)
    mishaps: dict[int, float] = defaultdict(float)
    waiting: dict[int, float] = defaultdict(float)
    for lived in all_lived:
        own = lived.task.stretch.begins
        counted = [(s.at, s.openings) for s in lived.samples]
        for at, number in _each_hour(counted, lived.task.ends, lived.openings):
            starts[int(at - own) // _HOUR] += number
        for item in lived.happened:
            mishaps[(item.at - own) // _HOUR] += 1
        for sample in lived.samples:
            hour = (sample.at - own) // _HOUR
            waiting[hour] = max(waiting[hour], sample.waiting)
    hours = range((ends - begins) // _HOUR + 1)

    def over(found: dict[int, float]) -> Series:
        return [*((begins + hour * _HOUR, found.get(hour, 0)) for hour in hours), (ends, 0)]

    time = _Time(begins, ends, None)
    return Score(
        time.days(),
        (
            time.columns("Motor starts", "in an hour, all seeds", over(starts)),
            time.columns("Mishaps", "in an hour, all seeds", over(mishaps)),
            time.line("Entries waiting", "at the locks, the worst seed", over(waiting)[:-1]),
        ),
    )


def _each_hour(sums: Sequence[tuple[float, float]], ended: float, total: float) -> Series:
    """What was added from each moment to the next."""
    points = [*sums, (ended, total)]
    return [(at, max(0, after - before)) for (at, before), (_, after) in pairwise(points)]


@dataclass(frozen=True, slots=True)
class _Time:
    """The line of time, [begins, ends], and the moment in which something broke."""

    begins: float
    ends: float
    broken: float | None

    def x(self, at: float) -> str:
        share = (at - self.begins) / (self.ends - self.begins)
        return f"{_WIDE * min(max(share, 0), 1):.1f}"

    def midnights(self) -> list[tuple[float, datetime]]:
        """Each midnight in it, local."""
        day = datetime.fromtimestamp(self.begins, SWEDEN).date()
        found: list[tuple[float, datetime]] = []
        while True:
            day += timedelta(days=1)
            local = datetime(day.year, day.month, day.day, tzinfo=SWEDEN)
            if local.timestamp() >= self.ends:
                return found
            found.append((local.timestamp(), local))

    def days(self) -> SafeString:
        """Their names, each at its midnight."""
        return format_html_join(
            "",
            '<span style="left: {}%">{}<i> {}</i></span>',
            (
                (f"{float(self.x(at)) / 10:.2f}", f"{local:%a}", f"{local.day} {local:%b}")
                for at, local in self.midnights()
                if float(self.x(at)) < _WIDE - _NAME
            ),
        )

    def columns(self, name: str, unit: str, series: Series) -> Row:
        """A column from each moment to the next."""
        most = max((number for _, number in series), default=0)
        path = "".join(
            f"M{self.x(at)} {_HIGH}V{_y(number, most)}H{self.x(after)}V{_HIGH}"
            for (at, number), (after, _) in pairwise(series)
            if number
        )
        return self._row(name, unit, series, format_html('<path class="area" d="{}"/>', path))

    def line(self, name: str, unit: str, series: Series) -> Row:
        """A line through the numbers."""
        most = max((number for _, number in series), default=0)
        points = " ".join(f"{self.x(at)},{_y(number, most)}" for at, number in series)
        return self._row(
            name, unit, series, format_html('<polyline class="line" points="{}"/>', points)
        )

    def lane(self, name: str, items: Sequence[Item]) -> Row:
        """A mark for each of these."""
        marks = format_html_join(
            "",
            '<path class="mark" d="M{} 25v50"><title>{}, {}</title></path>',
            ((self.x(item.at), item.id, moment(item.at)) for item in items),
        )
        known = BY_NAME.get(name)
        under = [f"{len(items)}×", *(f"T{each}" for each in (known.threats if known else ()))]
        said = f"{name}: {len(items)} times"
        return Row(name, " ".join(under), self._svg(said, marks), "lane")

    def _row(self, name: str, unit: str, series: Series, drawn: SafeString) -> Row:
        at, most = max(series, key=lambda each: each[1], default=(self.begins, 0))
        number = f"{most:.0f}" if most >= 10 or most == int(most) else f"{most:.1f}"
        said = f"{name}, {unit}: at most {number}, {moment(at)}"
        return Row(name, f"{unit}: up to {number}", self._svg(said, drawn))

    def _svg(self, said: str, drawn: SafeString) -> SafeString:
        rules: Iterable[SafeString] = (
            format_html('<path class="{}" d="M{} 0V{}"/>', name, self.x(at), _HIGH)
            for name, at in (
                *(("grid", at) for at, _ in self.midnights()),
                *([("broken", self.broken)] if self.broken is not None else ()),
            )
        )
        return format_html(
            '<svg role="img" aria-label="{}" viewBox="0 0 {} {}" preserveAspectRatio="none">'
            "{}{}</svg>",
            said,
            _WIDE,
            _HIGH,
            mark_safe("".join(rules)),  # noqa: S308 - drawn above
            drawn,
        )


def _y(number: float, most: float) -> str:
    """Down from the top, with room above the highest."""
    return f"{_HIGH - (_HIGH - 6) * number / most:.1f}" if most else str(_HIGH)


def moment(at: float) -> str:
    """A moment as people read it, local."""
    return f"{datetime.fromtimestamp(at, SWEDEN):%a %d %b %H:%M}"


def second(at: float) -> str:
    """The same, to the second."""
    return f"{datetime.fromtimestamp(at, SWEDEN):%a %d %b %H:%M:%S}"
