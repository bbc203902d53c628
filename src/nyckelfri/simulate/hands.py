"""Who has which work phone at hand, and who works on it.

House rules: a phone is in one person's hands or in nobody's; who worked on it is kept, since the
log must name them later.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from random import Random
from typing import Final

from nyckelfri.door.clock import Mark
from nyckelfri.simulate.founding import Founded
from nyckelfri.simulate.ground import Ground, Rates
from nyckelfri.simulate.handset import Handset
from nyckelfri.simulate.plan import Week
from nyckelfri.simulate.site import Site

_SOUND: Final = 60
"""Seconds that a lock's clock may be off, and what it says of a visit still be the truth."""


class Hands(Ground):
    """The town with its phones."""

    def __init__(self, founded: Founded, week: Week, rates: Rates | None = None) -> None:
        super().__init__(founded, week, rates)
        self.phones: dict[str, Handset] = {}
        self._holders = dict(founded.phones)
        self._work: dict[str, list[tuple[float, str]]] = {}

    def any_phone(self, chance: Random) -> Handset:
        """Some phone on which somebody works."""
        at_work = [label for label in self.phones if self.at_work(label, self.now()) is not None]
        return self.phones[chance.choice(at_work or list(self.phones))]

    def lose(self, phone: Handset) -> str | None:
        """Its carer has it no longer; the carer's number."""
        number = next((each for each, label in self._holders.items() if label == phone.label), None)
        if number is not None:
            del self._holders[number]
            self.presence.doubted.add(number)
        return number

    def is_idle(self, phone: Handset) -> bool:
        """Whether nobody works on this phone, and somebody has it at hand."""
        held = phone.label in self._holders.values()
        return held and self.at_work(phone.label, self.now()) is None

    def borrow(self, number: str, phone: Handset) -> None:
        """A carer has a colleague's phone at hand, and no other; they sign in when they need it."""
        self._holders[number] = phone.label

    def give_back(self, number: str, phone: Handset, own: Handset) -> None:
        """And has their own again."""
        if phone.store.enrolled and self.at_work(phone.label, self.now()) == number:
            phone.sign_out()
            self.works_on(phone.label, None)
        self._holders[number] = own.label

    async def died(self, phone: Handset) -> None:
        """A phone has died in somebody's hand: it is charged, and the app begins anew."""
        self.tell(phone.label, "died")
        await asyncio.sleep(180)
        phone.restart()
        self.tell(phone.label, "is on again")

    def phone_of(self, number: str) -> Handset | None:
        """The phone that this carer has at hand now."""
        label = self._holders.get(number)
        return self.phones.get(label) if label is not None else None

    def works_on(self, phone: str, number: str | None) -> None:
        """From now on this person works on this phone; None: nobody.

        What it held for whoever worked on it before is gone.
        """
        self.ledger.shown.pop(phone, None)
        self._work.setdefault(phone, []).append((self.now(), number or ""))

    def doubt(self, site: Site, phones: Iterable[str]) -> None:
        """Note whose log will not tell the truth of this movement: by the clock, or by name."""
        reading = site.reading
        sound = reading is not None and reading.mark is Mark.SET and abs(site.off_by) <= _SOUND
        for phone in phones:
            number = self.at_work(phone, self.now())
            if number is None:  # somebody who should not have it
                of_key = (phone, self.ledger.key_of(phone))
                self.presence.doubted |= {
                    who for label in of_key for _, who in self._work.get(label, ()) if who
                }
            elif not sound:
                self.presence.doubted.add(number)

    def at_work(self, phone: str, at: float) -> str | None:
        """Who worked on a phone at that moment."""
        number = ""
        for since, who in self._work.get(phone, ()):
            if since <= at:
                number = who
        return number or None

    def signed_in(self, phone: str) -> str:
        """Who is signed in on a phone; on a copy, who last was on the phone that it is of."""
        own = self.ledger.key_of(phone)
        if own == phone:
            return self.at_work(phone, self.now()) or ""
        return next((who for _, who in reversed(self._work.get(own, ())) if who), "")
