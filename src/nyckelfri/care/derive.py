"""Signs become visits: the entry point of the rules in docs/subsystems/visits.md.

House rules: a value in, a value out; the same signs in any order give the same visits, and each
sign is in exactly one visit or one loose flag. Signs around a time are enough: what lies more than
`MARGIN` away says nothing of a day's visits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final

from nyckelfri.care import hands
from nyckelfri.care.alarms import Alarms
from nyckelfri.care.conclude import Conclusions
from nyckelfri.care.counters import doubted
from nyckelfri.care.doubts import Doubts, refusal
from nyckelfri.care.match import Slot, match_anybody, match_own
from nyckelfri.care.performed import (
    Derived,
    Flag,
    HandSign,
    LabelSign,
    Loose,
    Signs,
    Tap,
    Visit,
    VisitPolicy,
)
from nyckelfri.care.readings import NEAR
from nyckelfri.care.stretches import (
    BY_HAND,
    ENTRANCE,
    LOCKED,
    PLANNED,
    REFUSED,
    TAPPED,
    UNLOCKED,
    Event,
    Stretch,
    Tour,
    mark_two_places,
    tours,
)
from nyckelfri.care.times import ZONE
from nyckelfri.care.visits import Movement
from nyckelfri.care.words import moment, statement

MARGIN: Final = timedelta(days=1)
"""How much of the time around a day its visits depend on."""
SAME_READING: Final = timedelta(minutes=2)
"""A refused reading is nothing to ask about when a good one was made this soon."""


def derive(signs: Signs, policy: VisitPolicy, now: datetime) -> Derived:
    """Visits and loose signs that follow from what is known at `now`, aware UTC."""
    doubts = Doubts(signs, policy, now)
    scene = _Scene(signs, policy, doubts)
    walked = scene.walk()
    alarms = Alarms(signs.alarms, scene.home_of)
    alarms.answer(scene.stretches, by_name=True)
    for tour in walked:
        scene.place(tour)
    scene.substitute()
    for tour in walked:
        # What was one presence in pieces is whole only now.
        mark_two_places([stretch for stretch in tour.stretches if not stretch.merged])
    alarms.answer(scene.stretches, by_name=False)
    conclusions = Conclusions(doubts, policy, scene.speakers())
    for slots in scene.by_plan.values():
        conclusions.of_plan(slots)
    for stretch in scene.stretches:
        if not stretch.slots:
            conclusions.of_stretch(stretch, scene.clients(stretch))
    for words in scene.words:
        home_id = scene.home_of.get(words[0].client_id, words[0].client_id)
        conclusions.of_words(words, home_id)
    found = conclusions.result([*scene.loose, *alarms.unanswered()])
    scene.let_go()
    return found


def local_day(found: Visit | Loose, starts: Mapping[str, datetime]) -> date:
    """The Swedish date that something belongs to: of its planned start, else of when it began.

    `starts` gives the start of a planned visit by its id.
    """
    if isinstance(found, Loose):
        at: datetime | None = found.at
    else:
        planned = starts.get(found.planned_id) if found.planned_id is not None else None
        at = planned or found.entry or found.exit
    if at is None:
        raise ValueError("neither its plan nor its time is known")
    return at.astimezone(ZONE).date()


class _Scene:
    """Everything known around a time, while it is put in its places."""

    def __init__(self, signs: Signs, policy: VisitPolicy, doubts: Doubts) -> None:
        self.signs = signs
        self._doubts = doubts
        self.policy = policy
        self.home_of = {
            client_id: home.home_id
            for home in signs.homes.values()
            for client_id in home.client_ids
        }
        self.by_plan: dict[str, list[Slot]] = {}
        self.stretches: list[Stretch] = []
        self.words: list[tuple[HandSign, ...]] = []
        self.loose: list[Loose] = []
        self._speakers = {hand.employee_id for hand in signs.by_hand}

    def let_go(self) -> None:
        """Part what was put together: of what points at each other only a search is ever rid."""
        for slots in self.by_plan.values():
            for slot in slots:
                slot.stretch = slot.part = None
            slots.clear()

    def walk(self) -> list[Tour]:
        """Everybody's tours, their own plans filled."""
        repeated, saved = doubted(self.signs.labels, self.signs.counts)
        walked: list[Tour] = []
        for employee_id, events in sorted(self._events(repeated).items()):
            for tour in tours(employee_id, events, self.home_of, saved):
                if tour.hands:
                    hands.place_named(tour)
                match_own(tour, self.policy)
                tour.stretches = [one for one in tour.stretches if not one.merged]
                self.stretches += tour.stretches
                walked.append(tour)
        return walked

    def _events(self, repeated: frozenset[str]) -> dict[str, list[Event]]:
        signs = self.signs
        events: defaultdict[str, list[Event]] = defaultdict(list)
        for plan in signs.plans:
            home_id = self.home_of.get(plan.client_id, plan.client_id)
            slots = self.by_plan[plan.planned_id] = []
            home = signs.homes.get(home_id)
            shared = home is not None and len(home.client_ids) > 1
            away = shared and self._doubts.away(plan.client_id, plan.start) is not None
            for number, employee_id in enumerate(plan.employee_ids or ("",), start=1):
                slot = Slot(plan, number, employee_id, home_id, shared=shared)
                slot.unlikely = away
                slot.mates = slots
                slots.append(slot)
                events[employee_id].append((plan.start, PLANNED, slot.key, slot))
        unlocked, signed, plain = Movement.UNLOCKED, Tap.SIGNED, Tap.PLAIN
        for door in signs.doors:
            what = UNLOCKED if door.movement is unlocked else LOCKED
            events[door.employee_id].append((door.at, what, door.ref, door))
        for label in signs.labels:
            good = label.tap is signed or label.tap is plain
            what = TAPPED if good and label.ref not in repeated else REFUSED
            events[label.employee_id].append((label.at, what, label.ref, label))
        for entrance in signs.entrances:
            events[entrance.employee_id].append((entrance.at, ENTRANCE, entrance.ref, entrance))
        for hand in signs.by_hand:
            events[hand.employee_id].append((moment(hand), BY_HAND, hand.ref, hand))
        return events

    def speakers(self) -> dict[str, list[Stretch]]:
        """Where those were who said something."""
        found: dict[str, list[Stretch]] = {who: [] for who in self._speakers}
        for stretch in self.stretches:
            if stretch.employee_id in found:
                found[stretch.employee_id].append(stretch)
        return found

    def clients(self, stretch: Stretch) -> tuple[str, ...]:
        """Whom an unplanned stretch was for.

        Whose label was read, who raised the alarm, whom their words are about, or the first who
        lives there and is at home; nobody where nobody lives.
        """
        if stretch.clients:
            return stretch.clients
        if stretch.alarms:
            return (stretch.alarms[0].client_id,)
        if stretch.hands:
            return (stretch.hands[0].client_id,)
        home = self.signs.homes.get(stretch.home_id)
        if home is None:
            return ()
        here = [
            client_id
            for client_id in home.client_ids
            if self._doubts.away(client_id, stretch.first) is None
        ]
        return (*here, *home.client_ids)[:1]

    def place(self, tour: Tour) -> None:
        """Give what was said, what was refused and what was passed in a tour its place."""
        if tour.employee_id in self._speakers:
            self.words += hands.place(tour, self.by_plan, self.home_of, self.policy)
        for sign in tour.refused:
            self._place_refused(sign, tour)
        for passed in tour.passages:
            self.loose.append(
                Loose(
                    flag=None,
                    employee_id=passed.employee_id,
                    client_id=None,
                    at=passed.at,
                    refs=(passed.ref,),
                )
            )

    def _place_refused(self, sign: LabelSign, tour: Tour) -> None:
        home_id, at = self.home_of.get(sign.client_id, sign.client_id), sign.at
        flag: Flag | None = refusal(sign)
        for stretch in tour.stretches:
            if any(
                tap.client_id == sign.client_id and abs(tap.at - at) <= SAME_READING
                for tap in stretch.taps
            ):
                flag = None
                break
            if stretch.home_id == home_id and stretch.first - NEAR <= at <= stretch.last + NEAR:
                stretch.refused += (sign,)
                return
        if flag is not None:
            slot = hands.nearest(tour.slots, sign.client_id, at, self.policy.around)
            if slot is not None:
                slot.refused += (sign,)
                return
        self.loose.append(
            Loose(
                flag=flag,
                employee_id=sign.employee_id,
                client_id=sign.client_id or None,
                at=at,
                refs=(sign.ref,),
            )
        )

    def substitute(self) -> None:
        """Fill plans that their own people left with the visits of others to the same home."""
        slots: defaultdict[str, list[Slot]] = defaultdict(list)
        for own in self.by_plan.values():
            for slot in own:
                said = statement(slot.hands)
                if slot.stretch is None and (said is None or said.kind is None):
                    slots[slot.home_id].append(slot)
        there: defaultdict[str, list[Stretch]] = defaultdict(list)
        for stretch in self.stretches:
            if (
                not stretch.slots
                and not stretch.answers
                and stretch.home_id in slots
                and not stretch.is_closed_at_once()
            ):
                there[stretch.home_id].append(stretch)
        for home_id, stretches in there.items():
            stretches.sort(key=lambda stretch: (stretch.first, stretch.employee_id))
            slots[home_id].sort(key=lambda slot: (slot.plan.start, slot.key))
            match_anybody(stretches, slots[home_id], self.policy)
        self.stretches = [stretch for stretch in self.stretches if not stretch.merged]
