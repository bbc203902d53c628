"""From doors to visits: each sign in one of them, none without signs, true where it can be known.

House rules: looked at once, when the week is over and all that waits has come home. What the
documents call a question to ask (docs/subsystems/visits.md) is no violation; silence is.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING, Any, Final

from nyckelfri.simulate.invariant import Invariant
from nyckelfri.simulate.presence import Stay
from nyckelfri.simulate.town import local_day

if TYPE_CHECKING:
    from nyckelfri.simulate.month import Seen, Sign

CLOSE: Final = 120
"""Seconds by which a visit's ends may lie from the truth."""
_APART: Final = 2 * 3600
"""Seconds between two stays of one person in one home that are told apart for certain."""
_AROUND: Final = 300
_DAY: Final = 86_400
"""As long as a key may be in force that a restored database does not know."""
_BRIEF: Final = 130
"""A stay that is shorter may be taken for a wrong door."""


class AfterTheWeek(Invariant):
    """What is looked at once, on what the server then says."""

    def ended(self) -> None:
        """Let all visits be derived, and look at them."""
        from nyckelfri.simulate import month  # noqa: PLC0415 - needs Django set up

        month.derive(datetime.fromtimestamp(self.world.now(), UTC))
        self.look(month)

    def look(self, month: Any) -> None:
        """Look at what `simulate.month` tells."""


class EverySignIsInOneVisit(AfterTheWeek):
    """Nothing that doors, labels or people have told is lost on its way, or counts twice."""

    name = "every_sign_is_in_one_visit_or_flagged"
    text = "Each door event, label reading and word lies in exactly one visit or one flag"

    def look(self, month: Any) -> None:
        """Count where each sign lies."""
        placed: Counter[str] = month.loose()
        for visit in month.visits():
            placed.update(visit.refs)
        told = list(month.signs())
        followed = {sign.ref for sign in _followed(told)}
        for sign in told:
            self.checked += 1
            times = placed[sign.ref]
            if times > 1:
                raise self.broken(f"{_named(sign)} lies in {times} visits or flags")
            if not times and sign.ref not in followed and sign.what != "refused":
                raise self.broken(f"{_named(sign)} lies in no visit, and no flag asks about it")


class EveryEntryIsStoredOnce(AfterTheWeek):
    """What a phone has been answered for is stored, whoever brought it and however often."""

    name = "every_entry_is_stored_once"
    text = "What staff entered is stored once, from the moment in which their phone was told so"

    def look(self, month: Any) -> None:
        """Find each entry that a phone has forgotten for it."""
        stored = month.entered()
        for id_, at in self.world.ledger.entries.items():
            if self.world.incidents.knows(at):
                self.checked += 1
                if stored[id_] != 1:
                    raise self.broken(f"an entry of {_clock(at)} is stored {stored[id_]} times")


class NoVisitWithoutEvidence(AfterTheWeek):
    """What was performed rests on signs that are stored, and somebody was there."""

    name = "no_visit_without_evidence"
    text = "A performed visit rests on a door, a label or a word, and none by a door is invented"

    def look(self, month: Any) -> None:
        """Look at each visit's signs, and who was at its home."""
        told = {sign.ref: sign for sign in month.signs()}
        visits = month.visits()
        ends = {(each.employee, each.exit) for each in visits if each.exit}
        begins = {(each.employee, each.entry) for each in visits if each.entry}
        for visit in visits:
            self.checked += 1
            if visit.outcome == "waiting" and visit.day <= local_day(self.world.now()):
                raise self.broken(f"{_of(visit)} still waits, days after the week")
            if visit.outcome != "performed" or visit.corrected:
                continue
            # The middle of a stay that was divided has the door that stands open, and so has its
            # end if nothing tells of it, which is asked about.
            who, asked = visit.employee, "no_exit" in visit.flags
            divided = (who, visit.entry) in ends and ((who, visit.exit) in begins or asked)
            proven = any(ref in told and told[ref].what != "refused" for ref in visit.refs)
            if not (proven or divided):
                raise self.broken(f"{_of(visit)} rests on nothing")
            if visit.employee not in self.world.presence.doubted and not self._was_there(visit):
                raise self.broken(f"{_of(visit)} by a {visit.grade}, and they were not there")

    def _was_there(self, visit: Seen) -> bool:
        if visit.grade not in {"door", "door_and_label"}:
            return True
        home = self.world.home(visit.client)
        begins, ends = visit.entry - _AROUND, visit.exit + _AROUND
        return any(
            stay.number == visit.employee
            and stay.place == (home.lock or home.client)
            and stay.since < ends
            and stay.until > begins
            for stay in self.world.presence.stays
        ) or any(
            move.lock == home.lock
            and begins < move.at < ends
            and visit.employee in {self.world.at_work(phone, move.at) for phone in move.phones}
            for move in self.world.moves
        )


class NobodyIsInTwoPlaces(AfterTheWeek):
    """A minute of somebody's work counts once, or somebody is asked."""

    name = "no_minute_in_two_visits"
    text = "No minute of one carer lies in two visits, unless one of them is asked about"

    def look(self, month: Any) -> None:
        """Compare each visit with those of the same carer that begin while it lasts."""
        by_carer: defaultdict[str, list[Seen]] = defaultdict(list)
        for visit in month.visits():
            if visit.outcome == "performed" and not visit.corrected:
                by_carer[visit.employee].append(visit)
        for theirs in by_carer.values():
            theirs.sort(key=lambda visit: (visit.entry, visit.exit))
            for one, other in pairwise(theirs):
                self.checked += 1
                both = min(one.exit, other.exit) - other.entry
                if both > CLOSE and not (one.flags or other.flags):
                    raise self.broken(f"{_of(one)} and {_of(other)} share {both:.0f} s")


