"""What is known of a municipality's plan, and what becomes of it by a change.

House rules: values; a change gives a new one and leaves the old as it was, so that what was
known an hour ago can still be asked. Who may open what is told in `rights`, not here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property, singledispatch
from math import inf
from typing import TypeAlias, TypeVar

from nyckelfri.simulate import changes
from nyckelfri.simulate.changes import Change, Edit
from nyckelfri.simulate.town import Carer, Choice, Shift, Span, Town, Visit

Stretch: TypeAlias = tuple[float, float]
"""[start, end) in Unix seconds."""
_DAY = timedelta(days=1)
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


@dataclass(frozen=True)
class Known:
    """All that changes and that access follows from; moments are Unix seconds."""

    carers: Mapping[str, Carer]
    choices: tuple[Choice, ...]
    shifts: Mapping[str, Shift]
    visits: Mapping[str, Visit]
    by_hand: frozenset[str]
    """Of the visits, those that a planner added."""
    taken: Mapping[tuple[str, str], str]
    """By visit and whom the plan names: who makes it instead."""
    away: tuple[tuple[str, Stretch], ...]
    """Carers, and when they are absent."""
    withdrawn: tuple[tuple[str, str | None, Stretch], ...]
    """Carers, from which client's door (None: from every door), and when."""
    phones: Mapping[str, tuple[str, bool]]
    """By label: the holder, and whether it is blocked."""
    signed_in: Mapping[tuple[str, str], float]
    """By carer and phone: until when."""

    @classmethod
    def at_first(cls, town: Town, phones: Mapping[str, str]) -> Known:
        """What the files say; `phones`: by label, whose they are."""
        return cls(
            carers={carer.number: carer for carer in town.carers},
            choices=town.choices,
            shifts={shift.id: shift for shift in town.shifts},
            visits={visit.id: visit for visit in town.visits},
            by_hand=frozenset(),
            taken={},
            away=(),
            withdrawn=(),
            phones={label: (holder, False) for label, holder in phones.items()},
            signed_in={},
        )

    @cached_property
    def at_work(self) -> Mapping[str, list[Stretch]]:
        """By carer: the shifts, without the time that they are away."""
        found: defaultdict[str, list[Stretch]] = defaultdict(list)
        for shift in self.shifts.values():
            parts: list[Stretch] = [(shift.start, shift.end)]
            for start, end in self._away_by_carer.get(shift.carer, ()):
                parts = [
                    part
                    for first, last in parts
                    for part in ((first, min(last, start)), (max(first, end), last))
                    if part[0] < part[1]
                ]
            found[shift.carer] += parts
        return found

    @cached_property
    def to_make(self) -> Mapping[str, list[Visit]]:
        """By carer: the visits that are theirs, by the plan or taken over, unless they are away."""
        found = defaultdict(list)
        for visit in self.visits.values():
            planned = filter(None, (visit.carer, visit.second))
            for carer in dict.fromkeys(self.taken.get((visit.id, each), each) for each in planned):
                away = self._away_by_carer.get(carer, ())
                if not any(start <= visit.start < end for start, end in away):
                    found[carer].append(visit)
        return found

    @cached_property
    def _away_by_carer(self) -> Mapping[str, list[Stretch]]:
        found = defaultdict(list)
        for carer, stretch in self.away:
            found[carer].append(stretch)
        return found

    @cached_property
    def chosen(self) -> Mapping[str, list[Choice]]:
        """By client: the choices of provider."""
        found = defaultdict(list)
        for choice in self.choices:
            found[choice.client].append(choice)
        return found

    def without_a_phone(self, carer: str, at: float) -> bool:
        """Whether every phone of a carer who has had one is blocked, and none is lent to them."""
        own = [blocked for holder, blocked in self.phones.values() if holder == carer]
        lent = any(
            who == carer and at < until and not self.phones[phone][1]
            for (who, phone), until in self.signed_in.items()
        )
        return bool(own) and all(own) and not lent


@singledispatch
def after(change: Change, _known: Known) -> Known:
    """What is known once this has been decided."""
    raise TypeError(f"this is no change of a plan: {change}")


@after.register
def _(change: changes.TakeOver, known: Known) -> Known:
    """Give the visits to the other, and a shift for those that lie outside all of theirs."""
    who = change.substitute
    taken = {**known.taken, **{(each, change.instead_of): who for each in change.visits}}
    outside = [
        visit
        for visit in map(known.visits.__getitem__, change.visits)
        if not any(
            shift.carer == who and shift.start < visit.end and visit.start < shift.end
            for shift in known.shifts.values()
        )
    ]
    shifts = dict(known.shifts)
    if outside:
        start = max(int(change.at), min(visit.start for visit in outside))
        name = f"{who} for {change.instead_of} at {change.at}"
        shifts[name] = Shift(name, who, start, max(visit.end for visit in outside))
    return replace(known, taken=taken, shifts=shifts)


@after.register
def _(change: changes.Absence, known: Known) -> Known:
    return replace(known, away=(*known.away, (change.carer, (change.start, change.end))))


