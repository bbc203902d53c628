"""Which visit staff spoke of.

House rules: words never outweigh a door or a label: where they do not agree, somebody is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from nyckelfri.care.match import Slot, fill
from nyckelfri.care.performed import ByHand, HandSign, VisitPolicy
from nyckelfri.care.readings import NEAR
from nyckelfri.care.stretches import Stretch, Tour
from nyckelfri.care.words import moment, statement


def place_named(tour: Tour) -> None:
    """Give somebody's words of their own planned visits to these; the tour keeps the others."""
    own = {slot.plan.planned_id: slot for slot in tour.slots}
    others: list[HandSign] = []
    for hand in tour.hands:
        slot = own.get(hand.planned_id) if hand.planned_id is not None else None
        if slot is not None and slot.plan.client_id == hand.client_id:
            slot.hands += (hand,)
        else:
            others.append(hand)
    tour.hands = others
    for slot in own.values():
        said = statement(slot.hands)
        if slot.shared and said is not None and said.kind in (ByHand.DECLINED, ByHand.MISSED):
            slot.unlikely = True


def place(
    tour: Tour,
    by_plan: Mapping[str, Sequence[Slot]],
    home_of: Mapping[str, str],
    policy: VisitPolicy,
) -> list[tuple[HandSign, ...]]:
    """Give each other word to the visit that it is about; the rest make visits of their own."""
    alone: list[tuple[HandSign, ...]] = []
    for hand in tour.hands:
        home_id = home_of.get(hand.client_id, hand.client_id)
        stretch = _there(hand, home_id, tour.stretches)
        slot = _named(hand, by_plan)
        if slot is not None:
            slot.hands += (hand,)
            if stretch is not None and not stretch.slots and slot.stretch is None:
                fill(slot, stretch)
        elif stretch is not None:
            _about(stretch, hand.client_id).hands += (hand,)
        else:
            slot = nearest(tour.slots, hand.client_id, moment(hand), policy.around)
            if slot is not None and slot.stretch is None:
                slot.hands += (hand,)
            elif alone and _goes_on(alone[-1], hand):
                alone[-1] += (hand,)
            else:
                alone.append((hand,))
    return [words for words in alone if not _goes_with(words, tour.stretches, home_of)]


def _about(stretch: Stretch, client_id: str) -> Slot | Stretch:
    own = (slot for slot in stretch.slots if slot.plan.client_id == client_id)
    return next(own, stretch)


def _goes_with(
    words: tuple[HandSign, ...], stretches: Iterable[Stretch], home_of: Mapping[str, str]
) -> bool:
    """Let what claims no time go with what was said beside it; whether it does."""
    first = words[0]
    if any(hand.kind is not ByHand.VISIT or hand.entry or hand.exit for hand in words):
        return False
    stretch = _there(first, home_of.get(first.client_id, first.client_id), stretches)
    if stretch is None:
        return False
    _about(stretch, first.client_id).hands += words
    return True


def _goes_on(words: Sequence[HandSign], hand: HandSign) -> bool:
    """Whether this is said of the visit that the last words were about."""
    if hand.client_id != words[0].client_id:
        return False
    if hand.kind is ByHand.UNDO or (hand.entry is None and hand.exit is None):
        return True
    said = statement(words)
    return hand.kind is ByHand.VISIT and (
        said is None or said.kind is None or (hand.entry is None and said.exit is None)
    )


def _named(hand: HandSign, by_plan: Mapping[str, Sequence[Slot]]) -> Slot | None:
    """The slot of the planned visit that was named: their own, else one that nobody else took."""
    if hand.planned_id is None:
        return None
    slots = [
        slot for slot in by_plan.get(hand.planned_id, ()) if slot.plan.client_id == hand.client_id
    ]
    for slot in slots:
        if slot.employee_id == hand.employee_id:
            return slot
    for slot in slots:
        if any(other.employee_id == hand.employee_id for other in slot.hands):
            return slot
    for slot in slots:
        if slot.stretch is None and not slot.hands:
            return slot
    return None


def _there(hand: HandSign, home_id: str, stretches: Iterable[Stretch]) -> Stretch | None:
    """The stretch that somebody's words are about: the same home, the same time, or said beside.

    Failing that, of those that came and went, the nearest of which nothing else tells that end.
    """
    at, client_id = moment(hand), hand.client_id
    untold: Stretch | None = None
    for stretch in stretches:
        if stretch.home_id == home_id and (
            not (stretch.clients or stretch.slots)
            or client_id in stretch.clients
            or any(slot.plan.client_id == client_id for slot in stretch.slots)
        ):
            if stretch.first - NEAR <= at <= stretch.last + NEAR or any(
                other.client_id == client_id and abs(moment(other) - at) <= NEAR
                for other in stretch.hands
            ):
                return stretch
            if _tells_of(stretch, hand) and (untold is None or hand.exit or hand.ends):
                untold = stretch
    return untold


def _tells_of(stretch: Stretch, hand: HandSign) -> bool:
    """Whether this tells of an end of the stretch that nothing else tells of."""
    came = hand.entry or (hand.at if hand.begins else None)
    went = hand.exit or (hand.at if hand.ends else None)
    if went is not None and stretch.is_open() and stretch.last < went:
        still = stretch.after is None or went <= stretch.after + NEAR
        return still and (came is None or came <= stretch.last)
    if came is not None and stretch.unlocked is None and came < stretch.first:
        already = stretch.before is None or stretch.before - NEAR <= came
        return already and (went is None or went >= stretch.first - NEAR)
    return False


def nearest(slots: Iterable[Slot], client_id: str, at: datetime, around: timedelta) -> Slot | None:
    """The slot of a client's that lies nearest to a moment, if any is near enough."""
    best: Slot | None = None
    least = around
    for slot in slots:
        if slot.plan.client_id != client_id:
            continue
        far = max(slot.plan.start - at, at - slot.plan.end, timedelta())
        if far < least or (best is None and far == least):
            best, least = slot, far
    return best


def is_elsewhere(
    stretches: Iterable[Stretch], home_id: str, entry: datetime, exit_: datetime
) -> bool:
    """Whether somebody cannot have been in a home at a time, as they said: they were in another."""
    return any(
        stretch.home_id != home_id and shares_much(entry, exit_, stretch.first, stretch.last)
        for stretch in stretches
    )


def shares_much(entry: datetime, exit_: datetime, begin: datetime, end: datetime) -> bool:
    """Whether so much of a time that was told lies in another that it cannot be of both."""
    return min(exit_, end) - max(entry, begin) > min(NEAR, (exit_ - entry) / 2)