class VisitsTellTheTruth(AfterTheWeek):
    """Where a lock with a sound clock has heard both ends, the visit says what happened."""

    name = "visits_agree_with_the_truth"
    text = "A stay that was opened and locked is a visit of that person there, to two minutes"

    def look(self, month: Any) -> None:
        """Find the visit of each stay that can be known."""
        by_whom: defaultdict[tuple[str, str], list[Seen]] = defaultdict(list)
        for visit in month.visits():
            if visit.outcome == "performed" and not visit.corrected:
                by_whom[visit.employee, visit.client].append(visit)
        for stay in self._known():
            self.checked += 1
            theirs = by_whom[stay.number, stay.home.client]
            if not any(
                abs(visit.entry - stay.since) <= CLOSE and abs(visit.exit - stay.until) <= CLOSE
                for visit in theirs
            ):
                near = [each for each in theirs if abs(each.entry - stay.since) < _APART]
                said = "; ".join(map(_of, near)) or "no visit"
                raise self.broken(
                    f"{stay.number} was at {stay.home.client} {_clock(stay.since)} to"
                    f" {_clock(stay.until)}, and there is {said}"
                )

    def _known(self) -> Iterator[Stay]:
        presence = self.world.presence
        shared = Counter(home.lock for home in self.world.founded.town.homes)
        touched: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
        for stay in presence.stays:
            touched[stay.number, stay.place] += [stay.since, stay.until]
        for move in self.world.moves:
            for phone in move.phones:
                touched[self.world.at_work(phone, move.at) or "", move.lock].append(move.at)
        for stay in presence.stays:
            sound = stay.is_whole and not stay.declined and stay.number not in presence.doubted
            alone = shared[stay.home.lock] == 1 and _BRIEF < stay.until - stay.since < inf
            if not (sound and alone) or self._is_lost(stay):
                continue
            begins, ends = stay.since - CLOSE, stay.until + CLOSE
            moments = touched[stay.number, stay.place]
            if not any(
                begins - _APART < at < begins or ends < at < ends + _APART for at in moments
            ):
                yield stay

    def _is_lost(self, stay: Stay) -> bool:
        """Whether the log may have lost it, or the name in it."""
        incidents = self.world.incidents
        return stay.home.lock in incidents.set_back or any(
            lost.since - _DAY < stay.since < lost.until + _DAY for lost in incidents.forgotten
        )


class WrongDoorsAreAskedAbout(AfterTheWeek):
    """Somebody who opened the wrong door has made no visit there."""

    name = "a_wrong_door_is_no_visit"
    text = "A door that was opened by mistake makes nothing that is approved without a question"

    def look(self, month: Any) -> None:
        """Find what became of each mistake."""
        clients = {home.lock: home.client for home in self.world.founded.town.homes}
        visits = month.visits()
        for number, lock, at in self.world.presence.mistakes:
            self.checked += 1
            if number in self.world.presence.doubted:
                continue
            for visit in visits:
                theirs = (visit.employee, visit.client) == (number, clients[lock])
                near = abs(visit.entry - at) < _AROUND
                if theirs and near and visit.outcome == "performed" and not visit.flags:
                    raise self.broken(f"{_of(visit)} was the wrong door, and nobody asks")


class CopiesProveNothing(AfterTheWeek):
    """A copy of what a chip signed is worth no more than the reading that it is of."""

    name = "a_copied_label_proves_nothing"
    text = "What a chip signed counts once: a copy of it that comes later is refused"

    def look(self, month: Any) -> None:
        """Find the verdict of each copy that came after its original."""
        came = month.verdicts()
        for id_, original, label in self.world.presence.copied:
            if id_ not in came or original not in came:
                continue
            self.checked += 1
            if came[id_] == came[original] == "signed":
                raise self.broken(f"a reading of {label} and a copy of it both count")


def _followed(told: list[Sign]) -> Iterator[Sign]:
    """Readings that were made again at once; the first need not count."""
    last: dict[tuple[str, str], Sign] = {}
    for sign in sorted((each for each in told if each.what == "label"), key=lambda each: each.at):
        key = sign.employee, sign.place
        if key in last and sign.at - last[key].at <= CLOSE:
            yield last[key]
        last[key] = sign


def _clock(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%d %H:%M:%S") if at else "-"


def _named(sign: Sign) -> str:
    return f"{sign.what} of {sign.employee} at {sign.place} {_clock(sign.at)}"


def _of(visit: Seen) -> str:
    """A visit in a few words, without the database's own numbers."""
    asked = f" ({', '.join(visit.flags)})" if visit.flags else ""
    times = f"{_clock(visit.entry)} to {_clock(visit.exit)}"
    return f"{visit.outcome} visit of {visit.employee} to {visit.client} {times}{asked}"


ALL: Final = (
    EverySignIsInOneVisit,
    EveryEntryIsStoredOnce,
    NoVisitWithoutEvidence,
    NobodyIsInTwoPlaces,
    VisitsTellTheTruth,
    WrongDoorsAreAskedAbout,
    CopiesProveNothing,
)
