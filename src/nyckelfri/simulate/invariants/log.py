"""The log: every passage once, by whom and when, and nothing acknowledged that can be lost."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from nyckelfri.lock.ports import MotorCommand
from nyckelfri.simulate.invariant import Invariant
from nyckelfri.simulate.site import Move

if TYPE_CHECKING:
    from nyckelfri.simulate.world import World

_CONTESTED: Final = frozenset({"fork", "cut_tail"})
"""How the server names a lock with two histories."""


class NothingIsAcknowledgedBeforeItIsSafe(Invariant):
    """A receipt covers only what the server's database holds."""

    name = "nothing_is_acknowledged_before_it_is_committed"
    text = "No receipt covers an entry that the server's database does not hold"

    def answered(self, phone: str, call: str, answer: dict[str, Any]) -> None:
        """Hold the receipts that went out against the database as it stands now."""
        del phone
        if call == "sync" and answer.get("receipts"):
            self._compare()

    def ended(self) -> None:
        """Once more."""
        self._compare()

    def _compare(self) -> None:
        self.checked += 1
        stored = self.world.registry.newest_entries()
        for lock, number in self.world.ledger.receipts.items():
            if stored.get(lock, 0) < number:
                raise self.broken(
                    f"a receipt for {lock} covers entry {number}, the database ends at"
                    f" {stored.get(lock, 0)}"
                )


class EveryPassageIsLoggedOnce(Invariant):
    """What motors did and what the server says are the same, one to one.

    Where power was cut between a command and its motor, the lock itself says that it does not know.
    Where a unit was set back to an image of its disk, two histories have the same numbers. One of
    them is in the log; of the other the operator is shown that there is one. What happened between
    the image and the setting back was on that disk alone, and may be gone with it.
    """

    name = "no_opening_is_missing_invented_or_doubled"
    text = "The server's log names each start of a motor once, with lock, number and person"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._starts: Counter[str] = Counter()

    def powered(self, lock: str) -> None:
        """Count: whose power was cut has started more than once."""
        self._starts[lock] += 1

    def ended(self) -> None:
        """Compare every motor of the week with every event of the log."""
        logged = Counter(self.world.registry.door_events())
        contested = {lock for reason, lock, *_ in self.world.upkeep.shown() if reason in _CONTESTED}
        for move in self.world.moves:
            self.checked += 1
            person = self._person(move)
            key = (move.lock, move.intent, move.command.value)
            found = sorted(
                (event for event in logged if event[:3] == key),
                key=lambda event: (event[3] != person, event[3] or ""),
            )
            agrees = bool(found) and (
                person in {None, found[0][3]} or self._may_be_nameless(move, found[0][3])
            )
            in_doubt = move.intent >= self.world.incidents.first_in_doubt(move.lock)
            if in_doubt and not agrees:
                back = self.world.incidents.set_back[move.lock].at
                if move.at >= back and move.lock not in contested:
                    raise self.broken(f"{move.lock} has two histories and nobody is shown that")
                continue
            if not found:
                raise self.broken(f"{move.lock} moved ({move.command.value}) and no event says so")
            if logged[found[0]] > 1:
                raise self.broken(f"one movement of {move.lock} is logged twice")
            if not agrees:
                raise self.broken(f"{move.lock} moved for {person} and the log says {found[0][3]}")
            del logged[found[0]]
        for lock, number, command, _, unknown in logged:
            moves = command in {MotorCommand.UNLOCK.value, MotorCommand.LOCK.value}
            if moves and not (unknown and self._starts[lock] > 1):
                raise self.broken(f"entry {number} of {lock} says {command}, and nothing moved")

    def _person(self, move: Move) -> str | None:
        """Who worked on the phone, where there was only one."""
        return self.world.at_work(move.phones[0], move.at) if len(move.phones) == 1 else None

    def _may_be_nameless(self, move: Move, said: str | None) -> bool:
        """Whether the server was restored to a moment before it issued what this was opened by."""
        knows = self.world.incidents.knows
        held = self.world.ledger.held(move.phones[0], move.lock)
        return said is None and any(not knows(each.at) for each in held)


class WhatIsKeptIsShown(Invariant):
    """What came and was not accepted waits for an operator; nothing of it is dropped or merged."""

    name = "what_does_not_fit_is_shown"
    text = "Whatever came that cannot be true stands before an operator, with the reason"

    def ended(self) -> None:
        """Find each of them."""
        shown = {(reason, lock) for reason, lock, *_ in self.world.upkeep.shown()}
        for due in self.world.incidents.due:
            self.checked += 1
            # Of a unit that was set back, what came second stands there as a whole; what was on
            # its disk alone is gone with it.
            back = self.world.incidents.set_back.get(due.lock or "")
            as_fork = back is not None and ("fork", due.lock) in shown
            gone = back is not None and back.since <= due.at < back.at
            if (due.reason, due.lock) not in shown and not (as_fork or gone):
                raise self.broken(f"{due.reason} of {due.lock} came at {due.at:.0f} and is gone")


class TheAuditLogHoldsTogether(Invariant):
    """Killed, full, restored: the chain of the audit log is whole, and the server's note in it."""

    name = "the_audit_log_holds_together"
    text = "Every row of the audit log follows from the one before it"

    def ended(self) -> None:
        """Prove it."""
        self.checked += 1
        fault = self.world.upkeep.fault_of_the_log()
        if fault is not None:
            raise self.broken(f"row {fault.number}: {fault.text}")


ALL: Final = (
    NothingIsAcknowledgedBeforeItIsSafe,
    EveryPassageIsLoggedOnce,
    WhatIsKeptIsShown,
    TheAuditLogHoldsTogether,
)
