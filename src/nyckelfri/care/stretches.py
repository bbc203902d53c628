"""Somebody's day from home to home, read from the signs that name them.

House rules: signs are walked once, in order of time, per employee. A stretch is one presence in
one home: door and label of the same home make it together. A tour is a day's work, between two
long silences, and what happens in one says nothing of another: so a day can be derived alone.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from nyckelfri.care.performed import AlarmSign, DoorSign, EntranceSign, HandSign, LabelSign
from nyckelfri.care.readings import INSIDE, NEAR
from nyckelfri.care.visits import SAME_ENTRY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from nyckelfri.care.match import Slot

QUIET: Final = timedelta(hours=6)
"""Somebody of whom nothing is known or planned for longer has begun another tour."""
REENTRY: Final = SAME_ENTRY
"""Somebody who unlocks again this soon has not been away."""
CLOSED_AT_ONCE: Final = timedelta(minutes=2)
"""A door that was opened and closed again this soon, and no label read, was the wrong one."""
AT_THE_DOOR: Final = timedelta(minutes=5)
"""A reading this near the door's use belongs to it: by one who just came, or is about to go."""
REPEATED: Final = timedelta(minutes=2)
"""A label read again this soon was read to be sure, and neither ends nor begins anything."""
STILL: Final = timedelta(hours=1)
"""Somebody who has signed out and gone nowhere is believed to be there this long."""

PLANNED, BY_HAND, REFUSED, ENTRANCE, UNLOCKED, TAPPED, LOCKED = range(7)
"""What an event is; also the order of events at the same second."""


Event = tuple[datetime, int, str, Any]
"""When, which of the above, the ref (it makes the order of equal moments certain), the sign."""


class Stretch:
    """A presence of one employee in one home, from the `first` sign there to the `last`.

    `before` and `after` are when they were elsewhere; `clients` whose labels they read. One
    that was `merged` went on in another; one that `answers` does so to an alarm.
    """

    __slots__ = (
        "after",
        "alarms",
        "answers",
        "before",
        "clients",
        "doors",
        "employee_id",
        "first",
        "hands",
        "home_id",
        "inside",
        "last",
        "locked",
        "merged",
        "passages",
        "refused",
        "slots",
        "taps",
        "two_places",
        "unlocked",
    )

    def __init__(self, employee_id: str, home_id: str, at: datetime) -> None:
        self.employee_id = employee_id
        self.home_id = home_id
        self.first = at
        self.last = at
        self.unlocked: datetime | None = None
        self.locked: datetime | None = None
        self.doors: list[DoorSign] = []
        self.taps: list[LabelSign] = []
        # Most stretches have none of these, and a month has very many stretches.
        self.refused: tuple[LabelSign, ...] = ()
        self.hands: tuple[HandSign, ...] = ()
        self.passages: tuple[EntranceSign, ...] = ()
        self.alarms: tuple[AlarmSign, ...] = ()
        self.clients: tuple[str, ...] = ()
        self.inside: tuple[str, ...] = ()
        self.before: datetime | None = None
        self.after: datetime | None = None
        self.slots: list[Slot] = []
        self.answers = False
        self.two_places = False
        self.merged = False

    def is_open(self) -> bool:
        """Whether no sign tells of its end."""
        return self.locked is None and (not self.clients or bool(self.inside))

    def is_closed_at_once(self) -> bool:
        """Whether somebody only opened, and closed again."""
        return (
            not self.taps
            and self.unlocked is not None
            and self.locked is not None
            and self.locked - self.unlocked <= CLOSED_AT_ONCE
        )

    def go_on(self, other: Stretch) -> None:
        """Take in a later stretch of the same home: both were one."""
        if other.doors:
            self.locked = other.locked
        self.last = max(self.last, other.last)
        self.after = other.after
        self.doors += other.doors
        self.taps += other.taps
        self.passages += other.passages
        self.refused += other.refused
        self.hands += other.hands
        self.alarms += other.alarms
        self.clients += tuple(one for one in other.clients if one not in self.clients)
        other.merged = True


class Tour:
    """A day's work of one employee; `passages` led to no home."""

    __slots__ = ("employee_id", "hands", "passages", "refused", "slots", "stretches")

    def __init__(self, employee_id: str) -> None:
        self.employee_id = employee_id
        self.stretches: list[Stretch] = []
        self.slots: list[Slot] = []
        self.hands: list[HandSign] = []
        self.refused: list[LabelSign] = []
        self.passages: list[EntranceSign] = []


