"""At the doors: nobody without a right gets in, whoever has one does, no clock goes back."""

from __future__ import annotations

from typing import Final

from nyckelfri.door.clock import Reading
from nyckelfri.door.grants import Command
from nyckelfri.door.reasons import Reason
from nyckelfri.lock.ports import MotorCommand
from nyckelfri.simulate import ledger
from nyckelfri.simulate.carer import Attempt
from nyckelfri.simulate.invariant import Invariant
from nyckelfri.simulate.ledger import Handed
from nyckelfri.simulate.site import Move, Site

_HEARING: Final = 60
"""Seconds between a block and the first bulletin that must name it."""


class NobodyWithoutARight(Invariant):
    """A motor only ever unlocks for a phone that was handed a grant which holds there and then."""

    name = "nobody_without_a_right_opens"
    text = "A door unlocks only for a phone with a grant for it, in its window, that nobody revoked"

    def moved(self, move: Move) -> None:
        """Find the grant that this may have been for."""
        self.checked += 1
        site = self.world.sites[move.lock]
        reading = site.reading
        if move.command is MotorCommand.LOCK or reading is None:
            return
        reasons = []
        for phone in move.phones:
            held = self.world.ledger.held(phone, move.lock)
            why = [self._why_not(each, phone, site, reading) for each in held]
            if "" in why:
                return
            reasons.append(f"{phone}: {', '.join(sorted(set(why))) or 'no grant'}")
        raise self.broken(f"{move.lock} unlocked for {'; '.join(reasons) or 'nobody'}")

    def _why_not(self, handed: Handed, phone: str, site: Site, reading: Reading) -> str:
        grant = handed.grant
        if reading.is_early(grant.not_before) or reading.is_late(grant.not_after):
            return "outside its window"
        if site.key_set is not None and all(key.kid != handed.kid for key in site.key_set.keys):
            return "its key is not in the lock's key set any more"
        heard = ledger.heard(site.store.state.bulletin if site.store is not None else None)
        if heard is None:
            return ""
        if grant.serial in heard.serials or grant.phone_thumbprint in heard.phones:
            return "revoked, and the lock has heard"
        blocked = self.world.ledger.blocked.get(phone)
        if blocked is not None and handed.at <= blocked and heard.issued > blocked + _HEARING:
            return "blocked before the lock's bulletin was issued"
        return ""


class WhoeverHasARightOpens(Invariant):
    """A refusal has a cause that the world knows of, or a reason that the carer can act upon."""

    name = "whoever_has_a_right_opens"
    text = "Who holds a valid grant gets in, or something that the design allows hampers the door"

    def attempted(self, attempt: Attempt) -> None:
        """Ask for the cause of a try that came to nothing."""
        self.checked += 1
        if attempt.reason is Reason.GRANTED:
            return
        if attempt.far and attempt.reason is Reason.TOO_FAR:
            return
        if self.world.excuses(attempt.phone, attempt.lock):
            return
        if attempt.command is Command.SERVICE or self._may(attempt):
            said = attempt.reason.name if attempt.reason is not None else attempt.trouble
            raise self.broken(
                f"{attempt.carer} at {attempt.lock} with {attempt.phone}: {said},"
                f" asked for {attempt.command.name}"
            )

    def _may(self, attempt: Attempt) -> bool:
        held = self.world.ledger.held(attempt.phone, attempt.lock)
        keys = self._newest_keys(attempt)
        return any(
            each.carer == attempt.carer
            and each.kid in keys
            and each.grant.not_before <= attempt.at < each.grant.not_after
            for each in held
        )

    def _newest_keys(self, attempt: Attempt) -> frozenset[bytes]:
        """Key ids that are in force where these two meet: the newer of their two key sets."""
        held = [self.world.sites[attempt.lock].key_set]
        phone = self.world.phones.get(attempt.phone)
        if phone is not None and phone.store.enrolled:
            held.append(phone.store.trusted().key_set)
        newest = max(filter(None, held), key=lambda each: each.number, default=None)
        return frozenset() if newest is None else frozenset(key.kid for key in newest.keys)


class ClocksKeepTheirFloor(Invariant):
    """What a lock has heard signed is the least that its clock ever shows again."""

    name = "clocks_never_fall_below_the_floor"
    text = "A lock's clock never shows less than the highest signed time that it has taken"

    def moved(self, move: Move) -> None:
        """Look at this lock's clock."""
        self._look(self.world.sites[move.lock])

    def powered(self, lock: str) -> None:
        """Look at it as it has started."""
        self._look(self.world.sites[lock])

    def hourly(self) -> None:
        """Look at all clocks."""
        for site in self.world.sites.values():
            self._look(site)

    def ended(self) -> None:
        """Look at all clocks."""
        self.hourly()

    def _look(self, site: Site) -> None:
        reading, store = site.reading, site.store
        if reading is None or store is None or store.state.key_set is None:
            return
        self.checked += 1
        floor, epoch = store.state.running.clock.floor, site.epoch
        highest = self.world.floors.get(site.lock, (0, 0))
        if (epoch, floor) < highest:
            raise self.broken(f"the floor of {site.lock} fell from {highest} to {(epoch, floor)}")
        self.world.floors[site.lock] = (epoch, floor)
        if reading.time < floor:
            raise self.broken(f"{site.lock} shows {floor - reading.time} s less than its floor")


ALL: Final = (NobodyWithoutARight, WhoeverHasARightOpens, ClocksKeepTheirFloor)
