"""At the doors: nobody without a right gets in, whoever has one does, no clock goes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from nyckelfri.door.clock import Reading
from nyckelfri.door.grants import Command, Grant
from nyckelfri.door.reasons import Reason
from nyckelfri.lock.ports import MotorCommand
from nyckelfri.simulate import ledger
from nyckelfri.simulate.carer import Attempt
from nyckelfri.simulate.invariant import Invariant
from nyckelfri.simulate.ledger import Exposure, Handed
from nyckelfri.simulate.site import Move, Site

if TYPE_CHECKING:
    from nyckelfri.simulate.world import World

_HEARING: Final = 60
"""Seconds between a block and the first bulletin that must name it."""
_SLACK: Final = 300
"""Seconds by which a lock's quartz may lag since it was told the time."""
_LOOKED_AT: Final = 5
"""Doors looked at after each sync, of all."""
_AHEAD: Final = 12 * 3600
_BRIEF: Final = 60


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
        rights = self.world.rights
        told = heard.issued - _HEARING
        if told > handed.at and rights.known(told) is not rights.known(handed.at):
            window = _window(self.world, grant, told)
            # A thief never had a right: theirs ends with the key that they stole.
            had = handed.carer in rights.known(told).carers
            decided = handed.lock not in self.world.incidents.undecided
            if had and decided and not rights.covers(handed.carer, handed.lock, *window, told):
                return "the right was gone before the lock's bulletin was issued"
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
        shown = self.world.ledger.shown.get(attempt.phone, frozenset())
        ended = self.world.ledger.ended.get(attempt.phone, 0.0)
        keys = self._newest_keys(attempt)
        if not self.world.rights.may(attempt.carer, attempt.lock, attempt.at):
            return False
        return any(
            each.carer == attempt.carer
            and each.at > ended  # unblocked, it waits to be enrolled anew
            and each.kid in keys
            and each.grant.serial in shown
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


class GrantsFollowFromRights(Invariant):
    """What the server hands out is what the rules give by a second opinion, no more, no less."""

    name = "grants_are_what_the_plan_gives"
    text = "Each grant lies within a right, and after a sync no right of the day is without grant"

    def handed(self, handed: Handed) -> None:
        """Hold one grant against the plan."""
        if handed.lock in self.world.incidents.undecided:
            return
        self.checked += 1
        grant = handed.grant
        window = _window(self.world, grant, handed.at)
        if not self.world.rights.covers(handed.carer, handed.lock, *window, handed.at):
            raise self.broken(
                f"{handed.carer} was given {handed.lock} for {window}, and the plan does not"
            )

    def answered(self, phone: str, call: str, answer: dict[str, Any]) -> None:
        """Look for rights of the next hours that some doors are not opened by."""
        carer = self.world.at_work(phone, self.world.now())
        if call != "sync" or carer is None or not answer.get("doors"):
            return
        chance = self.world.week.chance(f"doors looked at {carer} {self.world.now():.3f}")
        now = self.world.now()
        shown = self.world.ledger.shown[phone]
        doors = sorted(self.world.sites.keys() - self.world.incidents.undecided)
        for lock in chance.sample(doors, min(_LOOKED_AT, len(doors))):
            for start, end in self.world.rights.windows(carer, lock, now, now + _AHEAD):
                self.checked += 1
                if end - start < _BRIEF:
                    continue
                middle = (start + end) / 2
                if not any(
                    each.grant.serial in shown
                    and each.grant.not_before <= middle < each.grant.not_after
                    for each in self.world.ledger.held(phone, lock)
                ):
                    raise self.broken(f"{carer} may open {lock} at {middle:.0f} and has no grant")


def _window(world: World, grant: Grant, at: float) -> tuple[float, float]:
    """What of a grant must lie within a right at a moment.

    After a restore not what has passed: what was decided for it alone is not decided again.
    """
    start, end = grant.not_before, grant.not_after
    forgotten = bool(world.incidents.forgotten) and at < end
    return (max(start, at) if forgotten else start), end


class ALostPhoneStaysWithinItsExposure(Invariant):
    """What the office was shown at the block is the most that a blocked phone ever opens."""

    name = "a_lost_phone_opens_only_what_was_shown"
    text = "A blocked phone opens only doors of the exposure that was shown, and only until then"

    def moved(self, move: Move) -> None:
        """Find the door in what was shown."""
        for phone in move.phones:
            shown = self.world.exposed.get(phone)
            if shown is None or move.command is MotorCommand.LOCK or len(move.phones) > 1:
                continue
            self.checked += 1
            door = shown.doors.get(move.lock)
            if door is None and not shown.others_until:
                raise self.broken(f"blocked {phone} opened {move.lock}, which was not shown")
            until = max(shown.others_until, 0.0 if door is None else door.until)
            in_doubt = door is not None and door.in_doubt
            if move.at > until + _SLACK and not in_doubt and not self._nobody_knew(move, shown):
                raise self.broken(f"blocked {phone} opened {move.lock} after {until:.0f}")

    def _nobody_knew(self, move: Move, shown: Exposure) -> bool:
        """Whether the lock's clock had failed, and nothing from it that tells so had come home."""
        last = self.world.incidents.without_time.get(move.lock)
        return last is not None and shown.home.get(move.lock, 0) <= last


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


ALL: Final = (
    NobodyWithoutARight,
    WhoeverHasARightOpens,
    GrantsFollowFromRights,
    ALostPhoneStaysWithinItsExposure,
    ClocksKeepTheirFloor,
)
