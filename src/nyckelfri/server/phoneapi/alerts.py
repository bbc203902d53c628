"""What the person at the door is told of its lock.

House rules: a fixed number of queries for any number of locks. Words are for staff; the
client need not watch anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any, Final

from nyckelfri.server.visits import queries_upkeep

_WORDS: Final = {
    "battery": (
        "Låsets batterier börjar ta slut ({percent} %). Byt dem och registrera bytet.",
        "The lock's batteries are running out ({percent} %). Change them and record it.",
    ),
    "lock_fault": (
        "Låset är felanmält. Öppnar det inte, följ reservrutinen.",
        "The lock has been reported. If it does not open, use the fallback.",
    ),
}


def of_locks(installations: Collection[int]) -> dict[int, list[dict[str, str]]]:
    """By primary key of the installation: each alert's kind, and its words in two languages."""
    found: defaultdict[int, list[dict[str, str]]] = defaultdict(list)
    low = queries_upkeep.low_batteries().filter(pk__in=installations).order_by("pk")
    for pk, percent in low.values_list("pk", "percent"):
        found[pk].append(_alert("battery", percent=percent))
    faults = queries_upkeep.open_faults().filter(installation__in=installations).order_by()
    for pk in sorted(set(faults.values_list("installation_id", flat=True))):
        found[pk].append(_alert("lock_fault"))
    return found


def _alert(kind: str, **values: Any) -> dict[str, str]:
    sv, en = _WORDS[kind]
    return {"kind": kind, "sv": sv.format(**values), "en": en.format(**values)}
