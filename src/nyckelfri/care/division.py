"""A stretch in a home as the visits that it was: who was helped from when to when.

House rules: what a stretch is divided into never adds up to more than the stretch. A boundary
that a label tells is the label's; one that nothing tells lies in proportion to what was planned,
in the planned order. An end that nothing tells is closed by rule, for whoever pays: the planned
length at most, and never beyond the next sign of that employee elsewhere.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from nyckelfri.care.performed import Registers, VisitPolicy
from nyckelfri.care.readings import NEAR
from nyckelfri.care.stretches import AT_THE_DOOR, REPEATED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nyckelfri.care.match import Slot
    from nyckelfri.care.performed import DoorSign, LabelSign
    from nyckelfri.care.stretches import Stretch


class Part:
    """One client's part of a stretch; `entry` or `exit` is None where nothing tells of it.

    Until it is divided, a part has all signs of its stretch. `limit` is where the next begins.
    """

    __slots__ = (
        "alarms",
        "client_id",
        "doors",
        "entry",
        "exit",
        "hands",
        "limit",
        "passages",
        "refused",
        "slot",
        "stretch",
        "taps",
    )

    def __init__(self, stretch: Stretch, client_id: str, slot: Slot | None) -> None:
        self.stretch = stretch
        self.client_id = client_id
        self.slot = slot
        self.entry: datetime | None = None
        self.exit: datetime | None = None
        self.limit: datetime | None = None
        self.taps: list[LabelSign] = stretch.taps
        self.doors: list[DoorSign] = stretch.doors
        self.passages = stretch.passages
        self.refused = stretch.refused
        self.alarms = stretch.alarms
        self.hands = stretch.hands


def divide(stretch: Stretch, parts: list[Part], policy: VisitPolicy) -> None:
    """Give each part of a stretch its times and signs."""
    entry, exit_ = _ends(stretch, policy.registers)
    if entry is not None and exit_ is not None and exit_ < entry:
        # What registers is silent of one end, and clocks differ.
        exit_ = entry
    if len(parts) == 1:
        parts[0].entry, parts[0].exit = entry, exit_
        return
    tells = _share_taps(parts)
    _share(stretch, parts)
    begins: list[datetime | None] = [None] * len(parts)
    ends: list[datetime | None] = [None] * len(parts)
    for number, part in enumerate(parts):
        if part.taps:
            begins[number] = part.taps[0].at
            ends[number] = part.taps[-1].at if tells[number] else None
    begins[0], ends[-1] = entry, exit_
    for number in range(len(parts) - 1):
        end, begin = ends[number], begins[number + 1]
        if end is not None and begin is not None and begin < end:
            # Both were helped at once, and share the time.
            end = begin = None
        ends[number], begins[number + 1] = end or begin, begin or end
    _fill_in(parts, begins, ends)
    for part, begin, end in zip(parts, begins, ends, strict=True):
        part.entry = begin
        part.exit = begin if begin is not None and end is not None and end < begin else end
    _share_doors(stretch, parts)


def _ends(stretch: Stretch, registers: Registers) -> tuple[datetime | None, datetime | None]:
    """When a stretch began and ended, by what registers here; by the other where that is silent."""
    unlocked, locked = stretch.unlocked, stretch.locked
    taps = stretch.taps
    if not taps:
        return unlocked, locked
    came: datetime | None
    went: datetime | None
    if taps[-1].at - taps[0].at > REPEATED:
        came, went = taps[0].at, taps[-1].at
    elif _is_way_out(taps[0].at, unlocked, locked):
        came, went = None, taps[-1].at
    else:
        came, went = taps[0].at, None
    if registers is Registers.DOOR:
        return unlocked or came, locked or went
    if registers is Registers.LABEL:
        return came or unlocked, went or locked
    if unlocked is not None and (came is None or unlocked < came):
        came = unlocked
    if locked is not None and (went is None or locked > went):
        went = locked
    return came, went


def _is_way_out(tap: datetime, unlocked: datetime | None, locked: datetime | None) -> bool:
    """Whether a stretch's only reading was made on the way out."""
    if unlocked is None:
        return locked is not None and locked - tap <= AT_THE_DOOR
    if locked is None:
        return tap - unlocked > AT_THE_DOOR
    return locked - tap < tap - unlocked


def _share_taps(parts: Sequence[Part]) -> list[bool]:
    """Give each part its own readings; tells for each whether they tell when it ended."""
    tells: list[bool] = []
    for part in parts:
        own = [tap for tap in part.stretch.taps if tap.client_id == part.client_id]
        same = [other for other in parts if other.client_id == part.client_id]
        tells.append(len(own) >= 2 * len(same) and own[-1].at - own[0].at > REPEATED)
        place = same.index(part)
        if len(same) == 1:
            part.taps = own
        elif tells[-1]:
            # A pair of readings for each visit, what is left over with the last one.
            part.taps = own[2 * place : None if part is same[-1] else 2 * place + 2]
        else:
            part.taps = [] if place else own
    return tells