@after.register
def _(change: changes.AbsenceEnd, known: Known) -> Known:
    """End the first that is not over; one that has not begun is gone."""
    rows = list(known.away)
    mine = [row for row in rows if row[0] == change.carer and row[1][1] > change.at]
    if mine:
        first = min(mine, key=lambda row: row[1])
        rows.remove(first)
        if first[1][0] < change.at:
            rows.append((change.carer, (first[1][0], change.at)))
    return replace(known, away=tuple(rows))


@after.register
def _(change: changes.VisitByHand, known: Known) -> Known:
    row = change
    visit = Visit(row.name, row.client, row.carer, None, row.start, row.end, row.services)
    visits = {**known.visits, row.name: visit}
    return replace(known, visits=visits, by_hand=known.by_hand | {row.name})


@after.register
def _(change: changes.ShiftByHand, known: Known) -> Known:
    shift = Shift(change.name, change.carer, change.start, change.end)
    return replace(known, shifts={**known.shifts, change.name: shift})


@after.register
def _(change: changes.ByHandCancelled, known: Known) -> Known:
    visits = _without(known.visits, change.name)
    return replace(known, visits=visits, shifts=_without(known.shifts, change.name))


@after.register
def _(change: changes.ProviderChange, known: Known) -> Known:
    """Let what is chosen until then end the day before, and drop what was chosen for later."""
    kept = []
    for choice in known.choices:
        if (choice.client, choice.service) != (change.client, change.service):
            kept.append(choice)
        elif choice.days.first < change.first:
            before = change.first - _DAY
            last = min(choice.days.last or before, before)
            kept.append(replace(choice, days=Span(choice.days.first, last)))
    days = Span(change.first)
    new = Choice(change.client, change.service, change.provider, change.team, days)
    return replace(known, choices=(*kept, new))


@after.register
def _(change: changes.Withdrawal, known: Known) -> Known:
    until = inf if change.until is None else change.until
    row = change.carer, change.client, (change.at, until)
    return replace(known, withdrawn=(*known.withdrawn, row))


@after.register
def _(change: changes.GivenBack, known: Known) -> Known:
    """End what was to hold until further notice; what has an end of its own goes on until then."""
    given = change.carer, change.client, inf
    withdrawn = tuple(
        (carer, client, (start, change.at if (carer, client, end) == given else end))
        for carer, client, (start, end) in known.withdrawn
    )
    return replace(known, withdrawn=withdrawn)


@after.register
def _(change: changes.PhoneBlock, known: Known) -> Known:
    return _with_phone(known, change.phone, blocked=True)


@after.register
def _(change: changes.PhoneUnblock, known: Known) -> Known:
    return _with_phone(known, change.phone, blocked=False)


@after.register
def _(change: changes.PhoneHandOver, known: Known) -> Known:
    return _with_phone(known, change.phone, holder=change.carer, blocked=False)


@after.register
def _(change: changes.SignIn, known: Known) -> Known:
    signed_in = {**known.signed_in, (change.carer, change.phone): change.until}
    return replace(known, signed_in=signed_in)


@after.register
def _(change: changes.SignOut, known: Known) -> Known:
    return replace(known, signed_in=_without(known.signed_in, (change.carer, change.phone)))


@after.register
def _(change: changes.NewerFiles, known: Known) -> Known:
    for edit in change.edits:
        known = _edited(known, edit, change.at)
    return known


@after.register
def _(_change: changes.Named | changes.Alarm, known: Known) -> Known:
    return known


def _with_phone(known: Known, phone: str, *, blocked: bool, holder: str | None = None) -> Known:
    """Whatever becomes of a phone, nobody is signed in on it any more."""
    signed_in = {key: until for key, until in known.signed_in.items() if key[1] != phone}
    phones = {**known.phones, phone: (holder or known.phones[phone][0], blocked)}
    return replace(known, phones=phones, signed_in=signed_in)


def _edited(known: Known, edit: Edit, at: float) -> Known:
    match edit:
        case changes.ShiftGone(shift=id_):
            # Whoever is at work already is not locked out by a file.
            begun = known.shifts[id_].start <= at
            return known if begun else replace(known, shifts=_without(known.shifts, id_))
        case changes.ShiftMoved(shift=id_, start=start, end=end):
            moved = replace(known.shifts[id_], start=start, end=end)
            return replace(known, shifts={**known.shifts, id_: moved})
        case changes.VisitGiven(visit=id_, carer=number):
            given = replace(known.visits[id_], carer=number)
            return replace(known, visits={**known.visits, id_: given})
        case changes.EmploymentEnd(carer=number, last=last):
            carer = known.carers[number]
            leaving = replace(carer, employed=Span(carer.employed.first, last))
            return replace(known, carers={**known.carers, number: leaving})
        case changes.ClientAway():
            return known


def _without(rows: Mapping[_Key, _Value], key: _Key) -> Mapping[_Key, _Value]:
    return {each: row for each, row in rows.items() if each != key}
