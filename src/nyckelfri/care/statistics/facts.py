"""What the measures read, and which groups are large enough to be shown."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from nyckelfri.care.performed import Grade, Outcome
from nyckelfri.care.times import ZONE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

Key = TypeVar("Key", str, date, tuple[str, str])
T = TypeVar("T")
_TENTH: Final = Decimal("0.1")


class VisitFact(NamedTuple):
    """A visit by one employee, planned, performed or both; moments are aware.

    `planned_id` is empty where it was not planned and shared by the two of a doubled one.
    `home_id` is the door; who shares a home shares it.
    """

    client_id: str
    home_id: str
    team_id: str
    employee_id: str
    planned_id: str
    services: tuple[str, ...]
    outcome: Outcome
    grade: Grade
    start: datetime | None = None
    finish: datetime | None = None
    entry: datetime | None = None
    exit: datetime | None = None
    alarm: bool = False

    @property
    def performed(self) -> bool:
        """Whether somebody was there, from `entry` on."""
        return self.outcome is Outcome.PERFORMED and self.entry is not None

    @property
    def when(self) -> datetime:
        """Swedish time when it began or was to begin; ValueError for one that has neither."""
        moment = self.entry or self.start
        if moment is None:
            raise ValueError("a visit has a beginning, planned or performed")
        return moment.astimezone(ZONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fewest:
    """How large a group must be for its figures to be shown; ValueError below two."""

    clients: int = 5
    staff: int = 3
    """The figures of a team of one are those of an employee."""

    def __post_init__(self) -> None:
        if min(self.clients, self.staff) < 2:
            raise ValueError("a group is at least two")


def shown(
    groups: Mapping[str, Sequence[VisitFact]],
    measure: Callable[[Sequence[VisitFact]], T],
    fewest: Fewest,
) -> dict[str, T | None]:
    """Measure each group; None for one that is too small to be shown.

    Where one alone would be left out, the next smallest is too: otherwise the municipality's
    figure less the others' would show it.
    """
    sizes = {name: len({fact.client_id for fact in facts}) for name, facts in groups.items()}
    hidden = {
        name
        for name, facts in groups.items()
        if sizes[name] < fewest.clients or len({fact.employee_id for fact in facts}) < fewest.staff
    }
    if len(hidden) == 1 and len(groups) > 1:
        hidden.add(min(groups.keys() - hidden, key=lambda name: (sizes[name], name)))
    return {
        name: None if name in hidden else measure(facts) for name, facts in sorted(groups.items())
    }


def grouped(
    facts: Iterable[VisitFact], key: Callable[[VisitFact], Key]
) -> dict[Key, list[VisitFact]]:
    """Facts by a key, in order of the keys."""
    found: dict[Key, list[VisitFact]] = defaultdict(list)
    for fact in facts:
        found[key(fact)].append(fact)
    return dict(sorted(found.items()))


def everybody(_: VisitFact) -> str:
    """The one group that all visits belong to."""
    return ""


def team(fact: VisitFact) -> str:
    """The team whose visit it is."""
    return fact.team_id


def week(fact: VisitFact) -> str:
    """Its week as 2026-W45 (ISO, Swedish days)."""
    return week_of(fact.when.date())


def week_of(day: date) -> str:
    """The ISO week of a day, as 2026-W45."""
    year, number, _ = day.isocalendar()
    return f"{year}-W{number:02}"


def month_of(moment: datetime) -> date:
    """First day of the Swedish month of a moment."""
    return moment.astimezone(ZONE).date().replace(day=1)


def seconds_between(start: datetime, end: datetime) -> int:
    """Whole seconds of real time, below zero where the end comes first."""
    return int((end.astimezone(UTC) - start.astimezone(UTC)).total_seconds())


def tenths(part: Decimal | int, whole: Decimal | int) -> Decimal:
    """The ratio with one decimal, half up."""
    return (Decimal(part) / whole).quantize(_TENTH, ROUND_HALF_UP)


def percent(part: int, whole: int) -> Decimal | None:
    """A part in percent with one decimal; None of nothing."""
    return tenths(100 * part, whole) if whole else None
