"""How many different staff a client meets in a fortnight (personalkontinuitet).

The measure is that of Swedish municipalities (kungalv.se, and Kolada's): clients of 65 and
older who are visited at least twice every day, 07 to 22, alarms, meals and health staff left
out, and so is whoever was not at home the whole time.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import chain
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from nyckelfri.care.performed import Outcome
from nyckelfri.care.statistics.facts import Fewest, VisitFact, grouped, shown, tenths

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ContinuityPolicy:
    """Whom the measure counts, and when; ValueError if impossible."""

    days: int = 14
    age: int = 65
    visits_a_day: int = 2
    opens: time = time(7)
    closes: time = time(22)
    left_out: frozenset[str] = frozenset({"alarm", "meals", "health_care", "rehabilitation"})
    """A visit with only such services does not count."""

    def __post_init__(self) -> None:
        if self.days < 1 or self.visits_a_day < 1 or self.age < 0:
            raise ValueError("days and visits_a_day are one or more, age none or more")
        if self.opens >= self.closes:
            raise ValueError("the hours that count lie within a day: opens before closes")


class Continuity(NamedTuple):
    """How many different staff clients met; mean and median with one decimal, None of nobody.

    `distribution` is pairs of how many staff and how many clients, in order.
    """

    clients: int
    mean: Decimal | None
    median: Decimal | None
    distribution: tuple[tuple[int, int], ...]


def continuity(
    facts: Iterable[VisitFact], first: date, born: Mapping[str, date], policy: ContinuityPolicy
) -> Continuity:
    """Measure the whole municipality from `first` on; `born` tells clients' birth dates.

    A client without a known birth date does not count.
    """
    return _measured([*chain(*_counted(facts, first, born, policy).values())])


def continuity_shown(
    facts: Iterable[VisitFact],
    first: date,
    born: Mapping[str, date],
    policy: ContinuityPolicy,
    fewest: Fewest,
) -> Continuity | None:
    """The same; None where those who count are too few."""
    counted = [*chain(*_counted(facts, first, born, policy).values())]
    return shown({"": counted}, _measured, fewest)[""]


def continuity_by_team(
    facts: Iterable[VisitFact],
    first: date,
    born: Mapping[str, date],
    policy: ContinuityPolicy,
    fewest: Fewest,
) -> dict[str, Continuity | None]:
    """The same by team; None for a small one.

    A client belongs to the team that came most often, and all staff who came count, whatever
    their team.
    """
    teams: dict[str, list[VisitFact]] = defaultdict(list)
    for own in _counted(facts, first, born, policy).values():
        came = Counter(fact.team_id for fact in own)
        teams[min(came, key=lambda name: (-came[name], name))].extend(own)
    return shown(teams, _measured, fewest)


def _counted(
    facts: Iterable[VisitFact], first: date, born: Mapping[str, date], policy: ContinuityPolicy
) -> dict[str, list[VisitFact]]:
    """Visits that count, by client, of those who do."""
    days = [first + timedelta(since) for since in range(policy.days)]
    within = [fact for fact in facts if days[0] <= fact.when.date() <= days[-1]]
    at_home = {
        client: own
        for client, own in grouped(within, lambda fact: fact.client_id).items()
        if client in born
        and _age(born[client], first) >= policy.age
        and all(fact.outcome is not Outcome.AWAY for fact in own)
    }
    counted: dict[str, list[VisitFact]] = {}
    for client, own in at_home.items():
        those = [fact for fact in own if _counts(fact, policy)]
        # A doubled visit is one visit, by two.
        visits = {(fact.when.date(), fact.planned_id or str(fact.when)) for fact in those}
        a_day = Counter(day for day, _ in visits)
        if all(a_day[day] >= policy.visits_a_day for day in days):
            counted[client] = those
    return counted


def _counts(fact: VisitFact, policy: ContinuityPolicy) -> bool:
    if fact.alarm or (fact.services and policy.left_out.issuperset(fact.services)):
        return False
    return policy.opens <= fact.when.time() < policy.closes


def _age(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _measured(facts: Sequence[VisitFact]) -> Continuity:
    """Count staff by client, of clients who all count."""
    met: dict[str, set[str]] = {fact.client_id: set() for fact in facts}
    for fact in facts:
        if fact.performed:
            met[fact.client_id].add(fact.employee_id)
    numbers = sorted(len(staff) for staff in met.values())
    if not numbers:
        return Continuity(0, None, None, ())
    return Continuity(
        len(numbers),
        tenths(sum(numbers), len(numbers)),
        # The median of whole numbers is whole or a half.
        tenths(int(2 * median(numbers)), 2),
        tuple(sorted(Counter(numbers).items())),
    )