def tours(
    employee_id: str, events: list[Event], home_of: Mapping[str, str], doubted: AbstractSet[str]
) -> Iterator[Tour]:
    """Tours of one employee; sorts `events` in place.

    `home_of` gives the home of a client; readings in `doubted` (by ref) count only where the
    door says that they were there.
    """
    events.sort()
    walk = _Walk(employee_id, events, home_of, doubted)
    steps = walk.steps()
    until: datetime | None = None
    for walk.number, (at, what, _, sign) in enumerate(events):
        if until is not None and at - until > QUIET:
            yield walk.end()
        steps[what](sign)
        reached = sign.plan.end if what == PLANNED else at
        if until is None or reached > until:
            until = reached
    yield walk.end()


class _Walk:
    """What is known of somebody as their signs are read in order."""

    __slots__ = (
        "_doubted",
        "_employee_id",
        "_events",
        "_here",
        "_home_of",
        "_open",
        "_passed",
        "_seen",
        "number",
        "tour",
    )

    def __init__(
        self,
        employee_id: str,
        events: Sequence[Event],
        home_of: Mapping[str, str],
        doubted: AbstractSet[str],
    ) -> None:
        self.number = 0
        self._employee_id = employee_id
        self._events = events
        self._home_of = home_of
        self._doubted = doubted
        self._begin()

    def steps(self) -> tuple[Callable[[Any], None], ...]:
        """What to do at each kind of event, in the order of `PLANNED` and the others."""
        return (
            self._plan,
            self._hear,
            self._refuse,
            self._pass,
            self._unlock,
            self._tap,
            self._lock,
        )

    def _begin(self) -> None:
        self.tour = Tour(self._employee_id)
        self._open: dict[str, Stretch] = {}
        self._here: Stretch | None = None
        self._seen: datetime | None = None
        self._passed: list[EntranceSign] = []

    def end(self) -> Tour:
        """The tour up to here; another one begins."""
        tour = self.tour
        tour.passages += self._passed
        self._begin()
        return tour

    def _plan(self, slot: Slot) -> None:
        self.tour.slots.append(slot)

    def _hear(self, sign: HandSign) -> None:
        self.tour.hands.append(sign)

    def _refuse(self, sign: LabelSign) -> None:
        self.tour.refused.append(sign)

    def _pass(self, sign: EntranceSign) -> None:
        here = self._here
        if here is not None and here.home_id not in sign.home_ids:
            here.after = sign.at
            self._here = None
        self._passed.append(sign)

    def _unlock(self, sign: DoorSign) -> None:
        at = sign.at
        stretch = self._open.get(sign.home_id)
        if stretch is None or not _is_same_entry(stretch, at, here=stretch is self._here):
            stretch = self._new(sign.home_id, at)
        if stretch.unlocked is None and at - stretch.first <= AT_THE_DOOR:
            stretch.unlocked = at
        stretch.locked = None
        stretch.doors.append(sign)
        self._be(stretch, at)

    def _lock(self, sign: DoorSign) -> None:
        at = sign.at
        stretch = self._open.get(sign.home_id)
        if stretch is None or not _is_its_lock(stretch, at, here=stretch is self._here):
            stretch = self._new(sign.home_id, at)
        stretch.locked = at
        stretch.doors.append(sign)
        stretch.last = self._seen = at

    def _tap(self, sign: LabelSign) -> None:
        at = sign.at
        home_id = self._home_of.get(sign.client_id, sign.client_id)
        stretch = self._open.get(home_id)
        if sign.ref in self._doubted and (
            stretch is None or stretch.unlocked is None or stretch.locked is not None
        ):
            self.tour.refused.append(sign)
            return
        client = sign.client_id
        if stretch is None or not (
            _is_its_tap(stretch, client, at, here=stretch is self._here)
            or (client in stretch.inside and self._locks_later(stretch))
        ):
            stretch = self._new(home_id, at)
        _read(stretch, client, at)
        stretch.taps.append(sign)
        self._be(stretch, at)

    def _locks_later(self, stretch: Stretch) -> bool:
        """Whether the door says that somebody is still in: they lock before they unlock again."""
        if stretch.unlocked is None or stretch.locked is not None:
            return False
        for number in range(self.number, len(self._events)):
            at, what, _, sign = self._events[number]
            if what in (UNLOCKED, LOCKED) and sign.home_id == stretch.home_id:
                return what == LOCKED
            if at - stretch.last > QUIET:
                break
        return False

    def _be(self, stretch: Stretch, at: datetime) -> None:
        stretch.last = self._seen = at
        here = self._here
        if here is not stretch:
            if here is not None:
                here.after = at
            self._here = stretch

    def _new(self, home_id: str, at: datetime) -> Stretch:
        stretch = Stretch(self._employee_id, home_id, at)
        stretch.before = self._seen
        previous = self._open.get(home_id)
        if previous is not None and previous.is_open():
            # What nobody closed may have lasted until now, so this began now.
            stretch.before = at
        if self._passed:
            for passed in self._passed:
                if home_id in passed.home_ids and at - passed.at <= NEAR:
                    stretch.passages += (passed,)
                else:
                    self.tour.passages.append(passed)
            self._passed = []
        self._open[home_id] = stretch
        self.tour.stretches.append(stretch)
        return stretch


