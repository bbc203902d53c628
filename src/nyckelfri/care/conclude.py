"""From what was put together to the visits themselves: outcome, times, grade, flags.

House rules: a visit is concluded from its own evidence alone; two of one plan only tell each
other whether somebody came alone. Times are what the evidence says, or the rule's and marked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Final

from nyckelfri.care.division import Part, close, divide, in_order, spoken
from nyckelfri.care.doubts import DOORSTEP, Doubts, refusal
from nyckelfri.care.hands import is_elsewhere, shares_much
from nyckelfri.care.match import Slot
from nyckelfri.care.performed import (
    ALARM,
    ByHand,
    Derived,
    Flag,
    Grade,
    HandSign,
    Loose,
    Outcome,
    Plan,
    Visit,
    VisitPolicy,
)
from nyckelfri.care.readings import NEAR
from nyckelfri.care.stretches import Stretch
from nyckelfri.care.words import Statement, statement

_SAID: Final = {ByHand.DECLINED: Outcome.DECLINED, ByHand.MISSED: Outcome.MISSED}


class Draft:
    """A visit while it is concluded."""

    __slots__ = (
        "client_id",
        "closed_by_rule",
        "employee_id",
        "entry",
        "exit",
        "flags",
        "grade",
        "key",
        "outcome",
        "planned_id",
        "reason",
        "refs",
        "services",
    )

    def __init__(self, key: str, client_id: str, employee_id: str, plan: Plan | None) -> None:
        self.key = key
        self.client_id = client_id
        self.employee_id = employee_id
        self.planned_id = None if plan is None else plan.planned_id
        self.services = () if plan is None else plan.services
        self.outcome = Outcome.PERFORMED
        self.grade = Grade.NONE
        self.entry: datetime | None = None
        self.exit: datetime | None = None
        self.closed_by_rule = False
        self.flags: list[Flag] = []
        self.refs: list[str] = []
        self.reason = ""

    def visit(self) -> Visit:
        """The visit, its flags in their order."""
        flags = self.flags
        if len(flags) > 1:
            flags = [flag for flag in Flag if flag in flags]
        return Visit(
            key=self.key,
            client_id=self.client_id,
            employee_id=self.employee_id,
            planned_id=self.planned_id,
            outcome=self.outcome,
            grade=self.grade,
            entry=self.entry,
            exit=self.exit,
            closed_by_rule=self.closed_by_rule,
            services=self.services,
            flags=tuple(flags),
            refs=tuple(self.refs),
            reason=self.reason,
        )


class Conclusions:
    """The visits concluded so far; `speakers` are the stretches of those who said something."""

    def __init__(
        self, doubts: Doubts, policy: VisitPolicy, speakers: Mapping[str, Sequence[Stretch]]
    ) -> None:
        self._doubts = doubts
        self._policy = policy
        self._speakers = speakers
        self._drafts: list[tuple[datetime, str, Draft]] = []
        self._loose: list[Loose] = []

    def result(self, loose: Iterable[Loose]) -> Derived:
        """All of them in order of time, and what is loose."""
        self._drafts.sort(key=itemgetter(0, 1))
        drafts = [draft for _, _, draft in self._drafts]
        _ask_about_words(drafts)
        return Derived(
            visits=tuple(draft.visit() for draft in drafts),
            loose=tuple(sorted([*self._loose, *loose], key=lambda one: (one.at, one.refs))),
        )

    def of_plan(self, slots: Sequence[Slot]) -> None:
        """Conclude a planned visit: one for each employee who was to come."""
        drafts = [self._of_slot(slot, slots) for slot in slots]
        if len(drafts) > 1 and any(draft.outcome is Outcome.NOT_MADE for draft in drafts):
            for draft in drafts:
                if draft.outcome is Outcome.PERFORMED:
                    draft.flags.append(Flag.ALONE)
        for slot, draft in zip(slots, drafts, strict=True):
            self._drafts.append((slot.plan.start, slot.key, draft))

    def of_stretch(self, stretch: Stretch, clients: tuple[str, ...]) -> None:
        """Conclude what nobody planned, for these clients.

        It is loose where nobody lives there, or who only locked does not say when they came.
        """
        said = statement(stretch.hands)
        told = said is not None and (said.entry or said.began) is not None
        if clients and (stretch.taps or stretch.unlocked is not None or told):
            self._divide(stretch, clients)
            return
        refs = [passage.ref for passage in stretch.passages]
        refs += [door.ref for door in stretch.doors]
        refs += [tap.ref for tap in (*stretch.taps, *stretch.refused)]
        refs += [hand.ref for hand in stretch.hands]
        refs += [alarm.ref for alarm in stretch.alarms]
        self._loose.append(
            Loose(
                flag=Flag.UNPLANNED,
                employee_id=stretch.employee_id,
                client_id=clients[0] if clients else None,
                at=stretch.first,
                refs=tuple(refs),
            )
        )

    def of_words(self, words: tuple[HandSign, ...], home_id: str) -> None:
        """Conclude what only somebody's words tell of, and nobody planned."""
        first, said = words[0], statement(words)
        refs = [word.ref for word in words]
        if said is None or said.kind is None:
            # Who entered that they came or went was somewhere, and nothing tells where.
            asked = (
                said is not None
                and (said.began or said.ended) is not None
                and self._doubts.is_told(home_id, said.at)
            )
            loose = Loose(
                flag=Flag.UNPLANNED if asked else None,
                employee_id=first.employee_id,
                client_id=first.client_id,
                at=first.at,
                refs=tuple(refs),
            )
            self._loose.append(loose)
            return
        draft = Draft("~" + first.ref, first.client_id, first.employee_id, None)
        self._say(draft, said, home_id, timedelta(minutes=self._policy.missing_exit_minutes))
        draft.refs = refs
        if not draft.reason and draft.outcome is Outcome.PERFORMED:
            draft.flags.append(Flag.UNPLANNED)
        self._drafts.append((said.at, draft.key, draft))

    def _of_slot(self, slot: Slot, slots: Sequence[Slot]) -> Draft:
        plan, hands = slot.plan, slot.hands
        stretch = slot.stretch
        if stretch is not None:
            part = slot.part or self._divide(stretch, stretch.clients)[slot.key]
            hands += part.hands
            said = statement(hands)
            draft = self._of_part(part, slot.key, plan, said, slots)
        else:
            said = statement(hands)
            draft = Draft(slot.key, plan.client_id, slot.employee_id, plan)
            if said is not None and said.kind is not None:
                draft.employee_id = hands[-1].employee_id
                self._say(draft, said, slot.home_id, plan.end - plan.start)
            else:
                self._miss(draft, slot)
        for sign in slot.refused:
            draft.flags.append(refusal(sign))
            draft.refs.append(sign.ref)
        for hand in hands:
            draft.refs.append(hand.ref)
        return draft

    def _divide(self, stretch: Stretch, clients: tuple[str, ...]) -> dict[str, Part]:
        """Parts of a stretch by the keys of its planned visits; concludes what was not planned."""
        slots = stretch.slots
        parts = [Part(stretch, slot.plan.client_id, slot) for slot in slots]
        if len(slots) != 1 or (clients and clients != (slots[0].plan.client_id,)):
            planned = {slot.plan.client_id for slot in slots}
            parts += [Part(stretch, client, None) for client in clients if client not in planned]
            parts = in_order(parts)
        divide(stretch, parts, self._policy)
        of_slots: dict[str, Part] = {}
        for part in parts:
            if part.slot is not None:
                part.slot.part = of_slots[part.slot.key] = part
            else:
                self._unplanned(part)
        return of_slots

    def _unplanned(self, part: Part) -> None:
        first = min(
            [(door.at, door.ref) for door in part.doors] + [(tap.at, tap.ref) for tap in part.taps]
        )
        said = statement(part.hands)
        draft = self._of_part(part, "~" + first[1], None, said, ())
        draft.refs += [hand.ref for hand in part.hands]
        if part.stretch.answers:
            draft.reason = draft.reason or ALARM
        elif not draft.reason:
            wrong = part.stretch.is_closed_at_once()
            draft.flags.append(Flag.WRONG_DOOR if wrong else Flag.UNPLANNED)
        self._drafts.append((draft.entry or draft.exit or first[0], draft.key, draft))

    def _of_part(
        self,
        part: Part,
        key: str,
        plan: Plan | None,
        said: Statement | None,
        slots: Sequence[Slot],
    ) -> Draft:
        stretch, doubts = part.stretch, self._doubts
        draft = Draft(key, part.client_id, stretch.employee_id, plan)
        flags = draft.flags
        self._prove(draft, part)
        draft.entry, draft.exit = part.entry, part.exit
        if part.entry is None or part.exit is None:
            self._close(draft, part, said)
        if said is not None:
            self._agree(draft, said)
        entry, exit_ = draft.entry, draft.exit
        if (
            plan is not None
            and entry is not None
            and exit_ is not None
            and draft.outcome is Outcome.PERFORMED
            and not draft.closed_by_rule
            and exit_ - entry < self._policy.too_short * (plan.end - plan.start)
        ):
            flags.append(Flag.TOO_SHORT)
        if stretch.two_places:
            flags.append(Flag.TWO_PLACES)
        if not stretch.doors and doubts.lacks_door(stretch, _together(slots)):
            flags.append(Flag.NO_DOOR)
        at = entry or exit_ or stretch.first
        if doubts.away(part.client_id, at) is not None and draft.outcome is Outcome.PERFORMED:
            flags.append(Flag.WHILE_AWAY)
        # A lock that opened has seen the right.
        if not stretch.doors and doubts.lacks_right(stretch.employee_id, stretch.home_id, at):
            flags.append(Flag.NO_GRANT)
        return draft

    def _prove(self, draft: Draft, part: Part) -> None:
        """Note the signs of a part, what they prove, and whether they came late."""
        refs, within = draft.refs, self._policy.sync_within
        late = False
        for sign in part.passages:
            refs.append(sign.ref)
        for door in part.doors:
            refs.append(door.ref)
            if door.received_at - door.at > within:
                late = True
        for tap in part.taps:
            refs.append(tap.ref)
            if tap.received_at - tap.at > within:
                late = True
        if late:
            draft.flags.append(Flag.LATE_SYNC)
        for refused in part.refused:
            refs.append(refused.ref)
            draft.flags.append(refusal(refused))
        for alarm in part.alarms:
            refs.append(alarm.ref)
        if part.stretch.doors:
            draft.grade = Grade.DOOR_AND_LABEL if part.taps else Grade.DOOR
        else:
            draft.grade = Grade.LABEL

    def _close(self, draft: Draft, part: Part, said: Statement | None) -> None:
        """Find an end that no sign tells of: somebody's word, when they entered it, or the rule's.

        What was only entered as they went is asked about too: the door was to tell of it.
        """
        entry, exit_ = part.entry, part.exit
        if said is not None and said.kind is ByHand.VISIT:
            entry, exit_ = spoken(part, said.entry, said.exit)
        if entry is None or exit_ is None:
            begin, end = close(part, self._policy)
            came, went = (entry, exit_) if said is None else spoken(part, said.began, said.ended)
            if self._doubts.is_told(part.stretch.home_id, went or end):
                draft.flags.append(Flag.NO_EXIT)
                draft.closed_by_rule = came is None or went is None
                entry, exit_ = (begin, end) if draft.closed_by_rule else (came, went)
            else:
                draft.outcome = Outcome.WAITING
        draft.entry, draft.exit = entry, exit_

    def _agree(self, draft: Draft, said: Statement) -> None:
        """Hold what was said against what door and label tell."""
        draft.reason = said.reason
        draft.services = said.services or draft.services
        entry, exit_ = draft.entry, draft.exit
        if said.kind is ByHand.VISIT:
            if (entry and said.entry and abs(said.entry - entry) > NEAR) or (
                exit_ and said.exit and abs(said.exit - exit_) > NEAR
            ):
                draft.flags.append(Flag.BY_HAND_AGAINST)
        elif said.kind is not None:
            draft.outcome = _SAID[said.kind]
            if entry and exit_ and exit_ - entry > DOORSTEP:
                draft.flags.append(Flag.BY_HAND_AGAINST)

    def _say(self, draft: Draft, said: Statement, home_id: str, length: timedelta) -> None:
        """Conclude from words alone; one who told one end only was there for `length`."""
        draft.grade = Grade.BY_HAND
        draft.reason = said.reason
        entry, exit_ = said.entry, said.exit
        if said.kind is not None and said.kind is not ByHand.VISIT:
            draft.entry, draft.exit = entry, exit_
            draft.outcome = _SAID[said.kind]
            return
        draft.services = said.services or draft.services
        if entry is None or exit_ is None:
            draft.closed_by_rule = True
            draft.flags.append(Flag.NO_EXIT)
            entry = entry or (exit_ or said.at) - length
            exit_ = exit_ or entry + length
        draft.entry, draft.exit = entry, exit_
        if is_elsewhere(self._speakers.get(draft.employee_id, ()), home_id, entry, exit_):
            draft.flags.append(Flag.BY_HAND_AGAINST)
        if self._doubts.away(draft.client_id, entry) is not None:
            draft.flags.append(Flag.WHILE_AWAY)

    def _miss(self, draft: Draft, slot: Slot) -> None:
        """Conclude that nothing tells of a planned visit, or nothing yet."""
        plan = slot.plan
        reason = self._doubts.away(plan.client_id, plan.start)
        if reason is not None:
            draft.outcome = Outcome.AWAY
            draft.reason = reason
        elif self._doubts.is_told(slot.home_id, plan.end):
            draft.outcome = Outcome.NOT_MADE
            draft.flags.append(Flag.NOT_MADE)
        else:
            draft.outcome = Outcome.WAITING


