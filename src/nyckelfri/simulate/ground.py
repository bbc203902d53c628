"""Where people and doors of a simulated town are, and what is planned: the world as a place.

House rules: what is true stands here; what the municipality knows of it stands at the server.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from nyckelfri.door.commissioning import Kind
from nyckelfri.door.grants import Command
from nyckelfri.simulate.air import Antenna
from nyckelfri.simulate.chips import Label
from nyckelfri.simulate.founding import Founded
from nyckelfri.simulate.history import History
from nyckelfri.simulate.ledger import Ledger
from nyckelfri.simulate.loop import VirtualLoop
from nyckelfri.simulate.plan import Week
from nyckelfri.simulate.presence import Passage, Presence, Stay
from nyckelfri.simulate.rights import Rights
from nyckelfri.simulate.site import Site
from nyckelfri.simulate.town import Home, Shift, Visit

if TYPE_CHECKING:
    from nyckelfri.simulate.carer import Carer


@dataclass(frozen=True, slots=True)
class Rates:
    """How often small things go wrong by themselves, as shares of all times."""

    too_far: float = 0.02
    no_coverage: float = 0.1
    unread: float = 0.15
    """Comings and goings at which the label on the wall is not read."""
    forgotten: float = 0.02
    """Visits that are entered by hand at the end of the shift."""
    declined: float = 0.01
    deviation: float = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Hamper:
    """Something that may keep phones from opening, or doors from being opened."""

    because: str
    phones: frozenset[str]
    locks: frozenset[str]


class Ground:
    """A town in one week. `rates` say how often small things go wrong by themselves."""

    def __init__(self, founded: Founded, week: Week, rates: Rates | None = None) -> None:
        self.founded = founded
        self.week = week
        self.rates = rates or Rates()
        self.loop = VirtualLoop()
        self.history = History(self.now)
        self.sites: dict[str, Site] = {}
        self.ledger = Ledger({value: key for key, value in founded.installations.items()})
        self.rights = Rights(
            founded.town, phones={label: number for number, label in founded.phones.items()}
        )
        self._homes = {home.client: home for home in founded.town.homes}
        self.presence = Presence()
        self.labels = {
            row.client: Label(row.id, founded.chips.get(row.id)) for row in founded.town.labels
        }
        """By client: the label on their wall."""
        self.carers: dict[str, Carer] = {}
        """Who is at work now, by number."""
        self.turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        """By number, held by the shift that they are at: nobody works two at once."""
        self.visited: set[tuple[str, str]] = set()
        """Who has gone to which planned visit."""
        self.forgetful: set[str] = set()
        """Carers who will enter their next visit much later."""
        self._hampers: list[Hamper] = []

    def now(self) -> float:
        """True Unix seconds."""
        return self.week.begins + self.loop.time()

    async def until(self, moment: float) -> None:
        """Wait for a moment."""
        await asyncio.sleep(max(0.0, moment - self.now()))

    async def becomes(self, true: Callable[[], bool], every: float = 60) -> None:
        """Wait until something is so, looking `every` seconds."""
        while not true():  # noqa: ASYNC110 - nobody tells when what is only watched changes
            await asyncio.sleep(every)

    def tell(self, who: str, what: str, more: str = "") -> None:
        """Write a line of the history."""
        self.history.tell(who, what, more)

    def on_duty(self, shift: Shift) -> bool:
        """Whether this shift is still this carer's, as is known now."""
        return (shift.start, shift.end) in self.rights.known(self.now()).at_work.get(
            shift.carer, ()
        )

    def planned(self, number: str, visit: str) -> Visit | None:
        """A carer's planned visit as is known now."""
        mine = self.rights.known(self.now()).to_make.get(number, ())
        return next((each for each in mine if each.id == visit), None)

    def home(self, client: str) -> Home:
        """Where a client lives."""
        return self._homes[client]

    def visits_of(self, number: str, shift: Shift) -> list[Visit]:
        """This carer's planned visits in a shift, in order."""
        mine = self.rights.known(self.now()).to_make.get(number, ())
        return sorted(
            (visit for visit in mine if shift.start <= visit.start < shift.end),
            key=lambda visit: (visit.start, visit.id),
        )

    def covered_at(self, home: Home, chance: Random) -> bool:
        """Whether phones have coverage in this home at this visit."""
        del home
        return chance.random() >= self.rates.no_coverage

    def lock_of(self, installation: bytes) -> str:
        """The lock with this installation id."""
        return self.ledger.locks[installation]

    def antennas_at(self, lock: str) -> list[Antenna]:
        """What a phone hears that stands before this door."""
        return [self.sites[lock].antenna]

    def go_in(self, home: Home, number: str, how: Passage) -> Stay:
        """Somebody is in a home from now on."""
        return self.presence.came(home, number, self.now(), how)

    def go_out(self, stay: Stay) -> None:
        """And out of it again."""
        stay.until = self.now()

    def others_inside(self, home: Home, number: str) -> bool:
        """Whether a colleague is still in this home."""
        return any(other != number for other in self.presence.inside(home))

    def moved(self, lock: str, command: Command) -> bool:
        """Whether a granted command has done what it should."""
        site = self.sites[lock]
        if site.kind is Kind.ENTRANCE_UNIT:
            return True  # the strike held again long before the carer was told
        return site.locked is (command is Command.LOCK)

    def any_site(self, chance: Random) -> Site:
        """Some door that has power."""
        return self.sites[chance.choice([s.lock for s in self.sites.values() if s.powered])]

    @contextlib.contextmanager
    def hampered(
        self, because: str, *, phones: Iterable[str] = (), locks: Iterable[str] = ()
    ) -> Iterator[None]:
        """While this lasts, tries with these phones or at these doors may come to nothing."""
        hamper = Hamper(because, frozenset(phones), frozenset(locks))
        self._hampers.append(hamper)
        try:
            yield
        finally:
            self._hampers.remove(hamper)

    def excuses(self, phone: str, lock: str) -> list[str]:
        """Why a try with this phone at this door may come to nothing now."""
        return [
            hamper.because
            for hamper in self._hampers
            if phone in hamper.phones or lock in hamper.locks
        ]
