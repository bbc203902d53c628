"""What a carer enters on the phone at hand: labels read, visits by hand, what was not as planned.

House rules: as the staff app does it (`web/app/labels.js`, `web/screens/visiting.js`), and as
people do it: labels are passed by, visits are forgotten and entered hours later. It draws from a
stream of its own, so that what happens at doors does not hang on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from nyckelfri.simulate.presence import Passage, Stay
from nyckelfri.simulate.town import Visit

if TYPE_CHECKING:
    from nyckelfri.simulate.world import World

_WRONG: Final = 30
"""Seconds by which a phone's clock may be off and its word still be the truth."""
_WITHOUT_LABEL: Final = {"how": "manual", "reason": "label_missing"}
_HEAVY: Final = ("fall", "medicine", "health", "home")


@dataclass(frozen=True, slots=True)
class Errand:
    """Why somebody is in a client's home: a planned visit, or an alarm."""

    client: str
    services: tuple[str, ...] = ()
    visit: str | None = None
    alarm: bool = False

    @classmethod
    def of(cls, visit: Visit, *, by_hand: bool) -> Errand:
        """Of a planned visit; one that was added by hand has no number that files know."""
        return cls(visit.client, visit.services, None if by_hand else visit.id)


class Pen:
    """A carer's own in one shift."""

    def __init__(self, world: World, number: str, chance: Random) -> None:
        self._world = world
        self._number = number
        self._chance = chance
        self._late: list[tuple[Errand, Stay]] = []
        self._forgets = False

    def came(self, errand: Errand, stay: Stay) -> bool:
        """Register that they came; whether the client wants the visit."""
        rates, chance = self._world.rates, self._chance
        self._forgets = chance.random() < rates.forgotten or self._forgets_this()
        declined = not errand.alarm and chance.random() < rates.declined
        if self._forgets:
            self._late.append((errand, stay))
        elif self._reads_label(errand, "start"):
            self._write("visit_start", errand, {"how": "label"})
        elif stay.came is not Passage.OPEN:
            self._write("visit_start", errand, {"how": "door"})
        elif errand.client not in self._world.labels:
            self._write("visit_start", errand, _WITHOUT_LABEL)
        if errand.alarm:
            self._write("unplanned", errand, {"reason": "alarm"})
        if declined:
            stay.declined = True
            self._write("declined", errand, {})
        return not declined

    def goes(self, errand: Errand) -> None:
        """Register that they go, and what was done."""
        if self._chance.random() < self._world.rates.deviation:
            what = self._chance.choice(_HEAVY)
            text = "Ringde samordnaren och berättade"
            self._write("deviation", errand, {"what": what, "text": text})
        if self._forgets:
            return
        how: dict[str, Any] = {"how": "door"}
        if self._reads_label(errand, "end"):
            how = {"how": "label"}
        elif self._world.home(errand.client).lock is None:
            how = _WITHOUT_LABEL
        self._write("visit_end", errand, {"services": self._services(errand), **how})

    def missed(self, errand: Errand) -> None:
        """Nobody opened, or the lock did not: perhaps say so."""
        if self._chance.random() < 0.5:
            self._write("missed", errand, {"reason": "no_answer"})

    def make_up_for(self) -> None:
        """Enter what was forgotten, as it really was."""
        for errand, stay in self._late:
            why = {"how": "manual", "reason": "forgot"}
            done = {"services": self._services(errand), **why}
            self._write("visit_start", errand, why, at=stay.since)
            self._write("visit_end", errand, done, at=stay.until)
        self._late.clear()

    def reads_copy(self, client: str, copy: dict[str, str]) -> str | None:
        """Read a copied label, wherever they are; the entry's id."""
        return self._write("tap", Errand(client), {**copy, "use": "start"})

    def _forgets_this(self) -> bool:
        forgets = self._number in self._world.forgetful
        self._world.forgetful.discard(self._number)
        return forgets

    def _services(self, errand: Errand) -> list[str]:
        services: list[str] = self._world.registry.services(errand.services)
        return services

    def _reads_label(self, errand: Errand, use: str) -> bool:
        label = self._world.labels.get(errand.client)
        if label is None or self._chance.random() < self._world.rates.unread:
            return False
        label.original = self._write("tap", errand, {**label.read(), "use": use})
        return label.original is not None

    def _write(
        self, kind: str, errand: Errand, detail: dict[str, Any], *, at: float | None = None
    ) -> str | None:
        """Keep an entry on the phone; its id, None without a phone that takes it."""
        world = self._world
        id_ = str(UUID(int=self._chance.getrandbits(128), version=4))
        phone = world.phone_of(self._number)
        if phone is None or not phone.store.enrolled:
            return None
        if at is None and abs(phone.said - world.now()) > _WRONG:
            world.presence.doubted.add(self._number)
        entry = {
            "id": id_,
            "kind": kind,
            "at": int(phone.said if at is None else at),
            "employee": self._number,
            "client": errand.client,
            "visit": errand.visit,
            "detail": detail,
        }
        phone.notebook.keep(entry)
        world.tell(self._number, "entered", f"{kind} {errand.client}")
        return id_
