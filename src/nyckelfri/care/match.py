"""Which stretch in a home was which planned visit.

House rules: an order is kept (who came first did the first visit), distances are measured from
start to start, and a plan is filled at most once. Evidence decides before plans do: a label that
was read names its client.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from nyckelfri.care.division import Part
from nyckelfri.care.performed import HandSign, LabelSign, Plan, VisitPolicy
from nyckelfri.care.readings import NEAR
from nyckelfri.care.stretches import Stretch, Tour
from nyckelfri.care.words import statement

_NOTHING: Final = timedelta()
_A_LITTLE: Final = timedelta(minutes=1)


class Slot:
    """One employee's part of a planned visit; `stretch` is what fills it, if anything does.

    `mates` are the parts of all who were to come.
    A door alone says nothing of one that is `unlikely`: others live there too, and this client
    was to be away, or staff said that nothing came of it.
    """

    __slots__ = (
        "employee_id",
        "hands",
        "home_id",
        "key",
        "mates",
        "number",
        "part",
        "plan",
        "refused",
        "shared",
        "stretch",
        "unlikely",
    )

    def __init__(
        self, plan: Plan, number: int, employee_id: str, home_id: str, *, shared: bool
    ) -> None:
        self.plan = plan
        self.number = number
        self.employee_id = employee_id
        self.home_id = home_id
        self.key = f"{plan.planned_id}/{number}"
        self.stretch: Stretch | None = None
        self.part: Part | None = None
        self.shared = shared
        self.mates: Sequence[Slot] = ()
        self.unlikely = False
        self.hands: tuple[HandSign, ...] = ()
        self.refused: tuple[LabelSign, ...] = ()


def match_own(tour: Tour, policy: VisitPolicy) -> None:
    """Fill the slots of a tour with its stretches, home by home."""
    slots, stretches = tour.slots, tour.stretches
    if not slots or not stretches:
        return
    if len({stretch.home_id for stretch in stretches}) == len(stretches) == len(slots) and all(
        map(_is_plain, stretches, slots)
    ):
        # Every home once, in the planned order: most of all days.
        around = policy.around
        if all(
            -around <= stretch.first - slot.plan.start <= around
            for stretch, slot in zip(stretches, slots, strict=True)
        ):
            for stretch, slot in zip(stretches, slots, strict=True):
                fill(slot, stretch)
            return
    by_home: defaultdict[str, list[Slot]] = defaultdict(list)
    for slot in slots:
        by_home[slot.home_id].append(slot)
    there: defaultdict[str, list[Stretch]] = defaultdict(list)
    for stretch in stretches:
        there[stretch.home_id].append(stretch)
    for home_id, own in by_home.items():
        if home_id in there:
            match(there[home_id], own, policy)


def _is_plain(stretch: Stretch, slot: Slot) -> bool:
    return (
        stretch.home_id == slot.home_id
        and not slot.hands
        and (stretch.clients == (slot.plan.client_id,) or not (stretch.clients or slot.unlikely))
    )


def match_anybody(stretches: Sequence[Stretch], slots: Sequence[Slot], policy: VisitPolicy) -> None:
    """Fill slots of one home with whoever came there, both in order of time.

    What lies further apart than one could be the other's is matched apart, so that a month costs
    as much as its days.
    """
    times = sorted(
        [(stretch.first, stretch.last) for stretch in stretches]
        + [(slot.plan.start, slot.plan.end) for slot in slots]
    )
    ends: list[datetime] = []
    until = times[0][0]
    for begin, end in times:
        if begin - until > policy.around:
            ends.append(until)
        until = max(until, end)
    came, planned = 0, 0
    for end in [*ends, until]:
        come = bisect_right(stretches, end, came, key=lambda stretch: stretch.first)
        plan = bisect_right(slots, end, planned, key=lambda slot: slot.plan.start)
        if come > came and plan > planned:
            match(stretches[came:come], slots[planned:plan], policy)
        came, planned = come, plan


def match(stretches: Sequence[Stretch], slots: Sequence[Slot], policy: VisitPolicy) -> None:
    """Fill slots with stretches of the same home, both in order of time."""
    if len(stretches) == len(slots) == 1:
        if _distance(stretches[0], slots[0], policy.around) is not None and _is_new_there(
            stretches[0], slots[0]
        ):
            fill(slots[0], stretches[0])
        return
    for stretch, slot in _aligned(stretches, slots, policy.around):
        if _is_new_there(stretch, slot):
            fill(slot, stretch)
    _join(slots, policy)
    _join(slots[::-1], policy)
    _continue(stretches)


def fill(slot: Slot, stretch: Stretch) -> None:
    """Say that this stretch was (a part of) that planned visit."""
    slot.stretch = stretch
    stretch.slots.append(slot)


def _distance(stretch: Stretch, slot: Slot, around: timedelta) -> timedelta | None:
    """How badly a stretch fits a planned visit: by its start, and by what it lacks in length.

    None where it cannot be that visit. A door closed at once is one only where nothing else is.
    """
    if slot.plan.client_id not in stretch.clients and (stretch.clients or slot.unlikely):
        return None
    start, end = slot.plan.start, slot.plan.end
    first, last = stretch.first, stretch.last
    said = statement(slot.hands)
    if said is not None and said.kind is not None:
        # They said themselves when it was.
        start = said.entry or (said.exit or end) - (end - start)
        end = said.exit or start + (slot.plan.end - slot.plan.start)
        if first > end + NEAR or last < start - NEAR:
            return None
    far = abs(first - start)
    if far > around:
        if first >= end or last <= start:
            return None
        far = around
    lacks = end - start - (last - first)
    if lacks > _NOTHING:
        far += min(lacks, around / 2)
    return far + around / 2 if stretch.is_closed_at_once() else far


def _aligned(
    stretches: Sequence[Stretch], slots: Sequence[Slot], around: timedelta
) -> Iterable[tuple[Stretch, Slot]]:
    """Pairs in order that lie nearest in all; what is left alone costs `around`."""
    if len(stretches) == len(slots):
        far = [
            _distance(stretch, slot, around) for stretch, slot in zip(stretches, slots, strict=True)
        ]
        known = [distance for distance in far if distance is not None]
        if len(known) == len(far) and sum(known, _NOTHING) <= 2 * around:
            # Any other order leaves two alone, and they alone cost more.
            return zip(stretches, slots, strict=True)
    return _nearest(stretches, slots, around)


def _nearest(
    stretches: Sequence[Stretch], slots: Sequence[Slot], around: timedelta
) -> list[tuple[Stretch, Slot]]:
    # best[i][j]: the least cost of the first i stretches and j slots, and the pairs of it.
    row: list[tuple[timedelta, list[tuple[Stretch, Slot]]]] = [
        (j * around, []) for j in range(len(slots) + 1)
    ]
    for i, stretch in enumerate(stretches, start=1):
        new = [(i * around, list[tuple[Stretch, Slot]]())]
        for j, slot in enumerate(slots, start=1):
            cost, pairs = row[j][0] + around, row[j][1]
            if new[j - 1][0] + around < cost:
                cost, pairs = new[j - 1][0] + around, new[j - 1][1]
            far = _distance(stretch, slot, around)
            if far is not None and row[j - 1][0] + far < cost:
                cost, pairs = row[j - 1][0] + far, [*row[j - 1][1], (stretch, slot)]
            new.append((cost, pairs))
        row = new
    return row[-1][1]


def _is_new_there(stretch: Stretch, slot: Slot) -> bool:
    """Whether nobody fills two parts of one planned visit by filling this one."""
    return len(slot.mates) == 1 or all(
        mate.stretch is None or mate.stretch.employee_id != stretch.employee_id
        for mate in slot.mates
    )


def _join(slots: Sequence[Slot], policy: VisitPolicy) -> None:
    """Let a slot share the stretch of the one beside it, where one stay was planned for both."""
    for mate, slot in pairwise(slots):
        stretch = mate.stretch
        if stretch is None or slot.stretch is not None or not _is_new_there(stretch, slot):
            continue
        if slot.unlikely and slot.plan.client_id not in stretch.clients:
            continue
        if _is_one_stay(mate.plan, slot.plan) and _has_room(stretch, mate, slot, policy):
            fill(slot, stretch)


def _continue(stretches: Sequence[Stretch]) -> None:
    """Let a stretch that no plan is left for be one with the stretch beside it.

    Somebody had been out, and came back at once.
    """
    before = stretches[0]
    for stretch in stretches[1:]:
        if (
            bool(before.slots) is not bool(stretch.slots)
            and before.employee_id == stretch.employee_id
            and stretch.first - before.last <= NEAR
            and (set(stretch.clients) <= set(before.clients) or not before.clients)
        ):
            for slot in stretch.slots:
                fill(slot, before)
            before.go_on(stretch)
        else:
            before = stretch


def _is_one_stay(one: Plan, other: Plan) -> bool:
    first, second = (one, other) if one.start <= other.start else (other, one)
    return second.start - first.end <= NEAR


def _has_room(stretch: Stretch, mate: Slot, slot: Slot, policy: VisitPolicy) -> bool:
    """Whether the stretch is long enough for the second visit too, or a label says so."""
    client_id = slot.plan.client_id
    needed = max(policy.too_short * _length(slot), _A_LITTLE)
    if client_id == mate.plan.client_id:
        return stretch.last - stretch.first >= needed + sum(map(_length, stretch.slots), _NOTHING)
    if client_id in stretch.clients:
        return True
    if not stretch.clients:
        planned = sum(map(_length, stretch.slots), _NOTHING)
        end = stretch.last if stretch.locked is not None else stretch.after
        return end is not None and end - stretch.first >= needed + policy.too_short * planned
    if slot.plan.start >= mate.plan.start:
        return stretch.last - stretch.taps[-1].at >= needed
    return stretch.taps[0].at - stretch.first >= needed


def _length(slot: Slot) -> timedelta:
    return slot.plan.end - slot.plan.start