def _share(stretch: Stretch, parts: Sequence[Part]) -> None:
    """Give each client's part what is about them, and the first the rest."""
    first = parts[0]
    for part in parts:
        part.passages = part.alarms = part.hands = part.refused = ()
    first.passages = stretch.passages
    of_client = {part.client_id: part for part in reversed(parts)}
    for alarm in stretch.alarms:
        of_client.get(alarm.client_id, first).alarms += (alarm,)
    for hand in stretch.hands:
        of_client.get(hand.client_id, first).hands += (hand,)
    for sign in stretch.refused:
        of_client.get(sign.client_id, first).refused += (sign,)


def _share_doors(stretch: Stretch, parts: Sequence[Part]) -> None:
    """Give each part the doors of its time, and the last one their locking."""
    for part in parts:
        part.doors = []
    locking = stretch.doors[-1:] if stretch.locked is not None else []
    for door in stretch.doors[: len(stretch.doors) - len(locking)]:
        here = parts[0]
        for part in parts[1:]:
            if part.entry is not None and part.entry <= door.at:
                here = part
        here.doors.append(door)
    parts[-1].doors += locking


def _fill_in(
    parts: Sequence[Part], begins: list[datetime | None], ends: list[datetime | None]
) -> None:
    """Boundaries between known times, in proportion to what was planned."""
    number = 0
    while number < len(parts) - 1:
        last = number
        while last < len(parts) - 1 and ends[last] is None:
            last += 1
        if last > number:
            _proportion(parts, begins, ends, number, last)
        number = last + 1


def _proportion(
    parts: Sequence[Part],
    begins: list[datetime | None],
    ends: list[datetime | None],
    first: int,
    last: int,
) -> None:
    lengths = [_planned(part) for part in parts[first : last + 1]]
    planned = sum(lengths, timedelta())
    begin, end = begins[first], ends[last]
    after = parts[last].stretch.after
    if begin is None and end is not None:
        begin = _before(parts[first].stretch, end, planned)
    if begin is None:
        return
    known = end is not None
    if end is None:
        end = begin + planned
        if after is not None and begin < after < end:
            end = after
    end = max(end, begin)  # clocks differ
    scale = (end - begin) / planned
    for number, length in enumerate(lengths[:-1], start=first):
        begin += timedelta(seconds=round(length.total_seconds() * scale))
        if not known and parts[number].taps:
            begin = max(begin, parts[number].taps[-1].at)
        begins[number + 1] = parts[number].limit = begin
        ends[number] = begin if known else None


def _before(stretch: Stretch, end: datetime, length: timedelta) -> datetime:
    """When what ended then began by rule: not before they were seen elsewhere."""
    begin = end - length
    return begin if stretch.before is None else min(max(begin, stretch.before), end)


def _planned(part: Part) -> timedelta:
    slot = part.slot
    return timedelta(minutes=1) if slot is None else slot.plan.end - slot.plan.start


def in_order(parts: list[Part]) -> list[Part]:
    """Parts as they followed on each other: by their labels, else as planned."""
    if len(parts) == 1:
        return parts
    parts.sort(key=_planned_order)
    read = [part for part in parts if part.client_id in part.stretch.clients]
    order = parts[0].stretch.clients.index
    by_label = iter(sorted(read, key=lambda part: order(part.client_id)))
    return [next(by_label) if part in read else part for part in parts]


def _planned_order(part: Part) -> tuple[datetime, str]:
    if part.slot is None:
        tap = next(tap for tap in part.stretch.taps if tap.client_id == part.client_id)
        return tap.at, ""
    return part.slot.plan.start, part.slot.key


def spoken(
    part: Part, began: datetime | None, ended: datetime | None
) -> tuple[datetime | None, datetime | None]:
    """Both ends of a part, the unknown one by somebody's word where no sign contradicts it."""
    stretch, entry, exit_ = part.stretch, part.entry, part.exit
    if entry is None and began is not None and began <= stretch.first:
        before = stretch.before
        if before is None or began >= before - NEAR:
            entry = began if before is None else min(max(began, before), stretch.first)
    elif exit_ is None and ended is not None and ended >= stretch.last:
        after = part.limit or stretch.after
        if after is None or ended <= after + NEAR:
            exit_ = ended if after is None else min(ended, after)
    return entry, exit_


def close(part: Part, policy: VisitPolicy) -> tuple[datetime, datetime]:
    """Both ends of a part of which one or both are not known, by rule."""
    stretch = part.stretch
    length = timedelta(minutes=policy.missing_exit_minutes) if part.slot is None else _planned(part)
    entry, exit_ = part.entry, part.exit
    if entry is None:
        exit_ = exit_ or stretch.last
        return _before(stretch, exit_, length), exit_
    exit_ = part.limit or entry + length
    if stretch.after is not None and stretch.last <= stretch.after < exit_:
        exit_ = stretch.after
    return entry, max(exit_, part.taps[-1].at if part.taps else entry)
