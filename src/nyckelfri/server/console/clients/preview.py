"""What a change will do, as the page says it.

House rules: plain values; names as `openers` allows them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from nyckelfri.server.access.asif import Differs, May, Preview
from nyckelfri.server.access.viewers import Viewer
from nyckelfri.server.console.clients.openers import Named, knows, named
from nyckelfri.server.console.clients.texts import text


@dataclass(frozen=True, slots=True)
class Team:
    """People of one team, and the rule by which they come."""

    heading: str
    people: tuple[Named, ...]
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Somebody, and from when until when."""

    who: Named
    entrance: bool
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class ShownPreview:
    """Before, after and the difference."""

    soon: bool
    before: int
    after: int
    gained_count: int
    lost_count: int
    stay_count: int
    gained: tuple[Team, ...]
    lost: tuple[Team, ...]
    stay: tuple[Team, ...]
    opens: tuple[Stretch, ...]
    closes: tuple[Stretch, ...]


def shown(found: Preview, viewer: Viewer) -> ShownPreview:
    """Put a preview into words."""
    return ShownPreview(
        soon=found.soon,
        before=_count(found.before),
        after=_count(found.after),
        gained_count=_count(found.gained),
        lost_count=_count(found.lost),
        stay_count=_count(found.stay),
        gained=_teams(found.gained, viewer),
        lost=_teams(found.lost, viewer),
        stay=_teams(found.stay, viewer),
        opens=_stretches(found.opens, viewer),
        closes=_stretches(found.closes, viewer),
    )


def _count(rows: Sequence[May]) -> int:
    return len({row.person.number for row in rows})


def _teams(rows: Sequence[May], viewer: Viewer) -> tuple[Team, ...]:
    found: defaultdict[str, list[May]] = defaultdict(list)
    for row in rows:
        rule = row.because.rule.value
        found[text(f"rule_{rule}", team=row.because.team_name)].append(row)
    return tuple(
        Team(
            heading,
            tuple(
                named(row.person.number, row.person.name, viewer)
                for row in people
                if knows(row.person, viewer)
            ),
            _others(people, viewer),
        )
        for heading, people in sorted(found.items())
    )


def _others(people: Sequence[May], viewer: Viewer) -> tuple[str, ...]:
    counts: defaultdict[str, int] = defaultdict(int)
    for row in people:
        if not knows(row.person, viewer):
            counts[row.person.provider_name] += 1
    return tuple(
        text("others", count=count, provider=name) for name, count in sorted(counts.items())
    )


def _stretches(rows: Sequence[Differs], viewer: Viewer) -> tuple[Stretch, ...]:
    return tuple(
        Stretch(named(row.person.number, row.person.name, viewer), row.entrance, row.start, row.end)
        for row in rows
        if knows(row.person, viewer)
    )
