"""What is known of a municipality's plan, and what becomes of it by a change.

House rules: values; a change gives a new one and leaves the old as it was, so that what was
known an hour ago can still be asked. Who may open what is told in `rights`, not here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
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
        found = defaultdict(list)
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


def after(known: Known, change: Change) -> Known:  # noqa: C901 -- a row for each kind
    """What is known once this has been decided."""
    match change:
        case changes.TakeOver():
            return _take_over(known, change)
        case changes.Absence(carer=carer, start=start, end=end):
            return replace(known, away=(*known.away, (carer, (start, end))))
        case changes.AbsenceEnd(at=at, carer=carer):
            away = tuple(
                (who, (start, min(end, at)) if who == carer else (start, end))
                for who, (start, end) in known.away
            )
            return replace(known, away=away)
        case changes.VisitByHand(name=name):
            visit = Visit(
                name, change.client, change.carer, None, change.start, change.end, change.services
            )
            return replace(
                known, visits={**known.visits, name: visit}, by_hand=known.by_hand | {name}
            )
        case changes.ShiftByHand(name=name, carer=carer, start=start, end=end):
            return replace(known, shifts={**known.shifts, name: Shift(name, carer, start, end)})
        case changes.ByHandCancelled(name=name):
            return replace(
                known, visits=_without(known.visits, name), shifts=_without(known.shifts, name)
            )
        case changes.ProviderChange():
            return replace(known, choices=tuple(_chosen(known.choices, change)))
        case changes.Withdrawal(at=at, carer=carer, client=client, until=until):
            row = carer, client, (at, inf if until is None else until)
            return replace(known, withdrawn=(*known.withdrawn, row))
        case changes.GivenBack(at=at):
            given = change.carer, change.client
            withdrawn = tuple(
                (carer, client, (start, min(end, at) if (carer, client) == given else end))
                for carer, client, (start, end) in known.withdrawn
            )
            return replace(known, withdrawn=withdrawn)
        case changes.PhoneBlock(phone=phone):
            return _phone(known, phone, known.phones[phone][0], blocked=True)
        case changes.PhoneUnblock(phone=phone):
            return _phone(known, phone, known.phones[phone][0], blocked=False)
        case changes.PhoneHandOver(phone=phone, carer=carer):
            return _phone(known, phone, carer, blocked=False)
        case changes.SignIn(carer=carer, phone=phone, until=until):
            return replace(known, signed_in={**known.signed_in, (carer, phone): until})
        case changes.SignOut(carer=carer, phone=phone):
            return replace(known, signed_in=_without(known.signed_in, (carer, phone)))
        case changes.NewerFiles(edits=edits):
            for edit in edits:
                known = _edited(known, edit)
            return known
        case changes.Named() | changes.Alarm():
            return known


def _take_over(known: Known, change: changes.TakeOver) -> Known:
    """The visits' new carer; and a shift for those of them that lie outside all of theirs."""
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
        start = max(change.at, min(visit.start for visit in outside))
        end = max(visit.end for visit in outside)
        name = f"{who} for {change.instead_of} at {change.at}"
        shifts[name] = Shift(name, who, int(start), end)
    return replace(known, taken=taken, shifts=shifts)


def _chosen(choices: tuple[Choice, ...], change: changes.ProviderChange) -> list[Choice]:
    """The choices until the day before, and the new one from then on."""
    found = []
    for choice in choices:
        if (choice.client, choice.service) != (change.client, change.service):
            found.append(choice)
        elif choice.days.first < change.first:
            last = change.first - _DAY
            if choice.days.last is not None:
                last = min(last, choice.days.last)
            found.append(replace(choice, days=Span(choice.days.first, last)))
    days = Span(change.first)
    return [*found, Choice(change.client, change.service, change.provider, change.team, days)]


def _phone(known: Known, phone: str, holder: str, *, blocked: bool) -> Known:
    """Whatever becomes of a phone, whoever was signed in on it is so no longer."""
    signed_in = {key: until for key, until in known.signed_in.items() if key[1] != phone}
    phones = {**known.phones, phone: (holder, blocked)}
    return replace(known, phones=phones, signed_in=signed_in)


def _edited(known: Known, edit: Edit) -> Known:
    match edit:
        case changes.ShiftGone(shift=id_):
            return replace(known, shifts=_without(known.shifts, id_))
        case changes.ShiftMoved(shift=id_, start=start, end=end):
            moved = replace(known.shifts[id_], start=start, end=end)
            return replace(known, shifts={**known.shifts, id_: moved})
        case changes.VisitGiven(visit=id_, carer=carer):
            given = replace(known.visits[id_], carer=carer)
            return replace(known, visits={**known.visits, id_: given})
        case changes.EmploymentEnd(carer=number, last=last):
            carer = known.carers[number]
            leaving = replace(carer, employed=Span(carer.employed.first, last))
            return replace(known, carers={**known.carers, number: leaving})
        case changes.ClientAway():
            return known


def _without(rows: Mapping[_Key, _Value], key: _Key) -> Mapping[_Key, _Value]:
    return {each: row for each, row in rows.items() if each != key}
