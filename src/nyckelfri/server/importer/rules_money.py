"""Rules of prices: what each is for, and that a day has one.

House rules: as in `rules_plans`. A price that nothing could be reckoned with would stop a month
for everybody, so it stops the import.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from nyckelfri.care.billing import Article
from nyckelfri.care.tariff import UNITS
from nyckelfri.server.importer import words
from nyckelfri.server.money.models import PayPrice

if TYPE_CHECKING:
    from nyckelfri.server.importer.faults import Faults
    from nyckelfri.server.importer.rows import Files

_WORDS: Final = {unit: word for word, unit in words.PRICE_UNITS.items()}
_WHOLE: Final = 100


def article_has_its_unit(files: Files, faults: Faults) -> None:
    """Each article of the tariff is priced in the unit that it is counted in."""
    for row in files.rows("taxa"):
        if row.filled("artikel", "enhet"):
            unit = UNITS[Article(row.values["artikel"])].value
            if row.values["enhet"] != unit:
                faults.add("taxa.csv", row.line, "enhet", "wrong_unit", unit=_WORDS[unit])


def percent_is_of_something(files: Files, faults: Faults) -> None:
    """What is performed has a price of its own; percent of it are at most a hundred."""
    for row in files.rows("ersattning"):
        if not row.filled("enhet", "grund", "pris"):
            continue
        if row.values["enhet"] != PayPrice.Unit.PERCENT:
            continue
        if row.values["grund"] == PayPrice.Ground.PERFORMED:
            faults.add("ersattning.csv", row.line, "enhet", "wrong_unit", unit="tim")
        elif row.values["pris"] > _WHOLE:
            faults.add("ersattning.csv", row.line, "pris", "over_a_hundred")


def prices_do_not_overlap(files: Files, faults: Faults) -> None:
    """What is priced has one price on each day."""
    for name, keys in (("taxa", ("artikel",)), ("ersattning", ("tjanst", "omrade", "grund"))):
        priced: dict[tuple[Any, ...], list[tuple[date, date, int]]] = defaultdict(list)
        for row in files.rows(name):
            if row.good(*keys, "fran", "till"):
                key = tuple(row.values[column] for column in keys)
                end = row.values["till"] or date.max
                priced[key].append((row.values["fran"], end, row.line))
        for spans in priced.values():
            spans.sort()
            for (first, last, early), (start, _, late) in pairwise(spans):
                # Two from the same day are one row twice, which is its own fault.
                if first < start <= last:
                    line = max(early, late)
                    other = min(early, late)
                    faults.add(f"{name}.csv", line, "fran", "overlapping_prices", line=other)


RULES = (article_has_its_unit, percent_is_of_something, prices_do_not_overlap)
