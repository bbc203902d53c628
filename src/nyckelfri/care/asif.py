"""What access would be if the plans were others, before anybody saves them.

House rules: a changed world is a new world, and the rules are the same; nothing
here knows what opens a door. Only changes that somebody decides on are here. A new
policy needs no function: derive with it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from nyckelfri.care.times import DateRange, Window

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import date

    from nyckelfri.care.explain import Entitled
    from nyckelfri.care.grants import AccessGrant, Reason
    from nyckelfri.care.world import PlannedVisit, ProviderChoice, Shift, World

_DAY = timedelta(days=1)


class Held(NamedTuple):
    """An employee can open a lock in `window`, for the reasons of the grants it is in."""

    employee_id: str
    lock_id: str
    window: Window
    reasons: tuple[Reason, ...]


class Changes(NamedTuple):
    """Access that a change gives and takes, sorted by employee, lock and time."""

    gained: tuple[Held, ...]
    lost: tuple[Held, ...]


class EntitledChanges(NamedTuple):
    """Who may open a door after a change and not before it, and the other way round."""

    gained: tuple[Entitled, ...]
    lost: tuple[Entitled, ...]


def with_choice(world: World, choice: ProviderChoice) -> World:
    """The client has chosen another provider of that service from `choice.dates.first`.

    The choices in force then end the day before; those that had not begun by then
    are dropped, so that of two changes to the same day the later made holds.
    """
    before = choice.dates.first - _DAY
    kept: list[ProviderChoice] = []
    for row in world.choices:
        if (row.client_id, row.service) != (choice.client_id, choice.service):
            kept.append(row)
        elif row.dates.first <= before:
            kept.append(replace(row, dates=_until(row.dates, before)))
    return replace(world, choices=(*kept, choice))


def with_decision_ended(world: World, decision_id: str, last: date) -> World:
    """A care decision ends with the local day `last`; LookupError for an unknown id."""
    _require(decision_id in {row.id for row in world.decisions}, "decision", decision_id)
    kept = (
        replace(row, dates=_until(row.dates, last)) if row.id == decision_id else row
        for row in world.decisions
        if row.id != decision_id or row.dates.first <= last
    )
    return replace(world, decisions=tuple(kept))


def with_employment_ended(world: World, employee_id: str, last: date) -> World:
    """An employment ends with the local day `last`; LookupError for an unknown id."""
    _require_employee(world, employee_id)
    kept = (
        replace(row, employed=_until(row.employed, last)) if row.id == employee_id else row
        for row in world.employees
        if row.id != employee_id or row.employed.first <= last
    )
    return replace(world, employees=tuple(kept))


def without_employee(world: World, employee_id: str, window: Window) -> World:
    """Somebody is away in `window`: their shifts are cut, and visits that start in it lose them.

    LookupError for an unknown id.
    """
    _require_employee(world, employee_id)
    shifts = tuple(
        part
        for row in world.shifts
        for part in (_cut(row, window) if row.employee_id == employee_id else (row,))
    )
    visits = (
        replace(row, employee_ids=tuple(who for who in row.employee_ids if who != employee_id))
        if window.holds(row.start)
        else row
        for row in world.visits
    )
    return replace(world, shifts=shifts, visits=tuple(visits))


def with_shift(world: World, shift: Shift) -> World:
    """A shift is added, or takes the place of the one with its id."""
    kept = (row for row in world.shifts if row.id != shift.id)
    return replace(world, shifts=(*kept, shift))


def with_visit(world: World, visit: PlannedVisit) -> World:
    """A visit is added, or takes the place of the one with its id."""
    kept = (row for row in world.visits if row.id != visit.id)
    return replace(world, visits=(*kept, visit))


def with_visits_taken_over(
    world: World, visit_ids: Collection[str], former_id: str, substitute_id: str
) -> World:
    """A substitute makes these visits in the former's seat.

    LookupError for an unknown substitute, and for a visit that is not the former's.
    """
    _require_employee(world, substitute_id)
    theirs = {row.id for row in world.visits if former_id in row.employee_ids}
    for visit_id in sorted(visit_ids):
        _require(visit_id in theirs, f"visit of {former_id}", visit_id)
    visits = (
        replace(
            row,
            employee_ids=tuple(
                substitute_id if who == former_id else who for who in row.employee_ids
            ),
        )
        if row.id in visit_ids
        else row
        for row in world.visits
    )
    return replace(world, visits=tuple(visits))


def compare(before: Iterable[AccessGrant], after: Iterable[AccessGrant]) -> Changes:
    """What `after` opens and `before` does not, and the other way round, to the second.

    Compare what was derived at the same moment; where a grant is cut makes no
    difference, and neither does a change of reasons alone.
    """
    held, holds = _held(before), _held(after)
    return Changes(tuple(_beyond(holds, held)), tuple(_beyond(held, holds)))


def compare_entitled(before: Iterable[Entitled], after: Iterable[Entitled]) -> EntitledChanges:
    """Who gains and who loses an entitlement, by employee, client and rule."""
    was = {row[:3]: row for row in before}
    will = {row[:3]: row for row in after}
    return EntitledChanges(
        tuple(row for key, row in will.items() if key not in was),
        tuple(row for key, row in was.items() if key not in will),
    )


def _held(grants: Iterable[AccessGrant]) -> dict[tuple[str, str], list[Held]]:
    """By employee and lock: grants that touch joined to one, in order of time."""
    found: defaultdict[tuple[str, str], list[Held]] = defaultdict(list)
    for grant in sorted(grants, key=lambda grant: grant[:3]):
        row = Held(
            grant.employee_id,
            grant.lock_id,
            Window(grant.not_before, grant.not_after),
            grant.reasons,
        )
        rows = found[grant.employee_id, grant.lock_id]
        if rows and rows[-1].window.end >= row.window.start:
            last = rows.pop()
            row = last._replace(
                window=Window(last.window.start, max(last.window.end, row.window.end)),
                reasons=tuple(dict.fromkeys((*last.reasons, *row.reasons))),
            )
        rows.append(row)
    return dict(found)


def _beyond(
    these: dict[tuple[str, str], list[Held]], those: dict[tuple[str, str], list[Held]]
) -> Iterator[Held]:
    for key, rows in sorted(these.items()):
        for row in rows:
            parts: tuple[Window, ...] = (row.window,)
            for other in those.get(key, ()):
                parts = tuple(rest for part in parts for rest in part.without(other.window))
            for part in parts:
                yield row._replace(window=part)


def _cut(shift: Shift, window: Window) -> Iterator[Shift]:
    """What is left of a shift; the first part keeps its id, a second says so in its own."""
    parts = shift.hours.without(window)
    for number, part in enumerate(parts):
        own = shift.id if number == 0 else f"{shift.id}/{number + 1}"
        yield replace(shift, id=own, start=part.start, end=part.end)


def _until(dates: DateRange, last: date) -> DateRange:
    """The dates without those after `last`."""
    ended = dates.last is not None and dates.last <= last
    return dates if ended else DateRange(dates.first, last)


def _require_employee(world: World, employee_id: str) -> None:
    _require(employee_id in {row.id for row in world.employees}, "employee", employee_id)


def _require(known: object, what: str, row_id: str) -> None:
    if not known:
        raise LookupError(f"no {what} {row_id} in this world; check the id")