def _read(stretch: Stretch, client_id: str, at: datetime) -> None:
    """Note that somebody signed in with a client, or out."""
    if client_id not in stretch.clients:
        stretch.clients += (client_id,)
        stretch.inside += (client_id,)
    elif stretch.taps[-1].client_id == client_id and at - stretch.taps[-1].at <= REPEATED:
        return
    elif client_id in stretch.inside:
        stretch.inside = tuple(one for one in stretch.inside if one != client_id)
    else:
        stretch.inside += (client_id,)


def _is_same_entry(stretch: Stretch, at: datetime, *, here: bool) -> bool:
    if stretch.locked is not None:
        return at - stretch.locked <= REENTRY
    if stretch.unlocked is None:
        # The label hangs outside the door, and was read first.
        return here and bool(stretch.inside) and at - stretch.first <= AT_THE_DOOR
    if stretch.clients and not stretch.inside:
        return at - stretch.last <= REENTRY
    return here and at - stretch.last <= STILL


def _is_its_lock(stretch: Stretch, at: datetime, *, here: bool) -> bool:
    if stretch.locked is not None:
        return at - stretch.locked <= REENTRY
    if stretch.clients and not stretch.inside:
        return here and at - stretch.last <= STILL
    return here or stretch.unlocked is not None


def _is_its_tap(stretch: Stretch, client_id: str, at: datetime, *, here: bool) -> bool:
    if stretch.locked is not None:
        return at - stretch.locked <= AT_THE_DOOR
    if here:
        if stretch.inside or not stretch.clients:
            return True
        # All have signed out. Another's label may follow; the same one begins a new visit, but
        # for the door, which says that nobody has left.
        follows = stretch.unlocked is not None or client_id not in stretch.clients
        return at - stretch.last <= (NEAR if follows else REPEATED)
    # They have been elsewhere since, or so it seems: somebody who has not signed out may have
    # been in all the time.
    return client_id in stretch.inside and at - stretch.first <= STILL


def mark_two_places(stretches: list[Stretch]) -> None:
    """Mark each stretch that cannot be true beside another, in order of their first signs.

    Of two, the one with the weaker evidence is asked about; of two equal ones the one that
    began while the other was not over.
    """
    going: list[Stretch] = []
    for stretch in stretches:
        first = stretch.first
        going = [other for other in going if other.last > first]
        for other in going:
            if other.home_id != stretch.home_id and _exclude(other, stretch):
                weaker = other if _strength(other) < _strength(stretch) else stretch
                weaker.two_places = True
        going.append(stretch)


def _strength(stretch: Stretch) -> int:
    return 2 * bool(stretch.doors) + bool(stretch.taps)


def _exclude(outer: Stretch, inner: Stretch) -> bool:
    start, end = max(outer.first, inner.first), min(outer.last, inner.last)
    if end - start >= INSIDE:
        return True
    # Too short to tell by its length: certain only well inside the other.
    return inner.last == end and inner.first >= outer.first + INSIDE and end <= outer.last - INSIDE
