"""How a month's measures lie in the database, and how they are read again.

House rules: `read(stored(measures))` is `measures`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from typing import Any, Final, TypeVar

from nyckelfri.care.performed import Grade
from nyckelfri.care.statistics.alarms import AlarmToDoor
from nyckelfri.care.statistics.continuity import Continuity
from nyckelfri.care.statistics.evidence import Evidence
from nyckelfri.care.statistics.keytrips import KeyTrips
from nyckelfri.care.statistics.month import Measures
from nyckelfri.care.statistics.planned import Performance
from nyckelfri.care.statistics.punctuality import Punctuality

T = TypeVar("T")


def stored(value: Any) -> Any:
    """A value as JSON holds it: what has names becomes a list, in their order."""
    if isinstance(value, Measures):
        return {name: stored(each) for name, each in value._asdict().items()}
    if isinstance(value, dict):
        return {key: stored(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [stored(each) for each in value]
    if isinstance(value, Decimal):
        return str(value)
    return value.value if isinstance(value, Enum) else value


def read(kept: Mapping[str, Any]) -> Measures:
    """Read what `stored` made."""
    found: dict[str, Any] = {
        name: _groups(read_one, kept[name]) if name.endswith(_GROUPS) else read_one(kept[name])
        for name in Measures._fields
        for read_one in (_READ[name.removesuffix("_weeks").removesuffix("_teams")],)
    }
    return Measures(**found)


def _groups(read_one: Callable[[Any], T], kept: Mapping[str, Any]) -> dict[str, T]:
    return {name: read_one(each) for name, each in kept.items()}


def _maybe(read_one: Callable[[Sequence[Any]], T]) -> Callable[[Any], T | None]:
    return lambda kept: None if kept is None else read_one(kept)


def _decimal(said: str | None) -> Decimal | None:
    return None if said is None else Decimal(said)


def _continuity(kept: Sequence[Any]) -> Continuity:
    clients, mean, middle, met = kept
    pairs = tuple((staff, number) for staff, number in met)
    return Continuity(clients, _decimal(mean), _decimal(middle), pairs)


def _punctuality(kept: Sequence[Any]) -> Punctuality:
    visits, early, in_time, late, share = kept
    return Punctuality(visits, tuple(early), in_time, tuple(late), _decimal(share))


def _evidence(kept: Sequence[Any]) -> Evidence:
    visits, grades = kept
    return Evidence(
        visits, tuple((Grade(grade), number, _decimal(share)) for grade, number, share in grades)
    )


def _key_trips(kept: Sequence[Any]) -> KeyTrips:
    at_alarms, at_night, kilometres = kept
    return KeyTrips(at_alarms, at_night, _decimal(kilometres))


def _alarms(kept: Sequence[Any]) -> AlarmToDoor:
    *counted, share = kept
    alarms, reached, median, ninetieth = counted
    return AlarmToDoor(alarms, reached, median, ninetieth, _decimal(share))


_GROUPS: Final = ("_weeks", "_teams")
_READ: Final[dict[str, Callable[[Any], Any]]] = {
    "performed": _maybe(lambda kept: Performance(*kept)),
    "punctuality": _maybe(_punctuality),
    "evidence": _maybe(_evidence),
    "continuity": _maybe(_continuity),
    "key_trips": _maybe(_key_trips),
    "alarms": _maybe(_alarms),
}
