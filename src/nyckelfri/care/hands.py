"""What staff said of a visit in their own words, and which visit they meant.

House rules: the last word counts, and every word is kept. Words never outweigh a door or a label:
where they do not agree, somebody is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from nyckelfri.care.match import Slot, fill
from nyckelfri.care.performed import ByHand, HandSign, VisitPolicy
from nyckelfri.care.readings import NEAR
from nyckelfri.care.stretches import Stretch, Tour


class Statement(NamedTuple):
    """What was said in all: `kind` is None when everything was taken back."""

    kind: ByHand | None
    said: HandSign


def statement(hands: Sequence[HandSign]) -> Statement | None:
    """The last word of what was said of one visit, in the order that it came."""
    if not hands:
        return None
    result: Statement | None = None
    visit: HandSign | None = None
    for hand in sorted(hands, key=lambda hand: (hand.received_at, hand.ref)):
        if hand.kind is ByHand.VISIT:
            visit = hand
        if hand.kind is not ByHand.UNDO:
            result = Statement(hand.kind, hand)
        elif visit is not None:
            result = Statement(ByHand.VISIT, visit)
        else:
            result = Statement(None, hand)
    return result


def moment(hand: HandSign) -> datetime:
    """When somebody says that it was."""
    return hand.entry or hand.exit or hand.received_at


def place_named(tour: Tour) -> None:
    """Give somebody's words of their own planned visits to these; the tour keeps the others."""
    own = {slot.plan.planned_id: slot for slot in tour.slots}
    others: list[HandSign] = []
    for hand in tour.hands:
        slot = own.get(hand.planned_id) if hand.planned_id is not None else None
        if slot is not None and slot.plan.client_id == hand.client_id:
            slot.hands.append(hand)
        else:
            others.append(hand)
    tour.hands = others


def doubt(tour: Tour) -> None:
    """Mark the planned visits that came to nothing, as somebody said."""
    for slot in tour.slots:
        said = statement(slot.hands)
        if slot.shared and said is not None and said.kind in (ByHand.DECLINED, ByHand.MISSED):
            slot.unlikely = True


def place(
    tour: Tour,
    by_plan: Mapping[str, Sequence[Slot]],
    home_of: Mapping[str, str],
    policy: VisitPolicy,
) -> list[list[HandSign]]:
    """Give each other word to the visit that it is about; the rest make visits of their own."""
    alone: list[list[HandSign]] = []
    for hand in tour.hands:
        home_id = home_of.get(hand.client_id, hand.client_id)
        stretch = _there(hand, home_id, tour.stretches)
        slot = _named(hand, by_plan)
        if slot is not None:
            slot.hands.append(hand)
            if stretch is not None and not stretch.slots and slot.stretch is None:
                fill(slot, stretch)
        elif stretch is not None:
            own = [slot for slot in stretch.slots if slot.plan.client_id == hand.client_id]
            (own[0] if own else stretch).hands.append(hand)
        elif hand.kind is ByHand.UNDO and alone and alone[-1][0].client_id == hand.client_id:
            alone[-1].append(hand)
        else:
            slot = nearest(tour.slots, hand.client_id, moment(hand), policy.around)
            if slot is not None and slot.stretch is None:
                slot.hands.append(hand)
            else:
                alone.append([hand])
    return alone


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
    """The stretch that somebody's words are about: the same home, the same time."""
    at, client_id = moment(hand), hand.client_id
    for stretch in stretches:
        if (
            stretch.home_id == home_id
            and stretch.first - NEAR <= at <= stretch.last + NEAR
            and (
                not (stretch.clients or stretch.slots)
                or client_id in stretch.clients
                or any(slot.plan.client_id == client_id for slot in stretch.slots)
            )
        ):
            return stretch
    return None


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


def against(tour: Tour, home_of: Mapping[str, str]) -> set[str]:
    """Refs of the visits by hand in a tour that somebody cannot have made: they were elsewhere."""
    said = tour.hands + [hand for slot in tour.slots for hand in slot.hands]
    return {
        hand.ref
        for hand in said
        if hand.kind is ByHand.VISIT and hand.entry is not None and hand.exit is not None
        for stretch in tour.stretches
        if stretch.home_id != home_of.get(hand.client_id, hand.client_id)
        and min(hand.exit, stretch.last) - max(hand.entry, stretch.first)
        > min(NEAR, (hand.exit - hand.entry) / 2)
    }
