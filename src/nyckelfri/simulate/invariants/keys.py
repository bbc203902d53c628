"""Keys: serials come once, numbers rise, a restored server signs nothing, a block stays."""

from __future__ import annotations

from typing import Any, Final

from nyckelfri.simulate import ledger
from nyckelfri.simulate.carer import Attempt
from nyckelfri.simulate.handset import Handset
from nyckelfri.simulate.invariant import Invariant
from nyckelfri.simulate.ledger import Handed
from nyckelfri.simulate.site import Site

_Numbers = tuple[int, tuple[int, int]]
"""Of the key set, and of the bulletin with its epoch."""


class SerialsAreNeverReused(Invariant):
    """One serial is one grant, also after a restore and on two servers at once."""

    name = "no_serial_comes_twice"
    text = "No two grants that ever went out share a serial"

    def answered(self, phone: str, call: str, answer: dict[str, Any]) -> None:
        """See whether the ledger has met a serial with another content."""
        del answer
        if call == "sync":
            self.checked += 1
            if self.world.ledger.clashes:
                raise self.broken(f"{phone} was given {self.world.ledger.clashes[0]}")


class NumbersOnlyRise(Invariant):
    """Neither phone nor lock ever goes back to an older key set or bulletin.

    A phone that was emptied and a unit that was set back to an image of its disk begin anew.
    """

    name = "numbers_of_key_sets_and_bulletins_only_rise"
    text = "No phone and no lock ever holds an older key set or bulletin than before"

    _held: dict[str, tuple[object, _Numbers]]

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._held = {}

    def attempted(self, attempt: Attempt) -> None:
        """Look at the two that have met."""
        self._look_at_site(self.world.sites[attempt.lock])
        if attempt.phone in self.world.phones:
            self._look_at_phone(self.world.phones[attempt.phone])

    def hourly(self) -> None:
        """Look at all."""
        for site in self.world.sites.values():
            self._look_at_site(site)
        for phone in self.world.phones.values():
            self._look_at_phone(phone)

    def ended(self) -> None:
        """Look at all."""
        self.hourly()

    def _look_at_site(self, site: Site) -> None:
        if site.store is None or not site.powered or site.key_set is None:
            return
        bulletin = ledger.heard(site.store.state.bulletin)
        number = (0, 0) if bulletin is None else bulletin.number
        since = self.world.incidents.set_back.get(site.lock)
        self._look(site.lock, since, (site.key_set.number, number))

    def _look_at_phone(self, phone: Handset) -> None:
        if not phone.store.enrolled:
            self._held.pop(phone.label, None)
            return
        trusted = phone.store.trusted()
        if trusted.key_set is None:
            self._held.pop(phone.label, None)
            return
        number = (0, 0) if trusted.bulletin is None else trusted.bulletin.number
        self._look(phone.label, phone.store.text("phone"), (trusted.key_set.number, number))

    def _look(self, who: str, since: object, now: _Numbers) -> None:
        self.checked += 1
        begun, before = self._held.get(who, (None, (0, (0, 0))))
        new_epoch = now[0] > before[0] and now[1] == (0, 0)
        if begun == since and not new_epoch and (now[0] < before[0] or now[1] < before[1]):
            raise self.broken(f"{who} held {before} and now holds {now}")
        self._held[who] = since, now


class ARestoredServerSignsNothing(Invariant):
    """Between a restored backup and the new epoch no phone gets anything signed for access."""

    name = "a_restored_server_signs_nothing"
    text = "No grant, bulletin or receipt goes out from a restored database before the new epoch"

    def answered(self, phone: str, call: str, answer: dict[str, Any]) -> None:
        """No sync is answered then; the time alone may be told to a lock that has lost it."""
        del answer
        self.checked += call == "sync"
        if call == "sync" and self.world.incidents.behind:
            raise self.broken(f"{phone} was answered by a restored database")


class WhatIsInForceArrives(Invariant):
    """A key set that the root has signed reaches every phone, whatever was restored before it."""

    name = "what_is_in_force_arrives"
    text = "When all phones have synced, each holds the key set that is in force"

    def ended(self) -> None:
        """Look at the phones that somebody has at hand; everybody has just synced."""
        in_force = self.world.upkeep.in_force()
        for number in self.world.founded.phones:
            phone = self.world.phone_of(number)
            if phone is None or not phone.store.enrolled:
                continue
            self.checked += 1
            held = phone.store.trusted().key_set
            if held != in_force:
                has = "none" if held is None else held.number
                raise self.broken(f"{phone.label} has key set {has}, not {in_force.number}")


class ABlockSurvivesEverything(Invariant):
    """Whatever becomes of the server, a blocked phone gets nothing any more."""

    name = "a_block_survives_everything"
    text = "No blocked phone is ever answered or given a grant again, restored backups included"

    def handed(self, handed: Handed) -> None:
        """Nothing for a phone that is blocked."""
        self.checked += 1
        if handed.phone in self.world.ledger.blocked:
            raise self.broken(f"{handed.phone} was given {handed.lock} though it is blocked")

    def answered(self, phone: str, call: str, answer: dict[str, Any]) -> None:
        """Not even the bulletin."""
        del answer
        if call == "sync" and phone in self.world.ledger.blocked:
            raise self.broken(f"{phone} is blocked, and its sync was answered")

    def ended(self) -> None:
        """And the server still says so."""
        for label in self.world.ledger.blocked:
            self.checked += 1
            if not self.world.upkeep.is_blocked(label):
                raise self.broken(f"the server has forgotten that {label} is blocked")


ALL: Final = (
    SerialsAreNeverReused,
    NumbersOnlyRise,
    ARestoredServerSignsNothing,
    WhatIsInForceArrives,
    ABlockSurvivesEverything,
)
