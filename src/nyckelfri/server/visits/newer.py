"""What later evidence says of a visit that stands: how a row keeps it, and takes it over.

House rules: values in, values out. Somebody may have looked at it and let the visit stand; then
it is said again only when the evidence says something else.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from nyckelfri.care.performed import Flag, Outcome, Visit
from nyckelfri.server.visits import models
from nyckelfri.server.visits.evidence import Kept

TOLD: Final = (
    "client_id", "employee_id", "planned_id", "outcome", "grade", "entry", "exit",
    "closed_by_rule", "services", "flags", "signs", "reason",
)  # fmt: skip
"""What the evidence says of a visit, as a row holds it."""
_KEPT: Final = "kept"
_GONE: Final = "gone"


def told(visit: Visit, named: Mapping[str, Kept]) -> tuple[Any, ...]:
    """What a visit says, in the order of `TOLD`; `named` are the signs of its refs."""
    return (
        int(visit.client_id),
        int(visit.employee_id),
        None if visit.planned_id is None else int(visit.planned_id),
        visit.outcome.value,
        visit.grade.value,
        visit.entry,
        visit.exit,
        visit.closed_by_rule,
        list(visit.services),
        [flag.value for flag in visit.flags],
        [named[ref] for ref in visit.refs],
        visit.reason[:64],
    )


def told_of(row: models.Visit) -> tuple[Any, ...]:
    """What a row says that the evidence said, in the order of `TOLD`."""
    said = {name: getattr(row, name) for name in TOLD}
    said["flags"] = flags_of(row)
    return tuple(said.values())


def flags_of(row: models.Visit) -> list[str]:
    """The flags that the evidence raised, whatever others at the home did."""
    return [flag for flag in row.flags if flag != Flag.PATTERN.value]


def of(told_now: tuple[Any, ...] | None) -> dict[str, Any]:
    """What the evidence says now, None for nothing any longer, as `Visit.newer` keeps it."""
    if told_now is None:
        return {_GONE: True}
    found = dict(zip(TOLD, told_now, strict=True))
    for name in ("entry", "exit"):
        found[name] = None if found[name] is None else found[name].isoformat()
    return found


def says(stored: dict[str, Any] | None, now: dict[str, Any]) -> bool:
    """Whether that is what is stored already, looked at or not."""
    return stored is not None and {**stored, _KEPT: False} == {**now, _KEPT: False}


def kept(stored: dict[str, Any]) -> dict[str, Any]:
    """The same, looked at: the visit stands all the same."""
    return {**stored, _KEPT: True}


def is_kept(stored: dict[str, Any]) -> bool:
    """Whether somebody has looked at it and let the visit stand."""
    return bool(stored.get(_KEPT))


def is_gone(stored: dict[str, Any]) -> bool:
    """Whether the evidence knows of no such visit any longer."""
    return bool(stored.get(_GONE))


def take(row: models.Visit) -> None:
    """Let the row say what is newer; one of which nothing is known any longer was not made."""
    stored = row.newer or {}
    if is_gone(stored):
        row.outcome, row.entry, row.exit = Outcome.NOT_MADE.value, None, None
        row.signs = []
    for name in TOLD:
        if name in stored:
            value = stored[name]
            if name in {"entry", "exit"} and value is not None:
                value = datetime.fromisoformat(value)
            setattr(row, name, value)
    row.newer = None
