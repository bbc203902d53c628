"""How evidence is named and kept in a visit's `signs`, and what a name leads back to.

House rules: the one place that knows the names: a letter for the table, and the row's key. A sign
is kept with what it was and when, so that a visit can be read without its evidence at hand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from operator import itemgetter
from typing import Any, Final, NamedTuple

from django.db.models import Model

from nyckelfri.care.performed import ByHand, Signs
from nyckelfri.care.visits import Movement
from nyckelfri.server.visits.models import (
    DoorEvent,
    ForeignAlarm,
    ForeignDoorEvent,
    ForeignEntry,
    ForeignReading,
    OfficeEntry,
    PhoneEntry,
)

TABLES: Final[dict[str, type[Model]]] = {
    "d": DoorEvent,
    "p": PhoneEntry,
    "o": OfficeEntry,
    "D": ForeignDoorEvent,
    "R": ForeignReading,
    "E": ForeignEntry,
    "A": ForeignAlarm,
}


class What(StrEnum):
    """What a sign tells."""

    UNLOCKED = "u"
    LOCKED = "l"
    ENTRANCE = "e"
    LABEL = "t"
    BY_HAND = "h"
    DECLINED = "n"
    MISSED = "m"
    UNDONE = "r"
    ALARM = "a"


_HANDS: Final = {
    ByHand.VISIT: What.BY_HAND,
    ByHand.DECLINED: What.DECLINED,
    ByHand.MISSED: What.MISSED,
    ByHand.UNDO: What.UNDONE,
}
_WHAT: Final = {what.value: what for what in What}
Kept = list[Any]
"""A sign as a visit's row holds it: name, `What`, Unix seconds."""
_BY_TIME: Final = itemgetter(2, 0)


class Sign(NamedTuple):
    """A sign of a visit: `ref` leads to its row."""

    ref: str
    what: What
    at: datetime


def named(signs: Signs) -> dict[str, Kept]:
    """All signs as rows hold them, by name."""
    return {kept[0]: kept for kept in _kept(signs)}


def _kept(signs: Signs) -> Iterator[Kept]:
    for door in signs.doors:
        what = What.UNLOCKED if door.movement is Movement.UNLOCKED else What.LOCKED
        yield [door.ref, what.value, int(door.at.timestamp())]
    for what, rows in (
        (What.ENTRANCE, signs.entrances),
        (What.LABEL, signs.labels),
        (What.ALARM, signs.alarms),
    ):
        for sign in rows:
            yield [sign.ref, what.value, int(sign.at.timestamp())]
    for hand in signs.by_hand:
        yield [hand.ref, _HANDS[hand.kind].value, int(hand.at.timestamp())]


def signs(kept: Sequence[Kept]) -> list[Sign]:
    """The signs of a visit, in order of time."""
    return [
        Sign(ref, _WHAT[what], datetime.fromtimestamp(at, UTC))
        for ref, what, at in sorted(kept, key=_BY_TIME)
    ]


def rows(refs: Iterable[str]) -> Mapping[str, Any]:
    """The rows that these names stand for, by name, in one question a table."""
    by_table: defaultdict[str, list[int]] = defaultdict(list)
    for ref in refs:
        by_table[ref[0]].append(int(ref[1:]))
    return {
        f"{letter}{pk}": row
        for letter, keys in by_table.items()
        for pk, row in TABLES[letter]._default_manager.in_bulk(keys).items()  # noqa: SLF001 -- Django's public name
    }
