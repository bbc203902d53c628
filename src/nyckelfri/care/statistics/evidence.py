"""What proves the visits: door and label, one of them, or somebody's word."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from nyckelfri.care.performed import Grade
from nyckelfri.care.statistics.facts import Fewest, VisitFact, grouped, percent, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from decimal import Decimal


class Evidence(NamedTuple):
    """Performed visits by grade, the strongest first, each with its share in percent."""

    visits: int
    grades: tuple[tuple[Grade, int, Decimal | None], ...]


def evidence(facts: Iterable[VisitFact]) -> Evidence:
    """Count one group, or the whole municipality."""
    found = Counter(fact.grade for fact in facts if fact.performed)
    visits = found.total()
    return Evidence(
        visits, tuple((grade, found[grade], percent(found[grade], visits)) for grade in Grade)
    )


def evidence_by(
    key: Callable[[VisitFact], str], facts: Iterable[VisitFact], fewest: Fewest
) -> dict[str, Evidence | None]:
    """The same of each group; None for a small one."""
    performed = [fact for fact in facts if fact.performed]
    return shown(grouped(performed, key), evidence, fewest)