def _ask_about_words(drafts: Sequence[Draft]) -> None:
    """Ask about a visit by hand at a time that the same person was with somebody else.

    Of two by hand, about the one that began later.
    """
    timed: defaultdict[str, list[tuple[datetime, datetime, Draft]]] = defaultdict(list)
    speakers = {draft.employee_id for draft in drafts if draft.grade is Grade.BY_HAND}
    for draft in drafts:
        entry, exit_ = draft.entry, draft.exit
        if draft.employee_id in speakers and draft.outcome is Outcome.PERFORMED and entry and exit_:
            timed[draft.employee_id].append((entry, exit_, draft))
    for theirs in timed.values():
        for entry, exit_, draft in theirs:
            if draft.grade is not Grade.BY_HAND or Flag.BY_HAND_AGAINST in draft.flags:
                continue
            if any(
                other.client_id != draft.client_id
                and shares_much(entry, exit_, begin, end)
                and (other.grade is not Grade.BY_HAND or (begin, other.key) < (entry, draft.key))
                for begin, end, other in theirs
            ):
                draft.flags.append(Flag.BY_HAND_AGAINST)


def _together(slots: Sequence[Slot]) -> frozenset[str]:
    """Who were to make a visit together, and who did."""
    who = {slot.employee_id for slot in slots}
    who.update(slot.stretch.employee_id for slot in slots if slot.stretch is not None)
    return frozenset(who)
