"""What an office decides in an ordinary week, from the municipality's plan and some chance.

House rules: every kind of change draws from a stream of its own each day. Only what an office
would do and a server would allow: nobody is asked twice a day, nobody works while they are away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final

from nyckelfri.simulate import changes
from nyckelfri.simulate.changes import Change, Edit
from nyckelfri.simulate.town import SWEDEN, Carer, Shift, Team, Town, Visit, local_day

_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = timedelta(days=1)
_CARE: Final = ("omvardnad", "service")
_CARERS: Final = ("underskoterska", "vardbitrade")


def plan(
    town: Town,
    rng_for: Callable[[str], Random],
    first: int,
    last: int,
    phones: Mapping[str, str] | None = None,
) -> list[Change]:
    """The changes of [first, last) in Unix seconds, by time; `phones`: labels by carer.

    `rng_for` gives the stream of chances of a name.
    """
    week = _Week(town, rng_for, phones or {})
    found: list[Change] = []
    day = local_day(first)
    while day <= local_day(last):
        found += week.changes_of(day)
        day += _DAY
    return sorted((each for each in found if first <= each.at < last), key=lambda each: each.at)


class _Week:
    """What is planned of a week so far."""

    def __init__(
        self, town: Town, rng_for: Callable[[str], Random], phones: Mapping[str, str]
    ) -> None:
        self._town = town
        self._rng_for = rng_for
        self._phones = phones
        self._teams = {team.id: team for team in town.teams}
        self._carers = {carer.number: carer for carer in town.carers}
        self._asked: set[tuple[str, date]] = set()
        """Carers, and days on which their plans have been changed already."""
        self._moved: set[str] = set()
        """Clients whose provider changes this week."""
        self._named: set[tuple[str, str]] = set()
        self._away: set[str] = set()
        self._leaving: dict[str, date] = {}
        self._number = 0

    def changes_of(self, day: date) -> Iterator[Change]:
        """What is decided on this day, and what follows from it later."""
        kinds = {
            "files": self._newer_files,
            "illness": self._illness,
            "leave": self._leave,
            "visit": self._visit_by_hand,
            "shift": self._shift_by_hand,
            "provider": self._provider,
            "withdrawal": self._withdrawal,
            "naming": self._naming,
            "phone": self._phone,
            "alarms": self._alarms,
        }
        for name, kind in kinds.items():
            yield from kind(day, self._rng_for(f"office/{name}/{day}"))

    # Who is away, and who comes instead.

    def _illness(self, day: date, rng: Random) -> Iterator[Change]:
        """Somebody calls in the morning, or goes home in the middle of a shift."""
        shift = self._shift(rng, day, 6, 10)
        if shift is None:
            return
        at = shift.start - rng.randrange(20, 90) * _MINUTE
        if rng.random() < 0.4:
            at = shift.start + rng.randrange(60, 180) * _MINUTE
        yield changes.Absence(at, shift.carer, max(at, shift.start), shift.end)
        yield from self._covered(day, rng, at + 5 * _MINUTE, shift)

    def _leave(self, day: date, rng: Random) -> Iterator[Change]:
        """Tomorrow and the day after somebody is away; now and then they are back too early."""
        tomorrow = day + _DAY
        shift = self._shift(rng, tomorrow, 6, 12)
        if shift is None or rng.random() < 0.5:
            return
        at = _at(day, 14, rng.randrange(30))
        self._asked |= {(shift.carer, day), (shift.carer, tomorrow + _DAY)}
        yield changes.Absence(at, shift.carer, _at(tomorrow), _at(tomorrow + 2 * _DAY))
        yield from self._covered(tomorrow, rng, at + 20 * _MINUTE, shift)
        if rng.random() < 0.5:
            yield changes.AbsenceEnd(_at(tomorrow, 18, rng.randrange(60)), shift.carer)

    def _covered(self, day: date, rng: Random, at: int, shift: Shift) -> Iterator[Change]:
        """The visits that are left, for a substitute and a colleague."""
        left = [visit for visit in self._visits(shift) if visit.start > at + 10 * _MINUTE]
        substitute = self._carer(rng, day, self._substitutes(day))
        colleague = self._carer(rng, day, self._colleagues(shift))
        first = left if colleague is None else left[: len(left) // 2]
        for who, visits in ((substitute, first), (colleague, left[len(first) :])):
            ids = tuple(visit.id for visit in visits if not _is_by(visit, who))
            if who is not None and ids:
                yield changes.TakeOver(at, ids, who, shift.carer)
                at += 5 * _MINUTE

    # What the rota lacks.

    def _visit_by_hand(self, day: date, rng: Random) -> Iterator[Change]:
        """A client needs more today; by somebody of the provider's, perhaps of another team."""
        shift = self._shift(rng, day, 6, 16)
        homes = [] if shift is None else self._homes_of_provider(shift.carer, day)
        if shift is None or not homes:
            return
        client, services = rng.choice(homes)
        start = shift.start + rng.randrange(2, 9) * 30 * _MINUTE
        end = start + rng.choice((15, 30, 45)) * _MINUTE
        name, at = self._name(), start - rng.randrange(30, 180) * _MINUTE
        yield changes.VisitByHand(at, name, client, shift.carer, start, end, services)
        if rng.random() < 0.3:
            yield changes.ByHandCancelled(at + 20 * _MINUTE, name)

    def _shift_by_hand(self, day: date, rng: Random) -> Iterator[Change]:
        """Somebody who is free comes to work, and is perhaps sent home again."""
        at_work = {
            shift.carer
            for shift in self._town.shifts
            if shift.start < _at(day + _DAY) and _at(day) < shift.end
        }
        carers = [carer for carer in self._home_care(day) if carer.number not in at_work]
        who = self._carer(rng, day, carers)
        if who is None or rng.random() < 0.3:
            return
        start = _at(day, rng.randrange(8, 16), 30)
        name, at = self._name(), start - rng.randrange(30, 300) * _MINUTE
        yield changes.ShiftByHand(at, name, who, start, start + 5 * _HOUR)
        if rng.random() < 0.3:
            yield changes.ByHandCancelled(start + 2 * _HOUR, name)

    # What a care assessor and an administrator decide.

    def _provider(self, day: date, rng: Random) -> Iterator[Change]:
        """A client wants another provider, from today or a day soon."""
        choices = [
            row
            for row in self._town.choices
            if row.service in _CARE
            and row.days.holds(day)
            and row.days.last is None
            and row.client not in self._moved
        ]
        if not choices or rng.random() < 0.4:
            return
        choice = rng.choice(choices)
        home = next(home for home in self._town.homes if home.client == choice.client)
        others = [
            team
            for team in self._teams.values()
            if team.kind == "hemtjanst"
            and team.area == home.area
            and team.provider != choice.provider
        ]
        if not others:
            return
        self._moved.add(choice.client)
        team = rng.choice(others)
        named = team.id if rng.random() < 0.5 else None
        first = day + rng.choice((0, 1, 2, 14)) * _DAY
        at = _at(day, 10, rng.randrange(60))
        yield changes.ProviderChange(at, choice.client, choice.service, team.provider, named, first)

    def _withdrawal(self, day: date, rng: Random) -> Iterator[Change]:
        """Somebody may not come to a client, or nowhere, for some hours or until it is settled."""
        shift = self._shift(rng, day, 6, 16)
        if shift is None or rng.random() < 0.5:
            return
        visits = self._visits(shift)
        client = rng.choice(visits).client if visits and rng.random() < 0.6 else None
        at = shift.start + rng.randrange(30, 240) * _MINUTE
        until = at + rng.randrange(1, 6) * _HOUR if rng.random() < 0.5 else None
        yield changes.Withdrawal(at, shift.carer, client, until)
        if until is None:
            yield changes.GivenBack(at + rng.randrange(1, 40) * _HOUR, shift.carer, client)

    def _naming(self, day: date, rng: Random) -> Iterator[Change]:
        """Somebody more may see who a protected client is."""
        protected = [home for home in self._town.homes if home.protected]
        carers = self._home_care(day)
        if protected and carers and rng.random() < 0.5:
            home, who = rng.choice(protected), rng.choice(carers)
            if (home.client, who.number) not in self._named:
                self._named.add((home.client, who.number))
                yield changes.Named(_at(day, 13), home.client, who.number)

    def _phone(self, day: date, rng: Random) -> Iterator[Change]:
        """A phone is lost and perhaps found; of whoever has left, a colleague gets it."""
        shift = self._shift(rng, day, 6, 16)
        label = self._phones.get(shift.carer) if shift is not None else None
        if shift is not None and label is not None and rng.random() < 0.6:
            at = shift.start + rng.randrange(30, 300) * _MINUTE
            yield changes.PhoneBlock(at, label)
            if rng.random() < 0.6:
                yield changes.PhoneUnblock(at + rng.randrange(1, 6) * _HOUR, label)
        for number, last in self._leaving.items():
            colleagues = [
                carer for carer in self._home_care(day) if carer.team == self._carers[number].team
            ]
            if last + _DAY == day and number in self._phones and colleagues:
                heir = rng.choice(colleagues).number
                yield changes.PhoneHandOver(_at(day, 11), self._phones[number], heir)

    def _alarms(self, day: date, rng: Random) -> Iterator[Change]:
        """Some clients press; whoever of the alarm group is at work goes there."""
        clients = [row.client for row in self._town.decisions if row.service == "trygghetslarm"]
        for _ in range(rng.randrange(4) if clients else 0):
            at = _at(day) + rng.randrange(86_400)
            group = [
                shift.carer
                for shift in self._town.shifts
                if shift.start <= at < shift.end and self._kind_of(shift.carer) == "larmgrupp"
            ]
            if group:
                accepted = at + rng.randrange(20, 240)
                on_site = accepted + rng.randrange(4, 30) * _MINUTE
                ended = on_site + rng.randrange(5, 40) * _MINUTE
                name, client = self._name("RX"), rng.choice(clients)
                yield changes.Alarm(at, name, client, rng.choice(group), accepted, on_site, ended)

    # What the care system sends.

    def _newer_files(self, day: date, rng: Random) -> Iterator[Change]:
        """The files of the evening: tomorrow is not quite as it was planned."""
        tomorrow = day + _DAY
        edits: list[Edit] = []
        gone = self._shift(rng, tomorrow, 6, 22)
        if gone is not None and rng.random() < 0.5:
            edits.append(changes.ShiftGone(gone.id))
        moved = self._shift(rng, tomorrow, 6, 16)
        if moved is not None:
            later = rng.choice((-30, -15, 15, 30)) * _MINUTE
            edits.append(changes.ShiftMoved(moved.id, moved.start + later, moved.end + later))
        edits += self._given(tomorrow, rng)
        who = self._carer(rng, tomorrow, self._home_care(tomorrow))
        if who is not None and rng.random() < 0.2:
            self._leaving[who] = tomorrow
            edits.append(changes.EmploymentEnd(who, tomorrow))
        home = rng.choice(self._town.homes)
        if rng.random() < 0.3 and home.client not in self._away:
            self._away.add(home.client)
            edits.append(changes.ClientAway(home.client, tomorrow, tomorrow + 3 * _DAY))
        yield changes.NewerFiles(_at(day, 17, rng.randrange(60)), tuple(edits))

    def _given(self, day: date, rng: Random) -> Iterator[Edit]:
        """Of one carer's visits, those that a colleague has time for."""
        shift = self._shift(rng, day, 6, 16)
        colleague = None if shift is None else self._carer(rng, day, self._colleagues(shift))
        if shift is None or colleague is None:
            return
        taken = [visit for visit in self._town.visits if _is_by(visit, colleague)]
        for visit in self._visits(shift)[:4]:
            both = visit.second is not None or visit.carer != shift.carer
            if not both and not any(
                each.start < visit.end and visit.start < each.end for each in taken
            ):
                yield changes.VisitGiven(visit.id, colleague)

    # Of whom, and who can.

    def _name(self, kind: str = "by hand ") -> str:
        self._number += 1
        return f"{kind}{self._number}"

    def _team_of(self, number: str) -> Team | None:
        return self._teams.get(self._carers[number].team or "")

    def _kind_of(self, number: str) -> str:
        team = self._team_of(number)
        return "" if team is None or self._carers[number].role not in _CARERS else team.kind

    def _home_care(self, day: date) -> list[Carer]:
        """Home care's own carers who work here that day."""
        return [
            carer
            for carer in self._town.carers
            if carer.employed.holds(day)
            and self._kind_of(carer.number) == "hemtjanst"
            and self._leaving.get(carer.number, day) >= day
        ]

    def _substitutes(self, day: date) -> list[Carer]:
        return [
            carer
            for carer in self._town.carers
            if carer.role == "vikarie" and carer.employed.holds(day)
        ]

    def _colleagues(self, shift: Shift) -> list[Carer]:
        """Others of the same team who are at work for most of the same time."""
        team = self._carers[shift.carer].team
        there = {
            each.carer
            for each in self._town.shifts
            if each.start <= shift.start + 2 * _HOUR and shift.end - 2 * _HOUR <= each.end
        }
        carers = self._home_care(local_day(shift.start))
        return [
            carer
            for carer in carers
            if carer.team == team and carer.number in there - {shift.carer}
        ]

    def _shift(self, rng: Random, day: date, after: int, before: int) -> Shift | None:
        """One of home care's shifts that begins then; its carer is not asked again that day."""
        free = {carer.number for carer in self._home_care(day)}
        found = [
            shift
            for shift in self._town.shifts
            if shift.carer in free
            and (shift.carer, day) not in self._asked
            and _at(day, after) <= shift.start < _at(day, before)
        ]
        shift = rng.choice(found) if found else None
        if shift is not None:
            self._asked.add((shift.carer, day))
        return shift

    def _carer(self, rng: Random, day: date, carers: Iterable[Carer]) -> str | None:
        """One of these carers, who is not asked again that day."""
        found = [carer.number for carer in carers if (carer.number, day) not in self._asked]
        number = rng.choice(found) if found else None
        if number is not None:
            self._asked.add((number, day))
        return number

    def _homes_of_provider(self, number: str, day: date) -> list[tuple[str, tuple[str, ...]]]:
        """Clients who have chosen the carer's provider, and for which decided services."""
        team = self._team_of(number)
        decided = {(row.client, row.service) for row in self._town.decisions if row.days.holds(day)}
        found: dict[str, tuple[str, ...]] = {}
        for choice in self._town.choices:
            mine = team is not None and choice.provider == team.provider
            due = choice.days.holds(day) and (choice.client, choice.service) in decided
            if mine and due and choice.service in _CARE:
                found[choice.client] = (*found.get(choice.client, ()), choice.service)
        return list(found.items())

    def _visits(self, shift: Shift) -> list[Visit]:
        return [
            visit
            for visit in self._town.visits
            if _is_by(visit, shift.carer) and shift.start <= visit.start < shift.end
        ]


def _is_by(visit: Visit, carer: str | None) -> bool:
    return carer is not None and carer in {visit.carer, visit.second}


def _at(day: date, hour: int = 0, minute: int = 0) -> int:
    return int(datetime.combine(day, time(hour, minute), SWEDEN).timestamp())
