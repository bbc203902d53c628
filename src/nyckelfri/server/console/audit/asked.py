"""What somebody wants to see of the audit log.

House rules: an address holds days and numbers only: what looks like a name or a birth
number is refused before it gets there. With a number, any time; else a quarter at most.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from nyckelfri.care.times import ZONE
from nyckelfri.server.audit import queries
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.console.audit.kinds import OF_KIND, Kind
from nyckelfri.server.console.audit.texts import text
from nyckelfri.server.console.openings.days import Days

FIRST, LAST, KIND, ACTOR, OBJECT = "fran", "till", "sort", "vem", "om"
"""Names in the address."""
USUAL: Final = 30
"""Days shown where none are asked for."""
LONGEST, LONGEST_OF_ONE = 93, 3660
"""Days: of everything, and of one actor or object, which an index finds."""
_NUMBER: Final = re.compile(r"[A-Za-z0-9]+(?:[-_.|][A-Za-z0-9]+)*")
_WITH_KIND: Final = re.compile(r"([a-z][a-z-]{0,31}):(.+)")
_BIRTH_NUMBER: Final = re.compile(r"(?:\d{2})?\d{6}[-+]?\d{4}")
_WHOLE: Final = frozenset({"audit", "files"})
_SAID: Final = frozenset({"list", "system"})
"""What is named by a word of ours."""
_ACTORS: Final = ("employee", "phone")
_OBJECTS: Final = (
    "client", "employee", "phone", "lock", "shift", "visit", "grant", "door", "import", "team",
)  # fmt: skip
_LONGEST_NUMBER: Final = 64


@dataclass(frozen=True, slots=True)
class Asked:
    """What to show; empty where anything will do. `problems` are for the reader."""

    days: Days
    kind: str = ""
    actor: str = ""
    object_id: str = ""
    problems: tuple[str, ...] = ()

    @classmethod
    def read(cls, given: Mapping[str, str], now: datetime) -> Asked:
        """What an address or a form asks for."""
        said = {
            name: str(given.get(name, "")).replace("\x00", "").strip()[: _LONGEST_NUMBER + 1]
            for name in (FIRST, LAST, KIND, ACTOR, OBJECT)
        }
        problems = []
        numbers = {name: said[name] for name in (ACTOR, OBJECT)}
        for name, number in numbers.items():
            if number and not _is_number(number):
                numbers[name] = ""
                problems = [text("wrong_number")]
        longest = LONGEST_OF_ONE if any(numbers.values()) else LONGEST
        today = now.astimezone(ZONE).date()
        try:
            days = Days.read(said[FIRST], said[LAST], today, days=USUAL, longest=longest)
        except ValueError:
            days = Days.read("", "", today, days=USUAL)
            problems.append(text("wrong_days", count=longest))
        return cls(
            days=days,
            kind=said[KIND] if said[KIND] in set(Kind) else "",
            actor=numbers[ACTOR],
            object_id=numbers[OBJECT],
            problems=tuple(problems),
        )

    def as_query(self) -> dict[str, str]:
        """What stands in the address of exactly this."""
        said = {
            FIRST: self.days.first.isoformat(),
            LAST: self.days.last.isoformat(),
            KIND: self.kind,
            ACTOR: self.actor,
            OBJECT: self.object_id,
        }
        return {name: value for name, value in said.items() if value}


def found(asked: Asked) -> QuerySet[AuditEvent]:
    """The rows, newest first."""
    rows = queries.newest().filter(at__gte=asked.days.start, at__lt=asked.days.end)
    if asked.kind:
        rows = rows.filter(verb__in=OF_KIND[Kind(asked.kind)])
    if asked.actor:
        rows = rows.filter(actor__in=_ids(asked.actor, _ACTORS))
    if asked.object_id:
        rows = rows.filter(object_id__in=_ids(asked.object_id, _OBJECTS))
    return rows


def _ids(number: str, kinds: tuple[str, ...]) -> list[str]:
    """A number as the log writes it, of every kind that it may be of."""
    if ":" in number or number in _WHOLE:
        return [number]
    return [f"{kind}:{number}" for kind in kinds]


def _is_number(said: str) -> bool:
    """Whether it is a number of ours: it has a digit, and is no name and no birth number."""
    if len(said) > _LONGEST_NUMBER or said in _WHOLE:
        return said in _WHOLE
    with_kind = _WITH_KIND.fullmatch(said)
    kind, number = with_kind.groups() if with_kind else ("", said)
    if not _NUMBER.fullmatch(number) or _BIRTH_NUMBER.fullmatch(number):
        return False
    return kind in _SAID or any(each.isdigit() for each in number)
